"""A measure by a dimension is what pandas groups by hand."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

import coterie as ct
from coterie.explore import Filters, open_shop

CUT = Filters(since=dt.date(2023, 1, 1), until=dt.date(2024, 3, 31))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return ct.sample(
        tmp_path_factory.mktemp("told") / "shop", customers=300, seed=4, orders=True, file_format="parquet"
    )


@pytest.fixture(scope="module")
def shop(folder):
    tables = ct.read(folder)
    people = tables.customers
    opened = open_shop(tables, people.select("customer_id", segment=people.customer_id % 3, margin=0.5))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def frames(folder):
    found = {path.stem: pd.read_parquet(path) for path in folder.glob("*.parquet")}
    coupons, lines = found["transactions"], found["orders"]
    coupons["day"] = pd.to_datetime(coupons.transaction_date)
    lines["day"] = pd.to_datetime(lines.order_date)
    customers = found["customers"].merge(found["cities"], left_on="city_id", right_on="city_id")
    city = dict(zip(customers.customer_id, customers.city_name, strict=True))
    lines["category"] = lines.product_category
    for rows in (coupons, lines):
        rows["segment"], rows["city"] = rows.customer_id % 3, rows.customer_id.map(city)
        rows["month"] = rows.day.dt.to_period("M").dt.start_time.dt.date.astype(str)
        rows["branch"] = rows.branch_id.astype("Int64").astype("string").fillna("")
    return coupons, lines


def _by_hand(measure, rows):
    burnt = (rows.transaction_status == "burnt").sum() if "transaction_status" in rows else 0
    if measure == "customers":
        return rows.customer_id.nunique()
    if measure in ("coupons", "burnt"):
        return len(rows) if measure == "coupons" else burnt
    if measure == "burn_rate":
        return burnt / len(rows)
    sales, orders = rows.amount.sum(), rows.order_id.nunique()
    return {"orders": orders, "sales": sales, "aov": sales / orders}[measure]


@pytest.mark.parametrize("filters", [Filters(), CUT], ids=["all", "some days"])
@pytest.mark.parametrize("measure", ["customers", "coupons", "burnt", "burn_rate", "orders", "sales", "aov"])
@pytest.mark.parametrize("dimension", ["segment", "city", "branch", "category", "month"])
def test_as_grouped_by_hand(shop, frames, measure, dimension, filters):
    coupons, lines = frames
    rows = coupons if measure in ("coupons", "burnt", "burn_rate") else lines
    told = shop.told(filters, measure, dimension)
    if filters.since:
        rows = rows[(rows.day >= pd.Timestamp(filters.since)) & (rows.day <= pd.Timestamp(filters.until))]
    if dimension == "category" and "category" not in rows:
        assert told.rows == ()
        assert told.why == "The data do not tell the category of what is looked at."
        return
    whole = {str(value): group for value, group in rows.groupby(dimension)}
    assert len(told.rows) + told.others == len(whole)
    assert len(told.rows) == min(len(whole), 50) or dimension == "month"
    for one in told.rows:
        assert one.amount == pytest.approx(_by_hand(measure, whole[one.value]))
        assert one.events == len(whole[one.value])
    assert told.whole == pytest.approx(_by_hand(measure, rows))
    kept = [one.events for one in told.rows]
    assert kept == sorted(kept, reverse=True) or dimension == "month"


def test_what_is_lacking_is_said(tmp_path):
    tables = ct.read(ct.sample(tmp_path / "shop", customers=50, seed=1))
    people = tables.customers
    shop = open_shop(tables, people.select("customer_id", segment=people.customer_id % 2, margin=0.5))
    told = shop.told(Filters(), "sales", "city")
    assert (told.rows, told.why) == ((), "There are no orders in what is looked at.")
    nobody = shop.told(Filters(cities=("Atlantis",)), "coupons", "segment")
    assert (nobody.rows, nobody.whole) == ((), 0.0)
    assert nobody.why == "There are no coupons in what is looked at."
    shop.close()
