"""Sales around a claim against loops in Python, and the edges of the window by hand."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import Any

from coterie.metrics.around_coupons import around_coupons
from coterie.metrics.contract import CouponDay
from coterie.tables.contract import MONEY, Tables


def around(tables: Tables) -> dict[int, CouponDay]:
    return {one.day: one for one in around_coupons(tables, tables.orders)}


def test_every_day_is_as_counted_one_by_one(sample_shop: Any) -> None:
    lines, tables = sample_shop.lines, sample_shop.tables
    lines = lines.assign(ordered_on=lines.ordered_on.dt.date)
    sales = lines[lines.kind == "sale"]
    orders = sales.groupby(["customer_id", "order_id"]).agg(day=("ordered_on", "min"), money=("money", "sum"))
    of_day: dict[tuple[int, dt.date], int] = defaultdict(int)
    for (customer, _), (day, money) in zip(orders.index, orders.itertuples(index=False), strict=True):
        of_day[customer, day] += money
    window, first = dt.timedelta(days=28), min(lines.ordered_on)
    claims = [
        (row.customer_id, row.claimed_on)
        for row in sample_shop.coupons.itertuples()
        if first + window <= row.claimed_on <= tables.as_of - window
    ]
    assert 0 < len(claims) < len(sample_shop.coupons)
    expected = {
        day: sum(of_day[customer, on + dt.timedelta(days=day)] for customer, on in claims) / MONEY / len(claims)
        for day in range(-28, 29)
    }
    found = around(tables)
    assert {day: one.sales_per_customer for day, one in found.items()} == expected
    assert {one.customers for one in found.values()} == {len({customer for customer, _ in claims})}


def test_by_hand(shops: Any) -> None:
    lines = shops.orders(
        [
            (9, "start", "2024-01-01", 1.0),
            (1, "a", "2024-02-01", 8.0),  # 28 days before the claims of the 29th
            (1, "b", "2024-02-29", 3.0),
            (1, "c", "2024-02-29", 2.0),
            (1, "Cb", "2024-02-29", -3.0),  # what comes back is no sale
            (1, "d", "2024-03-28", 4.0),  # 28 days after
            (1, "e", "2024-03-29", 100.0),  # 29 days after: outside
            (2, "f", "2024-03-01", 6.0),
        ]
    )
    coupons = shops.coupons(
        [
            (1, "2024-02-29", None),
            (1, "2024-02-29", None),  # two on one day count each
            (2, "2024-02-29", "2024-03-01"),
            (3, "2024-03-03", None),  # never orders, and counts; the last day whose window is known
            (3, "2024-03-04", None),  # its window ends after as-of
            (2, "2024-01-28", None),  # its window begins before the orders do
        ]
    )
    found = around(shops(lines=lines, coupons=coupons, first_day="2024-01-01", as_of="2024-03-31"))
    assert sorted(found) == list(range(-28, 29))
    assert {one.customers for one in found.values()} == {3}
    assert {day: one.sales_per_customer for day, one in found.items() if one.sales_per_customer} == {
        -28: 4.0,  # 8 for each of two claims, by four claims
        0: 2.5,
        1: 1.5,
        28: 2.0,
    }


def test_claims_before_orders_were_kept_do_not_count(shops: Any) -> None:
    """The coupons begin a year before the orders: that nothing was bought then is not known."""
    lines = shops.orders([(1, "a", "2024-01-01", 5.0), (1, "b", "2024-02-01", 5.0)])
    coupons = shops.coupons([(1, "2023-03-01", None), (1, "2024-01-28", None), (1, "2024-01-29", None)])
    found = around(shops(lines=lines, coupons=coupons, first_day="2023-01-01", as_of="2024-03-31"))
    assert {one.customers for one in found.values()} == {1}
    assert {day for day, one in found.items() if one.sales_per_customer} == {-28, 3}


def test_without_a_whole_window_or_a_table_there_is_nothing(shops: Any) -> None:
    lines, days = shops.orders([(1, "a", "2024-01-05", 5.0)]), {"first_day": "2024-01-05", "as_of": "2024-02-01"}
    assert around(shops(lines=lines, coupons=shops.coupons([(1, "2024-01-20", None)]), **days)) == {}
    assert around(shops(lines=lines, **days)) == {}
