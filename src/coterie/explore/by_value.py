"""One measure by the values of one dimension: as bars, and month by month."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import ibis

from coterie.explore.contract import FIELDS, UNKNOWN, DimensionName, Filters, Line, MeasureName, Told, Value
from coterie.explore.looked_at import events_of
from coterie.explore.narrow import OF_CUSTOMERS, OF_EVENTS
from coterie.metrics import in_money, index_of, period_start, quotient

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from coterie.explore.looked_at import Events
    from coterie.explore.narrow import Narrow

SHOWN, DRAWN = 50, 6
"""Values that are told, and those of them over time; which, says `Told`."""


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

DIMENSIONS: Mapping[str, str] = {
    **{name: {**OF_CUSTOMERS, **OF_EVENTS}[field] for name, field in FIELDS.items()},
    "month": "month",
}
"""Dimension -> column of the events."""

_LACKS = {
    "coupons": "There are no coupons in what is looked at.",
    "lines": "There are no orders in what is looked at.",
    "any": "There are no events in what is looked at.",
}
_TABLES = {"coupons": "Coupons", "lines": "Orders"}


def by_value(
    narrow: Narrow,
    filters: Filters,
    measure: MeasureName,
    dimension: DimensionName,
    *,
    over_time: bool = False,
    customers: bool = False,
) -> Told:
    """The measure by the values of the dimension, of the events that the filters let through; `why` says what is
    lacking.

    Args:
        narrow: The shop.
        filters: Which events are looked at.
        measure: A name of `MEASURES`.
        dimension: A name of `DIMENSIONS`.
        over_time: With lines; months have none.
        customers: With the customers behind each value.
    """
    how, column = MEASURES[measure], DIMENSIONS[dimension]
    rows, table = _rows(narrow, how, events_of(narrow, filters))
    lacked = _lacked(narrow, filters, table, column)
    if rows is None or lacked:
        return Told(measure, dimension, (), why=lacked or _LACKS[how.of])
    sums = {"above": how.above(rows), "below": how.below(rows) if how.below else rows.count(), "events": rows.count()}
    whole = narrow.engine.collect(rows.aggregate(**sums, known=rows[column].count())).to_pylist()[0]
    if not whole["events"]:
        return Told(measure, dimension, (), whole=_amount(how, whole), why=_LACKS[how.of])
    if not whole["known"]:
        return Told(measure, dimension, (), why=f"The data do not tell the {dimension} of what is looked at.")
    sums |= {"customers": rows.row.nunique()} if customers else {}
    grouping = _Grouping(narrow, how, dimension, rows, sums)
    found, others = grouping.values()
    lines = grouping.lines() if over_time and column != "month" else ()
    return Told(measure, dimension, found, others, _amount(how, whole), lines=lines)


@dataclass(frozen=True)
class _Grouping:
    """Events that tell a measure, and what is summed up of each of their groups."""

    narrow: Narrow
    how: Measure
    dimension: DimensionName
    rows: ir.Table
    sums: Mapping[str, ir.Value]

    @property
    def _of(self) -> ir.Column:
        return self.rows[DIMENSIONS[self.dimension]]

    def values(self) -> tuple[tuple[Value, ...], int]:
        """The values that `Told.rows` are of, and how many there are besides."""
        grouped = self.rows.group_by(value=self._of).aggregate(**self.sums)
        number = grouped.mutate(different=grouped.count().over(ibis.window()))
        if self.dimension == "month":
            ordered = number.order_by("value")
        else:
            most = "above" if self.how.below is None else "events"
            ordered = number.order_by([ibis.desc(most), "value"]).limit(SHOWN)
        found = self.narrow.engine.collect(ordered).to_pylist()
        names = _names(self.narrow, self.dimension)
        texts = [_text(self.dimension, row["value"]) for row in found]
        told = tuple(self._value(text, names(text), row) for text, row in zip(texts, found, strict=True))
        return told, int(found[0]["different"]) - len(found)

    def lines(self) -> tuple[Line, ...]:
        """The values with most events, month by month."""
        value = ibis.coalesce(self._of.cast("string"), UNKNOWN)
        grouped = self.rows.group_by("month", value=value).aggregate(**self.sums)
        counted = grouped.mutate(of=grouped.events.sum().over(ibis.window(group_by="value")))
        place = ibis.dense_rank().over(ibis.window(order_by=[ibis.desc("of"), "value"]))
        ranked = counted.mutate(place=place)
        most = ranked.filter(ranked.place < DRAWN).order_by(["place", "month"])
        found: dict[str, dict[int, dict[str, Any]]] = {}
        for row in self.narrow.engine.collect(most).to_pylist():
            found.setdefault(row["value"], {})[int(row["month"])] = row
        names = _names(self.narrow, self.dimension)
        span = [month for known in found.values() for month in known]
        months = range(min(span), max(span) + 1)
        order = sorted(found, key=int) if self.dimension == "segment" else list(found)
        return tuple(Line(one, names(one), tuple(self._in(found[one], month) for month in months)) for one in order)

    def _in(self, known: Mapping[int, Mapping[str, Any]], month: int) -> Value:
        text = _text("month", month)
        return self._value(text, text, known.get(month, dict.fromkeys(self.sums, 0)))

    def _value(self, text: str, label: str, row: Mapping[str, Any]) -> Value:
        customers = int(row["customers"]) if "customers" in row else None
        return Value(text, label, _amount(self.how, row), int(row["events"]), customers)


def _rows(narrow: Narrow, how: Measure, events: Events) -> tuple[ir.Table | None, str]:
    """The events that tell the measure, and which table they are."""
    if how.of == "coupons" or (how.of == "any" and events.lines is None):
        return events.coupons, "coupons"
    return _sold(narrow, events.lines), "lines"


def _sold(narrow: Narrow, lines: ir.Table | None) -> ir.Table | None:
    """The sales, each in the month of its order: that of the order's first line among those looked at."""
    if lines is None:
        return None
    sold = lines.filter(lines.kind == "sale")
    if narrow.in_a_day:
        return sold
    first = sold.ordered_on.min().over(ibis.window(group_by="order_id"))
    return sold.mutate(month=index_of(first, "month"))


def _lacked(narrow: Narrow, filters: Filters, table: str, column: str) -> str:
    """What filters or the dimension ask of events that no event of the table has; "" where there is no such table."""
    if table not in narrow.filled:
        return ""
    asked = {own for name, own in OF_EVENTS.items() if own == column or getattr(filters, name)}
    lacking = [name for name, own in DIMENSIONS.items() if own in asked - narrow.filled[table]]
    return f"{_TABLES[table]} have no {' or '.join(lacking)} in these data." if lacking else ""


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
