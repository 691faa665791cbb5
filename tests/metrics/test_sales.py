"""Sales, orders and customers against pandas, on the sample shop and online-retail, and small shops by hand."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from coterie.metrics.sales import (
    Sums,
    in_money,
    quotient,
    sales_figures,
    segment_figures,
    sums_by_segment,
)
from coterie.tables import coupons_by_day
from coterie.tables.contract import Tables


def by_pandas(both: Any, people: set[int]) -> Sums:
    """The sums of some customers the plain way: frames, sets and whole numbers."""
    lines = both.lines[both.lines.customer_id.isin(people)]
    sales, returns = lines[lines.kind == "sale"], lines[lines.kind == "return"]
    orders = sales[["customer_id", "order_id"]].drop_duplicates().customer_id.value_counts()
    returned, free = set(returns.customer_id), set(lines.customer_id[lines.kind == "free"])
    buyers = set(orders.index)
    coupons = both.coupons[both.coupons.customer_id.isin(people)] if len(both.coupons) else both.coupons
    return Sums(
        customers=len(people),
        buyers=len(buyers),
        repeaters=int((orders > 1).sum()),
        returns_only=len(returned - buyers),
        free_only=len(free - buyers - returned),
        orders=int(orders.sum()),
        sales=int(sales.money.sum()),
        returns=-int(returns.money.sum()),
        coupons=len(coupons),
        burnt=int((coupons.status == "burnt").sum()) if len(coupons) else 0,
    )


def sums_of(tables: Tables, assigned: Any = None) -> dict[int | None, Sums]:
    orders = tables.orders
    by_day = coupons_by_day(tables, assigned) if tables.has_coupons else None
    return dict(sums_by_segment(tables, orders, assigned, by_day))


@pytest.mark.parametrize("which", ["sample_shop", "online_retail"])
def test_every_segment_and_all_customers_are_as_in_pandas(which: str, request: pytest.FixtureRequest) -> None:
    both = request.getfixturevalue(which)
    expected = {key: by_pandas(both, people) for key, people in both.groups()}
    assert sums_of(both.tables, both.assigned) == expected


def test_the_published_totals_of_online_retail(online_retail: Any) -> None:
    found = sums_of(online_retail.tables)[None]
    assert round(in_money(found.sales), 2) == 8_911_407.90
    assert in_money(found.returns) == 611_342.09
    assert (found.orders, found.buyers, found.returns_only, found.free_only) == (18_532, 4_338, 33, 1)


def test_an_order_with_several_lines_is_one_and_two_on_a_day_are_two(shops: Any) -> None:
    lines = shops.orders(
        [
            (1, "a", "2024-01-05", 10.01),
            (1, "a", "2024-01-05", 0.99),
            (1, "b", "2024-01-05", 4.0),
            (2, "a", "2024-01-06", 5.0),  # another customer's order of the same name
        ]
    )
    found = sums_of(shops(lines=lines, first_day="2024-01-05", as_of="2024-01-06"))[None]
    assert (found.orders, found.buyers, found.repeaters, found.sales) == (3, 2, 1, 200_000)
    assert sales_figures(found) == {
        "sales": 20.0, "returns": 0.0, "revenue": 20.0, "orders": 3, "aov": 20 / 3, "net_aov": 20 / 3,
        "repeat_purchase_rate": 0.5,
    }  # fmt: skip


def test_returns_alone_are_no_order_and_a_customer_with_both_counts_among_returns(shops: Any) -> None:
    lines = shops.orders(
        [
            (1, "a", "2024-01-05", 30.0),
            (1, "Ca", "2024-01-09", -5.0),
            (2, "Cb", "2024-01-09", -2.5),
            (2, "Cc", "2024-01-10", 0.0),
            (3, "d", "2024-01-10", 0.0),
        ]
    )
    found = sums_of(shops(lines=lines, first_day="2024-01-05", as_of="2024-01-10"), shops.assigned({1: 1, 2: 0, 3: 0}))
    assert found[None] == Sums(3, 1, 0, 1, 1, 1, 300_000, 75_000)
    assert found[0] == Sums(2, 0, 0, 1, 1, 0, 0, 25_000)
    assert sales_figures(found[0]) == {
        "sales": 0.0, "returns": 2.5, "revenue": -2.5, "orders": 0, "aov": None, "net_aov": None,
        "repeat_purchase_rate": None,
    }  # fmt: skip
    assert segment_figures(found[0], found[None]) == {
        "buyers": 0, "sales_share": 0.0, "sales_index": None, "return_rate": None,
    }  # fmt: skip


def test_an_order_whose_total_is_nothing_is_an_order(shops: Any) -> None:
    lines = shops.orders([(1, "a", "2024-01-05", 0.0)]).assign(kind="sale")
    tables = shops(lines=lines, first_day="2024-01-05", as_of="2024-01-05")
    found = sums_of(tables, shops.assigned({1: 1}))
    assert (found[None].orders, found[None].buyers, sales_figures(found[None])["aov"]) == (1, 1, 0.0)
    assert segment_figures(found[1], found[None])["sales_share"] is None  # there are no sales to share


def test_share_and_index_by_hand(shops: Any) -> None:
    lines = shops.orders([(1, "a", "2024-01-05", 60.0), (2, "b", "2024-01-05", 30.0), (3, "c", "2024-01-06", 30.0)])
    tables = shops(lines=lines, first_day="2024-01-05", as_of="2024-01-06")
    found = sums_of(tables, shops.assigned({1: 1, 2: 2, 3: 2, 4: 0}))
    # Half of the sales by a third of the buyers.
    assert segment_figures(found[1], found[None]) == {
        "buyers": 1, "sales_share": 0.5, "sales_index": pytest.approx(1.5), "return_rate": 0.0,
    }  # fmt: skip
    assert segment_figures(found[2], found[None])["sales_index"] == pytest.approx(0.75)
    assert found[0] == Sums(customers=1)


def test_who_is_in_no_segment_counts_among_all(shops: Any) -> None:
    lines = shops.orders([(1, "a", "2024-01-05", 60.0), (9, "b", "2024-01-05", 30.0)])
    tables = shops(lines=lines, first_day="2024-01-05", as_of="2024-01-06")
    found = sums_of(tables, shops.assigned({1: 1}))
    assert (found[1].sales, found[None].sales, found[None].orders) == (600_000, 900_000, 2)


def test_sums_beyond_what_a_float_holds_stay_exact(shops: Any) -> None:
    frame = shops.orders([(1, "a", "2024-01-05", 1.0), (1, "b", "2024-01-05", 1.0), (1, "c", "2024-01-05", 1.0)])
    frame["money"] = [2**60, 1, 1]
    tables = shops(lines=frame, first_day="2024-01-05", as_of="2024-01-05")
    assert sums_of(tables)[None].sales == 2**60 + 2


def test_coupons_alone(shops: Any) -> None:
    coupons = shops.coupons([(1, "2024-01-05", "2024-01-07"), (1, "2024-01-06", None), (2, "2024-01-06", None)])
    tables = shops(coupons=coupons, first_day="2024-01-05", as_of="2024-01-07")
    found = sums_of(tables, shops.assigned({1: 1, 2: -1, 3: 0}))
    assert found == {
        None: Sums(customers=3, coupons=3, burnt=1),
        1: Sums(customers=1, coupons=2, burnt=1),
        -1: Sums(customers=1, coupons=1),
        0: Sums(customers=1),
    }


def test_the_day_of_an_order_is_that_of_its_first_sale(shops: Any) -> None:
    lines = shops.orders([(1, "a", "2024-01-05", -1.0), (1, "a", "2024-01-07", 2.0), (1, "a", "2024-01-06", 3.0)])
    tables = shops(lines=lines, first_day="2024-01-05", as_of="2024-01-07")
    rows = tables.engine.collect(tables.orders.select("customer_id", "ordered_on", "sales")).to_pylist()
    assert rows == [{"customer_id": 1, "ordered_on": pd.Timestamp("2024-01-06").date(), "sales": 50_000}]


def test_nothing_is_divided_by_nothing() -> None:
    assert (quotient(1.0, 0), quotient(None, 2), quotient(1.0, None), quotient(0.0, 3)) == (None, None, None, 0.0)
