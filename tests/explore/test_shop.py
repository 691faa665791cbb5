"""What holds for all answers: threads, memory, data that lack things, other engines, and a list alone."""

from __future__ import annotations

import datetime as dt
import itertools
from concurrent.futures import ThreadPoolExecutor

import pandas as pd
import pytest

import coterie as ct
from coterie.engines import open_engine
from coterie.errors import UsageError
from coterie.explore import Choices, Figures, Filters, open_list, open_shop
from coterie.explore.shop import ANSWERS
from coterie.segmentation import assign


def test_many_threads_get_the_answers_of_one(both):
    asked = [
        *(Filters(segments=(one,)) for one in (0, 1, 2, 3)),
        *(Filters(genders=(one,), since=dt.date(2023, 1, 1)) for one in ("Female", "Male", "Unknown")),
    ]
    questions = [
        both.shop.figures,
        lambda one: both.shop.customers(one, sort="sales", descending=True),
        lambda one: both.shop.metrics(one, ("monthly",), (1, 2)),
        both.shop.segments,
    ]
    jobs = list(itertools.product(questions, asked)) * 3
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda job: job[0](job[1]), jobs))
    both.shop._answers._values.clear()
    assert found == [question(one) for question, one in jobs]


def test_the_same_question_is_not_worked_out_again(both, monkeypatch):
    filters = Filters(genders=("Male",), segments=(2,))
    first = both.shop.figures(filters)
    assert both.shop.figures(Filters(genders=("Male",), segments=(2,))) is first
    for seconds in range(ANSWERS + 16):
        both.shop.customer(f"nobody {seconds}")
    assert both.shop.figures(filters) is not first
    assert both.shop.figures(filters) == first
    assert len(both.shop._answers._values) == ANSWERS


def test_a_question_that_fails_leaves_the_shop_as_it_was(both):
    with pytest.raises(TypeError):
        both.shop.figures(Filters(since="yesterday"))
    assert both.shop.figures(Filters()).customers == len(both.people)


def opened(frames, **reading):
    tables = ct.read(frames, **reading)
    run = ct.segment(frames, k=2, evidence=False)
    return open_shop(tables, assign(run._segmented.result.model, tables))


def test_coupons_alone_and_ids_as_text():
    days = pd.date_range("2024-01-01", periods=60)
    rows = {"customer_id": [f"c{at % 9:02}" for at in range(60)], "transaction_date": days}
    shop = opened({"transactions": pd.DataFrame({**rows, "transaction_status": ["burnt", "claimed", "claimed"] * 20})})
    assert set(shop.choices.values) <= {"segments"}
    assert shop.figures(Filters()) == Figures(9, 9, 9, 60, 20, 1 / 3)
    assert shop.figures(Filters(since=dt.date(2024, 1, 4), until=dt.date(2024, 1, 6))) == Figures(3, 9, 3, 3, 1, 1 / 3)
    assert [row.customer_id for row in shop.customers(Filters(), text="C0").rows] == [f"c{at:02}" for at in range(9)]
    assert shop.customers(Filters()).rows[0].city is None
    assert shop.customer("c00").total == 7
    assert shop.figures(Filters(branches=("1",))) == Figures(0, 9, 0, 0, 0, None)
    assert shop.metrics(Filters(branches=("1",)), ("monthly", "sales"), (1, 2)).monthly[0].claims == 0
    shop.close()


