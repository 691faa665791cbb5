"""The model as SQL: run where the raw tables are, it gives what `assign` gives; elsewhere it is at least good grammar."""

from __future__ import annotations

import datetime as dt
import re

import duckdb
import ibis.expr.operations as ops
import psycopg
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
import sqlglot
from ibis.common.exceptions import OperationNotDefinedError

import coterie as ct
from coterie.engines import DIALECTS, Dialect, dialect_named, open_engine
from coterie.engines.composing import Source
from coterie.engines.layout import laid_out
from coterie.errors import UsageError
from coterie.segmentation import model_as_sql
from coterie.tables import read

PRESETS = ("engagement", "coupon-counts", "rfm", "coupon-demographics")
KINDS = {"string": "text", "int64": "bigint", "int32": "int", "double": "float8", "date32[day]": "date"}


def as_found(tables):
    """The raw tables under the names and columns that the query reads, as Arrow tables."""
    engine, found = tables.engine, {}
    for operation, source in engine.origins.of.items():
        if isinstance(source, Source):
            cells = [name for name in operation.schema.names if name != "_line"]
            rows = engine.collect(operation.to_expr().select(*cells))
            found[source.name] = rows.rename_columns(list(source.columns))
    return found


def composed(run, shop, dialect):
    """The query, and the raw tables to run it on."""
    tables = read(shop, as_of=run.result.model.as_of, keep_later_joiners=True, dialect=dialect_named(dialect))
    try:
        return model_as_sql(run.result.model, tables, dialect_named(dialect)), as_found(tables)
    finally:
        tables.engine.close()


def on_duckdb(query, raw):
    with duckdb.connect() as there:
        for name, rows in raw.items():
            there.register("rows", rows)
            there.execute(f'CREATE TABLE "{name}" AS FROM rows')
        return dict(there.execute(query).fetchall())


def assigned(run, shop):
    listed = run.assign(shop)
    return dict(zip(listed["customer_id"].to_pylist(), listed["segment"].to_pylist(), strict=True))


@pytest.fixture(scope="module")
def shops(tmp_path_factory):
    """A clean shop, the same as Parquet, and one with planted faults."""
    folder = tmp_path_factory.mktemp("shops")
    asked = {"clean": {}, "parquet": {"file_format": "parquet"}, "dirt": {"dirt": True}}
    return {name: ct.sample(folder / name, customers=400, orders=True, **more) for name, more in asked.items()}


@pytest.fixture(scope="module")
def runs(shops):
    made = {}

    def run(shop, preset, **more):
        key = shop, preset, tuple(more.items())
        if key not in made:
            k = None if more.get("algorithm") == "rfm" else 3
            made[key] = ct.segment(shops[shop], preset=preset, k=k, evidence=False, **more)
        return made[key]

    return run


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("shop", ["clean", "parquet", "dirt"])
def test_on_duckdb_it_gives_what_assign_gives(shops, runs, shop, preset):
    run = runs(shop, preset)
    query, raw = composed(run, shops[shop], "duckdb")
    found = on_duckdb(query, raw)
    assert found == assigned(run, shops[shop])
    assert len(set(found.values())) >= 3


@pytest.mark.parametrize("shop", ["clean", "dirt"])
def test_on_postgres_it_gives_what_assign_gives(postgres, shops, runs, shop):
    run = runs(shop, "engagement")
    query, raw = composed(run, shops[shop], "postgres")
    postgres.sql("postgres", f"DROP DATABASE IF EXISTS as_sql_{shop}", f"CREATE DATABASE as_sql_{shop}")
    with psycopg.connect(postgres.address(f"as_sql_{shop}")) as there:
        for name, rows in raw.items():
            columns = ", ".join(f'"{one.name}" {KINDS[str(one.type)]}' for one in rows.schema)
            there.execute(f'CREATE TABLE "{name}" ({columns})')
            with there.cursor().copy(f'COPY "{name}" FROM STDIN') as copy:
                for row in zip(*(column.to_pylist() for column in rows.columns), strict=True):
                    copy.write_row(row)
        assert dict(there.execute(query).fetchall()) == assigned(run, shops[shop])


@pytest.mark.xdist_group("spark")
@pytest.mark.parametrize("shop", ["parquet", "dirt"])
def test_on_spark_it_gives_what_assign_gives(spark, shops, runs, shop, tmp_path):
    run = runs(shop, "engagement")
    query, raw = composed(run, shops[shop], "spark")
    engine = open_engine("spark", address=spark.address)
    try:
        for name, rows in raw.items():
            pq.write_table(rows, tmp_path / f"{name}.parquet")
            engine._spark.read.parquet(str(tmp_path / f"{name}.parquet")).createOrReplaceTempView(name)
        found = {row[0]: row[1] for row in engine._spark.sql(query).collect()}
    finally:
        engine.close()
    assert found == assigned(run, shops[shop])


