"""Charts outside the report: as files, and as Altair charts in a notebook. Colours become hex on the way."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coterie.errors import UsageError
from coterie.views.contract import Drawn, Spec
from coterie.views.tokens import PALETTES, Theme, with_colours
from coterie.views.vega import CONFIG

if TYPE_CHECKING:
    import altair as alt

    from coterie.views.contract import Drawings

FORMATS = ("png", "svg")
WIDTH = 640
"""Plot width of a chart that stands alone; on a page it takes the width of its place."""
PNG_SCALE = 2.0


def standalone(chart: Drawn, theme: Theme = "light", width: int = WIDTH) -> Spec:
    """The chart's specification with title, config, its own width and hex colours: complete anywhere."""
    ink = PALETTES[theme]
    lines = [chart.measure]
    if chart.keys:
        lines.append(" · ".join(key.word for key in chart.keys))
    title: dict[str, Any] = {
        "text": chart.title, "subtitle": lines, "anchor": "start", "frame": "group", "fontSize": 15, "offset": 16,
        "color": ink["ink"], "subtitleColor": ink["ink-2"], "subtitleFontSize": 12, "subtitlePadding": 6,
    }  # fmt: skip
    config = CONFIG | {"background": ink["paper"], "padding": 20}
    config["autosize"] = {"type": "fit-x", "contains": "padding"}
    spec = chart.spec | {"width": max(width, chart.min_width), "title": title, "config": config}
    coloured: Spec = with_colours(spec, theme)
    return coloured


def as_altair(chart: Drawn, theme: Theme = "light", width: int = WIDTH) -> alt.LayerChart:
    """The chart as an Altair chart: shows in a notebook, can be changed and saved there."""
    import altair as alt

    return alt.LayerChart.from_dict(standalone(chart, theme, width))


def write_files(drawings: Drawings, folder: Path, formats: Sequence[str] = FORMATS) -> list[Path]:
    """Every chart as `<name>.<format>` in the folder, which is made if needed; the paths in order.

    Raises:
        UsageError: A format is neither png nor svg.
    """
    unknown = [one for one in formats if one not in FORMATS]
    if unknown:
        raise UsageError(f"Charts cannot be written as {', '.join(unknown)}. Use png or svg.")
    import vl_convert

    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for chart in (chart for drawn in drawings.values() for chart in drawn):
        spec = standalone(chart)
        for one in formats:
            path = folder / f"{chart.name}.{one}"
            if one == "svg":
                path.write_text(vl_convert.vegalite_to_svg(spec), encoding="utf-8")
            else:
                path.write_bytes(vl_convert.vegalite_to_png(spec, scale=PNG_SCALE))
            written.append(path)
    return written
