from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import spearmanr
from sklearn.cluster import KMeans
from sklearn.metrics import silhouette_score

from coterie.clustering import group_points, silhouette, sweep
from coterie.evidence.crowd import _silhouettes, crowd_silhouettes, learn_crowd


def shop(customers, seed=0):
    """Skewed, tied and correlated: claims, burns of them, days since, a yes or no that goes with claims."""
    rng = np.random.default_rng(seed)
    claims = rng.poisson(rng.gamma(0.8, 12.0, customers))
    burns = rng.binomial(claims, rng.beta(0.5, 2.0, customers))
    yes = rng.random(customers) < np.where(claims > 10, 0.5, 0.1)
    x = np.column_stack([np.log1p(claims), burns, rng.exponential(100.0, customers), yes]).astype(float)
    return (x - x.mean(axis=0)) / x.std(axis=0)


def test_crowd_keeps_margins_with_their_ties():
    z = shop(700)
    drawn = learn_crowd(z).draw(np.random.default_rng(1))
    assert np.array_equal(np.sort(drawn, axis=0), np.sort(z, axis=0))
    assert not np.array_equal(drawn, z)


@pytest.mark.parametrize("tied", [True, False])
def test_crowd_keeps_rank_correlations(tied):
    z = shop(1_500)
    if not tied:
        z = z + np.random.default_rng(5).uniform(-1e-6, 1e-6, z.shape)
    crowd = learn_crowd(z)
    drawn = [spearmanr(crowd.draw(np.random.default_rng(seed))).statistic for seed in range(30)]
    # Tolerance: four standard errors of the mean of 30 draws, and the chance in the draw that corrects for ties.
    assert np.mean(drawn, axis=0) == pytest.approx(spearmanr(z).statistic, abs=0.05 if tied else 0.02)
    assert spearmanr(z).statistic[0, 1] > 0.5


def test_crowd_has_no_groups():
    rng = np.random.default_rng(0)
    z = np.concatenate([rng.normal(0, 1, (300, 2)), rng.normal((9, -9), 1, (300, 2))])
    drawn = learn_crowd(z).draw(np.random.default_rng(0))
    # Two groups fill two of four corners. Signs of normal variables with correlation r agree in 1/2 + asin(r) / pi.
    together = np.mean((drawn[:, 0] > 4.5) == (drawn[:, 1] > -4.5))
    r = 2 * np.sin(np.pi / 6 * spearmanr(z).statistic)
    assert together == pytest.approx(1 / 2 + np.arcsin(r) / np.pi, abs=0.04)
    assert together > 0.1
    assert not np.any((z[:, 0] > 4.5) == (z[:, 1] > -4.5))


@pytest.mark.parametrize(
    "z",
    [
        np.column_stack([np.arange(60.0), np.arange(60.0), -np.arange(60.0)]),  # one is another
        np.column_stack([np.arange(60.0), np.ones(60)]),  # constant
        np.eye(3)[np.arange(60) % 3],  # exclude each other
        np.arange(60.0)[:, None],
    ],
)
def test_degenerate_columns_are_drawn_too(z):
    drawn = learn_crowd(z).draw(np.random.default_rng(0))
    assert np.array_equal(np.sort(drawn, axis=0), np.sort(z, axis=0))


def test_columns_that_are_each_other_stay_so():
    x = np.random.default_rng(0).normal(size=200)
    drawn = learn_crowd(np.column_stack([x, np.exp(x), -x])).draw(np.random.default_rng(0))
    assert spearmanr(drawn).statistic == pytest.approx(np.array([[1, 1, -1], [1, 1, -1], [-1, -1, 1]]), abs=1e-3)


def test_silhouettes_are_those_of_scikit_learn_on_the_same_crowds():
    z = shop(400)
    found = crowd_silhouettes(z, (1, 2, 4), seed=3, draws=6)
    assert [one.k for one in found] == [2, 4]
    # Other draws of the same crowd, clustered and scored by scikit-learn.
    crowd = learn_crowd(z)
    for one in found:
        values = []
        for seed in range(6):
            x = crowd.draw(np.random.default_rng(seed))
            values.append(silhouette_score(x, KMeans(one.k, n_init=4, random_state=0).fit_predict(x)))
        error = np.hypot(np.std(values), one.high - one.low) / np.sqrt(6)
        assert one.mean == pytest.approx(np.mean(values), abs=4 * error)
        assert one.low <= one.mean <= one.high


def test_light_clustering_reaches_the_silhouette_of_the_full_one():
    x = learn_crowd(shop(3_000)).draw(np.random.default_rng(0))
    points = group_points(x)
    full = [one.value for one in silhouette(points, sweep(points, (2, 3, 5, 8), 0), 0)]
    assert _silhouettes(x, (2, 3, 5, 8), 0, 0) == pytest.approx(full, abs=0.01)


def test_too_few_different_customers_have_no_silhouette():
    assert crowd_silhouettes(np.zeros((50, 2)), (2, 3), 0) == ()
    assert crowd_silhouettes(np.repeat([[0.0], [1.0], [2.0]], 10, axis=0), (2, 3, 4), 0, draws=2)[0].k == 2
    assert len(crowd_silhouettes(np.repeat([[0.0], [1.0], [2.0]], 10, axis=0), (2, 3, 4), 0, draws=2)) == 1
