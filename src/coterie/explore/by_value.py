"""One measure by the values of one dimension: a single pass over the events that tell it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import ibis

from coterie.explore.contract import UNKNOWN, DimensionName, Filters, MeasureName, Told, Value
from coterie.explore.looked_at import events_of
from coterie.explore.narrow import OF_EVENTS
from coterie.metrics import in_money, index_of, period_start, quotient

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from coterie.explore.looked_at import Events
    from coterie.explore.narrow import Narrow

SHOWN = 50
"""Values that are told; which, says `Told`."""


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
_TABLES = {"coupons": "Coupons", "lines": "Orders"}


def by_value(narrow: Narrow, filters: Filters, measure: MeasureName, dimension: DimensionName) -> Told:
    """The measure by the values of the dimension, of the events that the filters let through; `why` says what is
    lacking.

    Args:
        narrow: The shop.
        filters: Which events are looked at.
        measure: A name of `MEASURES`.
        dimension: A name of `DIMENSIONS`.
    """
    how, column = MEASURES[measure], DIMENSIONS[dimension]
    events = events_of(narrow, filters)
    rows, day, table = _rows(how, events)
    lacked = _lacked(narrow, filters, table, column)
    if rows is None or lacked:
        return Told(measure, dimension, (), why=lacked or _LACKS[how.of])
    engine, count = narrow.engine, rows.count()
    sums = {"above": how.above(rows), "below": how.below(rows) if how.below else count, "events": count}
    whole = engine.collect(rows.aggregate(**sums)).to_pylist()[0]
    if not whole["events"]:
        return Told(measure, dimension, (), whole=_amount(how, whole), why=_LACKS[how.of])
    if column != "month" and not _told_of(narrow, rows, column):
        return Told(measure, dimension, (), why=f"The data do not tell the {dimension} of what is looked at.")
    value = index_of(rows[day], "month") if column == "month" else rows[column]
    grouped = rows.group_by(value=value).aggregate(**sums)
    number = grouped.mutate(different=grouped.count().over(ibis.window()))
    if column == "month":
        found = engine.collect(number.order_by("value")).to_pylist()
    else:
        most = "above" if how.below is None else "events"
        found = engine.collect(number.order_by([ibis.desc(most), "value"]).limit(SHOWN)).to_pylist()
    names = _names(narrow, dimension)
    told = tuple(
        Value(text := _text(dimension, row["value"]), names(text), _amount(how, row), int(row["events"]))
        for row in found
    )
    return Told(measure, dimension, told, int(found[0]["different"]) - len(found), _amount(how, whole))


def _rows(how: Measure, events: Events) -> tuple[ir.Table | None, str, str]:
    """The events that tell the measure, the column of their day, and which table they are."""
    if how.of == "coupons" or (how.of == "any" and events.lines is None):
        return events.coupons, "claimed_on", "coupons"
    lines = events.lines
    return (None if lines is None else lines.filter(lines.kind == "sale")), "ordered_on", "lines"


def _lacked(narrow: Narrow, filters: Filters, table: str, column: str) -> str:
    """What filters or the dimension ask of events that no event of the table has; "" where there is no such table."""
    if table not in narrow.filled:
        return ""
    asked = {own for name, own in OF_EVENTS.items() if own == column or getattr(filters, name)}
    lacking = [name for name, own in DIMENSIONS.items() if own in asked - narrow.filled[table]]
    return f"{_TABLES[table]} have no {' or '.join(lacking)} in these data." if lacking else ""


def _told_of(narrow: Narrow, rows: ir.Table, column: str) -> bool:
    """Whether any event has a value there."""
    return bool(narrow.engine.collect(rows.aggregate(known=rows[column].count())).to_pylist()[0]["known"])


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
