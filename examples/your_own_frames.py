"""Frames instead of files, names of your own, and the customer list back as a frame."""

import pandas as pd

import coterie as ct

coupons = pd.DataFrame(
    {
        "member": ["ann", "ann", "bob", "bob", "bob", "cid"] * 40,
        "taken": pd.date_range("2026-01-01", periods=240, freq="12h"),
        "state": ["eingelöst", "offen", "offen", "offen", "eingelöst", "offen"] * 40,
    }
)
coupons["member"] += (coupons.index // 12).astype(str)

settings = ct.ReadSettings(
    columns={"transactions": {"customer_id": "member", "transaction_date": "taken", "transaction_status": "state"}},
    status={"eingelöst": "burnt", "offen": "claimed"},
)
tables = ct.read({"transactions": coupons}, settings=settings)
print(f"{tables.quality.tables['transactions'].rows_used} rows used")

run = ct.segment(tables, features=["transaction_count", "burn_rate", "recency"], k=3)
print(run.to_pandas().groupby("name").customer_id.count())
