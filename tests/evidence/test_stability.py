from __future__ import annotations

import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score

from coterie.evidence.stability import CUSTOMERS, drawn, judge_stability, overlaps, refitted, resamples


def blobs(size, centres, seed=0):
    rng = np.random.default_rng(seed)
    return np.concatenate([rng.normal(centre, 1.0, (size, 2)) for centre in centres])


def by_scikit_learn(k):
    def refit(rows, seed):
        return KMeans(k, n_init=5, random_state=seed).fit(rows).predict

    return refit


def direct(given, placed, k):
    """Best overlap of each segment and Rand index, by loops over segments and customers."""
    overlap, agreed = np.zeros(k), []
    for found in placed:
        for segment in range(k):
            best = 0.0
            for group in sorted(set(found.tolist()) - {-1}):
                both = sum(1 for a, b in zip(given, found, strict=True) if a == segment and b == group)
                either = sum(1 for a, b in zip(given, found, strict=True) if a == segment or b == group)
                best = max(best, both / either)
            overlap[segment] += best / len(placed)
        agreed.append(adjusted_rand_score(given, found))
    return overlap, np.mean(agreed)


def test_overlaps_are_those_of_a_double_loop():
    rng = np.random.default_rng(0)
    given = rng.integers(-1, 3, 80)
    placed = [np.where(rng.random(80) < 0.6, given, rng.integers(-1, 5, 80)) for _ in range(4)]
    found = overlaps(given, placed, 3)
    jaccard, ari = direct(given, placed, 3)
    assert found.jaccard == pytest.approx(jaccard, abs=1e-12)
    assert found.ari == pytest.approx(ari, abs=1e-12)


def test_refits_are_those_of_scikit_learn_on_the_same_bootstrap_samples():
    x = blobs(40, ((0, 0), (3.2, 0), (0, 4)))
    labels = KMeans(3, n_init=10, random_state=0).fit_predict(x) + 1
    judged = judge_stability(x, labels, 3, refit=None, seed=9, refits=12)
    placed = []
    for count in resamples(len(x), 12, 9):
        assert count.sum() == len(x)
        placed.append(KMeans(3, n_init=20, random_state=0).fit(np.repeat(x, count, axis=0)).predict(x))
    jaccard, ari = direct(labels - 1, placed, 3)
    assert [one.jaccard for one in judged.segments] == pytest.approx(jaccard, abs=0.01)
    assert judged.ari == pytest.approx(ari, abs=0.01)
    assert 0.5 < judged.ari < 0.99


def test_groups_far_apart_come_back_and_are_natural_only_where_said():
    x = blobs(60, ((0, 0), (30, 0), (0, 30)))
    labels = np.repeat([1, 2, 3], 60)
    judged = judge_stability(x, labels, 3, refit=None, seed=0, natural=frozenset({2}))
    assert (judged.n, judged.refits, judged.reason) == (180, 50, "")
    assert judged.ari == 1.0
    assert [one.jaccard for one in judged.segments] == [1.0, 1.0, 1.0]
    assert [one.grade for one in judged.segments] == ["reproducible", "natural", "reproducible"]
    assert judged.ari_crowd < 0.99


def test_cuts_through_one_crowd_are_constructed():
    x = np.random.default_rng(3).normal(size=(300, 3))
    labels = KMeans(6, n_init=10, random_state=0).fit_predict(x) + 1
    judged = judge_stability(x, labels, 6, refit=None, seed=0)
    assert {one.grade for one in judged.segments} >= {"constructed"}
    assert judged.ari < 0.8
    assert judged.ari_crowd < 0.8
    assert all((one.grade == "reproducible") == (one.jaccard >= 0.75) for one in judged.segments)
    by_own = sorted(judged.segments, key=lambda one: one.jaccard)
    beside = [one.jaccard_crowd for one in by_own]
    assert beside == sorted(beside)


def test_crowd_of_the_same_kind_reaches_the_same():
    # One Gaussian is its own crowd: what the refits reach beside it must agree over several data sets.
    own, crowd = [], []
    for seed in range(6):
        x = np.random.default_rng(seed).normal(size=(400, 2)) * [3.0, 1.0]
        labels = KMeans(3, n_init=10, random_state=0).fit_predict(x) + 1
        judged = judge_stability(x, labels, 3, refit=None, seed=seed, refits=20)
        own.append(judged.ari)
        crowd.append(judged.ari_crowd)
    assert np.mean(own) == pytest.approx(np.mean(crowd), abs=0.05)


