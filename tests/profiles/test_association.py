"""How much segments differ in a dimension: as scipy has it, with the bias taken off, and of whom it is counted."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from scipy.stats.contingency import association

from coterie.profiles.mixes import mixes


def bergsma(counts):
    """Cramer's V of a table without its bias, from scipy's with it (Bergsma 2013)."""
    counts = np.asarray(counts)
    n, (rows, columns) = counts.sum(), counts.shape
    phi = association(counts, method="cramer") ** 2 * (min(rows, columns) - 1)
    fair = max(0.0, phi - (rows - 1) * (columns - 1) / (n - 1))
    rows, columns = (size - (size - 1) ** 2 / (n - 1) for size in (rows, columns))
    return (fair / (min(rows, columns) - 1)) ** 0.5


def shop_of(make_shop, counts, coupons=lambda number: 1):
    """A shop from customers by segment and city, each of whom burnt coupons in their own city's branch."""
    people = [(1 + at, city) for at, row in enumerate(counts) for city, n in enumerate(row) for _ in range(n)]
    customers = [{"customer_id": n, "city": f"town {city}"} for n, (_, city) in enumerate(people)]
    day = {"claimed_on": dt.date(2024, 6, 1), "burnt_on": dt.date(2024, 6, 3), "status": "burnt"}
    burnt = [
        {"customer_id": n, "branch_id": city, "merchant_id": 1, **day}
        for n, (_, city) in enumerate(people)
        for _ in range(coupons(n))
    ]
    return make_shop(customers, burnt, {n: segment for n, (segment, _) in enumerate(people)})


def differ(shop, dimension):
    """The one number that stands with every segment and with all customers."""
    found, _ = mixes(shop.tables, shop.assigned)
    (value,) = {mix.cramers_v for mixed in found.values() for mix in mixed if mix.dimension == dimension}
    return value


@pytest.mark.parametrize(
    "counts", [[[60, 30, 10], [50, 100, 50], [20, 20, 60]], [[80, 20], [20, 80]], [[5, 9, 2, 8], [9, 4, 1, 3]]]
)
def test_customers_by_city_are_told_as_scipy_tells_them(make_shop, counts):
    shop = shop_of(make_shop, counts)
    assert differ(shop, "city") == pytest.approx(bergsma(counts), abs=1e-8)
    # Everybody burnt one coupon, so that branches tell the same.
    assert differ(shop, "branch") == pytest.approx(bergsma(counts), abs=1e-8)


def test_more_coupons_of_the_same_customers_say_no_more(make_shop):
    counts = [[60, 40], [45, 55]]
    once, often = shop_of(make_shop, counts), shop_of(make_shop, counts, coupons=lambda number: 5)
    assert differ(often, "branch") == pytest.approx(bergsma(counts), abs=1e-8)
    assert differ(often, "branch") == pytest.approx(differ(once, "branch"))


def test_more_values_than_are_shown_all_count(make_shop):
    """Thirteen values and more end in "Other", which hides what they differ in."""
    counts = [[20] * 12 + [15, 1], [20] * 12 + [1, 15]]
    shop = shop_of(make_shop, counts)
    found, _ = mixes(shop.tables, shop.assigned)
    (one,) = (mix for mix in found[1] if mix.dimension == "city")
    assert one.rows[-1].value == "Other"
    assert one.cramers_v == pytest.approx(bergsma(counts), abs=1e-8)
    assert one.cramers_v > 0.1


def test_segments_alike_do_not_differ(make_shop):
    assert differ(shop_of(make_shop, [[30, 30, 40], [60, 60, 80], [30, 30, 40]]), "city") == 0


def test_a_segment_without_anything_makes_no_difference(make_shop):
    """Two segments that burn at the same branches, and one that has burnt nothing yet."""
    counts = [[60, 40], [60, 40], [50, 50]]
    shop = shop_of(make_shop, counts, coupons=lambda number: int(number < 200))
    assert set(shop.people.segment) == {1, 2, 3}
    assert differ(shop, "branch") == 0


def test_only_customers_with_a_value_count(make_shop):
    """Of the hundred customers of a segment twenty have burnt something: all that can be known is from them."""
    counts = [[10, 10], [14, 6]]
    shop = shop_of(make_shop, [[50, 50], [70, 30]], coupons=lambda number: int(number % 5 == 0))
    people = shop.people.set_index("customer_id").join(shop.coupons.groupby("customer_id").branch_id.first())
    assert pd.crosstab(people.segment, people.branch_id).to_numpy().tolist() == counts
    assert differ(shop, "branch") == pytest.approx(bergsma(counts), abs=1e-8)
    # Of all customers, the same shares would be told apart from chance.
    assert bergsma([[50, 50], [70, 30]]) > bergsma(counts) + 0.05


def test_customers_placed_by_rule_are_left_out(make_shop):
    counts = [[60, 40], [45, 55]]
    people = [(segment, city) for segment, row in enumerate(counts) for city, n in enumerate(row) for _ in range(n)]
    customers = [{"customer_id": n, "city": f"town {city}"} for n, (_, city) in enumerate(people)]
    shop = make_shop(customers, [], {n: segment for n, (segment, _) in enumerate(people)})
    # One segment found by clustering is left, and nothing to compare it with.
    assert differ(shop, "city") == 0
