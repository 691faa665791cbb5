"""Would the same segments come back? Bootstrap refits (Hennig 2007)."""

from __future__ import annotations

import numpy as np

from coterie.clustering.contract import Fit, Floats, Points
from coterie.clustering.kmeans import cloud, generator, nearest
from coterie.clustering.light import best_starts
from coterie.clustering.points import group_points
from coterie.clustering.seeding import spread_out

CUSTOMERS = 2_000
"""Most customers that are resampled."""
FEWEST = 50
"""Customers below which it cannot be told whether segments come back."""
A_SEGMENT = 2
"""Different customers for each segment below which it cannot."""

_STARTS = 4


def stability(points: Points, fits: tuple[Fit, ...], seed: int, refits: int = 20) -> dict[int, Floats]:
    """Refit K-Means on bootstrap samples and see how much of each segment comes back.

    At most 2,000 customers, drawn once with equal chances, are resampled with replacement; every refit starts from
    scratch. All drawn customers go to the nearest centroid of the fit and of the refit, and each segment is compared
    with the refitted one that it overlaps best: customers in both / customers in either (Jaccard).

    Returns:
        k -> (k,) mean overlap of each segment over the refits, 0..1. It grows with the number of customers.
    """
    if not fits:
        return {}
    few = _customers(points, seed)
    rng = generator(seed, 20)
    n = int(few.weight.sum())
    again = rng.multinomial(n, few.weight / few.weight.sum(), size=refits).astype(np.float64)
    resampled = cloud(few.x, np.repeat(again, _STARTS, axis=0), single=True)
    seeds = spread_out(resampled, refits * _STARTS, max(fit.k for fit in fits), rng)
    found = {}
    for fit in fits:
        starts = seeds[:, : fit.k].reshape(refits, _STARTS, fit.k, -1)
        found[fit.k] = _overlaps(few, fit.centroids, best_starts(resampled, starts, keep=2)[0])
    return found


def _customers(points: Points, seed: int) -> Points:
    """At most 2,000 customers drawn without replacement, identical ones grouped."""
    rng = generator(seed, 21)
    if points.uniform is not None:
        taken = np.sort(rng.permutation(len(points.uniform))[:CUSTOMERS])
        return group_points(points.uniform[taken])
    if points.customers <= CUSTOMERS:
        return points
    drawn = rng.multivariate_hypergeometric(np.rint(points.weight).astype(np.int64), CUSTOMERS, method="marginals")
    weight: Floats = drawn[drawn > 0].astype(np.float64)
    return Points(x=points.x[drawn > 0], weight=weight, customers=CUSTOMERS, exact=True)


def _overlaps(few: Points, centroids: Floats, refits: Floats) -> Floats:
    """Mean over refits (r, k, d) of the best Jaccard overlap of each segment."""
    k = len(centroids)
    labels, _ = nearest(few.x, centroids)
    best = np.zeros(k)
    for refit in refits:
        again, _ = nearest(few.x, refit)
        both = np.bincount(labels * k + again, weights=few.weight, minlength=k * k).reshape(k, k)
        either = both.sum(axis=1, keepdims=True) + both.sum(axis=0) - both
        best += np.divide(both, either, out=np.zeros_like(both), where=either > 0).max(axis=1)
    return best / len(refits)
