"""The shop's numbers: retention, sales and trends, for all customers and per segment."""

from __future__ import annotations

from coterie.metrics.chosen import in_period, of_segments
from coterie.metrics.contract import (
    Breakdown,
    Cohort,
    CouponDay,
    Flow,
    LifetimeValue,
    Metrics,
    Month,
    Retention,
    SegmentMetrics,
    SegmentValue,
    Share,
    Theme,
    WindowedRepeat,
)
from coterie.metrics.lifetime import lifetime_value
from coterie.metrics.measure import measure
from coterie.metrics.periods import index_of, period_index, period_start, start_of
from coterie.metrics.sales import in_money, quotient

__all__ = [
    "Breakdown",
    "Cohort",
    "CouponDay",
    "Flow",
    "LifetimeValue",
    "Metrics",
    "Month",
    "Retention",
    "SegmentMetrics",
    "SegmentValue",
    "Share",
    "Theme",
    "WindowedRepeat",
    "in_money",
    "in_period",
    "index_of",
    "lifetime_value",
    "measure",
    "of_segments",
    "period_index",
    "period_start",
    "quotient",
    "start_of",
]
