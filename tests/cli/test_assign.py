"""What `coterie assign` says of data that go on after the model's day."""

from __future__ import annotations

import csv
import datetime as dt
import json

import pytest
from typer.testing import CliRunner

import coterie as ct
from coterie.cli import app


@pytest.fixture(scope="module")
def grown(tmp_path_factory):
    """A run on orders of 2024, and the same shop with nine orders of 2025, four of them by new customers."""
    folder = tmp_path_factory.mktemp("grown")
    days = [dt.date(2024, 1, 1) + dt.timedelta(days=(7 * number) % 366) for number in range(300)]
    rows = [(f"o{at}", at % 40, day, 10 + at % 7) for at, day in enumerate(days)]
    rows += [(f"p{at}", 35 + at if at < 7 else 100 + at, dt.date(2025, 2, 1), 12) for at in range(9)]
    for name, kept in (("early", rows[:300]), ("later", rows)):
        with (folder / f"{name}.csv").open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["order_id", "customer_id", "order_date", "amount"])
            writer.writerows(kept)
    ct.segment(folder / "early.csv", k=2, evidence=False).save(folder / "run", report=False)
    return folder


def assign(folder, *more):
    command = ["assign", str(folder / "run"), str(folder / "later.csv"), "-o", str(folder / "list.csv"), *more]
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 0, result.output
    return result


def test_rows_of_later_days_are_told(grown):
    said = assign(grown).stderr
    assert "40 customers placed as of 31 Dec 2024." in said
    assert "Rows of later days were left out: 9 of orders. To count them, name the last day with --as-of." in said
    found = json.loads(assign(grown, "--json").stdout)
    assert (found["customers"], found["as_of"], found["later"]) == (40, "2024-12-31", {"orders": 9})


def test_with_a_day_of_its_own_nothing_is_left_out(grown):
    result = assign(grown, "--as-of", "2025-02-01")
    # Of the nine, customers 35 to 39 were there before; 40, 41, 107 and 108 are new.
    assert "44 customers placed as of 1 Feb 2025." in result.stderr
    assert "left out" not in result.stderr


def test_a_table_is_refused_for_files_before_any_work(grown):
    command = ["segment", str(grown / "early.csv"), "-o", str(grown / "other"), "--write-to", "crm.list"]
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 2
    assert result.stderr.strip() == (
        "The customer list cannot be written to table crm.list: the data are files. Leave --write-to out; the list "
        "stands in the run folder."
    )
    assert not (grown / "other").exists()
