"""All numbers of the shop at once: each theme is computed for all customers and every segment in the same queries."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, get_args

from coterie.metrics.around_coupons import around_coupons
from coterie.metrics.breakdowns import breakdowns
from coterie.metrics.contract import Metrics, Period, Retention, SegmentMetrics, Theme
from coterie.metrics.lifetime import lifetime_value
from coterie.metrics.monthly import monthly
from coterie.metrics.repeat import repeat_within
from coterie.metrics.retention import retention
from coterie.metrics.sales import Key, Sums, sales_figures, segment_figures, sums_by_segment
from coterie.tables import coupons_by_day

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from coterie.features import Lifetime
    from coterie.tables.contract import Tables

THEMES: tuple[Theme, ...] = get_args(Theme)
PERIODS: tuple[Period, ...] = ("week", "month", "quarter")
"""Periods of retention for all customers; segments are told by one of them."""


def measure(
    tables: Tables,
    assigned: ir.Table | None = None,
    segments: Sequence[int] = (),
    *,
    lifetime: Lifetime | None = None,
    by_day: ir.Table | None = None,
    themes: Collection[Theme] | None = None,
    period: Period = "month",
    first_order: dt.date | None = None,
) -> Metrics:
    """The shop's numbers, for all customers and for each of the segments.

    Totals are of all customers, so that segments add up to them when `segments` names every one in `assigned`. Who was
    in which segment on earlier days (`flow`) needs the model of the segments, and is added by who has it.

    Args:
        tables: Checked tables with orders, coupons or both.
        assigned: customer_id (unique, all known customers) and segment, in the engine of the tables; None without
            segments.
        segments: Segments to measure, in the order wanted; 0 (never active) and -1 (fits no group) are segments too.
        lifetime: As fitted to these orders; fitted here if None.
        by_day: What `coupons_by_day` gives of these segments (see `monthly` for what more); worked out here if None.
        themes: Those to measure alone; None for everything there is. What belongs to no theme, such as the lifetime
            value, is measured with everything only; of a segment the customers are always counted.
        period: By which the cohorts of the segments are told.
        first_order: Day of the shop's first order, where the tables hold some of its orders; theirs if None.
    """
    if assigned is not None:
        # Met by every query: worked out once.
        assigned = tables.engine.keep(assigned.select("customer_id", "segment"))
    wanted = frozenset(THEMES if themes is None else themes)
    orders = tables.orders
    if by_day is None and tables.has_coupons and wanted & {"sales", "monthly"}:
        by_day = coupons_by_day(tables, assigned)
    found = _counted(tables, orders, assigned, segments, by_day, whole="sales" in wanted)
    if "monthly" in wanted:
        months = monthly(tables, orders, assigned, segments, by_day)
        own = tuple(replace(one, monthly=months[one.segment]) for one in found.segments)
        found = replace(found, monthly=months[None], segments=own)
    if orders is None:
        return found
    found = _with_orders(tables, orders, assigned, found, wanted, period, first_order)
    return found if themes is not None else _with_rest(tables, orders, assigned, found, lifetime)


def _counted(
    tables: Tables,
    orders: ir.Table | None,
    assigned: ir.Table | None,
    segments: Sequence[int],
    by_day: ir.Table | None,
    *,
    whole: bool,
) -> Metrics:
    """Totals of all customers and of the segments; unless `whole`, the customers of each segment alone."""
    found = Metrics(currency=tables.currency, first_day=tables.first_day, as_of=tables.as_of)
    if not whole:
        sums = sums_by_segment(tables, None, assigned)
        numbered = ((number, sums.get(number, Sums()).customers) for number in segments)
        return replace(found, segments=tuple(SegmentMetrics(number, customers) for number, customers in numbered))
    sums = sums_by_segment(tables, orders, assigned, by_day)
    own = tuple(_segment(tables, number, sums.get(number, Sums()), sums[None]) for number in segments)
    found, everyone = replace(found, segments=own), sums[None]
    if orders is None:
        return found
    return replace(
        found,
        **sales_figures(everyone),
        customers=everyone.buyers,
        customers_returns_only=everyone.returns_only,
        customers_free_only=everyone.free_only,
        repeat_within=repeat_within(tables.engine, orders, tables.as_of),
    )


def _segment(tables: Tables, number: int, own: Sums, everyone: Sums) -> SegmentMetrics:
    found = SegmentMetrics(segment=number, customers=own.customers)
    if tables.has_coupons:
        found = replace(found, coupons=own.coupons, burnt=own.burnt)
    if tables.has_orders:
        found = replace(found, **sales_figures(own), **segment_figures(own, everyone))
    return found


def _with_orders(
    tables: Tables,
    orders: ir.Table,
    assigned: ir.Table | None,
    found: Metrics,
    wanted: Collection[Theme],
    period: Period,
    first_order: dt.date | None,
) -> Metrics:
    """What orders alone can tell: sales by value, and cohorts."""
    if "breakdowns" in wanted:
        broken = breakdowns(tables, orders, assigned)
        own = tuple(replace(one, breakdowns=broken.get(one.segment, ())) for one in found.segments)
        found = replace(found, breakdowns=broken[None], segments=own)
    if "retention" in wanted:
        kept = {
            one: _retention(tables, orders, assigned if one == period else None, one, first_order) for one in PERIODS
        }
        own = tuple(replace(one, retention=kept[period].get(one.segment)) for one in found.segments)
        by = tuple(kept[one][None] for one in PERIODS)
        found = replace(found, retention=kept["month"][None], retention_by=by, segments=own)
    return found


def _with_rest(
    tables: Tables, orders: ir.Table, assigned: ir.Table | None, found: Metrics, lifetime: Lifetime | None
) -> Metrics:
    """What belongs to no theme."""
    wanted = [one.segment for one in found.segments]
    return replace(
        found,
        around_coupons=around_coupons(tables, orders),
        lifetime_value=lifetime_value(tables.engine, orders, assigned, tables.as_of, segments=wanted, model=lifetime),
    )


def _retention(
    tables: Tables, orders: ir.Table, assigned: ir.Table | None, period: Period, first_order: dt.date | None
) -> Mapping[Key, Retention]:
    return retention(
        tables.engine,
        orders,
        first_day=tables.first_day,
        as_of=tables.as_of,
        period=period,
        joined=tables.customers if "customers.join_date" in tables.columns else None,
        assigned=assigned,
        first_order=first_order,
    )
