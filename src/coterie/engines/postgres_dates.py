"""Text as dates on PostgreSQL, which computes an expression again wherever it is named: a pattern, then a cast."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import ibis

from coterie.engines import portable
from coterie.engines.portable import MONTHS, PIVOT

if TYPE_CHECKING:
    import ibis.expr.types as ir

_CENTURIES = {"19": range(PIVOT, 100), "20": range(PIVOT)}
"""Which two-digit years are of which century."""

# Without a look ahead, so that the embedded engine too, for which a query is tried out, can say them.
_YEAR = r"\d{3}[1-9]|\d\d[1-9]0|\d[1-9]00|[1-9]000"
_LEAP = r"\d\d(?:0[48]|[2468][048]|[13579][26])|(?:0[48]|[2468][048]|[13579][26])00"
_LONG, _SHORT = (1, 3, 5, 7, 8, 10, 12), (4, 6, 9, 11)


def parse_dates(column: ir.StringColumn, formats: Sequence[str]) -> ir.DateColumn:
    """Text as dates by the first strptime format that fits and names a day there is; NULL where none does.

    Formats are made of %Y or %y, %m or %b, and %d, with one character between two of them.
    """
    kinds = [(spelt, century) for spelt in formats for century in (_CENTURIES if "%y" in spelt else ("",))]
    branches = [(column.re_search(_pattern(*kind)), _iso(column, *kind).cast("date")) for kind in kinds]
    return ibis.cases(*branches, else_=ibis.null("date"))


def parse_dates_for_both(column: ir.StringColumn, formats: Sequence[str]) -> ir.DateColumn:
    """As `parse_dates`, for a query that the embedded engine tries out: it casts no names of months."""
    named = any("%b" in spelt for spelt in formats)
    return portable.parse_dates(column, formats) if named else parse_dates(column, formats)


def _iso(text: ir.StringColumn, spelt: str, century: str) -> ir.StringColumn:
    """Year, month, day, which the server reads in this order whatever its settings."""
    if spelt == "%Y-%m-%d":
        return text
    order = [kind.lower() for kind in re.findall(r"%([Yymdb])", spelt)]
    year, day = (order.index(kind) + 1 for kind in "yd")
    groups = "^" + re.sub("%[Yymdb]", r"(\\w+)", spelt.replace(".", r"\.")) + "$"
    return text.re_replace(groups, rf"{century}\{year}-\{6 - year - day}-\{day}")


def _pattern(spelt: str, century: str) -> str:
    """What matches the days there are, and no others."""
    leap, every = _LEAP, _YEAR
    if century:
        years = _CENTURIES[century]
        every = "|".join(f"{year:02}" for year in years)
        leap = "|".join(f"{year:02}" for year in years if year % 4 == 0)
    days = (
        (every, (*_LONG, *_SHORT, 2), r"0?[1-9]|1\d|2[0-8]"),
        (every, (*_LONG, *_SHORT), "29|30"),
        (every, _LONG, "31"),
        (leap, (2,), "29"),
    )
    return f"^(?:{'|'.join(_filled(spelt, year, months, day) for year, months, day in days)})$"


def _filled(spelt: str, year: str, months: Sequence[int], day: str) -> str:
    """The format with what may stand for each of its parts."""
    named = "|".join(_in_any_case(name) for number, name in enumerate(MONTHS, 1) if number in months)
    numbered = "|".join(f"0?{number}" if number < 10 else str(number) for number in months)
    parts = {"%Y": year, "%y": year, "%m": numbered, "%b": named, "%d": day}
    return re.sub("%[Yymdb]", lambda found: f"(?:{parts[found[0]]})", spelt.replace(".", r"\."))


def _in_any_case(name: str) -> str:
    return "".join(f"[{letter}{letter.upper()}]" for letter in name)
