"""Checked tables made from frames, so that features are tested apart from reading."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pandas as pd
import pyarrow as pa
import pytest

from coterie.engines import open_engine
from coterie.tables.contract import MONEY, Attribute, Quality, Tables

ID, TEXT, DAY = pa.int64(), pa.string(), pa.date32()
CUSTOMERS = {"customer_id": ID, "join_date": DAY, "city": TEXT, "gender": TEXT}
COUPONS = {
    "transaction_id": ID,
    "customer_id": ID,
    "claimed_on": DAY,
    "status": TEXT,
    "burnt_on": DAY,
    "expires_on": DAY,
    "coupon_name": TEXT,
    "branch_id": ID,
    "merchant_id": ID,
}
LINES = {
    "customer_id": ID,
    "order_id": TEXT,
    "ordered_on": DAY,
    "kind": TEXT,
    "money": ID,
    "quantity": pa.float64(),
    "category": TEXT,
    "product": TEXT,
    "product_name": TEXT,
    "branch_id": ID,
    "merchant_id": ID,
}


def loaded(engine, frame, columns):
    """A frame, possibly without some of the columns, as a table of the engine."""
    schema = pa.schema(list(columns.items()))
    frame = pd.DataFrame() if frame is None else frame
    rows = [
        pa.array(
            [None if pd.isna(value) else value for value in frame[name]] if name in frame else [None] * len(frame),
            type=kind,
        )
        for name, kind in columns.items()
    ]
    return engine.load([pa.record_batch(rows, schema=schema)], schema)


@pytest.fixture(scope="session")
def make_tables() -> Callable[..., Tables]:
    """Tables of customers, coupons and order lines given as frames; None for a table that is not there.

    Of the lines, `amount` is in the currency's unit; it becomes `money`, and `kind` follows from its sign if not given.
    """

    def made(lines=None, coupons=None, customers=None, *, as_of: dt.date, attributes=(), degenerate=None) -> Tables:
        engine, columns = open_engine(), set()
        if lines is not None:
            kind = lines.amount.map(lambda amount: "sale" if amount > 0 else "return" if amount < 0 else "free")
            lines = lines.assign(
                money=(lines.amount * MONEY).round().astype("int64"), kind=lines.kind if "kind" in lines else kind
            )
            columns |= {"orders"} | ({"orders.product_category"} if "category" in lines else set())
        if coupons is not None:
            columns |= {"transactions", "transactions.burn_date"}
        kinds = {name: (pa.float64() if kind == "number" else TEXT) for name, kind in attributes}
        days = [
            frame[name].dropna()
            for frame, name in ((lines, "ordered_on"), (coupons, "claimed_on"))
            if frame is not None
        ]
        return Tables(
            engine=engine,
            customers=loaded(engine, customers, CUSTOMERS | kinds),
            coupons=loaded(engine, coupons, COUPONS),
            lines=None if lines is None else loaded(engine, lines, LINES),
            names={"branch": {}, "merchant": {}},
            rejects={},
            attributes=tuple(Attribute(name, name, kind) for name, kind in attributes),
            columns=frozenset(columns) | {f"customers.{name}" for name in kinds},
            quality=Quality({}, ()),
            first_day=min(day.min() for day in days if len(day)),
            as_of=as_of,
            label="made",
            fingerprint={},
            degenerate=degenerate or {},
        )

    return made


@pytest.fixture(scope="session")
def rows_of() -> Callable[..., pd.DataFrame]:
    """The described customers as a frame, by customer_id."""

    def rows(tables, described) -> pd.DataFrame:
        columns = tables.engine.collect(described.table).to_pydict()
        return pd.DataFrame(columns).set_index("customer_id")

    return rows
