from __future__ import annotations

import duckdb
import pytest

from coterie.errors import DataError


def database(path, *statements):
    with duckdb.connect(str(path)) as connection:
        for statement in statements:
            connection.execute(statement)
    return path


SHOP = (
    "CREATE TABLE transactions AS SELECT * FROM (VALUES (7, DATE '2024-01-01', 'claimed', 1, 2), "
    "(8, DATE '2024-01-02', 'burnt', 3, 4)) AS t(customer_id, transaction_date, status, rowid, _line)"
)


def test_tables_and_views(reading):
    path = database(
        reading.folder / "shop.duckdb",
        SHOP,
        "CREATE VIEW cities AS SELECT 1 AS id, 'Rome' AS name",
        "CREATE SCHEMA other",
        "CREATE TABLE other.genders AS SELECT 1 AS id, 'x' AS name",
    )
    before = path.read_bytes()
    raw = reading.read(path)
    assert raw.label == "shop"
    assert [table.files[0] for table in raw.tables] == [
        "shop.duckdb, table genders",
        "shop.duckdb, table cities",
        "shop.duckdb, table transactions",
    ]
    assert [row[0] for row in reading.rows(raw, "customer_id")] == [7, 8]
    assert reading.rows(raw, "transaction_status", "_line") == [("claimed", 1), ("burnt", 2)]
    assert reading.rows(raw, name="cities") == [(1, "Rome", 1)]
    assert reading.rules(raw) == {"unread_columns": 1}
    reading.engine.close()
    assert path.read_bytes() == before


def test_a_view_may_not_reach_other_files(reading, tmp_path):
    secret = tmp_path / "secret.csv"
    secret.write_text("id,name\n1,secret\n")
    path = database(reading.folder / "shop.db", SHOP, f"CREATE VIEW cities AS SELECT * FROM read_csv('{secret}')")
    raw = reading.read(path)
    assert [table.name for table in raw.tables] == ["transactions"]


def test_a_database_among_files_is_noted(reading):
    reading.put(transactions=reading.TRANSACTIONS)
    database(reading.folder / "shop.duckdb", SHOP)
    raw = reading.read()
    assert "shop.duckdb" in raw.findings[0].message


@pytest.mark.parametrize("content", [b"", b"hello" * 100, b"SQLite format 3\0" * 100, bytes(8) + b"DUCK" + bytes(9000)])
def test_what_is_no_database(reading, content):
    path = reading.put_as("shop.duckdb", content)
    with pytest.raises(DataError, match=r"shop.duckdb") as error:
        reading.read(path)
    assert "\n" not in str(error.value)


def test_a_cut_database(reading):
    path = database(reading.folder / "shop.duckdb", SHOP)
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(DataError, match=r"shop.duckdb"):
        reading.read(path)


def test_no_tables(reading):
    path = database(reading.folder / "shop.duckdb", "SELECT 1")
    with pytest.raises(DataError, match=r"shop.duckdb holds no tables"):
        reading.read(path)
