"""Which columns of a CSV file are likely to be whole numbers or dates in every cell, by the first of its lines."""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from coterie.tables.part import cell_names

if TYPE_CHECKING:
    from coterie.engines import CellKind
    from coterie.tables.csv_shape import CsvShape

LOOKED_AT = 5_000
"""Rows of the head; a column that is empty in all of them stays text."""

_SPELT: Mapping[CellKind, re.Pattern[str]] = {
    "int64": re.compile(r"0|-?[1-9][0-9]{0,14}"),
    "date": re.compile(r"(?:19|20)[0-9]{2}-[01][0-9]-[0-3][0-9]"),
}


def likely_kinds(head: str, shape: CsvShape) -> dict[str, CellKind]:
    r"""Column (by the names of `cell_names`) -> what all its first cells are, so that the engine may try it.

    Example:
        >>> from coterie.settings import ReadSettings
        >>> from coterie.tables.csv_shape import find_shape
        >>> from coterie.tables.naming import vocabulary
        >>> head = "customer_id,join_date,zip\n7,2024-01-05,01234\n8,,\n"
        >>> likely_kinds(head, find_shape(head, vocabulary(ReadSettings())))
        {'c0': 'int64', 'c1': 'date'}
    """
    lines = itertools.islice(io.StringIO(head, newline=""), shape.skip, shape.skip + LOOKED_AT)
    names = cell_names(len(shape.header))
    seen: dict[str, set[str]] = {name: set() for name in names}
    try:
        for row in csv.reader(lines, delimiter=shape.delimiter):
            for name, cell in zip(names, row, strict=False):
                seen[name].add(cell)
    except csv.Error:
        return {}
    kinds: dict[str, CellKind] = {}
    for name, cells in seen.items():
        filled = cells - {""}
        for kind, pattern in _SPELT.items():
            if filled and all(map(pattern.fullmatch, filled)):
                kinds[name] = kind
    return kinds
