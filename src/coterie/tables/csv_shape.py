"""How a CSV file is laid out: delimiter, title lines, header; found from its first lines and the contract's words."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from coterie.tables.naming import HEADER_ROWS, Vocabulary, find_header, likeness

if TYPE_CHECKING:
    from collections.abc import Iterable

DELIMITERS = (",", ";", "\t", "|")
SAMPLE_ROWS = 200


@dataclass(frozen=True)
class CsvShape:
    """Layout of one CSV file.

    Attributes:
        delimiter: One character.
        skip: Physical lines above the first row of data, header included.
        header: Column names, stripped.
        above: Title lines passed over.
        simple: Every line above the data is one record without surprises.
        blank_before_quote: Cells such as `, "x"`, whose blank does not belong to the value.
    """

    delimiter: str
    skip: int
    header: tuple[str, ...]
    above: int
    simple: bool
    blank_before_quote: bool


@dataclass(frozen=True)
class _Record:
    cells: list[str]
    first_line: int
    last_line: int


def find_shape(head: str, words: Vocabulary, delimiter: str | None = None) -> CsvShape:
    r"""Choose the delimiter whose header names most columns of the contract and whose rows agree with it best.

    Args:
        head: Beginning of the file, decoded.
        words: What columns may be called.
        delimiter: The setting, which is believed.

    Example:
        >>> from coterie.settings import ReadSettings
        >>> from coterie.tables.naming import vocabulary
        >>> shape = find_shape("Shop export\nID;Name\n1;Paris, France\n", vocabulary(ReadSettings()))
        >>> shape.delimiter, shape.skip, shape.header
        (';', 2, ('ID', 'Name'))
    """
    hint, head, hint_lines = _separator_line(head)
    wanted = delimiter or hint
    candidates = (wanted,) if wanted else DELIMITERS
    shapes = [_shape(head, mark, words, hint_lines) for mark in candidates]
    return max(shapes, key=lambda scored: scored[0])[1]


def _separator_line(head: str) -> tuple[str | None, str, int]:
    """Excel's first line `sep=;`, taken off."""
    found = re.match(r'"?sep=(.)"?[^\S\r\n]*(\r\n|\n|\r|$)', head, flags=re.IGNORECASE)
    return (found[1], head[found.end() :], 1) if found else (None, head, 0)


def _shape(head: str, delimiter: str, words: Vocabulary, above: int) -> tuple[tuple[float, ...], CsvShape]:
    """The layout under this delimiter, with how well it fits: names, agreement of rows, columns."""
    blank_before_quote = re.search(re.escape(delimiter) + ' +"', head) is not None
    records = _records(head, delimiter, blank_before_quote=blank_before_quote)
    at = find_header([record.cells for record in records], words)
    header = records[at] if records else _Record([], 1, 1)
    width = len(header.cells)
    rows = [len(record.cells) for record in records[at + 1 : at + 1 + SAMPLE_ROWS]]
    agreement = sum(count == width for count in rows) / len(rows) if rows else 1.0
    several = width > 1 and agreement >= 0.5
    simple = all(record.first_line == record.last_line for record in records[: at + 1])
    shape = CsvShape(
        delimiter=delimiter,
        skip=header.last_line + above,
        header=tuple(cell.strip() for cell in header.cells),
        above=header.first_line - 1 + above,
        simple=simple and header.last_line == at + 1,
        blank_before_quote=blank_before_quote,
    )
    return (likeness(header.cells, words), several, round(agreement, 2), width), shape


def _records(head: str, delimiter: str, *, blank_before_quote: bool) -> list[_Record]:
    """The first records that are not blank, with the lines they stand on."""
    reader = csv.reader(io.StringIO(head, newline=""), delimiter=delimiter, skipinitialspace=blank_before_quote)
    records: list[_Record] = []
    line = 0
    for cells in _until_error(reader):
        first, line = line + 1, reader.line_num
        if any(cell.strip() for cell in cells):
            records.append(_Record(cells, first, line))
        if len(records) >= HEADER_ROWS + SAMPLE_ROWS:
            break
    return records


def _until_error(reader: Iterable[list[str]]) -> Iterable[list[str]]:
    """Records up to the first that the parser refuses; the careful reader will tell about that one."""
    try:
        yield from reader
    except csv.Error:
        return
