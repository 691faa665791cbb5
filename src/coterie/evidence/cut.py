"""The day at which what was known ends and what came later begins."""

from __future__ import annotations

import datetime as dt

import numpy as np

from coterie.errors import UsageError
from coterie.features import BURNT, Events, day_number

SHARE = 0.65
"""Of all coupons and orders, those until the cut, as nearly as the days allow."""
DAYS = 28
"""Fewest days before the cut, and after it."""
EVENTS_BEFORE, EVENTS_AFTER = 200, 100
"""Fewest coupons claimed, or orders made, until the cut, and after it."""
UNDATED = 0.05
"""Share of burnt coupons without a burn date above which it is not known what was burnt at the cut."""


def choose_cut(events: Events) -> tuple[int | None, str]:
    """The last day to count as known: about 65 % of all coupons and orders are known by then.

    Returns:
        The day and "", or None and the sentence that says why no day will do.
    """
    times = events.days
    if not len(times):
        return None, f"Cannot be judged: there is no {events.noun}."
    first, last = int(times[0]), events.as_of
    early, late = first + DAYS - 1, last - DAYS
    if early > late:
        covered = last - first + 1
        return None, (
            f"Cannot be judged: the data cover {covered} day{'s' if covered != 1 else ''}, "
            f"and {2 * DAYS} are needed: {DAYS} to find segments in, and {DAYS} to see what comes after."
        )
    days = np.unique(times)
    days = np.unique([early, *days[(days >= early) & (days <= late)].tolist(), late])
    known = np.searchsorted(times, days, side="right") / len(times)
    day = int(days[np.abs(known - SHARE).argmin()])
    reason = why_not_cut(events, day)
    return (None, reason) if reason else (day, "")


def cut_asked(events: Events, cut: dt.date) -> tuple[int | None, str]:
    """As `choose_cut`, for a day that was asked for.

    Raises:
        UsageError: The day is outside the data.
    """
    day = day_number(cut)
    times = events.days
    if not len(times):
        return None, f"Cannot be judged: there is no {events.noun}."
    if not times[0] <= day < events.as_of:
        raise UsageError(
            f"The cut {said(day)} is outside the data, which run from {said(int(times[0]))} to "
            f"{said(events.as_of)}. Choose a day between them, or leave the cut out to have one chosen."
        )
    reason = why_not_cut(events, day)
    return (None, reason) if reason else (day, "")


def why_not_cut(events: Events, day: int) -> str:
    """Why nothing can be told from a cut at the end of that day; "" where it can."""
    times = events.days
    before, after = day - int(times[0]) + 1, events.as_of - day
    known = int((times <= day).sum())
    later = len(times) - known
    if before < DAYS or after < DAYS:
        return (
            f"Cannot be judged: a cut after {said(day)} leaves {before} days up to it and {after} after it, "
            f"and {DAYS} of each are needed."
        )
    if known < EVENTS_BEFORE or later < EVENTS_AFTER:
        return (
            f"Cannot be judged: up to {said(day)} there are {known:,} {events.nouns} and after it "
            f"{later:,}; {EVENTS_BEFORE} and {EVENTS_AFTER} are needed."
        )
    return ""


def why_undated(events: Events) -> str:
    """Why it is not known what was burnt at an earlier day; "" where nearly every burn has its day."""
    burnt = events.status == BURNT
    undated = int((burnt & np.isnan(events.burnt)).sum())
    share = undated / max(int(burnt.sum()), 1)
    if share <= UNDATED:
        return ""
    return (
        f"Cannot be judged: {share:.0%} of the burnt coupons have no burn date, so it is not known what was burnt at "
        "an earlier day."
    )


def date_of(day: int) -> dt.date:
    """The date of a day number.

    Example:
        >>> date_of(2)
        datetime.date(1970, 1, 3)
    """
    return dt.date(1970, 1, 1) + dt.timedelta(days=day)


def said(day: int) -> str:
    """The date of a day number, the month as a word.

    Example:
        >>> said(2)
        '3 Jan 1970'
    """
    return f"{date_of(day):%-d %b %Y}"
