"""Treatment and standardising against numpy, and what is left out."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

import coterie as ct
from coterie.clustering import learn_scaling, standardise
from coterie.features import describe


@pytest.fixture(scope="module")
def tables():
    """Six customers with coupons and one without; cities a, a, b, b, c and none; spend is unknown for one."""
    held = {1: 1, 2: 2, 3: 2, 4: 4, 5: 6, 6: 3}
    coupons = [
        {"customer_id": who, "transaction_date": dt.date(2024, 1, 1 + number), "transaction_status": "claimed"}
        for who, count in held.items()
        for number in range(count)
    ]
    people = pd.DataFrame(
        {
            "customer_id": range(1, 8),
            "city": ["a", "a", "b", "b", "c", None, "a"],
            "gender": ["f", "m", "f", "m", "f", "m", "m"],
            "spend": [10.0, 20.0, 30.0, 40.0, None, 60.0, 1e6],
            "same": [5.0] * 7,
        }
    )
    return ct.read({"customers": people, "transactions": pd.DataFrame(coupons)})


def scaled(tables, *names, include_inactive=False):
    described = describe(tables, features=names, include_inactive=include_inactive)
    scaling = learn_scaling(tables.engine, described, include_inactive=include_inactive)
    values = standardise(described.table, scaling.coordinates, described.learned)
    columns = {f"z{place}": value for place, value in enumerate(values)}
    rows = tables.engine.collect(described.table.select("row", **columns).order_by("row"))
    return scaling, np.column_stack([rows[name].to_pylist() for name in columns])


def test_plain_and_log_features(tables):
    scaling, z = scaled(tables, "transaction_count", "recency")
    counts = np.array([1, 2, 2, 4, 6, 3], dtype=float)
    recency = np.log1p(6 - counts)
    for place, values in enumerate((counts, recency)):
        np.testing.assert_allclose(z[:6, place], (values - values.mean()) / values.std(), rtol=1e-7)
    assert [axis.activity for axis in scaling.coordinates] == [1, -1]


def test_unknown_value_becomes_the_median_and_is_told(tables):
    scaling, z = scaled(tables, "spend", "transaction_count")
    spend = np.array([10, 20, 30, 40, 30, 60], dtype=float)
    np.testing.assert_allclose(z[:6, 0], (spend - spend.mean()) / spend.std(), rtol=1e-7)
    assert scaling.notes == ("Spend is unknown for 1 customer: the median stands in.",)


def test_one_hot_has_a_column_per_value_and_one_for_two_values(tables):
    scaling, z = scaled(tables, "city", "gender")
    assert [(axis.feature, axis.level) for axis in scaling.coordinates] == [
        ("city", "a"),
        ("city", "b"),
        ("city", "c"),
        ("gender", "m"),
    ]
    is_a = np.array([1, 1, 0, 0, 0, 0], dtype=float)
    np.testing.assert_allclose(z[:6, 0], (is_a - is_a.mean()) / is_a.std(), rtol=1e-7)


def test_codes_are_alphabetical_ranks(tables):
    _, z = scaled(tables, "city_code", "transaction_count")
    codes = np.array([0, 0, 1, 1, 2, 1], dtype=float)  # the unknown city takes the middle code
    np.testing.assert_allclose(z[:6, 0], (codes - codes.mean()) / codes.std(), rtol=1e-7)


def test_constant_feature_is_left_out_and_told(tables):
    scaling, _ = scaled(tables, "same", "transaction_count")
    assert [axis.feature for axis in scaling.coordinates] == ["transaction_count"]
    assert scaling.notes == ("Same is left out: customers do not differ in it.",)


def test_never_active_customers_count_only_when_asked(tables):
    alone, _ = scaled(tables, "transaction_count", "spend")
    together, _ = scaled(tables, "transaction_count", "spend", include_inactive=True)
    assert alone.coordinates[0].mean == 3.0
    assert together.coordinates[0].mean == pytest.approx(18 / 7, rel=1e-8)
