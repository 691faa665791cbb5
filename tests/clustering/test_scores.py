from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_iris
from sklearn.metrics import calinski_harabasz_score, davies_bouldin_score, silhouette_samples, silhouette_score

from coterie.clustering import group_points, nearest, sample_points, silhouette, sweep
from coterie.clustering.scores import calinski_harabasz, davies_bouldin
from coterie.clustering.silhouette import silhouette_exact
from coterie.clustering.silhouette_estimate import estimate


@pytest.fixture(scope="module")
def weighted(shop):
    """Grouped customers, the same customers one by one, and fits."""
    x = np.round(shop(900, 0), 0)
    points = group_points(x)
    assert len(points.x) < 300
    return points, x, sweep(points, (2, 3, 6), 0)


def test_silhouette_equals_scikit_learn_on_the_repeated_customers(weighted):
    points, x, fits = weighted
    for fit, score in zip(fits, silhouette(points, fits, 0), strict=True):
        assert score.value == pytest.approx(silhouette_score(x, nearest(x, fit.centroids)[0]), abs=1e-6)
        assert score.low == score.high == score.value


def test_calinski_harabasz_and_davies_bouldin_equal_scikit_learn(weighted):
    _, x, fits = weighted
    for fit in fits:
        labels, _ = nearest(x, fit.centroids)
        assert calinski_harabasz(fit) == pytest.approx(calinski_harabasz_score(x, labels), rel=1e-9)
        assert davies_bouldin(fit) == pytest.approx(davies_bouldin_score(x, labels), rel=1e-6)


def test_scores_of_streamed_customers_equal_scikit_learn(shop):
    x = shop(25_000, 1)
    points = sample_points(lambda: iter(np.array_split(x, 3)), seed=0)
    (fit,) = sweep(points, (4,), 0)
    labels, _ = nearest(x, fit.centroids)
    assert calinski_harabasz(fit) == pytest.approx(calinski_harabasz_score(x, labels), rel=1e-9)
    # Reach is measured to the centroid, which two full passes leave a little off the mean.
    assert davies_bouldin(fit) == pytest.approx(davies_bouldin_score(x, labels), rel=1e-3)


def test_iris_has_its_published_silhouette():
    points = group_points(load_iris().data)
    assert silhouette(points, sweep(points, (3,), 0), 0)[0].value == pytest.approx(0.5528, abs=5e-5)


def test_labels_may_be_permuted():
    rng = np.random.default_rng(0)
    x, weight, labels = rng.normal(size=(80, 2)), rng.integers(1, 4, 80).astype(float), rng.integers(0, 4, 80)
    renamed = np.array([2, 0, 3, 1])[labels]
    one, other = silhouette_exact(x, weight, [labels, renamed])
    assert one == pytest.approx(other, abs=1e-12)


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.tuples(st.integers(-3, 3), st.integers(-3, 3)), min_size=2, max_size=25, unique=True),
    st.data(),
)
def test_a_weighted_silhouette_is_that_of_repeated_customers(rows, data):
    n = len(rows)
    weight = np.array(data.draw(st.lists(st.integers(1, 3), min_size=n, max_size=n)))
    labels = np.array(data.draw(st.lists(st.integers(0, 2), min_size=n, max_size=n)))
    labels = np.unique(labels, return_inverse=True)[1]
    x = np.array(rows, dtype=float)
    (value,) = silhouette_exact(x, weight.astype(float), [labels])
    if 1 < labels.max() + 1 < weight.sum():
        expected = silhouette_samples(np.repeat(x, weight, axis=0), np.repeat(labels, weight)).mean()
        assert value == pytest.approx(expected, abs=1e-6)
    else:
        assert value is None


def test_scores_of_as_many_segments_as_customers_are_undefined():
    points = group_points(np.array([[0.0], [1.0], [5.0]]))
    (fit,) = sweep(points, (3,), 0)
    assert silhouette(points, (fit,), 0)[0].value is None
    assert calinski_harabasz(fit) is None
    assert davies_bouldin(fit) == 0.0


def test_segments_of_twins_only_have_silhouette_one():
    assert silhouette_exact(np.array([[0.0], [1.0]]), np.array([2.0, 3.0]), [np.array([0, 1])]) == [1.0]


def covered(found, truth):
    return np.mean([[abs(value - t) <= half for (value, half), t in zip(one, truth, strict=True)] for one in found])


def test_estimated_silhouette_covers_the_exact_one(shop):
    x = np.round(shop(7_000, 2), 2)
    points = group_points(x)
    centroids = [fit.centroids for fit in sweep(points, (2, 4, 7), 0)]
    truth = silhouette_exact(points.x, points.weight, [nearest(points.x, c)[0] for c in centroids])
    found = [estimate(points.x, points.weight, 7_000, centroids, seed) for seed in range(40)]
    assert covered(found, truth) >= 0.93
    assert max(half for one in found for _, half in one) <= 0.004
    assert np.abs(np.mean([[value for value, _ in one] for one in found], axis=0) - truth).max() < 5e-4


def test_the_interval_covers_what_sampling_the_references_adds(shop):
    x = shop(8_000, 3)
    centroids = [fit.centroids for fit in sweep(group_points(x), (2, 5), 0)]
    truth = silhouette_exact(x, np.ones(len(x)), [nearest(x, c)[0] for c in centroids])
    found = []
    for seed in range(40):
        drawn = x[np.random.default_rng(seed).permutation(len(x))[:3_000]]
        found.append(estimate(drawn, np.ones(3_000), 8_000, centroids, seed))
    assert covered(found, truth) >= 0.88  # 0.95 expected; 80 intervals in correlated pairs


def test_the_estimate_is_the_same_for_the_same_seed(shop):
    x = shop(6_000, 4)
    points = group_points(x)
    fits = sweep(points, (3,), 0)
    if len(points.x) <= 5_000:
        pytest.fail("the estimate is not reached")
    (one,), (other,) = silhouette(points, fits, 1), silhouette(points, fits, 1)
    assert one == other
    assert one.low < one.value < one.high
