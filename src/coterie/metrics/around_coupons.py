"""Sales in the days around the claim of a coupon: what happened, not what the coupon caused.

Who claims a coupon often means to buy anyway, so that a rise after the claim would be there without it too.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from coterie.metrics.contract import CouponDay
from coterie.metrics.sales import in_money

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from coterie.tables.contract import Tables

AROUND = 28
"""Days before and after a claim that are looked at: four whole weeks, so that each day of the week counts the same."""


def around_coupons(tables: Tables, orders: ir.Table, around: int = AROUND) -> tuple[CouponDay, ...]:
    """Mean sales on each day from `around` days before a claim to as many after; described, not causal.

    Only claims whose whole window lies between the first day of the order lines and as-of count. A customer with
    several such claims counts with each of them; `customers` are the different ones. Empty where there is none, or one
    of the tables is missing.

    Args:
        tables: Checked tables.
        orders: `Tables.orders`.
        around: Days on either side.
    """
    if not tables.has_coupons or tables.lines is None:
        return ()
    engine, coupons = tables.engine, tables.coupons
    start = engine.collect(tables.lines.aggregate(day=tables.lines.ordered_on.min())).to_pylist()[0]["day"]
    if start is None:
        return ()
    window = dt.timedelta(days=around)
    inside = coupons.filter((coupons.claimed_on >= start + window) & (coupons.claimed_on <= tables.as_of - window))
    counts = inside.aggregate(claims=inside.count(), customers=inside.customer_id.nunique())
    claims, customers = (int(n) for n in engine.collect(counts).to_pylist()[0].values())
    if not claims:
        return ()
    met = orders.inner_join(inside.select("customer_id", "claimed_on"), "customer_id")
    met = met.select("sales", at=met.ordered_on.delta(met.claimed_on, unit="day").cast("int64"))
    met = met.filter(met["at"].between(-around, around))
    sums = met.group_by("at").aggregate(sales=met.sales.sum().cast("int64"))
    found = {int(row["at"]): int(row["sales"]) for row in engine.collect(sums).to_pylist()}
    return tuple(CouponDay(day, in_money(found.get(day, 0)) / claims, customers) for day in range(-around, around + 1))