@pytest.mark.parametrize("algorithm", ["rfm", "mixture"])
def test_rules_that_are_plain_arithmetic_are_said_too(shops, runs, algorithm):
    run = runs("clean", "rfm", algorithm=algorithm)
    query, raw = composed(run, shops["clean"], "duckdb")
    assert on_duckdb(query, raw) == assigned(run, shops["clean"])


@pytest.mark.parametrize("dialect", ["duckdb", "postgres"])
def test_a_shop_where_every_burn_is_on_the_day_of_its_claim(tmp_path, dialect):
    """Its burn curve is known from day 0, so that there is nothing to look up."""
    rows = ["transaction_id,customer_id,transaction_date,transaction_status,burn_date"]
    for number in range(120):
        day, burnt = f"2024-01-{1 + number % 28:02}", number % 3 == 0
        rows.append(
            f"{number},{number % (7 + number % 23)},{day},{'burnt' if burnt else 'claimed'},{day if burnt else ''}"
        )
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "transactions.csv").write_text("\n".join(rows))
    run = ct.segment(tmp_path / "shop", k=2, evidence=False)
    query, raw = composed(run, tmp_path / "shop", dialect)
    if dialect == "duckdb":
        assert on_duckdb(query, raw) == assigned(run, tmp_path / "shop")
    assert "VALUES )" not in query
    sqlglot.parse_one(query, read=dialect)


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda one: one.name)
def test_white_space_within_texts_stays_as_it_is(dialect):
    assert laid_out("SELECT\n  'a\x0b\x0c\x85b' AS x", 120, None) == "SELECT\n  'a\x0b\x0c\x85b' AS x"
    assert dialect.needs_quotes("städte")


def test_the_query_stays_right_as_the_tables_grow(shops, runs, tmp_path):
    """Faults and words that no row had when it was written; read anew, assign agrees."""
    run = runs("clean", "coupon-counts")
    query, raw = composed(run, shops["clean"], "duckdb")
    coupons = raw["transactions"]
    first = coupons.slice(0, 5).to_pylist()
    changed = [
        first[0],  # a copy
        {**first[1], "customer_id": "77777"},  # contradicts a row with its key
        {**first[2], "transaction_id": "900001", "transaction_status": "cancelled"},
        {**first[3], "transaction_id": "900002", "transaction_status": " redeemed ", "burn_date": "2024-12-30"},
        {**first[4], "transaction_id": "900003", "customer_id": None},
        {**first[4], "transaction_id": "900004", "transaction_status": "lapsed", "burn_date": None},
        {**first[4], "transaction_id": "900005", "transaction_date": "2025-03-01"},
        {**first[4], "transaction_id": "900006", "customer_id": "88888"},
    ]
    raw["transactions"] = pa.concat_tables([coupons, pa.Table.from_pylist(changed, schema=coupons.schema)])
    (tmp_path / "shop").mkdir()
    for name, rows in raw.items():
        pyarrow.csv.write_csv(rows, tmp_path / "shop" / f"{name}.csv")
    found = on_duckdb(query, raw)
    assert found == assigned(run, tmp_path / "shop")
    assert 88888 in found
    assert 77777 not in found


def test_it_reads_online_retail(reference_data):
    shop = reference_data / "online-retail"
    run = ct.segment(shop, preset="rfm", k=4, evidence=False)
    query, raw = composed(run, shop, "duckdb")
    assert on_duckdb(query, raw) == assigned(run, shop)


def test_it_reads_dunnhumby(reference_data):
    shop = reference_data / "dunnhumby"
    run = ct.segment(shop, k=4, evidence=False)
    query, raw = composed(run, shop, "duckdb")
    assert on_duckdb(query, raw) == assigned(run, shop)


@pytest.mark.parametrize("dialect", [one.name for one in DIALECTS])
def test_typed_tables_can_be_read_in_every_dialect(shops, runs, dialect):
    run = runs("parquet", "coupon-counts")
    text, _ = composed(run, shops["parquet"], dialect)
    tree = sqlglot.parse_one(text, read=dialect)
    assert [one.alias_or_name for one in tree.expressions] == ["customer_id", "segment"]
    tables = {one.name for one in tree.find_all(sqlglot.exp.Table)} - {one.alias for one in tree.ctes}
    assert tables == {"customers", "transactions", "orders"}  # who ordered only is known too; no others matter
    assert not re.search(r"\b_line\b", text)


