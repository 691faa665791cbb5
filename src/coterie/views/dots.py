"""Dot plots: one named row each, a dot with its 95 % interval, the value and the interval printed at the right."""

from __future__ import annotations

from typing import Any

from coterie.views.contract import Spec
from coterie.views.tokens import var
from coterie.views.vega import fill, mark, row_axis, row_names, value_column

ROW = 38
NAMES, LETTERS = 168, 24
"""Pixels that names take left of the plot, and letters that fit into a line of them."""
_TICKS = (0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0)


def position(domain: tuple[float, float], *, reserve: int, narrow: int, title: str = "", **axis: Any) -> Spec:
    """The x encoding of a dot plot over `domain`, leaving `reserve` pixels for columns, `narrow` where narrow."""
    right = f"width < 260 ? width - {narrow} : width - {reserve}"
    return {
        "field": "value",
        "type": "quantitative",
        "title": title or None,
        "scale": {"domain": list(domain), "nice": False, "zero": False, "rangeMax": {"expr": right}},
        "axis": {"grid": True, "domain": False, "tickCount": 4, **axis},
    }


def log_position(low: float, high: float, *, reserve: int, narrow: int, title: str) -> Spec:
    """The x encoding of ratios on a log axis that holds 1 and has round ticks."""
    low, high = min(low / 1.12, 0.45), max(high * 1.12, 2.2)
    ticks = [tick for tick in _TICKS if low <= tick <= high]
    while len(ticks) > 5:
        ticks = [tick for tick in ticks if tick == 1.0 or ticks.index(tick) % 2 == ticks.index(1.0) % 2]
    x = position(
        (low, high), reserve=reserve, narrow=narrow, title=title, labelExpr="datum.value + '×'", labelSeparation=6
    )
    scale = {key: value for key, value in x["scale"].items() if key != "zero"}
    # A wished number of ticks would thin the given ones out.
    few = [tick for place, tick in enumerate(ticks) if place % 2 == ticks.index(1.0) % 2]
    values = {"expr": f"width < 260 ? {few} : {ticks}"} if len(ticks) > 3 else ticks
    axis = {key: value for key, value in x["axis"].items() if key != "tickCount"} | {"values": values}
    return {**x, "scale": {**scale, "type": "log"}, "axis": axis}


def line_at(value: float, x: Spec, *, ink: str = "ink-3", width: float = 1.5) -> Spec:
    """A vertical line through all rows."""
    return {
        "data": {"values": [{"value": value}]},
        "mark": mark("rule", strokeWidth=width, color=var(ink)),
        "encoding": {"x": x},
    }


def rows_of_dots(x: Spec, hints: list[Spec], *, interval: bool = True) -> list[Spec]:
    """Interval, dot, name and value columns of rows with row, value, low, high, text, between, token.

    A value of None leaves the row without a dot.
    """
    y = row_axis(NAMES)
    known = {"transform": [{"filter": "isValid(datum.value)"}]}
    dots = {
        **known,
        "mark": mark("point", size=95, filled=True),
        "encoding": {"x": x, "y": y, "fill": fill(), "tooltip": hints},
    }
    spread = {
        "transform": [{"filter": "isValid(datum.low)"}],
        "mark": mark("rule", strokeWidth=2),
        "encoding": {"x": {**x, "field": "low"}, "x2": {"field": "high"}, "y": y,
                     "stroke": {"field": "token", "type": "nominal", "scale": None}},
    }  # fmt: skip
    values = value_column("text", y, edge="width - (width < 260 ? 0 : 88)" if interval else "width", bold=True)
    columns = [values, value_column("between", y, wide_only=True)] if interval else [values]
    return [row_names(y, NAMES), *([spread] if interval else []), dots, *columns]
