"""The tables of several earlier days in one, so that one query answers for all of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from coterie.tables.known_at import known_at

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from coterie.tables.contract import Tables

_WIDTH = 4


def stacked(tables: Tables, days: Sequence[dt.date]) -> Tables:
    """What was known at the end of each day, as if every day had customers of its own, kept in the engine.

    The dates of a copy are moved so far that its day becomes the as-of of the tables: ages, recency and exposure are
    then those of its day. `customer_id` is text, from which `day_and_customer` tells the day and the customer.

    Raises:
        UsageError: A day is later than the tables' as-of.
    """
    import ibis

    then = [known_at(tables, day) for day in days]
    shifts = [(tables.as_of - day).days for day in days]
    engine = tables.engine

    def together(copies: Sequence[ir.Table], dates: tuple[str, ...]) -> ir.Table:
        parts = [_copy(at, copy, shift, dates) for at, (copy, shift) in enumerate(zip(copies, shifts, strict=True))]
        kept: ir.Table = engine.keep(parts[0] if len(parts) == 1 else ibis.union(*parts, distinct=False))
        return kept

    lines = [one.lines for one in then if one.lines is not None]
    return replace(
        tables,
        customers=together([one.customers for one in then], ("join_date",)),
        coupons=together([one.coupons for one in then], ("claimed_on", "burnt_on", "expires_on")),
        lines=together(lines, ("ordered_on",)) if lines else None,
    )


def day_and_customer(customer_id: ir.StringValue) -> tuple[ir.IntegerValue, ir.StringValue]:
    """From an id of `stacked` to the place of its day and the customer's own id, as text."""
    return customer_id.substr(0, _WIDTH).cast("int64"), customer_id.substr(_WIDTH)


def _copy(at: int, table: ir.Table, shift: int, dates: tuple[str, ...]) -> ir.Table:
    import ibis

    moved = {name: (table[name] + ibis.interval(days=shift)).cast("date") for name in dates} if shift else {}
    own = ibis.literal(f"{at:0{_WIDTH}d}") + table.customer_id.cast("string")
    return table.mutate(customer_id=own, **moved)
