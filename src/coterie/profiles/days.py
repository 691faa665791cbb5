"""Coupons by segment, status, day of claim and day of burn: one pass over them, shared by curves and months."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from coterie.tables.contract import Tables


def coupons_by_day(tables: Tables, assigned: ir.Table) -> ir.Table:
    """Kept in the engine: segment, status, claimed_on, burnt_on (NULL where unknown or open) and coupons, a count.

    Every coupon is in it once, since customers met in the coupons only are known customers too.
    """
    coupons = tables.coupons.join(assigned.select("customer_id", "segment"), "customer_id")
    keys = ["segment", "status", "claimed_on", "burnt_on"]
    return tables.engine.keep(coupons.group_by(keys).aggregate(coupons=coupons.count()))
