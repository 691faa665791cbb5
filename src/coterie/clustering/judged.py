"""Silhouette and stability of fits whose customers are not placed by the nearest centroid, or not fitted by K-Means."""

from __future__ import annotations

import numpy as np

from coterie.clustering.agreement import jaccard_table
from coterie.clustering.contract import Fit, Floats, Labels, Points, Refit
from coterie.clustering.drawn import draw_customers, placed
from coterie.clustering.kmeans import generator
from coterie.clustering.silhouette import EXACT, Silhouette
from coterie.clustering.silhouette_estimate import widths

CUSTOMERS = 1_000
"""Most customers that are resampled."""

REFITS = 10
_PARTS = 10
_STUDENT = 2.262  # of 9 degrees of freedom
_BLOCK = 512


def silhouette_of(points: Points, fit: Fit, seed: int, most: int = EXACT) -> Silhouette:
    """Mean silhouette of the customers who fit a group: of all where they are few, else of `most` with an interval."""
    everyone = points.exact and points.customers <= most
    x = draw_customers(points, seed, most)
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
    """Mean overlap (Jaccard) of each segment with the best like it in refits on bootstrap samples, (k,).

    At most 1,000 customers are resampled. Those who fit no group count as no segment, in the fit and in the refits.
    """
    x = draw_customers(points, seed, CUSTOMERS)
    labels = placed(x, fit.centroids, fit.rule)
    rng = generator(seed, 74, fit.k)
    best = np.zeros(fit.k)
    for _ in range(refits):
        rows = rng.integers(len(x), size=len(x))
        again = refit(x[rows], fit.k, int(rng.integers(2**31)))(x)
        found = int(again.max(initial=-1)) + 1
        if found:
            best += jaccard_table(labels, again, fit.k, found).max(axis=1)
    return best / refits
