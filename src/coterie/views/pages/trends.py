"""How the shop and its segments go from month to month."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from coterie.views import format as say
from coterie.views.months import ended, event, highest, lived, lived_by, whole
from coterie.views.shop import metrics_of, month_name

if TYPE_CHECKING:
    from coterie.metrics.contract import Metrics
    from coterie.views.contract import Drawings, ReportInput

_ORDERS = ("orders-by-month", "sales-by-month", "aov-by-month")


def trends(result: ReportInput, drawings: Drawings) -> Mapping[str, Any] | None:
    """Active customers, what they did, each segment by month, who moved, and sales around a coupon."""
    metrics = metrics_of(result)
    value = {
        "active": drawings["active"],
        "orders": tuple(one for name in _ORDERS for one in drawings[name]),
        "burns": drawings["burns-by-month"],
        "segments": drawings["segment-months"],
        "flow": drawings["flow"],
        "around": drawings["around-coupons"],
    }
    if metrics is None or not any(value.values()):
        return None
    what = "Sales" if metrics.orders is not None else "Active customers"
    return {
        **value,
        "title": _title(metrics),
        "lead": _lead(metrics),
        "segments_title": _segments_title(metrics, what),
        "segments_lead": f"{what} of each segment by month, all on one scale.",
        "segments_term": "Sales, returns, revenue" if metrics.orders is not None else "Active customer",
    }


def _title(metrics: Metrics) -> str:
    """Where the active customers go: the last half of the complete months against the half before it."""
    months = whole(lived(metrics))
    half = min(len(months) // 2, 6)
    if half < 2 or not any(one.customers for one in months):
        return "Month by month"
    last, before = months[-half:], months[-2 * half : -half]
    now, then = (sum(one.customers for one in part) / half for part in (last, before))
    if not then:
        return f"Month by month since {month_name(months[0].month)}"
    change = now / then - 1
    full = "months" if len(months) == len(metrics.monthly) else "full months"
    average = f"{say.count(now)} active customers a month in the last {say.word(half)} {full}"
    if abs(change) < 0.03:
        return f"{average}, as many as in the {say.word(half)} before"
    more = "more" if change > 0 else "fewer"
    return f"{average}, {say.share(abs(change))} {more} than in the {say.word(half)} before"


def _lead(metrics: Metrics) -> str:
    """What makes a customer active, and how the last month that is complete went."""
    parts = [f"A customer is active in a month with {event(metrics)} in it."]
    last = whole(lived(metrics))[-1:]
    if last and last[0].customers:
        one = last[0]
        parts.append(
            f"In {month_name(one.month)}: {say.count(one.new)} new, {say.count(one.returning)} active the month before"
            f" as well, {say.count(one.won_back)} back after a break; {say.count(one.lapsed)} of the month before"
            " stayed away."
        )
    if ended(metrics):
        parts.append(ended(metrics))
    return " ".join(parts)


def _segments_title(metrics: Metrics, what: str) -> str:
    """The month that most segments have as their best."""
    peaks: dict[str, int] = {}
    segments = [one for one in metrics.segments if any(month.customers for month in one.monthly)]
    for one in segments:
        best = highest(lived_by(metrics, one), lambda month: month.customers if month.sales is None else month.sales)
        name = month_name(best.month)
        peaks[name] = peaks.get(name, 0) + 1
    if not peaks or len(segments) < 2:
        return f"{what} of the segments"
    name, number = max(peaks.items(), key=lambda one: one[1])
    if number == len(segments):
        return f"Every segment peaks in {name}"
    if number * 2 >= len(segments):
        return f"{say.upper_first(say.word(number))} of {say.word(len(segments))} segments peak in {name}"
    return "Segments peak at different times"
