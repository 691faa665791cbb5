"""Reading and checking together: planted faults are found by count, and real data are read as they are."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from coterie.tables import Tables, read
from coterie.tables.rules import RULE
from coterie.tables.sample import write_shop

NOT_PLANTED = {"branch_reading", "degenerate_dimension", "unrecognised_file"}


def one(tables: Tables, expression: Any) -> Any:
    return tables.engine.collect(expression).to_pylist()[0]


@pytest.mark.parametrize("file_format", ["csv", "parquet", "xlsx"])
def test_planted_faults_are_found_by_count(tmp_path: Path, file_format: Any) -> None:
    write_shop(tmp_path / "shop", customers=400, seed=3, file_format=file_format, dirt=True)
    planted = json.loads((tmp_path / "shop" / "truth" / "dirt.json").read_text(encoding="utf-8"))["planted"]
    wanted: Counter[tuple[str, str]] = Counter()
    for entry in planted:
        wanted[entry["table"], entry["rule"]] += entry["count"]
    tables = read(tmp_path / "shop")
    found: Counter[tuple[str, str]] = Counter()
    for problem in tables.quality.problems:
        if problem.rule not in NOT_PLANTED:
            found[problem.table, problem.rule] += problem.count
    assert found == wanted
    assert len(wanted) > 20
    aside = {rule for _, rule in wanted if RULE[rule].sets_aside}
    for name, count in tables.quality.tables.items():
        assert dict(count.reasons) == {
            rule: n for (table, rule), n in wanted.items() if table == name and rule in aside
        }
    tables.engine.close()


def test_the_1000_customers(reference_data: Path) -> None:
    tables = read(reference_data / "coupons-1000.xlsx")
    coupons = tables.coupons
    row = one(
        tables,
        coupons.aggregate(
            n=coupons.count(), open=(coupons.status == "claimed").sum(), burnt=(coupons.status == "burnt").sum()
        ),
    )
    assert row == {"n": 5000, "open": 2484, "burnt": 2516}
    assert one(tables, tables.customers.aggregate(n=lambda t: t.count(), c=lambda t: t.city.nunique()))["n"] == 1000
    assert tables.as_of == dt.date(2024, 10, 8)
    assert tables.branch_reading == "issuing"
    assert set(tables.degenerate) == {"coupon_name"}
    assert [p for p in tables.quality.problems if p.severity == "fault"] == []
    assert tables.attributes == ()
    tables.engine.close()


def test_dunnhumby(reference_data: Path) -> None:
    tables = read(reference_data / "dunnhumby")
    coupons = tables.coupons
    row = one(
        tables,
        coupons.aggregate(
            n=coupons.count(), burnt=(coupons.status == "burnt").sum(), no=coupons.branch_id.isnull().sum()
        ),
    )
    assert row == {"n": 7208, "burnt": 889, "no": 8}
    assert set(tables.degenerate) == {"city", "merchant"}
    assert tables.degenerate["city"] == "There is one city only (Unknown), so cities cannot be compared."
    assert tables.branch_reading == "issuing"
    assert [p for p in tables.quality.problems if p.severity == "fault"] == []
    tables.engine.close()


def test_as_of_wins_over_the_settings_beside_the_data(tmp_path: Path) -> None:
    text = "customer_id,transaction_date,transaction_status\n1,2024-01-01,claimed\n2,2024-01-02,claimed\n3,2024-01-03,claimed\n"
    (tmp_path / "transactions.csv").write_text(text, encoding="utf-8")
    (tmp_path / "coterie.toml").write_text("as_of = 2024-01-02\n", encoding="utf-8")
    assert read(tmp_path).quality.tables["transactions"].rows_used == 2
    assert read(tmp_path, as_of=dt.date(2024, 1, 1)).quality.tables["transactions"].rows_used == 1


def test_a_lookup_with_contradicting_rows_and_a_row_without_key():
    events = pa.table({"customer_id": [1], "transaction_date": ["2024-01-01"], "transaction_status": ["claimed"]})
    cities = pa.table({"city_id": ["1", "1", None], "city_name": ["Bern", "Basel", "Chur"]})
    tables = read({"transactions": events, "cities": cities})
    assert dict(tables.quality.tables["cities"].reasons) == {"missing_key": 1, "conflicting_rows": 2}
    rejects = tables.engine.collect(tables.rejects["cities"].order_by("_line")).to_pylist()
    assert [(row["_line"], row["_reason"]) for row in rejects] == [
        (1, "conflicting_rows"),
        (2, "conflicting_rows"),
        (3, "missing_key"),
    ]


def test_rows_set_aside_stand_by_their_lines_whatever_the_reason(tmp_path: Path) -> None:
    lines = [
        "transaction_id,customer_id,transaction_date,transaction_status",
        "1,1,2024-01-01,claimed",
        "2,1,bad,claimed",
        "3,1,2024-01-05,claimed,too,many",
        "4,1,2024-01-05,brunt",
        "5,1,bad,claimed",
        "6,1,2024-01-06,claimed",
    ]
    (tmp_path / "transactions.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    tables = read(tmp_path)
    rejects = tables.engine.collect(tables.rejects["transactions"]).to_pylist()
    assert [(row["_line"], row["_reason"]) for row in rejects] == [
        (3, "unparsable_date"),
        (4, "ragged_row"),
        (5, "unknown_status"),
        (6, "unparsable_date"),
    ]
