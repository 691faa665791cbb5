"""The customers that are judged: at most 5,000 drawn with equal chances, with what they did, in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import ibis
import numpy as np

from coterie.clustering import Column, generator
from coterie.features import Aggregates, Events, Feature, Learned, evaluate, events_of

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa
    from numpy.typing import NDArray

    from coterie.features import Described
    from coterie.tables import Tables

CUSTOMERS = 5_000
"""Most customers that are judged."""

BEHAVIOUR = ("coupons", "orders", "rhythm", "breadth")
"""Families of features that are computed from coupons and orders, so that halves of them can be compared."""


@dataclass(frozen=True)
class Sample:
    """Customers with a coupon or an order, each as likely to be here as any other.

    Attributes:
        rows: (n,) their `row` in the described table, ascending.
        events: Their coupons and orders.
        others: Feature -> (n,) values of those features that do not come from events in memory (people, attributes,
            favourites).
        of: How many such customers there are in all.
    """

    rows: NDArray[np.int64]
    events: Events
    others: Mapping[str, Column]
    of: int

    @property
    def customers(self) -> int:
        """How many were drawn."""
        return len(self.rows)

    def narrowed(self, customers: NDArray[np.int64], events: Events) -> Sample:
        """Some of the customers, by their places, with these events of theirs."""
        others: dict[str, Column] = {name: column[customers] for name, column in self.others.items()}
        return replace(self, rows=self.rows[customers], events=events, others=others)


def draw_sample(tables: Tables, described: Described, seed: int, most: int = CUSTOMERS) -> Sample:
    """Draw at most `most` of the active customers; the same for the same customers and seed, in any engine."""
    engine, table = tables.engine, described.table
    chosen = _chosen(described, seed, most)
    found = table.filter(table.active)
    if chosen is not None:
        picked = engine.load([_batch(chosen)], _batch(chosen).schema)
        found = found.inner_join(picked, found.row == picked.picked)
    order = ibis.window(order_by=found.row)
    others = [entry.name for entry in described.features if not in_memory(entry)]
    attributes = {name: found[name] for name in others}
    columns = {"customer_id": found.customer_id, "join_date": found.join_date, "at": found.row}
    if chosen is not None:
        columns["luck"] = found.luck
    people = engine.keep(found.select(place=ibis.row_number().over(order), **{**attributes, **columns}))
    if chosen is not None:
        people = _first(engine, people, most)
    rows = engine.collect(people.select("at", "place", *others).order_by("place"))
    events = events_of(tables, people.select("place", "customer_id", "join_date"))
    by_name = {entry.name: entry for entry in described.features}
    return Sample(
        rows=np.array(rows["at"].to_pylist(), dtype=np.int64),
        events=events,
        others={name: _values(rows, name, by_name[name]) for name in others},
        of=described.active,
    )


def in_memory(feature: Feature) -> bool:
    """Whether a feature is a number computed from coupons or orders."""
    return feature.family in BEHAVIOUR and feature.treatment not in ("one-hot", "code")


def values_of(
    sample: Sample, features: Sequence[Feature], aggregates: Aggregates, learned: Learned
) -> dict[str, Column]:
    """The values of some features, numbers computed from these aggregates, the others as they were drawn."""
    return {
        entry.name: evaluate(entry, aggregates, learned) if in_memory(entry) else sample.others[entry.name]
        for entry in features
    }


def learned_here(learned: Learned, features: Sequence[Feature], values: Mapping[str, Column]) -> Learned:
    """What was learned with the medians (of numbers) and levels (of texts) of these customers."""
    medians, levels = {}, {}
    for entry in features:
        column = values[entry.name]
        if entry.treatment in ("one-hot", "code"):
            levels[entry.name] = learned.levels.get(entry.name) or tuple(sorted({v for v in column if v is not None}))
        else:
            known = column[~np.isnan(column)]
            medians[entry.name] = float(np.median(known)) if len(known) else 0.0
    return replace(learned, medians=medians, levels=levels)


def _chosen(described: Described, seed: int, most: int) -> NDArray[np.int64] | None:
    """Row numbers in random order, enough for `most` active customers among them; None where all are taken."""
    if described.active <= most:
        return None
    wanted = int(1.15 * most * described.customers / described.active) + 200
    if wanted >= described.customers:
        return generator(seed, 30).permutation(described.customers)
    return generator(seed, 30).choice(described.customers, wanted, replace=False)


def _batch(chosen: NDArray[np.int64]) -> pa.RecordBatch:
    import pyarrow as pa

    columns = (np.ascontiguousarray(chosen, dtype=np.int64), np.arange(len(chosen), dtype=np.int64))
    arrays = [pa.Array.from_buffers(pa.int64(), len(part), [None, pa.py_buffer(part)]) for part in columns]
    return pa.record_batch(arrays, names=["picked", "luck"])


def _first(engine: Any, people: ir.Table, most: int) -> ir.Table:
    """The luckiest `most`, numbered by row again."""
    ranked = people.mutate(rank=ibis.row_number().over(ibis.window(order_by=people.luck)))
    kept = ranked.filter(ranked["rank"] < most)
    numbered = kept.mutate(place=ibis.row_number().over(ibis.window(order_by=kept["at"])))
    kept_table: ir.Table = engine.keep(numbered.drop("rank", "luck"))
    return kept_table


def _values(rows: pa.Table, name: str, feature: Feature) -> Column:
    values = rows[name].to_pylist()
    if feature.treatment in ("one-hot", "code"):
        return np.array(values, dtype=object)
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)
