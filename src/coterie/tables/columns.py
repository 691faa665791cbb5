"""Arrow columns straight from their buffers; `pyarrow.array` would load pandas wherever it is installed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa


def text_column(cells: Sequence[str]) -> pa.Array:
    """Text cells as an Arrow column; the empty ones are NULL.

    Example:
        >>> text_column(["a", "", "é"]).to_pylist()
        ['a', None, 'é']
    """
    import numpy as np
    import pyarrow as pa

    joined = "".join(cells)
    if joined.isascii():
        data, parts = joined.encode(), cells
    else:
        parts = [cell.encode("utf-8", "replace") for cell in cells]  # type: ignore[misc]
        data = b"".join(parts)  # type: ignore[arg-type]
    offsets = np.zeros(len(cells) + 1, np.int32)
    lengths = np.fromiter(map(len, parts), np.int32, len(cells))
    np.cumsum(lengths, out=offsets[1:])
    valid = np.packbits(lengths > 0, bitorder="little")
    return pa.Array.from_buffers(pa.string(), len(cells), [_buffer(valid), _buffer(offsets), pa.py_buffer(data)])


def whole_column(values: Sequence[int]) -> pa.Array:
    """Whole numbers as an Arrow column of 64 bits.

    Example:
        >>> whole_column([5, 7]).to_pylist()
        [5, 7]
    """
    import numpy as np
    import pyarrow as pa

    return pa.Array.from_buffers(pa.int64(), len(values), [None, _buffer(np.fromiter(values, np.int64, len(values)))])


def _buffer(array: object) -> pa.Buffer:
    import pyarrow as pa

    return pa.py_buffer(array)
