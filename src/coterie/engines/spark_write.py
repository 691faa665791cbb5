"""What goes into Spark from memory, and what its workers wrote."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from coterie.engines.contract import FileFormat
from coterie.errors import DataError

if TYPE_CHECKING:
    import pyarrow as pa


def plain(batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> pa.Table:
    """The batches as one table, in types that Spark takes from Arrow."""
    import pyarrow as pa

    table = pa.Table.from_batches(batches, schema)
    return table.cast(pa.schema([field.with_type(_plain(field.type)) for field in schema]))


def _plain(kind: pa.DataType) -> pa.DataType:
    import pyarrow as pa

    types = pa.types
    if types.is_dictionary(kind):
        return _plain(kind.value_type)
    if types.is_large_string(kind) or types.is_string_view(kind) or types.is_null(kind):
        return pa.string()
    if types.is_unsigned_integer(kind):
        return pa.int64()
    if types.is_decimal(kind) or types.is_float16(kind):
        return pa.float64()
    if types.is_timestamp(kind) or types.is_date64(kind):
        return pa.date32() if types.is_date64(kind) else pa.timestamp("us")
    return kind


def check_parts(folder: Path, file_format: FileFormat, rows: int, address: str) -> None:
    """Whether all rows stand in the parts: workers that do not see this disk write to their own, and nobody notices.

    Raises:
        DataError: Some are not there.
    """
    import pyarrow.dataset as ds
    from pyarrow import csv

    kind = (
        ds.ParquetFileFormat()
        if file_format == "parquet"
        else ds.CsvFileFormat(csv.ParseOptions(newlines_in_values=True))
    )
    parts = sorted(str(part) for part in folder.glob(f"part-*.{file_format}"))
    found = ds.dataset(parts, format=kind).count_rows() if parts else 0
    if found != rows:
        raise DataError(
            f"Of {rows:,} rows that the workers of Spark at {address} wrote, {found:,} stand in {folder.name}: they do "
            "not see this disk. Write to a folder that all of them see at the same path, or leave out --engine."
        )
