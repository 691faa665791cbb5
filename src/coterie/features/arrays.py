"""Columns that came from the engine as numpy arrays, cast in Arrow, because its own conversion would load pandas."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pyarrow as pa

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


def days_of(rows: pa.Table, name: str) -> Floats:
    """(rows,) dates as day numbers, NaN where unknown."""
    import pyarrow as pa
    import pyarrow.compute as pc

    days = rows[name].cast(pa.date32()).cast(pa.int32()).cast(pa.float64())
    # From a buffer: a number of Python's would load pandas on its way into Arrow.
    unknown = pa.Array.from_buffers(pa.float64(), 1, [None, pa.py_buffer(np.array([np.nan]))])[0]
    return _buffer(pc.fill_null(days, unknown), np.float64)


def whole_of(rows: pa.Table, name: str) -> Integers:
    """(rows,) whole numbers."""
    import pyarrow as pa

    return _buffer(rows[name].cast(pa.int64()), np.int64)


def codes_of(rows: pa.Table, name: str) -> Integers:
    """One number per different value, in the order of the values; -1 where unknown."""
    values = rows[name].to_pylist()
    order = {value: place for place, value in enumerate(sorted({value for value in values if value is not None}))}
    return np.array([-1 if value is None else order[value] for value in values], dtype=np.int64)


def _buffer(column: pa.ChunkedArray, dtype: type) -> NDArray:  # type: ignore[type-arg]
    parts: list[NDArray] = [  # type: ignore[type-arg]
        np.frombuffer(chunk.buffers()[1], dtype=dtype)[chunk.offset : chunk.offset + len(chunk)]
        for chunk in column.chunks
        if len(chunk)
    ]
    return np.concatenate(parts) if parts else np.zeros(0, dtype=dtype)
