"""Segments at earlier days: by hand, and as assigning customers from tables cut off in pandas."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import replace
from itertools import pairwise
from types import SimpleNamespace

import ibis
import pandas as pd
import pyarrow as pa
import pytest

import coterie as ct
from coterie.engines import open_engine
from coterie.errors import UsageError
from coterie.features import describe
from coterie.metrics import Flow
from coterie.segmentation import MODEL_FORMAT, Model, Work, assign
from coterie.segmentation import flow as following
from coterie.segmentation.flow import NOT_YET, followed
from coterie.segmentation.judging import select_features
from coterie.segmentation.steps import describe_customers, find_segments, place_customers, scale_features
from coterie.settings import Settings
from coterie.tables import coupons_by_day, known_at, read
from coterie.tables.contract import MONEY, Quality, Tables
from coterie.tables.sample.shop import make_shop

ANY = SimpleNamespace(features=("coupons_burnt",), coordinates=())
OPEN = SimpleNamespace(features=("coupons_claimed",), coordinates=())


def flow(model, tables, days=None):
    """Of all customers, by default on the days chosen."""
    days = flow_days(model, tables) if days is None else days
    return following.flow(model, followed(model, tables, describe(tables).table), days)


def flow_days(model, tables):
    """Chosen from all coupons, and the same from those counted by day."""
    people = describe(tables).table
    days = following.flow_days(model, tables, people)
    assert following.flow_days(model, tables, people, coupons_by_day(tables, None)) == days
    return days


def first_known(tables):
    """The first day that anything is known of each customer, from a look at every event in Python; None if no day."""
    first = {}
    events = [(tables.coupons, "claimed_on"), (tables.customers, "join_date")]
    events += [(tables.lines, "ordered_on")] if tables.lines is not None else []
    for table, day in events:
        for row in tables.engine.collect(table.select("customer_id", day=table[day])).to_pylist():
            known = [one for one in (first.get(row["customer_id"]), row["day"]) if one is not None]
            first[row["customer_id"]] = min(known, default=None)
    return first


def frames_of(folder, **shop):
    ct.sample(folder, file_format="parquet", **shop)
    frames = {path.stem: pd.read_parquet(path) for path in folder.glob("*.parquet")}
    rows = frames["transactions"]
    for name in ("transaction_date", "burn_date"):
        rows[name] = pd.to_datetime(rows[name])
    frames["customers"]["join_date"] = pd.to_datetime(frames["customers"].join_date)
    return frames


@pytest.fixture(scope="module")
def frames(tmp_path_factory):
    return frames_of(tmp_path_factory.mktemp("flow") / "shop", customers=400, seed=7)


@pytest.fixture(scope="module")
def tables(frames):
    return read(frames)


def cut_off(frames, day):
    """Frames that hold what was known at the end of the day, by pandas."""
    day = pd.Timestamp(day)
    rows = frames["transactions"]
    rows = rows[rows.transaction_date <= day].copy()
    later = rows.burn_date > day
    rows.loc[later, "transaction_status"] = "claimed"
    rows.loc[later, ["burn_date", "branch_id"]] = None  # an open coupon of this shop has no branch
    people = frames["customers"]
    people = people[(people.join_date <= day) | people.customer_id.isin(rows.customer_id)]
    return {**frames, "transactions": rows, "customers": people}


def model_of(tables, features, k):
    """A model of k segments, and the list of the customers it was made from."""
    work = Work(tables, Settings(features=features, k=k, k_range=(k, k), evidence=False))
    for step in (describe_customers, select_features, scale_features, find_segments, place_customers):
        work = step(work)
    names = {str(segment): "" for segment in range(1, k + 1)}
    model = Model(
        format=MODEL_FORMAT,
        preset="",
        features=work.described.clustered,
        attributes=(),
        include_inactive=False,
        as_of=tables.as_of,
        seed=0,
        k=k,
        learned=work.described.learned,
        coordinates=work.scaling.coordinates,
        centroids=tuple(tuple(float(value) for value in row) for row in work.centroids),
        names=names,
        actions=names,
    )
    return model, listed(tables, work.assigned.select("customer_id", "segment"))


def segments_of(model, tables):
    return listed(tables, assign(model, tables))


def listed(tables, assignments):
    rows = tables.engine.collect(assignments).to_pylist()
    return pd.Series({row["customer_id"]: row["segment"] for row in rows})


def agrees(found, lists):
    """Sizes and moves counted in pandas from one Series customer -> segment per day."""
    for sizes, one in zip(found.sizes, lists, strict=True):
        assert sizes == {str(segment): n for segment, n in one.value_counts().items()}
        assert list(sizes) == sorted(sizes, key=int)
    moves = []
    for at, (before, after) in enumerate(pairwise(lists)):
        assert set(before.index) <= set(after.index)
        pairs = pd.DataFrame({"a": before.reindex(after.index).fillna(NOT_YET).astype(int), "b": after})
        moves += [(at, int(a), int(b), int(n)) for (a, b), n in sorted(pairs.value_counts().items())]
    assert list(found.moves) == moves


@pytest.mark.parametrize(
    ("features", "days"),
    [
        (None, (dt.date(2022, 9, 13), dt.date(2023, 12, 31))),
        (("coupons_claimed", "branches_used"), (dt.date(2023, 6, 30),)),
    ],
)
def test_flow_is_assigning_what_was_known(frames, tables, features, days):
    model, own = model_of(tables, features, 4)
    found = flow(model, tables, days)
    assert found.days == (*days, tables.as_of)
    lists = [segments_of(model, read(cut_off(frames, day), as_of=day)) for day in days]
    agrees(found, [*lists, own])
    assert {move[1] for move in found.moves} >= {NOT_YET, 0, 1, 2, 3, 4}
    assert any(before != after for _, before, after, _ in found.moves if before > 0)
    assert sum(n for at, _, _, n in found.moves if at == 0) == sum(found.sizes[1].values())


def test_moves_by_hand():
    """Twenty customers with ten coupons each, all but one of February; twenty with one, a quarter of them late."""
    rows = [(one, f"2024-{1 + (n > 0)}-{3 + n}") for one in range(1, 21) for n in range(10)]
    rows += [(one, "2024-1-20" if one <= 35 else "2024-2-20") for one in range(21, 41)]
    transactions = pd.DataFrame(rows, columns=["customer_id", "transaction_date"])
    transactions["transaction_date"] = pd.to_datetime(transactions.transaction_date)
    transactions["transaction_status"] = "claimed"
    transactions["burn_date"] = pd.Series(pd.NaT, index=transactions.index).astype("datetime64[ns]")
    transactions.loc[transactions.customer_id.isin([1, 21]), "transaction_status"] = "burnt"
    transactions["burn_date"] = transactions.transaction_date.where(transactions.transaction_status == "burnt")
    joined = ["2024-1-31", "2024-2-1"]
    customers = pd.DataFrame({"customer_id": [51, 52], "join_date": pd.to_datetime(joined)})
    tables = read({"transactions": transactions, "customers": customers})
    model, _ = model_of(tables, ("transaction_count",), 2)
    found = flow(model, tables, [dt.date(2024, 1, 31)])
    assert found.days == (dt.date(2024, 1, 31), dt.date(2024, 2, 20))
    assert found.sizes == ({"0": 1, "2": 35}, {"0": 2, "1": 20, "2": 20})
    assert found.moves == ((0, -2, 0, 1), (0, -2, 2, 5), (0, 0, 0, 1), (0, 2, 1, 20), (0, 2, 2, 15))
    # With no day to compare, there is the run alone.
    assert flow(model, tables) == Flow((tables.as_of,), found.sizes[1:], ())


@pytest.mark.parametrize("day", [dt.date(2021, 12, 31), dt.date(2025, 6, 30)])
def test_days_outside_the_data_are_refused(tables, day):
    with pytest.raises(
        UsageError, match=rf"The segments of {day} cannot be told: the data run from {tables.first_day}"
    ):
        flow(ANY, tables, [day])


@pytest.mark.parametrize("as_of", ["2024-12-31", "2024-12-02", "2024-03-31", "2024-02-20", "2023-11-30"])
def test_days_are_month_ends_evenly_spaced_with_enough_known(tables, as_of):
    as_of = dt.date.fromisoformat(as_of)
    tables = known_at(tables, min(as_of, tables.as_of))
    found = flow_days(ANY, tables)
    assert found[-1] == tables.as_of
    ends = pd.DatetimeIndex(found[:-1])
    assert ends.is_month_end.all()
    steps = {(late.year - early.year) * 12 + late.month - early.month for early, late in pairwise(ends)}
    assert len(steps) == 1
    step = steps.pop()
    nearest = ends[-1] + pd.offsets.MonthEnd(step)
    assert abs((nearest.date() - tables.as_of).days) <= 15
    first = [one for one in first_known(tables).values() if one is not None]
    begin = tables.first_day + 0.25 * (tables.as_of - tables.first_day)
    all_ends = pd.date_range(tables.first_day, nearest, freq="ME", inclusive="left").date
    good = [end for end in all_ends if end >= begin and sum(one <= end for one in first) >= 200]
    # Not one more at this spacing, and no closer spacing with 12 days or fewer.
    assert list(found[:-1]) == good[::-1][step - 1 :: step][::-1]
    assert step == math.ceil(len(good) / 11) > 0
    assert 3 <= len(found) <= 12


def test_few_customers_are_not_looked_at_earlier(frames):
    few = {name: frame[frame.customer_id <= 190] if "customer_id" in frame else frame for name, frame in frames.items()}
    tables = read(few)
    assert flow_days(ANY, tables) == (tables.as_of,)


@pytest.mark.parametrize(("share", "shown"), [(0.04, True), (0.07, False)])
def test_burns_of_unknown_days_show_no_flow(frames, share, shown):
    rows = frames["transactions"].copy()
    burnt = rows.index[rows.transaction_status == "burnt"]
    rows.loc[burnt[: int(share * len(burnt))], "burn_date"] = pd.NaT
    tables = read({**frames, "transactions": rows})
    assert (len(flow_days(ANY, tables)) > 1) == shown


def test_unknown_expiries_matter_where_open_coupons_count(frames):
    rows = frames["transactions"].copy()
    rows.loc[rows.index[(rows.transaction_status == "claimed") & (rows.index % 2 == 0)], "transaction_status"] = (
        "expired"
    )
    tables = read({**frames, "transactions": rows})
    assert len(flow_days(ANY, tables)) > 1
    assert flow_days(OPEN, tables) == (tables.as_of,)
    dated = rows.assign(expiry_date=rows.transaction_date + pd.Timedelta(days=60))
    assert len(flow_days(OPEN, read({**frames, "transactions": dated}))) > 1


def orders_only(orders, as_of):
    """Tables of order lines alone, from a frame."""
    engine = open_engine()
    count = len(orders)
    columns = {
        "customer_id": pa.array(orders.customer_id, pa.int64()),
        "order_id": pa.array(orders.order_id.astype(str)),
        "ordered_on": pa.array(orders.day.dt.date),
        "kind": pa.array(["sale"] * count),
        "money": pa.array((orders.amount * MONEY).round().astype("int64")),
        "quantity": pa.nulls(count, pa.float64()),
        **{name: pa.nulls(count, pa.string()) for name in ("category", "product", "product_name")},
        **{name: pa.nulls(count, pa.int64()) for name in ("branch_id", "merchant_id")},
    }
    lines = pa.table(columns)
    customers = {"customer_id": pa.int64(), "join_date": pa.date32(), "city": pa.string(), "gender": pa.string()}
    coupons = {
        "transaction_id": pa.int64(),
        "customer_id": pa.int64(),
        "claimed_on": pa.date32(),
        "status": pa.string(),
        "burnt_on": pa.date32(),
        "expires_on": pa.date32(),
        "coupon_name": pa.string(),
        "branch_id": pa.int64(),
        "merchant_id": pa.int64(),
    }
    return Tables(
        engine=engine,
        customers=engine.load([], pa.schema(list(customers.items()))),
        coupons=engine.load([], pa.schema(list(coupons.items()))),
        lines=engine.load(lines.to_batches(), lines.schema),
        names={"branch": {}, "merchant": {}},
        rejects={},
        attributes=(),
        columns=frozenset({"orders"}),
        quality=Quality({}, ()),
        first_day=orders.day.min().date(),
        as_of=as_of,
        label="orders",
        fingerprint={},
    )


def test_orders_take_the_same_way():
    orders = make_shop(customers=300, seed=2, orders=True).tables["orders"].to_pandas()
    orders["day"] = pd.to_datetime(orders.order_date)
    tables = orders_only(orders, orders.day.max().date())
    model, own = model_of(tables, ("order_count", "total_spend", "recency"), 3)
    days = (dt.date(2022, 9, 13), dt.date(2023, 12, 31))
    found = flow(model, tables, days)
    lists = [segments_of(model, orders_only(orders[orders.day <= pd.Timestamp(day)], day)) for day in days]
    agrees(found, [*lists, own])
    assert len(flow_days(model, tables)) > 3


def test_a_return_before_the_first_order_makes_a_customer_known():
    """Of 300 customers with an order in June 200 brought something back, or had it free, in February."""
    rows = [(one, "2024-06-15", 10.0) for one in range(300)]
    early = [(one, "2024-02-10", -1.0 if one % 2 else 0.0) for one in range(200)]
    orders = pd.DataFrame([*rows, *early, (0, "2024-01-01", 1.0)], columns=["customer_id", "day", "amount"])
    orders["day"], orders["order_id"] = pd.to_datetime(orders.day), orders.index
    tables = orders_only(orders, dt.date(2024, 6, 30))
    kind = ibis.cases((tables.lines.money > 0, "sale"), (tables.lines.money < 0, "return"), else_="free")
    tables = replace(tables, lines=tables.lines.mutate(kind=kind))
    # Known in January is one customer, from February on 200.
    assert flow_days(ANY, tables) == tuple(
        dt.date(2024, month, day) for month, day in ((2, 29), (3, 31), (4, 30), (5, 31), (6, 30))
    )
    without = replace(tables, lines=tables.lines.filter(tables.lines.kind == "sale"))
    assert flow_days(ANY, without) == (dt.date(2024, 6, 30),)
