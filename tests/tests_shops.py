"""Two shops as raw tables, with the faults that real ones have: as Parquet, as CSV, and in a database of PostgreSQL."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

import coterie as ct
from tests_postgres import PostgresServer

COUPON_CUSTOMERS = 21_000
"""More than 20,000 of them active, so that a sample is drawn."""
ORDER_CUSTOMERS = 2_000
PARTS = 7
"""Files that a table is split over."""
WORDS = ("ada", "Ada", "ADA", "Åsa", "åsa", "Žofie", "çelik", "ﬁne", "ßeta", "陳", "𝒜da")
"""What ids of customers begin with: alphabets sort them differently, and some take small letters for capital ones."""
TYPES = {"string": "text", "large_string": "text", "int64": "bigint", "double": "float8", "date32[day]": "date"}


@dataclass(frozen=True)
class Shop:
    """Raw tables, and folders with one file for each, or with several Parquet files for each."""

    tables: dict[str, pa.Table]
    parquet: Path
    csv: Path
    parts: Path

    def put(self, server: PostgresServer, database: str) -> str:
        """Copy the tables into a new database, one that sorts texts as an English dictionary does; its address."""
        sorting = "TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en-US'"
        server.sql("postgres", f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")
        server.sql("postgres", f"CREATE DATABASE {database} {sorting}")
        for name, rows in self.tables.items():
            columns = ", ".join(f"{column.name} {TYPES[str(column.type)]}" for column in rows.schema)
            copied = f"\\copy {name} FROM '{self.csv / name}.csv' CSV HEADER"
            server.sql(database, f"CREATE TABLE {name} ({columns})", copied)
        server.sql(database, "ANALYZE")
        return server.address(database)


def coupon_shop(folder: Path) -> Shop:
    """Ids as text of mixed case and several alphabets; copies, conflicts, unknown ids, missing cells, spelt-out words."""
    raw = _sample(folder, COUPON_CUSTOMERS, orders=False)
    draw = np.random.default_rng(11)
    people, coupons = raw["customers"].drop(columns=["age", "tier"]), raw["transactions"]
    first = ~coupons.customer_id.duplicated()
    coupons = coupons[first | (draw.random(len(coupons)) < 0.2)].reset_index(drop=True)
    ids = np.array([f"{WORDS[at % len(WORDS)]}-{at // len(WORDS)}" for at in range(COUPON_CUSTOMERS + 1)], dtype=object)
    people["customer_id"] = ids[people.customer_id.to_numpy(np.int64)]
    coupons["customer_id"] = ids[coupons.customer_id.to_numpy(np.int64)]
    _put(people, "gender_id", draw, 600, None)
    _put(people, "city_id", draw, 50, 999)
    _put(coupons, "customer_id", draw, 60, None)
    _put(coupons, "customer_id", draw, 80, [f"Niemand-{at % 40}" for at in range(80)])
    _put(coupons, "transaction_date", draw, 40, None)
    for status, spelt in (("burnt", " Burnt"), ("claimed", "CLAIMED ")):
        rows = draw.choice(np.flatnonzero(coupons.transaction_status == status), 100, replace=False)
        coupons.loc[rows, "transaction_status"] = spelt
    contrary = coupons.sample(30, random_state=1).assign(coupon_name="Another")
    raw["customers"] = pd.concat([people, people.sample(100, random_state=2)])
    raw["transactions"] = pd.concat([coupons, coupons.sample(300, random_state=3), contrary])
    return _written(raw, folder)


def order_shop(folder: Path) -> Shop:
    """Typed ids and amounts, days of joining as text; returns, copies, unknown customers, missing and unreadable cells."""
    raw = _sample(folder, ORDER_CUSTOMERS, orders=True)
    draw = np.random.default_rng(12)
    people = raw["customers"][["customer_id", "join_date", "tier"]]
    orders = raw["orders"].drop(columns="branch_id")
    people["join_date"] = people.join_date.astype(str)
    _put(people, "join_date", draw, 20, "2024-02-31")
    back = draw.choice(len(orders), 500, replace=False)
    orders.loc[back, "amount"] = -orders.amount[back]
    _put(orders, "amount", draw, 30, None)
    _put(orders, "customer_id", draw, 50, range(900_000, 900_050))
    orders = pd.concat([orders, orders.sample(100, random_state=1)])
    return _written({"customers": people, "orders": orders}, folder)


def _sample(folder: Path, customers: int, *, orders: bool) -> dict[str, pd.DataFrame]:
    clean = ct.sample(folder / "clean", customers=customers, orders=orders, file_format="parquet")
    return {file.stem: pd.read_parquet(file, dtype_backend="pyarrow") for file in sorted(clean.glob("*.parquet"))}


def _put(table: pd.DataFrame, column: str, draw: np.random.Generator, count: int, values: object) -> None:
    """Other cells in rows drawn at random."""
    rows = draw.choice(len(table), count, replace=False)
    table.loc[rows, column] = values if isinstance(values, str | int | None) else list(values)


def _written(raw: dict[str, pd.DataFrame], folder: Path) -> Shop:
    shop = Shop(
        {
            name: pa.Table.from_pandas(rows, preserve_index=False).replace_schema_metadata()
            for name, rows in raw.items()
        },
        folder / "parquet",
        folder / "csv",
        folder / "parts",
    )
    for place in (shop.parquet, shop.csv):
        place.mkdir()
    for name, rows in shop.tables.items():
        pq.write_table(rows, shop.parquet / f"{name}.parquet")
        pyarrow.csv.write_csv(rows, shop.csv / f"{name}.csv")
        (shop.parts / name).mkdir(parents=True)
        # Tiers as Spark and others write them: a folder each, whose name alone holds the value.
        of_tiers = rows.column_names[-1] == "tier"
        for tier in sorted(set(rows["tier"].to_pylist())) if of_tiers else [None]:
            some = rows.filter(pc.equal(rows["tier"], tier)).drop_columns("tier") if of_tiers else rows
            folder_of = shop.parts / name / f"tier={tier}" if of_tiers else shop.parts / name
            folder_of.mkdir(exist_ok=True)
            size = -(-len(some) // PARTS)
            for at in range(PARTS):
                pq.write_table(some.slice(at * size, size), folder_of / f"part {at:05}.parquet")
    return shop
