"""The model as SQL: run where the raw tables are, it gives what `assign` gives; elsewhere it is at least good grammar."""

from __future__ import annotations

import datetime as dt
import json
import random
import re
from dataclasses import replace
from types import SimpleNamespace

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
from coterie.clustering import Cores, Reach, algorithm_named
from coterie.engines import DIALECTS, Dialect, dialect_named, open_engine
from coterie.engines.composing import Source
from coterie.engines.layout import laid_out
from coterie.errors import UsageError
from coterie.segmentation import Work, assign, model_as_sql, steps
from coterie.segmentation.contract import FITS_NO_GROUP
from coterie.segmentation.model import model_of
from coterie.settings import Settings
from coterie.tables import read

PRESETS = ("engagement", "coupon-counts", "rfm", "coupon-demographics")
KINDS = {"string": "text", "int64": "bigint", "int32": "int", "double": "float8", "date32[day]": "date"}


class Shop:
    """The data of a shop, read once for all models, and once by an engine that composes, in its words or in plain."""

    def __init__(self, folder):
        self.folder = folder
        self.tables = read(folder)
        self._read = {}

    def model(self, **settings):
        """What a run learns; profiles and metrics have no part in it."""
        settings = Settings(evidence=False, **settings)
        work = Work(self.tables, settings, algorithm=algorithm_named(settings.algorithm))
        for step in steps.STEPS[: steps.STEPS.index(steps.find_segments) + 1]:
            work = step(work)
        return replace(model_of(replace(work, profiles=SimpleNamespace(segments=()))), actions={"0": "none"})

    def composing(self, dialect):
        words = "duckdb" if dialect.name == "duckdb" else "any"
        if words not in self._read:
            self._read[words] = read(self.folder, as_of=self.tables.as_of, keep_later_joiners=True, dialect=dialect)
        return self._read[words]

    def query(self, model, dialect):
        dialect = dialect_named(dialect) if isinstance(dialect, str) else dialect
        return model_as_sql(model, self.composing(dialect), dialect)

    def raw(self):
        """The raw tables under the names and columns that the query reads, as Arrow tables."""
        tables, found = next(iter(self._read.values())), {}
        for operation, source in tables.engine.origins.of.items():
            if isinstance(source, Source):
                cells = [name for name in operation.schema.names if name not in ("_line", "_file")]
                rows = tables.engine.collect(operation.to_expr().select(*cells))
                found[source.name] = rows.rename_columns(list(source.columns))
        return found

    def assigned(self, model):
        """What `coterie assign` gives."""
        return placed(self.tables, model)

    def close(self):
        for tables in (self.tables, *self._read.values()):
            tables.engine.close()


def placed(tables, model):
    listed = tables.engine.collect(assign(model, tables, expected=False).select("customer_id", "segment"))
    return dict(zip(*(column.to_pylist() for column in listed.columns), strict=True))


def on_duckdb(query, raw, macros=()):
    with duckdb.connect() as there:
        for name, rows in raw.items():
            there.register("rows", rows)
            there.execute(f'CREATE TABLE "{name}" AS FROM rows')
        for macro in macros:
            there.execute(f"CREATE MACRO {macro}")
        return dict(there.execute(query).fetchall())


@pytest.fixture(scope="module")
def shops(tmp_path_factory):
    """A clean shop, the same as Parquet, and one with planted faults."""
    folder = tmp_path_factory.mktemp("shops")
    asked = {"clean": {}, "parquet": {"file_format": "parquet"}, "dirt": {"dirt": True}}
    made = {name: Shop(ct.sample(folder / name, customers=300, orders=True, **more)) for name, more in asked.items()}
    yield made
    for shop in made.values():
        shop.close()


@pytest.fixture(scope="module")
def models(shops):
    """Models of the clean shop by preset; they place the customers of the others too."""
    return {preset: shops["clean"].model(preset=preset, k=3) for preset in PRESETS}


@pytest.fixture
def shop_in(tmp_path):
    """Read a shop, and give its engines back."""
    opened = []

    def shop(folder=tmp_path):
        opened.append(Shop(folder))
        return opened[-1]

    yield shop
    for one in opened:
        one.close()


