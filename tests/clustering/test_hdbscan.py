"""HDBSCAN's rule against scikit-learn's labels."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.cluster import HDBSCAN

from coterie.clustering import adjusted_rand, group_points
from coterie.clustering.hdbscan import cores_of, dense_groups, refit_hdbscan, sweep_hdbscan
from coterie.errors import UsageError
from coterie.rounding import round9


def rings(n=500, seed=0):
    """A ball within a ring, and strangers all over."""
    rng = np.random.default_rng(seed)
    angle = rng.uniform(0, 2 * np.pi, n)
    ring = np.column_stack([np.cos(angle), np.sin(angle)]) * rng.normal(8, 0.3, n)[:, None]
    ball, strangers = rng.normal(size=(n, 2)) * 0.6, rng.uniform(-30, 30, size=(n // 5, 2))
    return np.concatenate([ball, ring, strangers])


def test_cores_keep_their_labels_and_far_customers_fit_no_group():
    x = round9(rings())
    fit = sweep_hdbscan(group_points(x), (), 0, np.ones(2))[0]
    theirs = HDBSCAN(min_cluster_size=22, min_samples=22, copy=True).fit_predict(x)
    found = fit.rule.place(x, fit.centroids).labels
    inside = theirs >= 0
    assert theirs.max() + 1 == fit.k == 2
    assert adjusted_rand(found[inside], theirs[inside]) == 1.0
    assert (found[inside] >= 0).all()
    assert fit.kept == pytest.approx(((found >= 0) == inside).mean())
    assert fit.kept > 0.95
    far = fit.rule.place(np.array([[100.0, 0.0], [0.0, 4.0], [-25.0, 25.0]]), fit.centroids)
    assert far.labels.tolist() == [-1, -1, -1]
    assert far.margin.tolist() == [0.0, 0.0, 0.0]


def test_fresh_customers_are_placed_as_a_fit_of_their_own_would():
    fit = sweep_hdbscan(group_points(rings()), (), 0, np.ones(2))[0]
    fresh = rings(seed=9)
    ours, theirs = fit.rule.place(fresh, fit.centroids).labels, dense_groups(fresh)
    assert adjusted_rand(ours + 1, theirs + 1) > 0.85


def test_segments_are_numbered_by_activity_and_hold_their_customers():
    rng = np.random.default_rng(3)
    x = np.concatenate([rng.normal(size=(200, 2)) + c for c in ([0, 0], [20, 0], [25, 25])])
    points = group_points(x)
    fit = sweep_hdbscan(points, (), 0, np.ones(2))[0]
    assert fit.centroids.sum(axis=1).round(-1).tolist() == [50, 20, 0]
    found = fit.rule.place(points.x, fit.centroids)
    assert np.bincount(found.labels[found.labels >= 0]).tolist() == fit.sizes.tolist()
    own = np.array([points.x[found.labels == segment].mean(axis=0) for segment in range(3)])
    assert fit.centroids == pytest.approx(own, abs=1e-7)
    # A core stands in its own segment, at distance 0.
    cores = fit.rule.place(np.array(fit.rule.points), fit.centroids)
    assert (cores.labels + 1).tolist() == list(fit.rule.segments)
    assert not cores.distance.any()


def test_one_crowd_is_told_in_a_sentence():
    x = np.random.default_rng(0).normal(size=(1_000, 3))
    with pytest.raises(UsageError, match=r"HDBSCAN finds no group in these customers: .* use k-means\."):
        sweep_hdbscan(group_points(x), (), 0, None)
    assert set(refit_hdbscan(x, 4, 0)(x)) == {-1}
    assert set(refit_hdbscan(x[:20], 4, 0)(x)) == {-1}


def test_equal_customers_are_one_core():
    x = np.repeat(np.array([[0.0, 0.0], [5.0, 5.0]]), 100, axis=0)
    fit = sweep_hdbscan(group_points(x), (), 0, np.ones(2))[0]
    assert fit.rule.points == ((5.0, 5.0), (0.0, 0.0))
    assert fit.sizes.tolist() == [100, 100]
    assert fit.rule.place(np.array([[2.0, 2.0]]), fit.centroids).labels.tolist() == [-1]


def test_reach_is_the_distance_within_which_most_cores_have_a_companion():
    x = np.concatenate([np.arange(99.0), [150.0], [1000.0, 1001.0]])[:, None]
    labels = np.repeat([0, 1, -1], [100, 1, 1])
    rule = cores_of(x, labels, 2)
    assert rule.radii == pytest.approx((1.0, 1e-8 * 1001), rel=1e-3)  # a hair for one who is alone
    assert rule.segments == (*[1] * 100, 2)
