"""Spark for real: a master and two workers, a Connect server; the same results as DuckDB, one sentence for failures."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from unittest.mock import MagicMock

import ibis
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyspark import SparkContext
from pyspark.errors import PySparkException

import coterie as ct
from coterie.engines import CsvLayout, open_engine, spark_session
from coterie.engines.spark import SparkEngine
from coterie.engines.spark_told import first_of, told
from coterie.engines.spark_write import check_parts
from coterie.errors import DataError, UsageError
from coterie.tables import read

FEW, MANY = 300, 600


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    return few_tables(ct.sample(tmp_path_factory.mktemp("shop") / "shop", customers=MANY))


@pytest.fixture(scope="module")
def coupons(tmp_path_factory):
    """Coupons of few customers as Parquet."""
    return few_tables(ct.sample(tmp_path_factory.mktemp("few") / "shop", customers=FEW, file_format="parquet"))


def few_tables(shop):
    """No more tables than it takes, for each costs queries."""
    for name in ("branches", "genders", "merchants"):
        next(shop.glob(f"{name}.*")).unlink()
    return shop


@pytest.fixture(scope="module")
def placed(coupons):
    """A run of the coupons without Spark."""
    return ct.segment(coupons, k=2, evidence=False)


@pytest.fixture(scope="module")
def here(shop):
    return ct.segment(read(shop), k=3, evidence=False)


@pytest.fixture(scope="module")
def there(spark, shop):
    """A run on the cluster, in the midst of which a worker's process is killed; and what came to this process."""
    tables, collected = read(shop, engine=spark.address), []
    whole = SparkEngine.collect
    before = spark.executors()

    def counted(engine, expression):
        rows = whole(engine, expression)
        collected.append((rows.num_rows, tuple(rows.column_names)))
        return rows

    def killing(stage):
        if stage == "Place every customer":
            spark.kill_an_executor()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SparkEngine, "collect", counted)
        run = ct.segment(tables, k=3, evidence=False, progress=killing)
    assert len(before) == 2
    assert not set(before) <= set(spark.executors())
    return run, collected


@pytest.fixture(scope="module")
def engine(spark):
    engine = open_engine("spark", address=spark.address)
    yield engine
    engine.close()


def assert_same_list(left, right):
    """Row by row, but customers who stand between two segments; those are counted."""
    left, right = left.sort_by("customer_id"), right.sort_by("customer_id")
    assert left["customer_id"].to_pylist() == right["customer_id"].to_pylist()
    between = 0
    for one, other in zip(left.to_pylist(), right.to_pylist(), strict=True):
        if one["segment"] != other["segment"]:
            assert one["margin"] < 1e-6
            between += 1
            continue
        assert (one["name"], one["action"]) == (other["name"], other["action"])
        for name in ("distance", "margin", "probability_alive", "expected_orders", "expected_value"):
            near = one.get(name) is not None and other.get(name) is not None
            assert one.get(name) == (pytest.approx(other[name], rel=1e-9, abs=1e-9) if near else other.get(name))
    assert between <= left.num_rows // 1000


def test_a_run_on_a_cluster_equals_one_of_files_though_a_worker_is_killed(there, here):
    run, _ = there
    assert [(one.name, one.customers, one.orders, one.sales) for one in run.profiles.segments] == [
        (one.name, one.customers, one.orders, one.sales) for one in here.profiles.segments
    ]
    assert run.metrics == here.metrics
    assert run.quality == here.quality
    assert_same_list(run.to_arrow(), here.to_arrow())


def test_no_list_of_customers_comes_to_this_process(there):
    _, collected = there
    most = max(rows for rows, columns in collected if "customer_id" in columns)
    assert most <= 100
    # What is as long as the customers are many are groups of equal ones: points to cluster, histories, counts of cells.
    long = {columns for rows, columns in collected if rows >= 0.9 * MANY}
    assert [columns for columns in long if {"customer_id", "row", "place", "order_id"} & set(columns)] == []


