"""Groups or one crowd: the answer, on crowds whose groups are known."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score

from coterie.evidence.contract import Gap
from coterie.evidence.hills import find_hills
from coterie.evidence.smear import plain_space
from coterie.evidence.structure import agreement_of, judge_structure

RNG = np.random.default_rng(11)
TRUTH = RNG.integers(0, 3, 900)
GROUPS = plain_space(np.array([[0.0, 0.0], [9.0, 0.0], [0.0, 9.0]])[TRUTH] + RNG.standard_normal((900, 2)))
CROWD = plain_space(RNG.standard_normal((900, 2)))
GAP = (Gap(1, 0.5, 0.1),)


def test_agreement_is_that_of_scikit_learns_kmeans_with_the_hills() -> None:
    hills = find_hills(GROUPS, 1)
    labels = KMeans(3, n_init=10, random_state=0).fit_predict(GROUPS.z)
    assert agreement_of(hills, GROUPS, 1) == pytest.approx(adjusted_rand_score(labels, hills.labels), abs=0.01)
    assert agreement_of(find_hills(CROWD, 1), CROWD, 1) is None


def test_groups_that_kmeans_finds_are_natural_and_so_is_a_segment_of_two_whole_groups() -> None:
    hills = find_hills(GROUPS, 1)
    segments = np.where(TRUTH == 0, 1, 2)
    found = judge_structure(hills, GROUPS, segments, agreement_of(hills, GROUPS, 1), GAP, ())
    assert (found.k_hills, found.natural, found.customers, found.gap) == (3, True, 900, GAP)
    assert found.shares is not None
    assert min(found.shares["1"], found.shares["2"]) > 0.97
    assert found.tau == hills.tau
    assert [path.drop > hills.tau for path in found.paths] == [True]


def test_half_a_group_is_a_poor_overlap_and_customers_of_no_group_have_none() -> None:
    hills = find_hills(GROUPS, 1)
    segments = np.where(TRUTH == 0, 1, np.where(TRUTH == 1, 2, -1))
    halves = np.where(np.arange(900) % 2 == 0, segments, 3)
    found = judge_structure(hills, GROUPS, halves, 0.5, GAP, ())
    assert found.natural is False
    assert found.shares is not None
    assert set(found.shares) == {"1", "2", "3"}
    assert 0.4 < found.shares["1"] < 0.6


def test_one_crowd_is_not_natural_at_any_number_of_segments() -> None:
    segments = 1 + (CROWD.z[:, 0] > 0).astype(np.int64)
    found = judge_structure(find_hills(CROWD, 1), CROWD, segments, None, GAP, ())
    assert (found.k_hills, found.natural, found.agreement, found.shares) == (1, False, None, {})
    assert found.paths[0].drop < find_hills(CROWD, 1).tau


def test_what_was_not_judged_has_no_figures() -> None:
    found = judge_structure(None, CROWD, np.ones(900, dtype=np.int64), None, GAP, (), "Too few customers.")
    assert (found.k_hills, found.natural, found.tau, found.shares, found.hills) == (None, None, None, None, ())
    assert (found.gap, found.silhouette_crowd, found.paths, found.reason) == ((), (), (), "Too few customers.")