def test_orders_alone(tmp_path):
    ct.sample(tmp_path / "shop", customers=60, orders=True, file_format="parquet")
    rows = pd.read_parquet(tmp_path / "shop" / "orders.parquet")[["customer_id", "order_date", "amount"]]
    shop = opened({"orders": rows})
    # Without numbers of orders, those of a customer on a day are one.
    days = rows.drop_duplicates(["customer_id", "order_date"])
    buyers, sales = rows.customer_id.nunique(), round(rows.amount.sum(), 2)
    found = shop.figures(Filters())
    assert (found.customers, found.active, found.coupons, found.orders, found.sales) == (
        buyers, buyers, None, len(days), sales,
    )  # fmt: skip
    assert set(shop.choices.values) <= {"segments"}
    history = shop.customer(str(rows.customer_id[0]))
    assert {(event.what, event.branch, event.merchant) for event in history.events} == {(None, None, None)}
    assert history.total == (rows.customer_id == rows.customer_id[0]).sum()
    months = shop.metrics(Filters(until=dt.date(2023, 6, 30)), ("monthly", "breakdowns"), (1, 2)).monthly
    assert sum(month.orders for month in months) == (pd.to_datetime(days.order_date) <= "2023-06-30").sum()
    shop.close()


@pytest.fixture
def listed(both, tmp_path):
    path = tmp_path / "assignments.parquet"
    both.people[["customer_id", "segment", "name", "margin"]].to_parquet(path)
    shop = open_list(path)
    yield shop
    shop.close()


def test_a_list_alone_knows_customers_and_segments(both, listed, tmp_path):
    assert not listed.live
    assert both.shop.live
    assert listed.choices == Choices({"segments": both.shop.choices.values["segments"]}, dt.date.min, dt.date.max)
    counts = both.people.groupby("segment").size().to_dict()
    assert dict(listed.segments(Filters())) == counts
    assert dict(listed.segments(Filters(segments=(2,)))) == {2: counts[2]}
    page = listed.customers(Filters(segments=(1, 2)), text="1", sort="margin", descending=True, size=10)
    expected = both.shop.customers(Filters(segments=(1, 2)), text="1", sort="margin", descending=True, size=10)
    assert (page.total, page.pages) == (expected.total, expected.pages)
    assert [(row.customer_id, row.segment, row.margin) for row in page.rows] == [
        (row.customer_id, row.segment, row.margin) for row in expected.rows
    ]
    listed.write(Filters(segments=(1,)), tmp_path / "list.parquet", "parquet")
    written = pd.read_parquet(tmp_path / "list.parquet")
    own = both.people[both.people.segment == 1].sort_values("customer_id")
    assert list(written.columns) == ["customer_id", "segment", "name", "margin"]
    assert list(written.customer_id) == list(own.customer_id)
    history = listed.customer("37")
    assert (history.customer.segment, history.events, history.total) == (expected_segment(both, 37), (), 0)
    assert listed.customer("nobody") is None


def expected_segment(both, customer):
    return int(both.people.set_index("customer_id").segment[customer])


def test_a_list_alone_says_what_it_cannot_tell(listed):
    for question in (
        lambda: listed.figures(Filters()),
        lambda: listed.compared(Filters()),
        lambda: listed.metrics(Filters(), ("sales",), (1,)),
    ):
        with pytest.raises(UsageError, match="Say where the raw tables are, with --data"):
            question()
    with pytest.raises(UsageError, match="cannot be filtered by cities, since: it knows the segments"):
        listed.customers(Filters(cities=("Belmora",), since=dt.date(2024, 1, 1)))


def test_a_list_that_is_none(tmp_path):
    (tmp_path / "x.parquet").write_text("no")
    with pytest.raises(UsageError, match=r"x\.parquet is no Parquet file"):
        open_list(tmp_path / "x.parquet")
    pd.DataFrame({"a": [1]}).to_parquet(tmp_path / "y.parquet")
    with pytest.raises(UsageError, match=r"y\.parquet has no column customer_id, margin, segment"):
        open_list(tmp_path / "y.parquet")


def test_what_was_kept_can_be_dropped():
    engine = open_engine()
    kept = engine.keep(engine.load(*_batch()))
    assert engine.collect(kept.count().as_table()).num_rows == 1
    engine.drop(kept)
    with pytest.raises(Exception, match="does not exist"):
        engine.collect(kept)
    engine.close()


def _batch():
    import pyarrow as pa

    batch = pa.record_batch({"x": [1]})
    return [batch], batch.schema