@pytest.fixture(scope="module")
def run(shops):
    """A whole run, of typed tables."""
    return ct.segment(shops["parquet"].tables, preset="engagement", k=3, evidence=False)


@pytest.mark.parametrize(
    ("shop", "preset"),
    [
        *(("dirt", preset) for preset in PRESETS),
        ("clean", "engagement"),
        ("clean", "coupon-demographics"),
        ("parquet", "engagement"),
        ("parquet", "rfm"),
    ],
)
def test_on_duckdb_it_gives_what_assign_gives(shops, models, shop, preset):
    shop, model = shops[shop], models[preset]
    found = on_duckdb(shop.query(model, "duckdb"), shop.raw())
    assert found == shop.assigned(model)
    assert len(set(found.values())) >= 3


def test_on_postgres_it_gives_what_assign_gives(postgres, shops, models):
    shop, model = shops["dirt"], models["engagement"]
    query = shop.query(model, "postgres")
    postgres.sql("postgres", "DROP DATABASE IF EXISTS as_sql", "CREATE DATABASE as_sql")
    with psycopg.connect(postgres.address("as_sql")) as there:
        for name, rows in shop.raw().items():
            columns = ", ".join(f'"{one.name}" {KINDS[str(one.type)]}' for one in rows.schema)
            there.execute(f'CREATE TABLE "{name}" ({columns})')
            with there.cursor().copy(f'COPY "{name}" FROM STDIN') as copy:
                for row in zip(*(column.to_pylist() for column in rows.columns), strict=True):
                    copy.write_row(row)
        assert dict(there.execute(query).fetchall()) == shop.assigned(model)


def test_on_spark_it_gives_what_assign_gives(spark, shops, models, tmp_path):
    """Of typed tables see those of a catalogue below."""
    shop, model = shops["dirt"], models["engagement"]
    query = shop.query(model, "spark")
    engine = open_engine("spark", address=spark.address)
    try:
        for name, rows in shop.raw().items():
            pq.write_table(rows, tmp_path / f"{name}.parquet")
            engine._spark.read.parquet(str(tmp_path / f"{name}.parquet")).createOrReplaceTempView(name)
        found = {row[0]: row[1] for row in engine._spark.sql(query).collect()}
    finally:
        engine.close()
    assert found == shop.assigned(model)


AS_THERE = {
    "bigquery": ["ieee_divide(a, b) AS a::DOUBLE / b"],
    "snowflake": [],
    "trino": ["infinity() AS 'inf'::DOUBLE", "is_infinite(a) AS isinf(a)", "is_nan(a) AS isnan(a)"],
    "clickhouse": [
        "isinfinite(a) AS isinf(a)", '"isnull"(a) AS (a IS NULL)', "isnotnull(a) AS (a IS NOT NULL)",
        "todate(a) AS a::DATE",
    ],
}  # fmt: skip
"""Functions that sqlglot leaves as they are there called."""


@pytest.mark.parametrize("dialect", AS_THERE)
def test_translated_by_sqlglot_it_gives_what_assign_gives(shops, models, dialect):
    """A second reader of the dialect takes the query for what was meant."""
    shop, model = shops["parquet"], models["engagement"]
    infinite = re.sub(r"(?<!['\w])inf(?!['\w])", "CAST('inf' AS DOUBLE)", shop.query(model, dialect))
    query = sqlglot.transpile(infinite, read=dialect, write="duckdb")[0]
    assert on_duckdb(query, shop.raw(), AS_THERE[dialect]) == shop.assigned(model)


def test_athena_and_databricks_speak_as_their_kin(shops, models):
    """Whose queries are tested."""
    for one, other in (("databricks", "spark"), ("athena", "trino")):
        queries = [shops["parquet"].query(models["engagement"], name).split("\nWITH ")[1] for name in (one, other)]
        assert queries[0] == queries[1]


@pytest.mark.parametrize("algorithm", ["rfm", "mixture"])
def test_rules_that_are_plain_arithmetic_are_said_too(shops, algorithm):
    shop = shops["clean"]
    model = shop.model(preset="rfm", k=None if algorithm == "rfm" else 3, algorithm=algorithm)
    assert on_duckdb(shop.query(model, "duckdb"), shop.raw()) == shop.assigned(model)


