"""A hundred million customers and a thousand million coupons through the main job, once.

    python benchmarks/thousand_million.py FOLDER [--parts 10] [--memory 5GB]

The folder needs some 20 GB, the system's temporary folder as much. A shop of ten million customers is generated and
copied `parts` times with other ids, one Parquet file a copy, so that the table is split over files as exports of such a
size are. Prints seconds per stage and peak memory.
"""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path

import duckdb
from main_job import COTERIE, command

CUSTOMERS = 10_000_000
IDS = {"transactions": ("transaction_id", "customer_id"), "customers": ("customer_id",)}


def make(folder: Path, parts: int) -> Path:
    """The shop, one file of customers and one of transactions for each part; made once."""
    shop, one = folder / "shop", folder / "part"
    if shop.exists():
        return shop
    command([*COTERIE, "sample", str(one), "--customers", str(CUSTOMERS), "--format", "parquet"])
    fresh = folder / "shop.tmp"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir()
    connection = duckdb.connect(config={"memory_limit": "4GB", "temp_directory": str(folder / "spill")})
    connection.execute("SET enable_progress_bar = false")
    for table, ids in IDS.items():
        (most,) = connection.execute(f"SELECT max({ids[0]}) FROM '{one}/{table}.parquet'").fetchone()
        for part in range(parts):
            moved = ", ".join(f"{name} + {part * (most if name == ids[0] else CUSTOMERS)} AS {name}" for name in ids)
            query = f"SELECT * REPLACE ({moved}) FROM '{one}/{table}.parquet'"
            connection.execute(f"COPY ({query}) TO '{fresh}/{table}-{part:03}.parquet' (COMPRESSION zstd)")
    for table in ("genders", "cities", "merchants", "branches"):
        shutil.copy(one / f"{table}.parquet", fresh)
    shutil.rmtree(one)
    fresh.rename(shop)
    return shop


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--parts", type=int, default=10, help="copies of ten million customers")
    parser.add_argument("--memory", default="5GB", help="what the engine may hold")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    shop, run = make(options.folder, options.parts), options.folder / "run"
    line = [*COTERIE, "segment", str(shop), "-o", str(run), "--no-evidence", "--no-report", "--memory", options.memory]
    seconds, memory = command(line)
    found = json.loads((run / "manifest.json").read_text())
    print(f"{found['customers']:,} customers: {seconds:.0f} s, {memory:.2f} GB")
    for stage, spent in found["seconds"].items():
        print(f"  {stage:38} {spent:8.1f} s")


if __name__ == "__main__":
    main()
