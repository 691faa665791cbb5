"""One measure by the values of one dimension: a single pass over the events that tell it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import ibis

from coterie.explore.contract import UNKNOWN, DimensionName, MeasureName, Told, Value
from coterie.metrics import in_money, index_of, period_start, quotient

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from coterie.explore.looked_at import Events
    from coterie.explore.narrow import Narrow

SHOWN = 50
"""Values that are told, those with most events."""


@dataclass(frozen=True)
class Measure:
    """A registry entry.

    Attributes:
        of: The table of events that tells it; "any" is order lines where there are some, else coupons.
        above, below: What is summed up, and what that is divided by; None where it stands alone.
        money: `above` is an amount.
    """

    of: Literal["coupons", "lines", "any"]
    above: Callable[[ir.Table], ir.Value]
    below: Callable[[ir.Table], ir.Value] | None = None
    money: bool = False


MEASURES: Mapping[MeasureName, Measure] = {
    "customers": Measure("any", lambda rows: rows.row.nunique()),
    "coupons": Measure("coupons", lambda rows: rows.count()),
    "burnt": Measure("coupons", lambda rows: (rows.status == "burnt").sum()),
    "burn_rate": Measure("coupons", lambda rows: (rows.status == "burnt").sum(), lambda rows: rows.count()),
    "orders": Measure("lines", lambda rows: rows.order_id.nunique()),
    "sales": Measure("lines", lambda rows: rows.money.sum(), money=True),
    "aov": Measure("lines", lambda rows: rows.money.sum(), lambda rows: rows.order_id.nunique(), money=True),
}

DIMENSIONS: Mapping[DimensionName, str] = {
    "segment": "segment",
    "city": "city",
    "gender": "gender",
    "branch": "branch_id",
    "merchant": "merchant_id",
    "category": "category",
    "month": "month",
}
"""Dimension -> column of the events."""

_LACKS = {
    "coupons": "There are no coupons in what is looked at.",
    "lines": "There are no orders in what is looked at.",
    "any": "There are no events in what is looked at.",
}


def by_value(narrow: Narrow, events: Events, measure: MeasureName, dimension: DimensionName) -> Told:
    """The measure by the values of the dimension, of the events looked at; `why` says what is lacking.

    Args:
        narrow: The shop.
        events: Those that the filters let through.
        measure: A name of `MEASURES`.
        dimension: A name of `DIMENSIONS`.
    """
    how, column = MEASURES[measure], DIMENSIONS[dimension]
    rows, day = _rows(how, events)
    if rows is None:
        return Told(measure, dimension, (), why=_LACKS[how.of])
    engine, count = narrow.engine, rows.count()
    sums = {"above": how.above(rows), "below": how.below(rows) if how.below else count, "events": count}
    whole = engine.collect(rows.aggregate(**sums)).to_pylist()[0]
    if not whole["events"]:
        return Told(measure, dimension, (), whole=_amount(how, whole), why=_LACKS[how.of])
    if column != "month" and not _known(narrow, rows, column):
        return Told(measure, dimension, (), why=f"The data do not tell the {dimension} of what is looked at.")
    value = index_of(rows[day], "month") if column == "month" else rows[column]
    grouped = rows.group_by(value=value).aggregate(**sums)
    number = grouped.mutate(different=grouped.count().over(ibis.window()))
    if column == "month":
        found = engine.collect(number.order_by("value")).to_pylist()
    else:
        found = engine.collect(number.order_by([ibis.desc("events"), "value"]).limit(SHOWN)).to_pylist()
    names = _names(narrow, dimension)
    told = tuple(
        Value(text := _text(dimension, row["value"]), names(text), _amount(how, row), int(row["events"]))
        for row in found
    )
    return Told(measure, dimension, told, int(found[0]["different"]) - len(found), _amount(how, whole))


def _rows(how: Measure, events: Events) -> tuple[ir.Table | None, str]:
    """The events that tell the measure, and the column of their day."""
    if how.of == "coupons" or (how.of == "any" and events.lines is None):
        return events.coupons, "claimed_on"
    lines = events.lines
    return (None if lines is None else lines.filter(lines.kind == "sale")), "ordered_on"


def _known(narrow: Narrow, rows: ir.Table, column: str) -> bool:
    """Whether any event has a value there."""
    return column in rows.columns and bool(
        narrow.engine.collect(rows.aggregate(known=rows[column].count())).to_pylist()[0]["known"]
    )


def _amount(how: Measure, row: Mapping[str, Any]) -> float | None:
    above = in_money(int(row["above"] or 0)) if how.money else row["above"] or 0
    return float(above) if how.below is None else quotient(above, row["below"])


def _text(dimension: DimensionName, value: Any) -> str:
    if dimension == "month":
        return period_start(int(value), "month").isoformat()
    return UNKNOWN if value is None else str(value)


def _names(narrow: Narrow, dimension: DimensionName) -> Callable[[str], str]:
    if dimension == "segment":
        return lambda text: narrow.labels.get(int(text), f"Segment {text}")
    known = {} if narrow.tables is None else narrow.tables.names.get(dimension, {})
    return lambda text: known.get(text, text or f"no {dimension}")
