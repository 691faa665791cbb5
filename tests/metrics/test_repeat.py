"""Windowed repeat purchase by hand and by pandas."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from coterie.engines import open_engine
from coterie.metrics import WindowedRepeat
from coterie.metrics.repeat import repeat_within
from coterie.tables.sample.shop import make_shop

SCHEMA = pa.schema([("customer_id", pa.int64()), ("order_id", pa.int64()), ("ordered_on", pa.date32())])


@pytest.fixture(scope="module")
def engine():
    return open_engine()


def orders_in(engine, rows):
    customers, days = zip(*rows, strict=True) if rows else ((), ())
    columns = [pa.array(customers, pa.int64()), pa.array(range(len(rows)), pa.int64()), pa.array(days, pa.date32())]
    return engine.load([pa.record_batch(columns, schema=SCHEMA)], SCHEMA)


def day(text):
    return dt.date.fromisoformat(text)


def test_windows_by_hand(engine):
    orders = orders_in(
        engine,
        [
            (1, day("2024-01-01")),
            (1, day("2024-01-31")),  # day 30 is in the window of 30 days
            (2, day("2024-01-01")),
            (2, day("2024-02-01")),  # day 31 is not
            (3, day("2024-01-05")),
            (3, day("2024-01-05")),  # two orders on one day are two orders
            (4, day("2024-03-01")),  # 30 days observed, to the end of as-of
            (5, day("2024-03-02")),  # 29 days: too few, though there is a second order
            (5, day("2024-03-03")),
            (6, day("2024-01-01")),
            (6, day("2024-04-01")),  # after as-of
        ],
    )
    assert repeat_within(engine, orders, day("2024-03-31"), (30, 60, 365)) == (
        WindowedRepeat(30, 5, 2, 2 / 5),
        WindowedRepeat(60, 4, 3, 3 / 4),
        WindowedRepeat(365, 0, 0, None),
    )


def test_without_orders_there_is_no_rate(engine):
    assert repeat_within(engine, orders_in(engine, []), day("2024-03-31"), (30,)) == (WindowedRepeat(30, 0, 0, None),)


def test_one_customer_with_one_order(engine):
    found = repeat_within(engine, orders_in(engine, [(1, day("2024-01-01"))]), day("2024-01-31"))
    assert [(one.days, one.customers, one.rate) for one in found] == [
        (30, 1, 0.0),
        (90, 0, None),
        (180, 0, None),
        (365, 0, None),
    ]


def test_the_sample_shop_agrees_with_pandas(engine):
    table = make_shop(customers=400, seed=3, orders=True).tables["orders"]
    frame = table.to_pandas().assign(day=lambda t: pd.to_datetime(t.order_date))
    as_of = frame.day.max()
    found = repeat_within(engine, orders_in(engine, list(zip(frame.customer_id, frame.order_date, strict=True))), as_of)
    days = frame.sort_values("day").groupby("customer_id").day
    first = days.first()
    second = days.apply(lambda own: own.iloc[1] if len(own) > 1 else pd.NaT)
    for one in found:
        observed = first + np.timedelta64(one.days, "D") <= as_of
        again = observed & ((second - first).dt.days <= one.days)
        assert (one.customers, one.repeaters) == (observed.sum(), again.sum())
        assert one.rate == again.sum() / observed.sum()
    assert found[0].repeaters < found[-1].repeaters