def test_who_is_out_of_reach_of_every_group_fits_none(shops, models):
    shop, model = shops["clean"], replace(models["rfm"], reach=Reach(radii=(1.0, 1.0, 1.5)))
    query = shop.query(model, "duckdb")
    found = on_duckdb(query, shop.raw())
    assert found == shop.assigned(model)
    assert {FITS_NO_GROUP, 1, 2, 3} <= set(found.values())
    assert "-- Segments: -1 Fits no group, 0 Never active." in query
    assert "Fits no group" not in shop.query(models["rfm"], "duckdb")


def test_a_shop_where_every_burn_is_on_the_day_of_its_claim(tmp_path, shop_in):
    """Its burn curve is known from day 0, so that there is nothing to look up."""
    rows = ["transaction_id,customer_id,transaction_date,transaction_status,burn_date"]
    for number in range(120):
        day, burnt = f"2024-01-{1 + number % 28:02}", number % 3 == 0
        rows.append(
            f"{number},{number % (7 + number % 23)},{day},{'burnt' if burnt else 'claimed'},{day if burnt else ''}"
        )
    (tmp_path / "transactions.csv").write_text("\n".join(rows))
    shop = shop_in()
    model = shop.model(k=2)
    queries = {dialect: shop.query(model, dialect) for dialect in ("duckdb", "postgres")}
    for dialect, query in queries.items():
        assert "VALUES )" not in query
        sqlglot.parse_one(query, read=dialect)
    assert on_duckdb(queries["duckdb"], shop.raw()) == shop.assigned(model)


@pytest.mark.parametrize("once", [True, False])
def test_lines_given_twice_with_spaces_around_their_cells(tmp_path, shop_in, once):
    """Lines are copies where they are spelt alike, for `assign` and for the query."""
    rng = random.Random(0)
    lines = ["order_id,customer_id,order_date,amount,product"]
    for number in range(300):
        cells = (
            number // 2,
            f"K{number % 40}",
            f"2024-{1 + number % 12:02}-{1 + number % 28:02}",
            1 + number % 90,
            "A",
        )
        spelt = [",".join(rng.choice(("", " ", "\t")) + str(cell) for cell in cells) for _ in range(2)]
        lines += [spelt[0]] * rng.choice((1, 2)) + spelt[1:] * rng.choice((0, 0, 1))
    (tmp_path / "orders.csv").write_text("\n".join(lines))
    (tmp_path / "coterie.toml").write_text(f"drop_duplicate_lines = {str(once).lower()}")
    shop = shop_in()
    assert shop.tables.quality.tables["orders"].rows_used < len(lines) - 1 or not once
    model = shop.model(features=["total_spend", "order_count"], k=4)
    assert on_duckdb(shop.query(model, "duckdb"), shop.raw()) == shop.assigned(model)


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda one: one.name)
def test_white_space_within_texts_stays_as_it_is(dialect):
    assert laid_out("SELECT\n  'a\x0b\x0c\x85b' AS x", 120, None) == "SELECT\n  'a\x0b\x0c\x85b' AS x"


def spelt(dialect, name):
    identifier = sqlglot.exp.to_identifier(name)
    dialect_named(dialect).spell(identifier)
    return identifier.sql(dialect)


def test_a_name_is_found_as_it_was_made_without_quotes():
    names = ("städte", "Customer ID", "CustomerID", "day", "Day", "customer_id", "_v1")
    assert [spelt("snowflake", name) for name in names] == [
        '"städte"', '"Customer ID"', "CustomerID", '"DAY"', '"Day"', "customer_id", "_v1"
    ]  # fmt: skip
    assert [spelt("postgres", name) for name in names] == [
        '"städte"', '"Customer ID"', '"CustomerID"', '"day"', '"Day"', "customer_id", "_v1"
    ]  # fmt: skip


