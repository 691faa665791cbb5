"""PostgreSQL for real: a server of the tests' own, the same results as the embedded engine, one sentence for failures."""

from __future__ import annotations

import csv
import datetime as dt
import re
import threading
from unittest import mock

import duckdb
import ibis
import numpy as np
import psycopg
import pyarrow as pa
import pyarrow.csv as pacsv
import pytest

import coterie as ct
from coterie.cli import running
from coterie.clustering import in_engine, points
from coterie.engines import open_engine
from coterie.engines.postgres_sql import sql_of
from coterie.errors import CoterieError, DataError, UsageError
from coterie.metrics.periods import period_index
from coterie.metrics.visits import visits
from coterie.tables import read
from tests_postgres import PASSWORD, TYPES, wait_for


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    return ct.sample(tmp_path_factory.mktemp("shop") / "shop", customers=1000, orders=True)


@pytest.fixture(scope="module")
def address(postgres, shop):
    return postgres.put("shop", shop)


@pytest.fixture(scope="module")
def here(shop):
    return ct.segment(read(shop))


def lists(run, path):
    return run.save(path, report=False) / "assignments.parquet"


def test_a_run_in_the_database_equals_one_of_files(address, here, tmp_path):
    there = ct.segment(address)
    assert there.choice.k == here.choice.k
    assert there.evidence.verdict == here.evidence.verdict
    assert [(one.name, one.customers, one.orders, one.sales) for one in there.profiles.segments] == [
        (one.name, one.customers, one.orders, one.sales) for one in here.profiles.segments
    ]
    assert there.metrics == here.metrics
    both = f"'{lists(there, tmp_path / 'a')}' a FULL JOIN '{lists(here, tmp_path / 'b')}' b USING (customer_id)"
    rows, alike, far = duckdb.sql(
        f"SELECT count(*), count(*) FILTER (a.segment = b.segment AND a.name = b.name AND a.action = b.action), "
        f"max(abs(coalesce(a.distance - b.distance, 0))) FROM {both}"
    ).fetchall()[0]
    assert (rows, alike) == (1000, 1000)
    assert far < 1e-9


WORDS = ("a", "B", "ä", "Z", "_1", "Å", "٣", "-b", "b")
"""Which an English dictionary does not have in the order of their code points; one is a digit to some, not to us."""
ENGLISH = "LOCALE_PROVIDER icu ICU_LOCALE 'en' TEMPLATE template0"


def test_the_sample_is_the_same_where_texts_have_another_order(postgres, tmp_path, monkeypatch):
    """Customers are drawn by their place among all ids; fewer than elsewhere, so that some are left out."""
    ids = [f"{WORDS[at % len(WORDS)]}{at}" for at in range(601)]
    shop = ct.sample(tmp_path / "shop", customers=600)
    for name in ("customers", "transactions"):
        rows = pacsv.read_csv(shop / f"{name}.csv")
        texts = pa.array([ids[at] for at in rows["customer_id"].to_pylist()])
        pacsv.write_csv(
            rows.set_column(rows.schema.get_field_index("customer_id"), "customer_id", texts), shop / f"{name}.csv"
        )
    for module, name, most in (
        (points, "EXACT", 200),
        (points, "CORESET", 150),
        (points, "UNIFORM", 300),
        (in_engine, "UNIFORM", 300),
    ):
        monkeypatch.setattr(module, name, most)
    drawn = mock.Mock(wraps=in_engine._drawn)
    monkeypatch.setattr(in_engine, "_drawn", drawn)
    types = {name: shape.replace("customer_id int", "customer_id text") for name, shape in TYPES.items()}
    there = ct.segment(postgres.put("worded", shop, types=types, made=ENGLISH), evidence=False)
    here = ct.segment(shop, evidence=False)
    assert drawn.call_count == 1
    np.testing.assert_allclose(there.result.model.centroids, here.result.model.centroids, rtol=0, atol=1e-8)
    for one, other in zip(there.choice.candidates, here.choice.candidates, strict=True):
        assert one.inertia == pytest.approx(other.inertia, rel=1e-9)
        assert one.silhouette == pytest.approx(other.silhouette, abs=1e-9)
    left, right = there.to_arrow(), here.to_arrow()
    assert left["customer_id"].to_pylist() == right["customer_id"].to_pylist() == sorted(ids[1:])
    assert left["segment"].to_pylist() == right["segment"].to_pylist()


