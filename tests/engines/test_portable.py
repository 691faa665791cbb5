"""Dates in words that all engines have, beside Python's own strptime."""

from __future__ import annotations

import datetime as dt

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coterie.engines import open_engine
from coterie.engines.portable import parse_dates

FORMATS = ["%Y-%m-%d", "%d-%m-%Y", "%m-%d-%Y", "%d-%m-%y", "%d-%b-%Y", "%b-%d-%Y"]


def python(text, formats):
    for spelt in formats:
        try:
            return dt.datetime.strptime(text, spelt).date()  # noqa: DTZ007
        except ValueError:
            continue
    return None


def parsed(texts, formats):
    engine = open_engine()
    table = pa.table({"n": list(range(len(texts))), "text": pa.array(texts, pa.string())})
    rows = engine.load(table.to_batches(), table.schema)
    found = engine.collect(rows.select("n", day=parse_dates(rows.text, formats)).order_by("n"))["day"].to_pylist()
    engine.close()
    return found


@pytest.mark.parametrize("formats", [*([one] for one in FORMATS), FORMATS])
def test_it_reads_as_python_does(formats):
    texts = [
        "2024-02-29", "2023-02-29", "1900-02-29", "2000-02-29", "2024-13-01", "2024-04-31", "2024-12-31", "31-12-2024",
        "12-31-2024", "01-02-69", "01-02-68", "01-02-70", "5-Jan-2024", "05-JAN-2024", "Feb-30-2024", "dec-1-2024",
        "", "x", "2024-1-5", "0000-01-01", "99-99-9999", "2024-02-291", " 2024-02-01",
    ]  # fmt: skip
    assert parsed([*texts, None], formats) == [python(text, formats) for text in texts] + [None]


@given(
    st.lists(st.dates(min_value=dt.date(1, 1, 1)), min_size=1, max_size=20), st.sampled_from(["%Y-%m-%d", "%d-%m-%Y"])
)
def test_every_day_comes_back(days, spelt):
    texts = [
        spelt.replace("%Y", f"{day.year:04}").replace("%m", f"{day.month:02}").replace("%d", f"{day.day:02}")
        for day in days
    ]
    assert parsed(texts, [spelt]) == days
