"""A query that another thread ends: on every engine it stops at once, and what was kept before still answers."""

from __future__ import annotations

import threading
import time

import ibis
import pyarrow as pa
import pytest

from coterie.engines import Interrupted, open_engine
from coterie.engines.stopping import Stopping
from coterie.errors import DataError

ROWS = 600


@pytest.fixture(params=["duckdb", "postgres", "spark", "connect"])
def engine(request):
    if request.param == "duckdb":
        opened = open_engine()
    elif request.param == "postgres":
        server = request.getfixturevalue("postgres")
        server.sql("postgres", "DROP DATABASE IF EXISTS slow WITH (FORCE)", "CREATE DATABASE slow")
        opened = open_engine("postgres", address=server.address("slow"))
    elif request.param == "spark":
        opened = open_engine("spark", address=request.getfixturevalue("spark").address)
    else:
        opened = open_engine("spark", address=request.getfixturevalue("connect"))
    yield opened
    opened.close()


@ibis.udf.scalar.builtin
def java_method(of: str, method: str, value: int) -> str: ...


def for_hours(engine, numbers):
    """An expression that sleeps for a row, or is over ROWS to the power of five rows."""
    if engine.name == "spark":  # whose workers look up from a loop when it ends
        one = numbers.filter(numbers.x == 0)
        return one.select(n=java_method("java.lang.Thread", "sleep", one.x + 3_600_000))
    many = numbers.select(a=numbers.x)
    for letter in "bcde":
        many = many.cross_join(numbers.select(**{letter: numbers.x}))
    return many.aggregate(n=((many.a * many.b + many.c) % (many.d + many.e + 1)).sum())


@pytest.mark.parametrize("verb", ["collect", "keep"])
def test_a_query_is_ended_and_what_is_kept_still_answers(engine, verb):
    table = pa.table({"x": list(range(ROWS))})
    numbers = engine.keep(engine.load(table.to_batches(), table.schema))
    slow, ended = for_hours(engine, numbers), []

    def work():
        try:
            getattr(engine, verb)(slow)
        except Interrupted:
            ended.append(time.monotonic())

    asking = threading.Thread(target=work, daemon=True)
    asking.start()
    time.sleep(0.5)
    told = time.monotonic()
    while asking.is_alive() and time.monotonic() < told + 20:
        engine.interrupt()
        asking.join(0.05)
    assert ended, "it went on"
    assert ended[0] - told < 10
    found = engine.collect(numbers.aggregate(n=numbers.count(), x=numbers.x.sum())).to_pylist()
    assert found == [{"n": ROWS, "x": ROWS * (ROWS - 1) // 2}]
    again = engine.keep(numbers.filter(numbers.x < 3))
    assert sorted(engine.collect(again.select("x"))["x"].to_pylist()) == [0, 1, 2]
    engine.interrupt()  # nothing is asked: nothing is ended
    assert engine.collect(again.aggregate(n=again.count())).to_pylist() == [{"n": 3}]


def test_a_server_that_sleeps_is_woken(postgres):
    postgres.sql("postgres", "DROP DATABASE IF EXISTS asleep WITH (FORCE)", "CREATE DATABASE asleep")
    postgres.sql("asleep", "CREATE VIEW sleeper AS SELECT 1 AS x FROM pg_sleep(60)")
    engine = open_engine("postgres", address=postgres.address("asleep"))
    sleeper, table = engine.relations()["sleeper"], pa.table({"x": [1, 2]})
    kept = engine.keep(engine.load(table.to_batches(), table.schema))
    threading.Timer(0.5, engine.interrupt).start()
    before = time.monotonic()
    with pytest.raises(Interrupted):
        sleeper.open()
    assert time.monotonic() - before < 3
    assert engine.collect(kept.aggregate(n=kept.count())).to_pylist() == [{"n": 2}]
    engine.close()


def test_what_a_settled_server_drops_holds_nothing_and_what_it_keeps_stays(postgres):
    """Else each table ever made has its locks, of which a server has some 6,400 for all, and its file."""
    postgres.sql("postgres", "DROP DATABASE IF EXISTS settled WITH (FORCE)", "CREATE DATABASE settled")
    postgres.sql("settled", "CREATE VIEW sleeper AS SELECT 1 AS x FROM pg_sleep(60)", "CREATE TABLE raw (x int)")
    engine = open_engine("postgres", address=postgres.address("settled"))
    table = pa.table({"x": list(range(5000))})
    kept = engine.keep(engine.load(table.to_batches(), table.schema))
    raw, sleeper = engine.relations()["raw"].open(), engine.relations()["sleeper"]
    engine.settle()

    def locks_and_bytes():
        held = "SELECT count(*), pg_database_size('settled') FROM pg_locks WHERE locktype = 'relation'"
        return [int(one) for one in postgres.sql("settled", held).split("|")]

    _, before = locks_and_bytes()
    for least in range(300):  # 200 kB each
        engine.drop(engine.keep(kept.filter(kept.x >= least % 10)))
    locks, after = locks_and_bytes()
    assert locks < 100
    assert after - before < 10_000_000
    threading.Timer(0.5, engine.interrupt).start()
    with pytest.raises(Interrupted):
        sleeper.open()
    with pytest.raises(DataError, match="division by zero"):
        engine.keep(kept.mutate(y=kept.x / (kept.x - 7)))
    assert engine.collect(kept.aggregate(n=kept.count(), x=kept.x.sum())).to_pylist() == [{"n": 5000, "x": 12_497_500}]
    postgres.sql("settled", "INSERT INTO raw VALUES (1), (2)")
    assert engine.collect(raw.aggregate(n=raw.count())).to_pylist() == [{"n": 2}]
    asked = "SELECT current_setting('TimeZone'), current_setting('work_mem'), current_setting('enable_nestloop')"
    assert engine._fetch(asked) == [("UTC", "64MB", "off")]
    engine.close()


def test_a_file_that_is_written_beside_the_queries_is_ended(tmp_path):
    engine, ended = open_engine(), []
    table = pa.table({"x": list(range(ROWS))})
    numbers = engine.keep(engine.load(table.to_batches(), table.schema))

    def work():
        try:
            engine.write(for_hours(engine, numbers), tmp_path / "never.csv", "csv")
        except Interrupted:
            ended.append(time.monotonic())

    writing = threading.Thread(target=work, daemon=True)
    writing.start()
    time.sleep(0.5)
    engine.interrupt()  # that is for the queries
    assert engine.collect(numbers.aggregate(n=numbers.count())).to_pylist() == [{"n": ROWS}]
    assert writing.is_alive()
    told = time.monotonic()
    while writing.is_alive() and time.monotonic() < told + 20:
        engine.interrupt_write()
        writing.join(0.05)
    assert ended, "it went on"
    assert ended[0] - told < 10
    engine.interrupt_write()  # nothing is written: nothing is ended
    engine.write(numbers.aggregate(n=numbers.count()), tmp_path / "next.csv", "csv")
    assert (tmp_path / "next.csv").read_text() == f"n\n{ROWS}\n"
    engine.close()


def test_what_fails_long_after_is_no_interruption(monkeypatch):
    clock = iter([100.0, 102.9, 103.1])
    monkeypatch.setattr("coterie.engines.stopping.time.monotonic", lambda: next(clock))
    stopping = Stopping()
    stopping.begin()
    with pytest.raises(Interrupted), stopping.told(ValueError):
        raise ValueError
    with pytest.raises(ValueError, match="its own"), stopping.told(ValueError):
        raise ValueError("its own")
    with pytest.raises(TypeError), stopping.told(ValueError):
        raise TypeError
