"""K-Means for every k: explore on a bounded sample, then full passes over all customers and the exact inertia."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from coterie.clustering.contract import Fit, Floats, Points, Tally
from coterie.clustering.explore import explore
from coterie.clustering.kmeans import PRODUCT, Cloud, cloud, lines, lloyd, means, settle
from coterie.clustering.points import CORESET, coreset
from coterie.rounding import round9

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Customers of a full pass taken at a time.
_PART = 65_536
_FULL_PASSES = 2
# Steps of all candidates of a k, and at most so many more of the best: where an optimum lies in a flat valley, that of
# the sample may be far along it from that of all customers.
_REFINING = 6
_SETTLING = 50
_ROUNDING = 1e-7
# Points of the smaller sample; more are explored in single precision.
_ROUGH = 5_000


def sweep(points: Points, ks: tuple[int, ...], seed: int, activity: Floats | None = None) -> tuple[Fit, ...]:
    """Fit K-Means for each k; what is found for one k is the same whichever others are asked for.

    Args:
        points: Customers; at least max(ks) of them distinct.
        ks: Numbers of segments, each 1 or more.
        seed: Of all random choices; the same points and seed give the same bytes.
        activity: (d,) the direction of the features that means active; segments are numbered along it, descending.

    Returns:
        One fit per k in the order of `ks`; centroids rounded to 9 significant digits, inertia computed with them.
    """
    found = explore(*_samples(points, seed), max(ks), seed)
    chosen = _refined({k: found[k] for k in ks}, points)
    if points.exact:
        chosen = {k: settle(points.x, points.weight, centroids) for k, centroids in chosen.items()}
    else:
        for _ in range(_FULL_PASSES):
            passed = full_pass(points, chosen)
            chosen = {k: means(passed[k].sums, chosen[k]) for k in ks}
    chosen = {k: _numbered(round9(centroids), activity) for k, centroids in chosen.items()}
    return fits_at(points, chosen)


def fits_at(points: Points, chosen: dict[int, Floats]) -> tuple[Fit, ...]:
    """Fits of centroids as they are, k -> (k, d), with exact figures from one pass over all customers."""
    passed = full_pass(points, chosen)
    return tuple(_fit(centroids, passed[k]) for k, centroids in chosen.items())


def activity_order(centroids: Floats, activity: Floats | None) -> NDArray[np.intp]:
    """Places of centroids (k, d) by descending activity, so that segments are numbered the same way everywhere."""
    return _order(centroids, np.zeros(centroids.shape[1]) if activity is None else activity)


def order_by(fit: Fit, activity: Floats) -> Fit:
    """Number the segments of a fit by descending activity: centroid @ activity; ties by the centroids themselves.

    Args:
        fit: In any order.
        activity: (d,).

    Example:
        >>> fit = Fit(k=2, centroids=np.array([[0.0], [3.0]]), inertia=1.0, sizes=np.array([5, 2]))
        >>> order_by(fit, np.array([1.0])).sizes.tolist()
        [2, 5]
    """
    order = _order(fit.centroids, activity)
    return replace(
        fit,
        centroids=fit.centroids[order],
        sizes=fit.sizes[order],
        within=None if fit.within is None else fit.within[order],
        reach=None if fit.reach is None else fit.reach[order],
        means=None if fit.means is None else fit.means[order],
    )


def _order(centroids: Floats, activity: Floats) -> NDArray[np.intp]:
    return np.lexsort((*(-centroids.T[::-1]), -round9(centroids @ activity)))


def _numbered(centroids: Floats, activity: Floats | None) -> Floats:
    return centroids[activity_order(centroids, activity)]


def _samples(points: Points, seed: int) -> tuple[Cloud, Cloud]:
    """Those to explore, and fewer that stand for them; in single precision where they are many."""
    x, weight = coreset(points.x, points.weight, CORESET, seed)
    single = len(x) > _ROUGH
    return cloud(x, weight, single=single), cloud(*coreset(x, weight, _ROUGH, seed), single=single)


def _refined(found: Mapping[int, list[Floats]], points: Points) -> dict[int, Floats]:
    """Move the candidates of each k a little on more customers than they were found on, and take the best of them.

    More customers: all, or the uniform sample where the points are a coreset. Of candidates equally good but for
    rounding, which may differ between machines, the first is taken.
    """
    x, weight = points.x, points.weight
    if points.uniform is not None:
        x, weight = points.uniform, np.ones(len(points.uniform))
    many = cloud(x, weight, single=len(x) > _ROUGH)

    def best(k: int) -> Floats:
        moved, inertia = lloyd(many, np.stack(found[k]), iterations=_REFINING, tolerance=1e-6)
        ahead = int(np.argmax(inertia <= inertia.min() * (1.0 + _ROUNDING)))
        ended, _ = lloyd(many, moved[[ahead]], iterations=_SETTLING, tolerance=2e-6)
        only: Floats = ended[0]
        return only

    return {k: best(k) for k in found}


def full_pass(points: Points, chosen: Mapping[int, Floats]) -> dict[int, Tally]:
    """All customers assigned to the centroids of every k, in one pass over them: the sums of each cluster."""
    if points.tally is not None:
        return points.tally(chosen)
    totals = {k: np.zeros((k, points.x.shape[1] + 3)) for k in chosen}
    for x, weight in _stream(points):
        for total, more in zip(totals.values(), _tallied(x, weight, chosen), strict=True):
            total += more
    return {k: Tally(total[:, :-2], total[:, -2], total[:, -1]) for k, total in totals.items()}


def _tallied(x: Floats, weight: Floats | None, chosen: Mapping[int, Floats]) -> list[Floats]:
    """Sums (k, d + 3) of the columns of x, of ones, and of squared and plain distances, over each cluster of each k."""
    n, d = x.shape
    block = np.empty((n, d + 3))
    block[:, :d] = x
    block[:, d] = 1.0
    squares = np.einsum("ij,ij->i", x, x)
    return [_tallied_at(block, squares, weight, centroids) for centroids in chosen.values()]


def _tallied_at(block: Floats, squares: Floats, weight: Floats | None, centroids: Floats) -> Floats:
    """As `_tallied`, of one k; `block` is (x, 1) with room for both distances."""
    (k, d), n = centroids.shape, len(block)
    total, rows = np.zeros((k, d + 3)), lines(centroids)
    size = min(n, max(64, PRODUCT // total.size))
    scores, hots, are_best = np.empty((k, size)), np.empty((k, size)), np.empty((k, size), dtype=bool)
    for low in range(0, n, size):
        some = slice(low, min(low + size, n))
        score, hot, is_best = (room[:, : some.stop - low] for room in (scores, hots, are_best))
        np.matmul(rows, block[some, : d + 1].T, out=score)
        least = score.min(axis=0)
        np.equal(score, least, out=is_best)
        if np.count_nonzero(is_best) > len(least):
            # Where centroids tie, the lowest number takes the customer.
            np.equal(score.argmin(axis=0), np.arange(k)[:, None], out=is_best)
        np.copyto(hot, is_best)
        if weight is not None:
            hot *= weight[some]
        squared = np.maximum(2.0 * least + squares[some], 0.0)
        block[some, d + 1] = squared
        block[some, d + 2] = np.sqrt(squared)
        total += hot @ block[some]
    return total


def _stream(points: Points) -> Iterator[tuple[Floats, Floats | None]]:
    """All customers, part by part: (rows, weight), weight None where each counts once."""
    for rows in (points.x,) if points.blocks is None else points.blocks():
        for low in range(0, len(rows), _PART):
            part = slice(low, low + _PART)
            yield rows[part], points.weight[part] if points.blocks is None else None


def _fit(centroids: Floats, tally: Tally) -> Fit:
    held = tally.sums[:, -1]
    filled = np.where(held > 0, held, 1.0)
    middle = means(tally.sums, centroids)
    shift = np.square(middle - centroids).sum(axis=1)
    return Fit(
        k=len(centroids),
        centroids=centroids,
        inertia=float(tally.squared.sum()),
        sizes=np.rint(held).astype(np.int64),
        within=np.maximum(tally.squared - held * shift, 0.0),
        reach=tally.distance / filled,
        means=middle,
    )
