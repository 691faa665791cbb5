"""Look for the best centroids of every k on a bounded sample: spread starts, starts grown from k - 1, and swaps.

The danger is not the sample but a poor local optimum, 0.3 to 3 % worse. What is found for one k does not depend on
which other k are asked for.
"""

from __future__ import annotations

import numpy as np

from coterie.clustering.contract import Floats, Reals
from coterie.clustering.exchange import exchange
from coterie.clustering.kmeans import Cloud, generator, lloyd, squared_distances
from coterie.clustering.seeding import add_one, spread_out

KEPT = 3
"""Distinct candidates kept for each k."""

_ROUNDS = 4
# Points up to which moving single ones is worth its time.
_EXCHANGEABLE = 2_000
# A lower inertia by this share is worth another round of swaps.
_GAIN = 1e-6
# How far the centroids of solutions must be apart (see `distinct_best`), at the end and while still moving: otherwise
# one optimum, reached from many starts, takes all places.
_SAME = 1e-3
_UNDER_WAY = 2e-2
# Steps after which the worse starts are given up.
_GLANCE = 5

Solution = tuple[float, Floats]


def explore(points: Cloud, rough: Cloud, k_max: int, seed: int) -> dict[int, list[Floats]]:
    """Find up to three distinct good solutions (k, d) for each k from 1 to k_max, best first.

    Args:
        points: At most some 20,000 weighted points, `weight` of shape (n,).
        rough: At most some 5,000 that stand for them, on which the many starts are sorted out.
        k_max: Largest k.
        seed: Of all random choices.
    """
    starts = int(np.clip(120_000 // len(rough.x), 24, 200))
    seeds = spread_out(rough, starts, k_max, generator(seed, 1))
    centre = np.average(points.x, axis=0, weights=points.weight)[None, :].astype(np.float64)
    found = {1: [centre]}
    for k in range(2, k_max + 1):
        rng = generator(seed, 2, k)
        grown = [grow(rough, base, rng, variants=8) for base in found[k - 1]]
        ranked = descend(points, rough, np.concatenate([seeds[:, :k], *grown]))
        for _ in range(_ROUNDS):
            better = descend(points, rough, swap(rough, ranked[0][1], rng))
            improved = better[0][0] < ranked[0][0] * (1.0 - _GAIN)
            ranked = distinct_best(points, ranked + better, _SAME)
            if not improved:
                break
        found[k] = [centroids for _, centroids in ranked]
    return found


def descend(points: Cloud, rough: Cloud, starts: Floats) -> list[Solution]:
    """Move all starts a little, the promising to the end; up to three distinct solutions with inertia, best first."""
    width = int(np.clip(3_000 // len(rough.x), 2 * KEPT, 50))
    moved, inertia = lloyd(rough, starts, iterations=_GLANCE, tolerance=3e-5)
    moved = moved[np.argsort(inertia, kind="stable")[: 2 * width]]
    moved, inertia = lloyd(rough, moved, iterations=15, tolerance=3e-5)
    promising = distinct_best(rough, list(zip(inertia.tolist(), moved, strict=True)), _UNDER_WAY, width)
    ended, inertia = lloyd(points, np.stack([c for _, c in promising]), iterations=200, tolerance=1e-6)
    if len(points.x) <= _EXCHANGEABLE:
        ended, inertia = exchange(points, ended, steps=100)
    return distinct_best(points, list(zip(inertia.tolist(), ended, strict=True)), _SAME)


def distinct_best(points: Cloud, solutions: list[Solution], apart: float, keep: int = KEPT) -> list[Solution]:
    """Keep the best few solutions that differ in where a centroid stands; of those that do not, the best.

    Args:
        points: Those that were clustered.
        solutions: (inertia, centroids (k, d)).
        apart: Two centroids are one if their squared distance is below this share of a customer's mean squared
            distance to its own.
        keep: How many.
    """
    kept: list[Solution] = []
    for inertia, centroids in sorted(solutions, key=lambda solution: solution[0]):
        limit = apart * inertia / float(points.weight.sum())
        if all(_displacement(centroids, other) > limit for _, other in kept):
            kept.append((inertia, centroids))
        if len(kept) == keep:
            break
    return kept


def _displacement(one: Floats, other: Floats) -> float:
    """Largest squared distance from a centroid of one solution to the nearest of the other."""
    squared = np.square(one[:, None, :] - other[None, :, :]).sum(axis=2)
    return float(max(squared.min(axis=1).max(), squared.min(axis=0).max()))


def grow(points: Cloud, base: Floats, rng: np.random.Generator, variants: int) -> Floats:
    """Add one centroid to `base` (k - 1, d) in several ways, each the best of a few far points: (variants, k, d)."""
    distance = squared_distances(points, base[None])[0].min(axis=0)
    bases = np.broadcast_to(base, (variants, *base.shape))
    return _add_to(points, bases, np.broadcast_to(distance, (variants, len(distance))), rng)


def swap(points: Cloud, base: Floats, rng: np.random.Generator) -> Floats:
    """Take each centroid of `base` (k, d) away in turn and add another far from the rest, twice: (2k, k, d)."""
    k = len(base)
    left = np.stack([np.delete(base, j, axis=0) for j in range(k)] * 2)
    distance = squared_distances(points, base[None])[0]
    without = [np.delete(distance, j, axis=0).min(axis=0) for j in range(k)] * 2
    return _add_to(points, left, np.stack(without), rng)


def _add_to(points: Cloud, bases: Floats, distance: Reals, rng: np.random.Generator) -> Floats:
    weight = np.broadcast_to(points.weight, distance.shape)
    added, _ = add_one(points, weight, distance, rng.random((len(bases), 3)))
    return np.concatenate([bases, added[:, None, :]], axis=1)
