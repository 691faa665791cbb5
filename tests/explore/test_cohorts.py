"""Cohorts of what a filter lets through, by week, month and quarter, for all and each segment, as frames give them."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from coterie.explore import Filters
from coterie.metrics import in_period, of_segments

NUMBERS = (1, 2, 3)
FREQUENCIES = {"week": "W-SUN", "month": "M", "quarter": "Q"}
CHOSEN = (Filters(), Filters(cities=("Arvenport", ""), genders=("Female",)), Filters(segments=(1, 3)))


def cohorts_by_hand(orders, period, as_of):
    """First day of the cohort -> its size, and its share with an order in each later period that is complete."""
    at = pd.PeriodIndex(pd.to_datetime(orders.day), freq=FREQUENCIES[period])
    placed = pd.DataFrame({"customer_id": orders.customer_id.to_numpy(), "at": at})
    placed["cohort"] = placed.groupby("customer_id")["at"].transform("min")
    last = pd.Period(as_of, freq=FREQUENCIES[period])
    found = {}
    for cohort, rows in placed.groupby("cohort"):
        size, rates = rows.customer_id.nunique(), []
        for step in range((last - cohort).n + 1):
            whole = (cohort + step).end_time.date() <= as_of
            came = rows.loc[rows["at"] == cohort + step, "customer_id"].nunique()
            rates.append(came / size if whole or step == 0 else None)
        found[cohort.start_time.date()] = (size, rates)
    return found


def told(retention):
    return {one.cohort: (one.size, list(one.rates)) for one in retention.cohorts}


def orders_of(both, filters):
    lines = both.events(filters)[1]
    sold = lines[lines.kind == "sale"]
    return sold.groupby(["customer_id", "order_id", "segment"], as_index=False).agg(day=("ordered_on", "min"))


@pytest.mark.parametrize("period", FREQUENCIES)
@pytest.mark.parametrize("filters", CHOSEN, ids=["all", "city", "segments"])
def test_cohorts_by_each_period(both, filters, period):
    metrics = both.shop.metrics(filters, ("retention",), NUMBERS, period)
    orders, as_of = orders_of(both, filters), both.shop.choices.last_day
    shown = in_period(metrics, period).retention
    assert shown.period == period
    expected = cohorts_by_hand(orders, period, as_of)
    assert len(expected) > 5
    assert told(shown) == expected
    for one in metrics.segments:
        own = orders[orders.segment == one.segment]
        if filters.segments and one.segment not in filters.segments:
            assert (one.retention, len(own)) == (None, 0)
            continue
        assert one.retention.period == period
        assert told(one.retention) == cohorts_by_hand(own, period, as_of)


def test_the_last_period_is_blank_until_it_is_over(both):
    as_of = both.shop.choices.last_day
    metrics = both.shop.metrics(Filters(), ("retention",), NUMBERS, "quarter")
    for one in metrics.retention_by:
        by_hand = cohorts_by_hand(orders_of(both, Filters()), one.period, as_of)
        blank = sum(rate is None for _, rates in by_hand.values() for rate in rates)
        assert sum(rate is None for cohort in one.cohorts for rate in cohort.rates) == blank
    over = pd.Period(as_of, freq="W-SUN").end_time.date() == as_of
    assert any(rate is None for c in metrics.retention_by[0].cohorts for rate in c.rates) is not over


def test_a_segment_alone_is_told_as_by_its_filter(both):
    """Without raw tables months of a segment come from the run; with them from its orders. They are the same."""
    run = of_segments(both.metrics, (2,))
    live = both.shop.metrics(Filters(segments=(2,)), ("retention",), NUMBERS)
    assert told(run.retention) == told(live.retention)
    assert in_period(run, "quarter") is run
    assert run.retention_by == ()


def test_another_period_is_another_answer(both):
    by_week = both.shop.metrics(Filters(), ("retention",), NUMBERS, "week")
    by_month = both.shop.metrics(Filters(), ("retention",), NUMBERS)
    assert {one.retention.period for one in by_week.segments} == {"week"}
    assert {one.retention.period for one in by_month.segments} == {"month"}
    assert by_week.retention == by_month.retention
    assert isinstance(by_week.retention.cohorts[0].cohort, dt.date)
