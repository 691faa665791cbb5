"""Weighted K-Means: many starts moved together, as a few large matrix products."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from coterie.clustering.contract import Floats, Labels

# Multiplications of one matrix product. Below 2^18 OpenBLAS keeps to one thread: waking others costs more than they
# give, on a busy machine very much more, and sums do not depend on their number. It also stays within the cache.
_PRODUCT = 250_000
# Rows (centroids of several starts) of one product.
_CENTROIDS = 96
# Of so many far points the best becomes the next centroid of a start; fixed, so that no start depends on the largest k.
_TRIES = 4


def generator(seed: int, *purpose: int) -> np.random.Generator:
    """Random numbers of one purpose within a run: streams of different purposes do not disturb each other."""
    return np.random.default_rng(np.random.SeedSequence([seed & 0xFFFF_FFFF_FFFF_FFFF, *purpose]))


@dataclass(frozen=True)
class Cloud:
    """Weighted points prepared for matrix products.

    Attributes:
        x1: (n, d + 1): the points with a column of ones.
        weight: (n,), or (starts, n) where each start has weights of its own (bootstrap).
        squares: (n,) squared lengths.
    """

    x1: Floats
    weight: Floats
    squares: Floats

    @property
    def x(self) -> Floats:
        """The points, (n, d)."""
        return self.x1[:, :-1]

    def weight_of(self, starts: Labels) -> Floats:
        """Weights of some starts: (n,) where shared, else (len(starts), n)."""
        return self.weight if self.weight.ndim == 1 else self.weight[starts]


def cloud(x: Floats, weight: Floats) -> Cloud:
    """Prepare points (n, d) with weights (n,) or (starts, n)."""
    x1 = np.empty((x.shape[0], x.shape[1] + 1))
    x1[:, :-1] = x
    x1[:, -1] = 1.0
    return Cloud(x1=x1, weight=weight, squares=np.einsum("ij,ij->i", x, x))


def lines(centroids: Floats) -> Floats:
    """Turn centroids (..., d) into rows (..., d + 1); times (x, 1) they give |c|^2 / 2 - c.x, least for the nearest."""
    out = np.empty((*centroids.shape[:-1], centroids.shape[-1] + 1))
    np.negative(centroids, out=out[..., :-1])
    out[..., -1] = 0.5 * np.einsum("...j,...j->...", centroids, centroids)
    return out


def tally(points: Cloud, centroids: Floats, weight: Floats) -> tuple[Floats, Floats]:
    """Assign every point to its nearest centroid, for several starts at once.

    A point exactly between two centroids counts for both: harmless on the way, and settled by `nearest` in the end.

    Args:
        points: n points in d dimensions.
        centroids: (s, k, d).
        weight: (n,) or (s, n).

    Returns:
        sums (s, k, d + 1): weighted sum of the points of each cluster, and their weight in the last column;
        inertia (s,) of these centroids.
    """
    s, k, d = centroids.shape
    sums = np.zeros((s, k, d + 1))
    inertia = np.zeros(s)
    together = max(1, _CENTROIDS // k)
    for first in range(0, s, together):
        some = slice(first, first + together)
        _tally_some(points, centroids[some], weight if weight.ndim == 1 else weight[some], sums[some], inertia[some])
    return sums, np.maximum(inertia, 0.0, out=inertia)


def _tally_some(points: Cloud, centroids: Floats, weight: Floats, sums: Floats, inertia: Floats) -> None:
    """Add to `sums` and `inertia` what `tally` gives."""
    s, k, d = centroids.shape
    rows = lines(centroids).reshape(s * k, d + 1)
    size = max(64, _PRODUCT // rows.size)
    for low in range(0, len(points.x1), size):
        block, squares = points.x1[low : low + size], points.squares[low : low + size]
        score = (rows @ block.T).reshape(s, k, -1)
        best = score.min(axis=1)
        hot = (score <= best[:, None, :]).astype(np.float64)
        if weight.ndim == 1:
            w = weight[low : low + size]
            sums += (hot.reshape(s * k, -1) @ (block * w[:, None])).reshape(sums.shape)
            inertia += (2.0 * best + squares) @ w
        else:
            w = weight[:, low : low + size]
            hot *= w[:, None, :]
            sums += (hot.reshape(s * k, -1) @ block).reshape(sums.shape)
            inertia += np.einsum("ij,ij->i", 2.0 * best + squares, w)


def means(sums: Floats, before: Floats) -> Floats:
    """Centroids from `tally`'s sums; a cluster that lost all its points stays where it was."""
    weight = sums[..., -1:]
    filled = weight > 0.0
    return np.where(filled, sums[..., :-1] / np.where(filled, weight, 1.0), before)


def lloyd(points: Cloud, centroids: Floats, iterations: int, tolerance: float) -> tuple[Floats, Floats]:
    """Move all starts (s, k, d) by Lloyd's algorithm until inertia falls by less than `tolerance` of itself.

    Returns:
        centroids (s, k, d) and inertia (s,), the latter of the last assignment.
    """
    centroids = centroids.copy()
    inertia = np.full(centroids.shape[0], np.inf)
    active = np.arange(centroids.shape[0])
    for _ in range(iterations):
        sums, now = tally(points, centroids[active], points.weight_of(active))
        centroids[active] = means(sums, centroids[active])
        going = inertia[active] - now > tolerance * now
        inertia[active] = now
        active = active[going]
        if active.size == 0:
            break
    return centroids, inertia