def test_the_query_stays_right_as_the_tables_grow(shops, models, tmp_path):
    """Faults and words that no row had when it was written; read anew, assign agrees."""
    model, day = models["coupon-counts"], shops["clean"].tables.as_of
    query, raw = shops["clean"].query(model, "duckdb"), shops["clean"].raw()
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
    for name, rows in raw.items():
        pyarrow.csv.write_csv(rows, tmp_path / f"{name}.csv")
    found = on_duckdb(query, raw)
    grown = read(tmp_path, as_of=day, keep_later_joiners=True)
    assert found == placed(grown, model)
    grown.engine.close()
    assert 88888 in found
    assert 77777 not in found


@pytest.mark.parametrize(("name", "preset"), [("online-retail", "rfm"), ("dunnhumby", "engagement")])
def test_it_reads_real_data(reference_data, shop_in, name, preset):
    shop = shop_in(reference_data / name)
    model = shop.model(preset=preset, k=4)
    assert on_duckdb(shop.query(model, "duckdb"), shop.raw()) == shop.assigned(model)


@pytest.mark.parametrize("dialect", [one.name for one in DIALECTS])
def test_typed_tables_can_be_read_in_every_dialect(shops, models, dialect):
    text = shops["parquet"].query(models["coupon-counts"], dialect)
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


class Broken(Dialect):
    """A dialect that lacks nothing."""

    def finish(self, query):
        raise NotImplementedError("to be written")


def test_what_a_dialect_cannot_express_is_refused_by_name(shops, models):
    for dialect, told in (
        (Wordless("duckdb", ""), "duckdb cannot express claims_per_time, orders_per_time (Power). "),
        (
            Dialect("mysql", ""),
            "mysql has no word for MySQL does not support Infinity, which reading these tables takes",
        ),
    ):
        with pytest.raises(UsageError, match="^" + re.escape(told)):
            shops["parquet"].query(models["engagement"], dialect)
    with pytest.raises(NotImplementedError):  # a fault of ours is not told as a lack of the dialect
        shops["parquet"].query(models["rfm"], Broken("duckdb", ""))


def test_features_that_no_dialect_can_express_are_refused_by_name(shops):
    model = shops["clean"].model(features=["expected_orders", "order_count"], k=3)
    with pytest.raises(UsageError, match=r"^Feature 'expected_orders' cannot be said in SQL"):
        shops["clean"].query(model, "duckdb")


def test_a_rule_of_thousands_of_points_is_refused(shops, models):
    model = replace(models["rfm"], cores=Cores(points=((0.0, 0.0, 0.0),), segments=(1,), radii=(1.0,)))
    with pytest.raises(UsageError, match=r"^The segments of k-means cannot be said in SQL"):
        shops["clean"].query(model, "duckdb")


def test_a_log_of_events_is_refused(tmp_path, shop_in):
    rows = [(f"c{at % 20}", f"x{at}", day, word) for at in range(60) for day, word in ((1, "claimed"), (9, "burnt"))]
    lines = [
        f"{who},{what},2024-{1 + at // 2 % 9:02}-{day:02},{word}" for at, (who, what, day, word) in enumerate(rows)
    ]
    (tmp_path / "transactions.csv").write_text(
        "\n".join(["customer_id,coupon_name,transaction_date,transaction_status", *lines])
    )
    (tmp_path / "coterie.toml").write_text('status_meaning = "event"')
    shop = shop_in()
    with pytest.raises(UsageError, match=r"^The order of the rows of transactions decides how they are read"):
        shop.query(shop.model(preset="coupon-counts"), "duckdb")


