"""Arrow columns straight from their buffers; `pyarrow.array` would load pandas wherever it is installed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import ibis.expr.types as ir
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    from coterie.engines import Engine


def load_columns(engine: Engine, columns: Mapping[str, NDArray[np.int64] | NDArray[np.float64]]) -> ir.Table:
    """Numbers in memory (name -> (n,) of 64 bits) as a table of the engine, such as the rows that were drawn."""
    import pyarrow as pa

    batch = pa.record_batch([_numbers(values) for values in columns.values()], names=list(columns))
    return engine.load([batch], batch.schema)


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

    return _numbers(np.fromiter(values, np.int64, len(values)))


def _numbers(values: NDArray[np.int64] | NDArray[np.float64]) -> pa.Array:
    import numpy as np
    import pyarrow as pa

    real = values.dtype == np.float64
    stored = np.ascontiguousarray(values, dtype=np.float64 if real else np.int64)
    return pa.Array.from_buffers(pa.float64() if real else pa.int64(), len(stored), [None, _buffer(stored)])


def _buffer(array: object) -> pa.Buffer:
    import pyarrow as pa

    return pa.py_buffer(array)
