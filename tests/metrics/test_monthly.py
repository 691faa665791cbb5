"""Months against pandas and sets of customers, and small shops by hand."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import pytest

from coterie.metrics.contract import Month
from coterie.metrics.monthly import monthly
from coterie.tables import coupons_by_day
from coterie.tables.contract import MONEY, Tables


def months_of(tables: Tables, assigned: Any = None, segments: Any = ()) -> dict[int | None, tuple[Month, ...]]:
    orders = tables.orders
    by_day = coupons_by_day(tables, assigned) if tables.has_coupons else None
    return dict(monthly(tables, orders, assigned, segments, by_day))


def by_pandas(both: Any, people: set[int]) -> list[dict[str, Any]]:
    """Each month from sets of the customers with an order in it; sales and orders by the day of the order."""
    lines = both.lines[both.lines.customer_id.isin(people)]
    first, last = pd.Period(both.tables.first_day, "M"), pd.Period(both.tables.as_of, "M")
    sales = lines[lines.kind == "sale"]
    orders = sales.groupby(["customer_id", "order_id"]).agg(day=("ordered_on", "min"), money=("money", "sum"))
    orders = orders.reset_index().assign(month=lambda t: pd.to_datetime(t.day).dt.to_period("M"))
    returns = lines[lines.kind == "return"]
    returned = returns.money.groupby(pd.to_datetime(returns.ordered_on).dt.to_period("M")).sum()
    claims = burns = None
    if len(both.coupons):
        coupons = both.coupons[both.coupons.customer_id.isin(people)]
        claims, burns = by_month(coupons.claimed_on), by_month(coupons.burnt_on.dropna())
    active = {month: set(group.customer_id) for month, group in orders.groupby("month")}
    rows, before, ever = [], set(), set()
    for month in pd.period_range(first, last):
        now, of_month = active.get(month, set()), orders[orders.month == month]
        money = int(of_month.money.sum())
        rows.append(
            {
                "month": month.start_time.date(),
                "customers": len(now),
                "new": len(now - ever),
                "returning": len(now & before),
                "lapsed": len(before - now),
                "won_back": len((now & ever) - before),
                "orders": len(of_month),
                "sales": money / MONEY,
                "revenue": (money + int(returned.get(month, 0))) / MONEY,
                "aov": money / MONEY / len(of_month) if len(of_month) else None,
                "claims": None if claims is None else claims.get(month, 0),
                "burns": None if burns is None else burns.get(month, 0),
            }
        )
        before, ever = now, ever | now
    return rows


def by_month(days: pd.Series) -> dict[pd.Period, int]:
    return pd.to_datetime(days).dt.to_period("M").value_counts().to_dict()


@pytest.mark.parametrize("which", ["sample_shop", "online_retail"])
def test_every_month_of_every_segment_is_as_in_pandas(which: str, request: pytest.FixtureRequest) -> None:
    both = request.getfixturevalue(which)
    found = months_of(both.tables, both.assigned, both.numbers)
    for key, people in both.groups():
        expected = by_pandas(both, people)
        assert [{name: getattr(one, name) for name in expected[0]} for one in found[key]] == expected, key


def test_segments_add_up_to_all(sample_shop: Any) -> None:
    found = months_of(sample_shop.tables, sample_shop.assigned, sample_shop.numbers)
    for name in ("customers", "new", "returning", "lapsed", "won_back", "orders", "claims", "burns"):
        for at, one in enumerate(found[None]):
            assert getattr(one, name) == sum(getattr(found[number][at], name) for number in sample_shop.numbers)


def test_a_month_without_orders_lapses_and_is_won_back(shops: Any) -> None:
    lines = shops.orders(
        [
            (1, "a", "2023-11-30", 5.0),
            (1, "b", "2023-12-01", 7.0),  # returning, over the year's edge next
            (1, "c", "2024-01-31", 1.0),
            (2, "d", "2023-11-02", 2.0),
            (2, "e", "2024-02-29", 2.0),  # won back after December and January
            (1, "Ce", "2024-04-10", -1.5),  # a return alone: nobody is active
        ]
    )
    (months,) = months_of(shops(lines=lines, first_day="2023-11-02", as_of="2024-05-30")).values()

    def row(one: Month) -> tuple[Any, ...]:
        who = (one.customers, one.new, one.returning, one.lapsed, one.won_back)
        return (one.month.strftime("%y-%m"), one.complete, *who, one.orders, one.sales, one.revenue, one.aov)

    assert [row(one) for one in months] == [
        ("23-11", False, 2, 2, 0, 0, 0, 2, 7.0, 7.0, 3.5),  # the data begin on the 2nd
        ("23-12", True, 1, 0, 1, 1, 0, 1, 7.0, 7.0, 7.0),
        ("24-01", True, 1, 0, 1, 0, 0, 1, 1.0, 1.0, 1.0),
        ("24-02", True, 1, 0, 0, 1, 1, 1, 2.0, 2.0, 2.0),
        ("24-03", True, 0, 0, 0, 1, 0, 0, 0.0, 0.0, None),
        ("24-04", True, 0, 0, 0, 0, 0, 0, 0.0, -1.5, None),
        ("24-05", False, 0, 0, 0, 0, 0, 0, 0.0, 0.0, None),  # known to the 30th of 31 days
    ]
    assert {one.claims for one in months} == {None}


@pytest.mark.parametrize(
    ("first_day", "as_of", "complete"),
    [
        ("2024-02-01", "2024-02-29", [True]),
        ("2024-02-01", "2024-02-28", [False]),
        ("2024-02-02", "2024-02-29", [False]),
        ("2023-12-01", "2024-01-01", [True, False]),
        ("2023-12-31", "2024-01-31", [False, True]),
    ],
)
def test_complete(shops: Any, first_day: str, as_of: str, complete: list[bool]) -> None:
    lines = shops.orders([(1, "a", first_day, 1.0)])
    months = months_of(shops(lines=lines, first_day=first_day, as_of=as_of))[None]
    assert [one.complete for one in months] == complete


def test_an_order_at_midnight_of_the_first_belongs_to_the_new_month(shops: Any) -> None:
    at = pd.Series(pd.to_datetime(["2024-01-31 23:59:59", "2024-02-01 00:00:00"]))
    lines = shops.orders([(1, "a", at[0], 5.0), (1, "b", at[1], 7.0)])
    months = months_of(shops(lines=lines, first_day="2024-01-31", as_of="2024-02-29"))[None]
    assert [(one.sales, one.new, one.returning) for one in months] == [(5.0, 1, 0), (7.0, 0, 1)]


def test_an_order_over_a_months_edge_counts_where_it_began(shops: Any) -> None:
    lines = shops.orders([(1, "a", "2024-01-31", 5.0), (1, "a", "2024-02-01", 7.0)])
    months = months_of(shops(lines=lines, first_day="2024-01-31", as_of="2024-02-29"))[None]
    assert [(one.orders, one.sales) for one in months] == [(1, 12.0), (0, 0.0)]


def test_with_coupons_alone_who_claims_is_active(shops: Any) -> None:
    coupons = shops.coupons(
        [
            (1, "2024-01-01", "2024-02-03"),
            (1, "2024-01-09", None),
            (2, "2024-02-01", "2024-02-02"),
            (1, "2024-03-31", None),
        ]
    )
    coupons.loc[1, "status"] = "burnt"  # on an unknown day
    tables = shops(coupons=coupons, first_day="2024-01-01", as_of="2024-03-31")
    found = months_of(tables, shops.assigned({1: 1, 2: 2, 3: 0}), (1, 2, 0))
    assert found[None] == (
        Month(dt.date(2024, 1, 1), True, 1, 1, 0, 0, 0, claims=2, burns=0),
        Month(dt.date(2024, 2, 1), True, 1, 1, 0, 1, 0, claims=1, burns=2),
        Month(dt.date(2024, 3, 1), True, 1, 0, 0, 1, 1, claims=1, burns=0),
    )
    assert found[2][2] == Month(dt.date(2024, 3, 1), True, 0, 0, 0, 1, 0, claims=0, burns=0)
    assert {(one.customers, one.claims) for one in found[0]} == {(0, 0)}


def test_with_both_tables_orders_make_active_and_months_begin_with_the_first_event(shops: Any) -> None:
    tables = shops(
        lines=shops.orders([(1, "a", "2024-02-05", 5.0)]),
        coupons=shops.coupons([(1, "2024-01-01", "2024-02-05"), (2, "2024-02-02", None)]),
        first_day="2024-01-01",
        as_of="2024-02-29",
    )
    rows = [(one.customers, one.new, one.orders, one.claims, one.burns) for one in months_of(tables)[None]]
    assert rows == [(0, 0, 0, 1, 0), (1, 1, 1, 1, 1)]