@pytest.fixture
def tongues(postgres):
    """A database that takes letters as English does, with columns that take them otherwise still."""
    postgres.sql("postgres", "DROP DATABASE IF EXISTS tongues WITH (FORCE)", f"CREATE DATABASE tongues {ENGLISH}")
    postgres.sql(
        "tongues",
        "CREATE COLLATION blind (provider = icu, locale = 'und-u-ks-level2', deterministic = false)",
        'CREATE TABLE words (one text COLLATE blind, other text COLLATE "de-x-icu")',
        "INSERT INTO words VALUES ('a', 'A'), ('A', 'a'), ('ä', 'Ä')",
    )
    engine = open_engine("postgres", address=postgres.address("tongues"))
    yield engine
    engine.close()


def test_texts_are_ordered_and_matched_by_code_point(tongues):
    table = pa.table({"word": WORDS})
    kept = tongues.keep(tongues.load(table.to_batches(), table.schema), order_by=["word"])
    in_order = sorted(WORDS)
    assert tongues.collect(kept)["word"].to_pylist() == in_order
    place = ibis.row_number().over(ibis.window(order_by=kept.word))
    found = tongues.collect(kept.select("word", place=place, digits=kept.word.re_search(r"^\d+$")).order_by("word"))
    assert found["word"].to_pylist() == in_order
    assert found["place"].to_pylist() == list(range(len(WORDS)))
    assert not any(found["digits"].to_pylist())
    ends = kept.aggregate(first=kept.word.min(), last=kept.word.max())
    assert tongues.collect(ends).to_pylist() == [{"first": in_order[0], "last": in_order[-1]}]
    # What was put in order is still a text of its language, in which letters have small ones.
    kept = tongues.keep(kept.filter(kept.word == "Å").aggregate(word=kept.word.max()))
    assert tongues.collect(kept.select(word=kept.word.lower())).to_pylist() == [{"word": "å"}]


def test_columns_of_other_languages_are_read_as_all_texts_are(tongues):
    words = tongues.relations()["words"].open()
    count = words.aggregate(n=words.one.nunique(), same=(words.one == words.other).sum(), met=(words.one > "a").sum())
    assert tongues.collect(count.select("n", "same")).to_pylist() == [{"n": 3, "same": 0}]
    others = words.select(word=words.other)
    joined = words.inner_join(others, words.one == others.word)
    assert sorted(tongues.collect(joined.select("one"))["one"].to_pylist()) == ["A", "a"]


def test_months_of_a_century_are_counted(address):
    """Three columns a month are more than one query may have."""
    engine = open_engine("postgres", address=address)
    days = [
        dt.date(year, month, 15) for year in range(1925, 2025) for month in range(1, 13) if (year, month) != (1999, 7)
    ]
    table = pa.table({"customer_id": [at % 2 for at in range(len(days))] + [2], "day": [*days, days[600]]})
    rows = engine.load(table.to_batches(), table.schema)
    months = [period_index(day, "month") for day in days]
    found = visits(engine, rows, months, None)[None]
    assert len(found) == 1199
    assert found[months[0]] == {"customers": 1, "new": 1, "returning": 0}
    assert found[months[1]] == {"customers": 1, "new": 1, "returning": 0}
    assert found[months[600]] == {"customers": 2, "new": 1, "returning": 0}
    assert sum(one["customers"] for one in found.values()) == 1200
    engine.close()


def test_what_a_database_refuses_is_told_in_its_own_words(postgres, address):
    """Only where the connection is gone it is said to be lost; a query that we wrote wrong stays a bug."""
    postgres.sql(
        "shop",
        "CREATE SCHEMA IF NOT EXISTS odd",
        "CREATE OR REPLACE VIEW odd.orders AS SELECT 1 / (random() * 0)::int AS x",
    )
    engine = open_engine("postgres", address=address, schema="odd")
    with pytest.raises(DataError) as error:
        engine.relations()["orders"].open()
    assert error.value.sentence == (
        "A query in database shop on 127.0.0.1 failed (division by zero). Nothing was written; mend there what the "
        "database names, and run the command again."
    )
    engine.close()
    engine = open_engine("postgres", address=address)
    with pytest.raises(psycopg.errors.SyntaxError):
        engine._run("SELECT 1 +")
    engine.close()


