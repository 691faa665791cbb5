"""Exports that tell customer, date and status on the first line of an order only: its other lines have them from it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import ibis

from coterie.engines import composes
from coterie.schema import SHOPIFY, key_of
from coterie.tables.tell import agreeing, counted, tell

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from coterie.engines import Engine
    from coterie.tables.cast import Typed

HEADER = ("customer_id", "order_date")
STATE = ("order_status", "cancelled_at")


def with_header(typed: Typed, engine: Engine) -> Typed:
    """The lines of a recognised export with the customer, date and status that stand on another line of their order.

    Only where all lines of the order that have one agree. Nothing is guessed: the export writes them once.
    """
    named = {name: key_of(typed.raw.original.get(name, "")) for name in ("order_id", "price")}
    exported = all(named[name] == key_of(SHOPIFY.columns[name]) for name in named)
    some = composes(engine)  # rows to come may have gaps where none has now
    gaps = [name for name in HEADER if some or typed.filled.get(name, 0) < typed.rows]
    gaps += [name for name in STATE if typed.has(name) and (some or typed.filled[name] < typed.rows)]
    if not exported or not gaps or not typed.has("order_id"):
        return typed
    table = typed.table
    filled = table.filter(table["order_id"].notnull())
    heads = filled.group_by(_order="order_id").aggregate(
        **{f"_{name}": filled[name].min() for name in gaps},
        **{f"_one_{name}": filled[name].min() == filled[name].max() for name in gaps},
    )
    joined = table.left_join(heads, table["order_id"] == heads["_order"])
    told = {name: ibis.coalesce(table[name], ibis.cases((joined[f"_one_{name}"], joined[f"_{name}"]))) for name in gaps}
    told = {name: value.cast(table[name].type()) for name, value in told.items()}
    taken: ir.BooleanValue = ibis.literal(False)
    for name in [name for name in gaps if name in HEADER]:
        taken = taken | (table[name].isnull() & told[name].notnull())
    columns = {name: told.get(name, table[name]) for name in table.columns}
    lines = engine.keep(joined.select(**columns, _taken=taken))
    count = int(engine.collect(lines.aggregate(n=lines["_taken"].sum().fill_null(0))).to_pylist()[0]["n"])
    typed = replace(typed, table=lines.drop("_taken"))
    if not count:
        return typed
    message = (
        f"{counted(count)} of {typed.raw.name} {agreeing(count)['have']} no customer or date, which "
        f"{'stands' if count == 1 else 'stand'} on another line of the order, as {SHOPIFY.program} writes them"
    )
    note = tell("order_header", typed.raw, count, message=message)
    return replace(typed, notes=(*typed.notes, note))
