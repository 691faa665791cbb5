from __future__ import annotations

import numpy as np
import pytest

from coterie.clustering import Fit, group_points, sample_points, stability, sweep
from coterie.clustering.stability import _overlaps


def test_groups_far_apart_come_back_and_cuts_through_one_do_not():
    rng = np.random.default_rng(0)
    x = np.concatenate([rng.normal(size=(200, 2)) + centre for centre in ([0, 0], [30, 0], [0, 30])])
    points = group_points(x)
    found = stability(points, sweep(points, (3, 6), 0), 0)
    assert np.allclose(found[3], 1.0)
    assert found[6].shape == (6,)
    assert found[6].min() < 0.75


def test_overlap_counts_customers_not_points():
    # Segment of weights 3 and 1; the refit tears off the heavy point.
    few = group_points(np.array([[0.0], [1.0], [9.0]]), np.array([3.0, 1.0, 2.0]))
    centroids = np.array([[0.5], [9.0]])
    torn = np.array([[[0.0], [5.1]]])  # 0 and 1 stay with 0.0; 9 goes to 5.1: the same cut
    assert _overlaps(few, centroids, torn).tolist() == [1.0, 1.0]
    torn = np.array([[[-1.0], [2.5]]])  # 1 (distance 2 and 1.5) moves over to 9
    assert _overlaps(few, centroids, torn).tolist() == [pytest.approx(3 / 4), pytest.approx(2 / 3)]


def test_identical_customers_are_resampled_one_by_one(shop):
    x = np.round(shop(5_000, 0))
    points = group_points(x)
    streamed = sample_points(lambda: iter([x]), seed=0)
    fits = sweep(points, (4,), 0)
    grouped, single = stability(points, fits, 3), stability(streamed, fits, 3)
    assert np.array_equal(grouped[4], single[4])


def test_stability_is_between_0_and_1_and_the_same_for_the_same_seed(shop):
    points = group_points(shop(300, 1))
    fits = sweep(points, (2, 8), 0)
    one, other = stability(points, fits, 5), stability(points, fits, 5)
    for k in (2, 8):
        assert np.array_equal(one[k], other[k])
        assert 0.0 < one[k].min() <= one[k].max() <= 1.0


def test_a_coreset_is_judged_on_single_customers():
    x = np.concatenate([np.random.default_rng(0).normal(size=(15_000, 2)) + c for c in (0, 40)])
    x = (x - x.mean(axis=0)) / x.std(axis=0)
    points = sample_points(lambda: iter([x]), seed=0)
    fit = Fit(k=2, centroids=np.array([[1.0, 1.0], [-1.0, -1.0]]), inertia=0.0, sizes=np.array([1, 1]))
    assert np.allclose(stability(points, (fit,), 0)[2], 1.0)
