"""Who comes back, and when."""

from __future__ import annotations

import math
from collections.abc import Mapping
from statistics import median
from typing import TYPE_CHECKING, Any

from coterie.views import format as say
from coterie.views.charts.retention import at, averages, cohort_name, shown
from coterie.views.shop import FEW, metrics_of

if TYPE_CHECKING:
    from coterie.metrics.contract import Cohort, Retention
    from coterie.views.contract import Drawings, ReportInput

LATER = 3
"""The period that the sentence speaks of, where the data reach so far."""


def retention(result: ReportInput, drawings: Drawings) -> Mapping[str, Any] | None:
    """The cohort heat map, one sentence that reads it, and the curve of each segment; left out without orders."""
    heat = drawings["retention"]
    found = shown(metrics_of(result))
    if not heat or found is None:
        return None
    return {"title": sentence(found), "lead": _lead(found), "heat": heat, "curves": drawings["retention-curves"]}


def sentence(found: Retention) -> str:
    """One cohort in words: "Of customers who first bought in January 2011, 18% bought again three months later"."""
    one, period = _spoken(found)
    number = f"{say.word(period)} {found.period}{'s' if period > 1 else ''}"
    if one is None and not period:
        return "When customers come back"
    if one is None:
        average = dict(averages(found))[period]
        people = "nobody" if average == 0 else f"{say.share(average)} of customers"
        return f"{say.upper_first(number)} after their first order, {people} bought again"
    when = f"{number} later"
    name = cohort_name(one, found.period, of_data=False).replace(" ", "\u00a0")
    place = f"the week of {name}" if found.period == "week" else name
    rate = at(one, period)
    verb = "nobody" if rate == 0 else say.share(rate)
    return f"Of customers who first bought in {place}, {verb} bought again {when}"


def _spoken(found: Retention) -> tuple[Cohort | None, int]:
    """The first cohort that is known as a whole and is not too small, and the period up to three that it reaches.

    Where all of them are too small, none of them but their average; where there is no average, the first.
    """
    for least in (FEW, 1):
        for period in range(LATER, 0, -1):
            for one in found.cohorts:
                if at(one, period) is not None and not one.older and one.size >= least:
                    return one, period
        known = [period for period, _ in averages(found) if period <= LATER]
        if known:
            return None, max(known)
    return None, 0


def _lead(found: Retention) -> str:
    """How far the cohorts lie apart at that age, and how much of it is luck."""
    _, period = _spoken(found)
    cohorts = [one for one in found.cohorts if one.size and not one.older] if period else []
    known = [(rate, one) for one in cohorts if (rate := at(one, period)) is not None]
    if len(known) < 2:
        return ""
    size = median(one.size for _, one in known)
    rate = sum(rate * one.size for rate, one in known) / sum(one.size for _, one in known)
    # Two shares differ by more than luck where they lie two standard errors of a difference apart.
    points = math.ceil(200 * math.sqrt(2 * rate * (1 - rate) / size))
    low, high = min(known, key=lambda one: one[0]), max(known, key=lambda one: one[0])
    people = say.count(size if size < 100 else round(size, -1))
    if size < FEW:
        return f"With about {people} customers in a cohort, a single cell says little: {points} points may be luck."
    apart = f"With about {people} customers in a cohort, cells less than {say.plural(points, 'point')} apart"
    if high[0] == low[0]:
        return f"So it is in all cohorts that reach this age. {apart} cannot be told apart."
    return (
        f"At that age cohorts lie between {say.share(low[0])} ({cohort_name(low[1], found.period)}) and"
        f" {say.share(high[0])} ({cohort_name(high[1], found.period)}). {apart} cannot be told apart."
    )
