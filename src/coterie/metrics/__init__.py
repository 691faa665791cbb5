"""The shop's numbers: retention, sales and trends, for all customers and per segment."""

from __future__ import annotations

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
    WindowedRepeat,
)
from coterie.metrics.lifetime import lifetime_value
from coterie.metrics.measure import measure
from coterie.metrics.periods import index_of, period_index, period_start

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
    "WindowedRepeat",
    "index_of",
    "lifetime_value",
    "measure",
    "period_index",
    "period_start",
]