def test_a_reader_needs_no_right_to_write(postgres, address, here, monkeypatch, tmp_path):
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    before = postgres.sql("shop", "SELECT count(*) FROM pg_class")
    run = ct.segment(postgres.address("shop", "reader"), k=3, evidence=False)
    assert run.result.customers == here.result.customers
    run.save(tmp_path / "run", report=False)
    run._segmented.tables.engine.close()
    assert postgres.sql("shop", "SELECT count(*) FROM pg_class") == before


def test_a_view_is_as_good_as_a_table(postgres, address, here):
    postgres.sql(
        "shop",
        "CREATE SCHEMA IF NOT EXISTS mart",
        "CREATE OR REPLACE VIEW mart.orders AS SELECT * FROM public.orders",
    )
    tables = read(f"{address}?schema=mart")
    assert tables.label == "shop on 127.0.0.1, schema mart"
    assert tables.quality.tables["orders"].rows_in == int(postgres.sql("shop", "SELECT count(*) FROM orders"))
    tables.engine.close()


@pytest.fixture(scope="module")
def listed(postgres, address, tmp_path_factory):
    """A run, and its folder, whose list is the table crm.segments."""
    postgres.sql("shop", "CREATE SCHEMA IF NOT EXISTS crm")
    run = ct.segment(address, k=3, evidence=False)
    return run, run.save(tmp_path_factory.mktemp("listed") / "run", report=False, write_to="crm.segments")


def test_the_list_becomes_a_table_and_is_replaced_as_a_whole(postgres, address, listed):
    run, folder = listed
    assert not list(folder.glob("assignments.*"))
    loaded = ct.load(folder)
    with pytest.raises(UsageError, match="holds no customer list"):
        loaded.to_arrow()
    counted = "SELECT segment || ':' || count(*) FROM crm.segments GROUP BY segment ORDER BY segment"
    wanted = sorted(f"{one.segment}:{one.customers}" for one in run.profiles.segments)
    assert postgres.sql("shop", counted).split() == wanted
    # Who may read it stays when it is written again.
    postgres.sql("shop", "GRANT SELECT ON crm.segments TO reader")
    counts = loaded.assign_to(address, write_to="crm.segments")
    assert sorted(f"{segment}:{number}" for segment, number in counts.customers.items()) == wanted
    granted = "SELECT has_table_privilege('reader', 'crm.segments', 'SELECT')"
    assert postgres.sql("shop", granted) == "t"
    with pytest.raises(UsageError, match=r"Table public\.orders .* is no customer list"):
        loaded.assign_to(address, write_to="public.orders")


def test_whether_the_list_may_be_written_is_asked_before_any_work(postgres, address, here, monkeypatch, tmp_path):
    """One sentence each, and no table has been read."""
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    monkeypatch.setattr(running, "run_segment", None)
    postgres.sql(
        "shop",
        "CREATE SCHEMA IF NOT EXISTS crm",
        "CREATE OR REPLACE VIEW crm.seen AS SELECT 1 AS customer_id",
        "CREATE TABLE IF NOT EXISTS crm.closed (customer_id int)",
        "REVOKE ALL ON crm.closed FROM reader",
        "GRANT USAGE ON SCHEMA crm TO reader",
    )
    reader = postgres.address("shop", "reader")
    server = "database shop on 127.0.0.1"
    kept_out = f"User reader may not write table {{}} in {server}. Ask for: GRANT {{}} TO reader."
    refused = {
        (reader, "nowhere.segments"): f"There is no schema nowhere in {server}, so the customer list cannot become "
        "table nowhere.segments. Name another schema, or ask for: CREATE SCHEMA nowhere.",
        (reader, "crm.new"): kept_out.format("crm.new", "CREATE ON SCHEMA crm"),
        (reader, "crm.closed"): kept_out.format("crm.closed", "INSERT, DELETE ON crm.closed"),
        (address, "crm.seen"): f"crm.seen of {server} is no table, so the customer list cannot replace it. Choose "
        "another name.",
        (address, "public.cities"): f"Table public.cities of {server} is there and is no customer list: its columns "
        "are city_id, city_name. Choose another name, or drop it.",
    }
    for (source, table), sentence in refused.items():
        with pytest.raises(UsageError) as error:
            running.segment_to(source, tmp_path / "run", as_json=True, write_to=table)
        assert error.value.sentence == sentence
        with pytest.raises(UsageError) as error:
            here.assign_to(source, write_to=table)
        assert error.value.sentence == sentence
    with pytest.raises(UsageError, match="the data are files"):
        here.assign_to(tmp_path, write_to="crm.new")


