"""The segments as they would have been found at an earlier day, from nothing but what was known then."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from coterie.clustering import (
    Column,
    Coordinate,
    Floats,
    Labels,
    cloud,
    generator,
    learn_scaling_of,
    lloyd,
    nearest,
    spread_out,
)
from coterie.evidence.cut import said
from coterie.evidence.sample import Sample, in_memory, learned_here, values_of
from coterie.features import Aggregates, Events, Feature, Learned, learn_events

if TYPE_CHECKING:
    from coterie.evidence.outcomes import Outcome

Prune = Callable[[Events, Learned, Aggregates, tuple[Feature, ...]], tuple[Feature, ...]]
"""From what was known, what was learned from it and the candidates to the features to cluster on."""
Refit = Callable[[Floats, int], Labels]
"""From points (n, d) and k to (n,) segments 0..k-1, -1 for none."""

FEWEST = 200
"""Customers with an event until the cut below which nothing can be told."""
STARTS = 10

# As in the catalogue: the favourites most customers have, and "other".
_FAVOURITES = 20
_OTHER = "other"


@dataclass(frozen=True)
class AtCut:
    """What would have been delivered at the cut.

    Attributes:
        kept: (n,) places in the sample of the customers with an event until the cut, ascending.
        sample: They as they were known then, in that order.
        aggregates: Of those.
        coordinates: Axes clustered on.
        z: (n, d) their points.
        segments: (n,) refitted segment 0..k-1 of each; -1 for none.
        top: The refitted segment with the highest mean of the outcome until the cut.
    """

    kept: Labels
    sample: Sample
    aggregates: Aggregates
    coordinates: tuple[Coordinate, ...]
    z: Floats
    segments: Labels
    top: int


def segments_at_cut(
    sample: Sample,
    features: Sequence[Feature],
    k: int,
    *,
    seed: int,
    cut: int,
    outcome: Outcome,
    prune: Prune | None = None,
    refit: Refit | None = None,
) -> AtCut | str:
    """Find the segments again at the end of an earlier day; nothing dated later has any part in it.

    Priors, burn curve, medians, scaling and the choice of features are all learned from what was known.

    Args:
        sample: Customers with all that is known now.
        features: Candidates to cluster on.
        k: Segments.
        seed: Of the starts.
        cut: The last day known.
        outcome: What names the top segment.
        prune: Leaves out features; None keeps all.
        refit: Clusters in place of K-Means.

    Returns:
        The segments, or the sentence that says why there are none.
    """
    seen = sample.events.known_at(cut)
    kept = np.unique(seen.who)
    if len(kept) < FEWEST:
        return (
            f"Cannot be judged: {len(kept):,} of these customers have {sample.events.a_noun} up to {said(cut)},"
            f" and {FEWEST} are needed."
        )
    known = seen.of(kept)
    learned, aggregates = learn_events(known)
    chosen = tuple(features) if prune is None else prune(known, learned, aggregates, tuple(features))
    narrowed = _narrowed(sample, kept, known)
    values, learned = _values(narrowed, chosen, aggregates, learned)
    coordinates, z = learn_scaling_of(chosen, values, learned)
    if not coordinates:
        return f"Cannot be judged: up to {said(cut)} the customers were alike in every figure."
    different = len(np.unique(z, axis=0))
    if different < k:
        return (
            f"Cannot be judged: up to {said(cut)} only {different} customers differ from each other,"
            f" too few for {k} segments."
        )
    segments = refit(z, k) if refit is not None else _kmeans(z, k, seed)
    return AtCut(kept, narrowed, aggregates, coordinates, z, segments, _top(outcome.count(known), segments, k))


def _narrowed(sample: Sample, kept: Labels, known: Events) -> Sample:
    """The sample narrowed to some customers, with the favourite places they had by what was known."""
    found = sample.narrowed(kept, known)
    others = dict(found.others)
    places = {
        "favourite_branch": (known.customer, known.branch),
        "favourite_merchant": (known.customer, known.merchant),
    }
    places["favourite_category"] = (known.orders.customer[known.orders.bought_in], known.orders.category)
    for name, (customer, place) in places.items():
        if name in others:
            others[name] = _favourites(customer, place, len(kept))
    return replace(found, others=others)


def _values(
    sample: Sample, features: Sequence[Feature], aggregates: Aggregates, learned: Learned
) -> tuple[Mapping[str, Column], Learned]:
    values = values_of(sample, features, aggregates, learned)
    levels = {
        entry.name: _levels(values[entry.name])
        for entry in features
        if entry.name.startswith("favourite_") and not in_memory(entry)
    }
    return values, learned_here(replace(learned, levels=levels), features, values)


def _favourites(customer: Labels, place: Labels, customers: int) -> Column:
    """(customers,) the place or category with most events, ties to the lowest, as text; None without any."""
    found = np.full(customers, None, dtype=object)
    there = place >= 0
    if not there.any():
        return found
    width = int(place.max()) + 1
    pairs, held = np.unique(customer[there] * width + place[there], return_counts=True)
    order = np.lexsort((pairs % width, -held, pairs // width))
    whose, first = np.unique(pairs[order] // width, return_index=True)
    # Texts of equal length stand in the order of their numbers.
    found[whose] = [f"{code:09d}" for code in (pairs[order] % width)[first]]
    return found


def _levels(column: Column) -> tuple[str, ...]:
    """The values most customers have, in order, and "other" where there are more."""
    counted = Counter(value for value in column if value is not None)
    ranked = sorted(counted, key=lambda value: (-counted[value], value))
    kept = tuple(sorted(ranked[:_FAVOURITES]))
    return (*kept, _OTHER) if len(ranked) > _FAVOURITES else kept


def _kmeans(z: Floats, k: int, seed: int) -> Labels:
    """K-Means of the best of several starts: (n,) segments 0..k-1."""
    points = cloud(z, np.ones(len(z)))
    seeds = spread_out(points, STARTS, k, generator(seed, 60))
    centroids, inertia = lloyd(points, seeds, iterations=300, tolerance=1e-7)
    return nearest(z, centroids[int(inertia.argmin())])[0]


def _top(before: Floats, segments: Labels, k: int) -> int:
    means = [_mean(before[(segments == place) & np.isfinite(before)]) for place in range(k)]
    return int(np.argmax(means))


def _mean(values: Floats) -> float:
    return float(values.mean()) if len(values) else -np.inf
