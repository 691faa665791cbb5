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
        assert told.why == "Coupons have no category in these data."
        return
    whole = {str(value): group for value, group in rows.groupby(dimension)}
    assert len(told.rows) + told.others == len(whole)
    assert len(told.rows) == min(len(whole), 50) or dimension == "month"
    for one in told.rows:
        assert one.amount == pytest.approx(_by_hand(measure, whole[one.value]))
        assert one.events == len(whole[one.value])
    assert told.whole == pytest.approx(_by_hand(measure, rows))
    kept = [one.events if measure in ("burn_rate", "aov") else one.amount for one in told.rows]
    assert kept == sorted(kept, reverse=True) or dimension == "month"


def _months(rows):
    """First days of all months from the first to the last with a row."""
    return [str(day.date()) for day in pd.date_range(rows.month.min(), rows.month.max(), freq="MS")]


@pytest.mark.parametrize("filters", [Filters(), CUT], ids=["all", "some days"])
@pytest.mark.parametrize("measure", ["customers", "coupons", "burnt", "burn_rate", "orders", "sales", "aov"])
@pytest.mark.parametrize("dimension", ["segment", "city", "branch"])
def test_over_time_as_grouped_by_hand(shop, frames, measure, dimension, filters):
    rows = frames[0] if measure in ("coupons", "burnt", "burn_rate") else frames[1]
    told = shop.told(filters, measure, dimension, over_time=True, customers=True)
    if filters.since:
        rows = rows[(rows.day >= pd.Timestamp(filters.since)) & (rows.day <= pd.Timestamp(filters.until))]
    rows = rows.assign(value=rows[dimension].astype(str))
    counts = rows.value.value_counts()
    most = sorted(counts.index, key=lambda one: (-counts[one], one))[:6]
    assert [line.value for line in told.lines] == (sorted(most) if dimension == "segment" else most)
    drawn = rows[rows.value.isin(most)]
    for line in told.lines:
        assert [one.value for one in line.months] == _months(drawn)
        own = drawn[drawn.value == line.value]
        for one in line.months:
            events = own[own.month == one.value]
            ratio = measure in ("burn_rate", "aov")
            wanted = None if ratio and not len(events) else _by_hand(measure, events) if len(events) else 0
            assert one.amount == pytest.approx(wanted)
            assert (one.events, one.customers) == (len(events), events.customer_id.nunique())
    whole = {str(value): group for value, group in rows.groupby("value")}
    assert [one.customers for one in told.rows] == [whole[one.value].customer_id.nunique() for one in told.rows]
    without = shop.told(filters, measure, dimension)
    assert without.lines == ()
    assert [(one.value, one.amount, one.customers) for one in without.rows] == [
        (one.value, one.amount, None) for one in told.rows
    ]


@pytest.mark.parametrize("dimension", ["segment", "city", "branch", "merchant"])
def test_lines_of_each_kind_of_shop_and_of_empty_cells(opened, dimension):
    filters = Filters(segments=(1, 2), since=dt.date(2023, 2, 5))
    coupons, lines = opened.events(filters)
    rows = coupons if lines is None else lines[lines.kind == "sale"]
    # An order belongs to the day of its first line.
    day = coupons.claimed_on if lines is None else rows.groupby(["customer_id", "order_id"]).ordered_on.transform("min")
    measure = "coupons" if lines is None else "sales"
    column = {"branch": "branch_id", "merchant": "merchant_id"}.get(dimension, dimension)
    told = opened.shop.told(filters, measure, dimension, over_time=True)
    rows = rows.assign(
        value=rows[column].astype("string").fillna(""),
        month=pd.to_datetime(day).dt.to_period("M").dt.start_time.dt.date.astype(str),
        money=1.0 if lines is None else rows.money / 10_000,
    )
    counts = rows.value.value_counts()
    most = sorted(counts.index, key=lambda one: (-counts[one], one))[:6]
    assert [line.value for line in told.lines] == (sorted(most) if dimension == "segment" else most)
    sums = rows.groupby(["value", "month"]).money.sum()
    for line in told.lines:
        wanted = [sums.get((line.value, month), 0.0) for month in _months(rows[rows.value.isin(most)])]
        assert [one.amount for one in line.months] == pytest.approx(wanted)
    labels = {line.value: line.label for line in told.lines}
    assert labels.get("", f"no {dimension}") == f"no {dimension}"
    if dimension == "segment":
        assert set(labels) == {"1", "2"}
        assert labels == {one.value: one.label for one in told.rows}


