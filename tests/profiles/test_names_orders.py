"""Names by orders: complete, each of one entry only, every entry reachable, and true of the numbers."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coterie.profiles.contract import FeatureFigure
from coterie.profiles.levels import (
    FREQUENCY,
    ORDER_VALUE,
    RECENCY,
    RETURNS,
    SPEND,
    TENURE,
    OrderLevels,
    order_levels_of,
)
from coterie.profiles.names import GRID, Named
from coterie.profiles.names_orders import ORDER_GRID, never_name, order_name, with_spending
from coterie.profiles.wording import Facts, Shop
from coterie.profiles.wording_orders import no_order_headline, orders_blurb, orders_headline, orders_standfirst

EVERY = [OrderLevels(*them) for them in itertools.product(FREQUENCY, SPEND, ORDER_VALUE, RECENCY, TENURE, RETURNS)]


def figure(mean, all_mean, median=None):
    contrast = mean / all_mean if all_mean else None
    return FeatureFigure(mean, mean, mean, mean if median is None else median, all_mean, all_mean, contrast, False)


def test_every_combination_has_a_name_and_every_name_a_combination():
    assert len(EVERY) == 4 * 3 * 3 * 4 * 2 * 2
    reached = {next(entry.name for entry in ORDER_GRID if entry.fits(levels)) for levels in EVERY}
    assert reached == {entry.name for entry in ORDER_GRID}
    assert len({entry.name for entry in ORDER_GRID}) == len(ORDER_GRID)
    assert not {entry.name for entry in ORDER_GRID[:-1]} & {
        entry.name for entry in GRID if entry.name not in ("Lapsed", "Middle of the crowd")
    }


TRUE_OF: Mapping[str, Callable[[OrderLevels], bool]] = {
    "best|champions": lambda at: (at.frequency, at.spend) == ("high", "high"),
    "champions": lambda at: at.recency == "recent",
    "big spenders": lambda at: at.spend == "high",
    "one-time": lambda at: at.frequency == "once",
    "occasional": lambda at: at.frequency in ("once", "low"),
    "regular|frequent": lambda at: at.frequency == "high",
    "small baskets": lambda at: at.order_value == "low",
    "large baskets": lambda at: at.order_value == "high",
    "return": lambda at: at.returns == "many",
    "quiet|risk": lambda at: at.recency == "quiet",
    "middle": lambda at: (at.frequency, at.order_value) == ("usual", "usual") and at.spend != "high",
}
"""Words of a name -> when they are true."""


def test_a_name_holds_only_words_that_are_true():
    for levels in EVERY:
        name = order_name(levels, 1.0, 1.0).name.lower()
        assert ("new" in name) == (levels.tenure == "new")
        assert ("lapsed" in name) == (levels.recency == "lapsed" and levels.tenure == "settled")
        assert [word for word, true in TRUE_OF.items() if re.search(word, name) and not true(levels)] == []


@given(
    orders=st.integers(1, 40),
    orders_all=st.floats(1, 20),
    aov=st.floats(0.5, 5000),
    aov_all=st.floats(0.5, 5000),
    once=st.integers(0, 100),
    returned=st.floats(0, 2),
    recency=st.floats(0, 900),
    recency_all=st.floats(1, 400),
    tenure=st.floats(1, 900),
    tenure_all=st.floats(1, 900),
    span=st.integers(1, 1500),
    gap=st.none() | st.floats(1, 400),
    hardly=st.booleans(),
)
def test_words_never_contradict_the_numbers(
    orders, orders_all, aov, aov_all, once, returned, recency, recency_all, tenure, tenure_all, span, gap, hardly
):
    figures = {
        "order_count": figure(float(orders), orders_all),
        "total_spend": figure(orders * aov, orders_all * aov_all),
        "aov": figure(aov, aov_all),
        "return_rate": figure(returned, 0.1),
        "recency": figure(recency, recency_all),
        "tenure": figure(tenure, tenure_all),
    }
    shop = Shop(coupons=False, orders=True, currency="EUR")
    facts = Facts(
        figures,
        100,
        0.2,
        0,
        0,
        0.0,
        0.0,
        orders=100 * orders,
        sales=100 * orders * aov,
        share_of_orders=0.2,
        sales_share=0.3,
        buyers=100,
        once=once,
        shop=shop,
    )
    levels = order_levels_of(figures, facts.one_time_share, span, gap)
    named = order_name(levels, orders / orders_all, aov / aov_all, hardly_differ=hardly)
    words = [
        orders_blurb(levels, facts, hardly_differ=hardly),
        orders_headline(named, levels, facts, hardly_differ=hardly),
    ]
    said = " ".join([named.name, *words]).lower()
    if "order often" in said or "more orders" in said or "have many orders" in said:
        assert orders > orders_all
    if "order seldom" in said or "fewer orders" in said:
        assert orders < orders_all
    if "ordered once" in said or "one-time" in said:
        assert once >= 90
    if "ordered once (" not in said and "ordered once" in said:
        assert once == 100
    if "lapsed" in said or "quiet" in said:
        assert recency > recency_all or (gap is not None and recency >= 2 * gap)
    if "higher value" in said or "large" in said:
        assert aov > aov_all
    if "lower value" in said or "small" in said:
        assert aov < aov_all
    assert "nan" not in said.split()
    assert "nan" not in orders_standfirst(facts)
    assert "{" not in said


@pytest.mark.parametrize(("returns", "told"), [(29.9, None), (30.0, "30%"), (203.0, "203%"), (0.0, None)])
@pytest.mark.parametrize("hardly", [True, False])
def test_the_headline_tells_of_returns_that_are_a_large_part_of_sales(returns, told, hardly):
    shop = Shop(coupons=False, orders=True)
    facts = Facts({}, 5, 0.1, 0, 0, 0.0, 0.0, orders=9, sales=100.0, returns=returns, buyers=5, once=1, shop=shop)
    levels = OrderLevels("high", "high", "usual", "recent", "settled", "usual")
    said = orders_headline(Named("Champions", "Champions"), levels, facts, hardly_differ=hardly)
    assert said.startswith("Champions")
    assert ("comes back" in said) == (told is not None)
    assert told is None or said.endswith(f"; what comes back is worth {told} of their sales")


def test_names_of_customers_who_hardly_differ_are_short_and_true_of_the_numbers():
    found = set()
    for levels, orders, aov in itertools.product(EVERY, (0.9, 1.0, 1.1), (0.9, 1.0, 1.1)):
        name = order_name(levels, orders, aov, hardly_differ=True).name
        much, what = name.split(", ")
        assert much == {0.9: "Fewer orders", 1.0: "Usual orders", 1.1: "More orders"}[orders]
        if levels.tenure == "new":
            assert what == "new"
        elif levels.recency in ("quiet", "lapsed"):
            assert what == "quiet"
        else:
            assert what == {0.9: "lower value", 1.0: "usual value", 1.1: "higher value"}[aov]
        found.add(name)
    assert len(found) == 15
    assert max(map(len, found)) <= 26


@pytest.mark.parametrize(
    ("base", "spend", "recency", "bought", "name"),
    [
        ("Regular burners", "high", "usual", True, "Regular burners who spend much"),
        ("Regular burners", "usual", "usual", True, "Regular burners"),
        ("Lapsed burners", "low", "lapsed", True, "Lapsed burners who spent little"),
        ("Collectors who redeem less", "low", "usual", True, "Collectors who redeem less and spend little"),
        ("Middle of the crowd", "high", "usual", True, "Middle of the crowd, spending much"),
        ("New, not burning yet", "low", "usual", False, "New, not burning yet, buying nothing"),
        ("Lapsed", "high", "lapsed", True, "Lapsed, having spent much"),
    ],
)
def test_names_by_coupons_say_what_is_spent(base, spend, recency, bought, name):
    levels = OrderLevels("usual", spend, "usual", recency, "settled", "usual")
    assert with_spending(Named(base, base), levels, bought=bought).name == name


def test_every_name_by_coupons_can_be_joined():
    for entry, spend, bought in itertools.product(GRID, SPEND, (True, False)):
        levels = OrderLevels("usual", spend, "usual", "usual", "settled", "usual")
        named = with_spending(Named(entry.name, entry.subject or entry.name), levels, bought=bought)
        assert named.name.startswith(entry.name)
        assert named.name.count(" who ") <= 1


def test_customers_without_an_order():
    assert (never_name(0), never_name(1)) == ("Never active", "No purchases")
    shop = Shop(coupons=True, orders=True)
    facts = Facts({}, 5, 0.1, 0, 0, 0.0, 0.0, returns_only=2, free_only=1, shop=shop)
    assert no_order_headline(facts) == (
        "5 customers have neither claimed a coupon nor ordered anything so far; "
        "2 only returned something and 1 only had free items"
    )


@pytest.mark.parametrize(
    ("median", "mean", "gap", "level"),
    [
        (400.0, 420.0, 80.0, "lapsed"),  # five usual gaps, though others are gone for as long
        (300.0, 320.0, 80.0, "quiet"),  # fewer than four, more than two
        (150.0, 220.0, 80.0, "usual"),  # less than others, but more than one
        (80.0, 220.0, 80.0, "recent"),  # less than others, and one
        (200.0, 220.0, 10.0, "quiet"),  # twenty gaps, but less than a quarter of the data
        (29.0, 220.0, 10.0, "usual"),  # nearly three gaps, but not yet a month
        (400.0, 700.0, 300.0, "lapsed"),  # fewer than two, but far longer than others
        (400.0, 420.0, None, "usual"),  # nobody ordered on two days, so there is no usual gap
    ],
)
def test_who_is_gone_though_most_are(median, mean, gap, level):
    assert order_levels_of({"recency": figure(mean, 400.0, median)}, 0.5, 1000, gap).recency == level


@pytest.mark.parametrize(
    ("rate", "all_rate", "median", "level"),
    [(0.06, 0.04, 0.01, "many"), (0.04, 0.01, 0.01, "usual"), (0.06, 0.05, 0.01, "usual"), (0.5, 0.04, 0.0, "usual")],
)
def test_one_large_return_makes_no_returners(rate, all_rate, median, level):
    assert order_levels_of({"return_rate": figure(rate, all_rate, median)}, 0.5, 400).returns == level
