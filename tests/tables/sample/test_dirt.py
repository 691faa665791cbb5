"""Every planted count is derived again from the written files alone, by pandas."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
from python_calamine import CalamineWorkbook

from coterie.tables.sample import write_shop

FORMATS = ("csv", "parquet", "xlsx")
RULES = {
    "missing_customer_id", "missing_date", "unparsable_date", "unknown_status", "cancelled", "duplicate",
    "conflicting_rows", "orphan_customer", "orphan_branch", "orphan_merchant", "orphan_city", "orphan_gender",
    "unparsable_optional", "burn_before_claim", "burnt_without_date", "burn_date_without_burn", "claim_before_join",
    "missing_key", "ragged_row", "short_row",
}  # fmt: skip

RULES_OF_ORDERS = {
    "missing_customer_id", "missing_date", "unparsable_date", "missing_amount", "unparsable_amount",
    "missing_order_id", "orphan_customer", "orphan_branch", "returns", "identical_lines", "order_before_join",
    "ragged_row", "short_row",
}  # fmt: skip


def raw(folder: Path, name: str, file_format: str) -> list[list[str]]:
    """Header and rows as text, however many cells they have."""
    path = folder / f"{name}.{file_format}"
    if file_format == "csv":
        with path.open(newline="", encoding="utf-8") as stream:
            return list(csv.reader(stream))
    if file_format == "parquet":
        table = pq.read_table(path)
        rows = [list(row) for row in zip(*(column.to_pylist() for column in table.columns), strict=True)]
        return [table.column_names, *([("" if cell is None else str(cell)) for cell in row] for row in rows)]
    rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
    return [[str(int(cell)) if isinstance(cell, float) else str(cell) for cell in row] for row in rows]


def frame(folder: Path, name: str, file_format: str) -> pd.DataFrame:
    """The table as text, with the number of cells of each line; short lines filled up, long ones cut."""
    header, *rows = raw(folder, name, file_format)
    width = len(header)
    table = pd.DataFrame([(row + [""] * width)[:width] for row in rows], columns=header, dtype=object)
    return table.assign(cells=[len(row) - width for row in rows])


def date(texts: pd.Series) -> pd.Series:
    return pd.to_datetime(texts.where(texts != ""), format="%Y-%m-%d", errors="coerce")


def keyed(table: pd.DataFrame, key: str) -> dict[str, int]:
    """Counts of the rules about keys."""
    has_key = table[table[key] != ""]
    once = has_key.drop_duplicates()
    return {
        "missing_key": int((table[key] == "").sum()),
        "duplicate": len(has_key) - len(once),
        "conflicting_rows": int(once[key].duplicated(keep=False).sum()),
    }


def flags_of_transactions(folder: Path, file_format: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    rows = frame(folder, "transactions", file_format)
    customers, branches = frame(folder, "customers", file_format), frame(folder, "branches", file_format)
    claimed, burnt_on = date(rows.transaction_date), date(rows.burn_date)
    known = customers[customers.customer_id != ""].drop_duplicates("customer_id").set_index("customer_id")
    joined = rows.customer_id.map(known.join_date)
    status, burnt = rows.transaction_status, rows.transaction_status == "burnt"
    return rows, pd.DataFrame(
        {
            "missing_key": rows.transaction_id == "",
            "missing_customer_id": rows.customer_id == "",
            "missing_date": rows.transaction_date == "",
            "unparsable_date": claimed.isna() & (rows.transaction_date != ""),
            "unknown_status": ~status.isin(["claimed", "burnt", "cancelled"]),
            "cancelled": status == "cancelled",
            "orphan_customer": ~rows.customer_id.isin([*customers.customer_id, ""]),
            "orphan_branch": ~rows.branch_id.isin([*branches.branch_id, ""]),
            "unparsable_optional": burnt_on.isna() & (rows.burn_date != ""),
            "burn_before_claim": burnt & (burnt_on < claimed),
            "burnt_without_date": burnt & (rows.burn_date == ""),
            "burn_date_without_burn": (status == "claimed") & burnt_on.notna(),
            "claim_before_join": claimed < date(joined.fillna("")),
            "ragged_row": rows.cells > 0,
            "short_row": rows.cells < 0,
        }
    )


def flags_of_orders(folder: Path, file_format: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    rows = frame(folder, "orders", file_format)
    customers, branches = frame(folder, "customers", file_format), frame(folder, "branches", file_format)
    day, amount = date(rows.order_date), pd.to_numeric(rows.amount.where(rows.amount != ""), errors="coerce")
    known = customers[customers.customer_id != ""].drop_duplicates("customer_id").set_index("customer_id")
    return rows, pd.DataFrame(
        {
            "missing_order_id": rows.order_id == "",
            "missing_customer_id": rows.customer_id == "",
            "missing_date": rows.order_date == "",
            "unparsable_date": day.isna() & (rows.order_date != ""),
            "missing_amount": rows.amount == "",
            "unparsable_amount": amount.isna() & (rows.amount != ""),
            "orphan_customer": ~rows.customer_id.isin([*customers.customer_id, ""]),
            "orphan_branch": ~rows.branch_id.isin([*branches.branch_id, ""]),
            "returns": amount < 0,
            "order_before_join": day < date(rows.customer_id.map(known.join_date).fillna("")),
            "ragged_row": rows.cells > 0,
            "short_row": rows.cells < 0,
        }
    )


def counted(folder: Path, file_format: str) -> dict[tuple[str, str], int]:
    rows, flags = flags_of_transactions(folder, file_format)
    customers, branches, cities, genders, merchants = (
        frame(folder, name, file_format) for name in ("customers", "branches", "cities", "genders", "merchants")
    )
    found = {
        "transactions": flags.sum().to_dict() | keyed(rows, "transaction_id"),
        "customers": keyed(customers, "customer_id")
        | {
            "orphan_city": (~customers.city_id.isin(cities.city_id)).sum(),
            "orphan_gender": (~customers.gender_id.isin(genders.gender_id)).sum(),
            "unparsable_optional": (date(customers.join_date).isna() & (customers.join_date != "")).sum(),
        },
        "branches": keyed(branches, "branch_id")
        | {"orphan_merchant": (~branches.merchant_id.isin(merchants.merchant_id)).sum()},
        "cities": keyed(cities, "city_id"),
        "genders": keyed(genders, "gender_id"),
        "merchants": keyed(merchants, "merchant_id"),
    }
    if (folder / f"orders.{file_format}").exists():
        lines, of_lines = flags_of_orders(folder, file_format)
        found["orders"] = of_lines.sum().to_dict() | {"identical_lines": lines.duplicated().sum()}
    return {(rule, table): int(count) for table, rules in found.items() for rule, count in rules.items() if count}


def planted(folder: Path) -> dict[tuple[str, str], int]:
    entries = json.loads((folder / "truth" / "dirt.json").read_text("utf-8"))["planted"]
    counts = {(entry["rule"], entry["table"]): entry["count"] for entry in entries}
    assert len(counts) == len(entries)
    return counts


@pytest.mark.parametrize("file_format", FORMATS)
@pytest.mark.parametrize(("customers", "seed"), [(1000, 0), (300, 1), (25, 2)])
def test_planted_counts_are_those_in_the_files(tmp_path, file_format, customers, seed):
    folder = write_shop(
        tmp_path / "shop", customers=customers, seed=seed, file_format=file_format, dirt=True, orders=True
    )

    assert planted(folder) == counted(folder, file_format)


def test_every_kind_of_fault_is_planted(tmp_path):
    lines = planted(write_shop(tmp_path / "csv", dirt=True))
    typed = planted(write_shop(tmp_path / "parquet", dirt=True, file_format="parquet"))

    assert {rule for rule, _ in lines} == RULES
    assert {rule for rule, _ in typed} == RULES - {"ragged_row", "short_row"}
    assert {table for rule, table in lines if rule == "duplicate"} == {
        "transactions",
        "customers",
        "branches",
        "cities",
    }


def test_every_kind_of_fault_of_orders_is_planted(tmp_path):
    for file_format, missing in (("csv", set()), ("parquet", {"ragged_row", "short_row"})):
        shop = write_shop(tmp_path / file_format, customers=300, dirt=True, orders=True, file_format=file_format)
        assert {rule for rule, table in planted(shop) if table == "orders"} == RULES_OF_ORDERS - missing


def test_orders_change_no_fault_of_the_other_tables(tmp_path):
    without, with_orders = (write_shop(tmp_path / str(orders), dirt=True, orders=orders) for orders in (False, True))
    for path in without.glob("*.csv"):
        assert path.read_bytes() == (with_orders / path.name).read_bytes()
    of_others = {key: count for key, count in planted(with_orders).items() if key[1] != "orders"}
    assert planted(without) == of_others != planted(with_orders)


def test_no_order_has_two_faults(tmp_path):
    rows, flags = flags_of_orders(write_shop(tmp_path / "shop", seed=3, dirt=True, orders=True), "csv")
    flags["identical_lines"] = rows.duplicated(keep=False)

    assert flags.sum(axis=1).max() == 1
    assert rows.customer_id[flags.order_before_join].is_unique


@pytest.mark.parametrize("separation", ["wide", "realistic"])
def test_no_row_has_two_faults(tmp_path, separation):
    folder = write_shop(tmp_path / "shop", customers=2000, seed=3, separation=separation, dirt=True)
    rows, flags = flags_of_transactions(folder, "csv")
    has_key = rows.transaction_id != ""
    flags["duplicate"] = rows.duplicated(keep=False) & has_key
    flags["conflicting_rows"] = rows.transaction_id.duplicated(keep=False) & has_key & ~flags.duplicate

    assert flags.sum(axis=1).max() == 1
    backdated = rows.customer_id[flags.claim_before_join]
    assert backdated.is_unique


def test_a_clean_shop_has_no_fault_and_says_nothing_about_them(tmp_path):
    folder = write_shop(tmp_path / "shop", customers=500, seed=4, orders=True)

    assert counted(folder, "csv") == {}
    assert not (folder / "truth" / "dirt.json").exists()


def test_truth_and_last_day_are_those_of_the_clean_shop(tmp_path):
    clean, dirty = (write_shop(tmp_path / name, seed=5, dirt=name == "dirty") for name in ("clean", "dirty"))
    last_days = []
    for folder in (clean, dirty):
        rows = frame(folder, "transactions", "csv")
        last_days.append(max(date(rows.transaction_date).max(), date(rows.burn_date).max()))

    assert (clean / "truth" / "groups.csv").read_bytes() == (dirty / "truth" / "groups.csv").read_bytes()
    assert last_days[0] == last_days[1]
