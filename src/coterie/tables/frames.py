"""pandas, polars and Arrow frames in place of files; none of these is imported before somebody hands us one."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from coterie.errors import DataError, UsageError
from coterie.tables.advice import FRAME
from coterie.tables.columns import whole_column
from coterie.tables.part import LINE, Cells, Part, cell_names

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pyarrow as pa

    from coterie.engines import Engine


def frame_parts(frames: Mapping[str, Any]) -> list[Part]:
    """One part per frame; the keys name the tables.

    Raises:
        UsageError: Where a value is not a frame.
        DataError: Where a column of a frame has no type that Arrow knows.
    """
    return [_part(str(name), frame) for name, frame in frames.items()]


def _part(name: str, frame: Any) -> Part:
    label = FRAME + name
    header, table = _arrow(frame, label)

    def load(engine: Engine, _: str) -> Cells:
        return Cells(engine.load(_numbered(table), _with_line(table.schema)))

    return Part(label, name, tuple(column.strip() for column in header), load, "frame", label)


def _arrow(frame: Any, label: str) -> tuple[list[str], pa.Table]:
    """The frame's column names, and its content as an Arrow table with columns named by position."""
    import pyarrow as pa

    pandas = sys.modules.get("pandas")
    if pandas is not None and isinstance(frame, pandas.DataFrame):
        return _from_pandas(frame, label)
    if hasattr(frame, "collect_schema") and not hasattr(frame, "__arrow_c_stream__"):  # a lazy frame of polars
        frame = frame.collect()
    if not hasattr(frame, "__arrow_c_stream__"):
        raise UsageError(
            f"{label} is {type(frame).__name__}, not a pandas, polars or Arrow frame. Give read() a path, or a mapping "
            'of table names to frames, such as {"transactions": frame}.'
        )
    table = frame if isinstance(frame, pa.Table) else pa.table(frame)
    header = [str(column) for column in table.column_names]
    return header, table.rename_columns(cell_names(len(header)))


def _from_pandas(frame: Any, label: str) -> tuple[list[str], pa.Table]:
    """A pandas frame; an index with names counts as columns."""
    import pyarrow as pa

    if any(name is not None for name in frame.index.names):
        frame = frame.reset_index()
    header = [" ".join(map(str, name)) if isinstance(name, tuple) else str(name) for name in frame.columns]
    columns = []
    for position, name in enumerate(header):
        series = frame.iloc[:, position]
        try:
            columns.append(pa.Array.from_pandas(series))
        except pa.ArrowException:  # an object column of mixed values: each as its text
            missing = series.isna()
            columns.append(pa.array([None if gap else str(v) for v, gap in zip(series, missing, strict=True)]))
        except TypeError as error:
            raise DataError(f"{label}, column {name}: {error}. Convert it to text, numbers or dates.") from error
    arrays = [pa.chunked_array(c) if isinstance(c, list) else c for c in columns]
    return header, pa.table(dict(zip(cell_names(len(header)), arrays, strict=True)))


def _with_line(schema: pa.Schema) -> pa.Schema:
    import pyarrow as pa

    return schema.append(pa.field(LINE, pa.int64()))


def _numbered(table: pa.Table) -> Iterator[pa.RecordBatch]:
    """The table's batches with `_line`, the number of each row from 1."""
    import pyarrow as pa

    schema, first = _with_line(table.schema), 1
    for batch in table.to_batches():
        lines = whole_column(range(first, first + batch.num_rows))
        yield pa.RecordBatch.from_arrays([*batch.columns, lines], schema=schema)
        first += batch.num_rows