def test_months_have_no_lines(shop):
    told = shop.told(Filters(), "sales", "month", over_time=True, customers=True)
    assert told.lines == ()
    assert all(one.customers and one.customers <= 300 for one in told.rows)


@pytest.fixture(scope="module")
def of_many():
    """80 branches: the more order lines, the less is sold and the less often a coupon is burnt."""
    lines = [(at, 100 + at, f"{at}-{n}", 100.0 * (80 - at) / (at + 1)) for at in range(80) for n in range(at + 1)]
    coupons = [(at, 100 + at, "burnt" if n < 2 else "claimed") for at in range(80) for n in range(2 + at)]
    orders = pd.DataFrame(lines, columns=["customer_id", "branch_id", "order_id", "amount"])
    claims = pd.DataFrame(coupons, columns=["customer_id", "branch_id", "transaction_status"])
    frames = {
        "orders": orders.assign(order_date=pd.Timestamp("2024-02-03")),
        "transactions": claims.assign(transaction_date=pd.Timestamp("2024-02-03")),
    }
    shop = opened_by_id(frames)
    yield shop, orders
    shop.close()


def opened_by_id(frames):
    tables = ct.read(frames)
    rows = tables.coupons if tables.has_coupons else tables.lines
    people = rows.select("customer_id").distinct()
    return open_shop(tables, people.mutate(segment=people.customer_id % 3, margin=0.5))


def test_the_largest_are_told_of_many(of_many):
    shop, orders = of_many
    sales = shop.told(Filters(), "sales", "branch")
    largest = orders.groupby("branch_id").amount.sum().nlargest(50)
    assert [one.value for one in sales.rows] == [str(branch) for branch in largest.index]
    assert [one.amount for one in sales.rows] == pytest.approx(list(largest), abs=0.01)
    assert sales.others == 30
    # All have as many burnt coupons, so that they stand in the order of their values.
    burnt = shop.told(Filters(), "burnt", "branch")
    assert [(one.value, one.amount) for one in burnt.rows] == [(str(100 + at), 2.0) for at in range(50)]


@pytest.mark.parametrize(("measure", "events"), [("aov", 1), ("burn_rate", 2)])
def test_ratios_are_told_of_the_values_with_most_events(of_many, measure, events):
    told = of_many[0].told(Filters(), measure, "branch")
    assert [(one.value, one.events) for one in told.rows] == [(str(100 + at), at + events) for at in range(79, 29, -1)]


def test_a_table_that_does_not_have_what_is_asked_for_is_named(of_many):
    shop, lacks = of_many[0], "Coupons have no category in these data."
    for measure in ("coupons", "burnt", "burn_rate"):
        assert shop.told(Filters(), measure, "category").why == lacks
        assert shop.told(Filters(branches=("101",)), measure, "category").why == lacks
    assert shop.told(Filters(), "sales", "category").why == "Orders have no category in these data."
    # No table has merchants.
    assert shop.told(Filters(merchants=("1",)), "coupons", "month").why == "Coupons have no merchant in these data."
    assert shop.told(Filters(branches=("nowhere",)), "coupons", "month").why == (
        "There are no coupons in what is looked at."
    )


def test_a_filter_that_coupons_do_not_know(shop):
    books = Filters(categories=("Books",))
    assert shop.figures(books).coupons is None
    told = shop.told(books, "coupons", "segment")
    assert (told.rows, told.whole, told.why) == ((), None, "Coupons have no category in these data.")
    assert shop.told(books, "sales", "segment").why == ""


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
