"""Ward against scikit-learn's and scipy's own."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.cluster import hierarchy
from sklearn.cluster import AgglomerativeClustering
from sklearn.neighbors import NearestCentroid

from coterie.clustering import adjusted_rand, dendrogram, group_points, ward_tree
from coterie.clustering.ward import cut, refit_ward, sweep_ward


@pytest.mark.parametrize("k", [1, 2, 5, 9, 300])
def test_cut_is_that_of_scikit_learn(shop, k):
    x = shop(300, 1) + np.random.default_rng(0).normal(scale=1e-6, size=(300, 4))  # ties may be cut either way
    ours, theirs = cut(ward_tree(x), k), AgglomerativeClustering(k).fit_predict(x)
    assert len(np.unique(ours)) == k
    assert adjusted_rand(ours, theirs) == 1.0


def test_cut_gives_exactly_k_among_equal_customers():
    x = np.repeat(np.array([[0.0], [1.0]]), 10, axis=0)
    assert [len(np.unique(cut(ward_tree(x), k))) for k in (1, 2, 3, 20)] == [1, 2, 3, 20]


def test_customers_go_to_the_nearest_centre_of_the_tree(shop):
    x = shop(400, 2)
    points = group_points(x)
    fits = sweep_ward(points, (2, 4), 0, np.ones(4))
    assert [fit.k for fit in fits] == [2, 4]
    for fit in fits:
        theirs = AgglomerativeClustering(fit.k).fit_predict(np.repeat(points.x, points.weight.astype(int), axis=0))
        rule = NearestCentroid().fit(np.repeat(points.x, points.weight.astype(int), axis=0), theirs)
        assert np.allclose(np.sort(fit.centroids, axis=0), np.sort(rule.centroids_, axis=0), atol=1e-8)
        assert sorted(fit.sizes) == sorted(np.bincount(rule.predict(x)))
        assert np.all(np.diff(fit.centroids.sum(axis=1)) <= 0)
        assert fit.rule is None
        expected = (rule.predict(np.repeat(points.x, points.weight.astype(int), axis=0)) == theirs).mean()
        assert fit.kept == pytest.approx(expected)


def test_more_customers_than_the_tree_takes_are_all_counted():
    rng = np.random.default_rng(4)
    x = np.concatenate([rng.normal(size=(4_000, 2)), rng.normal(size=(3_000, 2)) + 30])
    fit = sweep_ward(group_points(x), (2,), 0, np.ones(2))[0]
    assert fit.sizes.tolist() == [3_000, 4_000]
    assert fit.kept == 1.0


def test_refit_places_other_rows():
    rng = np.random.default_rng(1)
    x = np.concatenate([rng.normal(size=(40, 2)), rng.normal(size=(40, 2)) + 20])
    place = refit_ward(x, 2, 0)
    assert len(set(place(np.array([[0.0, 0.0], [1.0, 1.0]])))) == 1
    assert place(np.array([[0.0, 0.0]])) != place(np.array([[20.0, 20.0]]))
    assert refit_ward(x[:1], 2, 0)(x).tolist() == [0] * 80


@pytest.mark.parametrize(("n", "leaves"), [(200, 30), (12, 30), (50, 2)])
def test_dendrogram_is_that_of_scipy(n, leaves):
    tree = ward_tree(np.random.default_rng(7).normal(size=(n, 3)))
    ours = dendrogram(tree, leaves)
    theirs = hierarchy.dendrogram(tree, p=leaves, truncate_mode="lastp", no_plot=True)
    assert sorted(ours.leaves) == sorted(int(text.strip("()")) if "(" in text else 1 for text in theirs["ivl"])
    assert sum(ours.leaves) == n
    # scipy draws its leaves at 5, 15, 25 …, from the other side where a branch is turned; heights say which is which.
    drawn = sorted((round(d[1], 9), tuple(sorted((round(d[0], 9), round(d[3], 9))))) for d in theirs["dcoord"])
    mine = sorted(
        (round(j.height, 9), tuple(sorted((round(j.left_height, 9), round(j.right_height, 9))))) for j in ours.joins
    )
    assert mine == drawn
    assert ours.joins[-1].customers == n


def test_no_two_branches_of_a_dendrogram_cross():
    ours = dendrogram(ward_tree(np.random.default_rng(8).normal(size=(300, 2))), 20)
    spans, where = {}, {float(place): (place, place) for place in range(20)}
    for join in ours.joins:
        left, right = where.pop(join.left), where.pop(join.right)
        assert left[1] + 1 == right[0]  # neighbours, all leaves of one left of all leaves of the other
        where[(join.left + join.right) / 2] = (left[0], right[1])
        spans[join.height] = right[1] - left[0]
    assert list(where.values()) == [(0, 19)]
    assert list(spans) == sorted(spans)