def test_other_algorithms_are_refitted_on_the_same_samples():
    x = blobs(40, ((0, 0), (3.2, 0), (0, 4)))
    labels = KMeans(3, n_init=10, random_state=0).fit_predict(x) + 1
    own = judge_stability(x, labels, 3, refit=None, seed=1, refits=10)
    other = judge_stability(x, labels, 3, refit=by_scikit_learn(3), seed=1, refits=10)
    assert [one.jaccard for one in other.segments] == pytest.approx([one.jaccard for one in own.segments], abs=0.02)
    assert other.ari_crowd == pytest.approx(own.ari_crowd, abs=0.15)


def test_an_algorithm_that_finds_nothing_in_a_crowd_has_no_crowd_beside():
    x = blobs(50, ((0, 0), (30, 30)))
    given = np.repeat([1, 2], 50)
    given[:5] = -1

    def refit(rows, seed):
        grouped = not np.any((rows[:, 0] > 15) != (rows[:, 1] > 15))
        return lambda y: (y[:, 0] > 15).astype(np.int64) if grouped else np.full(len(y), -1)

    judged = judge_stability(x, given, 2, refit=refit, seed=0, refits=3)
    assert [one.jaccard for one in judged.segments] == pytest.approx([45 / 50, 1.0])
    assert judged.ari == pytest.approx(adjusted_rand_score(given, np.repeat([0, 1], 50)))
    # These crowds mix the corners, except by chance.
    assert judged.ari_crowd is None
    assert [one.jaccard_crowd for one in judged.segments] == [None, None]


def test_a_segment_without_customers_in_the_sample_is_not_judged():
    x = blobs(60, ((0, 0), (30, 0)))
    judged = judge_stability(x, np.repeat([1, 3], 60), 3, refit=None, seed=0, refits=5)
    assert judged.segments[1].jaccard is None
    assert judged.segments[1].grade is None
    assert judged.segments[0].jaccard is not None


@pytest.mark.parametrize(
    ("z", "k", "reason"),
    [
        (np.arange(60.0).reshape(30, 2), 3, "Cannot be judged: only 30 customers with a coupon, and 50 are needed."),
        (np.zeros((1, 2)), 3, "Cannot be judged: only one customer with a coupon, and 50 are needed."),
        (np.zeros((0, 2)), 3, "Cannot be judged: no customer with a coupon, and 50 are needed."),
        (
            np.repeat(np.arange(7.0), 20)[:, None],
            5,
            "Cannot be judged: only 7 customers differ from each other, and 10 are needed for 5 segments.",
        ),
        (
            np.zeros((100, 0)),
            2,
            "Cannot be judged: all customers are alike.",
        ),
    ],
)
def test_too_little_is_not_judged(z, k, reason):
    judged = judge_stability(z, np.ones(len(z), np.int64), k, refit=None, seed=0, natural=frozenset({1}))
    assert judged.reason == reason
    assert (judged.n, judged.ari, judged.ari_crowd, judged.refits) == (None, None, None, 0)
    assert [(one.segment, one.jaccard, one.jaccard_crowd, one.grade) for one in judged.segments] == [
        (segment, None, None, None) for segment in range(1, k + 1)
    ]


def test_at_most_2000_customers_are_resampled_and_the_seed_decides():
    x = np.random.default_rng(0).normal(size=(2_600, 2))
    labels = (x[:, 0] > 0) + 1
    one = judge_stability(x, labels, 2, refit=None, seed=4, refits=5)
    assert one.n == CUSTOMERS
    assert one == judge_stability(x, labels, 2, refit=None, seed=4, refits=5)
    assert one != judge_stability(x, labels, 2, refit=None, seed=5, refits=5)
    assert len(np.unique(drawn(2_600, 4))) == CUSTOMERS
    counts = resamples(50, 8, 0)
    assert np.array_equal(refitted(x[:50], 2, counts, None, 0, 0), refitted(x[:50], 2, counts, None, 0, 0))
