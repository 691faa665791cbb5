"""A measure month by month: which months can be compared, and what they show."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from coterie.explore.contract import Value
from coterie.views import format as say
from coterie.views.boards.measures import BURNS, LABELS, RATIOS, SAME, days_to_burn, name_of, said
from coterie.views.shop import FEW, month_name

if TYPE_CHECKING:
    from coterie.explore.contract import Line, Told
    from coterie.views.boards.contract import Look

SPAN, YEAR = 3, 12
"""Months that are compared with as many before; a year before where that is known, as trade has its seasons."""
NAME = 40
"""Letters of a name in a sentence."""
_BURNS_FADED = (
    "Burns count with their claim: months that are not complete, or whose coupons may still be burnt, are faded and"
    " compared with nothing."
)


@dataclass(frozen=True)
class Stretch:
    """A month, and whether all of it is known: those that are not are drawn faded and compared with nothing."""

    month: dt.date
    complete: bool


def stretches(look: Look, told: Told, begin: dt.date, end: dt.date) -> tuple[Stretch, ...]:
    """Every month from that of the first event to the last day looked at: what ends before it has nothing since.

    Complete are those within the days looked at, and of burns those of ripe coupons.

    Args:
        look: Says which days are known, and which of them are looked at.
        told: Says what is measured.
        begin: First day of the month of the first event.
        end: First day of that of the last.
    """
    filters, choices = look.filters, look.choices
    first = max(filters.since or choices.first_day, choices.first_day)
    last = min(filters.until or choices.last_day, choices.last_day)
    known = last
    if told.measure in BURNS:
        known = min(last, choices.last_day - dt.timedelta(days=days_to_burn(look.result)))
    days = [begin]
    while _next(days[-1]) <= max(end, last):
        days.append(_next(days[-1]))
    return tuple(Stretch(day, first <= day and _next(day) <= known + dt.timedelta(days=1)) for day in days)


def of_lines(look: Look, told: Told) -> tuple[Stretch, ...]:
    """The months of the lines."""
    own = told.lines[0].months
    return stretches(look, told, dt.date.fromisoformat(own[0].value), dt.date.fromisoformat(own[-1].value))


def continued(told: Told, months: Sequence[Stretch]) -> Told:
    """Its lines through all these months: after the last event of any of them amounts are 0, ratios none."""
    amount = None if told.measure in RATIOS else 0.0
    since = [one.month.isoformat() for one in months[len(told.lines[0].months) :]]
    after = tuple(Value(day, day, amount, 0) for day in since)
    return replace(told, lines=tuple(replace(line, months=(*line.months, *after)) for line in told.lines))


def faded(told: Told, months: Sequence[Stretch]) -> tuple[str, ...]:
    """Why some months are pale: a sentence, or none where none is."""
    if told.measure in BURNS:
        return (_BURNS_FADED,)
    names = [month_name(one.month) for one in months if not one.complete]
    shown = say.listing(names) if len(names) <= SPAN else f"{names[0]} to {names[-1]}"
    return (f"Faded: {shown} {'is' if len(names) == 1 else 'are'} not complete.",) if names else ()


def _next(month: dt.date) -> dt.date:
    return dt.date(month.year + month.month // 12, month.month % 12 + 1, 1)


def title_of(look: Look, told: Told, months: Sequence[Stretch]) -> str:
    """Of ratios who has most and least in the last month; of all else who grew most, by the figures shown."""
    whole = [place for place, one in enumerate(months) if one.complete]
    if told.measure in RATIOS:
        return _level(look, told, months, whole) or _plainly(told)
    if len(whole) >= SPAN + YEAR:
        back, before = YEAR, "a year before"
    elif len(whole) >= 2 * SPAN:
        back, before = SPAN, "the three months before"
    else:
        return _plainly(told)
    now = whole[-SPAN:]
    return _growth(look, told, months, (now, [place - back for place in now], before)) or _plainly(told)


def _plainly(told: Told) -> str:
    return f"{LABELS[told.measure].label} by {told.dimension}, month by month"


def _level(look: Look, told: Told, months: Sequence[Stretch], whole: Sequence[int]) -> str:
    """Who is highest and lowest in the last month that is complete, of those with events enough."""
    if not whole:
        return ""
    place = whole[-1]
    there = [(line.months[place], line) for line in told.lines]
    own = [(one.amount, line) for one, line in there if one.amount is not None and one.events >= FEW]
    if len(own) < 2:
        return ""
    (most, high), (least, low) = max(own, key=lambda one: one[0]), min(own, key=lambda one: one[0])
    if most == least:
        return ""
    start = f"{LABELS[told.measure].label} in {month_name(months[place].month)}"
    highest = f"{line_name(look, told, high)}, {said(look, told, most)}"
    return f"{start}: highest in {highest}; lowest in {line_name(look, told, low)}, {said(look, told, least)}"


def _growth(look: Look, told: Told, months: Sequence[Stretch], spans: tuple[list[int], list[int], str]) -> str:
    """Who has grown most from some months to the others, of those with events enough in both; "" where nobody has."""
    now, then, before = spans
    grown = []
    for line in told.lines:
        parts = [[line.months[place] for place in places] for places in (now, then)]
        if any(one.amount is None for part in parts for one in part):
            continue
        new, old = (sum(one.amount or 0.0 for one in part) for part in parts)
        if old > 0 and min(sum(one.events for one in part) for part in parts) >= FEW:
            grown.append((new / old - 1, line))
    if not grown:
        return ""
    change, line = max(grown, key=lambda one: one[0])
    when = f"{say.month(months[now[0]].month.month)} to {month_name(months[now[-1]].month)}"
    label, what = LABELS[told.measure].label, say.lower_first(LABELS[told.measure].label)
    name = line_name(look, told, line)
    left = len(told.rows) + told.others > len(told.lines)
    if change < -SAME:
        where = f"in all of these {say.word(len(grown))}" if left else "everywhere"
        fell = f"{label} fell {where}, least in {name}: in {when} {say.share(-change)} below {before}"
        return fell if len(grown) == len(told.lines) else ""
    if change <= SAME or len(grown) < 2:
        return ""
    among = f" of these {say.word(len(told.lines))}" if left else ""
    return f"{name} grew most{among}: {what} in {when} were {say.share(change)} above {before}"


def line_name(look: Look, told: Told, line: Line) -> str:
    """What the value of a line is called in a sentence."""
    return say.shortened(name_of(look, told, line), NAME)
