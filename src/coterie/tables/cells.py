"""Cells as text: what counts as empty, and how a number is spelt."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis

if TYPE_CHECKING:
    import ibis.expr.types as ir

BLANK_WORDS: tuple[str, ...] = ("null", "nan", "nat", "none", "n/a", "#n/a", "\\n")
"""Words (in any case) that exports write into empty cells; such a cell is empty."""

_SPACE = r" \t\n\r\v\f"
"""What the engines strip."""

_TO_STRIP = f"^[{_SPACE}]|[{_SPACE}]$|^$"
_INK = f"[^{_SPACE}]"


def text_of(column: ir.Column, *, bare: bool = False) -> ir.StringColumn:
    """A column of any type as stripped text, NULL where empty; whole numbers are spelt without a decimal point.

    `bare` says that a count found nothing to strip and no empty text (see `to_strip`), which saves the work per row.
    """
    kind = column.type()
    if kind.is_string():
        return column if bare else column.strip().nullif("")
    if kind.is_floating() or kind.is_decimal():
        spelt = ibis.cases((is_whole(column), column.cast("int64").cast("string")), else_=column.cast("string"))
        return spelt.nullif("nan") if kind.is_floating() else spelt
    return column.cast("string")


def to_strip(column: ir.StringColumn, *, packed: bool) -> ir.IntegerScalar:
    """How many texts are empty or have white space at an end.

    Where the file packs its texts into a dictionary, as Parquet does, only the few distinct ones are stripped;
    elsewhere a pattern takes a quarter of the time.
    """
    found = (column == "") | (column != column.strip()) if packed else column.re_search(_TO_STRIP)
    return found.sum().fill_null(0)


def is_blank(cell: ir.StringColumn) -> ir.BooleanColumn:
    """Whether a text is NULL, empty or white space alone."""
    return cell.isnull() | ~cell.re_search(_INK)


def is_whole(column: ir.Column) -> ir.BooleanColumn:
    """Whether a fractional number is a whole one that a 64-bit integer holds exactly."""
    limit = 2**53 if column.type().is_floating() else 10**18
    return (column % 1 == 0) & (column.abs() < limit)


def says_nothing(text: ir.StringColumn) -> ir.BooleanColumn:
    """Whether the text is one of the words for an empty cell."""
    return text.lower().isin(BLANK_WORDS)


def without_words(text: ir.StringColumn) -> ir.StringColumn:
    """The text, NULL where it is one of the words for an empty cell."""
    return ibis.cases((says_nothing(text), ibis.null("string")), else_=text)
