"""What segments are found in: the coordinates of all customers, and the weighted sample of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from coterie.clustering import Coordinate, Floats, Points, sample_in_engine, sample_points
from coterie.segmentation.place import axes_in, matrix, space_of
from coterie.tables import keep_by_rows

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from coterie.engines import Engine
    from coterie.features import Described


def kept_space(engine: Engine, described: Described, coordinates: Sequence[Coordinate]) -> ir.Table:
    """The space of the described customers, kept in the engine in the order of `row`."""
    return keep_by_rows(
        engine,
        lambda some: space_of(replace(described, table=some(described.table)), coordinates, described.learned),
        customers=described.customers,
    )


def points_of(engine: Engine, space: ir.Table, described: Described, *, include_inactive: bool, seed: int) -> Points:
    """The weighted sample of the customers to cluster, drawn where they are or as they stream by.

    Where they stream, the points may read all of them again: the space stays kept as long as the points are used.
    """
    names = axes_in(space)
    people = space if include_inactive else space.filter(space.active)
    if engine.remote:
        return sample_in_engine(engine, people, names, seed=seed)
    ordered = people.order_by("row").select(*names)

    def blocks() -> Iterator[Floats]:
        for batch in engine.blocks(ordered):
            yield matrix(batch, names)

    customers = described.customers if include_inactive else described.active
    return sample_points(blocks, seed=seed, customers=customers)
