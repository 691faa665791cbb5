"""Where K-Means starts: centroids drawn from the points, far from each other."""

from __future__ import annotations

import numpy as np

from coterie.clustering.contract import Floats, Labels, Reals
from coterie.clustering.kmeans import Cloud, squared_distances

# Of so many far points the best becomes the next centroid of a start; fixed, so that no start depends on the largest k.
_TRIES = 4


def spread_out(points: Cloud, starts: int, k: int, rng: np.random.Generator) -> Floats:
    """Seed `starts` starts of k centroids by greedy k-means++ (Arthur & Vassilvitskii 2007), (starts, k, d).

    The first j centroids of a start are a k-means++ seed for j clusters, so one call serves all k.
    """
    weight = np.broadcast_to(points.weight, (starts, len(points.x1)))
    chosen = np.empty((starts, k, points.x.shape[1]))
    chosen[:, 0] = points.x[draw(weight, rng.random((starts, 1)))[:, 0]]
    distance = squared_distances(points, chosen[:, :1])[:, 0]
    for j in range(1, k):
        chosen[:, j], distance = add_one(points, weight, distance, rng.random((starts, _TRIES)))
    return chosen


def add_one(points: Cloud, weight: Reals, distance: Reals, luck: Floats) -> tuple[Floats, Reals]:
    """Add to each start the best of several centroids drawn far from its present ones.

    Args:
        points: n points.
        weight: (s, n).
        distance: (s, n) squared distance to the nearest present centroid.
        luck: (s, tries) uniform random numbers.

    Returns:
        The new centroids (s, d) and the squared distances with them (s, n).
    """
    candidates = points.x[draw(weight * distance, luck)].astype(np.float64, copy=False)
    nearer = squared_distances(points, candidates)
    np.minimum(nearer, distance[:, None, :], out=nearer)
    best = np.matmul(nearer, weight[:, :, None])[..., 0].argmin(axis=1)
    each = np.arange(len(best))
    return candidates[each, best], nearer[each, best]


def draw(mass: Reals, luck: Floats) -> Labels:
    """Draw positions with probability proportional to `mass` (s, n), one for each uniform number of `luck` (s, t)."""
    total = np.cumsum(mass, axis=1, dtype=np.float64)
    found = [np.searchsorted(row, u * row[-1], side="right") for row, u in zip(total, luck, strict=True)]
    positions: Labels = np.minimum(np.array(found, dtype=np.int64), mass.shape[1] - 1)
    return positions
