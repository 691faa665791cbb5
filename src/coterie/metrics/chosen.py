"""Some of the numbers: those of some segments together, from those of each, and retention by another period."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import fields, replace
from typing import Any

from coterie.metrics.contract import Cohort, Metrics, Month, Period, Retention, SegmentMetrics
from coterie.metrics.sales import in_money, quotient
from coterie.tables.contract import MONEY

_RATES = frozenset({"month", "complete", "aov"})


def of_segments(whole: Metrics, segments: Collection[int]) -> Metrics:
    """The metrics of these segments alone.

    A customer is in one segment, so that what is counted per customer or order adds up over segments. What does not
    is left out: breakdowns of several segments together, coupons' surroundings, flow, lifetime value. What sets a
    segment beside all customers sets it beside those of the chosen segments.
    """
    chosen = tuple(one for one in whole.segments if one.segment in segments)
    chosen = chosen if whole.orders is None else _beside_each_other(chosen)
    found = Metrics(
        currency=whole.currency,
        first_day=whole.first_day,
        as_of=whole.as_of,
        monthly=_months([one.monthly for one in chosen]),
        segments=chosen,
        breakdowns=chosen[0].breakdowns if len(chosen) == 1 else (),
        retention=_retention([one.retention for one in chosen if one.retention is not None]),
    )
    return found if whole.orders is None else replace(found, **_sold(chosen))


def in_period(whole: Metrics, period: Period) -> Metrics:
    """The metrics with retention by this period, where it is known; segments stay as they are."""
    found = next((one for one in whole.retention_by if one.period == period), None)
    return whole if found is None else replace(whole, retention=found)


def _beside_each_other(chosen: Sequence[SegmentMetrics]) -> tuple[SegmentMetrics, ...]:
    """Each with its part of what they sold together, as `segment_figures` has it of all customers."""
    sales, buyers = (_total([getattr(one, name) or 0 for one in chosen]) for name in ("sales", "buyers"))
    shares = [quotient(one.sales, sales) for one in chosen]
    return tuple(
        replace(one, sales_share=share, sales_index=quotient(share, quotient(one.buyers, buyers)))
        for one, share in zip(chosen, shares, strict=True)
    )


def _sold(chosen: Sequence[SegmentMetrics]) -> dict[str, Any]:
    sales, returns, orders, buyers = (
        _total([getattr(one, name) or 0 for one in chosen]) for name in ("sales", "returns", "orders", "buyers")
    )
    repeaters = sum(round((one.repeat_purchase_rate or 0.0) * (one.buyers or 0)) for one in chosen)
    revenue = _total([sales, -returns])
    return {
        "sales": sales,
        "returns": returns,
        "revenue": revenue,
        "orders": orders,
        "customers": buyers,
        "aov": quotient(sales, orders),
        "net_aov": quotient(revenue, orders),
        "repeat_purchase_rate": quotient(repeaters, buyers),
    }


def _months(parts: Sequence[Sequence[Month]]) -> tuple[Month, ...]:
    return tuple(_month(rows) for rows in zip(*parts, strict=True)) if parts else ()


def _month(rows: Sequence[Month]) -> Month:
    summed: dict[str, Any] = {
        field.name: _total([getattr(row, field.name) for row in rows])
        for field in fields(Month)
        if field.name not in _RATES and getattr(rows[0], field.name) is not None
    }
    found = replace(rows[0], **summed)
    return replace(found, aov=None if found.orders is None else quotient(found.sales, found.orders))


def _total(values: Sequence[int | float]) -> int | float:
    """Their sum; amounts are added up in the parts that money is counted in, so that no order of them matters."""
    if not any(isinstance(value, float) for value in values):
        return sum(values)
    return in_money(sum(round(value * MONEY) for value in values))


def _retention(parts: Sequence[Retention]) -> Retention | None:
    """Cohorts of the same period together, each weighted by its size."""
    if not parts:
        return None
    by_period: dict[object, list[Cohort]] = {}
    for part in parts:
        for cohort in part.cohorts:
            by_period.setdefault(cohort.cohort, []).append(cohort)
    cohorts = tuple(_cohort(by_period[start]) for start in sorted(by_period, key=str))
    counted = [one for one in cohorts if not one.older]
    length = max((len(one.rates) for one in cohorts), default=0)
    average = tuple(_mean((one, period) for one in counted) for period in range(length))
    return Retention(parts[0].period, cohorts, average)


def _cohort(same: Sequence[Cohort]) -> Cohort:
    length = max(len(one.rates) for one in same)
    rates = tuple(_mean((one, period) for one in same) for period in range(length))
    return Cohort(same[0].cohort, sum(one.size for one in same), rates, any(one.older for one in same))


def _mean(cells: Iterable[tuple[Cohort, int]]) -> float | None:
    """Sum of active / sum of sizes, of the cohorts whose period is complete."""
    known = [(rate, one.size) for one, at in cells if at < len(one.rates) and (rate := one.rates[at]) is not None]
    # Whole customers: a rate is their number over the size, exactly.
    return quotient(sum(round(rate * size) for rate, size in known), sum(size for _, size in known))
