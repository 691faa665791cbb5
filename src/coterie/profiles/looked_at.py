"""The customers from whom the scatter behind an over-index is learned: all, or a bounded part of a large shop.

Counts, shares and over-indexes are always exact. What needs a look at customers one by one is only their *scatter*:
how many coupons of a value one customer holds, which decides how wide an interval is. It is learned within strata:

- of each segment, the customers with the most coupons, every one of them, so that no single customer can move a share
  unseen;
- of the others, an evenly spread part by arithmetic on `row` (the same rows every time, whatever the threads).

Sums over a stratum's part times (customers in the stratum / customers looked at) estimate those over the whole
stratum without bias, and the residuals x - p m are taken with the exact p. What such an estimate adds in uncertainty
is paid for by Student's t in place of the normal quantile (`RatioSums.effective_at`), and a value seen with fewer than
30 of these customers never leads. An interval is never narrower than if all coupons were independent, whatever the
part shows; it is as honest as the exact one and a little wider.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import ibis

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from coterie.engines import Engine

LOOKED_AT = 50_000
"""Customers looked at one by one, at most (about)."""
_SPREAD, _RANGE = 2_654_435_761, 2**32
"""Multiples of the golden ratio of 2**32, taken modulo 2**32, are spread as evenly as a sequence can be."""

Stratum = tuple[int, bool]
"""Segment, and whether all of the stratum are looked at because they hold the most coupons."""


@dataclass(frozen=True)
class LookedAt:
    """The customers looked at, and how many each stands for.

    Attributes:
        customers: customer_id, segment and heavy (the stratum).
        weights: Stratum -> customers in it / customers looked at.
        whole: All customers are looked at: nothing is estimated.
    """

    customers: ir.Table
    weights: Mapping[Stratum, float]
    whole: bool


def look_at(engine: Engine, assigned: ir.Table, limit: int = LOOKED_AT, counted: str = "transaction_count") -> LookedAt:
    """All customers if there are at most `limit`, else about limit / segments of each, or all of a small segment.

    `counted` is the number of events that decides who is heavy: coupons, or orders.
    """
    sizes = engine.collect(assigned.group_by("segment").aggregate(customers=assigned.count())).to_pylist()
    share = limit // len(sizes)
    large = {int(row["segment"]): int(row["customers"]) for row in sizes if row["customers"] > share}
    if not large or sum(row["customers"] for row in sizes) <= limit:
        everyone = assigned.select("customer_id", "segment", heavy=ibis.literal(True))
        return LookedAt(everyone, {(int(row["segment"]), True): 1.0 for row in sizes}, whole=True)
    edges = _edges(
        engine, assigned[counted], assigned, {segment: 1 - share / 2 / size for segment, size in large.items()}
    )
    stop = {segment: int(_RANGE * (share / 2) / (size - share / 2)) for segment, size in large.items()}
    place = (assigned.row.cast("int64") * _SPREAD) % _RANGE
    segment = assigned.segment
    heavy = assigned[counted].fill_null(0) > segment.cases(*edges.items(), else_=-1.0)
    rows = assigned.select(
        "customer_id", "segment", heavy=heavy, taken=heavy | (place < segment.cases(*stop.items(), else_=_RANGE))
    )
    strata = rows.group_by(["segment", "heavy"]).aggregate(customers=rows.count(), taken=rows.taken.sum())
    weights = {
        (int(row["segment"]), bool(row["heavy"])): row["customers"] / row["taken"]
        for row in engine.collect(strata).to_pylist()
        if row["taken"]
    }
    return LookedAt(rows.filter(rows.taken).drop("taken"), weights, whole=False)


def _edges(engine: Engine, counted: ir.Column, assigned: ir.Table, levels: Mapping[int, float]) -> dict[int, float]:
    """The number of events that the given part of each segment does not exceed."""
    count = counted.fill_null(0)
    edges = {
        f"s{segment}": count.quantile(level, where=assigned.segment == segment) for segment, level in levels.items()
    }
    row = engine.collect(assigned.aggregate(**edges)).to_pylist()[0]
    return {segment: float(row[f"s{segment}"]) for segment in levels}
