"""Passes within the engine give what passes through memory give."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from coterie.clustering.in_engine import sample_in_engine, tally_in_engine
from coterie.clustering.points import sample_points
from coterie.clustering.sweep import fits_at, sweep
from coterie.engines import open_engine

NAMES = ("z0", "z1", "z2")


@pytest.fixture
def engine():
    engine = open_engine()
    yield engine
    engine.close()


def space(engine, x):
    columns = {"row": list(range(0, 3 * len(x), 3))} | {name: x[:, at].tolist() for at, name in enumerate(NAMES)}
    table = pa.table(columns)
    return engine.load(table.to_batches(), table.schema)


def customers(n, decimals=6):
    rng = np.random.default_rng(4)
    return rng.normal(size=(n, 3)).round(decimals) * [1.0, 1.0, 2.0]


def test_the_sample_of_many_is_the_same(engine):
    x = customers(30_000)
    there = sample_in_engine(engine, space(engine, x), NAMES, seed=2)
    here = sample_points(lambda: iter([x[:7_000], x[7_000:]]), seed=2)
    assert not here.exact
    assert not there.exact
    assert there.customers == here.customers == 30_000
    np.testing.assert_array_equal(there.x, here.x)
    np.testing.assert_allclose(there.weight, here.weight, rtol=1e-12)
    np.testing.assert_array_equal(there.uniform, here.uniform)


@pytest.mark.parametrize(("n", "decimals"), [(500, 6), (40_000, 0)])
def test_groups_of_equal_customers_are_the_same(engine, n, decimals):
    x = customers(n, decimals)
    there = sample_in_engine(engine, space(engine, x), NAMES, seed=2)
    here = sample_points(lambda: iter([x]), seed=2)
    assert there.exact
    assert here.exact
    np.testing.assert_array_equal(there.x, here.x)
    np.testing.assert_array_equal(there.weight, here.weight)


def test_a_pass_counts_what_a_loop_counts(engine):
    x = customers(2_000)
    centroids = x[:4]
    found = tally_in_engine(engine, space(engine, x), NAMES, {4: centroids})[4]
    away = np.sqrt(np.square(x[:, None, :] - centroids[None]).sum(axis=2))
    nearest = away.argmin(axis=1)
    for segment in range(4):
        mine = x[nearest == segment]
        np.testing.assert_allclose(found.sums[segment], [*mine.sum(axis=0), len(mine)], rtol=1e-9)
        np.testing.assert_allclose(found.squared[segment], (away[nearest == segment, segment] ** 2).sum(), rtol=1e-9)
        np.testing.assert_allclose(found.distance[segment], away[nearest == segment, segment].sum(), rtol=1e-9)


def test_k_means_of_both_is_the_same(engine):
    x = customers(30_000)
    there = sweep(sample_in_engine(engine, space(engine, x), NAMES, seed=0), (2, 3, 4), 0)
    here = sweep(sample_points(lambda: iter([x]), seed=0), (2, 3, 4), 0)
    for one, other in zip(there, here, strict=True):
        np.testing.assert_allclose(one.centroids, other.centroids, rtol=0, atol=1e-8)
        assert one.inertia == pytest.approx(other.inertia, rel=1e-9)
        assert one.sizes.tolist() == other.sizes.tolist()
    again = fits_at(sample_points(lambda: iter([x]), seed=0), {3: here[1].centroids})
    assert again[0].inertia == here[1].inertia


def test_nobody_is_refused(engine):
    with pytest.raises(ValueError, match="no customers"):
        sample_in_engine(engine, space(engine, customers(1)).filter(False), NAMES, seed=0)
