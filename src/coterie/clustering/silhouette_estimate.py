"""Estimate the mean silhouette of every k with an interval: few query customers against all, two control variates.

Both control variates need centroids only, so their mean over all customers is known: the centroid silhouette, and the
root-mean-square silhouette with sqrt(d(x, c)^2 + mean square reach of c) for the mean distance to a segment. Together
they correlate about 0.98 with the true silhouette, which leaves little for the queries to tell.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coterie.clustering.contract import Floats, Labels, Reals
from coterie.clustering.kmeans import PRODUCT, cloud, generator, lowest, squared_distances

if TYPE_CHECKING:
    from numpy.typing import NDArray

QUERIES = 2_000
"""Customers whose own silhouette is computed."""

_NORMAL = 1.96
_QUERIES_AT_ONCE = 64


@dataclass(frozen=True)
class _Segments:
    """One k: labels (n,) of the references, customers held (k,), and both control variates (n, 2)."""

    labels: Labels
    held: Floats
    variates: Floats


def estimate(
    x: Floats, weight: Floats, customers: int, centroids: Sequence[Floats], seed: int
) -> list[tuple[float, float]]:
    """Estimate the mean silhouette of all customers, for several sets of centroids in one pass over the distances.

    Args:
        x: (n, d) references: all customers, as points standing for `weight` of them each, or a uniform sample.
        weight: (n,).
        customers: How many customers there are; more than weight.sum() where x is a sample, which widens the interval.
        centroids: Each (k, d) with k of 2 or more.
        seed: Of drawing the queries.

    Returns:
        For each set: estimate, half width of its 95 % interval.
    """
    segments = [_segments(x, weight, one) for one in centroids]
    queries, times = _draw(segments[-1], weight, seed)
    sums = _distance_sums(x, weight, queries, segments)
    sampled = float(weight.sum())
    missing = max(0.0, 1.0 - sampled / customers) / sampled
    among = _distances(x[queries]) if missing > 0.0 else None
    found = []
    for one, total in zip(segments, sums, strict=True):
        own, a, b, other = widths(total, one.held, one.labels[queries])
        value, variance = _regress(own, one.variates[queries], times, one.variates.T @ weight / sampled)
        if among is not None:
            pull = _influence(one, queries, times, among, own, a, b, other)
            variance += missing * float(np.average((pull - np.average(pull, weights=times)) ** 2, weights=times))
        found.append((value, _NORMAL * float(np.sqrt(variance))))
    return found


def widths(sums: Floats, held: Floats, labels: Labels) -> tuple[Floats, Floats, Floats, Labels]:
    """Silhouette of each customer from its summed distances to all segments.

    Args:
        sums: (m, k) sum of distances to the customers of each segment (to itself 0).
        held: (k,) customers of each segment, this one included.
        labels: (m,) its own segment.

    Returns:
        The silhouette, the mean distance a to its own segment's others, b to the nearest other segment, and which.
    """
    rows = np.arange(len(labels))
    others = held[labels] - 1.0
    a = np.maximum(sums[rows, labels] / np.where(others > 0, others, 1.0), 0.0)
    mean = np.divide(sums, held, out=np.full(sums.shape, np.inf), where=held > 0)
    mean[rows, labels] = np.inf
    other = mean.argmin(axis=1)
    b = mean[rows, other]
    return _ratio(a, b, others > 0), a, b, other


def _ratio(a: Floats, b: Reals, defined: NDArray[np.bool_]) -> Floats:
    """(b - a) / max(a, b), 0 where undefined."""
    defined = defined & np.isfinite(b) & (np.maximum(a, b) > 0)
    near, far = np.where(defined, a, 0.0), np.where(defined, b, 1.0)
    return np.where(defined, (far - near) / np.maximum(near, far), 0.0)


def _segments(x: Floats, weight: Floats, centroids: Floats) -> _Segments:
    k = len(centroids)
    # Single precision will do: queries and all others have the same variates.
    squared = squared_distances(cloud(x, weight, single=True), centroids[None])[0]
    labels, rows = lowest(squared), np.arange(len(x))
    own = squared[labels, rows].astype(np.float64)
    squared[labels, rows] = np.inf
    held: Floats = np.bincount(labels, weights=weight, minlength=k).astype(np.float64)
    spread = np.bincount(labels, weights=weight * own, minlength=k) / np.maximum(held, 1.0)
    defined = held[labels] > 1.0
    plain = _ratio(np.sqrt(own), np.sqrt(squared.min(axis=0)), defined)
    squared += spread[:, None].astype(np.float32)
    spread_out = _ratio(np.sqrt(own + spread[labels]), np.sqrt(squared.min(axis=0)), defined)
    return _Segments(labels, held, np.stack((plain, spread_out), axis=1))


def _draw(finest: _Segments, weight: Floats, seed: int) -> tuple[Labels, Floats]:
    """Draw customers with equal chances, evenly over the segments of the largest k and over their silhouettes.

    Returns:
        Positions of the points drawn, ascending, and how many of their customers were drawn.
    """
    order = np.lexsort((finest.variates[:, 1], finest.labels))
    until = np.cumsum(weight[order])
    marks = (np.arange(QUERIES) + generator(seed, 30).random(QUERIES)) * (until[-1] / QUERIES)
    drawn = order[np.minimum(np.searchsorted(until, marks, side="right"), len(order) - 1)]
    queries, times = np.unique(drawn, return_counts=True)
    return queries, times.astype(np.float64)


def _distance_sums(x: Floats, weight: Floats, queries: Labels, segments: Sequence[_Segments]) -> list[Floats]:
    """Sum of distances from each query to the customers of each segment, for each k: (queries, k).

    References that share their segment at every k form a cell. Distances are summed by cell, once for all k.
    """
    cells, cell = _cells(segments)
    order = np.argsort(cell, kind="stable")
    cell, place = cell[order], np.empty(len(x), dtype=np.int64)
    place[order] = np.arange(len(x))
    many = None if (weight == 1.0).all() else weight[order].astype(np.float32)
    # Queries in the order of the references: those that meet themselves in one step stand together.
    sort = np.argsort(place[queries])
    left, right = _factors(x[queries[sort]], x[order])
    itself = place[queries[sort]]
    parts = [slice(first, first + _QUERIES_AT_ONCE) for first in range(0, len(queries), _QUERIES_AT_ONCE)]
    found = [_cell_sums(left[part], right, cell, many, itself[part]) for part in parts]
    sums = np.empty((len(queries), len(cells)))
    sums[sort] = np.concatenate(found)
    return [sums @ np.equal.outer(cells[:, i], np.arange(len(one.held))) for i, one in enumerate(segments)]


def _cells(segments: Sequence[_Segments]) -> tuple[Labels, Labels]:
    """Combinations of segments that occur, one of each k (cells, ks), and which of them each reference has (n,)."""
    cell = np.zeros_like(segments[0].labels)
    for one in segments:
        _, first, cell = np.unique(cell * len(one.held) + one.labels, return_index=True, return_inverse=True)
    return np.stack([one.labels[first] for one in segments], axis=1), cell


def _cell_sums(
    left: NDArray[np.float32],
    right: NDArray[np.float32],
    cell: Labels,
    many: NDArray[np.float32] | None,
    itself: Labels,
) -> Floats:
    """Sums (m, cells) of the distances between the `_factors` of some queries and those of all references.

    Args:
        left: Of the queries.
        right: Of the references.
        cell: (n,) ascending, of each reference.
        many: (n,) how often each counts, where not once.
        itself: (m,) ascending, the place of each query among the references.
    """
    sums = np.zeros((len(left), int(cell[-1]) + 1))
    step = max(32, PRODUCT // left.size)
    held = np.empty((len(left), step), dtype=np.float32)
    for low in range(0, len(cell), step):
        part = slice(low, low + step)
        starts = np.flatnonzero(np.diff(cell[part], prepend=-1))
        apart = held[:, : right[:, part].shape[1]]
        np.matmul(left, right[:, part], out=apart)
        np.sqrt(np.maximum(apart, 0.0, out=apart), out=apart)
        first, last = np.searchsorted(itself, (low, low + step))
        apart[np.arange(first, last), itself[first:last] - low] = 0.0
        if many is not None:
            apart *= many[part]
        sums[:, cell[low] : cell[low] + len(starts)] += np.add.reduceat(apart, starts, axis=1)
    return sums


def _factors(x: Floats, y: Floats) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Single-precision factors whose product holds the squared distances of the rows of x and y."""
    one_x, one_y = np.ones((len(x), 1)), np.ones((len(y), 1))
    left = np.hstack([-2.0 * x, np.square(x).sum(axis=1, keepdims=True), one_x])
    right = np.hstack([y, one_y, np.square(y).sum(axis=1, keepdims=True)])
    return left.astype(np.float32), np.ascontiguousarray(right.T, dtype=np.float32)


