"""Numbers, dates and words, by examples written by hand."""

from __future__ import annotations

import datetime as dt
import math

import pytest

from coterie.views import format as say


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (1584, 0, "1,584"),
        (-0.014, 2, "−0.01"),
        (-0.001, 2, "0.00"),
        (1234567.891, 1, "1,234,567.9"),
        (math.nan, 0, "–"),
    ],
)
def test_plain_numbers(value, decimals, text):
    assert say.plain(value, decimals) == text


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (0.1233, 1, "12.3%"), (0.2899, 0, "29%"), (0, 0, "0%"), (1, 0, "100%"), (0.004, 0, "<1%"),
        (0.9951, 0, ">99%"), (0.0004, 1, "<0.1%"), (None, 0, "–"), (math.inf, 0, "–"),
    ],
)  # fmt: skip
def test_shares_are_never_rounded_to_nothing_or_all(value, decimals, text):
    assert say.share(value, decimals) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (5.31, "5.3×"),
        (0.553, "0.55×"),
        (1.0, "1.0×"),
        (0.998, "1.0×"),
        (0.99, "0.99×"),
        (0, "0×"),
        (123.4, "123×"),
        (None, "–"),
    ],
)
def test_ratios_have_one_decimal_from_one_on_and_two_below(value, text):
    assert say.ratio(value) == text


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.29, "%", "29%"), (55.2, "days", "55"), (3.21, "days", "3.2"), (8.41, "coupons", "8.4"), (0.0241, "coupons", "0.024"),
        (0, "coupons", "0"), (150.2, "coupons", "150"), (None, "days", "–"), (1.234, "", "1.23"), (12.34, "", "12.3"),
    ],
)  # fmt: skip
def test_quantities_follow_their_unit(value, unit, text):
    assert say.quantity(value, unit) == text


def test_intervals_name_the_unit_once():
    assert say.interval(0.27, 0.32, "%") == "27 to 32%"
    assert say.interval(4.3, 6.5, "coupons") == "4.3 to 6.5"
    assert say.interval(0.001, 0.02, "%") == "<1% to 2%"


def test_dates():
    assert say.date(dt.date(2017, 9, 4)) == "4 Sep 2017"
    assert say.dates(dt.date(2016, 11, 1), dt.date(2018, 2, 18)) == "1 Nov 2016 – 18 Feb 2018"
    assert [say.month(number) for number in (1, 5, 12)] == ["Jan", "May", "Dec"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.5, "one customer in two"), (0.33, "one customer in three"), (0.66, "two customers in three"),
        (0.75, "three customers in four"), (0.1553, "one customer in six"), (0.42, "42% of customers"), (0.0, "0% of customers"),
        (0.27, "27% of customers"),
    ],
)  # fmt: skip
def test_shares_in_words_only_where_they_are_close(value, text):
    assert say.one_in(value) == text


def test_words_and_lists():
    assert say.listing([]) == ""
    assert say.listing(["a"]) == "a"
    assert say.listing(["a", "b", "c"]) == "a, b and c"
    assert say.word(5) == "five"
    assert say.word(1234) == "1,234"
    assert say.lower_first("VIP customers") == "VIP customers"
    assert say.lower_first("Lapsed") == "lapsed"
    assert say.sentence("left out") == "Left out."
    assert say.sentence("Done.") == "Done."
    assert say.sentence("") == ""
    assert say.plural(1, "coupon") == "1 coupon"
    assert say.plural(0, "coupon") == "0 coupons"


def test_one_customers_own_values_are_whole():
    assert say.whole(8.0, "coupons") == "8"
    assert say.whole(2.5, "coupons") == "2.5"
    assert say.whole(0.25, "%") == "25%"
    assert say.whole("north", "") == "north"
