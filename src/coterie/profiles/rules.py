"""The plain rule of each segment: the one to three conditions in words that find it best."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import ibis
import numpy as np
from numpy.typing import NDArray

from coterie.profiles.contract import PlainRule
from coterie.profiles.in_turns import aggregate_in_turns
from coterie.profiles.numbers import capitalised
from coterie.profiles.plain import Plain, plain_of

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa

    from coterie.engines import Engine

Counts = NDArray[np.int64]
Features = tuple[int, ...]

EDGES = 10
"""Thresholds tried per feature at most."""
WORTH = 0.02
"""What each condition must add to F1 to be worth its words."""


@dataclass(frozen=True)
class Found:
    """A conjunction of ranges of bins [start, stop) by feature, how many of the segment and how many at all it finds.

    `worth` is F1 less what its conditions cost.
    """

    ranges: tuple[tuple[int, int, int], ...]
    worth: float
    own: int
    all: int


def plain_rules(
    engine: Engine, assigned: ir.Table, currency: str | None = None, *, all_buy: bool = False, customers: int = 0
) -> Mapping[int, PlainRule]:
    """The rule with the highest F1 for each segment 1..k; absent where no condition tells the segment apart.

    Searches all conjunctions of two ranges over round thresholds, then adds a third where it pays. Counts come from
    one joint histogram, which stays in the engine; thresholds are bin edges, so coverage and precision are exact.
    Amounts are told in `currency`; where `all_buy`, nobody is without an order. `customers` is how many there are.
    """
    plain = list(plain_of(assigned, currency, all_buy=all_buy))
    edges = _edges(engine, assigned, plain, customers)
    usable = [index for index, found in enumerate(edges) if found]
    plain, edges = [plain[index] for index in usable], [edges[index] for index in usable]
    if not plain:
        return {}
    bins = {f"b{index}": _bin(assigned[entry.name], edges[index]) for index, entry in enumerate(plain)}
    rows = assigned.select("segment", **bins)
    joint = engine.keep(rows.group_by(["segment", *bins]).aggregate(customers=rows.count()))
    search = _Search(engine, joint, [len(found) + 1 for found in edges])
    rules = {}
    for segment, best in search.best().items():
        if segment > 0 and best.ranges:
            rules[segment] = _told(best, search.size(segment), plain, edges)
    return rules


class _Search:
    """Histograms of up to three features at a time, by segment, and the best conjunction on them.

    The last bin of a feature holds customers for whom it is undefined: no condition on it holds for them.
    """

    def __init__(self, engine: Engine, joint: ir.Table, bins: Sequence[int]) -> None:
        self._engine, self._joint, self._bins = engine, joint, bins
        self._segments: list[int] = []
        self._known: dict[Features, Counts] = {}
        every = range(len(bins))
        self._pairs = list(itertools.combinations(every, 2))
        self._count(self._pairs or [(0,)])
        for pair in self._pairs:
            # What is counted of two is counted of either.
            for axis, feature in enumerate(pair):
                self._known[(feature,)] = self._known[pair].sum(axis=2 - axis)

    def size(self, segment: int) -> int:
        """Customers of a segment."""
        return int(self._known[(0,)][self._segments.index(segment)].sum())

    def best(self) -> dict[int, Found]:
        """The most worthwhile conjunction on one, two or three features, by segment."""
        pairs = {segment: [self._on(pair, segment) for pair in self._pairs] for segment in self._segments}
        wider = {segment: self._wider(found) for segment, found in pairs.items()}
        self._count(sorted({features for found in wider.values() for features in found}))
        best = {}
        for segment in self._segments:
            singles = [self._on((feature,), segment) for feature in range(len(self._bins))]
            triples = [self._on(features, segment) for features in wider[segment]]
            ranked = sorted(pairs[segment], key=lambda found: -found.worth)
            # max() takes the first of equals, so of equally good rules the one with fewer features.
            best[segment] = max((*singles, *ranked, *triples), key=lambda found: found.worth)
        return best

    def _count(self, wanted: Sequence[Features]) -> None:
        """Customers by segment and bin of these features, (segments, bins + 1, ...), of each in one query for all."""
        if not wanted:
            return
        parts = []
        for place, features in enumerate(wanted):
            names = [f"b{feature}" for feature in features]
            grouped = self._joint.group_by(["segment", *names]).aggregate(customers=self._joint.customers.sum())
            held = [grouped[name] for name in names] + [ibis.literal(0)] * (3 - len(names))
            columns = {f"a{axis}": value.cast("int64") for axis, value in enumerate(held)}
            columns["which"] = ibis.literal(place).cast("int64")
            customers = grouped.customers.cast("int64")
            parts.append(grouped.select("segment", **columns, customers=customers))
        rows = self._engine.collect(ibis.union(*parts) if len(parts) > 1 else parts[0])
        which, segment, customers, *axes = (
            _numbers(rows[name]) for name in ("which", "segment", "customers", "a0", "a1", "a2")
        )
        self._segments = self._segments or sorted({*segment.tolist()})
        places = np.searchsorted(self._segments, segment)
        for place, features in enumerate(wanted):
            own = which == place
            table = np.zeros((len(self._segments), *(self._bins[feature] + 1 for feature in features)), dtype=np.int64)
            table[places[own], *(axis[own] for axis in axes[: len(features)])] = customers[own]
            self._known[features] = table

    def _wider(self, pairs: Sequence[Found]) -> list[Features]:
        """The three best pairs, each with every further feature."""
        found = set()
        for pair in sorted(pairs, key=lambda found: -found.worth)[:3]:
            features = {feature for feature, _, _ in pair.ranges}
            found |= {tuple(sorted(features | {more})) for more in range(len(self._bins)) if more not in features}
        return [features for features in sorted(found) if len(features) == 3]

    def _on(self, features: Features, segment: int) -> Found:
        """The best ranges on exactly these features, one range (open at one end, closed at both, or all) each."""
        counts = self._known[features]
        own, everyone = counts[self._segments.index(segment)], counts.sum(axis=0)
        spans = [_spans(self._bins[feature]) for feature in features]
        for axis, span in enumerate(spans):
            own, everyone = _ranged(own, span, axis), _ranged(everyone, span, axis)
        size = self.size(segment)
        f1 = 2 * own / np.maximum(everyone + size, 1)
        # Each end of a range is a condition with its words.
        cost = np.zeros(f1.shape)
        for axis, span in enumerate(spans):
            ends = np.array([(start > 0) + (stop < self._bins[features[axis]]) for start, stop in span])
            ends[-1] = 0
            shape = [1] * f1.ndim
            shape[axis] = len(span)
            cost = cost + ends.reshape(shape)
        worth = f1 - cost * WORTH
        place = np.unravel_index(int(np.argmax(worth)), worth.shape)
        ranges = tuple(
            (feature, *span[index])
            for feature, span, index in zip(features, spans, place, strict=True)
            if index < len(span) - 1
        )
        return Found(ranges, float(worth[place]), int(own[place]), int(everyone[place]))


def _spans(bins: int) -> list[tuple[int, int]]:
    """All ranges of bins [start, stop) but the full one, and last the range that also takes the undefined."""
    ranges = [(start, stop) for start in range(bins) for stop in range(start + 1, bins + 1)]
    ranges.remove((0, bins))
    return [*ranges, (0, bins + 1)]


def _ranged(counts: Counts, spans: Sequence[tuple[int, int]], axis: int) -> Counts:
    """Counts summed over each range along one axis."""
    running = np.insert(np.cumsum(counts, axis=axis), 0, 0, axis=axis)
    starts, stops = (np.array(ends) for ends in zip(*spans, strict=True))
    return running.take(stops, axis=axis) - running.take(starts, axis=axis)


def _numbers(column: pa.ChunkedArray) -> Counts:
    """Whole numbers without a gap, straight from their buffers: to_numpy() loads pandas."""
    parts = [
        np.frombuffer(chunk.buffers()[1], dtype=np.int64)[chunk.offset : chunk.offset + len(chunk)]
        for chunk in column.chunks
    ]
    return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)


def _edges(engine: Engine, assigned: ir.Table, entries: Sequence[Plain], customers: int) -> list[list[float]]:
    """Of each feature round thresholds inside the data's range, at most EDGES of them, near its quantiles."""
    levels = [step / (EDGES + 1) for step in range(1, EDGES + 1)]
    ends: dict[str, ir.Value] = {}
    wanted: dict[str, ir.Value] = {}
    for index, entry in enumerate(entries):
        column = assigned[entry.name].cast("float64")
        ends |= {f"least{index}": column.min(), f"most{index}": column.max()}
        if not entry.share:
            wanted[f"wanted{index}"] = column.quantile(levels)
    row = aggregate_in_turns(engine, assigned, ends, wanted, customers=customers)[0] if entries else {}
    return [
        _chosen(entry, row[f"least{index}"], row[f"most{index}"], row.get(f"wanted{index}", ()))
        for index, entry in enumerate(entries)
    ]


