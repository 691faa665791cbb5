"""Who comes back: by week, month or quarter, of everybody or of one segment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, get_args

from coterie.metrics.contract import Period
from coterie.views import format as say
from coterie.views.boards.picks import Pick
from coterie.views.boards.plain import of_parts
from coterie.views.boards.query import address_of
from coterie.views.charts.retention import shown, tellable
from coterie.views.tokens import slot

if TYPE_CHECKING:
    from coterie.views.boards.contract import Look
    from coterie.views.contract import Drawings

NO_ORDERS = "Retention follows orders, and there are none in these data. When coupons are burnt stands under Trends."
_parts = of_parts(
    "Retention",
    NO_ORDERS,
    "retention",
    nothing="No order is left in these filters, and retention follows orders. Clear one of them above.",
    too_little="Too few are left in these filters to see anybody come back. Clear one of them above.",
)
_AFTER = "It takes two {0}s with first orders, each with a whole {0} after it"


def retention(look: Look, drawings: Drawings) -> Mapping[str, Any]:
    """The heat map of cohorts by the period chosen, by default as in the report, and the curves of the segments."""
    metrics = look.result.metrics
    told = shown(metrics)
    known = tellable(metrics)
    lacking = look.period is not None and look.period not in known
    page = _parts(look, drawings)
    if metrics is None or metrics.retention is None:
        page = {**page, "parts": (), "empty": NO_ORDERS}
    elif lacking and told is not None:
        page = {**page, "title": "Retention", "parts": (), "empty": _why(look, str(look.period))}
    here = look.period or (told.period if told is not None else None)
    return {
        **page,
        "periods": _periods(look, known, here) if told is not None else (),
        "whose": _whose(look) if told is not None or look.filters.segments else (),
        "said": _said(look, known, here) if told is not None and not lacking else "",
    }


def _periods(look: Look, known: Mapping[Period, object], here: Period | None) -> tuple[Pick, ...]:
    """The periods that can be told, and the one asked for."""
    return tuple(
        Pick(one.capitalize(), _address(look, period=one), one == here)
        for one in get_args(Period)
        if one in known or one == here
    )


def _whose(look: Look) -> tuple[tuple[Pick, int | None, str], ...]:
    """Everybody, then each segment with its number and colour; filters stay, and the period where it is known."""
    period = look.period if look.live else None
    chosen = look.filters.segments
    everyone = Pick("All", _address(look, period=look.period, segments=()), not chosen)
    offered = look.choices.values.get("segments", ())
    segments = tuple(
        (
            Pick(one.label, _address(look, period=period, segments=(number,)), chosen == (number,)),
            number,
            slot(number),
        )
        for one in offered
        if (number := int(one.value))  # who was never active has no order
    )
    return ((everyone, None, "none"), *segments) if segments else ()


def _address(look: Look, *, period: Period | None, segments: tuple[int, ...] | None = None) -> str:
    filters = look.filters if segments is None else replace(look.filters, segments=segments)
    return address_of("/retention", filters, period=period)


def _said(look: Look, known: Mapping[Period, object], here: Period | None) -> str:
    """What cannot be chosen here, and why."""
    lacking = [one for one in get_args(Period) if one not in known]
    if not look.live and lacking and look.filters.segments:
        return f"By {say.listing(lacking)} a segment is told when the dashboard is started with --data."
    if not look.live and here != "month":
        return f"Segments by {here} are told when the dashboard is started with --data."
    told = [f"{_AFTER.format(one)}: {one}s are not offered." for one in lacking]
    return " ".join(told)


def _why(look: Look, period: str) -> str:
    """Why the period asked for cannot be told."""
    if not look.live and look.filters.segments:
        return f"By {period} a segment is told when the dashboard is started with --data."
    return f"{_AFTER.format(period)}; there are not so many here. Choose a shorter period, or clear a filter."
