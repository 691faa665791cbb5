"""Order lines as orders: what a shop counts when it says "an order"."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ibis.expr.types as ir


def orders_of(lines: ir.Table) -> ir.Table:
    """One row per order: customer_id, order_id, ordered_on (day of its first sale), sales (money, int64).

    Returns and free items alone are no order; an order given by its total of 0 is one.
    """
    sales = lines.filter(lines.kind == "sale")
    return sales.group_by("customer_id", "order_id").aggregate(
        ordered_on=sales.ordered_on.min(), sales=sales.money.sum().cast("int64")
    )


def in_sequence(orders: ir.Table) -> ir.Table:
    """Orders, each with those of its customer before it; as they are where they have that already.

    Sorting orders by customer and day is dear, and done once: whoever is counted once a month is then the customer of
    an order whose one before is of another month, which is a filter.

    Args:
        orders: One row per order: customer_id, ordered_on (date), and whatever else.

    Returns:
        Besides, earlier (orders before it, 0 for the first; those of a day come one after the other), first_on (day of
        the customer's first) and before_on (day of the one before; NULL for the first).
    """
    if "before_on" in orders.columns:
        return orders
    import ibis

    by_customer = ibis.window(group_by="customer_id", order_by="ordered_on")
    return orders.mutate(
        earlier=ibis.row_number().over(by_customer),
        first_on=orders.ordered_on.first().over(by_customer),
        before_on=orders.ordered_on.lag().over(by_customer),
    )
