"""Silhouette and stability of fits whose customers are not placed by the nearest centroid, or not fitted by K-Means."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from coterie.clustering.agreement import adjusted_rand, jaccard_table
from coterie.clustering.contract import Algorithm, Fit, Floats, Labeller, Labels, Points, Refit
from coterie.clustering.drawn import draw_customers, placed
from coterie.clustering.kmeans import generator
from coterie.clustering.silhouette import EXACT, Silhouette
from coterie.clustering.silhouette_estimate import widths

CUSTOMERS = 1_000
"""Most customers that are resampled."""

MEASURED = 3_000
"""Customers whose silhouette is taken where there are more than 5,000."""

REFITS = 10
_PARTS = 10
_STUDENT = 2.262  # of 9 degrees of freedom
_BLOCK = 512


def silhouette_of(points: Points, fit: Fit, seed: int, most: int = MEASURED) -> Silhouette:
    """Mean silhouette of the customers who fit a group: of all up to 5,000, else of `most` with an interval."""
    everyone = points.exact and points.customers <= EXACT
    x = draw_customers(points, seed, EXACT if everyone else most)
    labels = placed(x, fit.centroids, fit.rule)
    own = silhouette_widths(x, labels)
    if own is None:
        return Silhouette(None, None, None)
    value = float(own.mean())
    half = 0.0 if everyone else _half_width(x, labels, seed)
    return Silhouette(value, max(value - half, -1.0), min(value + half, 1.0))


def _half_width(x: Floats, labels: Labels, seed: int) -> float:
    """Half of the 95 % interval, from the scatter between ten parts of the customers.

    The scatter of the customers' own widths is too small: each customer moves the widths of others too.
    """
    parts = np.array_split(generator(seed, 75).permutation(len(x)), _PARTS)
    found = [silhouette_widths(x[part], labels[part]) for part in parts]
    means = [float(own.mean()) for own in found if own is not None]
    return _STUDENT * float(np.std(means, ddof=1)) / len(means) ** 0.5 if len(means) > 1 else 1.0


def silhouette_widths(x: Floats, labels: Labels) -> Floats | None:
    """Silhouette of each row (n, d) that fits a group, among those that do; None where they are not in two groups.

    Example:
        >>> x = np.array([[0.0], [1.0], [9.0], [50.0]])
        >>> silhouette_widths(x, np.array([0, 0, 1, -1])).round(3).tolist()
        [0.889, 0.875, 0.0]
    """
    inside = labels >= 0
    x, labels = x[inside], np.unique(labels[inside], return_inverse=True)[1]
    k = int(labels.max(initial=-1)) + 1
    if not 2 <= k < len(x):
        return None
    groups = np.equal.outer(labels, np.arange(k)).astype(np.float64)
    held = groups.sum(axis=0)
    own = np.empty(len(x))
    for low in range(0, len(x), _BLOCK):
        part = slice(low, low + _BLOCK)
        squares = np.zeros((len(x[part]), len(x)))
        for column in x.T:
            squares += np.square(column[part, None] - column)
        own[part] = widths(np.sqrt(squares) @ groups, held, labels[part])[0]
    return own


def stability_of(points: Points, fit: Fit, refit: Refit, seed: int, refits: int = REFITS) -> Floats:
    """Mean overlap (Jaccard) of each segment with the best like it in refits, (k,); at most 1,000 are resampled."""
    x = draw_customers(points, seed, CUSTOMERS)
    return resampled(x, placed(x, fit.centroids, fit.rule), fit.k, refit, seed, refits)[0]


def resampled(x: Floats, labels: Labels, k: int, refit: Refit, seed: int, refits: int = REFITS) -> tuple[Floats, float]:
    """Refit bootstrap samples and see how much comes back, mean over the refits.

    Args:
        x: (n, d) customers.
        labels: (n,) segment of each 0..k-1; -1 fits no group, which counts as no segment, here and in the refits.
        k: How many segments.
        refit: How to find them again.
        seed: Of the samples.
        refits: How many.

    Returns:
        (k,) overlap (Jaccard) of each segment with the refitted one most like it; adjusted Rand index over all
        customers, those who fit no group as one.
    """
    rng = generator(seed, 74, k)
    best, agreed = np.zeros(k), 0.0
    for _ in range(refits):
        rows = rng.integers(len(x), size=len(x))
        again = refit(x[rows], k, int(rng.integers(2**31)))(x)
        agreed += adjusted_rand(labels + 1, again + 1)
        found = int(again.max(initial=-1)) + 1
        if found:
            best += jaccard_table(labels, again, k, found).max(axis=1)
    return best / refits, agreed / refits


def refit_at(algorithm: Algorithm, k: int) -> Callable[[Floats, int], Labeller]:
    """How an algorithm finds k segments again: rows (n, d) and a seed to what places rows, never in more than k groups.

    Where an algorithm that finds its own number finds more, the largest k of them count.
    """

    def refit(x: Floats, seed: int) -> Labeller:
        place = algorithm.refit(x, k, seed)
        own = place(x)
        size = np.bincount(own[own >= 0])
        if len(size) <= k:
            return place
        number = np.full(len(size) + 1, -1, dtype=np.int64)
        number[np.argsort(-size, kind="stable")[:k]] = np.arange(k)
        return lambda rows: number[place(rows)]

    return refit
