"""Tables as of an earlier day: by hand, and as the arrays of coupons know it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import ibis
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import coterie as ct
from coterie.errors import UsageError
from coterie.features import BURNT, day_number, events_of
from coterie.tables import known_at, read

JUNE = dt.date(2024, 6, 30)


def day(text):
    return pd.Timestamp(text)


@pytest.fixture(scope="module")
def by_hand():
    """What is known of each coupon at the end of June stands beside it."""
    transactions = pd.DataFrame(
        [
            # customer, claimed, status, burnt, expires; then the status known at the end of June
            (1, "2024-05-01", "burnt", "2024-06-30", None, "burnt"),
            (1, "2024-05-02", "burnt", "2024-07-01", None, "claimed"),
            (1, "2024-05-03", "burnt", None, None, "claimed"),  # on a day that is not known
            (2, "2024-06-30", "claimed", None, None, "claimed"),
            (2, "2024-07-01", "claimed", None, None, None),
            (3, "2024-05-04", "expired", None, "2024-06-30", "expired"),
            (3, "2024-05-05", "expired", None, "2024-07-01", "claimed"),
            (3, "2024-05-06", "expired", None, None, "claimed"),
            (4, "2024-07-02", "burnt", "2024-07-09", None, None),
            (9, "2024-06-01", "claimed", None, None, "claimed"),  # in no customers table
        ],
        columns=["customer_id", "transaction_date", "transaction_status", "burn_date", "expiry_date", "known"],
    )
    transactions.insert(0, "transaction_id", range(1, len(transactions) + 1))
    for name in ("transaction_date", "burn_date", "expiry_date"):
        transactions[name] = pd.to_datetime(transactions[name])
    customers = pd.DataFrame(
        [
            (1, "2024-01-01", True),
            (2, "2024-07-05", True),  # had a coupon before joining
            (3, None, True),  # had a coupon
            (4, None, False),
            (5, "2024-06-30", True),
            (6, "2024-07-01", False),
            (7, None, False),
        ],
        columns=["customer_id", "join_date", "known"],
    ).astype({"join_date": "datetime64[ns]"})
    read_from = {
        "transactions": transactions.drop(columns="known"),
        "customers": customers.drop(columns="known").assign(tier="gold"),
    }
    return read(read_from), transactions, customers


def rows_of(tables, name, *order):
    return pd.DataFrame(tables.engine.collect(getattr(tables, name).order_by(order)).to_pylist())


def test_coupons_stand_as_they_were_known(by_hand):
    tables, transactions, _ = by_hand
    known = known_at(tables, JUNE)
    found = rows_of(known, "coupons", "transaction_id")
    expected = transactions[transactions.known.notna()]
    assert found.transaction_id.tolist() == expected.transaction_id.tolist()
    assert found.status.tolist() == expected.known.tolist()
    assert found.burnt_on.dropna().tolist() == [JUNE]
    assert found.columns.tolist() == list(tables.coupons.columns)
    assert (known.as_of, known.first_day, known.columns) == (JUNE, tables.first_day, tables.columns)


def test_customers_are_known_from_joining_or_their_first_event(by_hand):
    tables, _, customers = by_hand
    found = rows_of(known_at(tables, JUNE), "customers", "customer_id")
    assert found.customer_id.tolist() == customers.customer_id[customers.known].tolist()
    assert set(found.tier) == {"gold"}


def test_a_day_on_which_nothing_was_known_is_empty(by_hand):
    known = known_at(by_hand[0], dt.date(2023, 12, 31))
    counts = [
        known.engine.collect(table.aggregate(n=table.count()))["n"][0].as_py()
        for table in (known.coupons, known.customers)
    ]
    assert counts == [0, 0]
    assert known.first_day == known.as_of


def test_at_as_of_the_tables_are_themselves(by_hand):
    """Coupons burnt on an unknown day are burnt by then."""
    assert known_at(by_hand[0], by_hand[0].as_of) is by_hand[0]


def test_later_days_are_refused(by_hand):
    with pytest.raises(
        UsageError, match="at the end of 2024-07-10 cannot be told: the data are known to the end of 2024-07-09"
    ):
        known_at(by_hand[0], dt.date(2024, 7, 10))


def test_order_lines_and_who_is_known_from_them(by_hand):
    tables = by_hand[0]
    rows = [(4, "a", "2024-06-30"), (4, "a", "2024-07-01"), (6, "b", "2024-07-01"), (8, "c", "2024-06-01")]
    customer, order, days = zip(*rows, strict=True)
    table = pa.table(
        {
            "customer_id": pa.array(customer),
            "order_id": pa.array(order),
            "ordered_on": pa.array([dt.date.fromisoformat(text) for text in days]),
        }
    )
    both = replace(tables, lines=tables.engine.load(table.to_batches(), table.schema))
    known = known_at(both, JUNE)
    assert rows_of(known, "lines", "customer_id").customer_id.tolist() == [4, 8]
    assert rows_of(known, "customers", "customer_id").customer_id.tolist() == [1, 2, 3, 4, 5]


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """The sample shop with some coupons expired, and some burnt on an unknown day."""
    folder = ct.sample(tmp_path_factory.mktemp("known") / "shop", customers=300, seed=8, file_format="parquet")
    frames = {path.stem: pd.read_parquet(path) for path in folder.glob("*.parquet")}
    rows = frames["transactions"]
    for name in ("transaction_date", "burn_date"):
        rows[name] = pd.to_datetime(rows[name])
    rows["expiry_date"] = (rows.transaction_date + pd.Timedelta(days=60)).where(rows.index % 5 > 0)
    lapsed = rows.index[(rows.transaction_status == "claimed") & (rows.index % 3 == 0)]
    rows.loc[lapsed, "transaction_status"] = "expired"
    rows.loc[rows.index[(rows.transaction_status == "burnt") & (rows.index % 17 == 0)], "burn_date"] = pd.NaT
    return read(frames)


@pytest.mark.parametrize("reading", ["issuing", "burning"])
@pytest.mark.parametrize("when", ["2022-06-30", "2023-08-15"])
def test_the_arrays_of_coupons_know_the_same(shop, reading, when):
    tables, when = replace(shop, branch_reading=reading), dt.date.fromisoformat(when)
    engine, customers = tables.engine, tables.customers
    people = engine.keep(
        customers.select("customer_id", "join_date", place=ibis.row_number().over(order_by=customers.customer_id)),
        order_by=("place",),
    )
    expected = events_of(tables, people).known_at(day_number(when))
    found = events_of(known_at(tables, when), people)
    assert len(np.unique(found.status)) == 3
    assert (found.branch[found.status != BURNT] < 0).all() == (reading == "burning")
    for name in ("customer", "claimed", "status", "burnt", "expires", "as_of", "placed_by_burn"):
        np.testing.assert_array_equal(getattr(found, name), getattr(expected, name), err_msg=name)
    for name in ("branch", "merchant"):  # numbered in the order met
        pairs = set(zip(getattr(found, name).tolist(), getattr(expected, name).tolist(), strict=True))
        assert len(pairs) == len(set(getattr(found, name))) == len(set(getattr(expected, name)))
        assert {one for one, other in pairs if other < 0} in ({-1}, set())
