"""Where every customer stands: coordinates, nearest segment, and the list that is delivered."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import reduce
from typing import TYPE_CHECKING, Any

import ibis
import numpy as np

from coterie.clustering import Coordinate, Floats, Rule, assign_nearest, nearest_segment, standardise
from coterie.errors import UsageError
from coterie.features import Described, Learned
from coterie.segmentation.contract import FITS_NO_GROUP, NEVER_ACTIVE
from coterie.tables import load_columns

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa

    from coterie.engines import Engine


LISTED = ("customer_id", "segment", "name", "distance", "margin", "action")
"""Columns with which every customer list begins."""


def axis_names(coordinates: Sequence[Coordinate]) -> tuple[str, ...]:
    """What the columns of the coordinates are called in the engine."""
    return tuple(f"z{place}" for place in range(len(coordinates)))


def space_of(described: Described, coordinates: Sequence[Coordinate], learned: Learned) -> ir.Table:
    """row, active and one float64 column per coordinate, narrow, for the passes over all customers."""
    values = standardise(described.table, coordinates, learned)
    axes = dict(zip(axis_names(coordinates), values, strict=True))
    return described.table.select("row", "active", **axes)


def place(
    described: Described,
    space: ir.Table,
    centroids: Floats,
    *,
    include_inactive: bool,
    engine: Engine | None = None,
    rule: Rule | None = None,
) -> ir.Table:
    """The described table with segment, distance, margin and second (the next nearest segment, NULL without one).

    Customers without any event are segment 0. Without a rule everyone else belongs to the nearest centroid; a rule
    needs the engine, through which the customers stream.
    """
    near = _near(space, centroids, engine, rule)
    # A column of the customers table that happens to be called "segment" must not stand for the segment.
    joined = described.table.drop(*set(near.columns[1:]).intersection(described.table.columns)).inner_join(near, "row")
    if include_inactive:
        return joined
    return joined.mutate(
        segment=ibis.ifelse(joined.active, joined.segment, NEVER_ACTIVE),
        distance=ibis.ifelse(joined.active, joined.distance, ibis.null("float64")),
        margin=ibis.ifelse(joined.active, joined.margin, ibis.null("float64")),
        second=ibis.ifelse(joined.active, joined.second, ibis.null("int64")),
    )


def segments_in(
    space: ir.Table, centroids: Floats, *, include_inactive: bool, engine: Engine, rule: Rule | None = None
) -> ir.Table:
    """Row and segment of everyone in the space, as `place` tells them: the segment alone is a far shorter query."""
    names = axes_in(space)
    if rule is None and names:
        near = nearest_segment(space, names, centroids)
    else:
        near = space.select("row", "active").inner_join(_near(space, centroids, engine, rule), "row")
    segment = near.segment if include_inactive else ibis.ifelse(near.active, near.segment, NEVER_ACTIVE)
    return near.select("row", segment=segment.cast("int64"))


def _near(space: ir.Table, centroids: Floats, engine: Engine | None, rule: Rule | None) -> ir.Table:
    """row, segment, distance, margin and second of everyone, whoever was never active as well."""
    names = axes_in(space)
    if rule is not None and engine is not None:
        refuse_rule(engine, "this algorithm")
        return _place_by_rule(engine, space, names, centroids, rule)
    if names:
        return assign_nearest(space, names, centroids).select("row", "segment", "distance", "margin", "second")
    zero = space.row.cast("float64") * 0.0
    one, none = ibis.literal(1, "int64"), ibis.null("int64")
    return space.select("row", segment=one, distance=zero, margin=zero + 1.0, second=none)


def axes_in(space: ir.Table) -> tuple[str, ...]:
    """The columns of a space that are coordinates."""
    return tuple(name for name in space.columns if name.startswith("z"))


def refuse_rule(engine: Engine, algorithm: str) -> None:
    """Refuse to place customers by a rule of an algorithm where they would have to leave the engine for it."""
    if engine.remote:
        raise UsageError(
            f"Placing every customer by the rule of {algorithm} cannot run on the engine {engine.name}: all of them "
            "would have to leave it. Use k-means or ward, or export the tables and segment the files."
        )


def matrix(batch: pa.RecordBatch, names: Sequence[str]) -> Floats:
    """The float64 columns of a batch as (m, d); straight from their buffers, which does not load pandas."""
    found = np.empty((batch.num_rows, len(names)))
    for at, name in enumerate(names):
        found[:, at] = _column(batch.column(name), np.float64)
    return found


def _place_by_rule(engine: Engine, space: ir.Table, names: Sequence[str], centroids: Floats, rule: Rule) -> ir.Table:
    """row, segment, distance, margin and second of everyone, in blocks through memory and back into the engine."""
    blocks = engine.blocks(space.order_by("row"))
    parts = [load_columns(engine, part) for part in _placed_blocks(blocks, names, centroids, rule)]
    everyone: ir.Table = reduce(lambda one, other: one.union(other), parts)
    return everyone.mutate(second=ibis.ifelse(everyone.second > 0, everyone.second, ibis.null("int64")))


def _placed_blocks(
    blocks: Iterator[pa.RecordBatch], names: Sequence[str], centroids: Floats, rule: Rule
) -> Iterator[dict[str, np.ndarray[Any, Any]]]:
    for batch in blocks:
        found = rule.place(matrix(batch, names), centroids)
        segment = np.where(found.labels >= 0, found.labels + 1, FITS_NO_GROUP)
        yield {
            "row": _column(batch.column("row"), np.int64),
            "segment": segment,
            "distance": found.distance,
            "margin": found.margin,
            "second": found.second + 1,
        }


def _column(column: pa.Array, dtype: type[np.generic]) -> np.ndarray[tuple[int], np.dtype[Any]]:
    values = np.frombuffer(column.buffers()[1], dtype=dtype)
    return values[column.offset : column.offset + len(column)]


def customer_list(
    placed: ir.Table, names: dict[str, str], actions: dict[str, str], more: Sequence[str] = ()
) -> ir.Table:
    """customer_id, segment, name, distance, margin, action, and `more` columns: one row per known customer, sorted."""

    def said(what: dict[str, str]) -> ir.Value:
        return placed.segment.cases(*((int(segment), text) for segment, text in what.items()), else_="")

    told = {"name": said(names), "distance": placed.distance, "margin": placed.margin, "action": said(actions)}
    return placed.select("customer_id", "segment", **told, **{name: placed[name] for name in more}).order_by(
        "customer_id"
    )
