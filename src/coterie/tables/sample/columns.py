"""Numpy arrays to Arrow columns and back, through their buffers: `pa.array` would import pandas, which is slow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pyarrow as pa

FIRST_DAY_NUMBER = 18993
"""Days from 1970-01-01 to the first day of the sample calendar, 2022-01-01."""


def numbers(values: np.ndarray[Any, Any], kind: pa.DataType, missing: np.ndarray[Any, Any] | None = None) -> pa.Array:
    """The values as an Arrow column of that primitive type, NULL where `missing`.

    Example:
        >>> import pyarrow as pa
        >>> numbers(np.array([1, 2]), pa.int64(), np.array([False, True])).to_pylist()
        [1, None]
    """
    import pyarrow as pa

    stored = np.ascontiguousarray(values, dtype=f"{'f' if pa.types.is_floating(kind) else 'i'}{kind.bit_width // 8}")
    valid = None if missing is None else pa.py_buffer(np.packbits(~missing, bitorder="little"))
    return pa.Array.from_buffers(kind, len(stored), [valid, pa.py_buffer(stored)])


def dates(days: np.ndarray[Any, Any], missing: np.ndarray[Any, Any] | None = None) -> pa.Array:
    """Days counted from 2022-01-01 as an Arrow date column, NULL where `missing`."""
    import pyarrow as pa

    return numbers(np.asarray(days, dtype=np.int32) + np.int32(FIRST_DAY_NUMBER), pa.date32(), missing)


def words(texts: Sequence[str]) -> pa.Array:
    """The texts as an Arrow string column."""
    import pyarrow as pa

    encoded = [text.encode() for text in texts]
    offsets = np.concatenate([[0], np.cumsum([len(text) for text in encoded], dtype=np.int64)]).astype(np.int32)
    return pa.StringArray.from_buffers(len(encoded), pa.py_buffer(offsets), pa.py_buffer(b"".join(encoded)))


def chosen(codes: np.ndarray[Any, Any], texts: Sequence[str]) -> pa.Array:
    """The text of every code, as an Arrow string column.

    Example:
        >>> chosen(np.array([1, 0, 1]), ("a", "b")).to_pylist()
        ['b', 'a', 'b']
    """
    import pyarrow as pa

    return pa.DictionaryArray.from_arrays(numbers(codes, pa.int32()), words(texts)).cast(pa.string())


def values_of(column: pa.ChunkedArray) -> np.ndarray[Any, Any]:
    """A numeric or date column without NULL as a numpy array (dates in days from 2022-01-01)."""
    import pyarrow as pa

    flat = pa.concat_arrays(column.chunks) if column.num_chunks != 1 else column.chunk(0)
    kind = np.dtype(f"{'f' if pa.types.is_floating(flat.type) else 'i'}{flat.type.bit_width // 8}")
    raw = np.frombuffer(flat.buffers()[1], dtype=kind, count=len(flat) + flat.offset)[flat.offset :]
    return raw - FIRST_DAY_NUMBER if pa.types.is_date32(flat.type) else raw
