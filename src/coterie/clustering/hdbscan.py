"""HDBSCAN (Campello, Moulavi & Sander 2013): groups are where customers are dense; who stands between fits none."""

from __future__ import annotations

import warnings

import numpy as np

from coterie.clustering.contract import Fit, Floats, Labeller, Labels, Points
from coterie.clustering.drawn import draw_customers, fit_by, group_means, renumbered, share_kept
from coterie.clustering.need import need_sklearn
from coterie.clustering.rules import Cores, rows_of
from coterie.clustering.sweep import activity_order
from coterie.errors import UsageError
from coterie.rounding import round9

SMALLEST = 0.02
"""Share of the customers that a group must hold, and"""
FEWEST = 15
"""customers at least."""

WITHIN = 0.95
"""A segment reaches as far as this share of its cores have their nearest companion."""

_NEIGHBOURS = 25


def sweep_hdbscan(points: Points, ks: tuple[int, ...], seed: int, activity: Floats | None = None) -> tuple[Fit, ...]:
    """One fit on at most 5,000 customers with as many segments as there are; `ks` is passed over.

    Raises UsageError where there are fewer than two dense groups, and without scikit-learn.
    """
    x = round9(draw_customers(points, seed))
    labels = dense_groups(x)
    k = int(labels.max(initial=-1)) + 1
    if k < 2:
        raise UsageError(
            "HDBSCAN finds no group in these customers: there are not two dense regions with fewer customers between "
            "them. To cut them into segments all the same, use k-means."
        )
    order = activity_order(group_means(x, labels, k), activity)
    labels = renumbered(labels, order)
    cores = cores_of(x, labels, k)
    inside = cores.place(points.x, np.zeros((k, x.shape[1]))).labels
    centroids = round9(group_means(points.x, inside, k, points.weight))
    # By the centres of all customers, not of the fitted ones alone, the order may be another.
    order = activity_order(centroids, activity)
    labels, centroids = renumbered(labels, order), centroids[order]
    cores = cores_of(x, labels, k)
    return (fit_by(points, centroids, cores, share_kept(x, labels, centroids, cores)),)


def refit_hdbscan(x: Floats, k: int, seed: int) -> Labeller:
    """Dense groups of rows (n, d) once; other rows belong to the nearest core in reach, or to none."""
    labels = dense_groups(x)
    found = int(labels.max(initial=-1)) + 1
    if found == 0:
        return lambda rows: np.full(len(rows), -1, dtype=np.int64)
    cores, centroids = cores_of(x, labels, found), np.zeros((found, x.shape[1]))
    return lambda rows: cores.place(rows, centroids).labels


def dense_groups(x: Floats) -> Labels:
    """HDBSCAN's label of each row (n, d), -1 for none; groups of at least 15 rows and 2 % of them."""
    need_sklearn("HDBSCAN")
    from sklearn.cluster import HDBSCAN

    fewest = max(FEWEST, round(SMALLEST * len(x)))
    if len(x) < 2 * fewest:
        return np.full(len(x), -1, dtype=np.int64)
    model = HDBSCAN(min_cluster_size=fewest, min_samples=min(fewest, _NEIGHBOURS), copy=True)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        # Customers with equal counts stand at distance 0 from each other, which is endlessly dense.
        warnings.simplefilter("ignore", RuntimeWarning)
        labels: Labels = model.fit_predict(x).astype(np.int64)
    return labels


def cores_of(x: Floats, labels: Labels, k: int) -> Cores:
    """The rule of labels (n,) of rows (n, d) that are rounded to 9 digits: the different members are the cores."""
    from scipy.spatial import cKDTree

    # Wider than rounding moves anybody, so that equal customers reach each other.
    least = 1e-9 + 1e-8 * float(np.abs(x).max(initial=0.0)) * x.shape[1] ** 0.5
    points, segments, radii = [], [], []
    for segment in range(k):
        members = np.unique(x[labels == segment], axis=0)
        apart = cKDTree(members).query(members, 2)[0][:, 1] if len(members) > 1 else np.zeros(1)
        points.append(members)
        segments += [segment + 1] * len(members)
        radii.append(max(float(np.quantile(apart, WITHIN)), least))
    return Cores(rows_of(np.concatenate(points)), tuple(segments), tuple(round9(np.array(radii)).tolist()))
