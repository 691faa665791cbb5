"""Who comes back: retention by cohort as a heat map, and the average curve of each segment."""

from __future__ import annotations

import math
from statistics import median
from typing import TYPE_CHECKING, Any, TypeAlias

from coterie.views import format as say
from coterie.views.contract import ChartTable, Drawn, Key, Spec
from coterie.views.shop import EVERYONE, FEW, metrics_of, month_name, named, said
from coterie.views.tokens import slot, var
from coterie.views.vega import chart, mark, row_axis, row_names, tooltip

if TYPE_CHECKING:
    from coterie.metrics.contract import Cohort, Metrics, Retention
    from coterie.views.contract import ReportInput

SHOWN = 24
"""The newest cohorts, and the first periods of each, that are drawn; the table holds all."""
ROW, NAMES = 30, 176
STEPS = 7
HEIGHT = 260
Line: TypeAlias = "tuple[int | None, str, str, list[tuple[int, float]]]"
"""Segment (None for all), name, colour token, and its points: period, share."""


def cohorts(result: ReportInput) -> tuple[Drawn, ...]:
    """Share of each cohort with an order in each later period; the average first, incomplete periods blank."""
    metrics = metrics_of(result)
    found = shown(metrics)
    if found is None:
        return ()
    rows, periods = _heat_rows(found), _periods(found)
    columns = [str(period) for period in range(1, periods + 1)]
    noun = found.period
    title = _cohort_title(found)
    about = f"Retention by {noun} of first order: {say.lower_first(title)}."
    measure = (
        f"Share of the cohort with an order in that {noun}, exactly, not “on or after”."
        f" Blank: the {noun} is not complete"
    )
    table = ChartTable(
        (f"First order in {noun}", "Customers", *(str(period) for period in range(1, len(_longest(found))))),
        tuple(
            (name, say.count(size), *(say.share(rate, 1) for rate in _padded(rates, len(_longest(found)))[1:]))
            for name, size, rates in _table_rows(found)
        ),
    )
    spec = chart(about, rows, ROW * len({row["row"] for row in rows}), _heat_layers(columns, noun))
    width = NAMES + max(320, 34 * len(columns))
    return (
        Drawn("retention", title, measure, about, spec, table, min_width=width if len(columns) > 3 else 0,
              notes=_heat_notes(found), terms=("Cohort", "Retention")),
    )  # fmt: skip


def shown(metrics: Metrics | None) -> Retention | None:
    """Retention by month, by week where the months are too few to compare; None where nobody could come back yet."""
    if metrics is None:
        return None
    known = [metrics.retention, *(one for one in metrics.retention_by if one.period == "week")]
    for one in known:
        if one is not None and sum(any(rate is not None for rate in c.rates[1:]) for c in one.cohorts if c.size) >= 2:
            return one
    return None


def cohort_name(one: Cohort, period: str, *, of_data: bool = True) -> str:
    """A cohort as a person reads it: "Jan 2011", "7 Jan 2011", "Q1 2011"; the first one with what else it holds."""
    name = say.date(one.cohort)
    if period == "month":
        name = month_name(one.cohort)
    elif period == "quarter":
        name = f"Q{(one.cohort.month + 2) // 3} {one.cohort.year}"
    return f"{name} or earlier" if one.older and of_data else name


def at(one: Cohort, period: int) -> float | None:
    """The cohort's retention in that period; None where it is not complete."""
    return one.rates[period] if period < len(one.rates) else None


def averages(found: Retention) -> list[tuple[int, float]]:
    """The average by period, where at least two cohorts and 30 customers stand behind it; period 0 left out."""
    points = []
    for period, rate in enumerate(found.average):
        if period == 0 or rate is None:
            continue
        behind = [one.size for one in found.cohorts if one.size and not one.older and at(one, period) is not None]
        if len(behind) > 1 and sum(behind) >= FEW:
            points.append((period, rate))
    return points


def _longest(found: Retention) -> tuple[float | None, ...]:
    return max((one.rates for one in found.cohorts), key=len)


def _periods(found: Retention) -> int:
    known = (period for one in found.cohorts for period, rate in enumerate(one.rates) if rate is not None)
    return min(SHOWN, max(known))


def _padded(rates: tuple[float | None, ...], length: int) -> tuple[float | None, ...]:
    return (*rates, *(None for _ in range(length - len(rates))))


def _table_rows(found: Retention) -> list[tuple[str, int, tuple[float | None, ...]]]:
    """The average over all but the older, then each cohort."""
    size = sum(one.size for one in found.cohorts if not one.older)
    own = [(cohort_name(one, found.period), one.size, one.rates) for one in found.cohorts if one.size]
    return [(f"All {found.period}s", size, found.average), *own]


def step_of(found: Retention) -> int:
    """Width of a colour in points of per cent: seven reach the highest, and none is finer than a cell's error."""
    cells = [(rate, one.size) for one in found.cohorts for rate in one.rates[1:] if rate is not None and one.size]
    rate, size = median(rate for rate, _ in cells), median(size for _, size in cells)
    error = 100 * math.sqrt(max(rate * (1 - rate), 0.0) / size)
    top = 100 * max(rate for rate, _ in cells)
    return max(1, math.ceil(error), math.ceil((top + 0.5) / STEPS))


