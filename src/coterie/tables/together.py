"""Several tables of the same columns as one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ibis.expr.types as ir


def together(tables: Sequence[ir.Table]) -> ir.Table:
    """All rows, those of each table after those of the one before; `ibis.union` shuffles its tables."""
    same = list(tables)
    while len(same) > 1:  # in pairs, so that a thousand tables do not nest a thousand deep
        same = [same[at].union(same[at + 1]) if at + 1 < len(same) else same[at] for at in range(0, len(same), 2)]
    return same[0]
