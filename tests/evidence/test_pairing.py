"""Pairs of segments against every permutation."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest

from coterie.evidence.pairing import pair


@pytest.mark.parametrize("seed", range(5))
def test_pairs_share_as_many_customers_as_any_permutation(seed):
    rng = np.random.default_rng(seed)
    one, other = rng.integers(-1, 4, (2, 60))
    found = pair(one, other, 4)
    shared = [sum(((one == a) & (other == order[a])).sum() for a in range(4)) for order in permutations(range(4))]
    assert sum(((one == a) & (other == found.refit[a])).sum() for a in range(4)) == max(shared)
    assert sorted(found.refit.tolist()) == [0, 1, 2, 3]
    for a in range(4):
        mine, theirs = set(np.flatnonzero(one == a)), set(np.flatnonzero(other == found.refit[a]))
        assert found.overlap[a] == pytest.approx(len(mine & theirs) / len(mine | theirs))
        assert found.delivered(int(found.refit[a])) == a


def test_a_segment_that_has_no_customer_has_no_overlap():
    found = pair(np.array([0, 0, 1]), np.array([1, 1, 0]), 3)
    assert found.refit.tolist() == [1, 0, 2]
    assert found.overlap.tolist() == [1.0, 1.0, 0.0]
