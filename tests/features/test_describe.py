"""Every feature against hand-written pandas on the sample shop."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

import coterie as ct
from coterie.engines import open_engine
from coterie.features import FEATURES, describe
from coterie.features.catalogue import available

# Those of orders stand in test_orders.py.
ALL = tuple(entry.name for entry in FEATURES if entry.family != "orders")


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """The sample shop as frames, with some coupons expired and one customer known from coupons alone."""
    folder = tmp_path_factory.mktemp("described") / "shop"
    ct.sample(folder, customers=400, seed=5, file_format="parquet")
    frames = {path.stem: pd.read_parquet(path) for path in folder.glob("*.parquet")}
    rows = frames["transactions"]
    open_rows = rows.index[rows.transaction_status == "claimed"][::7]
    rows.loc[open_rows, "transaction_status"] = "expired"
    rows.loc[rows.index[3], "customer_id"] = 999_999
    frames["customers"].loc[frames["customers"].index[::9], "join_date"] = None
    return frames


@pytest.fixture(scope="module")
def described(shop):
    tables = ct.read(shop)
    return tables, describe(tables, features=[name for name in ALL if name in available(tables)])


@pytest.fixture(scope="module")
def values(described):
    tables, found = described
    return pd.DataFrame(tables.engine.collect(found.table).to_pylist()).set_index("customer_id")


@pytest.fixture(scope="module")
def by_hand(shop, described):
    """The same features by pandas, event by event."""
    learned = described[1].learned
    rows = shop["transactions"].copy()
    for name in ("transaction_date", "burn_date"):
        rows[name] = pd.to_datetime(rows[name])
    rows = rows.merge(shop["branches"], on="branch_id", how="left")
    as_of = max(rows.transaction_date.max(), rows.burn_date.max())
    rows["burnt"] = rows.transaction_status == "burnt"
    curve = np.array(learned.burn_curve.share)
    age = (as_of - rows.transaction_date).dt.days.to_numpy()
    rows["part"] = curve[np.minimum(age, len(curve) - 1)] / curve[-1]
    rows["days"] = (rows.burn_date - rows.transaction_date).dt.days.where(rows.burnt)
    groups = rows.groupby("customer_id")
    people = shop["customers"].copy()
    people["join_date"] = pd.to_datetime(people.join_date)
    people = people.merge(shop["cities"], on="city_id", how="left").merge(shop["genders"], on="gender_id", how="left")
    people = people.set_index("customer_id").reindex(sorted({*people.customer_id, *rows.customer_id}))
    out = pd.DataFrame(index=people.index)
    zero = lambda series: series.reindex(out.index).fillna(0)  # noqa: E731
    out["transaction_count"] = zero(groups.size())
    out["coupons_claimed"] = zero((rows.transaction_status == "claimed").groupby(rows.customer_id).sum())
    out["coupons_burnt"] = zero(groups.burnt.sum())
    count, burnt = out.transaction_count, out.coupons_burnt
    out["claimed_ratio"] = (out.coupons_claimed / count).fillna(0)
    out["burnt_ratio"] = (burnt / count).fillna(0)
    out["burn_rate"] = burnt / count.where(count > 0)
    a, b = learned.burn_rate_prior
    out["burn_rate_shrunken"] = (burnt + a) / (count + a + b)
    r, w = learned.burn_rate_mature_prior
    out["burn_rate_mature"] = (burnt + r) / (zero(groups.part.sum()) + w)
    first, last = groups.transaction_date.min().reindex(out.index), groups.transaction_date.max().reindex(out.index)
    start = pd.concat([people.join_date, first], axis=1).min(axis=1)
    tenure = (as_of - start).dt.days
    r, w = learned.claims_prior
    out["claims_per_time"] = (count + r) / (((tenure + 1) / 365.25) ** learned.exposure_power + w)
    out["days_to_burn"] = groups.days.mean().reindex(out.index)
    out["recency"] = (as_of - last).dt.days
    out["burn_recency"] = (as_of - groups.burn_date.max().reindex(out.index)).dt.days
    out["tenure"] = tenure
    place = (rows.transaction_date - rows.customer_id.map(start)).dt.days + 0.5
    out["claim_trend"] = (
        (place / (rows.customer_id.map(tenure) + 1)).groupby(rows.customer_id).mean().reindex(out.index)
    )
    out["active_span"] = (last - first).dt.days
    out["claim_gap"] = out.active_span / (count - 1).where(count > 1)
    used = rows[rows.burnt]
    out["merchants_burnt_at"] = zero(used.groupby("customer_id").merchant_id.nunique())
    out["branches_burnt_at"] = zero(used.groupby("customer_id").branch_id.nunique())
    out["branches_used"] = zero(groups.branch_id.nunique())
    for name in ("branch", "merchant"):
        held = rows.dropna(subset=[f"{name}_id"]).groupby(["customer_id", f"{name}_id"]).size().reset_index(name="n")
        held = held.sort_values(["customer_id", "n", f"{name}_id"], ascending=[True, False, True])
        best = held.groupby("customer_id")[f"{name}_id"].first().reindex(out.index)
        out[f"favourite_{name}"] = best.map(lambda value: None if pd.isna(value) else str(int(value)))
    out["gender"] = out["gender_code"] = people.gender_name
    out["city"] = out["city_code"] = people.city_name
    return out


@pytest.mark.parametrize("name", ALL)
def test_feature_equals_pandas(name, values, by_hand):
    found, right = values[name], by_hand[name]
    if right.dtype == object or isinstance(right.dtype, pd.StringDtype):
        assert [value if isinstance(value, str) else None for value in found] == [
            value if isinstance(value, str) else None for value in right
        ]
    else:
        np.testing.assert_allclose(found.astype(float), right.astype(float), rtol=1e-9, atol=1e-12)


def test_every_known_customer_is_there_once(values, by_hand):
    assert list(values.index) == list(by_hand.index)
    assert 999_999 in values.index
    assert list(values["row"]) == list(range(len(values)))


def test_tiny_shop_counted_by_hand():
    coupons = pd.DataFrame(
        {
            "transaction_id": [1, 2, 3, 4],
            "customer_id": ["a", "a", "b", "b"],
            "transaction_date": [dt.date(2024, 1, day) for day in (1, 3, 2, 2)],
            "transaction_status": ["burnt", "claimed", "expired", "claimed"],
            "burn_date": [dt.date(2024, 1, 5), None, None, None],
        }
    )
    people = pd.DataFrame(
        {"customer_id": ["a", "b", "c"], "join_date": [dt.date(2024, 1, 1), None, dt.date(2024, 1, 4)]}
    )
    tables = ct.read({"transactions": coupons, "customers": people})
    found = describe(tables, features=["burn_rate", "recency", "tenure", "active_span"])
    rows = {row["customer_id"]: row for row in tables.engine.collect(found.table).to_pylist()}
    assert tables.as_of == dt.date(2024, 1, 5)
    shown = {
        key: [rows[key][name] for name in ("transaction_count", "burn_rate", "recency", "tenure", "active_span")]
        for key in rows
    }
    assert shown == {"a": [2, 0.5, 2, 4, 2], "b": [2, 0.0, 3, 3, 0], "c": [0, None, None, 1, None]}
    assert (found.customers, found.active) == (3, 2)


def test_row_order_changes_nothing(shop):
    shuffled = {name: frame.sample(frac=1, random_state=3) for name, frame in shop.items()}
    names = ("burn_rate_mature", "claims_per_time", "merchants_burnt_at")
    tables, again = ct.read(shop), ct.read(shuffled)
    one, other = describe(tables, features=names), describe(again, features=names)
    assert one.learned == other.learned
    assert tables.engine.collect(one.table).equals(again.engine.collect(other.table))
    assert open_engine().name == "duckdb"