def test_what_the_server_computes_in_its_own_words(address):
    """Logarithms, days between, parts of dates, and what is named several times, beside Python."""
    engine = open_engine("postgres", address=address)
    days = [(dt.date(2024, 2, 29), dt.date(1999, 12, 31)), (dt.date(1970, 1, 1), dt.date(2100, 3, 1))]
    numbers = [0.1, 12345.6789]
    table = pa.table({"x": numbers, "a": [a for a, _ in days], "b": [b for _, b in days]})
    rows = engine.load(table.to_batches(), table.schema)
    rows = rows.mutate(log=rows.x.log(), between=rows.a.delta(rows.b, unit="day"))
    rows = rows.mutate(
        again=rows.log * rows.log + rows.log,
        year=rows.b.year(),
        month=rows.b.month(),
        since=(rows.b.epoch_seconds() / 86_400).cast("int64"),
    )
    found = engine.collect(rows.order_by("x"))
    assert found["between"].to_pylist() == [(a - b).days for a, b in days]
    assert found["year"].to_pylist() == [1999, 2100]
    assert found["month"].to_pylist() == [12, 3]
    assert found["since"].to_pylist() == [(b - dt.date(1970, 1, 1)).days for _, b in days]
    np.testing.assert_allclose(found["log"].to_numpy(), np.log(numbers), rtol=1e-15)
    np.testing.assert_allclose(found["again"].to_numpy(), np.log(numbers) ** 2 + np.log(numbers), rtol=1e-14)
    engine.close()


def test_rows_of_tables_with_children_are_told_apart(postgres):
    postgres.sql("postgres", "DROP DATABASE IF EXISTS heirs", "CREATE DATABASE heirs")
    postgres.sql(
        "heirs",
        "CREATE TABLE old (n int)",
        "CREATE TABLE young () INHERITS (old)",
        "INSERT INTO old SELECT generate_series(1, 1000)",
        "INSERT INTO young SELECT generate_series(1001, 2000)",
    )
    engine = open_engine("postgres", address=postgres.address("heirs"))
    for name, rows in (("old", 2000), ("young", 1000)):
        table = engine.relations()[name].open()
        found = engine.collect(table.aggregate(n=table.count(), lines=table["_line"].nunique())).to_pylist()[0]
        assert found == {"n": rows, "lines": rows}
    engine.close()


