"""What engines have no common word for, said in words that all of them have."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import ibis

if TYPE_CHECKING:
    import ibis.expr.types as ir

_PARTS = {"%Y": r"(\d{4})", "%y": r"(\d{2})", "%m": r"(\d{1,2})", "%d": r"(\d{1,2})", "%b": r"([A-Za-z]{3})"}
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
PIVOT = 69
"""Two-digit years below are of this century, the others of the last, as POSIX has it."""


def parse_dates(column: ir.StringColumn, formats: Sequence[str]) -> ir.DateColumn:
    """Text as dates by the first strptime format that fits and names a day there is; NULL where none does.

    Formats are made of %Y or %y, %m or %b, and %d, with one character between two of them.
    """
    branches = []
    for spelt in formats:
        kinds = re.findall(r"%[Yymdb]", spelt)
        pattern = "^" + re.sub(r"%[Yymdb]", lambda found: _PARTS[found[0]], spelt.replace(".", r"\.")) + "$"
        fits = column.re_search(pattern)
        part = {kind[1]: column.re_extract(pattern, place) for place, kind in enumerate(kinds, start=1)}
        day = _whole(part["d"], fits)
        month = _month(part["b"]) if "b" in part else _whole(part["m"], fits)
        year = _century(_whole(part["y"], fits)) if "y" in part else _whole(part["Y"], fits)
        there = fits & month.between(1, 12) & (day >= 1) & (day <= _days(year, month)) & (year >= 1)
        branches.append((there, _date(year, month, day, there)))
    return ibis.cases(*branches, else_=ibis.null("date"))


def _whole(text: ir.StringValue, fits: ir.BooleanValue) -> ir.IntegerValue:
    """A number of digits; 0 where the pattern does not fit, so that no engine is asked to cast anything else."""
    return ibis.ifelse(fits, text, "0").cast("int64")


def _month(text: ir.StringValue) -> ir.IntegerValue:
    return ibis.cases(*((text.lower() == name, place) for place, name in enumerate(MONTHS, start=1)), else_=0)


def _century(year: ir.IntegerValue) -> ir.IntegerValue:
    return ibis.ifelse(year < PIVOT, year + 2000, year + 1900)


def _days(year: ir.IntegerValue, month: ir.IntegerValue) -> ir.IntegerValue:
    leap = ((year % 4 == 0) & (year % 100 != 0)) | (year % 400 == 0)
    return ibis.cases((month == 2, ibis.ifelse(leap, 29, 28)), (month.isin([4, 6, 9, 11]), 30), else_=31)


def _date(year: ir.IntegerValue, month: ir.IntegerValue, day: ir.IntegerValue, there: ir.BooleanValue) -> ir.DateValue:
    """The day; the first of January 2000 where there is none, so that no engine is asked for the 31st of June."""
    return ibis.date(ibis.ifelse(there, year, 2000), ibis.ifelse(there, month, 1), ibis.ifelse(there, day, 1))
