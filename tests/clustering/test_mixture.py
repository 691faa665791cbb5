"""The mixture against scikit-learn's predict_proba on its own fits."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.mixture import GaussianMixture

from coterie.clustering import adjusted_rand, group_points
from coterie.clustering.mixture import FLOOR, learn_mixture, refit_mixture, sweep_mixture
from coterie.rounding import round9


def clouds(n=600, seed=0):
    """A narrow, a wide and a slanted cloud."""
    rng = np.random.default_rng(seed)
    slant = np.array([[2.0, 0.0], [1.8, 0.4]])
    parts = [
        rng.normal(size=(n, 2)) * 0.3,
        rng.normal(size=(n, 2)) * 1.5 + [6, 0],
        rng.normal(size=(n, 2)) @ slant.T + [0, 9],
    ]
    return np.concatenate(parts), np.repeat(np.arange(3), n)


def as_scikit_learn(rule):
    model = GaussianMixture(len(rule.weights))
    model.weights_, model.means_ = np.array(rule.weights), np.array(rule.means)
    model.precisions_cholesky_ = np.array(rule.precisions)
    return model


def test_placing_is_predict_and_predict_proba():
    x, _ = clouds()
    fit = sweep_mixture(group_points(x), (3,), 0, np.ones(2))[0]
    model, found = as_scikit_learn(fit.rule), fit.rule.place(x, fit.centroids)
    two = np.sort(model.predict_proba(x), axis=1)[:, -2:]
    assert np.array_equal(found.labels, model.predict(x))
    assert found.margin == pytest.approx((two[:, 1] - two[:, 0]) / two.sum(axis=1), abs=1e-9)


def test_it_is_as_likely_as_the_best_of_scikit_learn(shop):
    x = shop(500, 3)
    for k in (2, 4):
        best = GaussianMixture(k, n_init=10, random_state=0, reg_covar=FLOOR, tol=1e-4, max_iter=500).fit(x)
        assert as_scikit_learn(learn_mixture(x, k, 0)).score(x) > best.score(x) - 0.02


def test_clouds_of_different_width_are_found():
    x, truth = clouds()
    fit = sweep_mixture(group_points(x), (3,), 0, np.ones(2))[0]
    labels = fit.rule.place(x, fit.centroids).labels
    assert adjusted_rand(labels, truth) > 0.99
    # Centroids are the means of the customers, numbered by activity; components stand in the same order.
    expected = np.array([x[labels == segment].mean(axis=0) for segment in range(3)])
    assert fit.centroids == pytest.approx(expected, abs=1e-7)
    assert np.all(np.diff(fit.centroids.sum(axis=1)) < 0)
    assert np.array(fit.rule.means) == pytest.approx(fit.centroids, abs=0.2)
    assert fit.sizes.tolist() == np.bincount(labels).tolist()
    assert fit.kept == 1.0


def test_all_numbers_are_rounded_and_repeat():
    points = group_points(clouds(150)[0])
    one, other = (sweep_mixture(points, (2, 3), 7, None) for _ in range(2))
    assert [fit.rule for fit in one] == [fit.rule for fit in other]
    for fit in one:
        for part in (fit.rule.weights, fit.rule.means, fit.rule.precisions, fit.centroids):
            assert np.array_equal(round9(np.array(part)), np.array(part))


def test_equal_counts_do_not_swallow_a_component():
    rng = np.random.default_rng(2)
    x = np.round(rng.gamma(0.8, 3.0, size=(800, 2)))
    for fit in sweep_mixture(group_points(x), (2, 3, 5), 0, None):
        assert np.isfinite(np.array(fit.rule.precisions)).all()
        assert fit.sizes.min() > 0


def test_refit_places_other_rows():
    x, truth = clouds(100)
    assert adjusted_rand(refit_mixture(x, 3, 1)(clouds(300, 5)[0]), clouds(300, 5)[1]) > 0.98
    assert adjusted_rand(refit_mixture(x, 3, 1)(x), truth) > 0.98
    assert refit_mixture(x[:1], 3, 1)(x).tolist() == [0] * 300
    assert set(refit_mixture(x[:2], 3, 1)(x)) == {0, 1}
