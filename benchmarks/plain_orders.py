"""The plain way with orders, as a notebook does it: RFM by pandas groupby, StandardScaler, KMeans(n_init=10) and a
sampled silhouette for every k, then the shop's numbers: cohort retention, months, average order value by segment."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.cluster import KMeans
from sklearn.metrics import silhouette_score
from sklearn.preprocessing import StandardScaler


def main(shop: Path, output: Path) -> None:
    rows = pd.read_parquet(shop / "orders.parquet")
    rows["order_date"] = pd.to_datetime(rows["order_date"])
    as_of = rows["order_date"].max()
    groups = rows.groupby("customer_id")
    table = pd.DataFrame(
        {
            "orders": groups["order_id"].nunique(),
            "spend": groups["amount"].sum(),
            "first": groups["order_date"].min(),
            "last": groups["order_date"].max(),
            "categories": groups["category"].nunique(),
        }
    )
    tenure = (as_of - table["first"]).dt.days + 1
    x = np.column_stack(
        [
            np.log((table["orders"] + 1) / (tenure + 365)),
            np.log(table["spend"] / table["orders"]),
            np.log1p((as_of - table["last"]).dt.days),
            np.log1p(table["categories"]),
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

    rows = rows.merge(table[["segment", "first"]], left_on="customer_id", right_index=True)
    rows["month"] = rows["order_date"].dt.to_period("M")
    rows["cohort"] = rows["first"].dt.to_period("M")
    together = ["segment", "cohort", "month"]
    rows.groupby(together)["customer_id"].nunique().unstack("month").to_csv(output / "retention.csv")
    months = rows.groupby(["segment", "month"]).agg(
        sales=("amount", "sum"), orders=("order_id", "nunique"), customers=("customer_id", "nunique")
    )
    months.to_csv(output / "months.csv")
    shares = rows.groupby(["segment", "category"]).agg(sales=("amount", "sum"), orders=("order_id", "nunique"))
    shares.to_csv(output / "categories.csv")
    repeat = table.assign(repeat=table["orders"] > 1).groupby("segment").agg({"spend": "sum", "repeat": "mean"})
    repeat.to_csv(output / "segments-numbers.csv")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
