"""One file per table, written piece by piece: CSV, Parquet, Excel. The bytes depend on the rows alone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

from coterie.tables.sample.xlsx import XlsxFile

if TYPE_CHECKING:
    import pyarrow as pa

FileFormat = Literal["csv", "parquet", "xlsx"]

ROW_GROUP = 131_072
"""Least rows of a Parquet row group but the last; pieces come by the week and are gathered until then."""


class TableFile(Protocol):
    """An open file of one table: takes pieces with the columns it was opened with, is whole after `close`."""

    def write(self, rows: pa.Table) -> None:
        """Append the rows."""

    def close(self) -> None:
        """Finish the file."""


class CsvFile:
    """Comma separated, UTF-8, a header line, no quotes (our words need none), nothing for NULL, ISO dates."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self._stream = path.open("wb")
        self._stream.write(",".join(schema.names).encode() + b"\n")

    def write(self, rows: pa.Table) -> None:
        """Append the rows."""
        self.write_lines(csv_lines(rows))

    def write_lines(self, lines: bytes) -> None:
        """Append lines that are CSV already."""
        self._stream.write(lines)

    def close(self) -> None:
        """Finish the file."""
        self._stream.close()


def csv_lines(rows: pa.Table) -> bytes:
    """The rows as CSV lines without a header."""
    import io

    from pyarrow import csv

    buffer = io.BytesIO()
    csv.write_csv(rows, buffer, csv.WriteOptions(include_header=False, batch_size=65_536, quoting_style="none"))
    return buffer.getvalue()


class ParquetFile:
    """Parquet with ZSTD; a row group holds at least `ROW_GROUP` rows."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        from pyarrow import parquet

        self._writer = parquet.ParquetWriter(path, schema, compression="zstd")
        self._waiting: list[pa.Table] = []
        self._rows = 0

    def write(self, rows: pa.Table) -> None:
        """Append the rows."""
        self._waiting.append(rows)
        self._rows += rows.num_rows
        if self._rows >= ROW_GROUP:
            self._flush()

    def _flush(self) -> None:
        import pyarrow as pa

        if self._waiting:
            self._writer.write_table(pa.concat_tables(self._waiting))
        self._waiting, self._rows = [], 0

    def close(self) -> None:
        """Finish the file."""
        self._flush()
        self._writer.close()


def open_table(path: Path, schema: pa.Schema, file_format: FileFormat) -> TableFile:
    """A new file of that format at the path."""
    kinds: dict[FileFormat, type[CsvFile | ParquetFile | XlsxFile]]
    kinds = {"csv": CsvFile, "parquet": ParquetFile, "xlsx": XlsxFile}
    return kinds[file_format](path, schema)
