"""Purchase histories by hand, against pandas and against the published summary; groups that lose nobody."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from coterie.engines import open_engine
from coterie.features import orders_of
from coterie.features.histories import NOWHERE, grouped_histories, grouped_sales, order_history

ORDERS = pa.schema([("customer_id", pa.int64()), ("ordered_on", pa.date32()), ("sales", pa.int64())])
LINES = pa.schema(
    [
        ("customer_id", pa.int64()),
        ("order_id", pa.string()),
        ("ordered_on", pa.date32()),
        ("kind", pa.string()),
        ("money", pa.int64()),
    ]
)
CUT = dt.date(1997, 9, 30)


@pytest.fixture
def engine():
    engine = open_engine()
    yield engine
    engine.close()


def load(engine, frame, schema=ORDERS):
    columns = [pa.array(frame[field.name].tolist(), field.type) for field in schema]
    return engine.load([pa.record_batch(columns, schema=schema)], schema)


def rows(engine, table, key="customer_id"):
    return pd.DataFrame(engine.collect(table.order_by(key)).to_pydict()).set_index(key)


def drawn(customers=400, seed=6):
    draw = np.random.default_rng(seed)
    customer = np.repeat(np.arange(customers), draw.geometric(0.25, customers))
    day = dt.date(2024, 1, 1).toordinal() + draw.integers(0, 300, len(customer))
    sales = draw.integers(0, 900_000, len(customer))
    return pd.DataFrame(
        {"customer_id": customer, "ordered_on": [dt.date.fromordinal(int(d)) for d in day], "sales": sales}
    )


def test_histories_by_hand(engine):
    day = dt.date
    lines = [
        # 1: two orders of the first day are one purchase, and so are two of a later day; a return counts for nothing.
        (1, "a", day(2024, 1, 1), "sale", 100_000),
        (1, "b", day(2024, 1, 1), "sale", 50_000),
        (1, "c", day(2024, 1, 15), "sale", 70_000),
        (1, "d", day(2024, 1, 15), "sale", 10_000),
        (1, "e", day(2024, 2, 1), "return", -70_000),
        (1, "f", day(2024, 1, 29), "sale", 20_000),
        # 2: one order, on the last day known.
        (2, "g", day(2024, 3, 1), "sale", 990_000),
        # 3: the second order is of the day after, and not known.
        (3, "h", day(2024, 2, 23), "sale", 10_000),
        (3, "i", day(2024, 3, 2), "sale", 10_000),
        # 4: an order worth nothing is one. 5 has only a return, 6 only an order not known yet.
        (4, "j", day(2024, 2, 2), "sale", 30_000),
        (4, "k", day(2024, 2, 3), "sale", 0),
        (5, "l", day(2024, 2, 3), "return", -10_000),
        (6, "m", day(2024, 3, 2), "sale", 10_000),
    ]
    table = load(engine, pd.DataFrame(lines, columns=LINES.names), LINES)
    found = rows(engine, order_history(orders_of(table), day(2024, 3, 1)))
    assert found.index.tolist() == [1, 2, 3, 4]
    assert found.x.tolist() == [2, 0, 0, 1]
    assert found.span_days.tolist() == [28, 0, 0, 1]
    assert found.age_days.tolist() == [60, 0, 7, 28]
    assert found.repeat_sales.tolist() == [100_000, 0, 0, 0]
    assert found.t_x.tolist() == pytest.approx([4, 0, 0, 1 / 7])
    assert found.t.tolist() == pytest.approx([60 / 7, 0, 1, 4])
    assert found.mean_value.fillna(-1).tolist() == [5.0, -1, -1, 0.0]


def test_the_published_summary_of_cdnow(engine, reference_data):
    orders = pd.read_csv(reference_data / "cdnow" / "orders.csv", parse_dates=["order_date"])
    orders["ordered_on"] = orders.order_date.dt.date
    orders["sales"] = (orders.amount * 10_000).round().astype(int)
    found = rows(engine, order_history(load(engine, orders), CUT))
    assert len(found) == 2357
    published = pd.read_csv(reference_data / "cdnow" / "summary-39-weeks.csv").set_index("ID")
    assert found.x.tolist() == published.frequency.tolist()
    # Published with two decimals.
    assert found.t_x.to_numpy() == pytest.approx(published.recency.to_numpy(), abs=0.00501)
    assert found.t.to_numpy() == pytest.approx(published["T"].to_numpy(), abs=0.00501)
    values = pd.read_csv(reference_data / "cdnow" / "cdnow_customers_summary_with_transactions.csv").set_index("ID")
    assert found.mean_value.fillna(0).to_numpy() == pytest.approx(values.zbar.to_numpy(), abs=0.00501)


def test_groups_are_the_distinct_histories_with_their_customers(engine):
    people = engine.keep(order_history(load(engine, drawn()), dt.date(2024, 10, 26)))
    people = people.mutate(segment=(people.customer_id % 3).nullif(2))
    frame = rows(engine, people)
    frame["segment"] = frame.segment.fillna(NOWHERE).astype(int)
    expected = frame.groupby(["segment", "x", "span_days", "age_days"]).repeat_sales.agg(["size", "sum"]).reset_index()
    found = grouped_histories(engine, people, by="segment")
    assert found.days_together == 1
    assert found.group.tolist() == expected.segment.tolist()
    assert found.histories.x.tolist() == expected.x.tolist()
    assert found.histories.t_x == pytest.approx(expected.span_days.to_numpy() / 7)
    assert found.histories.t == pytest.approx(expected.age_days.to_numpy() / 7)
    assert found.histories.customers.tolist() == expected["size"].tolist()
    assert found.sales == pytest.approx(expected["sum"].to_numpy() / 10_000)
    assert set(grouped_histories(engine, people).group) == {NOWHERE}


@pytest.mark.parametrize("most", [200, 60, 1])
def test_too_many_histories_are_put_together_and_lose_nothing(engine, most):
    people = engine.keep(order_history(load(engine, drawn()), dt.date(2024, 10, 26)))
    frame = rows(engine, people)
    found = grouped_histories(engine, people, most=most)
    assert found.days_together > 1
    assert len(found.sales) <= most or found.days_together == 224
    data = found.histories
    assert data.customers.sum() == len(frame)
    for own, true in ((data.x, frame.x), (data.t_x, frame.t_x), (data.t, frame.t)):
        assert own @ data.customers == pytest.approx(true.sum())
    assert found.sales.sum() == pytest.approx(frame.repeat_sales.sum() / 10_000)
    assert (data.t_x <= data.t + 1e-12).all()
    sales = grouped_sales(engine, people, most=most)
    worth = frame[frame.repeat_sales > 0]
    assert len(sales.x) < len(worth)
    assert sales.customers.sum() == len(worth)
    assert sales.sales @ sales.customers == pytest.approx(worth.repeat_sales.sum() / 10_000)
    assert sales.x @ sales.customers == worth.x.sum()


def test_nobody_is_no_group(engine):
    people = order_history(load(engine, drawn(1).head(0)), dt.date(2024, 1, 1))
    assert len(grouped_histories(engine, people).sales) == 0
    assert len(grouped_sales(engine, people).x) == 0
