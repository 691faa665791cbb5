from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.clustering import distinct, group_points, sample_points
from coterie.clustering.points import coreset


def streamed(x, parts=4):
    return lambda: iter(np.array_split(x, parts))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(-2, 2), st.sampled_from([0.0, -0.0, 0.5])), min_size=1, max_size=60))
def test_grouping_agrees_with_numpy(rows):
    x = np.array(rows, dtype=float)
    expected, counts = np.unique(x + 0.0, axis=0, return_counts=True)
    points = sample_points(streamed(x, 3), seed=0)
    assert points.exact
    assert points.blocks is None
    assert np.array_equal(points.x, expected)
    assert np.array_equal(points.weight, counts)
    assert points.customers == len(rows)
    assert distinct(points) == len(expected)


def test_many_customers_with_few_values_are_grouped_exactly():
    x = np.random.default_rng(0).integers(0, 40, size=(60_000, 2)).astype(float)
    points = sample_points(streamed(x), seed=0)
    assert points.exact
    assert len(points.x) == 1600
    assert points.weight.sum() == 60_000


def test_grouping_that_shrinks_less_than_tenfold_gives_way_to_a_coreset():
    x = np.random.default_rng(0).integers(0, 80, size=(60_000, 2)).astype(float)
    points = sample_points(streamed(x), seed=0)
    assert not points.exact
    assert points.uniform is not None


def test_up_to_20000_customers_nothing_is_sampled():
    x = np.random.default_rng(0).normal(size=(20_000, 2))
    points = sample_points(streamed(x), seed=0)
    assert points.exact
    assert len(points.x) == 20_000
    assert np.array_equal(points.x, x[np.lexsort(x.T[::-1])])


def test_a_coreset_estimates_inertia_without_bias():
    rng = np.random.default_rng(1)
    x = rng.normal(size=(50_000, 3)) * [1.0, 1.0, 1.0]
    centres = rng.normal(size=(4, 3))
    truth = np.min(((x[:, None] - centres) ** 2).sum(axis=2), axis=1).sum()
    found = []
    for seed in range(10):
        points = sample_points(streamed(x), seed=seed, customers=50_000)
        assert not points.exact
        assert 19_000 < len(points.x) < 21_000
        assert points.weight.sum() == pytest.approx(50_000)
        assert len(points.uniform) == 50_000
        found.append(points.weight @ np.min(((points.x[:, None] - centres) ** 2).sum(axis=2), axis=1) / truth)
    assert np.mean(found) == pytest.approx(1.0, abs=0.004)
    assert np.std(found) < 0.01


def test_how_the_rows_are_cut_into_blocks_does_not_matter():
    x = np.random.default_rng(2).normal(size=(150_000, 2))
    one, other = (sample_points(streamed(x, parts), seed=9, customers=150_000) for parts in (1, 13))
    assert np.array_equal(one.x, other.x)
    assert np.array_equal(one.weight, other.weight)
    assert np.array_equal(one.uniform, other.uniform)
    assert 98_000 < len(one.uniform) < 102_000
    assert sum(len(block) for block in one.blocks()) == 150_000


def test_customers_too_many_to_hold_are_read_again(monkeypatch):
    x = np.random.default_rng(6).normal(size=(30_000, 2))
    held = sample_points(streamed(x), seed=4)
    monkeypatch.setattr("coterie.clustering.points.HELD", x.nbytes - 1)
    read = []
    again = sample_points(lambda: iter(read.append(1) or np.array_split(x, 5)), seed=4, customers=30_000)
    assert len(read) == 2  # once to see that they are too many, and once for the sample
    assert np.array_equal(held.x, again.x)
    assert np.array_equal(held.uniform, again.uniform)
    assert np.array_equal(np.concatenate(list(held.blocks())), np.concatenate(list(again.blocks())))


def test_customers_that_are_held_are_read_once():
    x = np.random.default_rng(6).normal(size=(30_000, 2))
    read = []
    points = sample_points(lambda: iter(read.append(1) or np.array_split(x, 5)), seed=4)
    assert sum(len(block) for block in points.blocks()) == points.customers == 30_000
    assert len(read) == 1


def test_thinning_keeps_the_weight():
    x = np.random.default_rng(3).normal(size=(9_000, 2))
    weight = np.random.default_rng(4).integers(1, 9, 9_000).astype(float)
    few, held = coreset(x, weight, 1_000, 0)
    assert 850 < len(few) < 1_150
    assert held.sum() == pytest.approx(weight.sum())
    assert held @ np.square(few).sum(axis=1) == pytest.approx(weight @ np.square(x).sum(axis=1), rel=0.1)
    assert coreset(x, weight, 9_000, 0)[0] is x


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_values_that_are_not_finite_are_refused(bad):
    with pytest.raises(ValueError, match="not finite"):
        group_points(np.array([[1.0], [bad]]))


def test_no_customers_are_refused():
    with pytest.raises(ValueError, match="no customers"):
        sample_points(lambda: iter([np.empty((0, 2))]), seed=0)
