"""Several days in one: each copy is what was known at its day, moved to the day of the tables."""

from __future__ import annotations

import datetime as dt

import pytest

import coterie as ct
from coterie.features import describe
from coterie.tables import day_and_customer, known_at, stacked

FEATURES = ("recency", "tenure", "transaction_count", "coupons_burnt", "order_count", "total_spend", "order_trend")


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    return ct.read(ct.sample(tmp_path_factory.mktemp("stacked") / "shop", customers=120, seed=9, orders=True))


def test_each_copy_has_the_features_of_its_day(tables):
    days = [tables.as_of - dt.timedelta(days=back) for back in (400, 31, 0)]
    ids = sorted(tables.engine.collect(describe(tables).table)["customer_id"].to_pylist())
    assert isinstance(ids[0], int)
    together = describe(stacked(tables, days), features=FEATURES).table
    day, member = day_and_customer(together.customer_id)
    found = tables.engine.collect(together.select(*FEATURES, day=day, member=member)).to_pylist()
    there = {(row["day"], row["member"]): [row[name] for name in FEATURES] for row in found}
    wanted = {}
    for place, one in enumerate(days):
        own = describe(known_at(tables, one), features=FEATURES).table
        rows = tables.engine.collect(own.select("customer_id", *FEATURES)).to_pylist()
        wanted |= {(place, row["customer_id"]): [row[name] for name in FEATURES] for row in rows}
    assert there == wanted
    assert len(wanted) > 300


def test_a_later_day_is_refused(tables):
    with pytest.raises(ct.UsageError, match="cannot be told"):
        stacked(tables, [tables.as_of + dt.timedelta(days=1)])
