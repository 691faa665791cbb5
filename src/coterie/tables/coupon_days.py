"""Coupons counted by segment, status, day of claim and day of burn: a small cube in place of all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from coterie.tables.contract import Tables


def coupons_by_day(tables: Tables, assigned: ir.Table | None) -> ir.Table:
    """Kept in the engine: segment, status, claimed_on, burnt_on (NULL where unknown or open) and coupons, a count.

    One pass over the coupons, which curves, months and sums then share.

    Args:
        tables: Checked tables with coupons.
        assigned: customer_id (unique) and segment; the segment is NULL of customers who are not in it, and of all if
            None.
    """
    keys = ["segment", "status", "claimed_on", "burnt_on"]
    own = [name for name in ("customer_id", *keys) if name in tables.coupons.columns]
    coupons = with_segment(tables.coupons.select(*own), assigned)
    return tables.engine.keep(coupons.group_by(keys).aggregate(coupons=coupons.count()))


def with_segment(rows: ir.Table, assigned: ir.Table | None) -> ir.Table:
    """The rows with the segment of their customer_id; NULL where there is none, which counts among all customers.

    Events that carry the segment of their customer stay as they are: a join for all of them is what takes longest.
    """
    import ibis  # takes a second, which who only asks for help does not have

    if "segment" in rows.columns:
        return rows
    if assigned is None:
        return rows.mutate(segment=ibis.null("int64"))
    there = assigned.select(_customer=assigned.customer_id, segment=assigned.segment)
    joined = rows.left_join(there, rows.customer_id == there["_customer"])
    return joined.drop("_customer")
