"""Who comes back: retention by cohort as a heat map."""

from __future__ import annotations

import math
from collections.abc import Mapping
from statistics import median
from typing import TYPE_CHECKING, Any

from coterie.views import format as say
from coterie.views.contract import ChartTable, Drawn, Spec
from coterie.views.shop import FEW, metrics_of, month_name
from coterie.views.tokens import var
from coterie.views.vega import chart, mark, row_axis, row_names, tooltip

if TYPE_CHECKING:
    from coterie.metrics.contract import Cohort, Metrics, Period, Retention
    from coterie.views.contract import ReportInput

SHOWN = 24
"""The newest cohorts, and the first periods of each, that are drawn; the table holds all."""
TABLED = 156
"""The newest cohorts, and the first periods of each, in the table: three years of weeks."""
AVERAGED = 60
"""Periods that averages reach to."""
ROW, NAMES = 30, 176
STEPS = 7


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
    average, *own = _table_rows(found)
    width = min(len(_longest(found)), TABLED + 1)
    table = ChartTable(
        (f"First order in {noun}", "Customers", *(str(period) for period in range(1, width))),
        tuple(
            (name, say.count(size), *(say.share(rate, 1) for rate in _padded(rates, width)[1:]))
            for name, size, rates in (average, *own[-TABLED:])
        ),
    )
    spec = chart(about, rows, ROW * len({row["row"] for row in rows}), _heat_layers(columns, noun))
    wide = NAMES + max(320, 34 * len(columns))
    return (
        Drawn("retention", title, measure, about, spec, table, min_width=wide if len(columns) > 3 else 0,
              notes=_heat_notes(found), terms=("Cohort", "Retention")),
    )  # fmt: skip


def shown(metrics: Metrics | None) -> Retention | None:
    """Retention by month, by week where the months are too few to compare; None where nobody could come back yet."""
    if metrics is None:
        return None
    known = [metrics.retention, *(one for one in metrics.retention_by if one.period == "week")]
    return next((one for one in known if one is not None and _told(one)), None)


def retention_period(metrics: Metrics | None) -> Period | None:
    """The period by which retention is shown where none is asked for."""
    found = shown(metrics)
    return None if found is None else found.period


def tellable(metrics: Metrics | None) -> Mapping[Period, Retention]:
    """Retention by each period in which somebody could come back in two cohorts, as far as it is known."""
    if metrics is None:
        return {}
    known = (*metrics.retention_by, *((metrics.retention,) if metrics.retention is not None else ()))
    return {one.period: one for one in known if _told(one)}


def _told(one: Retention) -> bool:
    return sum(any(rate is not None for rate in c.rates[1:]) for c in one.cohorts if c.size) >= 2


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
    for period, rate in enumerate(found.average[: AVERAGED + 1]):
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
    return (*rates[:length], *(None for _ in range(length - len(rates))))


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
        most = "all" if len(found.cohorts) <= TABLED else f"{TABLED} of each"
        notes.append(f"The newest {SHOWN} cohorts and the first {SHOWN} {found.period}s; the table has {most}.")
    return (" ".join(notes),) if notes else ()
