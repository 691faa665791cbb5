"""The JavaScript that draws charts in a browser, built once from vl-convert and shipped as `static/vega.js`.

Build it again after an update of vl-convert with `python -m coterie.views.bundle`; a test fails while it is stale.
"""

from __future__ import annotations

from pathlib import Path

STATIC = Path(__file__).parent / "static"
BUNDLE = STATIC / "vega.js"


def build() -> str:
    """Vega, Vega-Lite and Vega-Embed as one script that sets `vegaEmbed` on the window; nothing is downloaded."""
    import vl_convert

    return str(vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;"))


def shipped() -> str:
    """The bundle that lies in the package."""
    return BUNDLE.read_text(encoding="utf-8")


if __name__ == "__main__":
    BUNDLE.write_text(build(), encoding="utf-8", newline="\n")
