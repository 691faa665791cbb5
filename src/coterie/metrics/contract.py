"""The shop's numbers, for all customers and per segment: exactly what `metrics.json` holds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Period = Literal["week", "month", "quarter"]

Theme = Literal["monthly", "sales", "breakdowns", "retention"]
"""A part of `Metrics` that may be measured by itself: months; totals and segments; sales by value; cohorts."""


@dataclass(frozen=True)
class Month:
    """One calendar month of all customers, or of one segment.

    A customer is active in a month with an order in it; where there are no orders, with a claim in it.

    Attributes:
        month: First day of the month.
        complete: The data cover the whole month.
        customers: Active ones = new + returning + won_back.
        new: Active for the first time.
        returning: Active in the previous month too.
        lapsed: Active in the previous month, not in this one.
        won_back: Active now, not in the previous month, but before it.
        orders, sales, revenue, aov: Of the month; None without orders. AOV is None where there is no order.
        claims, burns: Coupons claimed, and coupons burnt, in the month; None without coupons.
    """

    month: dt.date
    complete: bool
    customers: int
    new: int
    returning: int
    lapsed: int
    won_back: int
    orders: int | None = None
    sales: float | None = None
    revenue: float | None = None
    aov: float | None = None
    claims: int | None = None
    burns: int | None = None


@dataclass(frozen=True)
class Cohort:
    """Customers by the period of their first order.

    Attributes:
        cohort: First day of the period.
        size: Customers.
        rates: rates[t]: share of them with an order in period cohort + t, exactly; rates[0] is 1. A period that is not
            complete has None.
        older: It may hold customers of before the data began, so it is left out of averages.
    """

    cohort: dt.date
    size: int
    rates: tuple[float | None, ...]
    older: bool = False


@dataclass(frozen=True)
class Retention:
    """Cohorts in order, and the average over those not `older`, weighted by size: sum of active / sum of sizes."""

    period: Period
    cohorts: tuple[Cohort, ...]
    average: tuple[float | None, ...]


@dataclass(frozen=True)
class Share:
    """One value of a dimension (category, city, branch): its sales, and its share and index within a segment.

    Attributes:
        value: As a person reads it; "no category" and such where the cell is empty.
        sales, orders, customers: With this value; an order or customer with several values counts in each.
        share: Of all sales of these customers.
        index: share / share among all customers; 1 for all customers.
        rest: All values that have no row of their own, together.
    """

    value: str
    sales: float
    orders: int
    customers: int
    share: float
    index: float | None
    rest: bool = False


@dataclass(frozen=True)
class Breakdown:
    """Sales by the values of one dimension, most sales first; at most 50, the rest together as "All others (7)"."""

    dimension: Literal["category", "city", "branch"]
    label: str
    rows: tuple[Share, ...]


@dataclass(frozen=True)
class SegmentMetrics:
    """The numbers of one segment; those of orders are None without orders.

    Attributes:
        segment: Its number.
        customers: All of the segment; `buyers` are those with at least one order.
        sales, returns, revenue: Sum of positive lines, of returns (positive), their difference.
        sales_share: sales / all sales. sales_index: sales_share / (buyers / all buyers).
        return_rate: returns / sales.
        orders, aov, net_aov: AOV is sales / orders, net AOV revenue / orders.
        repeat_purchase_rate: Buyers with 2 or more orders / buyers.
        coupons, burnt: Of the segment; None without coupons.
        monthly, retention, breakdowns: As for all customers.
    """

    segment: int
    customers: int
    buyers: int | None = None
    sales: float | None = None
    returns: float | None = None
    revenue: float | None = None
    sales_share: float | None = None
    sales_index: float | None = None
    return_rate: float | None = None
    orders: int | None = None
    aov: float | None = None
    net_aov: float | None = None
    repeat_purchase_rate: float | None = None
    coupons: int | None = None
    burnt: int | None = None
    monthly: tuple[Month, ...] = ()
    retention: Retention | None = None
    breakdowns: tuple[Breakdown, ...] = ()


@dataclass(frozen=True)
class WindowedRepeat:
    """Repeat purchase within `days` of the first order, among customers observed for the whole window."""

    days: int
    customers: int
    repeaters: int
    rate: float | None


@dataclass(frozen=True)
class CouponDay:
    """Sales at `day` days from a claim (negative before it), as a mean over claims: described, not causal.

    Attributes:
        day: Days from the claim.
        sales_per_claim: Sales to the claimer on that day, a mean over claims; who claimed several counts with each.
        customers: Different people behind these claims.
    """

    day: int
    sales_per_claim: float
    customers: int


@dataclass(frozen=True)
class SegmentValue:
    """Lifetime value of one segment over the horizon, with 95 % intervals of the means from the parameters' errors.

    Attributes:
        segment: Its number; None for all customers.
        customers: With at least one order.
        alive: Mean probability of still being a customer; None where nobody is seen to stop.
        expected_orders, expected_value: Mean per customer over the horizon.
        total_value: Sum over its customers.
        at_risk: Customers who bought more than once and are more likely gone than not; None likewise.
    """

    segment: int | None
    customers: int
    alive: float | None
    expected_orders: float
    expected_orders_low: float
    expected_orders_high: float
    expected_value: float | None
    expected_value_low: float | None
    expected_value_high: float | None
    total_value: float | None
    at_risk: int | None


@dataclass(frozen=True)
class LifetimeValue:
    """BG/NBD and Gamma-Gamma of all customers, and what they say of each segment; `reason` where they cannot be used.

    Attributes:
        time_unit: "week".
        as_of: Day to whose end orders are known.
        bg_nbd: r, alpha, a, b, log_likelihood; None with a reason. a is 0, with a reason, where nobody is seen to stop.
        gamma_gamma: p, q, gamma; None with a reason.
        horizon: Time units looked ahead.
        segments: All customers first (segment None), then each.
        reason: Why there is no model, or no value; "".
    """

    time_unit: str
    as_of: dt.date
    bg_nbd: Mapping[str, float] | None
    gamma_gamma: Mapping[str, float] | None
    horizon: int
    segments: tuple[SegmentValue, ...]
    reason: str = ""


@dataclass(frozen=True)
class Flow:
    """Who was in which segment when the same model is applied to earlier days.

    Attributes:
        days: As-of days, ascending; the last is the run's.
        sizes: Per day: segment (as text) -> customers known by then.
        moves: (from day index, from segment, to segment, customers) between neighbouring days; -2 is not yet known.
        sample_of: Customers in all, where those followed are drawn at random from them; None where all are.
    """

    days: tuple[dt.date, ...]
    sizes: tuple[Mapping[str, int], ...]
    moves: tuple[tuple[int, int, int, int], ...]
    sample_of: int | None = None


@dataclass(frozen=True)
class Metrics:
    """All of it. What orders alone can tell is None without them.

    Attributes:
        currency: Code or sign where the data name one.
        first_day, as_of: Days the data cover.
        sales, returns, revenue, orders, customers, aov, net_aov, repeat_purchase_rate: As for a segment; customers are
            those with at least one order.
        customers_returns_only, customers_free_only: Customers with only returns, with only free items (no order).
        repeat_within: Windowed repeat purchase rates.
        monthly: Every month from the first event to as-of, also those without any.
        segments: In the order of the profiles.
        breakdowns: Sales by category, city, branch, where there are several.
        retention: By month, in a run that of the segments too; `retention_by` holds week and quarter too.
        around_coupons: Sales around a claim; empty without both tables.
        flow: Segments over time; None where not computed.
        lifetime_value: None without orders.
    """

    currency: str | None
    first_day: dt.date
    as_of: dt.date
    sales: float | None = None
    returns: float | None = None
    revenue: float | None = None
    orders: int | None = None
    customers: int | None = None
    customers_returns_only: int | None = None
    customers_free_only: int | None = None
    aov: float | None = None
    net_aov: float | None = None
    repeat_purchase_rate: float | None = None
    repeat_within: tuple[WindowedRepeat, ...] = ()
    monthly: tuple[Month, ...] = ()
    segments: tuple[SegmentMetrics, ...] = ()
    breakdowns: tuple[Breakdown, ...] = ()
    retention: Retention | None = None
    retention_by: tuple[Retention, ...] = ()
    around_coupons: tuple[CouponDay, ...] = ()
    flow: Flow | None = None
    lifetime_value: LifetimeValue | None = None
