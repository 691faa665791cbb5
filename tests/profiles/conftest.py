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
from coterie.features import describe
from coterie.features.contract import BurnCurveTable, Described, Feature, Learned
from coterie.tables.contract import MONEY, Attribute, Quality, Tables

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
        columns=frozenset({"transactions"}),
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


LINE = pa.schema(
    [
        ("customer_id", pa.int64()),
        ("order_id", pa.string()),
        ("ordered_on", pa.date32()),
        ("kind", pa.string()),
        ("money", pa.int64()),
        ("quantity", pa.float64()),
        ("category", pa.string()),
        ("product", pa.string()),
        ("product_name", pa.string()),
        ("branch_id", pa.int64()),
        ("merchant_id", pa.int64()),
    ]
)


@dataclass(frozen=True)
class OrderShop:
    """What room 7 is given of a shop with orders, and its customers and lines as pandas frames."""

    tables: Tables
    described: Described
    assigned: Any
    people: pd.DataFrame
    lines: pd.DataFrame


def cut_by(tables: Tables, segments: Callable[[pd.DataFrame], pd.Series]) -> OrderShop:
    """The customers described by us and put into the segments a function of them says; figures are for others to check."""
    engine, described = tables.engine, describe(tables)
    people = pd.DataFrame(engine.collect(described.table).to_pydict())
    people["segment"] = segments(people).astype("int64")
    placed = people[["customer_id", "segment"]].rename(columns={"customer_id": "placed_id"})
    place = pa.Table.from_pandas(placed, preserve_index=False)
    table = engine.load(place.to_batches(), place.schema)
    joined = described.table.left_join(table, described.table.customer_id == table.placed_id).drop("placed_id")
    number = joined.row.cast("float64")
    assigned = engine.keep(joined.mutate(distance=number % 7, margin=number % 11 / 11), order_by=("row",))
    lines = pd.DataFrame(engine.collect(tables.lines).to_pydict())
    return OrderShop(tables, described, assigned, people, lines)


def order_tables(
    engine: Engine,
    lines: Sequence[Mapping[str, Any]],
    customers: Sequence[Mapping[str, Any]] = (),
    coupons: Sequence[Mapping[str, Any]] | None = None,
    attributes: Mapping[str, tuple[str, ...]] | None = None,
    as_of: dt.date = AS_OF,
    currency: str | None = None,
) -> Tables:
    """Tables of these rows: a line has customer_id, order_id, ordered_on, amount; kind follows from the amount's sign."""
    kinds = {1: "sale", -1: "return", 0: "free"}
    plain = dict.fromkeys(LINE.names)
    rows = []
    for line in lines:
        money = round(line["amount"] * MONEY)
        kind = line.get("kind", kinds[(money > 0) - (money < 0)])
        rows.append({**plain, **line, "money": money, "kind": kind})
    extra = [pa.field(name, pa.string()) for name in attributes or {}]
    schema = pa.schema([*CUSTOMER, *extra])
    nothing = dict.fromkeys(schema.names)
    people = pa.Table.from_pylist([{**nothing, **row} for row in customers], schema)
    line_table = pa.Table.from_pylist(rows, LINE)
    unknown = dict.fromkeys(COUPON.names)
    held = [{**unknown, "transaction_id": number, **row} for number, row in enumerate(coupons or ())]
    coupon_table = pa.Table.from_pylist(held, COUPON)
    columns = {"orders", "orders.product_category", "orders.branch_id"}
    if coupons is not None:
        columns |= {"transactions", "transactions.burn_date"}
    days = [row["ordered_on"] for row in lines] + [row["claimed_on"] for row in coupons or ()]
    return Tables(
        engine=engine,
        customers=engine.load(people.to_batches(), schema),
        coupons=engine.load(coupon_table.to_batches(), COUPON),
        names={"branch": {"7": "High Street"}, "merchant": {}},
        rejects={},
        attributes=tuple(Attribute(name, name, "text", values) for name, values in (attributes or {}).items()),
        columns=frozenset(columns) | {f"customers.{name}" for name in attributes or {}},
        quality=Quality({}, ()),
        first_day=min(days),
        as_of=as_of,
        label="orders",
        fingerprint={},
        lines=engine.load(line_table.to_batches(), LINE),
        currency=currency,
    )


@pytest.fixture(scope="module")
def make_orders(engine: Engine) -> Callable[..., OrderShop]:
    """Build a shop with orders from lines and a function that puts described customers into segments."""
    return lambda segments, *rows, **more: cut_by(order_tables(engine, *rows, **more), segments)


@pytest.fixture(scope="module")
def order_shop(engine: Engine) -> OrderShop:
    """40 who order often (1), 60 in small baskets now and then (2), 50 once and long ago (3); 3 who never kept it (0).

    Those of segment 1 buy books six times as often as others; some of 2 send things back.
    """
    lines: list[dict[str, Any]] = []
    for number in range(150):
        kind = 1 if number < 40 else 2 if number < 100 else 3
        for order in range({1: 9 + number % 4, 2: 3, 3: 1}[kind]):
            first = dt.date(2024, 1, 10) if kind < 3 else dt.date(2023, 2, 1)
            day = first + dt.timedelta(days=(35 if kind == 1 else 120) * order % 320 + number % 9)
            for line in range(1 + (number + order) % 3):
                amount = {1: 40.0, 2: 8.5, 3: 20.25}[kind] + line + number % 5 / 4
                books = (number + order + line) % 10 < (6 if kind == 1 else 1)
                category = "books" if books else ("toys", "tea")[line % 2]
                place = {"branch_id": 7 if number % 3 else 8}
                one = {"customer_id": number, "order_id": f"{number}-{order}", "ordered_on": day, **place}
                lines.append({**one, "amount": amount, "category": category})
        if kind == 2 and number % 2:
            back = {"customer_id": number, "order_id": f"R{number}", "ordered_on": dt.date(2024, 11, 1)}
            lines.append({**back, "amount": -8.5, "category": "toys"})
    for number, amount in ((200, -5.0), (201, -7.5), (202, 0.0)):
        lines.append({"customer_id": number, "order_id": f"x{number}", "ordered_on": AS_OF, "amount": amount})
    countries = ("Malta", "Chile", "Norway")
    people = [{"customer_id": number, "Country": countries[number % 3]} for number in [*range(150), 200, 201, 202]]
    tables = order_tables(engine, lines, people, attributes={"Country": countries}, currency="EUR")
    return cut_by(
        tables, lambda them: them.customer_id.map(lambda one: 1 + (one >= 40) + (one >= 100) if one < 150 else 0)
    )