def _heat_rows(found: Retention) -> list[dict[str, Any]]:
    step, cells = step_of(found), []
    average, *own = _table_rows(found)
    for place, (name, size, rates) in enumerate([average, *own[-SHOWN:]]):
        for period, rate in enumerate(rates):
            if not 0 < period <= SHOWN:
                continue
            # Borders lie between printed values, so that equal numbers have equal colour.
            percent = math.floor(100 * (rate or 0.0) + 0.5)
            heat = min(STEPS, percent // step + 1)
            blank = rate is None
            cells.append({
                "row": name, "size": say.count(size), "column": str(period), "all": place == 0,
                "text": "" if blank else str(percent), "rate": "" if blank else say.share(rate, 1),
                "again": "" if blank else say.count((rate or 0.0) * size),
                "token": "transparent" if blank else var(f"h{heat}"), "ink": var("on-deep" if heat >= 6 else "on-heat"),
            })  # fmt: skip
    return cells


def _heat_layers(columns: list[str], noun: str) -> list[Spec]:
    after = f"{say.upper_first(noun)}s after"
    axis = {"orient": "top", "domain": False, "labelAngle": 0, "titlePadding": 8, "labelPadding": 5,
            "titleAnchor": "start", "labelOverlap": False}  # fmt: skip
    x = {"field": "column", "type": "nominal", "sort": columns, "title": f"{after} the first order", "axis": axis,
         "scale": {"domain": columns}}  # fmt: skip
    y = row_axis(NAMES)
    known = {"transform": [{"filter": "datum.text !== ''"}]}
    hints = tooltip(row="First order", column=after, rate="Retention", again="Ordered again", size="Cohort size")
    cells = {
        **known,
        "mark": mark("rect", stroke=var("paper"), strokeWidth=2),
        "encoding": {"x": x, "y": y, "fill": {"field": "token", "type": "nominal", "scale": None}, "tooltip": hints},
    }
    numbers = {
        **known,
        "mark": mark("text", fontSize=12, fontWeight={"expr": "datum.all ? 600 : 400"}),
        "encoding": {"x": x, "y": y, "text": {"field": "text", "type": "nominal"},
                     "fill": {"field": "ink", "type": "nominal", "scale": None}},
    }  # fmt: skip
    sizes = {
        "transform": [{"aggregate": [], "groupby": ["row", "size"]}],
        "mark": mark("text", align="right", fontSize=13, fill=var("ink-2")),
        "encoding": {"x": {"value": -12}, "y": y, "text": {"field": "size", "type": "nominal"}},
    }
    heads = [
        {"data": {"values": [{"head": head}]},
         "mark": mark("text", align=align, baseline="bottom", dy=-6, fill=var("ink-2")),
         "encoding": {"x": {"value": at}, "y": {"value": 0}, "text": {"field": "head", "type": "nominal"}}}
        for head, align, at in (("First order in", "left", -NAMES), ("Size", "right", -12))
    ]  # fmt: skip
    return [row_names(y, NAMES), cells, numbers, sizes, *heads]


def _cohort_title(found: Retention) -> str:
    """How the average goes on: from the first period to the last that enough customers stand behind."""
    points = averages(found)
    noun = found.period
    if not points:
        return f"Retention by {noun} of first order"
    (first, rate), (last, end) = points[0], points[-1]
    start = f"{say.share(rate)} order again in the next {noun}"
    return start if last == first else f"{start}, {say.share(end)} after {say.word(last)} {noun}s"


def _heat_notes(found: Retention) -> tuple[str, ...]:
    notes = []
    older = next((one for one in found.cohorts if one.older), None)
    if older is not None:
        name = cohort_name(older, found.period, of_data=False)
        notes.append(
            f"{name} is where the data begin: it also holds customers of before, so it is left out of the average."
        )
    hidden = len(found.cohorts) - SHOWN
    if hidden > 0:
        notes.append(f"The newest {SHOWN} cohorts and the first {SHOWN} {found.period}s; the table has all.")
    return (" ".join(notes),) if notes else ()


def curves(result: ReportInput) -> tuple[Drawn, ...]:
    """The average retention of each segment and of all customers by period since the first order."""
    metrics = metrics_of(result)
    whole = shown(metrics)
    if metrics is None or whole is None:
        return ()
    everyone: Line = (None, EVERYONE, var("none"), averages(whole))
    lines = [everyone] if len(everyone[3]) > 1 else []
    for one in metrics.segments:
        own = one.retention if whole.period == "month" else None
        points = averages(own) if own is not None else []
        if len(points) > 1:
            lines.append((one.segment, named(result, one.segment), var(slot(one.segment)), points))
    if len(lines) < 2:
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
    few = [tick for tick in ticks if tick % 3 == 0]
    values = {"expr": f"width < 320 ? {few or ticks} : {ticks if last <= 18 else few}"}
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
        "mark": mark("point", size=34, filled=True, opacity=1),
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
                     "name": f"{'All' if segment is None else segment}: {say.share(rate)}"})  # fmt: skip
    return ends


def _curve_table(lines: list[Line], noun: str) -> ChartTable:
    last = max(points[-1][0] for *_, points in lines)
    body = tuple(
        (str(period), *(say.share(dict(points).get(period), 1) for *_, points in lines))
        for period in range(1, last + 1)
    )
    return ChartTable((f"{say.upper_first(noun)}s after", *(name for _, name, _, _ in lines)), body)
