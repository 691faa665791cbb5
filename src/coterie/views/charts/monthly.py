"""Month by month: who was active, what they ordered, claimed and burnt; of all customers and of each segment."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

from coterie.views import format as say
from coterie.views.contract import ChartTable, Drawn, Key, Spec
from coterie.views.months import event, highest, lived, lived_by, unfinished, whole
from coterie.views.shop import FEW, filters_behind, metrics_of, money_axis, month_name, named, said
from coterie.views.tokens import slot, var
from coterie.views.vega import chart, mark, tooltip

if TYPE_CHECKING:
    import datetime as dt

    from coterie.metrics.contract import Metrics, Month, SegmentMetrics
    from coterie.views.contract import ReportInput

HEIGHT, LOW, SMALL = 260, 190, 96
PARTS = (("returning", "h7", "returning"), ("won_back", "h6", "won back"), ("new", "h4", "new"))
"""Stacked from the axis upwards: field, colour, word."""
UNFINISHED = 0.4
"""Opacity of a month that the data do not cover as a whole."""


def active(result: ReportInput) -> tuple[Drawn, ...]:
    """Active customers by month: new, returning and won back above the axis, lapsed below it."""
    metrics = metrics_of(result)
    months = lived(metrics) if metrics is not None else ()
    if metrics is None or len(months) < 2 or not any(one.customers for one in months):
        return ()
    rows = [row for place, one in enumerate(months) for row in _active_rows(one, first=place == 0)]
    title = _active_title(months)
    deed = event(metrics)
    about = f"Customers with {deed} by month: {say.lower_first(title)}."
    table = ChartTable(
        ("Month", "Active", "New", "Returning", "Won back", "Lapsed", "Complete"),
        tuple((month_name(one.month), say.count(one.customers), say.count(one.new), say.count(one.returning),
               say.count(one.won_back), say.count(one.lapsed), "yes" if one.complete else "no") for one in months),
    )  # fmt: skip
    keys = (*(Key(token, word) for _, token, word in PARTS), Key("ref", "lapsed"))
    measure = f"Customers with {deed} in the month; below the line those of the month before who had none in this one"
    notes = [_everybody_new(metrics, months[0]), *unfinished(months)]
    spec = chart(about, rows, HEIGHT, _active_layers(months))
    return (Drawn("active", title, measure, about, spec, table, keys, notes=(" ".join(notes),),
                  terms=("Active customer", "New, returning, won back, lapsed")),)  # fmt: skip


def _everybody_new(metrics: Metrics, first: Month) -> str:
    filters = filters_behind(metrics)
    begin = "the chosen days begin" if filters.since else "the data begin"
    later = " Later on “new” means for the first time in what is chosen." if filters.of_events else ""
    return f"In {month_name(first.month)}, where {begin}, everybody counts as new.{later}"


def _pale(months: Sequence[Month]) -> str:
    partial = sum(not one.complete for one in months)
    if not partial:
        return ""
    return "; the faded month is not complete" if partial == 1 else "; the faded months are not complete"


def _active_rows(one: Month, *, first: bool) -> list[dict[str, Any]]:
    start, rows = 0, []
    base = _base(one) | {"total": say.count(one.customers)}
    for field, token, word in PARTS:
        number = getattr(one, field)
        rows.append({**base, "from": start, "to": start + number, "token": var(token), "who": word,
                     "count": say.count(number)})  # fmt: skip
        start += number
    if one.complete and not first:
        # A month that is still running has not lost those who may yet come.
        rows.append({**base, "from": -one.lapsed, "to": 0, "token": var("ref"), "who": "lapsed",
                     "count": say.count(one.lapsed)})  # fmt: skip
    return rows


def _base(one: Month) -> dict[str, Any]:
    return {"month": f"{one.month:%Y-%m}", "label": month_name(one.month) + ("" if one.complete else ", not complete"),
            "opacity": 1.0 if one.complete else UNFINISHED}  # fmt: skip


def _active_title(months: tuple[Month, ...]) -> str:
    last = whole(months)[-1]
    name = month_name(last.month)
    if not last.customers:
        return f"Nobody was active in {name}"
    before = last.returning + last.won_back
    people = say.plural(last.customers, "active customer")
    known = "all" if not last.new else say.share(before / last.customers)
    return f"{name}: {people}, {known} of them known before"


class OfMonth(Protocol):
    """What stands at a month of the axis."""

    @property
    def month(self) -> dt.date:
        """Its first day."""


def month_axis(months: Sequence[OfMonth]) -> Spec:
    """Months by name, as one letter where narrow; over more than 18 months only the years are written."""
    name = "monthAbbrevFormat(toNumber(substring(datum.value, 5)) - 1)"
    narrow = f"width / {len(months)} < 30"
    short = f"({narrow} ? substring({name}, 0, 1) : {name})"
    year, new_year = "substring(datum.value, 0, 4)", "substring(datum.value, 5) === '01'"
    # Where January follows at once, the year before it would touch the new one.
    first = "datum.index === 0" if months[0].month.month < 11 else f"datum.index === 0 && !({narrow})"
    text = f"{first} || {new_year} ? [{short}, {year}] : {short}"
    if len(months) > 18:
        text = f"{new_year} ? {year} : ''"
    axis = {"labelAngle": 0, "labelExpr": text, "labelOverlap": False, "labelAlign": "center"}
    return {"field": "month", "type": "ordinal", "title": None, "axis": axis, "scale": {"paddingInner": 0.22}}


def _active_layers(months: tuple[Month, ...]) -> list[Spec]:
    x = month_axis(months) | {"axis": month_axis(months)["axis"] | {"domain": False}}
    y = {"field": "from", "type": "quantitative", "title": None,
         "axis": {"tickCount": 5, "grid": True, "labelExpr": "format(abs(datum.value), ',')"}}  # fmt: skip
    bars = {
        "mark": mark("bar", cornerRadius=0, cornerRadiusEnd=0, stroke=var("paper"), strokeWidth=1),
        "encoding": {"x": x, "y": y, "y2": {"field": "to"},
                     "fill": {"field": "token", "type": "nominal", "scale": None},
                     "opacity": {"field": "opacity", "type": "quantitative", "scale": None},
                     "tooltip": tooltip(label="Month", who="Customers", count="Number", total="All active")},
    }  # fmt: skip
    zero = {"data": {"values": [{"from": 0}]}, "mark": mark("rule", color=var("line-2"), strokeWidth=1),
            "encoding": {"y": y}}  # fmt: skip
    top = max(months, key=lambda one: one.customers)
    peak = {
        "data": {"values": [{**_base(top), "from": top.customers, "text": say.count(top.customers)}]},
        "mark": mark("text", baseline="bottom", dy=-5, fill=var("ink-2")),
        "encoding": {"x": x, "y": y, "text": {"field": "text", "type": "nominal"}},
    }
    return [bars, zero, peak]


def orders(result: ReportInput) -> tuple[Drawn, ...]:
    """Orders by month."""
    return _bars(result, "orders-by-month", "Orders", "Order, customer who bought", lambda one: one.orders)


def sales(result: ReportInput) -> tuple[Drawn, ...]:
    """Sales by month."""
    return _bars(result, "sales-by-month", "Sales", "Sales, returns, revenue", lambda one: one.sales, money=True)


def burns(result: ReportInput) -> tuple[Drawn, ...]:
    """Coupons burnt by month of the burn."""
    drawn = _bars(result, "burns-by-month", "Coupons burnt", "Burnt", lambda one: one.burns)
    since = filters_behind(metrics_of(result)).since
    notes = (f"Burns of coupons claimed before {say.date(since)} are not counted.",) if since else ()
    return tuple(replace(one, notes=notes) for one in drawn)


def _bars(
    result: ReportInput,
    name: str,
    label: str,
    term: str,
    value: Callable[[Month], float | None],
    *,
    money: bool = False,
) -> tuple[Drawn, ...]:
    """One bar a month, the highest labelled."""
    metrics = metrics_of(result)
    months = lived(metrics, value) if metrics is not None else ()
    known = [value(one) for one in months if value(one) is not None]
    if metrics is None or len(months) < 2 or not any(known):
        return ()
    currency = metrics.currency

    def text(number: float | None) -> str:
        return say.money(number, currency) if money else say.NOTHING if number is None else say.count(number)

    rows = [_base(one) | {"value": value(one) or 0.0, "text": text(value(one))} for one in months]
    top = highest(months, lambda one: value(one) or 0.0)
    mean = sum(value(one) or 0.0 for one in whole(months)) / len(whole(months))
    title = f"{label} peaked in {_dated(top)}: {text(value(top))}"
    if len(whole(months)) > 2 and mean > 0:
        title += f", {say.ratio((value(top) or 0.0) / mean)} the average month"
    about = f"{label} by month: {say.lower_first(title)}."
    measure = f"{label} by month{', returns not taken off' if money else ''}{_pale(months)}"
    table = ChartTable(
        ("Month", label, "Complete"),
        tuple(
            (month_name(one.month), say.money(value(one), currency, exact=True) if money else text(value(one)),
             "yes" if one.complete else "no")
            for one in months
        ),
    )  # fmt: skip
    spec = chart(about, rows, LOW, _bar_layers(months, label, money_axis(currency) if money else {}))
    return (Drawn(name, title, measure, about, spec, table, terms=(term,)),)


def _dated(one: Month) -> str:
    return month_name(one.month) + ("" if one.complete else ", which is not complete")


def _bar_layers(months: Sequence[Month], label: str, axis: Spec) -> list[Spec]:
    y: Spec = {"field": "value", "type": "quantitative", "title": None,
               "axis": {"tickCount": 4, "grid": True, **axis}, "scale": {"zero": True, "nice": True}}  # fmt: skip
    return [
        {
            "mark": mark("bar", fill=var("accent")),
            "encoding": {"x": month_axis(months), "y": y,
                         "opacity": {"field": "opacity", "type": "quantitative", "scale": None},
                         "tooltip": tooltip(label="Month", text=label)},
        }
    ]  # fmt: skip


def aov(result: ReportInput) -> tuple[Drawn, ...]:
    """Average order value by month; a month without an order is a gap."""
    metrics = metrics_of(result)
    months = lived(metrics, lambda one: one.aov) if metrics is not None else ()
    known = [one for one in months if one.aov is not None]
    if metrics is None or len(known) < 2:
        return ()
    currency = metrics.currency
    compared = [one for one in whole(months) if one.aov is not None] or known
    steady = [one for one in compared if (one.orders or 0) >= FEW]
    compared = steady if len(steady) > 1 else compared  # a few orders make any average
    low, high = min(compared, key=lambda one: one.aov or 0.0), max(compared, key=lambda one: one.aov or 0.0)
    title = (
        f"Average order: from {say.money(low.aov, currency)} in {month_name(low.month)}"
        f" to {say.money(high.aov, currency)} in {month_name(high.month)}"
    )
    rows = [_base(one) | {"value": one.aov, "text": say.money(one.aov, currency), "orders": say.count(one.orders or 0)}
            for one in months]  # fmt: skip
    about = f"Average order value by month: {say.lower_first(title)}."
    y = {"field": "value", "type": "quantitative", "title": None, "scale": {"zero": True, "nice": True},
         "axis": {"tickCount": 4, "grid": True, **money_axis(currency)}}  # fmt: skip
    x = month_axis(months) | {"scale": {"padding": 0.5}}
    line = {"transform": [{"filter": "datum.opacity === 1"}],
            "mark": mark("line", color=var("accent"), strokeWidth=2), "encoding": {"x": x, "y": y}}  # fmt: skip
    dots = {
        "transform": [{"filter": "isValid(datum.value)"}],
        "mark": mark("point", size=40, filled=True, fill=var("accent")),
        "encoding": {"x": x, "y": y, "opacity": {"field": "opacity", "type": "quantitative", "scale": None},
                     "tooltip": tooltip(label="Month", text="Average order value", orders="Orders")},
    }  # fmt: skip
    table = ChartTable(
        ("Month", "Average order value", "Orders"),
        tuple((month_name(one.month), say.money(one.aov, currency), say.count(one.orders or 0)) for one in months),
    )
    spec = chart(about, rows, LOW, [line, dots])
    measure = f"Average order value by month: sales / orders{_pale(months)}"
    return (Drawn("aov-by-month", title, measure, about, spec, table, terms=("Average order value (AOV)",)),)


def by_segment(result: ReportInput) -> tuple[Drawn, ...]:
    """Sales of each segment by month, active customers where there are no orders; one scale for all."""
    metrics = metrics_of(result)
    if metrics is None:
        return ()
    segments = [one for one in metrics.segments if len(one.monthly) > 1 and any(_of(metrics, m) for m in one.monthly)]
    if len(segments) < 2:
        return ()
    top = max(_of(metrics, month) for one in segments for month in one.monthly)
    return tuple(_segment(result, metrics, one, top) for one in segments)


def _of(metrics: Metrics, month: Month) -> float:
    return (month.sales or 0.0) if metrics.orders is not None else float(month.customers)


def _segment(result: ReportInput, metrics: Metrics, one: SegmentMetrics, top: float) -> Drawn:
    def text(value: float) -> str:
        return say.money(value, metrics.currency) if metrics.orders is not None else say.count(value)

    months = lived_by(metrics, one)
    label = "Sales" if metrics.orders is not None else "Active customers"
    rows = [_base(month) | {"value": _of(metrics, month), "text": text(_of(metrics, month))} for month in months]
    peak = highest(months, lambda month: _of(metrics, month))
    measure = f"Most in {_dated(peak)}: {text(_of(metrics, peak))}"
    about = f"{label} of {said(result, one.segment)} by month: {say.lower_first(measure)}."
    ends = [f"{months[0].month:%Y-%m}", f"{months[-1].month:%Y-%m}"]
    short = "monthAbbrevFormat(toNumber(substring(datum.value, 5)) - 1) + ' ' + substring(datum.value, 2, 4)"
    axis = {"values": ends, "labelAngle": 0, "labelOverlap": False, "labelExpr": short,
            "labelAlign": {"expr": f"datum.value === '{ends[0]}' ? 'left' : 'right'"},
            "labelOffset": {"expr": f"(datum.value === '{ends[0]}' ? -1 : 1) * bandwidth('x') / 2"}}  # fmt: skip
    x = {"field": "month", "type": "ordinal", "title": None, "axis": axis, "scale": {"paddingInner": 0.22}}
    y = {"field": "value", "type": "quantitative", "axis": None, "scale": {"domain": [0, top or 1], "nice": False}}
    bars = {
        "mark": mark("bar", fill=var(slot(one.segment))),
        "encoding": {"x": x, "y": y, "opacity": {"field": "opacity", "type": "quantitative", "scale": None},
                     "tooltip": tooltip(label="Month", text=label)},
    }  # fmt: skip
    table = ChartTable(("Month", label), tuple((str(row["label"]), str(row["text"])) for row in rows))
    return Drawn(f"months-{_place(one.segment)}", named(result, one.segment), measure, about,
                 chart(about, rows, SMALL, [bars]), table, segment=one.segment)  # fmt: skip


def _place(segment: int) -> str:
    return str(segment) if segment >= 0 else "none"
