"""Periods by the calendar module of pandas; in Python and in the engine they are the same."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.engines import open_engine
from coterie.metrics.periods import complete_until, index_of, period_index, period_start, start_of

PANDAS = {"week": "W-SUN", "month": "M", "quarter": "Q"}
DAYS = st.dates(dt.date(1899, 1, 1), dt.date(2110, 12, 31))


@pytest.fixture(scope="module")
def engine():
    return open_engine()


@pytest.mark.parametrize("period", PANDAS)
@given(day=DAYS, other=DAYS)
def test_periods_are_those_of_pandas(period, day, other):
    first, second = (pd.Period(pd.Timestamp(value), PANDAS[period]) for value in (day, other))
    assert period_start(period_index(day, period), period) == first.start_time.date()
    assert period_index(other, period) - period_index(day, period) == (second - first).n
    assert period_start(period_index(day, period) + 1, period) == (first + 1).start_time.date()
    # Complete when its last day is over.
    is_complete = first.end_time.date() <= other
    assert (period_index(day, period) <= complete_until(other, period)) == is_complete


@pytest.mark.parametrize("period", PANDAS)
@settings(max_examples=10)
@given(days=st.lists(DAYS, min_size=1, max_size=200))
def test_the_engine_agrees(engine, period, days):
    schema = pa.schema([("place", pa.int64()), ("day", pa.date32())])
    columns = [pa.array(range(len(days) + 1)), pa.array([*days, None], pa.date32())]
    rows = engine.load([pa.record_batch(columns, schema=schema)], schema)
    rows = rows.select("place", number=index_of(rows.day, period), start=start_of(rows.day, period))
    found = engine.collect(rows.order_by("place"))
    numbers = [period_index(day, period) for day in days]
    assert found["number"].to_pylist() == [*numbers, None]
    assert found["start"].to_pylist() == [*(period_start(number, period) for number in numbers), None]


@pytest.mark.parametrize(
    ("day", "week"),
    [
        ("2024-12-29", "2024-12-23"),
        ("2024-12-30", "2024-12-30"),
        ("2025-01-01", "2024-12-30"),
        ("2025-01-05", "2024-12-30"),
        ("2025-01-06", "2025-01-06"),
        ("2021-01-01", "2020-12-28"),
        ("2021-01-03", "2020-12-28"),
        ("1970-01-01", "1969-12-29"),
    ],
)
def test_the_week_of_new_year_is_one_week(day, week):
    assert period_start(period_index(dt.date.fromisoformat(day), "week"), "week") == dt.date.fromisoformat(week)
