"""What the customers and events looked at add up to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from coterie.explore.contract import Figures
from coterie.metrics import in_money, quotient

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from coterie.engines import Engine
    from coterie.explore.looked_at import Events

Sums = tuple["ir.Table", Mapping[str, "ir.Value"]]
"""Rows, and what is added up over them: a field of `Figures` each."""


def figures_of(engine: Engine, parts: Sequence[Sums], of: int) -> Figures:
    """What these add up to."""
    found: dict[str, int] = {}
    for rows, sums in _merged(parts):
        found |= _whole(engine.collect(rows.aggregate(**sums)).to_pylist()[0])
    return _told(of, found)


def segment_figures_of(engine: Engine, parts: Sequence[Sums], of: Mapping[int, int]) -> dict[int, Figures]:
    """The same of each segment in `of`: segment -> all its customers; one without a row has 0 of everything."""
    found = {segment: {name: 0 for _, sums in parts for name in sums} for segment in of}
    for rows, sums in _merged(parts):
        for row in engine.collect(rows.group_by("segment").aggregate(**sums)).to_pylist():
            found[row.pop("segment")] |= _whole(row)
    return {segment: _told(of[segment], own) for segment, own in found.items()}


def sums_of_people(people: ir.Table, *, coupons: bool, orders: bool) -> Sums:
    """Customers with all their events, which were added up customer by customer when the shop was opened."""
    acted = (people.orders if orders else people.coupons).fill_null(0) > 0
    summed = ["coupons", "burnt"] if coupons else []
    summed += ["orders", "sales", "returns"] if orders else []
    sums = {name: people[name].sum().cast("int64") for name in summed}
    return people, {"customers": people.count(), "active": acted.sum(), **sums}


def sums_of_events(events: Events, *, by_segment: bool) -> list[Sums]:
    """Some events; the customers who have any of them are told by `of_seen` or `of_first`."""
    parts: list[Sums] = []
    if events.coupons is not None:
        coupons = events.coupons
        parts.append((coupons, {"coupons": coupons.count(), "burnt": (coupons.status == "burnt").sum()}))
    if events.lines is not None:
        returned = events.lines.filter(events.lines.kind == "return")
        orders = _formed(events.lines, by_segment=by_segment) if events.orders is None else events.orders
        parts.append((orders, {"orders": orders.count(), "sales": orders.sales.sum().cast("int64")}))
        parts.append((returned, {"returns": -returned.money.sum().cast("int64")}))
    return parts


def of_seen(seen: ir.Table) -> Sums:
    """The customers of `seen_in`."""
    return seen, {"customers": seen.count(), "active": seen.acted.sum()}


def of_first(coupons: ir.Table, first: ir.BooleanValue) -> Sums:
    """The customers of coupons alone, by the first coupon of each (`first_coupons`): nobody need be told apart."""
    return coupons, {"customers": first.sum(), "active": first.sum()}


def _formed(lines: ir.Table, *, by_segment: bool) -> ir.Table:
    """Sales of each order; a group for each is counted sooner than different numbers are."""
    sold = lines.filter(lines.kind == "sale")
    order = ("segment", "order_id") if by_segment else ("order_id",)
    return sold.group_by(order).aggregate(sales=sold.money.sum().cast("int64"))


def _merged(parts: Sequence[Sums]) -> list[Sums]:
    """What is added up over the same rows is added up in one pass."""
    found: list[Sums] = []
    for rows, sums in parts:
        if found and found[-1][0] is rows:
            found[-1] = rows, {**found[-1][1], **sums}
        else:
            found.append((rows, sums))
    return found


def _whole(row: Mapping[str, Any]) -> dict[str, int]:
    return {name: int(number or 0) for name, number in row.items()}


def _told(of: int, sums: dict[str, int]) -> Figures:
    coupons, burnt, orders = sums.get("coupons"), sums.get("burnt"), sums.get("orders")
    sales, returns = (in_money(sums[name]) if name in sums else None for name in ("sales", "returns"))
    return Figures(
        customers=sums["customers"],
        of=of,
        active=sums["active"],
        coupons=coupons,
        burnt=burnt,
        burn_rate=quotient(burnt, coupons),
        orders=orders,
        sales=sales,
        returns=returns,
        aov=quotient(sales, orders),
    )
