"""The silhouette (Rousseeuw 1987) of every k in one pass over the distances: exact where points are few."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from coterie.clustering.contract import Fit, Floats, Labels, Points
from coterie.clustering.kmeans import nearest
from coterie.clustering.silhouette_estimate import estimate, widths

EXACT = 5_000
"""Most distinct points whose silhouette is computed exactly."""

# Distances of one step, some 4 MB.
_BLOCK = 1 << 19


@dataclass(frozen=True)
class Silhouette:
    """A mean silhouette in -1..1 with its 95 % interval (closed on the value where exact); None where undefined."""

    value: float | None
    low: float | None
    high: float | None


def silhouette(points: Points, fits: Sequence[Fit], seed: int) -> list[Silhouette]:
    """Mean silhouette of all customers for each fit: exact up to 5,000 distinct points, above them an estimate."""
    centroids = [fit.centroids for fit in fits]
    if points.exact and len(points.x) <= EXACT:
        values = silhouette_exact(points.x, points.weight, [nearest(points.x, c)[0] for c in centroids])
        return [Silhouette(value, value, value) for value in values]
    x, weight = points.x, points.weight
    if points.uniform is not None:
        x, weight = points.uniform, np.ones(len(points.uniform))
    found = estimate(x, weight, points.customers, centroids, seed)
    return [Silhouette(value, max(value - half, -1.0), min(value + half, 1.0)) for value, half in found]


def silhouette_exact(x: Floats, weight: Floats, labellings: Sequence[Labels]) -> list[float | None]:
    """Mean silhouette of all customers for each labelling; quadratic in the number of points.

    A customer is compared with the others: of a point standing for w customers each has w - 1 twins at distance 0.
    A customer alone in its segment counts 0, as in scikit-learn.

    Args:
        x: (n, d) distinct points.
        weight: (n,) whole numbers of customers.
        labellings: Each (n,) labels from 0.

    Returns:
        One score in -1..1 per labelling; None where it has a single segment, or one for each customer.

    Example:
        >>> x = np.array([[0.0], [1.0], [9.0]])
        >>> silhouette_exact(x, np.ones(3), [np.array([0, 0, 1])])[0]
        0.5879629629629629
    """
    ks = [int(labels.max()) + 1 for labels in labellings]
    share = np.concatenate([np.equal.outer(labels, np.arange(k)) for k, labels in zip(ks, labellings, strict=True)], 1)
    share = share * weight[:, None]
    held = share.sum(axis=0)
    ends = np.cumsum(ks)
    totals = np.zeros(len(ks))
    squares = np.einsum("ij,ij->i", x, x)
    size = max(16, _BLOCK // len(x))
    for low in range(0, len(x), size):
        part = slice(low, low + size)
        apart = x[part] @ (-2.0 * x.T)
        apart += squares[part, None]
        apart += squares
        np.sqrt(np.maximum(apart, 0.0, out=apart), out=apart)
        apart[np.arange(len(apart)), np.arange(low, low + len(apart))] = 0.0
        sums = apart @ share
        for i, (end, k) in enumerate(zip(ends, ks, strict=True)):
            columns = slice(end - k, end)
            own = widths(sums[:, columns], held[columns], labellings[i][part])[0]
            totals[i] += float(weight[part] @ own)
    customers = float(weight.sum())
    segments = [np.count_nonzero(held[end - k : end]) for end, k in zip(ends, ks, strict=True)]
    return [
        float(total / customers) if 1 < filled < customers else None
        for total, filled in zip(totals, segments, strict=True)
    ]
