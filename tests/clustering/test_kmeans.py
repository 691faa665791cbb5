from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from coterie.clustering.exchange import exchange
from coterie.clustering.kmeans import cloud, lloyd, nearest, settle, tally
from coterie.clustering.seeding import spread_out


@pytest.fixture
def cloudy():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(500, 3))
    return x, rng.integers(1, 5, 500).astype(float), rng.normal(size=(4, 6, 3))


def test_tally_sums_what_a_loop_sums(cloudy):
    x, weight, centroids = cloudy
    sums, inertia = tally(cloud(x, weight), centroids, weight)
    for start in range(4):
        apart = cdist(x, centroids[start], "sqeuclidean")
        label = apart.argmin(axis=1)
        assert inertia[start] == pytest.approx((weight * apart.min(axis=1)).sum())
        for j in range(6):
            assert np.allclose(sums[start, j, :-1], weight[label == j] @ x[label == j])
            assert sums[start, j, -1] == weight[label == j].sum()


def test_tally_takes_weights_of_each_start(cloudy):
    x, weight, centroids = cloudy
    own = np.stack([weight * (start + 1) for start in range(4)])
    sums, inertia = tally(cloud(x, own), centroids, own)
    shared, plain = tally(cloud(x, weight), centroids, weight)
    assert np.allclose(sums, shared * np.arange(1, 5)[:, None, None])
    assert np.allclose(inertia, plain * np.arange(1, 5))


def test_lloyd_never_raises_inertia(cloudy):
    x, weight, centroids = cloudy
    before = tally(cloud(x, weight), centroids, weight)[1]
    for steps in (1, 2, 5, 50):
        after = lloyd(cloud(x, weight), centroids, steps + 1, 0.0)[1]
        assert np.all(after <= before * (1 + 1e-12))
        before = after


def test_single_precision_sums_nearly_the_same(cloudy):
    x, weight, centroids = cloudy
    sums, inertia = tally(cloud(x, weight), centroids, weight)
    single = cloud(x, weight, single=True)
    nearly, about = tally(single, centroids, single.weight)
    assert single.x.dtype == np.float32
    assert np.allclose(nearly, sums, rtol=1e-4, atol=1e-3)
    assert np.allclose(about, inertia, rtol=1e-6)


def test_lloyd_ends_at_the_means_of_its_clusters(cloudy):
    x, weight, centroids = cloudy
    ended, inertia = lloyd(cloud(x, weight), centroids, 500, 0.0)
    for start, reported in zip(ended, inertia, strict=True):
        labels, squared = nearest(x, start)
        means = [np.average(x[labels == j], axis=0, weights=weight[labels == j]) for j in range(6)]
        assert np.allclose(start, means, atol=1e-12)
        assert reported == pytest.approx(weight @ squared)


def test_going_beyond_the_means_ends_sooner_than_going_to_them():
    x = np.random.default_rng(5).normal(size=(4_000, 2))
    points, begun = cloud(x, np.ones(4_000)), x[:7][None]

    def plain(steps):
        centroids = begun[0]
        for _ in range(steps):
            labels = cdist(x, centroids).argmin(axis=1)
            centroids = np.array([x[labels == j].mean(axis=0) for j in range(7)])
        return nearest(x, centroids)[1].sum()

    assert lloyd(points, begun, 25, 0.0)[1][0] < plain(40)


def test_a_start_ends_the_same_whoever_starts_beside_it(cloudy):
    x, weight, _ = cloudy
    starts = np.random.default_rng(6).normal(size=(40, 5, 3))
    together, inertia = lloyd(cloud(x, weight), starts, 30, 1e-6)
    alone, by_itself = lloyd(cloud(x, weight), starts[[17]], 30, 1e-6)
    assert np.allclose(together[17], alone[0])
    assert inertia[17] == pytest.approx(by_itself[0])


def test_exchange_improves_on_lloyd_and_reports_its_inertia():
    rng = np.random.default_rng(1)
    x, weight = np.unique(rng.poisson(3.0, size=(1000, 2)).astype(float), axis=0, return_counts=True)
    points = cloud(x, weight.astype(float))
    stuck, inertia = lloyd(points, spread_out(points, 20, 7, rng), 200, 0.0)
    moved, better = exchange(points, stuck, steps=200)
    assert np.all(better <= inertia * (1 + 1e-9))
    assert better.mean() < 0.995 * inertia.mean()
    for centroids, reported in zip(moved, better, strict=True):
        # Nearest centroids can only be nearer than the clusters exchange ends with.
        assert (weight * nearest(x, centroids)[1]).sum() <= reported * (1 + 1e-9)


def test_nearest_gives_ties_to_the_lowest_number():
    labels, squared = nearest(np.array([[0.0], [1.0]]), np.array([[1.0], [-1.0], [1.0]]))
    assert labels.tolist() == [0, 0]
    assert squared.tolist() == [1.0, 0.0]


def test_an_emptied_cluster_starts_again():
    x = np.array([[0.0], [1.0], [10.0]])
    centroids = settle(x, np.ones(3), np.array([[0.5], [100.0], [200.0]]))
    assert sorted(centroids[:, 0]) == [0.0, 1.0, 10.0]
