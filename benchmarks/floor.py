"""The floor: what nobody can do without, as bare queries of the engine on the same Parquet files.

    python benchmarks/floor.py SHOP FOLDER

The query of the four features, one that tells whether any coupon's id is there twice, and a copy of one row per
customer to Parquet and to CSV. No checks, no clusters, no profiles.
"""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb

FEATURES = """
CREATE TABLE described AS
WITH coupons AS (
    SELECT t.customer_id, t.transaction_date, t.burn_date, t.transaction_status = 'burnt' AS burnt, b.merchant_id
    FROM read_parquet('{shop}/transactions.parquet') t
    LEFT JOIN read_parquet('{shop}/branches.parquet') b USING (branch_id)
), counted AS (
    SELECT customer_id, count(*) AS coupons, count(*) FILTER (WHERE burnt) AS burns, min(transaction_date) AS first,
           greatest(max(transaction_date), max(burn_date)) AS last
    FROM coupons GROUP BY customer_id
), merchants AS (
    SELECT customer_id, count(*) AS merchants
    FROM (SELECT DISTINCT customer_id, merchant_id FROM coupons WHERE burnt) GROUP BY customer_id
)
SELECT customer_id, ln((coupons + 1) / (date '2025-01-01' - least(join_date, first) + 365)) AS claims,
       (burns + 1) / (coupons + 3) AS burnt, ln(1 + (date '2025-01-01' - last)) AS recency,
       ln(1 + coalesce(merchants, 0)) AS merchants
FROM read_parquet('{shop}/customers.parquet') LEFT JOIN counted USING (customer_id)
     LEFT JOIN merchants USING (customer_id)
"""
REPEATED = "SELECT count(*) - count(DISTINCT transaction_id) FROM read_parquet('{shop}/transactions.parquet')"
COPY = "COPY (SELECT customer_id, 1 AS segment, 'name' AS name, claims AS distance, burnt AS margin FROM described) TO"


def main(shop: Path, folder: Path) -> None:
    connection = duckdb.connect(str(folder / "floor.duckdb"))
    connection.execute("SET enable_progress_bar = false")
    connection.execute(FEATURES.format(shop=shop))
    connection.execute(REPEATED.format(shop=shop)).fetchall()
    connection.execute(f"{COPY} '{folder}/floor.parquet' (FORMAT parquet, COMPRESSION zstd)")
    connection.execute(f"{COPY} '{folder}/floor.csv' (FORMAT csv, HEADER true)")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
