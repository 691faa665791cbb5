"""K-Means for many fits of bounded size: a few starts each, moved together. Where one good fit counts, use `sweep`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from coterie.clustering.contract import Floats
from coterie.clustering.explore import grow
from coterie.clustering.kmeans import Cloud, cloud, lloyd
from coterie.clustering.seeding import spread_out

STARTS = 12
"""Spread starts of each fit."""

_GROWN = 6
# All starts move a little, the best of each fit until they hardly move.
_TRYING = 6
_KEPT = 3
_MOVING = 50
# Distances from all points to all tries of all starts are held at once: some 50 MB.
_HELD = 1_500_000


def fit_each_weight(x: Floats, weights: Floats, k: int, rng: np.random.Generator, starts: int = STARTS) -> Floats:
    """Fit K-Means once for each set of weights, each from its own spread starts.

    Args:
        x: (n, d).
        weights: (f, n), not negative, as of bootstrap samples.
        k: Number of clusters.
        rng: Where the starts come from.
        starts: Of each fit.

    Returns:
        (f, k, d) centroids.
    """
    together = max(1, _HELD // (starts * len(x)))
    found = []
    for first in range(0, len(weights), together):
        some = weights[first : first + together]
        points = cloud(x, np.repeat(some, starts, axis=0))
        seeds = spread_out(points, len(points.weight), k, rng)
        found.append(best_starts(points, seeds.reshape(len(some), starts, k, -1))[0])
    return np.concatenate(found)


def fit_each_k(
    x: Floats, ks: Sequence[int], rng: np.random.Generator, starts: int = STARTS
) -> dict[int, tuple[Floats, float]]:
    """Fit K-Means for each k, from spread starts and from the fit of k - 1 with one more centroid.

    Args:
        x: (n, d).
        ks: Numbers of clusters, each 1 or more.
        rng: Where the starts come from.
        starts: Spread starts of each fit.

    Returns:
        k -> centroids (k, d) and inertia.
    """
    points = cloud(x, np.ones(len(x)))
    seeds = spread_out(points, starts, max(ks), rng)
    found: dict[int, tuple[Floats, float]] = {}
    for k in range(1, max(ks) + 1):
        begun = seeds[:, :k]
        if k > 1:
            begun = np.concatenate([begun, grow(points, found[k - 1][0], rng, _GROWN)])
        centroids, inertia = best_starts(points, begun[None])
        found[k] = centroids[0], float(inertia[0])
    return {k: found[k] for k in ks}


def best_starts(points: Cloud, starts: Floats, keep: int = _KEPT) -> tuple[Floats, Floats]:
    """Move the starts (f, s, k, d) of f fits, the best `keep` of each fit to the end.

    `points.weight` is (n,), or (f * s, n).

    Returns:
        The best centroids of each fit, (f, k, d), and their inertia (f,).
    """
    f, s, k, d = starts.shape
    moved, inertia = lloyd(points, starts.reshape(f * s, k, d), iterations=_TRYING, tolerance=1e-3)
    order = np.argsort(inertia.reshape(f, s), axis=1, kind="stable")[:, :keep]
    kept = (order + np.arange(f)[:, None] * s).ravel()
    if points.weight.ndim > 1:
        points = replace(points, weight=points.weight[kept])
    ended, inertia = lloyd(points, moved[kept], iterations=_MOVING, tolerance=1e-5)
    width = order.shape[1]
    best = inertia.reshape(f, width).argmin(axis=1) + np.arange(f) * width
    return ended[best], inertia[best]
