"""Metrics of what a filter lets through: of everybody those of the run itself, else as frames give them."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pandas as pd
import pytest

import coterie as ct
from coterie.explore import Filters, Shop, open_shop

ALL = ("monthly", "sales", "breakdowns", "retention")
NUMBERS = (0, 1, 2, 3)
CHOSEN = {
    "segment": Filters(segments=(1, 3)),
    "city": Filters(cities=("Arvenport", "")),
    "days": Filters(since=dt.date(2023, 3, 10), until=dt.date(2024, 5, 20)),
    "branch": Filters(branches=("28", "8", "2", "19"), segments=(1, 2)),
}


def test_of_everybody_as_in_the_run(opened):
    segments = [one.segment for one in opened.metrics.segments]
    found = opened.shop.metrics(Filters(), ALL, segments)
    assert found == replace(opened.metrics, flow=None, lifetime_value=None, around_coupons=())


@pytest.mark.parametrize("theme", ALL)
def test_one_theme_is_as_among_all(both, theme):
    filters = CHOSEN["days"]
    everything, alone = both.shop.metrics(filters, ALL, NUMBERS), both.shop.metrics(filters, (theme,), NUMBERS)
    own = {"monthly": "monthly", "sales": "sales", "breakdowns": "breakdowns", "retention": "retention"}[theme]
    assert getattr(alone, own) == getattr(everything, own) is not None
    assert [getattr(one, own) for one in alone.segments] == [getattr(one, own) for one in everything.segments]
    assert [one.customers for one in alone.segments] == [one.customers for one in everything.segments]
    others = [name for name in ALL if name != theme]
    assert not any(getattr(alone, name) for name in others)


@pytest.mark.parametrize("name", CHOSEN)
def test_months(opened, name):
    filters = CHOSEN[name]
    coupons, lines = opened.events(filters)
    metrics = opened.shop.metrics(filters, ("monthly",), NUMBERS)
    for segment in (None, *NUMBERS):
        months = metrics.monthly if segment is None else metrics.segments[NUMBERS.index(segment)].monthly
        own = [rows if segment is None or rows is None else rows[rows.segment == segment] for rows in (coupons, lines)]
        expected = by_month(*own)
        assert months[0].month <= (filters.since or dt.date.max)
        assert months[-1].month <= (filters.until or dt.date.max)
        for month in months:
            told = {key: getattr(month, key) for key in expected}
            assert told == {key: counts.get(month.month, 0) for key, counts in expected.items()}
        assert sum(month.new for month in months) == sum(expected["new"].values())


def test_days_of_orders_of_one_day_and_of_several(make_opened, both):
    """Orders of one day are not formed anew; the numbers are those of orders that are."""
    one_day = make_opened(seed=14)
    assert (one_day.shop._narrow.in_a_day, both.shop._narrow.in_a_day) == (True, False)
    since, until = dt.date(2023, 2, 14), dt.date(2024, 8, 9)
    for filters in (Filters(since=since), Filters(until=until), Filters(since=since, until=until, segments=(1, 2))):
        quick = one_day.shop.metrics(filters, ALL, NUMBERS)
        figures = one_day.shop.figures(filters)
        slow = Shop(replace(one_day.shop._narrow, in_a_day=False))
        assert quick == slow.metrics(filters, ALL, NUMBERS)
        assert figures == slow.figures(filters)
        orders = orders_by_hand(one_day.events(filters)[1])
        assert (quick.orders, quick.customers) == (len(orders), orders.customer_id.nunique())
        assert figures.orders == len(orders)


def by_month(coupons, lines):
    """Figure -> month -> value, by hand."""
    found = {}
    acted = None
    if coupons is not None:
        found["claims"] = coupons.groupby(_month(coupons.claimed_on)).size()
        acted = coupons.assign(day=coupons.claimed_on)[["customer_id", "day"]]
    if lines is not None:
        orders = orders_by_hand(lines)
        found["orders"] = orders.groupby(_month(orders.day)).size()
        found["sales"] = orders.groupby(_month(orders.day)).money.sum() / 10_000
        acted = orders[["customer_id", "day"]]
    found["customers"] = acted.groupby(_month(acted.day)).customer_id.nunique()
    first = acted.groupby("customer_id").day.min()
    found["new"] = first.groupby(_month(first)).size()
    return {key: counts.to_dict() for key, counts in found.items()}


def orders_by_hand(lines):
    sold = lines[lines.kind == "sale"]
    grouped = sold.groupby(["customer_id", "order_id"], as_index=False)
    return grouped.agg(day=("ordered_on", "min"), money=("money", "sum"))


def _month(days):
    return pd.Series([day.replace(day=1) for day in days], index=days.index, dtype=object)


@pytest.mark.parametrize("name", CHOSEN)
def test_sales_breakdowns_and_cohorts(both, name):
    filters = CHOSEN[name]
    lines, people = both.events(filters)[1], both.customers(filters)
    metrics = both.shop.metrics(filters, ("sales", "breakdowns", "retention"), NUMBERS)
    orders = orders_by_hand(lines)
    per = orders.groupby("customer_id").size()
    assert metrics.orders == len(orders)
    assert metrics.customers == len(per)
    assert metrics.sales == orders.money.sum() / 10_000
    assert metrics.returns == -lines[lines.kind == "return"].money.sum() / 10_000
    assert metrics.repeat_purchase_rate == (per > 1).sum() / len(per)
    assert [one.customers for one in metrics.segments] == [int((people.segment == one).sum()) for one in NUMBERS]
    sold = lines[lines.kind == "sale"]
    for dimension, column in (("category", "category"), ("city", "city")):
        by_value = sold.groupby(sold[column].fillna(f"no {dimension}")).money.sum() / 10_000
        broken = next((one for one in metrics.breakdowns if one.dimension == dimension), None)
        assert {row.value: row.sales for row in broken.rows} == by_value.to_dict()
    first = orders.groupby("customer_id").day.min()
    sizes = first.groupby(_month(first)).size()
    assert {cohort.cohort: cohort.size for cohort in metrics.retention.cohorts} == sizes.to_dict()


def test_nothing_let_through(opened):
    empty = opened.shop.metrics(Filters(cities=("nowhere",), since=dt.date(2023, 1, 1)), ALL, NUMBERS)
    assert [one.customers for one in empty.segments] == [0, 0, 0, 0]
    assert all(month.customers == 0 for month in empty.monthly)
    after = opened.shop.metrics(Filters(since=dt.date(2030, 1, 1)), ALL, NUMBERS)
    assert sum(month.customers for month in after.monthly) == 0


def test_a_filter_that_one_table_cannot_tell(both):
    metrics = both.shop.metrics(Filters(categories=("Books",)), ("monthly", "sales"), NUMBERS)
    assert {month.claims for month in metrics.monthly} == {None}
    assert [one.coupons for one in metrics.segments] == [None] * 4
    assert metrics.orders > 0


def test_what_was_measured_with_is_dropped(both):
    engine = both.shop._narrow.engine
    tables = "SELECT count(*) FROM duckdb_tables()"
    both.shop.metrics(Filters(segments=(2,)), ALL, NUMBERS)
    before = engine._connection.execute(tables).fetchall()
    both.shop.metrics(Filters(segments=(2,), genders=("Female",)), ALL, NUMBERS)
    assert engine._connection.execute(tables).fetchall() == before
    for day in range(40):  # of filters of events only the latest keep their customers
        both.shop.figures(Filters(since=both.shop.choices.first_day + dt.timedelta(days=day)))
    ((after,),) = engine._connection.execute(tables).fetchall()
    assert after <= before[0][0] + 16


@pytest.mark.parametrize("name", CHOSEN)
def test_months_of_a_measure_are_those_of_the_shop(both, name):
    """An order of several days, and all its lines, belong to the month of its first day."""
    assert not both.shop._narrow.in_a_day
    filters = CHOSEN[name]
    months = {one.month.isoformat(): one for one in both.shop.metrics(filters, ("monthly",), NUMBERS).monthly}
    for measure in ("orders", "sales", "customers"):
        told = {one.value: one.amount for one in both.shop.told(filters, measure, "month").rows}
        assert told == {month: getattr(one, measure) for month, one in months.items() if one.orders}


def test_a_part_of_the_shop_that_began_later_is_not_of_before_the_data():
    """Who lives in New first ordered in June: their first cohort is as new as all after it."""
    people = pd.DataFrame({"customer_id": range(1, 41), "city": ["Old", "New"] * 20})
    start = people.city.map({"Old": dt.date(2023, 1, 5), "New": dt.date(2023, 6, 5)})
    orders = pd.DataFrame({
        "order_id": range(80), "customer_id": [*people.customer_id] * 2, "amount": [5.0 + one % 7 for one in range(80)],
        "order_date": [*start, *(day + dt.timedelta(days=30 + number % 40) for number, day in enumerate(start))],
    })  # fmt: skip
    tables = ct.read({"customers": people, "orders": orders})
    placed = tables.customers.select("customer_id", segment=tables.customers.customer_id % 2, margin=0.5)
    shop = open_shop(tables, placed)
    found = shop.metrics(Filters(cities=("New",)), ("retention",), (0, 1)).retention
    shop.close()
    assert [(cohort.cohort, cohort.size, cohort.older) for cohort in found.cohorts] == [
        (dt.date(2023, 6, 1), 20, False)
    ]
    later = orders[(orders.order_id >= 40) & (orders.customer_id % 2 == 0)].order_date
    assert found.average[1] == sum(day.month == 7 for day in later) / 20
