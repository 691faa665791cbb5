"""The ways side by side, against scikit-learn's figures on the same customers."""

from __future__ import annotations

import json

import numpy as np
import pytest
from sklearn.cluster import AgglomerativeClustering, KMeans
from sklearn.metrics import adjusted_rand_score, silhouette_score
from sklearn.neighbors import NearestCentroid
from threadpoolctl import threadpool_limits

from coterie.clustering import ALGORITHMS, own_algorithm
from coterie.evidence.contract import Baselines, Foresight
from coterie.runs.values import from_json, to_json
from coterie.segmentation.compare import Comparison, compare


@pytest.fixture(autouse=True, scope="module")
def _one_thread():
    with threadpool_limits(1):
        yield


def crescents(n=300, seed=0):
    """Two crescents within each other, which no straight cut follows, and the crescent of each customer."""
    rng = np.random.default_rng(seed)
    angle = rng.uniform(0, np.pi, n)
    one = np.column_stack([np.cos(angle), np.sin(angle)])
    other = np.column_stack([1 - np.cos(angle), 0.5 - np.sin(angle)])
    return np.concatenate([one, other]) * 4 + rng.normal(size=(2 * n, 2)) * 0.2, np.repeat([0, 1], n)


def balls(n=100, seed=0):
    rng = np.random.default_rng(seed)
    return np.concatenate([rng.normal(size=(n, 2)) + c for c in ([0, 0], [9, 0], [0, 9])]), np.repeat([0, 1, 2], n)


def test_where_all_agree_the_figures_are_those_of_scikit_learn():
    z, hills = balls()
    found, seconds = compare(z, 3, seed=0, hills=hills)
    assert [row.algorithm for row in found.rows] == [one.name for one in ALGORITHMS] == list(seconds)
    assert all(value > 0 for value in seconds.values())
    theirs = KMeans(3, n_init=5, random_state=0).fit(z)
    plain, ward, mixture, hdbscan = found.rows
    assert plain.inertia == pytest.approx(theirs.inertia_, rel=1e-6)
    assert plain.silhouette == pytest.approx(silhouette_score(z, theirs.labels_), rel=1e-6)
    assert (mixture.inertia, hdbscan.inertia) == (None, None)
    for row in found.rows:
        assert row.k == 3
        assert row.agreement > 0.9
        assert row.stability > 0.8
        assert row.ari > 0.8
        assert row.balance > 0.98
        assert row.smallest_share > 0.3 - (row.fits_no_group or 0)
        assert (row.eta2, row.lasting, row.reason) == (None, None, "")
    assert plain.agreement == ward.agreement == 1.0
    assert [row.fits_no_group for row in (plain, ward, mixture)] == [0, 0, 0]
    assert hdbscan.fits_no_group < 0.1
    assert (found.customers, found.k, found.hills) == (300, 3, 3)
    assert found.recommendation.startswith("Stay with K-Means: it follows the 3 separate groups as well as any")
    assert sum(found.dendrogram.leaves) == 300
    assert len(found.dendrogram.joins) == 29


def test_groups_that_k_means_cuts_across_are_followed_by_another():
    z, hills = crescents()
    found, _ = compare(z, 5, seed=0, hills=hills)
    plain, ward, mixture, hdbscan = found.rows
    assert (plain.k, ward.k, mixture.k, hdbscan.k) == (5, 5, 5, 2)
    # Agreement is that at as many groups as there are hills, not at the delivered number.
    two = NearestCentroid().fit(z, AgglomerativeClustering(2).fit_predict(z)).predict(z)
    assert ward.agreement == pytest.approx(adjusted_rand_score(hills, two), rel=1e-6)
    assert hdbscan.agreement > 0.9 > plain.agreement
    assert found.recommendation.startswith("Use HDBSCAN: it follows the 2 separate groups best (agreement 1.00")


def test_in_one_crowd_what_finds_nothing_says_so():
    z = np.random.default_rng(0).normal(size=(400, 3))
    found, seconds = compare(z, 3, seed=0, hills=np.zeros(400, dtype=int))
    empty = found.rows[3]
    assert (empty.k, empty.silhouette, empty.stability) == (None, None, None)
    assert empty.reason.startswith("HDBSCAN finds no group")
    assert "hdbscan" not in seconds
    assert found.hills == 1
    assert {row.agreement for row in found.rows} == {None}
    assert "one crowd" in found.recommendation


def test_foresight_is_asked_with_the_segments_and_the_way_to_find_them_again():
    z, _ = balls(60)
    asked = []

    def foresee(place, k, refit):
        again = refit(z, 5)(z)
        asked.append((set(place(z).tolist()), k, set(again.tolist())))
        eta2 = 0.1 * len(asked)
        return Foresight(None, "burns", 1, (), eta2, Baselines(None, None, None), 0.001, lasting=len(asked) > 1)

    found, _ = compare(z, 3, seed=0, foresee=foresee, algorithms=ALGORITHMS[:2])
    assert asked == [({0, 1, 2}, 3, {0, 1, 2})] * 2
    assert [row.eta2 for row in found.rows] == [0.1, 0.2]
    assert [row.lasting for row in found.rows] == [False, True]
    assert found.hills is None
    assert found.recommendation.startswith(
        "Use Ward: whether there are groups is not known, but its segments explain more"
    )


def test_balance_and_smallest_share_by_hand():
    z = np.concatenate([np.zeros((75, 1)), np.ones((25, 1)) * 9]) + np.random.default_rng(0).normal(size=(100, 1)) * 0.1
    row = compare(z, 2, seed=0, algorithms=(own_algorithm(KMeans(2)),))[0].rows[0]
    assert row.smallest_share == 0.25
    assert row.balance == pytest.approx(-(0.75 * np.log2(0.75) + 0.25 * np.log2(0.25)))
    assert row.algorithm == "own: KMeans"


def test_it_repeats_and_is_read_back_from_json():
    z, hills = balls(60)
    one, other = (compare(z, 3, seed=1, hills=hills, algorithms=ALGORITHMS[:2])[0] for _ in range(2))
    assert one == other
    assert from_json(Comparison, json.loads(json.dumps(to_json(one)))) == one
