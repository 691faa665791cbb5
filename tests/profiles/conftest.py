"""A shop small enough to count by hand, described without any code of ours, with segments given."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from coterie.engines import Engine, open_engine
from coterie.features.contract import BurnCurveTable, Described, Feature, Learned
from coterie.tables.contract import Quality, Tables

AS_OF = dt.date(2024, 12, 31)
FIRST = dt.date(2023, 1, 1)
DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
FEATURES = (
    "transaction_count",
    "coupons_claimed",
    "coupons_burnt",
    "burn_rate",
    "recency",
    "tenure",
    "merchants_burnt_at",
)
COUPON = pa.schema(
    [
        ("transaction_id", pa.int64()),
        ("customer_id", pa.int64()),
        ("claimed_on", pa.date32()),
        ("status", pa.string()),
        ("burnt_on", pa.date32()),
        ("expires_on", pa.date32()),
        ("coupon_name", pa.string()),
        ("branch_id", pa.int64()),
        ("merchant_id", pa.int64()),
    ]
)
CUSTOMER = pa.schema(
    [("customer_id", pa.int64()), ("join_date", pa.date32()), ("city", pa.string()), ("gender", pa.string())]
)


@dataclass(frozen=True)
class Shop:
    """What room 7 is given, and the same customers and coupons as pandas frames for the second route."""

    tables: Tables
    described: Described
    assigned: Any
    people: pd.DataFrame
    coupons: pd.DataFrame


def describe_by_hand(customers: pd.DataFrame, coupons: pd.DataFrame) -> pd.DataFrame:
    """One row per customer with the shown features, in pandas."""
    people = customers.set_index("customer_id")
    groups = coupons.groupby("customer_id")
    burnt = coupons[coupons.status == "burnt"]
    people["transaction_count"] = groups.size().reindex(people.index).fillna(0.0).astype(float)
    people["coupons_burnt"] = burnt.groupby("customer_id").size().reindex(people.index).fillna(0.0).astype(float)
    people["coupons_claimed"] = (
        coupons[coupons.status == "claimed"]
        .groupby("customer_id")
        .size()
        .reindex(people.index)
        .fillna(0.0)
        .astype(float)
    )
    people["burn_rate"] = people.coupons_burnt / people.transaction_count.where(people.transaction_count > 0)
    last = pd.to_datetime(groups.claimed_on.max()).reindex(people.index)
    people["recency"] = (pd.Timestamp(AS_OF) - last).dt.days.astype(float)
    people["tenure"] = (pd.Timestamp(AS_OF) - pd.to_datetime(people.join_date)).dt.days.astype(float)
    merchants = burnt.groupby("customer_id").merchant_id.nunique()
    people["merchants_burnt_at"] = merchants.reindex(people.index).fillna(0.0).astype(float)
    return people.reset_index()


def build(
    engine: Engine,
    customers: Sequence[Mapping[str, Any]],
    coupons: Sequence[Mapping[str, Any]],
    segments: Mapping[int, int],
    degenerate: Mapping[str, str] | None = None,
) -> Shop:
    """A shop of these rows; missing cells get a plain value; `segments` is customer_id -> segment."""
    people = [{"join_date": FIRST, "city": "Cairo", "gender": "Male", **row} for row in customers]
    nothing = {"burnt_on": None, "expires_on": None, "coupon_name": "tea", "branch_id": 1, "merchant_id": 1}
    rows = [{"transaction_id": number, **nothing, **row} for number, row in enumerate(coupons)]
    customer_table, coupon_table = pa.Table.from_pylist(people, CUSTOMER), pa.Table.from_pylist(rows, COUPON)
    coupon_frame = pd.DataFrame(rows, columns=COUPON.names)
    frame = describe_by_hand(pd.DataFrame(people), coupon_frame)
    frame["segment"] = frame.customer_id.map(segments).astype("int64")
    frame["distance"] = frame.customer_id.astype(float) % 7
    frame["margin"] = 0.5
    described_table = pa.Table.from_pandas(frame.reset_index(names="row"), preserve_index=False)
    assigned = engine.load(described_table.to_batches(), described_table.schema)
    tables = Tables(
        engine=engine,
        customers=engine.load(customer_table.to_batches(), CUSTOMER),
        coupons=engine.load(coupon_table.to_batches(), COUPON),
        names={"merchant": {"1": "Rivas Group"}},
        rejects={},
        attributes=(),
        columns=frozenset(),
        quality=Quality({}, ()),
        first_day=FIRST,
        as_of=AS_OF,
        label="shop",
        fingerprint={},
        degenerate=degenerate or {},
    )
    features = tuple(
        Feature(name, name.title(), "coupons", "As said.", "coupons", (), "none", lambda table, _: table.row)
        for name in FEATURES
    )
    learned = Learned(0.0, (1.0, 1.0), (1.0, 1.0), (1.0, 1.0), BurnCurveTable(()), {}, {})
    active = int((frame.transaction_count > 0).sum())
    described = Described(assigned, features, ("coupons_burnt",), "", False, learned, len(frame), active, ())
    return Shop(tables, described, assigned, frame, coupon_frame)


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    opened = open_engine()
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def make_shop(engine: Engine) -> Callable[..., Shop]:
    """Build a shop from rows."""
    return lambda *rows, **more: build(engine, *rows, **more)


@pytest.fixture(scope="module")
def two_kinds(engine: Engine) -> Shop:
    """40 heavy burners (segment 1), 60 who claim little and never burn (2), 5 who never came (0)."""
    customers, coupons, segments = [], [], {}
    for number in range(105):
        segments[number] = 1 if number < 40 else 2 if number < 100 else 0
        city = "Cairo" if number % 2 else "Giza"
        customers.append({"customer_id": number, "city": city, "gender": "Male" if number % 3 else None})
        claims = {1: 8 + number % 3, 2: 2, 0: 0}[segments[number]]
        for claim in range(claims):
            claimed = dt.date(2024, 1, 1) + dt.timedelta(days=30 * claim + number % 5)
            burns = segments[number] == 1 and claim % 2 == 0
            coupons.append(
                {
                    "customer_id": number,
                    "claimed_on": claimed,
                    "status": "burnt" if burns else "claimed",
                    "burnt_on": claimed + dt.timedelta(days=claim) if burns else None,
                    "branch_id": claim % 4,
                    "merchant_id": claim % 2 + 1,
                }
            )
    return build(engine, customers, coupons, segments)


@pytest.fixture(scope="module")
def reference(engine: Engine) -> Callable[[Callable[[pd.DataFrame], pd.Series]], Shop]:
    """coupons-1000.xlsx, 1,000 identical customers; segments come from a function of the described customers."""
    path = DATA / "coupons-1000.xlsx"
    if not path.exists():
        pytest.skip(f"needs the reference data at {path}")
    sheets = pd.read_excel(path, sheet_name=None, engine="calamine")
    cities = sheets["cities"].set_index("city_id").city_name
    genders = sheets["genders"].set_index("gender_id").gender_name
    merchants = sheets["branches"].set_index("branch_id").merchant_id
    customers = [
        {"customer_id": row.customer_id, "city": cities[row.city_id], "gender": genders[row.gender_id]}
        for row in sheets["customers"].itertuples()
    ]
    coupons = [
        {
            "customer_id": row.customer_id,
            "claimed_on": row.transaction_date.date(),
            "status": {"subscribed": "claimed", "burned": "burnt"}[row.transaction_status],
            "burnt_on": None if pd.isna(row.burn_date) else row.burn_date.date(),
            "coupon_name": row.coupon_name,
            "branch_id": row.branch_id,
            "merchant_id": int(merchants[row.branch_id]),
        }
        for row in sheets["transactions"].itertuples()
    ]
    shift = AS_OF - max(max(row["burnt_on"] or row["claimed_on"], row["claimed_on"]) for row in coupons)
    for row in coupons:
        row["claimed_on"] += shift
        row["burnt_on"] = row["burnt_on"] and row["burnt_on"] + shift

    def cut(by: Callable[[pd.DataFrame], pd.Series]) -> Shop:
        frame = describe_by_hand(
            pd.DataFrame([{"join_date": FIRST, **row} for row in customers]), pd.DataFrame(coupons)
        )
        return build(engine, customers, coupons, dict(zip(frame.customer_id, by(frame), strict=True)))

    return cut
