"""The same raw tables give the same on every engine: features, the sample drawn, segments, profiles, metrics, SQL.

DuckDB on Parquet is what the others are held against, and is itself held against pandas and SciPy.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import psycopg
import pyarrow as pa
import pytest
from scipy.spatial.distance import cdist

import coterie as ct
from coterie.clustering import Points
from coterie.segmentation import steps
from coterie.tables import read
from tests_shops import COUPON_CUSTOMERS, Shop, coupon_shop, order_shop

SHOPS = {"coupons": coupon_shop, "orders": order_shop}
PRESETS = {"coupons": "engagement", "orders": "orders"}
FEW = 2
"""Most customers who may be so near to the middle between two segments that engines differ; none are expected."""

every_shop = pytest.mark.parametrize("shop", SHOPS)
every_other_engine = pytest.mark.parametrize("engine", ["csv", "parts", "postgres", "spark"])


@dataclasses.dataclass(frozen=True)
class Outcome:
    """A run on one engine, and what passed between its steps."""

    run: ct.Segmentation
    features: pa.Table
    points: Points
    listed: pa.Table

    @property
    def tables(self):
        return self.run._segmented.tables


@pytest.fixture(scope="module")
def shops(tmp_path_factory):
    """Shop by name, each written once."""
    written: dict[str, Shop] = {}

    def shop(name: str) -> Shop:
        if name not in written:
            written[name] = SHOPS[name](tmp_path_factory.mktemp(name))
        return written[name]

    return shop


@pytest.fixture(scope="module")
def tables_on(request, shops):
    """The raw tables of a shop as an engine reads them, not yet looked at."""
    placed: dict[str, str] = {}

    def source(engine: str, shop: str) -> tuple[Any, str | None]:
        if engine == "spark":
            return shops(shop).parts, request.getfixturevalue("spark").address
        if engine == "postgres":
            if shop not in placed:
                placed[shop] = shops(shop).put(request.getfixturevalue("postgres"), f"equal_{shop}")
            return placed[shop], None
        return getattr(shops(shop), engine), None

    return source


@pytest.fixture(scope="module")
def outcomes(tables_on):
    """Outcome by engine and shop, each made once."""
    made: dict[tuple[str, str], Outcome] = {}

    def outcome(engine: str, shop: str) -> Outcome:
        if (engine, shop) not in made:
            source, address = tables_on(engine, shop)
            made[engine, shop] = _run(read(source, engine=address), PRESETS[shop])
        return made[engine, shop]

    yield outcome
    for one in made.values():
        one.tables.engine.close()


def _run(tables, preset: str) -> Outcome:
    seen: dict[str, Any] = {}
    with pytest.MonkeyPatch.context() as patch:
        for step in ("describe", "_points"):
            patch.setattr(steps, step, _overheard(getattr(steps, step), seen, step))
        run = ct.segment(tables, preset=preset, k_range=(3, 4), evidence=False)
    described = seen["describe"]
    columns = [name for name in described.table.columns if name not in ("row", "customer_id")]
    features = tables.engine.collect(described.table.order_by("row").select("customer_id", *columns))
    return Outcome(run, features, seen["_points"], run.to_arrow())


def _overheard(function, seen, name):
    def call(*given, **named):
        seen[name] = function(*given, **named)
        return seen[name]

    return call


def numbers_of(value: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    """Every single value within nested ones, with where it stands."""
    if dataclasses.is_dataclass(value):
        value = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        for key, one in value.items():
            yield from numbers_of(one, f"{place}.{key}")
    elif isinstance(value, list | tuple):
        for at, one in enumerate(value):
            yield from numbers_of(one, f"{place}[{at}]")
    else:
        yield place, value


def assert_alike(left: Any, right: Any) -> None:
    """Equal in all that is no fraction; fractions to 1e-9 of their size."""
    one, other = dict(numbers_of(left)), dict(numbers_of(right))
    assert one.keys() == other.keys()
    floats = [place for place in one if isinstance(one[place], float) and isinstance(other[place], float)]
    values = [[found.pop(place) for place in floats] for found in (one, other)]
    assert one == other
    far = ~np.isclose(*values, rtol=1e-9, atol=1e-12, equal_nan=True)
    assert [place for place, differs in zip(floats, far, strict=True) if differs] == []


def assert_columns_alike(left: pa.Table, right: pa.Table, names: list[str]) -> None:
    """Row by row: numbers to 1e-9, NULL where the other is NULL, all else equal."""
    for name in names:
        one, other = left[name], right[name]
        if not pa.types.is_floating(other.type):
            assert one.to_pylist() == other.to_pylist(), name
            continue
        one, other = (np.array(values.to_pylist(), dtype=np.float64) for values in (one, other))
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-9, equal_nan=True, err_msg=name)


def between(left: dict[Any, int], right: pa.Table) -> int:
    """Customers with another segment: each stands between two as good as exactly; how many."""
    rows = right.to_pylist()
    assert left.keys() == {row["customer_id"] for row in rows}
    moved = [row for row in rows if left[row["customer_id"]] != row["segment"]]
    assert all(row["margin"] < 1e-6 for row in moved)
    return len(moved)


def segments_of(listed: pa.Table) -> dict[Any, int]:
    return dict(zip(listed["customer_id"].to_pylist(), listed["segment"].to_pylist(), strict=True))


@every_shop
@every_other_engine
def test_the_same_is_found_in_the_tables(outcomes, engine, shop):
    there, here = (outcomes(name, shop).run.quality for name in (engine, "parquet"))
    assert there.tables == here.tables
    found = [
        {(one.rule, one.table, one.column, one.count) for one in quality.problems if one.rule != "split_table"}
        for quality in (there, here)
    ]
    assert found[0] == found[1]
    assert len(found[1]) > 4


@every_shop
@every_other_engine
def test_features_are_the_same(outcomes, engine, shop):
    there, here = outcomes(engine, shop), outcomes("parquet", shop)
    assert there.run.result.learned == here.run.result.learned
    assert there.features.column_names == here.features.column_names
    assert_columns_alike(there.features, here.features, here.features.column_names)


@every_shop
@every_other_engine
def test_the_weighted_sample_is_the_same(outcomes, engine, shop):
    there, here = outcomes(engine, shop).points, outcomes("parquet", shop).points
    assert (there.customers, there.exact) == (here.customers, here.exact)
    assert here.exact == (shop == "orders")
    np.testing.assert_allclose(there.x, here.x, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(there.weight, here.weight, rtol=1e-9)
    if not here.exact:
        assert len(here.x) < here.customers
        np.testing.assert_allclose(there.uniform, here.uniform, rtol=1e-9, atol=1e-9)


@every_shop
@every_other_engine
def test_segments_are_the_same(outcomes, engine, shop):
    there, here = outcomes(engine, shop), outcomes("parquet", shop)
    assert_alike(there.run.choice, here.run.choice)
    assert_alike(there.run.result.model.centroids, here.run.result.model.centroids)
    assert between(segments_of(there.listed), here.listed) <= FEW
    if there.listed["segment"] == here.listed["segment"]:
        assert_columns_alike(there.listed, here.listed, here.listed.column_names)


@every_shop
@every_other_engine
def test_profiles_and_metrics_are_the_same(outcomes, engine, shop):
    there, here = outcomes(engine, shop).run, outcomes("parquet", shop).run
    assert_alike(there.profiles, here.profiles)
    assert_alike(there.metrics, here.metrics)
    assert there.actions == here.actions


@every_shop
@every_other_engine
def test_a_saved_model_places_the_same(outcomes, engine, shop):
    here = outcomes("parquet", shop)
    there = here.run.assign(outcomes(engine, shop).tables)
    assert between(segments_of(there), here.listed) <= FEW
    ids = there["customer_id"].to_pylist()
    assert ids == sorted(ids)


@every_shop
@pytest.mark.parametrize("engine", ["duckdb", "postgres", "spark"])
def test_the_model_as_sql_places_the_same(outcomes, tables_on, shops, engine, shop):
    here = outcomes("parquet", shop)
    query = here.run.sql(engine, data=shops(shop).parts if engine == "spark" else shops(shop).parquet)
    with RUNNERS[engine](tables_on, shops, outcomes, shop) as answer:
        assert between(answer(query), here.listed) <= FEW


@contextmanager
def on_duckdb(tables_on, shops, outcomes, shop):
    with duckdb.connect() as there:
        for name in shops(shop).tables:
            there.execute(f"CREATE VIEW {name} AS FROM '{shops(shop).parquet / name}.parquet'")
        yield lambda query: dict(there.execute(query).fetchall())


@contextmanager
def on_postgres(tables_on, shops, outcomes, shop):
    # The server takes thousands of rows for one, and compares all with all: right, but a minute.
    with psycopg.connect(tables_on("postgres", shop)[0], options="-c enable_nestloop=off") as there:
        yield lambda query: dict(there.execute(query).fetchall())


@contextmanager
def on_spark(tables_on, shops, outcomes, shop):
    there = outcomes("spark", shop).tables.engine._spark
    for name in shops(shop).tables:
        there.read.parquet(str(shops(shop).parts / name)).createOrReplaceTempView(name)
    yield lambda query: {row[0]: row[1] for row in there.sql(query).collect()}
    for name in shops(shop).tables:
        there.catalog.dropTempView(name)


RUNNERS = {"duckdb": on_duckdb, "postgres": on_postgres, "spark": on_spark}


@pytest.fixture(scope="module")
def by_hand(shops):
    """Coupons, burnt ones and recency of every customer of the coupon shop, by pandas from the raw tables."""
    raw = {name: rows.to_pandas() for name, rows in shops("coupons").tables.items()}
    coupons = raw["transactions"].dropna(subset=["customer_id", "transaction_date"]).drop_duplicates()
    coupons = coupons[~coupons.transaction_id.duplicated(keep=False)]
    coupons = coupons.assign(day=pd.to_datetime(coupons.transaction_date))
    burnt = coupons.transaction_status.str.strip().str.lower() == "burnt"
    last_day = max(coupons.day.max(), pd.to_datetime(coupons.burn_date).max())
    grouped = coupons.assign(burnt=burnt).groupby("customer_id")
    found = pd.DataFrame(
        {
            "transaction_count": grouped.size(),
            "coupons_burnt": grouped.burnt.sum(),
            "recency": (last_day - grouped.day.max()).dt.days,
        }
    )
    people = set(raw["customers"].customer_id) | set(found.index)
    found = found.reindex(sorted(people))
    return found.fillna({"transaction_count": 0, "coupons_burnt": 0})


def test_the_reference_agrees_with_pandas(outcomes, by_hand):
    found = outcomes("parquet", "coupons").features
    assert found["customer_id"].to_pylist() == by_hand.index.to_list()
    assert len(by_hand) == COUPON_CUSTOMERS + 40
    for name in by_hand.columns:
        np.testing.assert_array_equal(np.array(found[name].to_pylist(), dtype=float), by_hand[name].to_numpy(float))


@every_shop
def test_the_reference_places_everyone_at_the_nearest_centroid(outcomes, shop):
    here = outcomes("parquet", shop)
    model, active = here.run.result.model, np.array(here.features["active"].to_pylist())
    treat = {"none": lambda values: values, "log": np.log, "log1p": np.log1p}
    columns = []
    for axis in model.coordinates:
        values = np.array(here.features[axis.feature].to_pylist(), dtype=float)
        values = np.where(np.isnan(values), axis.fill, values)
        columns.append((treat[axis.treatment](values) - axis.mean) / axis.sd)
    away = cdist(np.column_stack(columns), np.array(model.centroids))
    nearest, farther = np.sort(away, axis=1)[:, :2].T
    segments = np.where(active, away.argmin(axis=1) + 1, 0)
    assert here.listed["segment"].to_pylist() == segments.tolist()
    for name, wanted in (("distance", nearest), ("margin", (farther - nearest) / (farther + nearest))):
        found = np.array(here.listed[name].to_pylist(), dtype=float)
        np.testing.assert_allclose(found, np.where(active, wanted, np.nan), rtol=1e-9, atol=1e-12)
