"""The careful way through a CSV file: any encoding, any damage, every row kept or told about, in constant memory."""

from __future__ import annotations

import csv
import io
import string
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TextIO

from coterie.errors import DataError
from coterie.tables.columns import text_column, whole_column
from coterie.tables.csv_bytes import open_bytes
from coterie.tables.part import LINE, cell_names

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pyarrow as pa

    from coterie.tables.csv_shape import CsvShape

BATCH_ROWS = 50_000
BLANKS = string.whitespace
"""What Ibis strips in the engine, which is less than Python's own strip() takes for blank."""
OPEN_LINES = 200
"""A quoted cell over more lines than this is taken for a quote that was never closed."""
LONGEST_LINE = 1 << 24
MOST_UNREADABLE = 200_000
EXAMPLE_TEXT = 500


class _OpenQuoteError(Exception):
    """The record does not end where it should."""


@dataclass
class Oddities:
    """What the careful reader met, filled while its batches are consumed.

    Attributes:
        unreadable: (line, text, rule) of rows that could not be split into cells.
        short: Rows with fewer cells than the header, and the first of their lines.
        nul, undecodable: Lines that held a NUL character, or bytes that the encoding does not know.
    """

    unreadable: list[tuple[int, str, str]] = field(default_factory=list)
    rows: int = 0
    short: int = 0
    short_lines: list[int] = field(default_factory=list)
    nul: int = 0
    undecodable: int = 0


class _Lines:
    """Physical lines of a file for the csv module, one record at a time, with the way back when a record runs away."""

    def __init__(self, stream: TextIO, label: str, skip: int, odd: Oddities) -> None:
        self._stream, self._label, self._odd = stream, label, odd
        self._again: deque[str] = deque()
        self.record: list[str] = []
        self.number = 1
        for _ in range(skip):
            self._stream.readline()
            self.number += 1

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if len(self.record) >= OPEN_LINES:
            raise _OpenQuoteError
        line = self._again.popleft() if self._again else self._read()
        if not line:
            if self.record:
                raise _OpenQuoteError
            raise StopIteration
        self.record.append(line)
        return line

    def _read(self) -> str:
        line = self._stream.readline(LONGEST_LINE)
        if len(line) >= LONGEST_LINE:
            raise DataError(
                f"{self._label} line {self.number} is longer than {LONGEST_LINE:,} characters; this is not a table "
                "with one row per line. Export it again as CSV."
            )
        if "\0" in line:
            self._odd.nul += 1
            line = line.replace("\0", "") or "\n"
        if "\ufffd" in line:
            self._odd.undecodable += 1
        return line

    def take(self) -> int:
        """End the record; the line it began on."""
        first = self.number
        self.number += len(self.record)
        self.record.clear()
        return first

    def retreat(self) -> tuple[int, str]:
        """Give up the record's first line (its number and text) and read the others again."""
        first, text = self.number, self.record[0]
        self._again.extendleft(reversed(self.record[1:]))
        self.record.clear()
        self.number += 1
        return first, text.rstrip("\r\n")[:EXAMPLE_TEXT]


def careful_rows(
    path: Path, label: str, shape: CsvShape, encoding: str, odd: Oddities
) -> Iterator[tuple[int, list[str]]]:
    """Every row that has cells, padded to the width of the header, with the line it begins on.

    Rows of blanks only are passed over; rows with too many cells and quotes that never close go to `odd.unreadable`.
    """
    width = len(shape.header)
    with io.TextIOWrapper(open_bytes(path), encoding=encoding, errors="replace", newline="") as stream:
        if stream.read(1) != "\ufeff":
            stream.seek(0)
        lines = _Lines(stream, label, shape.skip, odd)
        reader = _reader(lines, shape)
        while True:
            try:
                row = next(reader)
            except StopIteration:
                return
            except (_OpenQuoteError, csv.Error) as error:
                rule = "open_quote" if isinstance(error, _OpenQuoteError) else "unreadable_row"
                _set_aside(odd, *lines.retreat(), rule, label)
                reader = _reader(lines, shape)
                continue
            if not (row and row[0].strip(BLANKS)) and not any(cell.strip(BLANKS) for cell in row):
                lines.take()
            elif len(row) == width or _fit(row, width, lines, odd):
                odd.rows += 1
                yield lines.take(), row
            elif len(lines.record) > 1:  # a stray quote swallowed the lines after it
                _set_aside(odd, *lines.retreat(), "open_quote", label)
                reader = _reader(lines, shape)
            else:
                _set_aside(odd, *lines.retreat(), "ragged_row", label)


def _reader(lines: _Lines, shape: CsvShape) -> Iterator[list[str]]:
    return csv.reader(lines, delimiter=shape.delimiter, skipinitialspace=shape.blank_before_quote)


def _fit(row: list[str], width: int, lines: _Lines, odd: Oddities) -> bool:
    """Take blank cells off a row that is too long, fill up one that is too short; whether it has the width then.

    A row over several lines is not filled up: more likely a stray quote made it.
    """
    while len(row) > width and not row[-1].strip(BLANKS):
        row.pop()
    if len(row) < width and len(lines.record) == 1:
        odd.short += 1
        if len(odd.short_lines) < 3:
            odd.short_lines.append(lines.number)
        row += [""] * (width - len(row))
    return len(row) == width


def _set_aside(odd: Oddities, line: int, text: str, rule: str, label: str) -> None:
    odd.unreadable.append((line, text, rule))
    if len(odd.unreadable) > MOST_UNREADABLE and len(odd.unreadable) > odd.rows:
        raise DataError(
            f"{label} has more than {MOST_UNREADABLE:,} rows that do not have the cells of its header, more than it "
            "has good ones. Export it again, or set delimiter in coterie.toml."
        )


def careful_batches(
    path: Path, label: str, shape: CsvShape, encoding: str, odd: Oddities
) -> tuple[pa.Schema, Iterator[pa.RecordBatch]]:
    """The rows as Arrow batches of text columns `c0`, `c1`, … (empty cells NULL) and `_line`, and their schema."""
    import pyarrow as pa

    names = cell_names(len(shape.header))
    schema = pa.schema([*((name, pa.string()) for name in names), (LINE, pa.int64())])

    def batches() -> Iterator[pa.RecordBatch]:
        rows: list[list[str]] = []
        lines: list[int] = []
        for line, row in careful_rows(path, label, shape, encoding, odd):
            rows.append(row)
            lines.append(line)
            if len(rows) == BATCH_ROWS:
                yield _batch(rows, lines, schema)
                rows, lines = [], []
        if rows:
            yield _batch(rows, lines, schema)

    return schema, batches()


def _batch(rows: list[list[str]], lines: list[int], schema: pa.Schema) -> pa.RecordBatch:
    import pyarrow as pa

    cells = [text_column(column) for column in zip(*rows, strict=True)]
    return pa.RecordBatch.from_arrays([*cells, whole_column(lines)], schema=schema)
