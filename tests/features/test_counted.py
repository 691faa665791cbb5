"""Counting some customers after the other gives what counting all at once gives."""

from __future__ import annotations

import pandas as pd
import pytest

import coterie as ct
from coterie.features import counted as module
from coterie.features import describe
from coterie.features.catalogue import available

WORDS = ("ada", "Ada", "Åsa", "ﬁne", "𝒜da", "9")


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """Coupons and orders, customers known from one table alone, and ids of several alphabets."""
    folder = tmp_path_factory.mktemp("counted") / "shop"
    ct.sample(folder, customers=300, seed=5, orders=True, file_format="parquet")
    frames = {path.stem: pd.read_parquet(path) for path in folder.glob("*.parquet")}
    frames["transactions"].loc[7, "customer_id"] = 999_999
    frames["orders"].loc[7, "customer_id"] = 999_998
    for rows in frames.values():
        if "customer_id" in rows.columns:
            rows["customer_id"] = [f"{WORDS[one % len(WORDS)]}-{one}" for one in rows.customer_id]
    return frames


@pytest.mark.parametrize("rows", [500, 3_000])
def test_the_same_as_all_at_once(shop, monkeypatch, rows):
    tables = ct.read(shop)
    features = [name for name in available(tables) if not name.startswith("customers.")]
    whole = describe(tables, features=features)
    parts = []
    monkeypatch.setattr(module, "AT_ONCE", rows)
    real = module.aggregate
    monkeypatch.setattr(
        module, "aggregate", lambda part, *given, **named: parts.append(part) or real(part, *given, **named)
    )
    again = describe(tables, features=features)
    events = len(shop["transactions"]) + len(shop["orders"])
    assert len(parts) == -(-events // rows)
    sizes = [tables.engine.collect(part.coupons.aggregate(n=part.coupons.count()))["n"][0].as_py() for part in parts]
    assert sum(sizes) == len(shop["transactions"])
    assert max(sizes) < 2 * rows
    assert (again.customers, again.active, again.learned) == (whole.customers, whole.active, whole.learned)
    assert tables.engine.collect(again.table).equals(tables.engine.collect(whole.table))
    tables.engine.close()
