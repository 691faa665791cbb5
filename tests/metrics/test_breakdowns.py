"""Sales by category, city and branch against pandas, and small shops by hand."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from coterie.metrics.breakdowns import breakdowns
from coterie.metrics.contract import Breakdown, Share
from coterie.tables.contract import MONEY, Tables


def broken_down(tables: Tables, assigned: Any = None) -> dict[int | None, tuple[Breakdown, ...]]:
    return dict(breakdowns(tables, tables.orders, assigned))


def by_pandas(sales: pd.DataFrame, value: pd.Series, people: set[int]) -> dict[str, tuple[float, int, int, float]]:
    """Value -> sales, orders, customers, share; the 50 with most sales of all customers, the rest together."""
    value = value.astype(object).where(value.notna(), "Unknown").astype(str)
    ranked = sales.money.groupby(value).sum().rename_axis("value").reset_index()
    named = ranked.sort_values(["money", "value"], ascending=[False, True]).value.head(50)
    own = sales.assign(value=value.where(value.isin(named), "other"))[sales.customer_id.isin(people)]
    order = own.customer_id.astype(str) + " " + own.order_id
    parts = own.assign(order=order).groupby("value").agg(
        sales=("money", "sum"), orders=("order", "nunique"), customers=("customer_id", "nunique")
    )  # fmt: skip
    total = own.money.sum() / MONEY
    return {
        str(one.Index): (one.sales / MONEY, one.orders, one.customers, one.sales / MONEY / total)
        for one in parts.itertuples()
    }


def test_every_segment_is_as_in_pandas(sample_shop: Any) -> None:
    found = broken_down(sample_shop.tables, sample_shop.assigned)
    sales = sample_shop.lines[sample_shop.lines.kind == "sale"]
    city = sales.customer_id.map(sample_shop.customers.set_index("customer_id").city)
    columns = {"category": sales.category, "city": city, "branch": sales.branch_id.astype(str)}
    assert columns["branch"].nunique() > 50  # so that there is a rest
    compared = 0
    for key, people in sample_shop.groups():
        if not sales.customer_id.isin(people).any():
            assert key not in found
            continue
        assert [one.dimension for one in found[key]] == list(columns)
        for one in found[key]:
            expected = by_pandas(sales, columns[one.dimension], people)
            assert {r.value: (r.sales, r.orders, r.customers, r.share) for r in one.rows} == expected, (key, one.label)
            named = [row.sales for row in one.rows if row.value != "other"]
            assert named == sorted(named, reverse=True)
            compared += len(expected)
    assert compared > 200


def test_index_is_the_share_over_that_of_all(sample_shop: Any) -> None:
    found = broken_down(sample_shop.tables, sample_shop.assigned)
    for at, everyone in enumerate(found[None]):
        shares = {row.value: row.share for row in everyone.rows}
        assert {row.index for row in everyone.rows} == {1.0}
        assert sum(shares.values()) == pytest.approx(1)
        for number in (1, 2, 3):
            for row in found[number][at].rows:
                assert row.index == pytest.approx(row.share / shares[row.value])


def test_by_hand(shops: Any) -> None:
    rows = [
        (1, "a", "2024-01-05", 30.0),  # one order in two categories counts in each
        (1, "a", "2024-01-05", 10.0),
        (1, "b", "2024-01-06", 20.0),
        (2, "c", "2024-01-06", 40.0),
        (2, "Cc", "2024-01-08", -40.0),  # what comes back is no sale, nor does its category appear
        (2, "d", "2024-01-08", 0.0),
    ]
    categories = ["tea", "O'Brien\\x", "tea", None, "Returned", "Free"]
    lines = shops.orders(rows, category=categories, branch_id=[3, 3, 4, 4, 4, 4])
    customers = pd.DataFrame({"customer_id": [1], "city": ["Ulm"]})  # of customer 2 no city is known
    names = {"branch": {"3": "Main street"}, "merchant": {}}
    tables = shops(lines=lines, customers=customers, names=names, first_day="2024-01-05", as_of="2024-01-08")
    found = broken_down(tables, shops.assigned({1: 1, 2: 2}))
    assert found[None] == (
        Breakdown(
            "category",
            "Category",
            (
                Share("tea", 50.0, 2, 1, 0.5, 1.0),
                Share("Unknown", 40.0, 1, 1, 0.4, 1.0),
                Share("O'Brien\\x", 10.0, 1, 1, 0.1, 1.0),
            ),
        ),
        Breakdown("city", "City", (Share("Ulm", 60.0, 2, 1, 0.6, 1.0), Share("Unknown", 40.0, 1, 1, 0.4, 1.0))),
        Breakdown("branch", "Branch", (Share("4", 60.0, 2, 2, 0.6, 1.0), Share("Main street", 40.0, 1, 1, 0.4, 1.0))),
    )
    assert found[2][0].rows == (Share("Unknown", 40.0, 1, 1, 1.0, 2.5),)
    assert found[2][2].rows == (Share("4", 40.0, 1, 1, 1.0, pytest.approx(1 / 0.6)),)


def test_the_rest_is_one_row_at_the_end_in_which_an_order_counts_once(shops: Any) -> None:
    # 52 categories in one order of growing amounts, so that the two smallest are the rest; named with quotes.
    lines = shops.orders(
        [(1, "a", "2024-01-05", float(at)) for at in range(1, 53)] + [(2, "b", "2024-01-05", 1000.0)],
        category=[f"it's \\{at}" for at in range(1, 53)] + ["it's \\52"],
    )
    found = broken_down(shops(lines=lines, first_day="2024-01-05", as_of="2024-01-05"))
    (one,) = found[None]
    assert len(one.rows) == 51
    assert one.rows[0].value == "it's \\52"
    assert (one.rows[-1].value, one.rows[-1].sales, one.rows[-1].orders, one.rows[-1].customers) == ("other", 3.0, 1, 1)
    assert sum(row.sales for row in one.rows) == sum(range(1, 53)) + 1000


def test_equal_sales_are_in_order_of_the_alphabet(shops: Any) -> None:
    lines = shops.orders([(1, name, "2024-01-05", 5.0) for name in "cab"], category=list("cab"))
    (one,) = broken_down(shops(lines=lines, first_day="2024-01-05", as_of="2024-01-05"))[None]
    assert [row.value for row in one.rows] == ["a", "b", "c"]


def test_what_says_nothing_is_left_out(shops: Any) -> None:
    rows = [(1, "a", "2024-01-05", 5.0), (2, "b", "2024-01-05", 5.0)]
    days = {"first_day": "2024-01-05", "as_of": "2024-01-05"}
    two, one, nothing = ["x", "y"], ["x", "x"], [None, None]
    lines = shops.orders(rows, category=two)
    assert [found.dimension for found in broken_down(shops(lines=lines, **days))[None]] == ["category"]
    told = {"category": "Nearly every line has a category of its own."}
    assert broken_down(shops(lines=lines, degenerate=told, **days))[None] == ()
    for category in (one, nothing):
        assert broken_down(shops(lines=shops.orders(rows, category=category), **days))[None] == ()


def test_sales_of_nothing_have_no_share(shops: Any) -> None:
    lines = shops.orders([(1, "a", "2024-01-05", 0.0), (2, "b", "2024-01-05", 0.0)], category=["x", "y"])
    lines["kind"] = "sale"
    found = broken_down(shops(lines=lines, first_day="2024-01-05", as_of="2024-01-05"), shops.assigned({1: 1, 2: 2}))
    assert found[1][0].rows == (Share("x", 0.0, 1, 1, 0.0, None),)