def _distances(x: Floats) -> NDArray[np.float32]:
    """(n, n) between the rows of x."""
    left, right = _factors(x, x)
    apart: NDArray[np.float32] = np.sqrt(np.maximum(left @ right, 0.0))
    np.fill_diagonal(apart, 0.0)
    return apart


def _regress(own: Floats, variates: Floats, times: Floats, known: Floats) -> tuple[float, float]:
    """Mean of `own` at the known means of the variates, and its variance from what they leave unexplained."""
    drawn = times.sum()
    design = np.hstack([np.ones((len(own), 1)), variates - known])
    root = np.sqrt(times)[:, None]
    slope = np.linalg.lstsq(design * root, own * root[:, 0], rcond=None)[0]
    left = own - design @ slope
    return float(slope[0]), float(times @ left**2 / drawn / max(drawn - design.shape[1], 1.0))


def _influence(
    one: _Segments, queries: Labels, times: Floats, among: Reals, own: Floats, a: Floats, b: Floats, other: Labels
) -> Floats:
    """How far each query, taken as a reference, pulls the mean silhouette: its own, and through the others' a and b.

    Its variance over customers, divided by the size of the sample, is what sampling the references adds.
    """
    labels = one.labels[queries]
    rows = np.arange(len(queries))
    share = one.held / one.held.sum()
    safe_a, safe_b = np.maximum(a, 1e-12), np.where(np.isfinite(b), np.maximum(b, 1e-12), 1.0)
    inside = a < b
    by_a = np.where(inside, -1.0 / safe_b, -safe_b / safe_a**2) * times / times.sum()
    by_b = np.where(inside, a / safe_b**2, 1.0 / safe_a) * times / times.sum()
    effect = np.zeros((len(queries), len(share)))
    effect[rows, labels] = by_a / np.maximum(share[labels], 1e-12)
    effect[rows, other] += by_b / np.maximum(share[other], 1e-12)
    at = np.zeros_like(effect)
    at[rows, labels] = effect[rows, labels] * a
    at[rows, other] = effect[rows, other] * np.where(np.isfinite(b), b, 0.0)
    pull = (among.T @ effect.astype(among.dtype)).astype(np.float64) - at.sum(axis=0)
    total: Floats = own + pull[rows, labels]
    return total