class Wordless(Dialect):
    """DuckDB without powers."""

    def compile(self, expression):
        if expression.op().find(ops.Power):
            raise OperationNotDefinedError("Compilation rule for 'Power' operation is not defined")
        return super().compile(expression)


def test_what_a_dialect_cannot_express_is_refused_by_name(shops, runs):
    run = runs("parquet", "engagement")
    for dialect, told in (
        (Wordless("duckdb", ""), "duckdb cannot express claims_per_time, orders_per_time (Power). "),
        (
            Dialect("mysql", ""),
            "mysql has no word for MySQL does not support Infinity, which reading these tables takes",
        ),
    ):
        tables = read(shops["parquet"], as_of=run.result.model.as_of, dialect=dialect)
        with pytest.raises(UsageError, match="^" + re.escape(told)):
            model_as_sql(run.result.model, tables, dialect)
        tables.engine.close()


def test_features_that_no_dialect_can_express_are_refused_by_name(shops):
    run = ct.segment(shops["clean"], features=["expected_orders", "order_count"], k=3, evidence=False)
    with pytest.raises(UsageError, match=r"^Feature 'expected_orders' cannot be said in SQL"):
        composed(run, shops["clean"], "duckdb")


def test_a_rule_of_thousands_of_points_is_refused(shops):
    run = ct.segment(shops["clean"], algorithm="hdbscan", evidence=False)
    if run.result.model.cores is None:
        pytest.skip("no groups were found")
    with pytest.raises(UsageError, match=r"^The segments of hdbscan cannot be said in SQL"):
        composed(run, shops["clean"], "duckdb")


def test_a_log_of_events_is_refused(tmp_path):
    rows = [(f"c{at % 20}", f"x{at}", day, word) for at in range(60) for day, word in ((1, "claimed"), (9, "burnt"))]
    lines = [
        f"{who},{what},2024-{1 + at // 2 % 9:02}-{day:02},{word}" for at, (who, what, day, word) in enumerate(rows)
    ]
    (tmp_path / "transactions.csv").write_text(
        "\n".join(["customer_id,coupon_name,transaction_date,transaction_status", *lines])
    )
    (tmp_path / "coterie.toml").write_text('status_meaning = "event"')
    run = ct.segment(tmp_path, preset="coupon-counts", evidence=False)
    with pytest.raises(UsageError, match=r"^The order of the rows of transactions decides how they are read"):
        composed(run, tmp_path, "duckdb")


def test_it_says_what_it_is_and_is_short(shops, runs):
    run = runs("parquet", "engagement")
    text, _ = composed(run, shops["parquet"], "duckdb")
    head = [line for line in text.splitlines() if line.startswith("-- ")]
    assert f"as of {run.result.model.as_of}." in head[0]
    assert all(f"{one.segment} {one.name}" in head[3] for one in run.profiles.segments)
    assert len(text.splitlines()) < 700
    steps = re.findall(r"^(?:WITH |\), )(\w+) AS \($", text, re.MULTILINE)
    assert steps[-2:] == ["features", "coordinates"]
    assert "raw_transactions" in steps
    assert "raw_cities" not in steps  # nothing of it matters


def test_another_day_is_another_query(shops, runs):
    run = runs("parquet", "rfm")
    day = dt.date(2024, 6, 30)
    text = run.sql("duckdb", data=shops["parquet"], as_of=day)
    assert "as of 2024-06-30." in text
    _, raw = composed(run, shops["parquet"], "duckdb")
    listed = run.assign(shops["parquet"], as_of=day)
    expected = dict(zip(listed["customer_id"].to_pylist(), listed["segment"].to_pylist(), strict=True))
    assert on_duckdb(text, raw) == expected


def test_it_runs_on_the_data_of_the_run_or_others(shops, tmp_path):
    run = ct.segment(shops["parquet"], preset="coupon-counts", k=2, evidence=False)
    folder = run.save(tmp_path / "run", report=False)
    assert ct.load(folder).sql("spark") == ct.load(folder).sql("spark", data=shops["parquet"])
    frames = {path.stem: pq.read_table(path) for path in shops["parquet"].glob("*.parquet")}
    of_frames = ct.segment(frames, preset="coupon-counts", k=2, evidence=False)
    with pytest.raises(UsageError, match="does not say where its data are"):
        of_frames.sql()
    assert "FROM transactions" in of_frames.sql(data=frames)
