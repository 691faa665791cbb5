from __future__ import annotations

import datetime as dt

import numpy as np
import pyarrow as pa

from coterie.tables.sample.columns import chosen, dates, numbers, values_of, words


def test_numbers_and_dates_keep_values_and_missing_cells():
    missing = np.array([False] * 8 + [True, False])

    assert numbers(np.arange(10), pa.int64(), missing).to_pylist() == [*range(8), None, 9]
    assert numbers(np.array([1.5, -2]), pa.float64()).to_pylist() == [1.5, -2.0]
    assert dates(np.array([0, 1095])).to_pylist() == [dt.date(2022, 1, 1), dt.date(2024, 12, 31)]


def test_words_keep_every_letter():
    assert words(("", "Zoë", "a b")).to_pylist() == ["", "Zoë", "a b"]
    assert chosen(np.array([2, 0]), ("x", "y", "ž")).to_pylist() == ["ž", "x"]
    assert words(()).to_pylist() == []


def test_values_come_back_from_chunks_and_slices():
    column = pa.chunked_array([numbers(np.arange(5), pa.int64()), numbers(np.arange(5, 8), pa.int64())])

    assert values_of(column).tolist() == list(range(8))
    assert values_of(column.slice(3, 3)).tolist() == [3, 4, 5]
    assert values_of(pa.chunked_array([dates(np.array([4, 7]))])).tolist() == [4, 7]
