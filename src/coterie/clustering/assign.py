"""Assign every customer to the nearest centroid, in the engine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import ibis

from coterie.clustering.contract import Floats

if TYPE_CHECKING:
    import ibis.expr.types as ir


def assign_nearest(table: ir.Table, coordinates: Sequence[str], centroids: Floats) -> ir.Table:
    """The table with segment (1..k), distance to its centroid, margin and second (the next nearest segment) added.

    Args:
        table: Holds the standardised coordinates under these names.
        coordinates: Their names, d of them.
        centroids: (k, d), in segment order.

    The lowest segment wins ties, as numpy's argmin does. Margin is (second distance - distance) / their sum: 0 on a
    border, 1 on a centroid. Where there is one segment only, margin is 1 and second NULL.
    """
    found, names = _measured(table, coordinates, centroids)
    if len(names) == 1:
        # A bare 1.0 would be a decimal to the engine.
        alone = ibis.null("int64")
        placed = found.mutate(distance=found["_best"].sqrt(), margin=found["_best"] * 0.0 + 1.0, second=alone)
    else:
        others = (
            ibis.ifelse(found.segment == place, float("inf"), found[name]) for place, name in enumerate(names, start=1)
        )
        second = found.mutate(_second=ibis.least(*others))
        near, far = second["_best"].sqrt(), second["_second"].sqrt()
        total = near + far
        margin = ibis.ifelse(total > 0, (far - near) / ibis.ifelse(total > 0, total, 1.0), 0.0)
        neighbours = (
            ((second.segment != place) & (second[name] == second["_second"]), place)
            for place, name in enumerate(names, start=1)
        )
        neighbour = ibis.cases(*neighbours, else_=ibis.null("int64")).cast("int64")
        placed = second.mutate(distance=near, margin=margin, second=neighbour).drop("_second")
    return placed.drop("_best", *names)


def nearest_segment(table: ir.Table, coordinates: Sequence[str], centroids: Floats) -> ir.Table:
    """As `assign_nearest`, the segment alone: a far shorter query."""
    found, names = _measured(table, coordinates, centroids)
    return found.drop("_best", *names)


def _measured(table: ir.Table, coordinates: Sequence[str], centroids: Floats) -> tuple[ir.Table, list[str]]:
    """The table with the squared distance to each centroid, the least of them (_best) and its segment; their names."""
    squares = {
        f"_d{place}": sum(
            ((table[name] - float(value)) ** 2 for name, value in zip(coordinates[1:], centroid[1:], strict=True)),
            start=(table[coordinates[0]] - float(centroid[0])) ** 2,
        )
        for place, centroid in enumerate(centroids, start=1)
    }
    measured = table.mutate(**squares)
    names = list(squares)
    best = ibis.least(*(measured[name] for name in names)) if len(names) > 1 else measured[names[0]]
    found = measured.mutate(_best=best)
    branches = ((found[name] == found["_best"], place) for place, name in enumerate(names, start=1))
    found = found.mutate(segment=ibis.cases(*branches, else_=1).cast("int64"))
    return found, names
