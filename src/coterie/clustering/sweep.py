"""K-Means for every k: explore on a bounded sample, then full passes over all customers and the exact inertia."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from coterie.clustering.contract import Fit, Floats, Points, Tally
from coterie.clustering.explore import explore
from coterie.clustering.kmeans import cloud, lines, lloyd, lowest, means, settle
from coterie.clustering.points import CORESET, coreset
from coterie.rounding import round9

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Rows of one step of a full pass; their scores stay in the cache, and the products on one thread.
_ROWS = 2_048
_FULL_PASSES = 2
_REFINING = 6
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
    sample = cloud(*coreset(points.x, points.weight, CORESET, seed))
    rough = cloud(*coreset(sample.x, sample.weight, _ROUGH, seed))
    found = explore(sample, rough, max(ks), seed)
    chosen = {k: _refined(found[k], points) for k in ks}
    if points.exact:
        chosen = {k: settle(points.x, points.weight, centroids) for k, centroids in chosen.items()}
    else:
        for _ in range(_FULL_PASSES):
            passed = _full_pass(points, chosen)
            chosen = {k: means(passed[k].sums, chosen[k]) for k in ks}
    chosen = {k: _numbered(round9(centroids), activity) for k, centroids in chosen.items()}
    return fits_at(points, chosen)


def fits_at(points: Points, chosen: dict[int, Floats]) -> tuple[Fit, ...]:
    """Fits of centroids as they are, k -> (k, d), with exact figures from one pass over all customers."""
    passed = _full_pass(points, chosen)
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


def _refined(candidates: list[Floats], points: Points) -> Floats:
    """Move the candidates a little on more customers than they were found on, and take the best of them.

    More customers: all, or the uniform sample where the points are a coreset. Inertia is compared to 9 digits, so that
    the last bits, which may differ between machines, decide nothing.
    """
    many = cloud(points.x, points.weight)
    if points.uniform is not None:
        many = cloud(points.uniform, np.ones(len(points.uniform)))
    moved, inertia = lloyd(many, np.stack(candidates), iterations=_REFINING, tolerance=1e-6)
    best: Floats = moved[int(np.argmin(round9(inertia)))]
    return best


def _full_pass(points: Points, chosen: dict[int, Floats]) -> dict[int, Tally]:
    """Assign all customers to the centroids of every k, in one stream over them."""
    if points.tally is not None:
        return points.tally(chosen)
    d = points.x.shape[1]
    totals = {k: np.zeros((k, d + 3)) for k in chosen}
    rows = {k: lines(centroids) for k, centroids in chosen.items()}
    for x, weight in _stream(points):
        block = np.empty((len(x), d + 3))
        block[:, :d] = x
        block[:, d] = 1.0
        squares = np.einsum("ij,ij->i", x, x)
        for k, total in list(totals.items()):
            score = rows[k][:, :-1] @ x.T
            score += rows[k][:, -1:]
            label = lowest(score)
            best = np.maximum(2.0 * score.min(axis=0) + squares, 0.0)
            block[:, d + 1] = best
            block[:, d + 2] = np.sqrt(best)
            hot = (label == np.arange(k)[:, None]).astype(np.float64)
            if weight is not None:
                hot *= weight
            totals[k] = total + hot @ block
    return {k: Tally(total[:, : d + 1], total[:, d + 1], total[:, d + 2]) for k, total in totals.items()}


def _stream(points: Points) -> Iterator[tuple[Floats, Floats | None]]:
    """All customers in small steps: (rows, weight), weight None where each counts once."""
    if points.blocks is None:
        for low in range(0, len(points.x), _ROWS):
            yield points.x[low : low + _ROWS], points.weight[low : low + _ROWS]
        return
    for whole in points.blocks():
        for low in range(0, len(whole), _ROWS):
            yield whole[low : low + _ROWS], None


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