def _chosen(entry: Plain, least: float | None, most: float, wanted: Sequence[float]) -> list[float]:
    if least is None:
        return []
    if entry.thresholds is None:
        whole = {float(np.floor(value)) for value in wanted}
        choices = {1.0, 2.0} | whole | {value + 1 for value in whole}
    elif entry.share:
        choices = set(entry.thresholds)
    else:
        choices = {_nearest(entry.thresholds, value) for value in wanted}
    inside = sorted(edge for edge in choices if least < edge <= most)
    if len(inside) <= EDGES:
        return inside
    return [inside[round(place)] for place in np.linspace(0, len(inside) - 1, EDGES)]


def _nearest(choices: Sequence[float], value: float) -> float:
    return min(choices, key=lambda choice: abs(choice - value))


def _bin(column: ir.Value, edges: Sequence[float]) -> ir.IntegerValue:
    place = ibis.literal(0, type="int64")
    for edge in edges:
        # A rate such as 3/10 must not fall below its own threshold by a rounding of the last digit.
        place = place + (column >= edge - 1e-9).cast("int64")
    return ibis.coalesce(place, len(edges) + 1)


def _told(found: Found, size: int, plain: Sequence[Plain], edges: Sequence[Sequence[float]]) -> PlainRule:
    conditions: list[tuple[str, str, float]] = []
    words = []
    for feature, start, stop in sorted(found.ranges):
        low = edges[feature][start - 1] if start > 0 else None
        high = edges[feature][stop - 1] if stop <= len(edges[feature]) else None
        name = plain[feature].name
        conditions += [(name, "at_least", low)] if low is not None else []
        conditions += [(name, "under", high)] if high is not None else []
        words.append((name, plain[feature].words(low, high)))
    return PlainRule(
        text=capitalised(_joined(words)),
        conditions=tuple(conditions),
        coverage=found.own / int(size),
        precision=found.own / found.all if found.all else 0.0,
    )


def _joined(words: Sequence[tuple[str, str]]) -> str:
    """One sentence part: the noun once, commas and a last "and"; "them" only after coupons were named."""
    texts: list[str] = []
    named = False
    for name, text in words:
        coupon = "coupon" in text
        if named and coupon and name == "transaction_count" and text != "holds no coupon":
            text = text.replace(" coupons", "").replace(" coupon", "")
        if name == "burn_rate" and not any(other == "transaction_count" for other, _ in words):
            text = text.replace(" of them", " of its coupons")
        named = named or coupon
        texts.append(text)
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}"
