"""Luck is the same in memory and in an engine, and looks like numbers drawn at random."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

from coterie.clustering.luck import PRIME, luck, luck_of
from coterie.engines import open_engine


def by_hand(row, shifts):
    x = row % PRIME
    for shift in shifts:
        x = ((x + shift) % PRIME) ** 2 % PRIME
    return x / PRIME


def test_the_rounds_are_as_described():
    from coterie.clustering.luck import _shifts

    rows = np.array([0, 1, 17, PRIME - 1, PRIME + 5, 2**62], dtype=np.int64)
    shifts = _shifts(3, 11)
    assert len(shifts) == 3
    assert luck(rows, 3, 11).tolist() == [by_hand(int(row), shifts) for row in rows]


def test_an_engine_says_the_same():
    rows = np.arange(0, 10**9, 999_983, dtype=np.int64)
    engine = open_engine()
    table = engine.load(pa.table({"row": rows.tolist()}).to_batches(), pa.schema([("row", pa.int64())]))
    found = engine.collect(table.select("row", luck=luck_of(table.row, 5, 12)).order_by("row"))
    engine.close()
    assert found["luck"].to_pylist() == luck(rows, 5, 12).tolist()


@pytest.mark.parametrize("seed", range(8))
def test_it_is_uniform_and_neighbours_know_nothing_of_each_other(seed):
    found = luck(np.arange(200_000), seed, 11)
    other = luck(np.arange(200_000), seed, 12)
    table = np.histogram2d(found[:-1], found[1:], 20)[0].ravel()
    beside = np.histogram2d(found, other, 20)[0].ravel()
    # Bonferroni over 24 looks: a sequence drawn at random fails one in a thousand runs of this test.
    assert stats.kstest(found, "uniform").pvalue > 0.001 / 24
    assert stats.chisquare(table).pvalue > 0.001 / 24
    assert stats.chisquare(beside).pvalue > 0.001 / 24