@pytest.mark.parametrize("kind", ["clean", "parquet"])
def test_files_of_folders_are_called_as_their_table(shops, models, shop_in, tmp_path, kind):
    """`transactions/part-0` and `customers/part-0` are not one table; Parquet files of the same columns are one."""
    for file in shops[kind].folder.glob("*.*"):
        folder = tmp_path / file.stem
        folder.mkdir()
        if kind == "parquet":
            rows = pq.read_table(file)
            for part, some in enumerate((rows.slice(0, len(rows) // 3), rows.slice(len(rows) // 3))):
                inner = folder / f"kept={part}" if file.stem == "transactions" else folder
                inner.mkdir(exist_ok=True)
                pq.write_table(some, inner / f"part-{part}.parquet")
        else:
            head, *lines = file.read_text(encoding="utf-8").splitlines()
            for part, some in enumerate((lines[: len(lines) // 3], lines[len(lines) // 3 :])):
                (folder / f"part-{part}.csv").write_text("\n".join([head, *some]) + "\n", encoding="utf-8")
    shop, model = shop_in(), models["engagement"]
    query, raw = shop.query(model, "duckdb"), shop.raw()
    assert ("transactions_2" in raw) == (kind == "clean")
    assert raw["transactions"].num_rows + (raw["transactions_2"].num_rows if kind == "clean" else 0) > 2000
    assert on_duckdb(query, raw) == shop.assigned(model) == shops[kind].assigned(model)


def test_it_says_what_it_is_and_is_short(shops, run):
    text = shops["parquet"].query(run.result.model, "duckdb")
    head = [line for line in text.splitlines() if line.startswith("-- ")]
    assert f"as of {run.result.model.as_of}." in head[0]
    assert all(f"{one.segment} {one.name}" in head[3] for one in run.profiles.segments)
    assert len(text.splitlines()) < 700
    steps = re.findall(r"^(?:WITH |\), )(\w+) AS \($", text, re.MULTILINE)
    assert steps[-2:] == ["features", "coordinates"]
    assert "raw_transactions" in steps
    assert "raw_cities" not in steps  # nothing of it matters


def test_another_day_is_another_query(shops, run):
    shop, day = shops["parquet"], dt.date(2024, 6, 30)
    text = run.sql("duckdb", data=shop.folder, as_of=day)
    assert "as of 2024-06-30." in text
    listed = run.assign(shop.folder, as_of=day)
    expected = dict(zip(listed["customer_id"].to_pylist(), listed["segment"].to_pylist(), strict=True))
    shop.query(run.result.model, "duckdb")
    assert on_duckdb(text, shop.raw()) == expected


def test_it_runs_on_the_data_of_the_run_or_others(shops, run, tmp_path):
    folder = run.save(tmp_path / "run", report=False)
    assert ct.load(folder).sql("spark") == ct.load(folder).sql("spark", data=shops["parquet"].folder)
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps({**manifest, "source": None}))  # as of frames
    with pytest.raises(UsageError, match="does not say where its data are"):
        ct.load(folder).sql()
    frames = {path.stem: pq.read_table(path) for path in shops["parquet"].folder.glob("*.parquet")}
    assert "FROM transactions" in ct.load(folder).sql(data=frames)


def test_the_tables_of_a_catalogue(spark, tmp_path):
    """The run says where they are, and the command with which Spark."""
    shop = ct.sample(tmp_path / "shop", customers=120, file_format="parquet")
    engine = open_engine("spark", address=spark.address)
    try:
        engine._spark.sql("CREATE DATABASE IF NOT EXISTS as_sql")
        for name in ("transactions", "customers"):
            engine._spark.read.parquet(str(shop / f"{name}.parquet")).write.saveAsTable(f"as_sql.{name}")
        for path in shop.glob("*.parquet"):
            if path.stem not in ("transactions", "customers"):
                path.unlink()
        folder = ct.segment(shop, preset="coupon-counts", k=2, evidence=False).save(tmp_path / "run", report=False)
        manifest = json.loads((folder / "manifest.json").read_text())
        (folder / "manifest.json").write_text(json.dumps({**manifest, "source": "catalogue:as_sql"}))
        run = ct.load(folder)
        with pytest.raises(UsageError, match=r"^catalogue:as_sql is a database of Spark's catalogue\. Say which Spark"):
            run.sql("spark")
        query = run.sql("spark", engine=spark.address)
        assert "FROM as_sql.transactions" in query
        found = {row[0]: row[1] for row in engine._spark.sql(query).collect()}
        engine._spark.sql("DROP DATABASE as_sql CASCADE")
    finally:
        engine.close()
    listed = run.to_arrow()
    assert found == dict(zip(listed["customer_id"].to_pylist(), listed["segment"].to_pylist(), strict=True))
