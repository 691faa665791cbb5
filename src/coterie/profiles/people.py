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
    # An attribute may have such a name; it is hidden.
    known = assigned.drop(*({*ADDED} & {*assigned.columns}))
    joined = known.left_join(_bought(orders), "customer_id").drop("customer_id_right")
    joined = joined.left_join(_the_rest(lines), "customer_id").drop("customer_id_right")
    # NULL where every line is a sale.
    never, returned = joined[SALES].isnull(), joined[ONLY_RETURNS]
    added = {name: ibis.coalesce(joined[name], 0) for name in (SALES, RETURNS)}
    added[ONLY_RETURNS] = ibis.coalesce(never & returned, False)
    added[ONLY_FREE] = ibis.coalesce(never & ~returned, False)
    return tables.engine.keep(joined.mutate(**added), order_by=("row",))


def in_currency(money: ir.Value) -> ir.Value:
    """An amount in the currency's unit from one in parts of it."""
    return money.cast("float64") / MONEY


def _bought(orders: ir.Table) -> ir.Table:
    """customer_id, _sales and _gap of everybody with an order."""
    each = orders.group_by("customer_id").aggregate(
        sales=orders.sales.sum().cast("int64"),
        first=orders.ordered_on.min(),
        last=orders.ordered_on.max(),
        days=orders.count(where=orders.before_on.isnull() | (orders.before_on < orders.ordered_on)),
    )
    span = each["last"].delta(each["first"], unit="day").cast("float64")
    return each.select("customer_id", **{SALES: each.sales, GAP: span / (each.days - 1).nullif(0)})


def _the_rest(lines: ir.Table) -> ir.Table:
    """customer_id, _returns and, as _only_returns, whether there are any, of everybody with a line that is no sale."""
    rest = lines.filter(lines.kind != "sale")
    returned = rest.kind == "return"
    back = rest.money.sum(where=returned).cast("int64")
    return rest.group_by("customer_id").aggregate(**{RETURNS: -ibis.coalesce(back, 0), ONLY_RETURNS: returned.any()})
