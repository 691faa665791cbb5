"""Cells as numbers, whatever their decimal point and thousands separator: attributes where they are, amounts always."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import ibis

from coterie.tables.cells import says_nothing, text_of, without_words

if TYPE_CHECKING:
    import ibis.expr.types as ir

LARGEST = 1e11
"""No amount or quantity of one line is larger; sums of such stay whole in 64 bits."""

ENOUGH = 0.95
"""Share of the filled cells that must be numbers for the column to be one."""

_CODE = r"^0\d+$"
_POINT = r"^[+-]?(?:\d{1,15}|\d{1,3}(?:[, '’ \x{00A0}\x{202F}]\d{3}){1,5})?(?:\.\d{1,20})?(?:[eE][+-]?\d{1,2})?$"
_COMMA = r"^[+-]?(?:\d{1,15}|\d{1,3}(?:[. '’ \x{00A0}\x{202F}]\d{3}){1,5})?(?:,\d{1,20})?(?:[eE][+-]?\d{1,2})?$"
_SURE_COMMA = r"^[+-]?(?:\d*,(?:\d{1,2}|\d{4,})|\d{1,3}(?:\.\d{3})+,\d+|(?:0\d*|\d{4,})?,\d+|\d{1,3}(?:\.\d{3}){2,})$"
_SURE_POINT = r"^[+-]?(?:\d*\.(?:\d{1,2}|\d{4,})|\d{1,3}(?:,\d{3})+\.\d+|(?:0\d*|\d{4,})?\.\d+|\d{1,3}(?:,\d{3}){2,})$"
GROUPED_POINT, GROUPED_COMMA = r"^[+-]?[1-9]\d{0,2}\.\d{3}$", r"^[+-]?[1-9]\d{0,2},\d{3}$"
"""Cells such as 1.050, in which the mark may part thousands or decimals."""

Decimal = Literal[".", ","]


@dataclass(frozen=True)
class NumberCounts:
    """Cells of one attribute: filled, words for empty, numbers by either reading, sure signs of either, codes (007)."""

    filled: int = 0
    words: int = 0
    point: int = 0
    comma: int = 0
    sure_point: int = 0
    sure_comma: int = 0
    codes: int = 0


@dataclass(frozen=True)
class NumberPlan:
    """How to read an attribute: as a number with this decimal mark, or as text (None)."""

    decimal: Decimal | None
    typed: bool = False
    words: bool = False


def number_counts(column: ir.Column, *, bare: bool = False) -> dict[str, ir.IntegerScalar]:
    """The aggregates that fill a `NumberCounts`; `bare` as in `text_of`."""
    text = text_of(column, bare=bare)
    if not column.type().is_string():
        return {"filled": text.count()}
    digit = text.re_search(r"\d")
    point, comma = surely(text)
    return {
        "filled": text.count(),
        "words": says_nothing(text).sum().fill_null(0),
        "point": (text.re_search(_POINT) & digit).sum().fill_null(0),
        "comma": (text.re_search(_COMMA) & digit).sum().fill_null(0),
        "sure_point": point.sum().fill_null(0),
        "sure_comma": comma.sum().fill_null(0),
        "codes": text.re_search(_CODE).sum().fill_null(0),
    }


def surely(text: ir.StringColumn) -> tuple[ir.BooleanColumn, ir.BooleanColumn]:
    """Whether a cell has a decimal point for sure, such as 1.5 or 1,234.5; and a decimal comma."""
    return text.re_search(_SURE_POINT), text.re_search(_SURE_COMMA)


def number_plan(column: ir.Column, counts: NumberCounts, wanted: Decimal | None) -> NumberPlan:
    """Number when at least 95 % of the filled cells are numbers and none is a code such as 007, else text.

    The decimal mark is that of the settings, else the one with more sure signs, such as 1,5 or 1.234,5.
    """
    kind = column.type()
    if not kind.is_string():
        return NumberPlan("." if kind.is_numeric() and not kind.is_boolean() else None, typed=True)
    decimal: Decimal = wanted or ("," if counts.sure_comma > counts.sure_point else ".")
    numbers = counts.comma if decimal == "," else counts.point
    filled = counts.filled - counts.words
    is_number = filled > 0 and numbers >= ENOUGH * filled and not counts.codes
    return NumberPlan(decimal if is_number else None, words=counts.words > 0)


def measure_counts(column: ir.Column, *, bare: bool = False) -> dict[str, ir.IntegerScalar]:
    """The aggregates that fill a `NumberCounts` of a column that the contract says is a number."""
    return number_counts(column, bare=bare) if column.type().is_string() else {"filled": column.count()}


def as_number(
    column: ir.Column, counts: NumberCounts, *, has_comma: ir.BooleanValue | bool, most: float = LARGEST
) -> tuple[ir.Column, ir.BooleanColumn]:
    """The column as float64, and whether a filled cell could not be read or is larger than `most`.

    `has_comma` says which rows have a decimal comma: all, none, or where it holds.
    """
    kind = column.type()
    if not kind.is_string() and (not kind.is_numeric() or kind.is_boolean()):
        return ibis.null("float64"), column.notnull()
    typed, words = not kind.is_string(), counts.words > 0
    if isinstance(has_comma, bool):
        number, bad = as_attribute(column, NumberPlan("," if has_comma else ".", typed=typed, words=words))
    else:
        comma, no_comma = as_attribute(column, NumberPlan(",", words=words))
        point, no_point = as_attribute(column, NumberPlan(".", words=words))
        number = ibis.cases((has_comma, comma), else_=point)
        bad = ibis.cases((has_comma, no_comma), else_=no_point)
    sane = number.abs() <= most
    return ibis.cases((sane, number), else_=ibis.null("float64")), bad | (~sane).fill_null(False)


def as_attribute(column: ir.Column, plan: NumberPlan, *, bare: bool = False) -> tuple[ir.Column, ir.BooleanColumn]:
    """The column as float64 or text, and whether a filled cell could not be read."""
    text = text_of(column, bare=bare)
    text = without_words(text) if plan.words else text
    if plan.decimal is None:
        return text, ibis.literal(False)
    if plan.typed:
        number = column.cast("float64")
        return ibis.cases((number.isnan() | number.isinf(), ibis.null("float64")), else_=number), ibis.literal(False)
    fits = text.re_search(_COMMA if plan.decimal == "," else _POINT) & text.re_search(r"\d")
    thousands = r"[. '’\x{00A0}\x{202F}]" if plan.decimal == "," else r"[, '’\x{00A0}\x{202F}]"
    digits = text.re_replace(thousands, "")
    digits = digits.replace(",", ".") if plan.decimal == "," else digits
    number = ibis.cases((fits, digits), else_=ibis.null("string")).cast("float64")
    return number, text.notnull() & ~fits
