"""Coordinates that follow exactly from others: they say nothing new and count twice in every distance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from coterie.engines import Engine

EXACT = 1e-9
"""Share of a column's variance that the others may leave unexplained before it counts as a column of its own."""


@dataclass(frozen=True)
class Dependence:
    """Place of a column that follows from earlier ones, and their places."""

    place: int
    follows_from: tuple[int, ...]


def find_dependence(engine: Engine, table: ir.Table, columns: Sequence[str]) -> tuple[Dependence, ...]:
    """Which standardised columns are linear combinations of earlier ones, over all rows of the table.

    Found by rank: each column is projected on those before it that are independent (one query for all products, then
    least squares on the small matrix).

    Example:
        >>> from coterie.engines import open_engine
        >>> import pyarrow as pa
        >>> rows = pa.table({"a": [1.0, -1.0, 0.0], "b": [0.0, 1.0, -1.0], "c": [1.0, 0.0, -1.0]})
        >>> engine = open_engine()
        >>> find_dependence(engine, engine.load(rows.to_batches(), rows.schema), ["a", "b", "c"])
        (Dependence(place=2, follows_from=(0, 1)),)
    """
    if len(columns) < 2:
        return ()
    pairs = [(one, other) for one in range(len(columns)) for other in range(one, len(columns))]
    products = {f"p{one}_{other}": (table[columns[one]] * table[columns[other]]).mean() for one, other in pairs}
    found = engine.collect(table.aggregate(**products)).to_pylist()[0]
    gram = np.zeros((len(columns), len(columns)))
    for one, other in pairs:
        gram[one, other] = gram[other, one] = found[f"p{one}_{other}"]
    kept: list[int] = []
    dependent: list[Dependence] = []
    for place in range(len(columns)):
        weights = np.linalg.solve(gram[np.ix_(kept, kept)], gram[kept, place]) if kept else np.zeros(0)
        left = gram[place, place] - weights @ gram[kept, place]
        if left > EXACT * gram[place, place]:
            kept.append(place)
        else:
            follows = tuple(earlier for earlier, weight in zip(kept, weights, strict=True) if abs(weight) > 1e-6)
            dependent.append(Dependence(place, follows))
    return tuple(dependent)
