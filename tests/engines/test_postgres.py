"""PostgreSQL for real: a server of the tests' own, the same results as the embedded engine, one sentence for failures."""

from __future__ import annotations

import threading

import duckdb
import ibis
import numpy as np
import pyarrow as pa
import pytest

import coterie as ct
from coterie.engines import open_engine
from coterie.errors import CoterieError, DataError, UsageError
from coterie.tables import read
from tests_postgres import PASSWORD, wait_for

TYPES = {
    "branches": "branch_id int PRIMARY KEY, merchant_id int",
    "cities": "city_id int PRIMARY KEY, city_name text",
    "customers": "customer_id int PRIMARY KEY, join_date date, city_id int, gender_id int, age int, tier text",
    "genders": "gender_id int PRIMARY KEY, gender_name text",
    "merchants": "merchant_id int PRIMARY KEY, merchant_name text",
    "transactions": "transaction_id int PRIMARY KEY, customer_id int, transaction_date date, transaction_status text, "
    "coupon_name text, burn_date date, branch_id int",
    "orders": "order_id int, customer_id int, order_date date, amount numeric(12,2), product_category text, branch_id int",
}


def put(server, database, shop):
    """The CSV files of a shop as tables of a new database."""
    server.sql("postgres", f"DROP DATABASE IF EXISTS {database} WITH (FORCE)", f"CREATE DATABASE {database}")
    for file in sorted(shop.glob("*.csv")):
        server.sql(
            database,
            f"CREATE TABLE {file.stem} ({TYPES[file.stem]})",
            f"\\copy {file.stem} FROM '{file}' CSV HEADER",
        )
    server.sql(database, "GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader", "ANALYZE")
    return server.address(database)


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    return ct.sample(tmp_path_factory.mktemp("shop") / "shop", customers=1000, orders=True)


@pytest.fixture(scope="module")
def address(postgres, shop):
    return put(postgres, "shop", shop)


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


def test_a_sample_of_many_customers_is_the_same(postgres, tmp_path):
    """Above 20,000 customers with features of their own the points are a coreset, drawn in the engine or as they pass."""
    big = ct.sample(tmp_path / "big", customers=21_000)
    there = ct.segment(put(postgres, "big", big), evidence=False)
    here = ct.segment(big, evidence=False)
    np.testing.assert_allclose(there.result.model.centroids, here.result.model.centroids, rtol=0, atol=1e-8)
    for one, other in zip(there.choice.candidates, here.choice.candidates, strict=True):
        assert one.inertia == pytest.approx(other.inertia, rel=1e-9)
        assert one.silhouette == pytest.approx(other.silhouette, abs=1e-9)
    left, right = there.to_arrow(), here.to_arrow()
    far = [one != other for one, other in zip(left["segment"].to_pylist(), right["segment"].to_pylist(), strict=True)]
    margin = left["margin"].to_pylist()
    assert all(margin[at] < 1e-6 for at, differs in enumerate(far) if differs)


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


def test_the_list_becomes_a_table_and_is_replaced_as_a_whole(postgres, address, tmp_path):
    postgres.sql("shop", "CREATE SCHEMA IF NOT EXISTS crm", "DROP TABLE IF EXISTS crm.segments")
    run = ct.segment(address, k=3, evidence=False)
    folder = run.save(tmp_path / "run", report=False, write_to="crm.segments")
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


def test_a_connection_lost_while_the_list_is_written(postgres, address, tmp_path):
    """Killed within the last statement: what is there stays as it was."""
    postgres.sql("shop", "CREATE SCHEMA IF NOT EXISTS crm", "DROP TABLE IF EXISTS crm.half")
    run = ct.segment(address, k=2, evidence=False)
    run.save(tmp_path / "first", report=False, write_to="crm.half")
    before = postgres.sql("shop", "SELECT md5(string_agg(t::text, ',' ORDER BY customer_id)) FROM crm.half t")
    postgres.sql(
        "shop",
        "CREATE OR REPLACE FUNCTION crm.slow() RETURNS trigger LANGUAGE plpgsql AS "
        "$$BEGIN PERFORM pg_sleep(30); RETURN NEW; END$$",
        "CREATE TRIGGER slow BEFORE INSERT ON crm.half FOR EACH ROW EXECUTE FUNCTION crm.slow()",
    )
    run = ct.segment(address, k=3, evidence=False)
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
    put(postgres, "closed", shop)
    postgres.sql("closed", "REVOKE SELECT ON orders FROM reader")
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    with pytest.raises(UsageError) as error:
        read(postgres.address("closed", "reader"))
    assert error.value.sentence == (
        "User reader may not use orders in database closed on 127.0.0.1. Ask for: GRANT SELECT ON orders TO reader."
    )


def test_a_database_without_temporary_tables(postgres, shop, monkeypatch):
    put(postgres, "strict", shop)
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
    put(postgres, "foreign_names", shop)
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
