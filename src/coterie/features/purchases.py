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
