"""What the customers and events looked at add up to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coterie.explore.contract import Figures
from coterie.metrics import in_money, quotient

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from coterie.engines import Engine
    from coterie.explore.looked_at import Events


def figures_of_customers(engine: Engine, people: ir.Table, of: int, *, coupons: bool, orders: bool) -> Figures:
    """Of customers with all their events, which were added up customer by customer when the shop was opened."""
    acted = (people.orders if orders else people.coupons).fill_null(0) > 0
    summed = ["coupons", "burnt"] if coupons else []
    summed += ["orders", "sales", "returns"] if orders else []
    sums = {name: people[name].sum().cast("int64") for name in summed}
    row = engine.collect(people.aggregate(customers=people.count(), active=acted.sum(), **sums)).to_pylist()[0]
    return _told(of, {name: int(number or 0) for name, number in row.items()})


def figures_of_events(engine: Engine, seen: ir.Table, events: Events, of: int) -> Figures:
    """Of some events, and of the customers who have any of them (`seen_in`)."""
    found: dict[str, int] = {}
    parts = [seen.aggregate(customers=seen.count(), active=seen.acted.sum())]
    if events.coupons is not None:
        coupons = events.coupons
        parts.append(coupons.aggregate(coupons=coupons.count(), burnt=(coupons.status == "burnt").sum()))
    if events.lines is not None:
        returned = events.lines.filter(events.lines.kind == "return")
        orders = _formed(events.lines) if events.orders is None else events.orders
        parts.append(orders.aggregate(orders=orders.count(), sales=orders.sales.sum().cast("int64")))
        parts.append(returned.aggregate(returns=-returned.money.sum().cast("int64")))
    for part in parts:
        found |= {name: int(number or 0) for name, number in engine.collect(part).to_pylist()[0].items()}
    return _told(of, found)


def _formed(lines: ir.Table) -> ir.Table:
    """Sales of each order; a group for each is counted sooner than different numbers are."""
    sold = lines.filter(lines.kind == "sale")
    return sold.group_by("order_id").aggregate(sales=sold.money.sum().cast("int64"))


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
