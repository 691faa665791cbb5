from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import jaccard_score, silhouette_samples

from coterie.clustering import ALGORITHMS, Fit, Points, Reach, group_points, silhouette_widths
from coterie.clustering.judged import silhouette_of, stability_of


def test_widths_are_those_of_scikit_learn_among_those_who_fit(shop):
    x = shop(700, 0)
    labels = np.random.default_rng(0).integers(-1, 4, size=700)
    inside = labels >= 0
    assert silhouette_widths(x, labels) == pytest.approx(silhouette_samples(x[inside], labels[inside]))
    assert silhouette_widths(x, np.where(inside, 3, -1)) is None
    assert silhouette_widths(x, np.full(700, -1)) is None


def fit_of(points, rule=None):
    centroids = np.array([[1.0, 0.0, 0.0, 0.0], [-1.0, 0.0, 0.0, 0.0]])
    return Fit(k=2, centroids=centroids, inertia=0.0, sizes=np.array([1, 1]), rule=rule)


def test_silhouette_is_exact_for_few_and_an_interval_for_many(shop):
    x = np.unique(shop(900, 1), axis=0)
    exact = silhouette_of(group_points(x), fit_of(x, Reach((9.0, 9.0))), 0)
    labels = (x[:, 0] < 0).astype(int)
    assert exact.value == pytest.approx(silhouette_samples(x, labels).mean())
    assert exact.low == exact.value == exact.high


def test_the_interval_holds_the_silhouette_of_all(shop):
    x = shop(6_000, 2)
    all_of_them = silhouette_samples(x, (x[:, 0] < 0).astype(int)).mean()
    points = Points(x, np.ones(6_000), customers=6_000, exact=False)
    found = [silhouette_of(points, fit_of(x), seed, most=600) for seed in range(20)]
    assert sum(one.low < all_of_them < one.high for one in found) >= 17
    assert 0.02 < np.mean([one.high - one.low for one in found]) < 0.08


def test_stability_is_the_mean_of_the_best_overlaps():
    rng = np.random.default_rng(0)
    x = np.concatenate([rng.normal(size=(100, 4)) * 0.1 + [1, 0, 0, 0], rng.normal(size=(100, 4)) * 0.1 - [1, 0, 0, 0]])
    points = group_points(x)
    seen = []

    def refit(rows, k, seed):
        """Finds the first segment as it is, and of the second only those above a line."""
        seen.append((len(rows), k, seed))
        return lambda all_rows: np.where(all_rows[:, 0] > 0, 0, np.where(all_rows[:, 1] > 0, 1, -1))

    found = stability_of(points, fit_of(x), refit, seed=0, refits=3)
    second = points.x[:, 0] < 0
    assert found == pytest.approx([1.0, jaccard_score(second, second & (points.x[:, 1] > 0))])
    assert [row[:2] for row in seen] == [(200, 2)] * 3
    assert len({row[2] for row in seen}) == 3


def test_refits_that_find_nothing_overlap_with_nothing():
    points = group_points(np.random.default_rng(0).normal(size=(50, 4)))
    nothing = stability_of(points, fit_of(points), lambda x, k, s: lambda rows: np.full(len(rows), -1), seed=0)
    assert nothing.tolist() == [0.0, 0.0]


@pytest.mark.parametrize("algorithm", ALGORITHMS, ids=lambda algorithm: algorithm.name)
def test_wide_groups_come_back_by_each_algorithm(algorithm):
    rng = np.random.default_rng(2)
    x = np.concatenate([rng.normal(size=(100, 2)), rng.normal(size=(100, 2)) + 20])
    points = group_points(x)
    fit = algorithm.sweep(points, (2,), 0, np.ones(2))[0]
    assert stability_of(points, fit, algorithm.refit, 0, refits=3).min() > 0.9
