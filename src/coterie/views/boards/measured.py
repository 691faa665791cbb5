"""The charts of the metrics page: a measure by the values of a dimension, and month by month."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from coterie.views import format as say
from coterie.views.boards.measures import BURNS, LABELS, RATIOS, amount_axis, colour_of, exactly, name_of, said
from coterie.views.boards.month_by_month import Stretch, faded, stretches
from coterie.views.charts.monthly import UNFINISHED, month_axis
from coterie.views.contract import ChartTable, Drawn
from coterie.views.shop import FEW, month_name
from coterie.views.tokens import var
from coterie.views.vega import bar_length, chart, fill, mark, row_axis, row_names, tooltip, value_column, wrapped

if TYPE_CHECKING:
    from coterie.explore.contract import Told, Value
    from coterie.views.boards.contract import Look

ROW, SHOWN, LOW, NAME, LETTERS = 30, 20, 220, 40, 42


def drawn_by_value(look: Look, told: Told) -> Drawn:
    """Bars, the largest first (segments by number); at most 20, all in the table."""
    label, total = LABELS[told.measure], said(look, told, told.whole)
    ordered = told.rows if told.dimension == "segment" else sorted(told.rows, key=_largest)
    drawn = list(ordered)[:SHOWN]
    rows = [
        {"row": row, "name": name_of(look, told, one), "value": one.amount or 0.0,
         "text": said(look, told, one.amount), "events": say.count(one.events), "token": colour_of(told, one)}
        for row, one in zip(_apart([name_of(look, told, one) for one in drawn]), drawn, strict=True)
    ]  # fmt: skip
    title = _title(look, told)
    events = label.events
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
        tuple((name_of(look, told, one), exactly(look, told, one.amount), say.count(one.events)) for one in ordered),
    )
    left = len(told.rows) - len(rows)
    notes = (*((f"The other {left} stand in the table.",) if left > 0 else ()), *_young(told))
    return Drawn("measured", title, measure, about, spec, table, notes=notes, terms=(label.term,))


def _apart(names: Sequence[str]) -> list[str]:
    """Names of rows on two lines; those that look the same stay rows of their own."""
    shown: list[str] = []
    for name in names:
        row = wrapped(say.shortened(name, LETTERS))
        while row in shown:
            row += "\u200b"
        shown.append(row)
    return shown


def drawn_by_month(look: Look, told: Told) -> Drawn:
    """A bar a month, from the first with an event to the last day looked at; a month without stays empty."""
    label = LABELS[told.measure]
    known = {dt.date.fromisoformat(one.value): one for one in told.rows}
    months = stretches(look, told, min(known), max(known))
    rows = [
        {"month": f"{one.month:%Y-%m}", "label": month_name(one.month) + ("" if one.complete else ", not complete"),
         "text": said(look, told, _amount(known, one)), "value": _amount(known, one) or 0.0,
         "opacity": 1.0 if one.complete else UNFINISHED}
        for one in months
    ]  # fmt: skip
    title = _top_month(look, told, [known[one.month] for one in months if one.complete and one.month in known])
    measure = f"{label.label} by month{label.of_day}"
    about = f"{measure}: {title}."
    bars = {
        "mark": mark("bar", fill=var("accent")),
        "encoding": {"x": month_axis(months), "y": {"field": "value", **amount_axis(look, told)},
                     "opacity": {"field": "opacity", "type": "quantitative", "scale": None},
                     "tooltip": tooltip(label="Month", text=label.label)},
    }  # fmt: skip
    printed = (
        (month_name(one.month), exactly(look, told, _amount(known, one)), "yes" if one.complete else "no")
        for one in months
    )
    table = ChartTable(("Month", label.label, "Complete"), tuple(printed))
    spec = chart(about, rows, LOW, [bars])
    return Drawn("measured", title, measure, about, spec, table, notes=faded(told, months), terms=(label.term,))


def _top_month(look: Look, told: Told, whole: Sequence[Value]) -> str:
    """The month with the most, also one that is not complete; of ratios a complete one with events enough."""
    label, ratio = LABELS[told.measure].label, told.measure in RATIOS
    able = [one for one in whole if one.events >= FEW] if ratio else told.rows
    if not able:
        return f"{label}: no complete month has {FEW} {LABELS[told.measure].events}"
    top = max(able, key=lambda one: one.amount or 0.0)
    when = f"{month_name(dt.date.fromisoformat(top.value))}, {said(look, told, top.amount)}"
    return f"{label}: {'highest in' if ratio else 'most in'} {when}"


def _amount(known: Mapping[dt.date, Value], one: Stretch) -> float | None:
    found = known.get(one.month)
    return found.amount if found is not None else None


def _largest(one: Value) -> tuple[float, str]:
    return -(one.amount or 0.0), one.label


def _young(told: Told) -> tuple[str, ...]:
    """What young coupons do to figures of burns."""
    burns = told.measure in BURNS
    return ("Burns count with their claim: coupons claimed lately may still be burnt.",) if burns else ()


def _title(look: Look, told: Told) -> str:
    """The value with the most, of ratios among those with events enough; and its part of all where it has one."""
    label = LABELS[told.measure]
    ratio = told.measure in RATIOS
    many = [one for one in told.rows if one.events >= FEW] if ratio else []
    top = max(many or told.rows, key=lambda one: one.amount or 0.0)
    name = say.shortened(name_of(look, told, top), NAME)
    text = f"{name}: {said(look, told, top.amount)}"
    if ratio:
        return f"{label.label} is highest in {text}"
    if told.whole and told.measure in ("sales", "orders", "coupons", "burnt"):
        part, which = (top.amount or 0.0) / told.whole, "these" if look.filters.any else "all"
        return f"{text}, {say.share(part)} of {which} {say.lower_first(label.label)}" if part < 1 else text
    return text
