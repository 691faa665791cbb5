"""Calendar weeks, months and quarters: the same arithmetic on days in Python and on columns in the engine.

Periods are numbered one after the other, so that the distance between two is a difference. A day belongs to one period
as a whole: times of day were cut off when the data were read, so an order at midnight belongs to the day it begins.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import ibis

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from coterie.metrics.contract import Period

FIRST_MONDAY = dt.date(1970, 1, 5)
"""Week 0 begins here; weeks begin on Monday, so the week of new year belongs to both years and is never cut."""

MONTHS = {"month": 1, "quarter": 3}
"""Months in a period."""

_TRUNCATED = {"week": "W", "month": "M", "quarter": "Q"}


def period_index(day: dt.date, period: Period) -> int:
    """Number of the period that holds the day.

    Example:
        >>> period_index(dt.date(2025, 1, 1), "month") - period_index(dt.date(2024, 12, 31), "month")
        1
        >>> period_index(dt.date(2025, 1, 1), "week") - period_index(dt.date(2024, 12, 31), "week")
        0
    """
    if period == "week":
        return (day - FIRST_MONDAY).days // 7
    return (day.year * 12 + day.month - 1) // MONTHS[period]


def period_start(index: int, period: Period) -> dt.date:
    """First day of the period of that number.

    Example:
        >>> period_start(period_index(dt.date(2025, 1, 1), "week"), "week")
        datetime.date(2024, 12, 30)
    """
    if period == "week":
        return FIRST_MONDAY + dt.timedelta(days=7 * index)
    year, month = divmod(index * MONTHS[period], 12)
    return dt.date(year, month + 1, 1)


def complete_until(as_of: dt.date, period: Period) -> int:
    """Number of the last period that is complete when everything to the end of `as_of` is known.

    Example:
        >>> period_start(complete_until(dt.date(2025, 1, 31), "month"), "month")
        datetime.date(2025, 1, 1)
        >>> period_start(complete_until(dt.date(2025, 1, 30), "month"), "month")
        datetime.date(2024, 12, 1)
    """
    return period_index(as_of + dt.timedelta(days=1), period) - 1


def index_of(day: ir.DateColumn, period: Period) -> ir.IntegerColumn:
    """As `period_index`, of a date column; int64, NULL where there is no day."""
    if period == "week":
        return day.delta(ibis.date(FIRST_MONDAY), unit="day").floordiv(7).cast("int64")
    months = day.year().cast("int64") * 12 + day.month() - 1
    return months.floordiv(MONTHS[period]).cast("int64")


def start_of(day: ir.DateColumn, period: Period) -> ir.DateColumn:
    """First day of the period that holds each day of a date column."""
    # Truncating a date would give a timestamp that is called a date.
    return day.cast("timestamp").truncate(_TRUNCATED[period]).date()
