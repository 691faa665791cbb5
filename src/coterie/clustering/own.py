"""A clusterer of the user's own: anything with scikit-learn's `fit_predict(X)`."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any, Protocol, runtime_checkable

import numpy as np

from coterie.clustering.contract import Algorithm, Fit, Floats, Labeller, Labels, Points
from coterie.clustering.drawn import draw_customers, fit_by, group_means, placed, reach_of, renumbered, share_kept
from coterie.clustering.kmeans import generator
from coterie.clustering.rules import Reach
from coterie.clustering.sweep import activity_order, fits_at
from coterie.errors import UsageError
from coterie.rounding import round9

MOST_GROUPS = 50
"""More segments than that are no segmentation to work with."""

OWN = "own: "
"""What the names of such algorithms begin with."""


@runtime_checkable
class Clusterer(Protocol):
    """Groups rows: `fit_predict(X)` takes (n, d) and gives n whole numbers, -1 for no group."""

    def fit_predict(self, X: Any) -> Any: ...  # noqa: N803


def own_algorithm(clusterer: Clusterer) -> Algorithm:
    """Make an algorithm of a clusterer, which itself is never changed: every fit is made with a copy.

    Fitted on at most 5,000 customers. Its groups become segments by their centroids: a customer belongs to the nearest;
    where the clusterer leaves some out (-1), a segment reaches as far as its farthest member, and who stands beyond
    fits no group. Without a `random_state` of its own a copy gets one, so that runs repeat.

    Raises UsageError for what has no `fit_predict`.
    """
    if isinstance(clusterer, type) or not isinstance(clusterer, Clusterer):
        raise UsageError(
            f"algorithm = {clusterer!r} is not a way to find groups: give a name, or an object with fit_predict(X) "
            "such as sklearn.cluster.AgglomerativeClustering(n_clusters=4)."
        )
    label = type(clusterer).__name__

    def sweep(points: Points, ks: tuple[int, ...], seed: int, activity: Floats | None = None) -> tuple[Fit, ...]:
        return (_fit(clusterer, points, seed, activity),)

    def refit(x: Floats, k: int, seed: int) -> Labeller:
        try:
            labels = own_labels(clusterer, x, seed)
        except UsageError:  # a resample may be too poor for it, and all customers were not
            labels = np.full(len(x), -1, dtype=np.int64)
        found = int(labels.max(initial=-1)) + 1
        if found == 0:
            return lambda rows: np.full(len(rows), -1, dtype=np.int64)
        centroids = group_means(x, labels, found)
        rule = reach_of(x, labels, centroids) if (labels < 0).any() else None
        return lambda rows: placed(rows, centroids, rule)

    return Algorithm(
        name=f"{OWN}{label}",
        label=label,
        meaning=f"Groups found by {label}, given by the caller.",
        sweep=sweep,
        refit=refit,
        caution="Groups of another shape than a ball are only roughly kept, as every customer goes to a centre.",
        needs_k=False,
    )


def own_labels(clusterer: Clusterer, x: Floats, seed: int) -> Labels:
    """What a copy of the clusterer says of rows (n, d): groups numbered from 0, -1 for none."""
    name = type(clusterer).__name__
    try:
        given = np.asarray(_copy(clusterer, seed).fit_predict(x.copy()))
    except ValueError as error:  # what scikit-learn raises about data it cannot group
        said = " ".join(str(error).split()).rstrip(".")  # one sentence, however many lines
        raise UsageError(f"{name} cannot group these {len(x)} customers: {said}.") from error
    if given.shape != (len(x),) or given.dtype.kind not in "iu":
        raise UsageError(
            f"{name}.fit_predict gave {given.dtype} values of shape {given.shape} for {len(x)} customers; "
            "one whole number each is needed, -1 for no group."
        )
    labels = np.full(len(x), -1, dtype=np.int64)
    inside = given >= 0
    labels[inside] = np.unique(given[inside], return_inverse=True)[1]
    return labels


def _fit(clusterer: Clusterer, points: Points, seed: int, activity: Floats | None) -> Fit:
    x = draw_customers(points, seed)
    labels = own_labels(clusterer, x, seed)
    found, name = int(labels.max(initial=-1)) + 1, type(clusterer).__name__
    if not 2 <= found <= MOST_GROUPS:
        raise UsageError(
            f"{name} finds {found} group{'' if found == 1 else 's'} in these customers; a segmentation needs 2 to "
            f"{MOST_GROUPS}. Set it up otherwise, or use k-means."
        )
    centroids = group_means(x, labels, found)
    order = activity_order(centroids, activity)
    labels, centroids = renumbered(labels, order), round9(centroids[order])
    some_fit_none = bool((labels < 0).any())
    held = _held(points, centroids, reach_of(x, labels, centroids) if some_fit_none else None)
    if not held.all():  # a group inside another one: all of its customers are nearer to some other centre
        place = np.where(held, np.cumsum(held) - 1, -1)
        labels, centroids = np.append(place, -1)[labels], centroids[held]
    rule = reach_of(x, labels, centroids) if some_fit_none else None
    if len(centroids) < 2 or not _held(points, centroids, rule).all():
        raise UsageError(f"{name}'s groups lie so within each other that centres cannot tell them apart; use another.")
    kept = share_kept(x, labels, centroids, rule)
    if rule is None:
        return replace(fits_at(points, {len(centroids): centroids})[0], kept=kept)
    return fit_by(points, centroids, rule, kept)


def _held(points: Points, centroids: Floats, rule: Reach | None) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Which segments have customers."""
    labels = placed(points.x, centroids, rule)
    return np.bincount(labels[labels >= 0], minlength=len(centroids)) > 0


def _copy(clusterer: Any, seed: int) -> Any:
    """A copy as if newly made; with a seed where it has room for one that is not filled."""
    fresh = copy.deepcopy(clusterer)
    if not hasattr(clusterer, "get_params"):
        return fresh
    try:
        from sklearn.base import clone
    except ImportError:
        return fresh
    fresh = clone(clusterer, safe=False)
    if "random_state" in (parameters := fresh.get_params()) and parameters["random_state"] is None:
        fresh.set_params(random_state=int(generator(seed, 72).integers(2**31)))
    return fresh
