"""Where K-Means starts: centroids drawn from the points, far from each other."""

from __future__ import annotations

import numpy as np

from coterie.clustering.contract import Floats, Labels, Reals
from coterie.clustering.kmeans import WORTH_THREADS, Cloud, squared_distances
from coterie.clustering.threads import in_threads

# Of so many far points the best becomes the next centroid of a start; fixed, so that no start depends on the largest k.
_TRIES = 4


def spread_out(points: Cloud, starts: int, k: int, rng: np.random.Generator) -> Floats:
    """Seed `starts` starts of k centroids by greedy k-means++ (Arthur & Vassilvitskii 2007), (starts, k, d).

    The first j centroids of a start are a k-means++ seed for j clusters, so one call serves all k.
    """
    first = rng.random((starts, 1))
    later = [rng.random((starts, _TRIES)) for _ in range(1, k)]
    together = -(-starts // 4)
    parts = [slice(low, low + together) for low in range(0, starts, together)]

    def spread(some: slice) -> Floats:
        return _spread_some(points, points.weight_of(some), first[some], [luck[some] for luck in later])

    work = len(points.x1) * starts * _TRIES
    return np.concatenate(in_threads(spread, parts) if work > WORTH_THREADS else [spread(some) for some in parts])


def _spread_some(points: Cloud, weight: Reals, first: Floats, later: list[Floats]) -> Floats:
    """As `spread_out`, by the uniform numbers that draw the first centroid of each start, and the later ones."""
    weight = np.broadcast_to(weight, (len(first), len(points.x1)))
    chosen = np.empty((len(first), 1 + len(later), points.x.shape[1]))
    chosen[:, 0] = points.x[draw(weight, first)[:, 0]]
    distance = squared_distances(points, chosen[:, :1])[:, 0]
    for j, luck in enumerate(later, start=1):
        chosen[:, j], distance = add_one(points, weight, distance, luck)
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