def test_examples_of_faults_name_the_key_and_not_the_place(postgres, tmp_path):
    dirty = ct.sample(tmp_path / "dirty", customers=300, dirt=True)
    postgres.sql("postgres", "DROP DATABASE IF EXISTS dirty", "CREATE DATABASE dirty")
    for name in ("customers", "transactions"):
        with (dirty / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            header, *lines = csv.reader(file)
        with (tmp_path / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(line for line in lines if len(line) == len(header))
        shape = ", ".join(f"{column} text" for column in header)
        copied = f"\\copy {name} FROM '{tmp_path / name}.csv' CSV"
        postgres.sql("dirty", f"CREATE TABLE {name} ({shape})", copied)
    tables = read(postgres.address("dirty"))
    shown = [example for problem in tables.quality.problems for example in problem.examples]
    assert len(shown) > 10
    assert not [example for example in shown if re.search(r" (row|line) \d+:", example)]
    early = next(problem for problem in tables.quality.problems if problem.rule == "burn_before_claim")
    assert re.fullmatch(
        r"dirty on 127\.0\.0\.1, table transactions: transaction_id '\d+', customer_id '\d+', transaction_date '[-\d]+', "
        r"burn_date '[-\d]+'",
        early.examples[0],
    )
    assert all("_line" not in rows.columns for rows in tables.rejects.values())
    tables.engine.close()


def test_a_lost_connection_leaves_nothing_behind(postgres, address, tmp_path):
    postgres.sql("shop", "CREATE SCHEMA IF NOT EXISTS crm", "DROP TABLE IF EXISTS crm.lost")
    run = ct.segment(address, k=3, evidence=False)
    ours = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'coterie' AND datname = 'shop'"
    assert int(postgres.sql("shop", ours)) >= 1
    kill = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'coterie' AND datname = 'shop'"
    )
    postgres.sql("shop", kill)
    with pytest.raises(DataError, match=r"^The connection to database shop on 127\.0\.0\.1 was lost") as error:
        run.save(tmp_path / "run", report=False, write_to="crm.lost")
    assert error.value.sentence.endswith("run the command again.")
    assert not (tmp_path / "run").exists()
    assert not list(tmp_path.glob(".*"))
    assert postgres.sql("shop", "SELECT to_regclass('crm.lost') IS NULL") == "t"


@pytest.mark.usefixtures("listed")
def test_a_connection_lost_while_the_list_is_written(postgres, address, tmp_path):
    """Killed within the last statement: what is there stays as it was."""
    postgres.sql("shop", "DROP TABLE IF EXISTS crm.half", "CREATE TABLE crm.half AS SELECT * FROM crm.segments")
    before = postgres.sql("shop", "SELECT md5(string_agg(t::text, ',' ORDER BY customer_id)) FROM crm.half t")
    postgres.sql(
        "shop",
        "CREATE OR REPLACE FUNCTION crm.slow() RETURNS trigger LANGUAGE plpgsql AS "
        "$$BEGIN PERFORM pg_sleep(30); RETURN NEW; END$$",
        "CREATE TRIGGER slow BEFORE INSERT ON crm.half FOR EACH ROW EXECUTE FUNCTION crm.slow()",
    )
    run = ct.segment(address, k=2, evidence=False)
    sleeping = (
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'coterie' AND query LIKE 'INSERT INTO%'"
        " AND state = 'active'"
    )

    def kill():
        wait_for(lambda: postgres.sql("shop", sleeping) != "0")
        postgres.sql(
            "shop",
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE application_name = 'coterie' AND query LIKE 'INSERT INTO%'",
        )

    killer = threading.Thread(target=kill)
    killer.start()
    with pytest.raises(DataError, match="was lost"):
        run.save(tmp_path / "run", report=False, write_to="crm.half")
    killer.join()
    assert not (tmp_path / "run").exists()
    after = postgres.sql("shop", "SELECT md5(string_agg(t::text, ',' ORDER BY customer_id)) FROM crm.half t")
    assert after == before


@pytest.mark.parametrize(
    ("user", "database", "kind", "said"),
    [
        ("reader", "shop", UsageError, "User reader is not let in to database shop on 127.0.0.1."),
        ("stranger", "shop", UsageError, "User stranger is not let in to database shop on 127.0.0.1."),
        ("owner", "nowhere", UsageError, "There is no database nowhere on 127.0.0.1."),
        ("owner", "postgres", UsageError, "Schema public of database postgres on 127.0.0.1 holds no table;"),
    ],
)
def test_who_is_not_let_in(postgres, address, monkeypatch, user, database, kind, said):
    monkeypatch.setenv("PGPASSWORD", "wrong-and-secret")
    with pytest.raises(kind) as error:
        read(postgres.address(database, user))
    assert error.value.sentence.startswith(said)
    assert "wrong-and-secret" not in error.value.sentence


def test_a_password_in_the_address_is_shown_nowhere(postgres, address, capsys, tmp_path):
    secret = postgres.address("shop", f"reader:{PASSWORD}")
    run = ct.segment(secret, k=2, evidence=False)
    assert "password_in_address" in [problem.rule for problem in run.quality.problems]
    folder = run.save(tmp_path / "run")
    for file in folder.rglob("*"):
        assert file.is_dir() or PASSWORD.encode() not in file.read_bytes()
    with pytest.raises(UsageError) as error:
        read(postgres.address("shop", "reader:another-secret"))
    assert "another-secret" not in str(error.value)
    assert "not let in" in str(error.value)


def test_a_table_that_may_not_be_read(postgres, shop, monkeypatch):
    postgres.put("closed", shop)
    postgres.sql("closed", "REVOKE SELECT ON orders FROM reader")
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    with pytest.raises(UsageError) as error:
        read(postgres.address("closed", "reader"))
    assert error.value.sentence == (
        "User reader may not use orders in database closed on 127.0.0.1. Ask for: GRANT SELECT ON orders TO reader."
    )


def test_a_database_without_temporary_tables(postgres, shop, monkeypatch):
    postgres.put("strict", shop)
    postgres.sql("strict", "REVOKE TEMPORARY ON DATABASE strict FROM PUBLIC")
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    with pytest.raises(UsageError, match="GRANT TEMPORARY ON DATABASE strict TO reader"):
        read(postgres.address("strict", "reader"))


def test_a_database_without_events(postgres):
    postgres.sql("postgres", "DROP DATABASE IF EXISTS empty", "CREATE DATABASE empty")
    postgres.sql("empty", "CREATE TABLE customers (customer_id int)")
    with pytest.raises(CoterieError, match="transactions or orders"):
        read(postgres.address("empty"))


def test_names_of_columns_and_schema_stand_in_coterie_toml(postgres, shop, tmp_path, monkeypatch):
    postgres.put("foreign_names", shop)
    postgres.sql("foreign_names", "ALTER TABLE orders RENAME customer_id TO member", "DROP TABLE transactions")
    (tmp_path / "coterie.toml").write_text('[columns.orders]\ncustomer_id = "member"\n', encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    tables = read(postgres.address("foreign_names"))
    assert tables.has_orders
    tables.engine.close()


def test_values_come_through_as_they_are(postgres, address):
    engine = open_engine("postgres", address=address)
    rows = {"a": ["", None, 'q"u,o\nte', "\\N", "ä€"], "b": [1, None, -3, 4, 5], "c": [0.1, None, 1e300, -0.5, 2.0]}
    table = pa.table(rows)
    kept = engine.keep(engine.load(table.to_batches(), table.schema), order_by=("b",))
    got = engine.collect(kept.order_by(ibis.asc("b", nulls_first=True)))
    assert got.to_pydict() == table.sort_by([("b", "ascending")]).take([4, 0, 1, 2, 3]).to_pydict() or sorted(
        map(str, got.to_pylist())
    ) == sorted(map(str, table.to_pylist()))
    engine.close()


def test_a_column_alone_keeps_its_unknown_values(postgres, address):
    engine = open_engine("postgres", address=address)
    table = pa.table({"a": pa.array(["x", None, "y", "", None])})
    kept = engine.load(table.to_batches(), table.schema)
    assert sorted(map(repr, engine.collect(kept)["a"].to_pylist())) == ["''", "'x'", "'y'", "None", "None"]
    assert engine.collect(kept.filter(kept.a == "z").aggregate(most=kept.a.max())).to_pylist() == [{"most": None}]
    engine.close()


def test_short_tables_let_queries_run_in_several_processes(postgres, address):
    """They are spelt out in views: whoever reads a temporary table does it alone."""
    engine = open_engine("postgres", address=address)
    rows = {"n": list(range(5000)), "day": [dt.date(2024, 1, 1), None] * 2500, "yes": [True, False] * 2500}
    table = pa.table({**rows, "x": [0.1, 1e-300] * 2500})
    kept = {size: engine.load(table.slice(0, size).to_batches(), table.schema) for size in (0, 4096, 5000)}
    for size, one in kept.items():
        assert engine.collect(one.order_by("n")).equals(table.slice(0, size))
    kinds = {size: _plan(engine, one) for size, one in kept.items()}
    assert {size: "Values Scan" in plan for size, plan in kinds.items()} == {0: False, 4096: True, 5000: False}
    engine.close()


def _plan(engine, table):
    return "\n".join(line for (line,) in engine._fetch(f"EXPLAIN {sql_of(table)}"))