def test_the_workers_write_the_list_as_parts(there, here, tmp_path):
    run, _ = there
    folder = run.save(tmp_path / "run", report=False)
    parts = sorted((folder / "assignments.parquet").glob("part-*.parquet"))
    assert parts
    loaded = ct.load(folder)
    assert_same_list(loaded.to_arrow(), here.to_arrow())
    ids = [row for part in parts for row in pq.read_table(part)["customer_id"].to_pylist()]
    assert ids == sorted(ids)
    lines = [
        line
        for part in sorted((folder / "assignments.csv").glob("part-*.csv"))
        for line in part.read_text(encoding="utf-8").splitlines()
    ]
    assert Counter(line.split(",")[0] == "customer_id" for line in lines)[False] == MANY
    assert "Segments" in loaded.report()
    ct.load(folder)


def test_a_saved_model_places_customers_and_its_list_is_replaced(spark, coupons, placed, tmp_path):
    """The list of last time, and the draft that a killed command left, are replaced."""
    target, draft = tmp_path / "list.parquet", tmp_path / ".list.parquet.tmp.parquet"
    for folder in (target, draft):
        folder.mkdir()
        (folder / "part-00000-of-last-time.parquet").write_bytes(b"old")
    assigned = placed.assign_to(coupons, target, engine=spark.address)
    assert sum(assigned.customers.values()) == FEW
    assert_same_list(pq.read_table(target), placed.to_arrow())
    assert [entry.name for entry in tmp_path.iterdir()] == ["list.parquet"]
    with pytest.MonkeyPatch.context() as patch, pytest.raises(UsageError, match="no permission in"):
        patch.setattr(os, "access", lambda place, mode: place != tmp_path)
        placed.assign_to(coupons, tmp_path / "other.parquet", engine=spark.address)
    (target / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="holds other things than a customer list"):
        placed.assign_to(coupons, target)


def test_connect_gives_the_same(connect, coupons, placed):
    here, there = read(coupons), read(coupons, engine=connect)
    assert there.quality == here.quality
    assert_same_list(placed.assign(there), placed.assign(here))
    blocks = list(there.engine.blocks(there.customers.select("customer_id"), 70))
    assert max(block.num_rows for block in blocks) == 70
    assert Counter(pa.Table.from_batches(blocks)["customer_id"].to_pylist()) == Counter(
        here.engine.collect(here.customers.select("customer_id"))["customer_id"].to_pylist()
    )
    there.engine.close()


