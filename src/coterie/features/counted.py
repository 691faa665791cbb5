"""What every customer did, counted in the engine; in a very large shop some customers after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis

from coterie.engines import composes
from coterie.features.aggregates import aggregate
from coterie.tables import together

if TYPE_CHECKING:
    from collections.abc import Callable

    import ibis.expr.types as ir

    from coterie.features.contract import BurnCurveTable
    from coterie.tables.contract import Tables

AT_ONCE = 100_000_000
"""Rows counted at once. The embedded engine holds a customer with all that is counted once for each thread and stretch
of rows, and puts on disk what its memory does not hold: more than 60 GB where a thousand million rows are counted."""

DRAWN = 10_000
"""Rows drawn, whose customers tell where to part the others."""


def counted(tables: Tables, curve: BurnCurveTable, *, wanted: frozenset[str]) -> list[ir.Table]:
    """`aggregate`, kept in the engine in the order of customer_id: in one table, or in several one after the other."""
    engine = tables.engine
    parts = [tables] if engine.remote or composes(engine) else _parted(tables)
    return [engine.keep(aggregate(part, curve, wanted=wanted), order_by=("customer_id",)) for part in parts]


def _parted(tables: Tables) -> list[Tables]:
    """The tables by ranges of customer_id, each with about AT_ONCE rows of events at most."""
    events = {"transactions": tables.coupons if tables.has_coupons else None, "orders": tables.lines}
    ids = [rows.select("customer_id") for rows in events.values() if rows is not None]
    used = sum(count.rows_used for name, count in tables.quality.tables.items() if name in events)
    number = -(-used // AT_ONCE)
    if number < 2:
        return [tables]
    # Which rows are drawn changes where the parts end, and nothing else.
    drawn = sorted(tables.engine.collect(together(ids).filter(ibis.random() < DRAWN / used))["customer_id"].to_pylist())
    bounds = sorted({drawn[len(drawn) * part // number] for part in range(1, number)}) if drawn else []
    return [tables.of_customers(_from(low, high)) for low, high in zip([None, *bounds], [*bounds, None], strict=True)]


def _from(low: int | str | None, high: int | str | None) -> Callable[[ir.Column], ir.BooleanValue]:
    """Whether an id is in a range; its end is not in it, and None has none."""

    def fits(customer_id: ir.Column) -> ir.BooleanValue:
        begun = ibis.literal(True) if low is None else customer_id >= low
        return begun if high is None else begun & (customer_id < high)

    return fits
