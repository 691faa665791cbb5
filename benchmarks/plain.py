"""The plain way, as a notebook does it: pandas merges and groupby, StandardScaler, KMeans(n_init=10) and a sampled
silhouette for every k. The same features, the same range of k; fair, not careless."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.cluster import KMeans
from sklearn.metrics import silhouette_score
from sklearn.preprocessing import StandardScaler


def main(shop: Path, output: Path) -> None:
    read = {".csv": pd.read_csv, ".parquet": pd.read_parquet}
    frames = {path.stem: read[path.suffix](path) for path in shop.iterdir() if path.suffix in read}
    rows = frames["transactions"]
    rows["transaction_date"] = pd.to_datetime(rows["transaction_date"])
    rows["burn_date"] = pd.to_datetime(rows["burn_date"])
    as_of = max(rows["transaction_date"].max(), rows["burn_date"].max())
    rows = rows.merge(frames["branches"], on="branch_id", how="left")
    rows["burnt"] = rows["transaction_status"] == "burnt"
    groups = rows.groupby("customer_id")
    table = pd.DataFrame(
        {
            "coupons": groups.size(),
            "burnt": groups["burnt"].sum(),
            "first": groups["transaction_date"].min(),
            "last": groups["transaction_date"].max(),
            "merchants": rows[rows["burnt"]].groupby("customer_id")["merchant_id"].nunique(),
        }
    )
    people = frames["customers"].set_index("customer_id")
    table = table.join(pd.to_datetime(people["join_date"]))
    exposure = (as_of - table[["join_date", "first"]].min(axis=1)).dt.days + 1
    x = np.column_stack(
        [
            np.log((table["coupons"] + 1) / (exposure + 365)),
            (table["burnt"] + 1) / (table["coupons"] + 3),
            np.log1p((as_of - table["last"]).dt.days),
            np.log1p(table["merchants"].fillna(0)),
        ]
    )
    x = StandardScaler().fit_transform(x)
    best, chosen = -1.0, None
    for k in range(2, 11):
        model = KMeans(k, n_init=10, random_state=0).fit(x)
        score = silhouette_score(x, model.labels_, sample_size=min(10_000, len(x)), random_state=0)
        if score > best:
            best, chosen = score, model
    table["segment"] = chosen.labels_
    table[["segment"]].to_csv(output / "segments.csv")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
