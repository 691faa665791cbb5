from __future__ import annotations

import inspect

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.clustering import ALGORITHMS, cluster, distinct, group_points, nearest
from coterie.errors import UsageError
from coterie.rounding import round9


def run(x, ks=range(2, 6), asked=None, seed=0):
    points = group_points(np.asarray(x, dtype=float))
    return cluster(points, ks=ks, asked=asked, seed=seed, activity=np.ones(points.x.shape[1]))


def test_everything_belongs_together(shop):
    x = shop(400, 0)
    found = run(x)
    assert set(found.fits) == {2, 3, 4, 5}
    assert found.fit is found.fits[found.choice.k]
    assert found.notes == ()
    for candidate in found.choice.candidates:
        fit, labels = found.fits[candidate.k], found.labels[candidate.k]
        assert candidate.inertia == fit.inertia
        assert np.array_equal(np.bincount(labels, minlength=fit.k), fit.sizes)
        assert candidate.smallest_share == fit.sizes.min() / 400
        assert candidate.silhouette_low == candidate.silhouette == candidate.silhouette_high
        assert 0 < candidate.stability <= 1
    assert found.choice == run(x).choice


def test_planted_groups_are_found():
    rng = np.random.default_rng(1)
    x = np.concatenate([rng.normal(size=(150, 2)) + c for c in ([0, 0], [20, 0], [0, 20], [20, 20])])
    found = run(x, range(2, 11))
    assert found.choice.k == found.choice.elbow == 4
    assert found.fit.sizes.tolist() == [150] * 4
    # Activity is the sum of both coordinates.
    assert found.fit.centroids.sum(axis=1).round(-1).tolist() == [40, 20, 20, 0]


def test_a_k_asked_for_outside_the_range_is_tried_too(shop):
    found = run(shop(300, 2), range(3, 5), asked=7)
    assert found.choice.k == 7
    assert set(found.fits) == {3, 4, 7}
    assert found.choice.k_by_rule in (3, 4, 7)


def test_more_segments_than_different_customers_are_refused_when_asked_for():
    with pytest.raises(UsageError, match=r"k = 12 asks for more segments than there are different customers \(7\)"):
        run(np.repeat(np.arange(7.0), 3)[:, None], asked=12)


def test_within_a_range_they_are_left_out_with_a_note():
    found = run(np.repeat(np.arange(4.0), 3)[:, None], range(2, 11))
    assert set(found.fits) == {2, 3, 4}
    assert found.notes == ("Numbers of segments above 4 were left out: only 4 customers differ in these features.",)
    with pytest.raises(UsageError, match="Start the range at 2"):
        run(np.arange(3.0)[:, None], range(5, 8))


@pytest.mark.parametrize("k", [1, 0, -3])
def test_a_k_below_two_is_refused(k):
    with pytest.raises(UsageError, match=f"k = {k} is not a number of segments"):
        run(np.arange(9.0)[:, None], asked=k)
    with pytest.raises(UsageError, match=f"k = {k} is not"):
        run(np.arange(9.0)[:, None], ks=(k, 3))


def test_customers_who_are_all_alike_are_for_the_caller():
    points = group_points(np.ones((5, 2)))
    assert distinct(points) == 1
    with pytest.raises(ValueError, match="all customers are alike"):
        run(np.ones((5, 2)))


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.integers(-4, 4), st.sampled_from([0.0, 1e-9, 1e6, -3.5])), min_size=2, max_size=40),
    st.integers(0, 2**63),
)
def test_whatever_the_customers_the_answer_is_whole(rows, seed):
    x = np.array(rows, dtype=float)
    different = len(np.unique(x, axis=0))
    if different < 2:
        return
    found = run(x, range(2, 6), seed=seed)
    assert set(found.fits) == set(range(2, min(5, different) + 1))
    for k, fit in found.fits.items():
        assert fit.sizes.sum() == len(x)
        assert np.isfinite(fit.centroids).all()
        assert np.array_equal(round9(fit.centroids), fit.centroids)
        assert fit.inertia == pytest.approx(nearest(x, fit.centroids)[1].sum(), rel=1e-6, abs=1e-3)
        assert np.all(np.diff(round9(fit.centroids.sum(axis=1))) <= 0)
        assert len(fit.centroids) == k


@pytest.mark.parametrize("algorithm", ALGORITHMS, ids=lambda algorithm: algorithm.name)
def test_each_algorithm_keeps_the_contract(algorithm, shop):
    assert algorithm.label
    assert algorithm.meaning.endswith(".")
    assert list(inspect.signature(algorithm.sweep).parameters) == ["points", "ks", "seed", "activity"]
    x = shop(200, 5)
    before = x.copy()
    points = group_points(x)
    fits = algorithm.sweep(points, (2, 3), 0, None)
    assert [fit.k for fit in fits] == [2, 3]
    assert all(fit.sizes.sum() == 200 and fit.sizes.min() > 0 for fit in fits)
    assert np.array_equal(x, before)
