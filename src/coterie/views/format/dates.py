"""Days and months as the product prints them."""

from __future__ import annotations

import datetime as dt

EN_DASH = "\u2013"
_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


def date(day: dt.date) -> str:
    """A date, the month as a word.

    Example:
        >>> date(dt.date(2017, 9, 4))
        '4 Sep 2017'
    """
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def dates(first: dt.date, last: dt.date) -> str:
    """A range of dates with a spaced en dash.

    Example:
        >>> dates(dt.date(2016, 11, 1), dt.date(2018, 2, 18))
        '1 Nov 2016 – 18 Feb 2018'
    """
    return date(first) if first == last else f"{date(first)} {EN_DASH} {date(last)}"


def month(number: int) -> str:
    """The short name of a month, 1..12.

    Example:
        >>> month(9)
        'Sep'
    """
    return _MONTHS[number - 1]
