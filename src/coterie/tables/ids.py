"""Ids as integers or text: decided per kind of id over all tables that hold it, so that they can be joined."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import ibis

from coterie.tables.cells import is_whole, says_nothing, text_of, without_words

if TYPE_CHECKING:
    import ibis.expr.types as ir

IdKind = Literal["int64", "string"]

_PLAIN = r"^-?(?:0|[1-9]\d{0,17})(?:\.0+)?$"
_LONG = r"^[1-9]\d{18}(?:\.0+)?$"
_LARGEST = str(2**63 - 1)


@dataclass(frozen=True)
class IdCounts:
    """Cells of one id column: filled at all, a word for empty, a plain integer, an integer spelt with ".0"."""

    filled: int = 0
    words: int = 0
    plain: int = 0
    pointed: int = 0


def id_counts(column: ir.Column, *, bare: bool = False) -> dict[str, ir.IntegerScalar]:
    """The aggregates that fill an `IdCounts`; `bare` as in `text_of`."""
    kind = column.type()
    filled = column.count()
    nothing = ibis.literal(0)
    if kind.is_string():
        text = text_of(column, bare=bare)
        whole = ibis.cases(
            (text.length() < 19, text.re_search(_PLAIN)),
            (text.re_search(_LONG), text.left(19) <= _LARGEST),
            else_=text.re_search(_PLAIN),
        )
        return {
            "filled": text.count(),
            # No plain integer is a word.
            "words": ibis.cases((whole, False), else_=says_nothing(text)).sum().fill_null(0),
            "plain": whole.sum().fill_null(0),
            "pointed": (whole & text.contains(".")).sum().fill_null(0),
        }
    if kind.is_floating() or kind.is_decimal():
        filled = text_of(column).count()
        return {"filled": filled, "words": nothing, "plain": is_whole(column).sum().fill_null(0), "pointed": nothing}
    if kind == ibis.dtype("uint64"):
        fits = (column <= 2**63 - 1).sum().fill_null(0)
        return {"filled": filled, "words": nothing, "plain": fits, "pointed": nothing}
    return {"filled": filled, "words": nothing, "plain": filled if kind.is_integer() else nothing, "pointed": nothing}


def id_kind(counts: Iterable[IdCounts]) -> IdKind:
    """int64 when every filled cell of all these columns is a plain integer, else text.

    Example:
        >>> id_kind([IdCounts(filled=3, plain=3), IdCounts(filled=2, plain=1)])
        'string'
    """
    return "int64" if all(count.plain == count.filled - count.words for count in counts) else "string"


def as_id(column: ir.Column, kind: IdKind, counts: IdCounts, *, bare: bool = False) -> ir.Column:
    """The column as ids of that kind, NULL where empty; text keeps leading zeros. `bare` as in `text_of`."""
    if column.type().is_integer() and kind == "int64":
        return column.cast("int64")
    text = text_of(column, bare=bare)
    if counts.words:
        text = without_words(text)
    if counts.pointed and counts.plain == counts.filled - counts.words:
        text = text.re_replace(r"\.0+$", "")
    return text.cast(kind) if kind == "int64" else text
