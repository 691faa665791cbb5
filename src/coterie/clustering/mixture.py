"""Gaussian mixture: groups as overlapping clouds, each with its own width in every direction (EM, scikit-learn)."""

from __future__ import annotations

import warnings

import numpy as np

from coterie.clustering.contract import Fit, Floats, Labeller, Labels, Points
from coterie.clustering.drawn import draw_customers, fit_by, group_means, renumbered, share_kept
from coterie.clustering.kmeans import cloud, generator, lloyd, nearest
from coterie.clustering.need import need_sklearn
from coterie.clustering.rules import Mixture, rows_of
from coterie.clustering.seeding import spread_out
from coterie.clustering.sweep import activity_order
from coterie.rounding import round9

FLOOR = 0.01
"""Added to every variance (features have variance 1), so that no component shrinks to customers with equal counts."""

_STARTS = 8
_TRIED = 3
_ROUNDS = 200
_TOLERANCE = 1e-4


def sweep_mixture(points: Points, ks: tuple[int, ...], seed: int, activity: Floats | None = None) -> tuple[Fit, ...]:
    """A mixture of each k on at most 5,000 customers; all customers then belong to the likeliest component.

    A k with a component that is nobody's likeliest is left out. Raises UsageError without scikit-learn.
    """
    x = draw_customers(points, seed)
    found = (_fit(points, x, k, seed, activity) for k in ks if k <= len(x))
    return tuple(fit for fit in found if fit is not None)


def refit_mixture(x: Floats, k: int, seed: int) -> Labeller:
    """A mixture of rows (n, d) once, from one start; other rows belong to the likeliest component."""
    k = min(k, len(x))
    if len(x) < 2:
        return lambda rows: np.zeros(len(rows), dtype=np.int64)
    mixture = learn_mixture(x, k, seed, tried=1)
    centroids = np.array(mixture.means)
    return lambda rows: mixture.place(rows, centroids).labels


def learn_mixture(x: Floats, k: int, seed: int, tried: int = _TRIED) -> Mixture:
    """The likeliest mixture of k components with full covariances, from the best few K-Means starts; rounded.

    Args:
        x: (n, d), n at least k.
        k: Number of components.
        seed: Of the starts.
        tried: How many of the starts.
    """
    starts = _starts(x, k, seed, tried)
    fitted = max((_em(x, labels, k) for labels in starts), key=lambda model: round9(float(model[0])))
    _, weights, means, precisions = fitted
    return Mixture(
        tuple(round9(weights).tolist()), rows_of(round9(means)), tuple(rows_of(round9(part)) for part in precisions)
    )


def _fit(points: Points, x: Floats, k: int, seed: int, activity: Floats | None) -> Fit | None:
    mixture = learn_mixture(x, k, seed)
    labels = mixture.place(points.x, np.array(mixture.means)).labels
    if not np.bincount(labels, minlength=k).all():
        return None
    centroids = group_means(points.x, labels, k, points.weight)
    order = activity_order(centroids, activity)
    ordered = Mixture(*(tuple(part[place] for place in order) for part in _parts(mixture)))
    drawn = renumbered(mixture.place(x, centroids).labels, order)
    centroids = round9(centroids[order])
    return fit_by(points, centroids, ordered, share_kept(x, drawn, centroids, ordered))


def _parts(mixture: Mixture) -> tuple[tuple[float, ...], tuple[tuple[float, ...], ...], tuple[object, ...]]:
    return mixture.weights, mixture.means, mixture.precisions


def _starts(x: Floats, k: int, seed: int, tried: int) -> list[Labels]:
    """Labels of the best few of several K-Means fits."""
    points = cloud(x, np.ones(len(x)))
    seeds = spread_out(points, _STARTS, k, generator(seed, 71, k))
    ended, inertia = lloyd(points, seeds, iterations=50, tolerance=1e-4)
    order = np.argsort(round9(inertia), kind="stable")
    return [nearest(x, ended[place])[0] for place in order[:tried]]


def _em(x: Floats, labels: Labels, k: int) -> tuple[float, Floats, Floats, Floats]:
    """Expectation maximisation from a grouping: mean log likelihood, weights, means, Cholesky factors of precisions."""
    need_sklearn("The Gaussian mixture")
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.mixture import GaussianMixture

    d = x.shape[1]
    weights, means, precisions = np.empty(k), np.empty((k, d)), np.empty((k, d, d))
    for group in range(k):
        # An empty start is all customers: it finds its own place.
        rows = x[labels == group] if (labels == group).any() else x
        weights[group] = len(rows)
        means[group] = rows.mean(axis=0)
        away = rows - means[group]
        precisions[group] = np.linalg.inv(away.T @ away / len(rows) + FLOOR * np.eye(d))
    model = GaussianMixture(
        k,
        tol=_TOLERANCE,
        max_iter=_ROUNDS,
        reg_covar=FLOOR,
        weights_init=weights / weights.sum(),
        means_init=means,
        precisions_init=(precisions + precisions.transpose(0, 2, 1)) / 2.0,
    )
    with warnings.catch_warnings():
        # After 200 rounds the last is as good as any: the next would move nobody worth mentioning.
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(x)
    return float(model.score(x)), model.weights_, model.means_, model.precisions_cholesky_
