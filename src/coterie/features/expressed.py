"""Features of customers by numbers learned before, for a query that goes on from them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from coterie.features.aggregates import aggregate
from coterie.features.catalogue import available
from coterie.features.describe import typed
from coterie.features.expected import LOOKED_UP, refuse_untold, with_orders_if_alive

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from coterie.features.contract import Learned
    from coterie.tables.contract import Tables


def expressed(tables: Tables, names: Sequence[str], learned: Learned) -> ir.Table:
    """customer_id, active and these features of every known customer, as in `describe`; lazy and in no order.

    Nothing else is counted, and nothing kept but where a lifetime model is looked up.

    Raises:
        DataError: A feature that the lifetime model does not tell.
    """
    refuse_untold(names, learned.lifetime)
    entries = available(tables)
    people = aggregate(tables, learned.burn_curve, wanted=frozenset(names))
    if learned.lifetime is not None and not set(LOOKED_UP).isdisjoint(names):
        people = with_orders_if_alive(tables.engine, tables.engine.keep(people), learned.lifetime)
    return people.select("customer_id", "active", **{name: typed(entries[name], people, learned) for name in names})
