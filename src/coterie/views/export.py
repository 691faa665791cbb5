"""Charts outside the report: as files, and as Altair charts in a notebook. Colours become hex on the way."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coterie.errors import UsageError
from coterie.views.contract import Drawn, Spec
from coterie.views.tokens import PALETTES, Theme, var, with_colours
from coterie.views.vega import CONFIG, mark

if TYPE_CHECKING:
    import altair as alt

    from coterie.views.contract import Drawings

FORMATS = ("png", "svg")
WIDTH = 640
"""Plot width of a chart that stands alone; on a page it takes the width of its place."""
PNG_SCALE = 2.0


def standalone(chart: Drawn, theme: Theme = "light", width: int = WIDTH) -> Spec:
    """The chart's specification with title, key, config, its own width and hex colours: complete anywhere."""
    ink, width = PALETTES[theme], max(width, chart.min_width + 160 if chart.min_width else 0)
    title: dict[str, Any] = {
        "text": textwrap.wrap(chart.title, (width - 40) // 9), "anchor": "start", "frame": "bounds", "fontSize": 15,
        "subtitle": textwrap.wrap(chart.measure, (width - 40) // 7), "subtitleFontSize": 12, "subtitlePadding": 6,
        "color": ink["ink"], "subtitleColor": ink["ink-2"], "offset": 14,
    }  # fmt: skip
    config = CONFIG | {"background": ink["paper"], "padding": 20}
    spec = chart.spec | {
        "width": width,
        "title": title,
        "config": config,
        "layer": [*chart.spec["layer"], *_key(chart, width - 240)],
    }
    coloured: Spec = with_colours(spec, theme)
    return coloured


def _key(chart: Drawn, width: int) -> list[Spec]:
    """The key as marks above the plot, on as many lines as it needs."""
    rows: list[dict[str, Any]] = []
    at, line = 0, 0
    for key in chart.keys:
        room = 26 + round(6.5 * len(key.word))
        if at and at + room > width:
            at, line = 0, line + 1
        rows.append({"at": at, "line": line, "word": key.word, "token": var(key.token)})
        at += room
    if not rows:
        return []
    # Lines count from the top; the last one stands just above the plot and its column heads.
    up = {"expr": f"-20 - 18 * ({line} - datum.line)"}
    fill = {"field": "token", "type": "nominal", "scale": None}
    square = mark("point", shape="square", size=90, filled=True, x={"expr": "datum.at + 5"}, y=up, opacity=1)
    word = mark("text", align="left", baseline="middle", x={"expr": "datum.at + 15"}, y=up, fill=var("ink-2"))
    data = {"values": rows}
    return [
        {"data": data, "mark": square, "encoding": {"fill": fill}},
        {"data": data, "mark": word, "encoding": {"text": {"field": "word", "type": "nominal"}}},
    ]


def as_altair(chart: Drawn, theme: Theme = "light", width: int = WIDTH) -> alt.LayerChart:
    """The chart as an Altair chart: shows in a notebook, can be changed and saved there."""
    import altair as alt

    return alt.LayerChart.from_dict(standalone(chart, theme, width))


def write_files(drawings: Drawings, folder: Path, formats: Sequence[str] = FORMATS) -> list[Path]:
    """Every chart as `<name>.<format>` in the folder, which is made if needed; the paths in order.

    Raises:
        UsageError: A format is neither png nor svg, or vl-convert-python is not installed.
    """
    unknown = [one for one in formats if one not in FORMATS]
    if unknown:
        raise UsageError(f"Charts cannot be written as {', '.join(unknown)}. Use png or svg.")
    try:
        import vl_convert
    except ImportError as error:
        raise UsageError(
            "Charts as files need vl-convert-python, which is not installed. Run `pip install 'coterie[charts]'`."
        ) from error

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
