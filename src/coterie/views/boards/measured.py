"""The charts of the metrics page: a measure by the values of a dimension, and month by month."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from coterie.views import format as say
from coterie.views.charts.monthly import month_axis
from coterie.views.contract import ChartTable, Drawn
from coterie.views.shop import FEW, money_axis, month_name, named
from coterie.views.tokens import slot, var
from coterie.views.vega import bar_length, chart, fill, mark, row_axis, row_names, tooltip, value_column, wrapped

if TYPE_CHECKING:
    from coterie.explore.contract import Told, Value
    from coterie.views.boards.contract import Look

ROW, SHOWN, LOW = 30, 20, 220
_OF_DAY = {"coupons": " of the claim", "lines": " of the order", "any": ""}


@dataclass(frozen=True)
class Label:
    """How a measure is called, what its unit is, which events tell it and which term defines it."""

    label: str
    unit: Literal["count", "share", "money"]
    of: Literal["coupons", "lines", "any"]
    term: str


LABELS: Mapping[str, Label] = {
    "customers": Label("Active customers", "count", "any", "Active customer"),
    "coupons": Label("Coupons", "count", "coupons", "Coupons (transactions)"),
    "burnt": Label("Burnt coupons", "count", "coupons", "Burnt"),
    "burn_rate": Label("Burn rate", "share", "coupons", "Burn rate"),
    "orders": Label("Orders", "count", "lines", "Order, customer who bought"),
    "sales": Label("Sales", "money", "lines", "Sales, returns, revenue"),
    "aov": Label("Average order value", "money", "lines", "Average order value (AOV)"),
}


def drawn_by_value(look: Look, told: Told) -> Drawn:
    """Bars, the largest first (segments by number); at most 20, all in the table."""
    label, total = LABELS[told.measure], _said(look, told, told.whole)
    ordered = told.rows if told.dimension == "segment" else sorted(told.rows, key=_largest)
    rows = [
        {"row": wrapped(_name(look, told, one)), "name": _name(look, told, one), "value": one.amount or 0.0,
         "text": _said(look, told, one.amount), "events": say.count(one.events), "token": _token(told, one)}
        for one in list(ordered)[:SHOWN]
    ]  # fmt: skip
    title = _title(look, told)
    events = "coupons" if label.of == "coupons" else "events" if label.of == "any" else "order lines"
    measure = f"{label.label} by {told.dimension}; {total} in all"
    about = f"{measure}: {title}."
    y = row_axis()
    hints = tooltip(name=told.dimension.capitalize(), text=label.label, events=say.upper_first(events))
    bars = {
        "mark": mark("bar", height=14),
        "encoding": {"y": y, "x": bar_length("value", 90, 80), "fill": fill(), "tooltip": hints},
    }
    spec = chart(about, rows, ROW * len(rows), [row_names(y), bars, value_column("text", y, bold=True)])
    table = ChartTable(
        (told.dimension.capitalize(), label.label, say.upper_first(events)),
        tuple((_name(look, told, one), _exactly(look, told, one.amount), say.count(one.events)) for one in ordered),
    )
    left = len(told.rows) - len(rows)
    notes = (*((f"The other {left} stand in the table.",) if left > 0 else ()), *_young(told))
    return Drawn("measured", title, measure, about, spec, table, notes=notes, terms=(label.term,))


def drawn_by_month(look: Look, told: Told) -> Drawn:
    """A bar a month, from the first with an event to the last; a month without stays empty."""
    label = LABELS[told.measure]
    known = {dt.date.fromisoformat(one.value): one for one in told.rows}
    months = [_Month(day) for day in _every_month(min(known), max(known))]
    rows = [
        {"month": f"{one.month:%Y-%m}", "label": month_name(one.month), "text": _said(look, told, _amount(known, one)),
         "value": _amount(known, one) or 0.0}
        for one in months
    ]  # fmt: skip
    top = max(told.rows, key=lambda one: one.amount or 0.0)
    title = f"{label.label}: most in {month_name(dt.date.fromisoformat(top.value))}, {_said(look, told, top.amount)}"
    measure = f"{label.label} by month{_OF_DAY[label.of]}"
    about = f"{measure}: {title}."
    currency = look.result.profiles.currency
    axis = money_axis(currency) if label.unit == "money" else {"format": ".0%"} if label.unit == "share" else {}
    y = {"field": "value", "type": "quantitative", "title": None, "scale": {"zero": True, "nice": True},
         "axis": {"tickCount": 4, "grid": True, **axis}}  # fmt: skip
    bars = {
        "mark": mark("bar", fill=var("accent")),
        "encoding": {"x": month_axis(months), "y": y, "tooltip": tooltip(label="Month", text=label.label)},  # type: ignore[arg-type]
    }
    printed = ((month_name(one.month), _exactly(look, told, _amount(known, one))) for one in months)
    table = ChartTable(("Month", label.label), tuple(printed))
    spec = chart(about, rows, LOW, [bars])
    return Drawn("measured", title, measure, about, spec, table, notes=_young(told), terms=(label.term,))


@dataclass(frozen=True)
class _Month:
    month: dt.date


def _every_month(first: dt.date, last: dt.date) -> list[dt.date]:
    """First days of all months from one to the other."""
    numbers = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    return [dt.date(number // 12, number % 12 + 1, 1) for number in numbers]


def _amount(known: Mapping[dt.date, Value], one: _Month) -> float | None:
    found = known.get(one.month)
    return found.amount if found is not None else None


def _largest(one: Value) -> tuple[float, str]:
    return -(one.amount or 0.0), one.label


def _young(told: Told) -> tuple[str, ...]:
    """What young coupons do to figures of burns."""
    burns = told.measure in ("burnt", "burn_rate")
    return ("Burns count with their claim: coupons claimed lately may still be burnt.",) if burns else ()


def _title(look: Look, told: Told) -> str:
    """The value with the most, of ratios among those with events enough; and its part of all where it has one."""
    label = LABELS[told.measure]
    ratio = told.measure in ("burn_rate", "aov")
    many = [one for one in told.rows if one.events >= FEW] if ratio else []
    top = max(many or told.rows, key=lambda one: one.amount or 0.0)
    name = say.shortened(_name(look, told, top), 60)
    text = f"{name}: {_said(look, told, top.amount)}"
    if ratio:
        return f"{label.label} is highest in {text}"
    if told.whole and told.measure in ("sales", "orders", "coupons", "burnt"):
        return f"{text}, {say.share((top.amount or 0.0) / told.whole)} of all {say.lower_first(label.label)}"
    return text


def _name(look: Look, told: Told, one: Value) -> str:
    return named(look.result, int(one.value)) if told.dimension == "segment" else one.label


def _token(told: Told, one: Value) -> str:
    return var(slot(int(one.value))) if told.dimension == "segment" else var("accent")


def _exactly(look: Look, told: Told, value: float | None) -> str:
    """As in a table, which is what a download holds: amounts with all their digits."""
    if LABELS[told.measure].unit == "money" and value is not None:
        return say.money(value, look.result.profiles.currency, exact=True)
    return _said(look, told, value)


def _said(look: Look, told: Told, value: float | None) -> str:
    unit = LABELS[told.measure].unit
    if value is None:
        return say.NOTHING
    if unit == "money":
        return say.money(value, look.result.profiles.currency)
    return say.share(value, 1) if unit == "share" else say.count(value)
