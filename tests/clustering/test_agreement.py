"""Agreement of groupings, by scikit-learn and by trying everything."""

from __future__ import annotations

from itertools import chain, combinations

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from coterie.clustering import adjusted_rand, best_union, jaccard_table


@pytest.mark.parametrize(("k_one", "k_other", "n"), [(3, 3, 40), (5, 2, 200), (1, 4, 30), (30, 30, 30), (1, 1, 10)])
def test_adjusted_rand_is_that_of_scikit_learn(k_one: int, k_other: int, n: int) -> None:
    rng = np.random.default_rng(n)
    one, other = rng.integers(0, k_one, n), rng.integers(0, k_other, n)
    other[: n // 2] = one[: n // 2] % k_other
    assert adjusted_rand(one, other) == pytest.approx(adjusted_rand_score(one, other), abs=1e-12)


def test_jaccard_table_is_that_of_sets_and_leaves_out_those_of_no_group() -> None:
    rng = np.random.default_rng(3)
    one, other = rng.integers(-1, 3, 60), rng.integers(-1, 4, 60)
    table = jaccard_table(one, other, 3, 5)
    for a in range(3):
        for b in range(5):
            first, second = set(np.flatnonzero(one == a)), set(np.flatnonzero(other == b))
            assert table[a, b] == pytest.approx(len(first & second) / len(first | second))
    assert table[:, 4].tolist() == [0, 0, 0]


@pytest.mark.parametrize("seed", range(30))
def test_best_union_is_the_best_of_all_subsets(seed: int) -> None:
    rng = np.random.default_rng(seed)
    k = int(rng.integers(2, 7))
    hills = rng.permutation(np.concatenate([np.arange(k), rng.choice(k, 80, p=rng.dirichlet(np.ones(k)))]))
    inside = rng.random(len(hills)) < rng.dirichlet(np.ones(k)).cumsum()[hills]
    inside[0] = True
    subsets = chain.from_iterable(combinations(range(k), size) for size in range(1, k))
    unions = [np.isin(hills, subset) for subset in subsets]
    best = max((inside & union).sum() / (inside | union).sum() for union in unions)
    assert best_union(inside, hills, k) == pytest.approx(best, abs=1e-12)


def test_no_union_of_one_group_is_proper() -> None:
    assert best_union(np.array([True, False]), np.array([0, 0]), 1) == 0.0
