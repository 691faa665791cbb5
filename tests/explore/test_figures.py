"""Figures, customers per segment and comparisons, of any filter, as frames give them by another way."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.explore import UNKNOWN, Figures, Filters


def by_hand(opened, filters):
    people, (coupons, lines) = opened.customers(filters), opened.events(filters)
    found, acted = {}, set()
    if coupons is not None:
        burnt = int((coupons.status == "burnt").sum())
        rate = burnt / len(coupons) if len(coupons) else None
        found |= {"coupons": len(coupons), "burnt": burnt, "burn_rate": rate}
        acted = set(coupons.customer_id)
    if lines is not None:
        sold, back = lines[lines.kind == "sale"], lines[lines.kind == "return"]
        orders, sales = len(sold[["customer_id", "order_id"]].drop_duplicates()), int(sold.money.sum()) / 10_000
        found |= {"orders": orders, "sales": sales, "returns": -int(back.money.sum()) / 10_000}
        found["aov"] = sales / orders if orders else None
        acted = set(sold.customer_id)
    return Figures(customers=len(people), of=len(opened.people), active=len(acted), **found)


def filters_of(opened):
    def some(name):
        values = [option.value for option in opened.shop.choices.values.get(name, ())]
        values = [int(value) for value in values] if name == "segments" else [*values, UNKNOWN, "nowhere"]
        return st.just(()) | st.lists(st.sampled_from(values), min_size=1, max_size=3, unique=True).map(tuple)

    first, last = opened.shop.choices.first_day, opened.shop.choices.last_day
    day = st.none() | st.dates(first - dt.timedelta(days=40), last + dt.timedelta(days=40))
    names = ("segments", "cities", "genders", "branches", "merchants", "categories")
    return st.builds(Filters, **{name: some(name) for name in names}, since=day, until=day)


@settings(max_examples=25)
@given(data=st.data())
def test_figures_of_any_filter(opened, data):
    filters = data.draw(filters_of(opened))
    assert opened.shop.figures(filters) == by_hand(opened, filters)
    people = opened.customers(filters)
    assert dict(opened.shop.segments(filters)) == people.groupby("segment").size().to_dict()
    assert opened.shop.customers(filters, size=1).total == len(people)


def test_figures_of_everybody(opened):
    assert opened.shop.figures(Filters()) == by_hand(opened, Filters())
    assert opened.shop.figures(Filters()).customers == len(opened.people)


def test_coupons_know_no_category(both, of_coupons):
    books = Filters(categories=("Books",))
    found = both.shop.figures(books)
    assert found.coupons is None
    assert found.burn_rate is None
    sold = both.lines[both.lines.category == "Books"]
    assert found.customers == sold.customer_id.nunique() > 0
    # Where no table has categories, no event has this one.
    assert of_coupons.shop.figures(books) == Figures(0, len(of_coupons.people), 0, 0, 0)


def test_compared_with_the_days_before(opened):
    as_of = opened.shop.choices.last_day
    lately = opened.shop.compared(Filters(segments=(1, 2)))
    since = as_of - dt.timedelta(days=27)
    assert (lately.since, lately.until) == (since, as_of)
    assert lately.now == by_hand(opened, Filters(segments=(1, 2), since=since, until=as_of))
    start, end = since - dt.timedelta(days=28), since - dt.timedelta(days=1)
    assert lately.before == by_hand(opened, Filters(segments=(1, 2), since=start, until=end))


def test_days_that_are_not_known_are_not_compared(opened):
    first, last = opened.shop.choices.first_day, opened.shop.choices.last_day
    day = dt.timedelta(days=1)
    found = opened.shop.compared(Filters(since=last - 9 * day, until=last + 20 * day))
    assert (found.since, found.until) == (last - 9 * day, last)
    assert found.now == by_hand(opened, Filters(since=last - 9 * day, until=last))
    assert found.before == by_hand(opened, Filters(since=last - 19 * day, until=last - 10 * day))
    early = opened.shop.compared(Filters(since=first - 30 * day, until=first + 9 * day))
    assert (early.since, early.until, early.before) == (first, first + 9 * day, None)
    assert early.now == by_hand(opened, Filters(until=first + 9 * day))


@pytest.mark.parametrize("end", ["after", "long after", "before", "backwards"])
def test_nothing_is_compared_where_no_day_is_known(opened, end):
    first, last = opened.shop.choices.first_day, opened.shop.choices.last_day
    day = dt.timedelta(days=1)
    filters = {
        "after": Filters(since=last + day),
        "long after": Filters(since=last + 5 * day, until=last + 9 * day),
        "before": Filters(until=first - day),
        "backwards": Filters(since=last - day, until=last - 3 * day),
    }[end]
    found = opened.shop.compared(filters)
    assert first <= found.since <= found.until <= last
    assert found.now == by_hand(opened, filters)
    assert (found.now.customers, found.now.active, found.now.coupons or 0, found.now.orders or 0) == (0, 0, 0, 0)
    assert found.before is None


@pytest.mark.parametrize(
    "filters",
    [Filters(), Filters(segments=(1, 2)), Filters(since=dt.date(2024, 3, 1), until=dt.date(2024, 3, 31))],
    ids=["all", "segments", "a month"],
)
def test_active_is_one_number_everywhere(opened, filters):
    coupons, lines = opened.events(filters)
    acted = coupons if lines is None else lines[lines.kind == "sale"]
    active = acted.customer_id.nunique()
    assert opened.shop.figures(filters).active == active > 0
    assert opened.shop.told(filters, "customers", "month").whole == active
    if filters.since:
        (month,) = opened.shop.metrics(filters, ("monthly",), (1,)).monthly
        assert month.customers == active


def test_active_where_orders_cannot_tell_the_branch(make_opened):
    without = make_opened(seed=10, change=lambda frames: frames["orders"].pop("branch_id"))
    filters = Filters(branches=tuple(option.value for option in without.shop.choices.values["branches"][:3]))
    claimed = without.coupons[without.coupons.branch_id.fillna("").isin(filters.branches)].customer_id.nunique()
    found = without.shop.figures(filters)
    assert (found.orders, found.active) == (None, claimed)
    assert without.shop.told(filters, "customers", "month").whole == claimed > 0


def test_compared_where_the_data_do_not_reach_back(both):
    first, last = both.shop.choices.first_day, both.shop.choices.last_day
    week = dt.timedelta(days=6)
    assert both.shop.compared(Filters(since=first + week, until=first + 2 * week)).before is None
    there = both.shop.compared(Filters(since=first + week + dt.timedelta(days=1), until=first + 2 * week))
    assert there.before == by_hand(both, Filters(since=first + dt.timedelta(days=1), until=first + week))
    open_ended = both.shop.compared(Filters(since=last - week))
    assert (open_ended.since, open_ended.until) == (last - week, last)
    from_the_start = both.shop.compared(Filters(until=first + week))
    assert (from_the_start.since, from_the_start.before) == (first, None)
    backwards = both.shop.compared(Filters(since=last, until=first))
    assert (backwards.now.customers, backwards.before) == (0, None)


@pytest.mark.parametrize("name", ["cities", "genders", "branches", "merchants", "categories"])
def test_sql_in_a_value_is_harmless(both, name):
    for value in ("' OR 1=1 --", "x'); DROP TABLE _t1; --", "%", "_", "\\", "a\0b", "\ud800", '"', "🌷"):
        assert both.shop.figures(Filters(**{name: (value,)})).customers == 0
    assert both.shop.customers(Filters(segments=(1,)), text="' OR 1=1 --").total == 0
    whole = {"since": dt.date.min, "until": dt.date.max}
    acted = {*both.coupons.customer_id, *both.lines.customer_id}
    assert both.shop.figures(Filters(**whole)).customers == len(acted)


@settings(max_examples=20)
@given(data=st.data())
def test_figures_of_each_segment(opened, data):
    """Each is what its own filter gives, beside all customers of the segment; none is left out."""
    filters = data.draw(filters_of(opened))
    found = opened.shop.segment_figures(filters)
    sizes = opened.people.groupby("segment").size().to_dict()
    assert sorted(found) == sorted(sizes)
    for segment, size in sizes.items():
        chosen = not filters.segments or segment in filters.segments
        expected = by_hand(opened, replace(filters, segments=(segment,))) if chosen else None
        if expected is None:
            assert (found[segment].customers, found[segment].active) == (0, 0)
        else:
            assert found[segment] == replace(expected, of=size)
    assert sum(one.customers for one in found.values()) == opened.shop.figures(filters).customers
