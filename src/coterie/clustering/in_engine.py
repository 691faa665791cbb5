"""Passes over all customers where they are: the weighted sample, and the sums of each segment, as aggregate queries.

For an engine whose customers should not, or cannot, stream through memory. Draws and results are those of `points` and
`sweep` on the same customers, up to the order of additions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import reduce
from typing import TYPE_CHECKING, Any

import ibis
import numpy as np

from coterie.clustering.contract import Floats, Points, Tally
from coterie.clustering.luck import luck_of
from coterie.clustering.points import (
    CORE_LUCK,
    UNIFORM,
    UNIFORM_LUCK,
    chance_of,
    coreset_points,
    group_points,
    most_groups,
)

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa

    from coterie.engines import Engine


def sample_in_engine(engine: Engine, space: ir.Table, names: Sequence[str], *, seed: int) -> Points:
    """Keep all customers as weighted points, as `sample_points` does; only the points leave the engine.

    Args:
        engine: Where the customers are.
        space: `row` and the standardised coordinates of those to cluster.
        names: Of the coordinates.
        seed: Of the sampling.

    Raises:
        ValueError: No customers.
    """
    customers = int(_row(engine, space.aggregate(n=space.count()))["n"])
    if customers == 0:
        raise ValueError("there are no customers to cluster")
    limit = most_groups(customers)
    groups = space.group_by(list(names)).aggregate(weight=space.count().cast("float64"))
    # One more than the limit tells that there are too many, without counting them all.
    few = groups.select("weight").limit(limit + 1)
    if _row(engine, few.aggregate(n=few.count()))["n"] <= limit:
        held = _floats(engine.collect(groups), (*names, "weight"))
        return group_points(held[:, :-1], held[:, -1])
    drawn = _floats(engine.collect(_drawn(space, names, customers, seed)), (*names, "chance", "core", "uniform"))
    x, chance = drawn[:, :-3], drawn[:, -3]
    core, uniform = drawn[:, -2] > 0, drawn[:, -1] > 0
    return replace(
        coreset_points([(x[core], 1.0 / chance[core])], [x[uniform]], customers),
        tally=lambda chosen: tally_in_engine(engine, space, names, chosen),
    )


def tally_in_engine(
    engine: Engine, space: ir.Table, names: Sequence[str], chosen: Mapping[int, Floats]
) -> dict[int, Tally]:
    """Assign all customers to the nearest of each k centroids (k, d), one aggregate query for each k."""
    return {k: _tally(engine, space, names, centroids) for k, centroids in chosen.items()}


def _drawn(space: ir.Table, names: Sequence[str], customers: int, seed: int) -> ir.Table:
    """Who is in the coreset, with which chance, and who in the uniform sample, in order of the customers."""
    place = ibis.row_number().over(ibis.window(order_by=space.row)).cast("int64")
    placed = space.select(*names, place=place)
    squares = _sum(placed[name] * placed[name] for name in names)
    chance = ibis.least(chance_of(squares, len(names), customers), 1.0)
    lucky = placed.mutate(
        chance=chance,
        core=ibis.ifelse(luck_of(placed.place, seed, CORE_LUCK) < chance, 1.0, 0.0),
        uniform=ibis.ifelse(luck_of(placed.place, seed, UNIFORM_LUCK) * float(customers) < UNIFORM, 1.0, 0.0),
    )
    return lucky.filter((lucky.core > 0) | (lucky.uniform > 0)).order_by("place").drop("place")


def _tally(engine: Engine, space: ir.Table, names: Sequence[str], centroids: Floats) -> Tally:
    """One pass: |c|^2 / 2 - c.x is least for the nearest centroid, and half the work of a distance."""
    segments = range(len(centroids))
    scores = {
        f"_s{at}": _sum(space[name] * -value for name, value in zip(names, centroids[at].tolist(), strict=True))
        + 0.5 * float(centroids[at] @ centroids[at])
        for at in segments
    }
    squares = _sum(space[name] * space[name] for name in names)
    scored = space.select(*names, _squares=squares, **scores)
    best = ibis.least(*(scored[name] for name in scores)) if len(scores) > 1 else scored["_s0"]
    found = scored.mutate(_best=best)
    nearest = ibis.cases(*((found[f"_s{at}"] == found["_best"], at) for at in segments), else_=0).cast("int64")
    squared = ibis.greatest(found["_best"] * 2.0 + found["_squares"], 0.0)
    placed = found.select(*names, segment=nearest, squared=squared)
    sums = placed.group_by("segment").aggregate(
        **{name: placed[name].sum() for name in names},
        held=placed.count().cast("float64"),
        squared=placed.squared.sum(),
        distance=placed.squared.sqrt().sum(),
    )
    rows = engine.collect(sums)
    total = np.zeros((len(centroids), len(names) + 3))
    total[rows["segment"].to_pylist()] = _floats(rows, (*names, "held", "squared", "distance"))
    return Tally(sums=total[:, :-2], squared=total[:, -2], distance=total[:, -1])


def _sum(values: Iterable[ir.Value]) -> ir.Value:
    return reduce(lambda one, other: one + other, values)


def _row(engine: Engine, expression: ir.Table) -> dict[str, Any]:
    row: dict[str, Any] = engine.collect(expression).to_pylist()[0]
    return row


def _floats(rows: pa.Table, names: Sequence[str]) -> Floats:
    """Columns of numbers as (n, len(names))."""
    return np.stack([np.array(rows[name].to_pylist(), dtype=np.float64) for name in names], axis=1)
