"""The orders of the shop: every burnt coupon is redeemed in one, and customers buy without coupons too."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coterie.tables.sample.columns import chosen, dates, numbers
from coterie.tables.sample.coupons import WEEKS, coupon_weeks, events_by_week
from coterie.tables.sample.people import ORDER_WEEK, ORDERS, stream
from coterie.tables.sample.words import TRADES, trade_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from coterie.tables.sample.people import Floats, Ints
    from coterie.tables.sample.plan import Plan

MEDIAN_AMOUNT = (6.0, 18.0, 9.0, 60.0, 15.0, 40.0, 22.0, 25.0, 55.0, 45.0)
"""Median of an order per trade, in the order of `TRADES`."""

AMOUNT_SIGMA = 0.5
TIER_FACTOR = (1.0, 1.2, 1.5)
"""How much more the higher tiers spend."""


def orders_by_week(plan: Plan) -> Iterator[pa.Table]:
    """The orders of each week in time order, their ids counted on through the weeks.

    A burnt coupon is an order of its customer at its branch on its burn date; other orders fall between joining and the
    last claim. The category is the merchant's trade.
    """
    places = plan.places
    counts = stream(plan.seed, ORDERS).poisson(expected_orders(plan)).astype(np.int32)
    waiting = np.empty((3, 0), dtype=np.int64)
    first = 1
    both = zip(coupon_weeks(plan), events_by_week(plan, counts, ORDERS), strict=True)
    for coupons, (number, customer, day) in both:
        draw = stream(plan.seed, ORDER_WEEK, number)
        branch = np.searchsorted(places.cumulative[:-1], draw.random(len(customer)), side="right")
        burns = np.stack([coupons.burnt_on, coupons.customer, coupons.branch])[:, coupons.burnt]
        known = np.concatenate([waiting, burns, np.stack([day, customer, branch])], axis=1)
        due = (known[0] < (number + 1) * 7) | (number == WEEKS - 1)
        waiting, now = known[:, ~due], known[:, due]
        now = now[:, np.argsort(now[0], kind="stable")]
        yield orders_table(plan, now, first, draw)
        first += now.shape[1]


def expected_orders(plan: Plan) -> Floats:
    """How many orders without a coupon are expected of each customer."""
    people = plan.people
    per_year = np.asarray([group.orders_per_year for group in plan.design.groups] + [0.0])[people.group]
    return np.asarray(per_year * (people.last - people.joined) / 365.25)


def orders_table(plan: Plan, events: Ints, first: int, draw: np.random.Generator) -> pa.Table:
    """Orders, given as days, customers and branches, as rows of the contract with an amount drawn for each."""
    import pyarrow as pa

    (day, customer, branch), people, places = events, plan.people, plan.places
    trades = np.asarray([trade_of(merchant) for merchant in range(places.merchants)])
    trade = trades[places.merchant_of[branch]]
    usual = np.asarray(MEDIAN_AMOUNT)[trade] * np.asarray(TIER_FACTOR)[people.tier[customer]]
    amount = np.round(usual * np.exp(AMOUNT_SIGMA * draw.standard_normal(len(day))), 2)
    return pa.table(
        {
            "order_id": numbers(np.arange(first, first + len(day)), pa.int64()),
            "customer_id": numbers(customer + 1, pa.int64()),
            "order_date": dates(day),
            "amount": numbers(amount, pa.float64()),
            "product_category": chosen(trade, TRADES),
            "branch_id": numbers(branch + 1, pa.int64()),
        }
    )
