"""Make a shop of orders: one row an order, buyers whose pace, lifetime and baskets differ as in real shops.

    python benchmarks/orders_shop.py FOLDER CUSTOMERS

Ten orders a customer over two years: gamma-distributed paces, some who stop buying, log-normal baskets around a level
of each customer's own, and a favourite category of twenty. Rows stand in the order of time, as a till writes them.
"""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb
import numpy as np

DAYS = 730
ORDERS_EACH = 10
CATEGORIES = 20
SEED = 20_260_101


def write(folder: Path, customers: int) -> Path:
    """The shop as `folder/orders.parquet`: order_id, customer_id, order_date, amount, category."""
    draw = np.random.default_rng(SEED)
    joined = draw.integers(0, DAYS - 90, customers)
    stays = np.where(draw.random(customers) < 0.4, draw.exponential(200.0, customers), DAYS)
    ended = np.minimum(joined + stays, DAYS - 1)
    pace = draw.gamma(0.8, 1.0, customers) * np.maximum(ended - joined, 1)
    count = 1 + draw.poisson(pace * (ORDERS_EACH - 1) / pace.mean())
    who = np.repeat(np.arange(customers, dtype=np.int32), count)
    day = (joined[who] + draw.random(len(who)) * (ended - joined)[who]).astype(np.int32)
    order = np.argsort(day, kind="stable")
    who, day = who[order], day[order]
    level = draw.normal(3.0, 0.6, customers)
    amount = np.round(np.exp(level[who] + draw.normal(0.0, 0.5, len(who))), 2)
    favourite = draw.integers(0, CATEGORIES, customers)
    category = np.where(draw.random(len(who)) < 0.5, favourite[who], draw.integers(0, CATEGORIES, len(who)))
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "orders.parquet"
    rows = {"who": who, "day": day, "amount": amount, "category": category.astype(np.int32)}
    with duckdb.connect() as engine:
        engine.register("rows", rows)
        engine.execute(
            f"""
            COPY (
                SELECT row_number() OVER () AS order_id, who + 1 AS customer_id,
                       DATE '2024-01-01' + day AS order_date, amount, 'Category ' || (category + 1) AS category
                FROM rows
            ) TO '{path}' (FORMAT parquet)
            """
        )
    return path


if __name__ == "__main__":
    print(write(Path(sys.argv[1]), int(sys.argv[2])))
