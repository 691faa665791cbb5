"""Clusterers of the user's own, each against its own labels."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.cluster import DBSCAN, AgglomerativeClustering, KMeans, SpectralClustering

from coterie.clustering import ALGORITHMS, adjusted_rand, algorithm_named, cluster, group_points, own_algorithm
from coterie.errors import UsageError


def balls(n=120, seed=0):
    rng = np.random.default_rng(seed)
    return np.concatenate([rng.normal(size=(n, 2)) + c for c in ([0, 0], [15, 0], [15, 15])])


def run(x, clusterer, **given):
    points = group_points(x)
    found = cluster(
        points, ks=range(2, 5), asked=None, seed=0, activity=np.ones(2), algorithm=own_algorithm(clusterer), **given
    )
    return found, points


@pytest.mark.parametrize(
    "clusterer",
    [KMeans(3, n_init=3), AgglomerativeClustering(3, linkage="complete"), SpectralClustering(3, random_state=0)],
    ids=lambda clusterer: type(clusterer).__name__,
)
def test_groups_become_segments(clusterer):
    x = balls()
    before = dict(vars(clusterer))
    found, points = run(x, clusterer)
    assert vars(clusterer) == before
    assert found.choice.k == 3
    assert found.choice.reason == f"Three is what {type(clusterer).__name__} finds; it takes no number from outside."
    theirs = type(clusterer)(**clusterer.get_params()).fit_predict(points.x)
    assert adjusted_rand(found.labels[3], theirs) == 1.0
    assert found.fit.centroids.sum(axis=1).round().tolist() == [30, 15, 0]
    assert found.fit.kept == 1.0
    assert found.fit.rule is None


def test_those_left_out_fit_no_group():
    x = np.concatenate([balls(), [[60.0, 60.0], [-40.0, 3.0]]])
    found, points = run(x, DBSCAN(eps=2.0, min_samples=5))
    theirs = DBSCAN(eps=2.0, min_samples=5).fit_predict(points.x)
    assert found.choice.k == 3
    assert adjusted_rand(found.labels[3] + 1, theirs + 1) > 0.97
    assert found.fit.sizes.sum() == (found.labels[3] >= 0).sum()
    far = found.fit.rule.place(np.array([[60.0, 60.0], [0.0, 0.0]]), found.fit.centroids)
    assert far.labels.tolist() == [-1, 2]
    # A segment reaches as far as its farthest member.
    for segment, radius in enumerate(found.fit.rule.radii):
        label = np.bincount(theirs[(found.labels[3] == segment) & (theirs >= 0)]).argmax()
        away = np.linalg.norm(points.x[theirs == label] - found.fit.centroids[segment], axis=1).max()
        assert radius == pytest.approx(away, rel=1e-6)


class Halves:
    """Not of scikit-learn: groups by the sign of the first column, and counts its uses."""

    def __init__(self):
        self.uses = 0

    def fit_predict(self, X):  # noqa: N803
        self.uses += 1
        X[:] = np.where(X.mean(axis=0) < X, 7, 3)
        return X[:, 0].astype(int)


def test_anything_with_fit_predict_will_do_and_cannot_change_what_it_gets():
    clusterer, x = Halves(), balls()
    found, points = run(x, clusterer)
    assert clusterer.uses == 0
    assert np.array_equal(np.unique(points.x, axis=0), np.unique(x, axis=0))
    assert found.choice.k == 2


def test_a_copy_without_a_random_state_gets_one():
    x = np.random.default_rng(0).normal(size=(300, 2))
    one, other = (run(x, KMeans(6, n_init=1))[0].fit.centroids for _ in range(2))
    assert np.array_equal(one, other)


class Fixed:
    def __init__(self, labels):
        self.labels = labels

    def fit_predict(self, X):  # noqa: N803
        return np.resize(self.labels, len(X)) if isinstance(self.labels, list) else self.labels


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        ([0], "Fixed finds 1 group in these customers; a segmentation needs 2 to 50"),
        ([-1], "Fixed finds 0 groups"),
        (list(range(60)), "Fixed finds 60 groups"),
        ([0.5, 1.0], "gave float64 values of shape"),
        (np.zeros(3, dtype=int), r"gave int64 values of shape \(3,\) for 360 customers"),
    ],
)
def test_what_is_no_segmentation_is_told(labels, said):
    with pytest.raises(UsageError, match=said):
        run(balls(), Fixed(labels))


def test_a_group_within_another_is_dissolved():
    rng = np.random.default_rng(1)
    far = rng.normal(size=(200, 2)) * 0.2 + [30, 0]
    cross = np.array([[10.0, 0], [-10, 0], [0, 10], [0, -10]]).repeat(50, axis=0)
    cross = cross + rng.normal(size=cross.shape) * 0.1
    x = np.unique(np.concatenate([cross, far]), axis=0)
    labels = {tuple(row): 0 for row in cross} | {tuple(row): 1 for row in far}

    class Given:
        def fit_predict(self, X):  # noqa: N803
            # Half of the cross against the other half: both have their centre in its middle.
            return np.array([labels[tuple(row)] + 2 * (labels[tuple(row)] == 0 and abs(row[0]) < 5) for row in X])

    found, points = run(x, Given())
    assert found.fit.sizes.min() > 0
    assert found.fit.sizes.sum() == len(points.x)


def test_what_it_cannot_group_is_told_and_a_poor_resample_is_no_group():
    few = AgglomerativeClustering(9)
    with pytest.raises(UsageError, match="AgglomerativeClustering cannot group these 6 customers: Cannot extract more"):
        run(balls(2), few)
    assert set(own_algorithm(few).refit(balls(2), 9, 0)(balls(2))) == {-1}


def test_what_it_says_on_several_lines_is_one_sentence():
    class Lengthy:
        def fit_predict(self, X):  # noqa: N803
            raise ValueError("too few\n  rows.\n")

    with pytest.raises(UsageError) as raised:
        run(balls(2), Lengthy())
    assert raised.value.sentence == "Lengthy cannot group these 6 customers: too few rows."


def test_k_is_the_clusterers_own_affair():
    points = group_points(balls())
    algorithm = own_algorithm(KMeans(3))
    with pytest.raises(UsageError, match="KMeans finds its own number of groups: leave k = 4 out"):
        cluster(points, ks=(2,), asked=4, seed=0, activity=np.ones(2), algorithm=algorithm)


def test_names_and_objects():
    assert algorithm_named("ward") is ALGORITHMS[1]
    assert algorithm_named(KMeans(3)).name == "own: KMeans"
    with pytest.raises(
        UsageError, match=r"There is no algorithm 'wards'\. Choose from k-means, ward, mixture, hdbscan"
    ):
        algorithm_named("wards")
    with pytest.raises(UsageError, match="is not a way to find groups"):
        algorithm_named(KMeans)
    with pytest.raises(UsageError, match="is not a way to find groups"):
        algorithm_named(3)


def test_refit_places_other_rows():
    for clusterer in (KMeans(3, n_init=3), DBSCAN(eps=2.0)):
        place = own_algorithm(clusterer).refit(balls(), 9, 0)
        assert adjusted_rand(place(balls(seed=5)) + 1, np.repeat([1, 2, 3], 120)) > 0.95
    assert set(own_algorithm(DBSCAN(eps=1e-9)).refit(balls(), 9, 0)(balls())) == {-1}
