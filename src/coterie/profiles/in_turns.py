"""Medians and quantiles of many features, few at a time in a large shop: each holds all its values in memory."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from coterie.engines import Engine

HELD = 10_000_000
"""Values held at once, 80 MB and while they are gathered twice that."""


def aggregate_in_turns(
    engine: Engine,
    table: ir.Table,
    plain: Mapping[str, ir.Value],
    holding: Mapping[str, ir.Value],
    *,
    customers: int,
    by: str | None = None,
) -> list[Mapping[str, Any]]:
    """Aggregates of the table, one row, or one for each value of a column: in one query as long as the shop is small.

    Args:
        engine: Where the table is.
        table: One row per customer.
        plain: Name -> aggregate of fixed size, such as a sum.
        holding: Name -> aggregate that keeps every value, such as a median.
        customers: How many there are.
        by: The column.
    """
    few = max(1, HELD // max(customers, 1))
    names = list(holding)
    turns = [{**plain, **{name: holding[name] for name in names[:few]}}]
    turns += [{name: holding[name] for name in names[at : at + few]} for at in range(few, len(names), few)]
    rows: dict[Any, dict[str, Any]] = {}
    for turn in turns:
        asked = table.group_by(by).aggregate(**turn) if by else table.aggregate(**turn)
        for row in engine.collect(asked).to_pylist():
            rows.setdefault(row[by] if by else None, {}).update(row)
    return list(rows.values())
