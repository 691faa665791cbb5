"""Counts of each value of a dimension by segment, exact, with the sums of squares that their intervals need."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import ibis

from coterie.profiles.cells import Squares, Sums, ones, weighted, with_squares
from coterie.profiles.looked_at import LookedAt, look_at

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from coterie.tables.contract import Tables

COMPARED = 50
"""Most frequent values of a dimension that are compared."""
UNKNOWN = "Unknown"
PLACES = ("branch", "merchant")
"""Counted in one pass, since a merchant follows from its branch."""
OF_ORDERS = ("lines", "orders")
"""What is counted from the order lines."""
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "coupons": ("status", "coupon_name", "branch_id", "merchant_id"),
    "lines": ("order_id", "category", "branch_id", "merchant_id"),
}


@dataclass(frozen=True)
class Dimension:
    """One dimension: its name, title and column, of which rows it speaks, and whether its values may lead to advice.

    `of` is "customers", "coupons", "burnt" (burnt coupons), "lines" (order lines that are sales) or "orders" (orders,
    each once per value of the column). `names` is whose names its values have, where not its own.
    """

    name: str
    label: str
    unit: str
    column: str
    of: str
    may_lead: bool = True
    names: str = ""


@dataclass(frozen=True)
class _Values:
    """What is counted of one dimension.

    `x` by segment and value, of the values compared; `m` by segment, of all of them; `distinct` of them there are;
    `top`, the values compared, in the engine.
    """

    x: Mapping[tuple[int, str], float]
    m: Mapping[int, float]
    distinct: int
    top: ir.Table


class Counter:
    """Counts dimensions; whatever several of them need is computed once."""

    def __init__(self, tables: Tables, assigned: ir.Table, *, limit: int) -> None:
        self._tables, self._assigned, self._limit = tables, assigned, limit
        self._kept: dict[tuple[str, ...], ir.Table] = {}
        self._looked: dict[str, LookedAt] = {}

    def sums(self, dimensions: Sequence[Dimension], together: Sequence[Dimension] = ()) -> list[Sums | str]:
        """Of each dimension the sums of the values compared; a sentence where there is nothing to compare; {} if none.

        Only the most frequent values leave the engine, however many there are. Those `together` that speak of the same
        events are counted in the same pass.
        """
        values = [self._values(one, together) for one in dimensions]
        found: list[Sums | str] = []
        wanted: dict[int, _Values] = {}
        for place, (dimension, one) in enumerate(zip(dimensions, values, strict=True)):
            note = _nothing_to_compare(dimension, one.distinct, sum(one.m.values())) if one else ""
            found.append(note or {})
            if one and one.distinct and not note:
                wanted[place] = one
        scattered = {place: one.top for place, one in wanted.items() if dimensions[place].of != "customers"}
        squares = self._squares({place: (dimensions[place], top) for place, top in scattered.items()})
        for place, one in wanted.items():
            if place in squares:
                whole = self._look(dimensions[place]).whole
                found[place] = with_squares(one.x, one.m, squares[place], estimated=not whole)
            else:
                found[place] = ones(one.x, one.m)
        return found

    def _values(self, dimension: Dimension, together: Sequence[Dimension]) -> _Values | None:
        """Counted in one query once they are grouped; None where the data have no such column."""
        counted = self._customers(dimension) if dimension.of == "customers" else self._counted(dimension, together)
        if counted is None:
            return None
        values = counted.group_by("value").aggregate(x=counted.x.sum())
        order = ibis.window(order_by=[ibis.desc("x"), values.value])
        ranked = values.mutate(place=ibis.row_number().over(order), different=values.count().over(ibis.window()))
        top = ranked.filter(ranked.place < COMPARED).select("value", "different")
        cells = counted.inner_join(top, "value").group_by(["segment", "value"])
        cells = cells.aggregate(x=lambda t: t.x.sum().cast("int64"), different=lambda t: t.different.max())
        totals = counted.group_by("segment").aggregate(x=counted.x.sum().cast("int64"))
        both = ibis.union(
            cells.select("segment", "x", "different", value=cells.value.cast("string")),
            totals.select("segment", "x", different=ibis.literal(0, "int64"), value=ibis.null("string")),
        )
        rows = self._tables.engine.collect(both).to_pylist()
        return _Values(
            {(int(row["segment"]), row["value"]): float(row["x"]) for row in rows if row["value"] is not None},
            {int(row["segment"]): float(row["x"]) for row in rows if row["value"] is None},
            max((int(row["different"]) for row in rows), default=0),
            top.select("value"),
        )

    def _customers(self, dimension: Dimension) -> ir.Table | None:
        """segment, value and x, the customers with it; None where the data have no such column or nothing in it."""
        people = self._assigned
        if dimension.column not in people.columns:
            return None
        value = people[dimension.column].cast("string")
        if not self._tables.engine.collect(people.aggregate(known=value.count())).to_pylist()[0]["known"]:
            return None
        rows = people.select("segment", value=ibis.coalesce(value, UNKNOWN))
        return rows.group_by(["segment", "value"]).aggregate(x=rows.count())

    def _counted(self, dimension: Dimension, together: Sequence[Dimension]) -> ir.Table:
        """segment, value and x, the coupons, lines or orders with it, exact: a plain group-by over all of them."""
        beside = [other.column for other in together if dimension in together and other.of == dimension.of]
        columns = tuple(dict.fromkeys((dimension.column, *beside)))
        key = (dimension.of, *sorted(columns))
        if key not in self._kept:
            events = _of(dimension, self._events(dimension))
            rows = events.join(self._assigned.select("customer_id", "segment"), "customer_id")
            grouped = rows.group_by(["segment", *columns]).aggregate(coupons=rows.count())
            self._kept[key] = self._tables.engine.keep(grouped)
        counted = self._kept[key]
        counted = counted.filter(counted[dimension.column].notnull())
        return counted.group_by("segment", value=counted[dimension.column]).aggregate(x=counted.coupons.sum())

    def _look(self, dimension: Dimension) -> LookedAt:
        counted = "order_count" if dimension.of in OF_ORDERS else "transaction_count"
        if counted not in self._looked:
            self._looked[counted] = look_at(self._tables.engine, self._assigned, self._limit, counted)
        return self._looked[counted]

    def _events(self, dimension: Dimension) -> ir.Table:
        """All coupons, or all order lines that are sales; orders are made of the latter."""
        lines = self._tables.lines
        if dimension.of not in OF_ORDERS or lines is None:
            return self._tables.coupons
        return lines.filter(lines.kind == "sale")

    def _seen(self, dimension: Dimension) -> ir.Table:
        """The coupons or sale lines of the customers looked at, with their stratum."""
        source = "lines" if dimension.of in OF_ORDERS else "coupons"
        rows = self._events(dimension).join(self._look(dimension).customers, "customer_id")
        return rows.select("customer_id", "segment", "heavy", *COLUMNS[source])

    def _squares(self, wanted: Mapping[int, tuple[Dimension, ir.Table]]) -> Mapping[int, Squares]:
        """Sums of squares over the customers looked at, by place of the dimension; one query for all coupons.

        Args:
            wanted: Place -> dimension and the values compared.
        """
        found: dict[int, Squares] = {}
        for orders in (False, True):
            own = {place: one for place, one in wanted.items() if (one[0].of in OF_ORDERS) == orders}
            if own:
                parts = [
                    part
                    for place, (dimension, top) in own.items()
                    for part in _scatter(place, dimension, _of(dimension, self._seen(dimension)), top)
                ]
                rows = self._tables.engine.collect(ibis.union(*parts)).to_pylist()
                weights = self._look(next(iter(own.values()))[0]).weights
                for place in own:
                    found[place] = weighted((row for row in rows if row["dimension"] == place), weights)
        return found


def _scatter(place: int, dimension: Dimension, rows: ir.Table, top: ir.Table) -> tuple[ir.Table, ir.Table]:
    """Sums of squares by stratum, from m per customer; and by stratum and value, from x per customer and value too."""
    rows = rows.filter(rows[dimension.column].notnull())
    rows = rows.select("customer_id", "segment", "heavy", value=rows[dimension.column])
    whole = rows.group_by(["customer_id", "segment", "heavy"]).aggregate(m=rows.count())
    few = rows.semi_join(top, "value")
    parts = few.group_by(["customer_id", "value"]).aggregate(x=few.count())
    both = parts.inner_join(whole, "customer_id")
    stratum, count = ["segment", "heavy"], ibis.literal(0, "int64")
    totals = whole.group_by(stratum).aggregate(n=whole.count(), mm=_whole((whole.m * whole.m).sum()))
    cells = both.group_by([*stratum, "value"]).aggregate(
        seen=both.count(), xx=_whole((both.x * both.x).sum()), xm=_whole((both.x * both.m).sum())
    )
    which = ibis.literal(place, "int64")
    return (
        totals.select(*stratum, "n", "mm", dimension=which, value=ibis.null("string"), seen=count, xx=count, xm=count),
        cells.select(
            *stratum,
            n=count,
            mm=count,
            dimension=which,
            value=cells.value.cast("string"),
            seen="seen",
            xx="xx",
            xm="xm",
        ),
    )


def _whole(value: ir.Value) -> ir.Value:
    return value.cast("int64")


def _of(dimension: Dimension, events: ir.Table) -> ir.Table:
    """The events that the dimension speaks of."""
    if dimension.of == "burnt":
        return events.filter(events.status == "burnt")
    if dimension.of == "orders":
        # An order stands at one place as a rule; one that stands at two counts at either.
        kept = ("customer_id", "order_id", "branch_id", "merchant_id", "segment", "heavy")
        return events.select(*(name for name in kept if name in events.columns)).distinct()
    return events


def _nothing_to_compare(dimension: Dimension, distinct: int, rows: float) -> str:
    if distinct == 1:
        return f"{dimension.label}: all {dimension.unit} have one and the same, so there is nothing to compare."
    if dimension.of != "customers" and distinct > rows / 2:
        return (
            f"{dimension.label}: {distinct:,} different values among {rows:,.0f} {dimension.unit}, "
            "so there is nothing to compare."
        )
    return ""
