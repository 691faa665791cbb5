"""Which order lines are of an order that was cancelled or refunded in full, and go aside with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from coterie.engines import Engine
    from coterie.settings import ReadSettings
    from coterie.tables.cast import Typed


def with_called_off(
    typed: Typed,
    order_id: ir.StringValue,
    back: ir.BooleanValue,
    amount: ir.FloatingValue,
    settings: ReadSettings,
    engine: Engine,
) -> tuple[ir.Table, ir.BooleanValue]:
    """The table, and whether each line is called off; none is where the settings keep cancelled orders.

    A line given back (`back`) goes aside with the sale that it belongs to, so that a refund is not taken off twice; it
    stays a return where no sale of its order is called off. Where only some are, those go that are called off too.
    """
    table = typed.table
    if settings.keep_cancelled_orders or not (typed.has("order_status") or typed.has("cancelled_at")):
        return table, ibis.literal(False)
    off = _says_so(typed, settings)
    sale = ~back & (amount > 0).fill_null(False)
    lines = table.select(_who="customer_id", _order=order_id, gone=sale & off, left=sale & ~off, back=back)
    orders = lines.group_by("_who", "_order").aggregate(
        _gone=lines["gone"].any(), _left=lines["left"].any(), back=lines["back"].any()
    )
    orders = engine.keep(orders.filter(orders["_gone"] & orders["back"]).drop("back"))
    joined = table.left_join(orders, [table["customer_id"] == orders["_who"], order_id == orders["_order"]])
    along = joined["_gone"].fill_null(False) & (off | ~joined["_left"])
    return joined, ibis.cases((back, along), else_=off)


def _says_so(typed: Typed, settings: ReadSettings) -> ir.BooleanValue:
    """Whether the line has a day of cancellation or such a status; nothing is known yet of a day after a set as-of."""
    table = typed.table
    off: ir.BooleanValue = ibis.literal(False)
    if typed.has("order_status"):
        off = (table["order_status"] == "cancelled").fill_null(False)
    if typed.has("cancelled_at"):
        day = table["cancelled_at"]
        off = off | day.notnull()
        if settings.as_of is not None:
            off = off & ~(day > settings.as_of).fill_null(False)
    return off