def test_blocks_come_before_all_parts_are_computed(engine, monkeypatch):
    """The first of them though the last row cannot be computed at all; times in UTC wherever this machine is."""
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    engine._spark.range(0, 1000, 1, 4).selectExpr(
        "id", "IF(id % 3 = 0, NULL, id / 8) AS x", "TIMESTAMP '2024-01-01 12:00:00' AS t"
    ).createOrReplaceTempView("thousand")
    try:
        rows = ibis.table({"id": "int64", "x": "float64", "t": "timestamp"}, name="thousand")
        stopped = rows.mutate(id=ibis.literal(7) // (rows.id - 999))
        blocks = engine.blocks(stopped, 100)
        first = [next(blocks) for _ in range(5)]
        with pytest.raises(Exception, match="DIVIDE_BY_ZERO"):
            list(blocks)
        found = pa.Table.from_batches(list(engine.blocks(rows, 300)))
        assert found.equals(engine.collect(rows))
    finally:
        monkeypatch.undo()
        time.tzset()
    assert [block.num_rows for block in first] == [100] * 5
    assert found["x"].to_pylist()[:3] == [None, 0.125, 0.25]
    assert str(found["t"][0]) == "2024-01-01 12:00:00"


def test_rows_keep_their_numbers(engine, tmp_path):
    """Lines of a CSV file in several parts, rows of Parquet files; what a killed worker held is numbered alike again."""
    path = tmp_path / "a [b]*.csv"
    path.write_text("x,y\n" + "".join(f"{at},\n" for at in range(30_000)), encoding="utf-8")
    engine._spark.conf.set("spark.sql.files.maxPartitionBytes", "50000")
    try:
        rows = engine.scan_csv(path, CsvLayout(("x", "y")))
        assert engine._spark.table(rows.get_name()).rdd.getNumPartitions() > 2
        found = engine.collect(
            rows.aggregate(wrong=(rows["_line"] != rows.x.cast("int64") + 2).sum(), y=rows.y.count())
        )
    finally:
        engine._spark.conf.unset("spark.sql.files.maxPartitionBytes")
    assert found.to_pylist() == [{"wrong": 0, "y": 0}]
    pq.write_table(pa.table({"k": range(1000)}), tmp_path / "k.parquet", row_group_size=100)
    rows = engine.scan_parquet([tmp_path / "k.parquet"], columns=["c0"])
    assert engine.collect(rows.aggregate(wrong=(rows["_line"] != rows.c0 + 1).sum())).to_pylist() == [{"wrong": 0}]


def test_several_files_in_one_go(engine, tmp_path):
    """Each row has the place of its file and its line there, whatever the file is called."""
    names = ["z.parquet", "a b.parquet", "c%20[1].parquet", "é=1.parquet"]
    for place, name in enumerate(names):
        values = pa.table({"k": [100 * place + line for line in range(1, 51)]})
        pq.write_table(values, tmp_path / name, row_group_size=10)
    rows = engine.scan_parquet([tmp_path / name for name in names], columns=["c0"])
    wrong = (rows["_file"] * 100 + rows["_line"] != rows.c0).sum()
    assert engine.collect(rows.aggregate(wrong=wrong, rows=rows.count())).to_pylist() == [{"wrong": 0, "rows": 200}]


def test_a_query_is_interrupted(engine, caplog):
    """Nothing is said but that; the next query is answered, and the workers are free for it."""
    endless = ibis.table({"id": "int64"}, name="endless")
    engine._spark.range(10**13).createOrReplaceTempView("endless")
    threading.Timer(1.5, os.kill, (os.getpid(), signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt):
        engine.collect(endless.aggregate(x=(endless.id % 7).sum()))
    assert caplog.records == []
    few = endless.limit(3)
    assert engine.collect(few.aggregate(n=few.count())).to_pylist() == [{"n": 3}]


def test_java_is_not_left_behind_when_it_is_interrupted_on_starting():
    """Ctrl-C waits until Java knows whom it serves."""
    done = []
    with pytest.raises(KeyboardInterrupt), spark_session._interrupted_after():
        os.kill(os.getpid(), signal.SIGINT)
        done.append("started")
    assert done == ["started"]
    assert signal.getsignal(signal.SIGINT) is not None


def test_a_catalogue_is_read(spark, engine, coupons, placed, capfd):
    for file in (coupons / "customers.parquet", coupons / "transactions.parquet"):
        engine._spark.sql("CREATE DATABASE IF NOT EXISTS shop")
        name = "base" if file.stem == "transactions" else file.stem
        engine._spark.read.parquet(str(file)).repartition(2).write.saveAsTable(f"shop.{name}")
    engine._spark.sql("CREATE VIEW shop.transactions AS SELECT * FROM shop.base UNION ALL SELECT * FROM shop.base")
    there, here = read("catalogue:shop", engine=spark.address), read(coupons)
    twice, once = there.quality.tables["transactions"], here.quality.tables["transactions"]
    assert twice.rows_in == 2 * once.rows_in
    assert twice.rows_used == once.rows_used
    assert there.quality.tables["customers"] == here.quality.tables["customers"]
    assert there.label == "shop of Spark's catalogue"
    with pytest.raises(UsageError, match=r"has no database nowhere; there are default, shop\."):
        read("catalogue:nowhere", engine=spark.address)
    with pytest.raises(UsageError, match=r"^catalogue:shop is a database of Spark's catalogue\. Say which Spark"):
        read("catalogue:shop")
    with pytest.raises(UsageError, match=r"cannot be written to table a\.b"):
        placed.assign_to(there, write_to="a.b")
    assert "UNRESOLVED_COLUMN" not in capfd.readouterr().err  # Spark tells what it was asked in vain


@pytest.mark.parametrize(
    "content",
    ["a title\nid,name\n1,x\n", 'id,name\n1,"x\ny"\n', "id,name\n1\n", "id,name\n\n1,x\n", "id,name\n1,caf\xe9\n", 'id,name\n1,a"b"\n2,"c" d\n'],
    ids=["title", "line break", "short", "blank line", "encoding", "quote"],
)  # fmt: skip
def test_a_csv_file_that_needs_care_is_refused(spark, coupons, tmp_path, content):
    (tmp_path / "transactions.parquet").write_bytes((coupons / "transactions.parquet").read_bytes())
    (tmp_path / "cities.csv").write_bytes(content.encode("latin-1"))
    with pytest.raises(DataError, match=r"^Reading cities\.csv cannot run on the engine spark: it is not plain CSV"):
        read(tmp_path, engine=spark.address)


def test_damaged_and_other_files(spark, coupons, tmp_path):
    (tmp_path / "transactions.parquet").write_bytes((coupons / "transactions.parquet").read_bytes())
    whole = (coupons / "cities.parquet").read_bytes()
    (tmp_path / "cities.parquet").write_bytes(whole[:4] + b"\0" * 200 + whole[204:])
    with pytest.raises(DataError):
        read(tmp_path, engine=spark.address)
    (tmp_path / "shop.duckdb").write_bytes(b"\0" * 8 + b"DUCK")
    with pytest.raises(UsageError, match=r"shop\.duckdb is a DuckDB file, which the engine spark cannot read"):
        read(tmp_path / "shop.duckdb", engine=spark.address)


def test_values_come_through_as_they_are(engine):
    rows = pa.table(
        {
            "a": pa.array(["", None, 'q"u,o\nte', "\\N", "ä€"], pa.large_string()),
            "b": pa.array([1, None, -3, 4, 5], pa.int64()),
            "c": [0.1, None, 1e300, -0.5, float("inf")],
            "d": pa.array(["x", "y", None, "x", "y"]).dictionary_encode(),
        }
    )
    kept = engine.keep(engine.load(rows.to_batches(), rows.schema))
    assert sorted(map(str, engine.collect(kept).to_pylist())) == sorted(map(str, rows.to_pylist()))


def test_text_is_cleaned_alike(engine):
    """Blanks are stripped and no letters; a group of a pattern is put back."""
    rows = pa.table({"a": ["\v fine\f ", "\tvf\n", "'=1", "v"]})
    table = engine.load(rows.to_batches(), rows.schema)
    found = engine.collect(table.select(a=table.a.strip(), b=table.a.re_replace(r"^'([=+@-])", r"\1")))
    assert found["a"].to_pylist() == ["fine", "vf", "'=1", "v"]
    assert found["b"].to_pylist()[2:] == ["=1", "v"]


def test_a_folder_that_workers_do_not_see_is_noticed(engine, tmp_path):
    rows = pa.table({"a": [1, 2, 3]})
    table = engine.load(rows.to_batches(), rows.schema)
    engine.write(table, tmp_path / "list.parquet", "parquet")
    next((tmp_path / "list.parquet").glob("part-*.parquet")).unlink()
    with pytest.raises(
        DataError, match=r"^Of 3 rows that the workers of Spark at here wrote, \d stand in list\.parquet"
    ):
        check_parts(tmp_path / "list.parquet", "parquet", 3, "here")


def test_another_spark_in_the_same_process(engine):
    with pytest.raises(UsageError, match=r"^Spark runs in this process already, as spark://127.*there can be only one"):
        open_engine("spark", address="local[1]")


def test_memory_is_set_where_spark_starts(spark, engine, monkeypatch):
    """The same again is the same Spark; another size is refused, as it would be if only Java were left running."""
    again = open_engine("spark", address=spark.address, memory="512MB")
    assert again._spark.sparkContext is engine._spark.sparkContext
    again.close()
    with pytest.raises(
        UsageError, match=r"already, with 512m of memory, which cannot be changed while it runs\. Leave"
    ):
        open_engine("spark", address=spark.address, memory="1GB")
    monkeypatch.setattr(SparkContext, "_active_spark_context", None)
    with pytest.raises(
        UsageError, match=r"^Java runs in this process already, with memory of its own, which cannot be changed"
    ):
        open_engine("spark", address="local[1]", memory="1GB")


@pytest.mark.parametrize(
    ("asked", "source", "said"),
    [
        ("spark", "postgresql://db/shop", "The tables of shop on db stay in that database"),
        ("hadoop", "shop", "'hadoop' is no engine. There are duckdb, postgres, spark."),
        ("postgres", "shop", "PostgreSQL is chosen by the address of the data"),
    ],
)
def test_an_engine_that_does_not_fit_the_data(asked, source, said):
    with pytest.raises(UsageError) as error:
        read(source, engine=asked)
    assert error.value.sentence.startswith(said)


def test_memory_of_a_connect_server_is_set_there():
    with pytest.raises(UsageError, match="is set where that server is started"):
        open_engine("spark", address="sc://127.0.0.1:1", memory="1GB")


def test_nobody_answers_by_connect(monkeypatch):
    monkeypatch.setattr(spark_session, "PATIENCE", 0.3)
    with pytest.raises(UsageError, match=r"^No Spark Connect server answers at sc://127\.0\.0\.1:1\."):
        open_engine("spark", address="sc://127.0.0.1:1")


def command(*words, **settings):
    """A command line of its own, without the Spark of the tests."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SPARK_")}
    return subprocess.run(
        [sys.executable, "-m", "coterie", *map(str, words)],
        capture_output=True, text=True, check=False, timeout=120, env={**environment, **settings},
    )  # fmt: skip


def test_a_missing_java_is_one_sentence(coupons, tmp_path):
    done = command("check", coupons, "--engine", "spark", JAVA_HOME=str(tmp_path))
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].startswith("Spark needs Java 17 or newer, which is not found on this machine.")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("where", ["127.0.0.1:1", "127.0.0.1", "127.0.0.1:99999", "nowhere.invalid:7077"])
def test_nobody_answers_at_the_address_of_a_master(engine, where):
    with pytest.raises(UsageError, match=rf"^No Spark master answers at spark://{where}\. Check host and port"):
        spark_session._check_master(engine._spark.sparkContext._jvm, f"spark://{where}")


def test_what_answers_is_no_master():
    """Spark itself gives up after a minute; then nobody waits for workers."""
    context = MagicMock()
    context._jsc.sc().isStopped.return_value = True
    with pytest.raises(UsageError, match=r"^No Spark master answers at spark://there:80\."):
        spark_session._wait_for_a_worker(context, "spark://there:80")
    context.stop.assert_called_once()


def test_a_missing_library_is_one_sentence(monkeypatch):
    for name in [name for name in sys.modules if name.startswith("coterie.engines.spark")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "pyspark", None)
    with pytest.raises(UsageError, match=r"pip install 'coterie\[spark\]'"):
        open_engine("spark")


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("[PATH_NOT_FOUND] Path does not exist: file:/a. SQLSTATE: 42K03", "does not see a file or folder of this machine (Path does not exist: file:/a). Put"),
        ("Job aborted due to stage failure: x\n\tat y", "broke a step off after several tries (Job aborted due to stage failure: x)."),
        ("java.lang.OutOfMemoryError: Java heap space", "ran out of memory or disk (Java heap space)."),
        ("org.apache.hadoop.security.AccessControlException: Permission denied: user=ann", "may not read or write there (Permission denied: user=ann)."),
    ],
)  # fmt: skip
def test_what_spark_refuses_is_one_sentence(said, sentence):
    with pytest.raises((DataError, UsageError)) as error, told("here"):
        raise PySparkException(said)
    assert error.value.sentence.startswith(f"Spark at here {sentence}")


def test_the_last_cause_is_told():
    said = "An error occurred while calling o1.x.\n: org.apache.SparkException: Job\n\tat a\nCaused by: java.io.IOException: disk\n"
    assert first_of(said) == "disk"


def test_a_bug_keeps_its_traceback():
    with pytest.raises(ZeroDivisionError), told("here"):
        raise ZeroDivisionError
