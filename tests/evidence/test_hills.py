"""Hills of density, on crowds whose number of groups is known and against direct computations."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from sklearn.metrics import adjusted_rand_score

from coterie.evidence.hills import find_hills, resolutions
from coterie.evidence.smear import plain_space

CROWDS = {
    "Gaussian, 1": lambda rng: rng.standard_normal((1000, 1)),
    "Gaussian, 2": lambda rng: rng.standard_normal((1000, 2)),
    "Gaussian, 5": lambda rng: rng.standard_normal((1000, 5)),
    "cube": lambda rng: rng.random((1000, 3)),
    "log-normal": lambda rng: np.exp(rng.standard_normal((1000, 3))),
    "counts": lambda rng: np.stack([rng.poisson(1.5, 1000), rng.binomial(5, 0.3, 1000)], axis=1).astype(float),
    "nearly one line": lambda rng: rng.standard_normal((1000, 1)) + 0.05 * rng.standard_normal((1000, 3)),
}


@pytest.mark.parametrize("name", CROWDS)
def test_one_crowd_is_one_hill(name: str) -> None:
    found = [find_hills(plain_space(CROWDS[name](np.random.default_rng(seed))), seed).k for seed in range(4)]
    assert found == [1, 1, 1, 1]


@pytest.mark.parametrize(("k", "d"), [(3, 1), (3, 2), (4, 3), (5, 4)])
def test_groups_far_apart_are_found_exactly(k: int, d: int) -> None:
    for seed in range(3):
        rng = np.random.default_rng(seed)
        truth = rng.integers(0, k, 1000)
        centre = np.zeros((k, d))
        for one in range(1, k):
            centre[one, (one - 1) % d] = 8.0 * (1 + (one - 1) // d)
        hills = find_hills(plain_space(centre[truth] + rng.standard_normal((1000, d))), seed)
        assert hills.k == k
        assert adjusted_rand_score(truth, hills.labels) > 0.98


def test_figures_are_those_of_a_direct_computation() -> None:
    rng = np.random.default_rng(5)
    x = np.concatenate([rng.standard_normal((300, 2)), rng.standard_normal((200, 2)) + np.array([5.0, 0.0])])
    hills = find_hills(plain_space(x), 1)
    z = (x - x.mean(axis=0)) / x.std(axis=0)
    assert hills.x == pytest.approx(z)
    distance = cdist(z, z)
    np.fill_diagonal(distance, np.inf)
    near = np.sort(distance, axis=1)[:, : hills.neighbours.shape[1]]
    assert np.take_along_axis(distance, hills.neighbours, axis=1) == pytest.approx(near)
    inverse = np.mean([np.mean(np.log(row[-1] / row[:-1])) for row in near])
    assert hills.dimension == pytest.approx(min(2.0, 1 / inverse))
    assert hills.density == pytest.approx(-hills.dimension * np.log(near[:, -1]))
    assert hills.k == 2
    assert [hill.customers for hill in hills.hills] == np.bincount(hills.labels).tolist()
    assert [hill.peak for hill in hills.hills] == [hills.density[hills.labels == one].max() for one in (0, 1)]
    # The pass, directly: the highest level at which the customers above it still join both tops.
    tops = [int(np.flatnonzero(hills.labels == one)[hills.density[hills.labels == one].argmax()]) for one in (0, 1)]
    joined = np.zeros((500, 500), dtype=bool)
    joined[np.arange(500)[:, None], hills.neighbours] = True
    joined |= joined.T
    level = max(h for h in hills.density if _connected(joined, hills.density >= h, tops[0], tops[1]))
    assert [hill.pass_ for hill in hills.hills] == [level, level]
    assert min(hill.peak for hill in hills.hills) - level >= hills.tau


def _connected(joined: np.ndarray, there: np.ndarray, start: int, end: int) -> bool:
    if not (there[start] and there[end]):
        return False
    reached = np.zeros(len(there), dtype=bool)
    reached[start] = True
    while True:
        more = reached | (joined[reached].any(axis=0) & there)
        if (more == reached).all():
            return bool(reached[end])
        reached = more


def test_a_far_group_has_no_pass_and_a_few_lost_customers_are_no_hill() -> None:
    rng = np.random.default_rng(2)
    x = np.concatenate(
        [
            rng.standard_normal((500, 2)),
            rng.standard_normal((300, 2)) + 100.0,
            rng.standard_normal((5, 2)) + np.array([0.0, 200.0]),
        ]
    )
    hills = find_hills(plain_space(x), 1)
    assert hills.k == 2
    assert sorted(hill.customers for hill in hills.hills) in ([300, 505], [305, 500])
    assert len(set(hills.labels[-5:].tolist())) == 1


def test_the_least_of_five_smears_counts() -> None:
    rng = np.random.default_rng(3)
    crowd, groups = rng.standard_normal((400, 2)), rng.standard_normal((400, 2))
    groups[:200] += 9.0
    for turns, k in (([groups] * 5, 2), ([groups, groups, crowd, groups, groups], 1)):
        smears = iter(turns)
        space = replace(plain_space(crowd), tied=True, smear=lambda rng, smears=smears: next(smears))
        assert find_hills(space, 1).k == k


def test_the_same_seed_finds_the_same_and_constants_are_left_out() -> None:
    rng = np.random.default_rng(4)
    x = np.column_stack([rng.poisson(2.0, 400), rng.standard_normal(400), np.full(400, 7.0)]).astype(float)
    one, other = find_hills(plain_space(x), 9), find_hills(plain_space(x), 9)
    assert one.x.shape == (400, 2)
    assert np.array_equal(one.density, other.density)
    assert np.array_equal(one.labels, other.labels)


def test_identical_customers_are_one_hill() -> None:
    assert find_hills(plain_space(np.ones((300, 2))), 1).k == 1
    same = replace(plain_space(np.ones((300, 1))), smear=lambda rng: np.repeat([[0.0], [1.0]], 150, axis=0))
    assert np.isfinite(find_hills(same, 1).density).all()


def test_resolutions_grow_with_the_customers() -> None:
    assert [(look.kk, look.tau) for look in resolutions(5000, line=False)] == [(10, 1.5), (50, 0.7)]
