from __future__ import annotations

import numpy as np
import pytest

from coterie.clustering import Points, Reach, group_points
from coterie.clustering.drawn import draw_customers, fit_by, group_means, reach_of, renumbered


def test_few_customers_all_come_each_as_often_as_it_is_there():
    x = np.array([[2.0], [1.0], [2.0], [2.0]])
    assert draw_customers(group_points(x), 0).tolist() == [[1.0], [2.0], [2.0], [2.0]]


def test_of_many_each_point_comes_in_proportion_to_its_weight():
    weight = np.array([1.0, 10.0, 989.0, 3000.5, 0.5])
    points = Points(np.arange(5.0)[:, None], weight, customers=4001, exact=False)
    drawn = draw_customers(points, seed=3, most=400)
    counts = np.bincount(drawn[:, 0].astype(int), minlength=5)
    assert counts.sum() == 400
    assert np.abs(counts - weight / 4001 * 400).max() < 1  # rounded up or down, never further
    many = np.mean([(draw_customers(points, seed, 400) == 0).sum() for seed in range(300)])
    assert many == pytest.approx(400 / 4001, abs=0.06)


def test_renumbered_and_means_leave_those_out_who_fit_no_group():
    labels = np.array([0, 2, -1, 1, 2])
    assert renumbered(labels, np.array([2, 0, 1])).tolist() == [1, 0, -1, 2, 0]
    x = np.array([[1.0], [4.0], [99.0], [7.0], [6.0]])
    assert group_means(x, labels, 3).tolist() == [[1.0], [7.0], [5.0]]
    assert group_means(x, labels, 3, np.array([1, 3, 1, 1, 1.0])).tolist() == [[1.0], [7.0], [4.5]]


def test_a_fit_by_a_rule_counts_only_those_who_fit():
    points = Points(np.array([[0.0], [1.0], [5.0], [9.0]]), np.array([2.0, 1.0, 7.0, 4.0]), customers=14, exact=True)
    fit = fit_by(points, np.array([[0.0], [9.0]]), Reach((1.0, 1.0)), kept=0.5)
    assert fit.sizes.tolist() == [3, 4]
    assert fit.inertia == 1.0
    assert fit.means.tolist() == [[1 / 3], [9.0]]
    assert fit.within == pytest.approx([2 / 3, 0.0])  # 2 (1/3)^2 + (2/3)^2
    assert fit.reach == pytest.approx([1 / 3, 0.0])


def test_the_farthest_member_is_within_reach():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(500, 3))
    labels = np.where(x[:, 0] > 1.2, -1, 0)
    centroids = np.zeros((1, 3))
    rule = reach_of(x, labels, centroids)
    assert (rule.place(x[labels == 0], centroids).labels == 0).all()
    assert rule.radii[0] == pytest.approx(np.linalg.norm(x[labels == 0], axis=1).max(), rel=1e-7)
