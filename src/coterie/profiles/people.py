"""What the profiles need to know of each customer beside the features: whether there are coupons, orders, returns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis

from coterie.tables.contract import MONEY

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from coterie.tables.contract import Tables

SALES, RETURNS, ONLY_RETURNS, ONLY_FREE, GAP = "_sales", "_returns", "_only_returns", "_only_free", "_gap"
ADDED = (SALES, RETURNS, ONLY_RETURNS, ONLY_FREE, GAP)
"""Columns that `with_orders` adds."""


def has_coupons(assigned: ir.Table) -> bool:
    """Whether the customers were described by their coupons."""
    return "transaction_count" in assigned.columns


def has_orders(assigned: ir.Table) -> bool:
    """Whether the customers were described by their orders."""
    return "order_count" in assigned.columns


def with_orders(tables: Tables, assigned: ir.Table) -> ir.Table:
    """The customers, kept in the engine, with what their order lines add up to; as they are where there are no orders.

    Adds _sales and _returns (int64, in parts of `MONEY`; 0 for those without), _only_returns and _only_free (no order,
    but something returned, or free items alone) and _gap (mean days between order days, float64; NULL with fewer than
    two of them).
    """
    lines, orders = tables.lines, tables.orders
    if lines is None or orders is None or not has_orders(assigned):
        return assigned
    sums = lines.group_by("customer_id").aggregate(
        sales=lines.money.sum(where=lines.kind == "sale").cast("int64"),
        returns=lines.money.sum(where=lines.kind == "return").cast("int64"),
        sold=lines.count(where=lines.kind == "sale"),
        returned=lines.count(where=lines.kind == "return"),
    )
    found = sums.select(
        "customer_id",
        **{
            SALES: ibis.coalesce(sums.sales, 0),
            RETURNS: -ibis.coalesce(sums.returns, 0),
            ONLY_RETURNS: (sums.sold == 0) & (sums.returned > 0),
            ONLY_FREE: (sums.sold == 0) & (sums.returned == 0),
        },
    )
    # An attribute may have such a name; it is hidden.
    known = assigned.drop(*({*ADDED} & {*assigned.columns}))
    joined = known.left_join(found, "customer_id").drop("customer_id_right")
    joined = joined.left_join(_gaps(orders), "customer_id").drop("customer_id_right")
    nothing = {name: ibis.coalesce(joined[name], 0) for name in (SALES, RETURNS)}
    nothing |= {name: ibis.coalesce(joined[name], False) for name in (ONLY_RETURNS, ONLY_FREE)}
    return tables.engine.keep(joined.mutate(**nothing), order_by=("row",))


def in_currency(money: ir.Value) -> ir.Value:
    """An amount in the currency's unit from one in parts of it."""
    return money.cast("float64") / MONEY


def _gaps(orders: ir.Table) -> ir.Table:
    """customer_id and gap, of those with orders on two days or more."""
    days = orders.group_by("customer_id").aggregate(
        first=orders.ordered_on.min(),
        last=orders.ordered_on.max(),
        days=orders.count(where=orders.before_on.isnull() | (orders.before_on < orders.ordered_on)),
    )
    days = days.filter(days.days > 1)
    span = days["last"].delta(days["first"], unit="day")
    return days.select("customer_id", **{GAP: span.cast("float64") / (days.days - 1)})
