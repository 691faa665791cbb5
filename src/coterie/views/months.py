"""Which months there are to show, and which of them can be compared."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from coterie.views import format as say
from coterie.views.shop import filters_behind, month_name

if TYPE_CHECKING:
    from coterie.metrics.contract import Metrics, Month, SegmentMetrics

QUIET = 14
"""Days without anything after which the records are taken to have ended."""


def event(metrics: Metrics) -> str:
    """What makes a customer active."""
    return "an order" if metrics.orders is not None else "a claim"


def lived(metrics: Metrics, value: Callable[[Month], float | None] = lambda one: one.customers) -> tuple[Month, ...]:
    """The months up to the last with anything in it: after it nothing could be seen.

    Where a fortnight or more without anything follows, the records may end within that month: it is not complete.
    """
    months = metrics.monthly
    last = max((place for place, one in enumerate(months) if value(one)), default=len(months) - 1)
    # As-of is known to its end, so it is one of the days without anything.
    if last == len(months) - 1 or (metrics.as_of - months[last + 1].month).days + 1 < QUIET:
        return months[: last + 1]
    return (*months[:last], replace(months[last], complete=False))


def lived_by(metrics: Metrics, one: SegmentMetrics) -> tuple[Month, ...]:
    """A segment's months over the span of the shop: what it did not do in them, it did not do."""
    known = {month.month: month.complete for month in lived(metrics)}
    return tuple(replace(month, complete=known[month.month]) for month in one.monthly if month.month in known)


def ended(metrics: Metrics) -> str:
    """A sentence where the last months have nothing in them; "" where they have."""
    months = lived(metrics)
    if len(months) == len(metrics.monthly):
        return ""
    what = "order was placed" if metrics.orders is not None else "coupon was claimed"
    cut = metrics.monthly[len(months) - 1].complete and not months[-1].complete
    why = ", so that month is taken as not complete" if cut else ""
    if filters_behind(metrics).any:
        return f"In these filters no {what} after {month_name(months[-1].month)}{why}."
    return f"No {what} after {month_name(months[-1].month)}{why}."


def whole(months: tuple[Month, ...]) -> tuple[Month, ...]:
    """The months that can be compared: complete ones, or all where none is."""
    return tuple(one for one in months if one.complete) or months


def highest(months: tuple[Month, ...], value: Callable[[Month], float]) -> Month:
    """The complete month with the most; one that is not complete where it has more even so."""
    top, any_month = max(whole(months), key=value), max(months, key=value)
    return any_month if value(any_month) > value(top) else top


def unfinished(months: tuple[Month, ...]) -> list[str]:
    """A sentence on the months that the data cover in part, if any."""
    names = [month_name(one.month) for one in months if not one.complete]
    if not names:
        return []
    return [f"Faded: {say.listing(names)} {'is' if len(names) == 1 else 'are'} not complete."]
