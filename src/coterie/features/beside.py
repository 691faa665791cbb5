"""Two tables of customers side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis

if TYPE_CHECKING:
    import ibis.expr.types as ir


def beside(one: ir.Table, other: ir.Table) -> ir.Table:
    """Both tables by customer_id, with the customers of either; NULL where a customer is not in one of them."""
    both = one.outer_join(other, "customer_id")
    return both.mutate(customer_id=ibis.coalesce(both.customer_id, both.customer_id_right)).drop("customer_id_right")
