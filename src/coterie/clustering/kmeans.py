"""Weighted K-Means: many starts moved together, as a few large matrix products."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from coterie.clustering.contract import Floats, Labels, Reals

# Multiplications of one matrix product. Below 2^18 OpenBLAS keeps to one thread: waking others costs more than they
# give, on a busy machine very much more, and sums do not depend on their number. It also stays within the cache.
# Threads of Python's own lose as well: steps are so short that handing over its lock takes longer (2.2 s for 1.4 s).
PRODUCT = 250_000

# Rows (centroids of several starts) of one product.
_CENTROIDS = 96
# How much farther than before centroids go where that helped, and the most.
_STRIDE = 1.2
_FARTHEST = 1.9


def generator(seed: int, *purpose: int) -> np.random.Generator:
    """Random numbers of one purpose within a run: streams of different purposes do not disturb each other."""
    return np.random.default_rng(np.random.SeedSequence([seed & 0xFFFF_FFFF_FFFF_FFFF, *purpose]))


@dataclass(frozen=True)
class Cloud:
    """Weighted points prepared for matrix products, in double precision or, where only exploring, in single.

    Attributes:
        x1: (n, d + 1): the points with a column of ones.
        weight: (n,), or (starts, n) where each start has weights of its own (bootstrap).
        squares: (n,) squared lengths.
    """

    x1: Reals
    weight: Reals
    squares: Reals

    @property
    def x(self) -> Reals:
        """The points, (n, d)."""
        return self.x1[:, :-1]

    def weight_of(self, starts: Labels | slice) -> Reals:
        """Weights of some starts: (n,) where shared, else (number of starts, n)."""
        return self.weight if self.weight.ndim == 1 else self.weight[starts]


def cloud(x: Floats, weight: Floats, *, single: bool = False) -> Cloud:
    """Prepare points (n, d) with weights (n,) or (starts, n).

    Args:
        x: The points.
        weight: Their weights.
        single: In single precision, which is twice as fast: to look for candidates, not for figures.
    """
    kind = np.float32 if single else np.float64
    x1 = np.empty((x.shape[0], x.shape[1] + 1), dtype=kind)
    x1[:, :-1] = x
    x1[:, -1] = 1.0
    squares = np.einsum("ij,ij->i", x, x).astype(kind, copy=False)
    return Cloud(x1=x1, weight=weight.astype(kind, copy=False), squares=squares)


def lines(centroids: Floats) -> Floats:
    """Turn centroids (..., d) into rows (..., d + 1); times (x, 1) they give |c|^2 / 2 - c.x, least for the nearest."""
    out = np.empty((*centroids.shape[:-1], centroids.shape[-1] + 1))
    np.negative(centroids, out=out[..., :-1])
    out[..., -1] = 0.5 * np.einsum("...j,...j->...", centroids, centroids)
    return out


def tally(points: Cloud, centroids: Floats, weight: Reals) -> tuple[Floats, Floats]:
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
    rows = lines(centroids).reshape(s * k, d + 1).astype(points.x1.dtype)
    n = len(points.x1)
    size = min(n, max(64, PRODUCT // rows.size))
    # All steps write to the same memory, which therefore stays in the cache.
    scores, hots = np.empty((2, s, k, size), dtype=rows.dtype)
    least = np.empty((s, 1, size), dtype=rows.dtype)
    lowest_ones = np.empty((s, k, size), dtype=bool)
    for low in range(0, n, size):
        block, squares = points.x1[low : low + size], points.squares[low : low + size]
        score, hot, best, is_best = (held[..., : len(block)] for held in (scores, hots, least, lowest_ones))
        np.matmul(rows, block.T, out=score.reshape(s * k, -1))
        score.min(axis=1, keepdims=True, out=best)
        np.copyto(hot, np.less_equal(score, best, out=is_best))
        w = weight[..., low : low + size]
        if weight.ndim == 1:
            block = block * w[:, None]
        else:
            hot *= w[:, None, :]
        sums += (hot.reshape(s * k, -1) @ block).reshape(sums.shape)
        squared = 2.0 * best[:, 0] + squares
        inertia += squared @ w if weight.ndim == 1 else np.einsum("ij,ij->i", squared, w)
    return sums, np.maximum(inertia, 0.0, out=inertia)


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
    s, k, _ = centroids.shape
    together = max(1, _CENTROIDS // k)
    parts = [slice(first, first + together) for first in range(0, s, together)]
    ended = [_lloyd_some(points, points.weight_of(some), centroids[some], iterations, tolerance) for some in parts]
    return np.concatenate([one for one, _ in ended]), np.concatenate([inertia for _, inertia in ended])


def _lloyd_some(
    points: Cloud, weight: Reals, centroids: Floats, iterations: int, tolerance: float
) -> tuple[Floats, Floats]:
    """As `lloyd`, for starts few enough to be moved together.

    Centroids go a little farther than to the means, the more so the longer that helps (over-relaxation; Salakhutdinov
    & Roweis 2003): along flat valleys, where Lloyd's algorithm creeps, it takes half the steps. Where inertia rises,
    they go back to the means.
    """
    s = len(centroids)
    at, mean = centroids.copy(), centroids.copy()
    inertia, reach = np.full(s, np.inf), np.ones(s)
    active = np.arange(s)
    for _ in range(iterations):
        sums, now = tally(points, at[active], weight if weight.ndim == 1 else weight[active])
        lower = now < inertia[active]
        gained = inertia[active] - now > tolerance * now
        better = active[lower]
        mean[better] = means(sums[lower], at[better])
        at[better] = mean[better] + (reach[better, None, None] - 1.0) * (mean[better] - at[better])
        inertia[better] = now[lower]
        worse = active[~lower]
        at[worse] = mean[worse]
        gained |= ~lower & (reach[active] > 1.0)
        reach[better] = np.minimum(reach[better] * _STRIDE, _FARTHEST)
        reach[worse] = 1.0
        active = active[gained]
        if active.size == 0:
            break
    return mean, inertia


def squared_distances(points: Cloud, centroids: Floats) -> Reals:
    """Squared distances of all points to centroids (s, t, d), as (s, t, n), never negative."""
    s, t, d = centroids.shape
    rows = lines(centroids).reshape(s * t, d + 1).astype(points.x1.dtype)
    product = np.empty((s * t, len(points.x1)), dtype=rows.dtype)
    size = max(64, PRODUCT // rows.size)
    for low in range(0, len(points.x1), size):
        part = product[:, low : low + size]
        np.matmul(rows, points.x1[low : low + size].T, out=part)
        part *= 2.0
        part += points.squares[low : low + size]
        np.maximum(part, 0.0, out=part)
    return product.reshape(s, t, -1)


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
    size = max(64, PRODUCT // rows.size)
    for low in range(0, x.shape[0], size):
        block = x[low : low + size]
        score = rows[:, :-1] @ block.T
        score += rows[:, -1:]
        label = lowest(score)
        labels[low : low + size] = label
        away = block - centroids[label]
        squared[low : low + size] = np.einsum("ij,ij->i", away, away)
    return labels, squared


def lowest(score: Reals) -> Labels:
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
