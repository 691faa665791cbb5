"""Counts of each value of a dimension by segment, exact, with the sums of squares that their intervals need."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import ibis

from coterie.profiles.intervals import RatioSums
from coterie.profiles.looked_at import LookedAt, Stratum, look_at

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from coterie.profiles.figures import Key
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
class Cell(RatioSums):
    """Sums of one value in one segment; `users` are the customers with any of it, estimated where not all are seen."""

    users: float = 0.0
    estimated: bool = False


Sums = dict[str, "dict[Key, Cell]"]
"""Value -> segment (None: all customers) -> its sums."""
Squares = Mapping[tuple[int, str | None], Mapping[str, float]]
"""Segment and value (None: any) -> n, xx, xm, mm, users and seen."""


class Counter:
    """Counts dimensions one after the other; whatever several of them need is computed once and kept in the engine."""

    def __init__(self, tables: Tables, assigned: ir.Table, *, limit: int) -> None:
        self._tables, self._assigned, self._limit = tables, assigned, limit
        self._kept: dict[tuple[str, ...], ir.Table] = {}
        self._looked: dict[str, LookedAt] = {}
        self._rows: dict[str, ir.Table] = {}

    def sums(self, dimension: Dimension, beside: Sequence[Dimension] = ()) -> Sums | str:
        """Sums of the values compared; a sentence where there is nothing to compare; empty where the data lack it.

        Only the most frequent values leave the engine, however many there are. `beside` are counted in the same pass.
        """
        engine = self._tables.engine
        counted = self._customers(dimension) if dimension.of == "customers" else self._counted(dimension, beside)
        if counted is None:
            return {}
        values = counted.group_by("value").aggregate(x=counted.x.sum())
        summary = values.aggregate(distinct=values.value.count(), rows=values.x.sum())
        found = engine.collect(summary).to_pylist()[0]
        if note := _nothing_to_compare(dimension, int(found["distinct"]), int(found["rows"] or 0)):
            return note
        if not found["distinct"]:
            return {}
        top = values.order_by([ibis.desc("x"), "value"]).limit(COMPARED).select("value")
        cells = counted.semi_join(top, "value").group_by(["segment", "value"])
        rows = engine.collect(cells.aggregate(x=lambda table: table.x.sum())).to_pylist()
        totals = engine.collect(counted.group_by("segment").aggregate(m=counted.x.sum())).to_pylist()
        x = {(int(row["segment"]), str(row["value"])): float(row["x"]) for row in rows}
        m = {int(row["segment"]): float(row["m"]) for row in totals}
        if dimension.of == "customers":
            return _ones(x, m)
        return _with_squares(x, m, self._squares(dimension, top), estimated=not self._look(dimension).whole)

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

    def _counted(self, dimension: Dimension, beside: Sequence[Dimension]) -> ir.Table:
        """segment, value and x, the coupons, lines or orders with it, exact: a plain group-by over all of them."""
        columns = tuple(dict.fromkeys((dimension.column, *(other.column for other in beside))))
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
        if source not in self._rows:
            rows = self._events(dimension).join(self._look(dimension).customers, "customer_id")
            columns = ("customer_id", "segment", "heavy", *COLUMNS[source])
            self._rows[source] = self._tables.engine.keep(rows.select(*columns))
        return self._rows[source]

    def _squares(self, dimension: Dimension, top: ir.Table) -> Squares:
        """Sums of squares over customers by segment, from m per customer and x per customer and value."""
        coupons = _of(dimension, self._seen(dimension))
        coupons = coupons.filter(coupons[dimension.column].notnull())
        stratum = ["segment", "heavy"]
        parts = coupons.group_by([*stratum, "customer_id"], value=coupons[dimension.column]).aggregate(
            x=coupons.count()
        )
        whole = parts.group_by([*stratum, "customer_id"]).aggregate(m=parts.x.sum())
        both = parts.semi_join(top, "value").join(whole.select("customer_id", "m"), "customer_id")
        totals = whole.group_by(stratum).aggregate(n=whole.count(), mm=(whole.m * whole.m).sum())
        cells = both.group_by([*stratum, "value"]).aggregate(
            seen=both.count(), xx=(both.x * both.x).sum(), xm=(both.x * both.m).sum()
        )
        engine, weights = self._tables.engine, self._look(dimension).weights
        return _weighted([*engine.collect(totals).to_pylist(), *engine.collect(cells).to_pylist()], weights)


def _of(dimension: Dimension, events: ir.Table) -> ir.Table:
    """The events that the dimension speaks of."""
    if dimension.of == "burnt":
        return events.filter(events.status == "burnt")
    if dimension.of == "orders":
        # An order stands at one place as a rule; one that stands at two counts at either.
        kept = ("customer_id", "order_id", "branch_id", "merchant_id", "segment", "heavy")
        return events.select(*(name for name in kept if name in events.columns)).distinct()
    return events


def _nothing_to_compare(dimension: Dimension, distinct: int, rows: int) -> str:
    if distinct == 1:
        return f"{dimension.label}: all {dimension.unit} have one and the same, so there is nothing to compare."
    if dimension.of != "customers" and distinct > rows / 2:
        return (
            f"{dimension.label}: {distinct:,} different values among {rows:,} {dimension.unit}, "
            "so there is nothing to compare."
        )
    return ""


def _weighted(rows: Iterable[Mapping[str, Any]], weights: Mapping[Stratum, float]) -> Squares:
    """The sums of the strata, each times how many its customers stand for; `users` are `seen` times that."""
    found: dict[tuple[int, str | None], dict[str, float]] = {}
    for row in sorted(rows, key=lambda row: (row["segment"], row["heavy"])):
        weight = weights[int(row["segment"]), bool(row["heavy"])]
        key = (int(row["segment"]), str(row["value"]) if "value" in row else None)
        sums = found.setdefault(key, {})
        for name in ("n", "mm", "xx", "xm"):
            sums[name] = sums.get(name, 0.0) + weight * float(row.get(name, 0.0))
        seen = float(row.get("seen", 0.0))
        sums["seen"], sums["users"] = sums.get("seen", 0.0) + seen, sums.get("users", 0.0) + weight * seen
    return found


def _with_squares(
    x: Mapping[tuple[int, str], float], m: Mapping[int, float], squares: Squares, *, estimated: bool
) -> Sums:
    nothing = dict.fromkeys(("n", "mm", "xx", "xm", "users", "seen"), 0.0)
    sums: Sums = {}
    for value in sorted({value for _, value in x}):
        cells: dict[Key, Cell] = {}
        for segment, whole in m.items():
            own, total = squares.get((segment, value), nothing), squares.get((segment, None), nothing)
            part = x.get((segment, value), 0.0)
            seen = {"seen": own["seen"]} if estimated else {}
            # Nobody can be behind more coupons than there are.
            users = min(own["users"], part)
            ratio = (total["n"], part, whole, own["xx"], own["xm"], total["mm"])
            cells[segment] = Cell(*ratio, users=users, estimated=estimated, **seen)
        sums[value] = {**cells, None: _added(cells.values())}
    return sums


def _ones(x: Mapping[tuple[int, str], float], m: Mapping[int, float]) -> Sums:
    """Sums where every customer counts once: squares are the counts themselves."""
    sums: Sums = {}
    for value in sorted({value for _, value in x}):
        parts = {segment: x.get((segment, value), 0.0) for segment in m}
        cells: dict[Key, Cell] = {
            segment: Cell(m[segment], part, m[segment], part, part, m[segment], users=part)
            for segment, part in parts.items()
        }
        sums[value] = {**cells, None: _added(cells.values())}
    return sums


def _added(cells: Iterable[Cell]) -> Cell:
    found = list(cells)
    names = ("customers", "x", "m", "xx", "xm", "mm", "seen", "users")
    return Cell(
        **{name: sum(getattr(cell, name) for cell in found) for name in names},
        estimated=any(cell.estimated for cell in found),
    )