def spread_out(points: Cloud, starts: int, k: int, rng: np.random.Generator) -> Floats:
    """Seed `starts` starts of k centroids by greedy k-means++ (Arthur & Vassilvitskii 2007), (starts, k, d).

    The first j centroids of a start are a k-means++ seed for j clusters, so one call serves all k.
    """
    n, d = points.x.shape
    weight = np.broadcast_to(points.weight, (starts, n))
    first = draw(weight, rng.random((starts, 1)))[:, 0]
    chosen = np.empty((starts, k, d))
    chosen[:, 0] = points.x[first]
    distance = squared_distances(points, chosen[:, :1])[:, 0]
    for j in range(1, k):
        chosen[:, j], distance = add_one(points, weight, distance, rng.random((starts, _TRIES)))
    return chosen


def add_one(points: Cloud, weight: Floats, distance: Floats, luck: Floats) -> tuple[Floats, Floats]:
    """Add to each start the best of several centroids drawn far from its present ones.

    Args:
        points: n points.
        weight: (s, n).
        distance: (s, n) squared distance to the nearest present centroid.
        luck: (s, tries) uniform random numbers.

    Returns:
        The new centroids (s, d) and the squared distances with them (s, n).
    """
    candidates = points.x[draw(weight * distance, luck)]
    nearer = np.minimum(squared_distances(points, candidates), distance[:, None, :])
    best = np.einsum("stn,sn->st", nearer, weight).argmin(axis=1)
    each = np.arange(len(best))
    return candidates[each, best], nearer[each, best]


def draw(mass: Floats, luck: Floats) -> Labels:
    """Draw positions with probability proportional to `mass` (s, n), one for each uniform number of `luck` (s, t)."""
    total = np.cumsum(mass, axis=1)
    found = [np.searchsorted(row, u * row[-1], side="right") for row, u in zip(total, luck, strict=True)]
    positions: Labels = np.minimum(np.array(found, dtype=np.int64), mass.shape[1] - 1)
    return positions


def squared_distances(points: Cloud, centroids: Floats) -> Floats:
    """Squared distances of all points to centroids (s, t, d), as (s, t, n), never negative."""
    s, t, d = centroids.shape
    rows = lines(centroids).reshape(s * t, d + 1)
    product = np.empty((s * t, len(points.x1)))
    size = max(64, _PRODUCT // rows.size)
    for low in range(0, len(points.x1), size):
        np.matmul(rows, points.x1[low : low + size].T, out=product[:, low : low + size])
    product *= 2.0
    product += points.squares
    return np.maximum(product, 0.0, out=product).reshape(s, t, -1)


def nearest(x: Floats, centroids: Floats) -> tuple[Labels, Floats]:
    """Assign each row of x (n, d) to its nearest centroid (k, d): labels (n,) from 0, squared distances (n,).

    The lowest number wins a tie, as in the engines' SQL.

    Example:
        >>> labels, squared = nearest(np.array([[0.0], [4.0], [6.0]]), np.array([[0.0], [5.0]]))
        >>> labels.tolist(), squared.tolist()
        ([0, 1, 1], [0.0, 1.0, 1.0])
    """
    rows = lines(centroids)
    labels = np.empty(x.shape[0], dtype=np.int64)
    squared = np.empty(x.shape[0])
    size = max(64, _PRODUCT // rows.size)
    for low in range(0, x.shape[0], size):
        block = x[low : low + size]
        score = rows[:, :-1] @ block.T
        score += rows[:, -1:]
        label = lowest(score)
        labels[low : low + size] = label
        away = block - centroids[label]
        squared[low : low + size] = np.einsum("ij,ij->i", away, away)
    return labels, squared


def lowest(score: Floats) -> Labels:
    """Row number of the least value of each column of (k, n); faster than argmin where rows are long and few."""
    label = np.zeros(score.shape[1], dtype=np.int64)
    best = score[0].copy()
    for j in range(1, score.shape[0]):
        label[score[j] < best] = j
        np.minimum(best, score[j], out=best)
    return label


def cluster_sums(x: Floats, weight: Floats, labels: Labels, k: int) -> Floats:
    """Weighted sums and weight of each cluster, (k, d + 1); summed in point order, whatever the number of threads."""
    columns = [np.bincount(labels, weights=weight * column, minlength=k) for column in x.T]
    return np.stack([*columns, np.bincount(labels, weights=weight, minlength=k)], axis=1)


def settle(x: Floats, weight: Floats, centroids: Floats, iterations: int = 300) -> Floats:
    """Lloyd's algorithm until no point changes its cluster; an emptied cluster starts again at the worst point."""
    before: Labels | None = None
    for _ in range(iterations):
        labels, squared = nearest(x, centroids)
        if before is not None and np.array_equal(labels, before):
            break
        before = labels
        sums = cluster_sums(x, weight, labels, len(centroids))
        centroids = means(sums, centroids)
        cost = weight * squared
        for empty in np.flatnonzero(sums[:, -1] <= 0.0):
            worst = int(cost.argmax())
            centroids[empty] = x[worst]
            cost[worst] = 0.0
    return centroids
