"""Would the same segments come back? Refits on bootstrap samples (Hennig 2007), beside the same of one crowd."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from coterie.clustering import Floats, Labels, adjusted_rand, fit_each_weight, generator, jaccard_table, nearest
from coterie.evidence.contract import Kind, SegmentStability, Stability
from coterie.evidence.crowd import learn_crowd

Refit = Callable[[Floats, int], Callable[[Floats], Labels]]
"""Finds groups among rows (n, d) with a seed, and gives what places rows: labels from 0, -1 for those who fit none."""

CUSTOMERS = 2_000
"""Most customers that are resampled."""

FEWEST = 50
REFITS = 50
REPRODUCIBLE = 0.75

# Simulated crowds, and the refits of each; fewer for algorithms that take their time.
_CROWDS = 5
_CROWD_REFITS = 10
_CROWDS_SLOW = 2
_CROWD_REFITS_SLOW = 4


@dataclass(frozen=True)
class Overlaps:
    """How much of each segment came back, mean over the refits.

    Attributes:
        jaccard: (k,) customers in both / in either, with the group that overlaps best; nan for an empty segment.
        ari: Adjusted Rand index over all customers; those who fit no group count as one group.
    """

    jaccard: Floats
    ari: float


def judge_stability(
    z: Floats,
    labels: Labels,
    k: int,
    *,
    refit: Refit | None,
    seed: int,
    natural: frozenset[int] = frozenset(),
    refits: int = REFITS,
    untold: str = "",
    a_noun: str = "a coupon",
) -> Stability:
    """Refit on bootstrap samples and see how much of each delivered segment comes back, beside one crowd.

    At most 2,000 of the customers, drawn with equal chances, are resampled with replacement. Every refit starts from
    scratch and then places all of them. It measures whether the cuts are repeatable, not whether there are groups: of
    five crowds without groups, with the same margins and rank correlations, the segments come back too, and how well
    is given beside (of two crowds where `refit` is given). A segment is compared with that of the crowd which has the
    same place by overlap.

    Args:
        z: (n, d) customers as they are clustered.
        labels: (n,) delivered segment of each, 1..k; -1 fits no group.
        k: How many segments were delivered.
        refit: How to find segments again; None for K-Means.
        seed: Of all random choices.
        natural: Segments that are natural groups.
        refits: How many.
        untold: Why nothing can be told of such customers, or "".
        a_noun: What they all have: "a coupon" or "an order".

    Returns:
        Overlaps and grades; none with the reason for fewer than 50 customers, or fewer than 2 k different ones.
    """
    reason = untold or _too_little(z, k, a_noun)
    if reason:
        nothing = tuple(SegmentStability(segment, None, None, None) for segment in range(1, k + 1))
        return Stability(None, None, None, nothing, 0, reason)
    taken = drawn(len(z), seed)
    x, given = z[taken], np.where(labels[taken] > 0, labels[taken] - 1, -1)
    placed = refitted(x, k, resamples(len(x), refits, seed), refit, seed, 0)
    own = overlaps(given, placed, k)
    crowd = _of_crowds(x, k, refit, seed)
    place = np.argsort(np.argsort(-np.nan_to_num(own.jaccard, nan=-1.0), kind="stable"), kind="stable")
    segments = tuple(
        SegmentStability(segment, overlap, None if overlap is None else other, _grade(segment, overlap, natural))
        for segment, overlap, other in zip(
            range(1, k + 1), map(_told, own.jaccard), map(_told, crowd.jaccard[place]), strict=True
        )
    )
    return Stability(len(x), own.ari, _told(crowd.ari), segments, refits)


def drawn(n: int, seed: int) -> Labels:
    """Positions of those of n customers that are resampled, ascending: 2,000 or all."""
    if n <= CUSTOMERS:
        return np.arange(n)
    return np.sort(generator(seed, 57).choice(n, CUSTOMERS, replace=False))


def resamples(n: int, refits: int, seed: int, crowd: int = 0) -> Labels:
    """How often each of n customers is in each bootstrap sample, (refits, n); `crowd` is 0 for the customers."""
    return generator(seed, 58, crowd).multinomial(n, np.full(n, 1.0 / n), size=refits)


def refitted(x: Floats, k: int, counts: Labels, refit: Refit | None, seed: int, crowd: int) -> list[Labels]:
    """Fit each bootstrap sample of x and place all of x, (n,) from 0, -1 for none; `counts` (refits, n)."""
    rng = generator(seed, 59, crowd)
    if refit is None:
        fits = fit_each_weight(x, counts.astype(np.float64), k, rng)
        return [nearest(x, centroids)[0] for centroids in fits]
    turns = rng.integers(2**31, size=len(counts)).tolist()
    return [refit(np.repeat(x, count, axis=0), turn)(x) for count, turn in zip(counts, turns, strict=True)]


def overlaps(given: Labels, placed: Sequence[Labels], k: int) -> Overlaps:
    """Compare segments (n,), 0..k-1 or -1, with what each refit found; mean over the refits."""
    best = np.zeros((len(placed), k))
    agreed = np.zeros(len(placed))
    for i, found in enumerate(placed):
        best[i] = jaccard_table(given, found, k, max(int(found.max()) + 1, 1)).max(axis=1)
        agreed[i] = adjusted_rand(given + 1, found + 1)
    held = np.bincount(given[given >= 0], minlength=k)
    return Overlaps(np.where(held > 0, best.mean(axis=0), np.nan), float(agreed.mean()))


def _of_crowds(x: Floats, k: int, refit: Refit | None, seed: int) -> Overlaps:
    """The same of simulated crowds, each cut once and refitted: overlaps descending, mean over the crowds.

    nan where no crowd has so many segments: an algorithm that finds its own number may find none.
    """
    crowds, refits = (_CROWDS, _CROWD_REFITS) if refit is None else (_CROWDS_SLOW, _CROWD_REFITS_SLOW)
    learned = learn_crowd(x, seed)
    jaccard = np.full((crowds, k), np.nan)
    agreed = np.full(crowds, np.nan)
    for crowd in range(crowds):
        y = learned.draw(generator(seed, 57, crowd + 1))
        # The first "sample" is the crowd itself: what would have been delivered.
        counts = np.vstack([np.ones((1, len(y)), np.int64), resamples(len(y), refits, seed, crowd + 1)])
        first, *again = refitted(y, k, counts, refit, seed, crowd + 1)
        groups = int(first.max()) + 1
        if groups < min(k, 2):
            continue
        found = overlaps(first, again, groups)
        agreed[crowd] = found.ari
        descending = -np.sort(-found.jaccard)[:k]
        jaccard[crowd, : len(descending)] = descending
    return Overlaps(_mean(jaccard), float(_mean(agreed[:, None])[0]))


def _mean(values: Floats) -> Floats:
    """Mean of each column over the rows that are not nan; nan where all are."""
    there = ~np.isnan(values)
    count = there.sum(axis=0)
    return np.where(count > 0, np.where(there, values, 0.0).sum(axis=0) / np.maximum(count, 1), np.nan)


def _told(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _grade(segment: int, overlap: float | None, natural: frozenset[int]) -> Kind | None:
    if overlap is None:
        return None
    if segment in natural:
        return "natural"
    return "reproducible" if overlap >= REPRODUCIBLE else "constructed"


def _too_little(z: Floats, k: int, a_noun: str) -> str:
    """Why stability cannot be told of these customers, or ""."""
    if len(z) < FEWEST:
        many = "no customer" if len(z) == 0 else "only one customer" if len(z) == 1 else f"only {len(z)} customers"
        return f"Cannot be judged: {many} with {a_noun}, and {FEWEST} are needed."
    differ = len(np.unique(z, axis=0)) if z.shape[1] else 1
    if differ == 1:
        return "Cannot be judged: all customers are alike."
    if differ < 2 * k:
        return (
            f"Cannot be judged: only {differ} customers differ from each other,"
            f" and {2 * k} are needed for {k} segments."
        )
    return ""
