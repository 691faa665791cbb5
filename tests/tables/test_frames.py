from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from coterie.errors import DataError, UsageError
from coterie.settings import ReadSettings
from coterie.tables import read

SRC = Path(__file__).resolve().parents[2] / "src"
COLUMNS = {"Customer ID": [1, 2], "date": [dt.date(2024, 1, 1), dt.date(2024, 1, 2)], "status": ["claimed", "burnt"]}
EXPECTED = [(1, dt.date(2024, 1, 1), "claimed", 1), (2, dt.date(2024, 1, 2), "burnt", 2)]


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame(COLUMNS),
        pd.DataFrame(COLUMNS).set_index("Customer ID"),
        pl.DataFrame(COLUMNS),
        pl.DataFrame(COLUMNS).lazy(),
        pa.table(COLUMNS),
        pa.table(COLUMNS).to_reader(),
    ],
    ids=["pandas", "pandas-index", "polars", "polars-lazy", "arrow", "arrow-stream"],
)
def test_frames_of_every_kind(reading, frame):
    raw = reading.read({"Transactions": frame})
    assert raw.label == "frames"
    assert reading.table(raw).files == ("frame Transactions",)
    assert reading.rows(raw) == EXPECTED


def test_pandas_with_mixed_missing_and_repeated_columns(reading):
    frame = pd.DataFrame(
        [[1, "a", "claimed", 5], ["x", None, "burnt", 6]], columns=["customer", "date", "status", "status"]
    )
    frame.columns = ["customer", "date", "status", "extra"]
    customers = pd.DataFrame([["1", 30, 1.5], ["2", None, None]], columns=["id", "age", "age"])
    raw = reading.read({"transactions": frame, "customers": customers})
    assert reading.rows(raw, "customer_id", "transaction_date") == [("1", "a"), ("x", None)]
    assert reading.rows(raw, "age", "age_2", name="customers") == [(30.0, 1.5), (None, None)]


def test_pandas_categories_and_nullable_integers(reading):
    frame = pd.DataFrame(
        {
            "customer_id": pd.array([1, None], dtype="Int64"),
            "date": pd.to_datetime(["2024-01-01", None]),
            "status": pd.Categorical(["claimed", "burnt"]),
        }
    )
    found = reading.rows(reading.read({"transactions": frame}))
    assert found[0][0] == 1
    assert found[1][:2] == (None, None)
    assert [row[2] for row in found] == ["claimed", "burnt"]


@pytest.mark.parametrize("value", [{"a": 1}, 7, "transactions.csv", None])
def test_what_is_no_frame(reading, value):
    with pytest.raises(UsageError, match="frame transactions is"):
        reading.read({"transactions": value})


def test_frames_of_unknown_tables_are_noted(reading):
    raw = reading.read({"transactions": pa.table(COLUMNS), "weather": pa.table({"a": [1]})})
    assert "weather" in raw.findings[0].message


def test_files_are_read_without_pandas_or_polars(reading):
    reading.put(transactions=reading.TRANSACTIONS + "\n3,2024-01-01,claimed\n", customers="id,age\n1,3\n")
    program = (
        "import sys\n"
        "from coterie.engines import open_engine\n"
        "from coterie.settings import ReadSettings\n"
        "from coterie.tables.raw import read_raw\n"
        "read_raw(sys.argv[1], open_engine(), ReadSettings())\n"
        "print([name for name in ('pandas', 'polars') if name in sys.modules])\n"
    )
    command = [sys.executable, "-c", program, str(reading.folder)]
    done = subprocess.run(
        command, capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": str(SRC)}
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("frames", "settings", "words"),
    [
        (
            {"transactions": {"member": [1], "transaction_date": ["2024-01-01"], "transaction_status": ["claimed"]}},
            {},
            'say so with settings=ReadSettings(columns={"transactions": {"customer_id": "…"}}), or rename the column.',
        ),
        (
            {"transactions": {"customer": [1], "id": [1], "customer_id ": [2], "customer_id": [2]}},
            {},
            'with settings=ReadSettings(columns={"transactions": {"customer_id": "customer_id"}}), or rename',
        ),
        (
            {"transactions": {"customer_id": [1], "transaction_date": ["2024-01-01"], "transaction_status": ["brunt"]}},
            {},
            'with settings=ReadSettings(status={"brunt": "burnt"})',
        ),
        (
            {"transactions": {"customer_id": [1], "transaction_date": ["x"], "transaction_status": ["claimed"]}},
            {},
            "Correct the frame, or say with settings=ReadSettings(...) how to read it.",
        ),
        ({"x": {"a": [1]}, "y": {"a": [1]}}, {}, '{"transactions": frame}'),
        ({}, {}, '{"transactions": frame}'),
        (
            {"transactions": {"a": [1]}},
            {"files": {"cities": "places"}},
            "The settings say that table cities is 'places'",
        ),
        (
            {"transactions": {"a": [1]}},
            {"columns": {"transactions": {"customer_id": "b"}}},
            "The settings say that customer_id of table transactions is called 'b'",
        ),
    ],
)
def test_advice_for_frames_names_no_file(frames, settings, words):
    with pytest.raises(DataError) as error:
        read({name: pa.table(columns) for name, columns in frames.items()}, settings=ReadSettings(**settings))
    assert words in str(error.value)
    assert "toml" not in str(error.value)
    assert "the file" not in str(error.value)


def test_cures_for_frames_name_no_file():
    columns = {
        "customer_id": [1, 2],
        "transaction_date": ["01/02/2024", "03/02/2024"],
        "transaction_status": ["claimed", "zzzz"],
    }
    problems = read({"transactions": pa.table(columns)}).quality.problems
    cures = {problem.rule: problem.cure for problem in problems}
    assert cures["ambiguous_dates"].endswith('"month-first" with settings=ReadSettings(...).')
    assert cures["unknown_status"].endswith('with settings=ReadSettings(status={"zzzz": "claimed"})')
    assert "toml" not in "".join(cures.values())
