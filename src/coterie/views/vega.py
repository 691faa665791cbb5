"""The grammar all charts speak: the common config, axes, row names, value columns. Colours are tokens, never hex."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from coterie.views.contract import Spec
from coterie.views.tokens import COLOURS, var

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
SANS = '-apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, "Liberation Sans", sans-serif'
NAME_WIDTH = 156
"""Pixels that row names take left of the plot."""
LINES = "split(datum.row, '\\n')"
"""The lines of a wrapped name."""

CONFIG: Spec = {
    "background": None,
    "padding": 0,
    "autosize": {"type": "fit-x", "contains": "padding"},
    "font": SANS,
    "view": {"stroke": None},
    "legend": {"disable": True},
    "axis": {
        "domain": False,
        "ticks": False,
        "labelFontSize": 12,
        "labelColor": var("ink-2"),
        "titleColor": var("ink-2"),
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "titlePadding": 10,
        "labelPadding": 6,
        "gridColor": var("grid"),
        "labelOverlap": "greedy",
    },
    "axisX": {"grid": False, "domain": True, "domainColor": var("line-2"), "labelFlush": False},
    "axisY": {"tickCount": 4, "title": None},
    "line": {"strokeWidth": 2},
    "point": {"filled": True, "size": 64, "opacity": 1},
    "bar": {"cornerRadiusEnd": 2},
    "text": {"fontSize": 12, "fill": var("ink")},
    "rule": {"color": var("line-2")},
    "range": {"category": [var(f"seg-{number}") for number in range(1, COLOURS + 1)]},
}


def chart(description: str, rows: Sequence[Mapping[str, Any]], height: int, layers: Sequence[Spec]) -> Spec:
    """Layers over one set of rows, as wide as their place on the page."""
    return {
        "$schema": SCHEMA,
        "description": description,
        "width": "container",
        "height": height,
        "data": {"values": [dict(row) for row in rows]},
        "layer": list(layers),
    }


def mark(kind: str, **options: Any) -> Spec:
    """A mark with its look."""
    return {"type": kind, **options}


def wrapped(name: str, letters: int = 22) -> str:
    """A name on at most two lines of about so many letters, for axis labels; what is longer ends in an ellipsis."""
    lines = textwrap.wrap(name.replace("\n", " "), letters, max_lines=2, placeholder="…", break_on_hyphens=False)
    return "\n".join(lines) or name


def row_axis(width: int = NAME_WIDTH) -> Spec:
    """The y encoding of charts with one named row per segment; `row_names` fills the space it leaves."""
    axis = {"labels": False, "minExtent": width}
    return {"field": "row", "type": "nominal", "sort": None, "title": None, "axis": axis}


def row_names(y: Spec, width: int = NAME_WIDTH) -> Spec:
    """Names of rows, flush left beside the plot, centred on their row where they take two lines."""
    return {
        "transform": [{"aggregate": [], "groupby": ["row"]}, {"calculate": LINES, "as": "lines"}],
        "mark": mark("text", align="left", baseline="middle", fontSize=13, lineHeight=15, limit=width - 8,
                     dy={"expr": "length(datum.lines) > 1 ? -7 : 0"}),
        "encoding": {"x": {"value": -width}, "y": y, "text": {"field": "lines", "type": "nominal"}},
    }  # fmt: skip


def bar_length(field: str, reserve: int, narrow: int | None = None, **scale: Any) -> Spec:
    """The x encoding of bars that start at 0 and leave `reserve` pixels for the values at their right.

    Under 260 px of plot only `narrow` pixels are left.
    """
    end = f"width - {reserve}" if narrow is None else f"width < 260 ? width - {narrow} : width - {reserve}"
    return {
        "field": field,
        "type": "quantitative",
        "axis": None,
        "scale": {"domainMin": 0, "nice": False, "rangeMax": {"expr": end}, **scale},
    }


def value_column(
    field: str, y: Spec, right: int = 0, *, edge: str = "", bold: bool = False, wide_only: bool = False
) -> Spec:
    """Printed values in a column ending `right` pixels before the plot's right end, or at the expression `edge`."""
    colour = var("ink") if bold else var("ink-2")
    look = mark("text", align="right", baseline="middle", fontSize=13, fill=colour)
    if bold:
        look["fontWeight"] = 600
    if wide_only:
        look["opacity"] = {"expr": "width < 260 ? 0 : 1"}
    return {
        "mark": look,
        "encoding": {
            "x": {"value": {"expr": edge or f"width - {right}"}},
            "y": y,
            "text": {"field": field, "type": "nominal"},
        },
    }


def tooltip(**fields: str) -> list[Spec]:
    """Tooltip lines: field -> label, all values already printed as text."""
    return [{"field": field, "type": "nominal", "title": label} for field, label in fields.items()]


def fill(field: str = "token") -> Spec:
    """Fill by a column of the rows that holds the token itself."""
    return {"field": field, "type": "nominal", "scale": None, "legend": None}
