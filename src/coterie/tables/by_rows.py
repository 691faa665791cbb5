"""Keep what very many customers have some of them at a time: what is put in order has to fit into memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from coterie.engines import composes
from coterie.tables.together import together

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from coterie.engines import Engine

AT_ONCE = 10_000_000
"""Customers put in order at once."""

Some = Callable[["ir.Table"], "ir.Table"]
"""Lets some rows of a table through, by their `row`."""


def keep_by_rows(engine: Engine, of: Callable[[Some], ir.Table], *, customers: int, order_by: str = "row") -> ir.Table:
    """Keep, in the order of `row`, what `of` makes of some rows: of all at once, or in a large shop range by range.

    Args:
        engine: See `in_ranges`.
        of: Makes a table of the tables it is given, each through `Some`; a row of it depends on the same row alone.
        customers: Rows there are, numbered from 0.
        order_by: A column of what `of` makes that rises with `row`.
    """
    return together([engine.keep(of(some), order_by=(order_by,)) for some in in_ranges(engine, customers)])


def in_ranges(engine: Engine, customers: int) -> list[Some]:
    """All rows, or ranges of at most AT_ONCE where there are more; a shared engine has all rows at once."""
    if customers <= AT_ONCE or engine.remote or composes(engine):
        return [_all]
    return [_from(low) for low in range(0, customers, AT_ONCE)]


def _from(low: int) -> Some:
    return lambda table: table.filter((table.row >= low) & (table.row < low + AT_ONCE))


def _all(table: ir.Table) -> ir.Table:
    return table
