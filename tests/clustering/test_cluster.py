from __future__ import annotations

import dataclasses
import inspect

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.clustering import ALGORITHMS, adjusted_rand, cluster, distinct, group_points, nearest
from coterie.clustering.drawn import placed
from coterie.errors import UsageError
from coterie.rounding import round9


def run(x, ks=range(2, 6), asked=None, seed=0, **given):
    points = group_points(np.asarray(x, dtype=float))
    return cluster(points, ks=ks, asked=asked, seed=seed, activity=np.ones(points.x.shape[1]), **given)


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


@pytest.mark.parametrize(("customers", "told"), [(49, ()), (50, (2, 3, 4, 5))])
def test_of_few_customers_it_is_not_told_whether_segments_come_back(customers, told):
    found = run(np.random.default_rng(0).normal(size=(customers, 2)))
    assert tuple(one.k for one in found.choice.candidates if one.stability is not None) == told


def test_nor_of_segments_with_fewer_than_two_different_customers_each():
    found = run(np.repeat(np.random.default_rng(0).normal(size=(7, 2)), 20, axis=0))
    assert [one.stability is None for one in found.choice.candidates] == [False, False, True, True]


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


def planted(seed=3, n=150):
    rng = np.random.default_rng(seed)
    return np.concatenate([rng.normal(size=(n, 2)) + c for c in ([0, 0], [20, 0], [20, 20])])


@pytest.mark.parametrize("algorithm", ALGORITHMS, ids=lambda algorithm: algorithm.name)
def test_each_algorithm_keeps_the_contract(algorithm):
    assert algorithm.label
    assert algorithm.meaning.endswith(".")
    assert algorithm.caution.endswith(".") or algorithm is ALGORITHMS[0]
    assert list(inspect.signature(algorithm.sweep).parameters) == ["points", "ks", "seed", "activity"]
    assert list(inspect.signature(algorithm.refit).parameters) == ["x", "k", "seed"]
    x = planted()
    before = x.copy()
    points = group_points(x)
    fits = algorithm.sweep(points, (2, 3), 0, None)
    assert [fit.k for fit in fits] == ([2, 3] if algorithm.needs_k else [3])
    for fit in fits:
        labels = placed(points.x, fit.centroids, fit.rule)
        assert np.bincount(labels[labels >= 0], minlength=fit.k).tolist() == fit.sizes.tolist()
        assert fit.sizes.min() > 0
        assert np.array_equal(round9(fit.centroids), fit.centroids)
    again = algorithm.refit(x, 3, 1)(x[::2])
    assert again.dtype == np.int64
    assert set(again) <= {-1, 0, 1, 2}
    assert np.array_equal(x, before)


@pytest.mark.parametrize("algorithm", ALGORITHMS, ids=lambda algorithm: algorithm.name)
def test_each_algorithm_finds_planted_groups_and_says_how(algorithm):
    x = planted()
    found = run(x, range(2, 6), algorithm=algorithm)
    assert found.choice.k == 3
    assert adjusted_rand(found.labels[3] + 1, np.repeat([3, 2, 1], 150)[np.lexsort(x.T[::-1])]) > 0.97
    assert found.fit.centroids.sum(axis=1).round(-1).tolist() == [40, 20, 0]
    assert found.choice == run(x, range(2, 6), algorithm=algorithm).choice
    only = found.choice.candidates[-1]
    assert only.stability > 0
    assert (found.choice.elbow is None) == (algorithm.name in ("mixture", "hdbscan"))


def test_an_algorithm_that_sees_a_part_of_the_customers_says_so():
    found = run(planted(n=2_000), range(2, 4), algorithm=ALGORITHMS[1])
    assert found.notes[0].startswith("Ward was fitted on 5,000 customers drawn from all 6,000;")
    assert run(planted(n=2_000), range(2, 4)).notes == ()


def test_segments_that_nobody_would_be_in_are_left_out_or_refused():
    def hollow(points, ks, seed, activity=None):
        return tuple(fit for fit in ALGORITHMS[1].sweep(points, ks, seed, activity) if fit.k < 4)

    ward = dataclasses.replace(ALGORITHMS[1], sweep=hollow)
    found = run(planted(), range(2, 7), algorithm=ward)
    assert found.notes[0] == "Ward does not fill this many segments, so they were left out: 4, 5, 6."
    with pytest.raises(UsageError, match="Ward does not fill five segments: one of them would hold no customer"):
        run(planted(), range(2, 4), asked=5, algorithm=ward)


def test_hdbscan_takes_no_number():
    with pytest.raises(UsageError, match="HDBSCAN finds its own number of groups: leave k = 4 out, or use k-means"):
        run(planted(), asked=4, algorithm=ALGORITHMS[3])
    found = run(planted(), algorithm=ALGORITHMS[3])
    assert found.choice.reason == "Three is what HDBSCAN finds; it takes no number from outside."
    assert [one.k for one in found.choice.candidates] == [3]


@pytest.mark.parametrize("place", [2, 3])
def test_without_scikit_learn_they_say_what_to_install(place, monkeypatch):
    monkeypatch.setattr("coterie.clustering.need.find_spec", lambda name: None)
    with pytest.raises(
        UsageError, match=r"needs scikit-learn, which is not installed: pip install 'coterie\[algorithms\]'"
    ):
        run(planted(), algorithm=ALGORITHMS[place])


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(st.integers(-2, 2), st.sampled_from([0.0, 1e-9, 1e3, -3.5])), min_size=2, max_size=90),
    st.sampled_from(ALGORITHMS[1:]),
)
def test_whatever_the_customers_every_algorithm_answers_or_says_why(rows, algorithm):
    x = np.array(rows * 2, dtype=float)
    if len(np.unique(x, axis=0)) < 2:
        return
    try:
        found = run(x, range(2, 4), algorithm=algorithm)
    except UsageError:  # nothing to find among so few, in a sentence; anything else would be a bug
        return
    for fit in found.fits.values():
        assert fit.sizes.min() > 0
        assert fit.sizes.sum() == (found.labels[fit.k] >= 0) @ group_points(x).weight
        assert np.isfinite(fit.centroids).all()
