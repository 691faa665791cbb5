"""Where every customer stands: coordinates, nearest segment, and the list that is delivered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import ibis

from coterie.clustering import Coordinate, Floats, assign_nearest, standardise
from coterie.features import Described, Learned
from coterie.segmentation.contract import NEVER_ACTIVE

if TYPE_CHECKING:
    import ibis.expr.types as ir


def axis_names(coordinates: Sequence[Coordinate]) -> tuple[str, ...]:
    """What the columns of the coordinates are called in the engine."""
    return tuple(f"z{place}" for place in range(len(coordinates)))


def space_of(described: Described, coordinates: Sequence[Coordinate], learned: Learned) -> ir.Table:
    """row, active and one float64 column per coordinate, narrow, for the passes over all customers."""
    values = standardise(described.table, coordinates, learned)
    axes = dict(zip(axis_names(coordinates), values, strict=True))
    return described.table.select("row", "active", **axes)


def place(described: Described, space: ir.Table, centroids: Floats, *, include_inactive: bool) -> ir.Table:
    """The described table with segment, distance and margin; customers without any event are segment 0."""
    names = tuple(name for name in space.columns if name.startswith("z"))
    if names:
        near = assign_nearest(space, names, centroids).select("row", "segment", "distance", "margin")
    else:
        zero = space.row.cast("float64") * 0.0
        near = space.select("row", segment=ibis.literal(1, "int64"), distance=zero, margin=zero + 1.0)
    joined = described.table.inner_join(near, "row")
    if include_inactive:
        return joined
    return joined.mutate(
        segment=ibis.ifelse(joined.active, joined.segment, NEVER_ACTIVE),
        distance=ibis.ifelse(joined.active, joined.distance, ibis.null("float64")),
        margin=ibis.ifelse(joined.active, joined.margin, ibis.null("float64")),
    )


def customer_list(placed: ir.Table, names: dict[str, str], actions: dict[str, str]) -> ir.Table:
    """customer_id, segment, name, distance, margin, action: one row per known customer, sorted."""

    def said(what: dict[str, str]) -> ir.Value:
        return placed.segment.cases(*((int(segment), text) for segment, text in what.items()), else_="")

    return placed.select(
        "customer_id", "segment", name=said(names), distance=placed.distance, margin=placed.margin, action=said(actions)
    ).order_by("customer_id")
