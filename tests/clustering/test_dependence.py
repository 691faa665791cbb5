"""Exact linear dependence, and what is done about it."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pyarrow as pa

import coterie as ct
from coterie.clustering import Dependence, find_dependence
from coterie.engines import open_engine


def dependence(**columns):
    engine = open_engine()
    table = pa.table({name: (values - values.mean()) / values.std() for name, values in columns.items()})
    return find_dependence(engine, engine.load(table.to_batches(), table.schema), list(columns))


def test_sum_of_two_columns_is_found():
    draw = np.random.default_rng(0)
    one, other, third = draw.poisson(5, (3, 400)).astype(float)
    assert dependence(total=one + other, third=third, one=one, other=other) == (Dependence(3, (0, 2)),)


def test_high_correlation_is_no_dependence():
    draw = np.random.default_rng(1)
    one = draw.normal(size=400)
    assert dependence(one=one, near=one + 1e-3 * draw.normal(size=400)) == ()


def shop():
    draw = np.random.default_rng(2)
    customers = np.repeat(np.arange(60), draw.integers(1, 9, 60))
    return pd.DataFrame(
        {
            "customer_id": customers,
            "transaction_date": dt.date(2024, 1, 1),
            "transaction_status": draw.choice(["claimed", "burnt"], len(customers)),
        }
    )


def test_what_was_asked_for_by_name_is_kept_and_told():
    run = ct.segment({"transactions": shop()}, features=["transaction_count", "coupons_claimed", "coupons_burnt"], k=3)
    assert len(run.result.model.coordinates) == 3
    assert run.result.notes[0] == (
        "Burnt coupons follows exactly from Coupons and Open coupons; it is kept, because it was asked for by name, "
        "and counts twice."
    )
