"""Ways between segments, against the best of all ways found by lowering the level step by step."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from coterie.evidence.hills import find_hills
from coterie.evidence.paths import paths_between
from coterie.evidence.smear import plain_space


def test_no_way_keeps_a_higher_lowest_density() -> None:
    rng = np.random.default_rng(1)
    x = np.concatenate([rng.standard_normal((300, 2)), rng.standard_normal((200, 2)) + np.array([5.0, 0.0])])
    hills = find_hills(plain_space(x), 1)
    labels = np.repeat([1, 2], [300, 200])
    (path,) = paths_between(hills, labels)
    ends = [int(np.flatnonzero(labels == one)[hills.density[labels == one].argmax()]) for one in (1, 2)]
    n, kk = hills.neighbours.shape
    one, other = np.repeat(np.arange(n), kk), hills.neighbours.ravel()
    best = -np.inf
    for level in np.sort(hills.density)[::-1]:
        kept = (hills.density[one] >= level) & (hills.density[other] >= level)
        graph = coo_array((np.ones(kept.sum()), (one[kept], other[kept])), shape=(n, n))
        part = connected_components(graph, directed=False)[1]
        if part[ends[0]] == part[ends[1]]:
            best = level
            break
    assert path.drop == pytest.approx(min(hills.density[ends]) - best)
    assert path.drop > hills.tau
    assert path.density[0] == pytest.approx(hills.density[ends[0]] - max(hills.density[ends]))
    assert path.density[-1] == pytest.approx(hills.density[ends[1]] - max(hills.density[ends]))
    assert max(path.density[0], path.density[-1]) == 0.0
    assert min(path.density) == pytest.approx(min(path.density[0], path.density[-1]) - path.drop)
    assert (path.position[0], path.position[-1]) == (0.0, 1.0)
    assert list(path.position) == sorted(path.position)
    assert len(path.position) <= 40


def test_where_nothing_joins_two_groups_the_way_goes_over_the_gap() -> None:
    rng = np.random.default_rng(2)
    x = np.concatenate([rng.standard_normal((300, 2)), rng.standard_normal((300, 2)) + np.array([60.0, 0.0])])
    hills = find_hills(plain_space(x), 1)
    (path,) = paths_between(hills, np.repeat([1, 2], 300))
    assert hills.hills[0].pass_ is None
    assert path.drop > 4
    assert 0.3 < path.position[int(np.argmin(path.density))] < 0.7


def test_pieces_of_one_crowd_have_no_gap_and_all_are_joined() -> None:
    x = np.random.default_rng(3).standard_normal((900, 2))
    hills = find_hills(plain_space(x), 1)
    labels = 1 + np.digitize(x[:, 0], [-1.0, -0.3, 0.3, 1.0])
    labels[:5] = -1
    found = paths_between(hills, labels, most=4)
    assert [(path.one, path.other) for path in found] == [(1, 2), (2, 3), (3, 4), (4, 5)]
    assert all(path.drop < hills.tau for path in found)
    assert paths_between(hills, np.ones(900, dtype=np.int64)) == ()
