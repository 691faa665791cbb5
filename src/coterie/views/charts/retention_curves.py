"""Who comes back: the average retention of each segment as a curve."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from coterie.views import format as say
from coterie.views.charts.retention import averages, shown
from coterie.views.contract import ChartTable, Drawn, Key, Spec
from coterie.views.shop import FEW, everyone, metrics_of, named, said
from coterie.views.tokens import slot, var
from coterie.views.vega import chart, mark, tooltip

if TYPE_CHECKING:
    from coterie.views.contract import ReportInput

HEIGHT = 260
Line: TypeAlias = "tuple[int | None, str, str, list[tuple[int, float]]]"
"""Segment (None for all), name, colour token, and its points: period, share."""


def curves(result: ReportInput) -> tuple[Drawn, ...]:
    """The average retention of each segment and of all customers by period since the first order."""
    metrics = metrics_of(result)
    whole = shown(metrics)
    if metrics is None or whole is None:
        return ()
    together: Line = (None, everyone(metrics), var("none"), averages(whole))
    lines = [together] if len(together[3]) > 1 else []
    for one in metrics.segments:
        own = one.retention if one.retention is not None and one.retention.period == whole.period else None
        points = averages(own) if own is not None else []
        if len(points) > 1:
            lines.append((one.segment, named(result, one.segment), var(slot(one.segment)), points))
    if len(lines) < 2 or (len(lines) == 2 and lines[0][3] == lines[1][3]):  # one segment, and nobody else
        return ()
    noun, title = whole.period, _curve_title(result, lines, whole.period)
    about = f"Retention of each segment by {noun} after the first order: {say.lower_first(title)}."
    keys = tuple(Key(token.removeprefix("var(--").removesuffix(")"), name) for _, name, token, _ in lines)
    measure = (
        f"Share of customers with an order in that {noun} after their first one, average of all cohorts but the first"
        f" of the data; two cohorts and {FEW} customers or more behind each point"
    )
    note = "Segments were made from the same orders, so part of what sets their curves apart is how they were cut."
    return (Drawn("retention-curves", title, measure, about, _curve_spec(about, lines, noun), _curve_table(lines, noun),
                  keys, notes=(note,), terms=("Retention",)),)  # fmt: skip


def _curve_title(result: ReportInput, lines: list[Line], noun: str) -> str:
    """Which segment comes back most at the third period, or the last one that all know."""
    place = min(3, *(points[-1][0] for *_, points in lines))
    own = [(dict(points).get(place, 0.0), segment) for segment, _, _, points in lines if segment is not None]
    (best, who), (least, last) = max(own), min(own)
    when = f"In the next {noun}" if place == 1 else f"{say.upper_first(say.word(place))} {noun}s on"
    start = f"{when}, {say.share(best)} of {said(result, who)} buy again"
    return start if who == last else f"{start}; of {said(result, last)}, {say.share(least)}"


def _curve_spec(about: str, lines: list[Line], noun: str) -> Spec:
    rows: list[dict[str, Any]] = [
        {"period": period, "share": rate, "name": name, "token": token, "text": say.share(rate, 1)}
        for _, name, token, points in lines
        for period, rate in points
    ]
    top, last = max(row["share"] for row in rows), max(row["period"] for row in rows)
    ticks = list(range(1, last + 1))
    few = [tick for tick in ticks if tick % (3 if last <= 36 else 6) == 0]
    values = {"expr": f"width < 320 ? {few[1::2] if last > 36 else few or ticks} : {ticks if last <= 18 else few}"}
    x = {"field": "period", "type": "quantitative", "title": f"{say.upper_first(noun)}s after the first order",
         "axis": {"values": values, "labelFlush": False},
         "scale": {"domain": [1, last], "nice": False, "rangeMax": {"expr": "width - 62"}}}  # fmt: skip
    y = {"field": "share", "type": "quantitative", "title": None, "scale": {"zero": True, "nice": True},
         "axis": {"format": ".0%", "tickCount": 4, "grid": True}}  # fmt: skip
    line = {
        "mark": mark("line", strokeWidth=2),
        "encoding": {"x": x, "y": y, "detail": {"field": "name", "type": "nominal"},
                     "stroke": {"field": "token", "type": "nominal", "scale": None}},
    }  # fmt: skip
    dots = {
        "mark": mark("point", size=34 if last <= 36 else 14, filled=True, opacity=1),
        "encoding": {"x": x, "y": y, "fill": {"field": "token", "type": "nominal", "scale": None},
                     "tooltip": tooltip(name="Who", period=f"{say.upper_first(noun)}s after", text="Retention")},
    }  # fmt: skip
    names = {
        "data": {"values": _ends(lines, top)},
        "mark": mark("text", align="left", baseline="middle", dx=9, fontWeight=600),
        "encoding": {"x": x, "y": y, "text": {"field": "name", "type": "nominal"},
                     "fill": {"field": "token", "type": "nominal", "scale": None}},
    }  # fmt: skip
    return chart(about, rows, HEIGHT, [line, dots, names])


def _ends(lines: list[Line], top: float) -> list[dict[str, Any]]:
    """Number (or All) and share beside each line's last point, a line of text from other names and from lines there."""
    step, ends = (top or 1.0) * 17 / HEIGHT, list[dict[str, Any]]()
    near = max(period for *_, points in lines for period, _ in points) / 5
    taken: list[tuple[int, float]] = []
    for segment, name, token, points in sorted(lines, key=lambda one: one[3][-1][1]):
        period, rate = points[-1]
        # Lines that go on where this one ends would run through its name.
        others = [dict(other)[when] for _, who, _, other in lines if who != name and other[-1][0] > period
                  for when in (period, period + 1) if when in dict(other)]  # fmt: skip
        place = rate
        for height in sorted([*(height for when, height in taken if abs(when - period) <= near), *others]):
            if abs(height - place) < step:
                place = height + step
        taken.append((period, place))
        ends.append({"period": period, "share": place, "token": var("ink-2") if segment is None else token,
                     "name": f"{name.split()[0] if segment is None else segment}: {say.share(rate)}"})  # fmt: skip
    return ends


def _curve_table(lines: list[Line], noun: str) -> ChartTable:
    last = max(points[-1][0] for *_, points in lines)
    body = tuple(
        (str(period), *(say.share(dict(points).get(period), 1) for *_, points in lines))
        for period in range(1, last + 1)
    )
    return ChartTable((f"{say.upper_first(noun)}s after", *(name for _, name, _, _ in lines)), body)
