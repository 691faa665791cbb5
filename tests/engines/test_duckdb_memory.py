"""What the embedded engine may hold, by the rows it is to read."""

from __future__ import annotations

import duckdb
import pyarrow as pa
import pytest

from coterie.engines import CsvLayout, duckdb_memory, open_engine
from coterie.engines.duckdb_memory import MemoryLimit


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """A file of 60 million rows that takes next to no room."""
    path = tmp_path_factory.mktemp("large") / "large.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"COPY (SELECT 1::TINYINT AS x FROM range(60_000_000)) TO '{path}'")
    return path


def held(engine) -> str:
    return engine._connection.execute("SELECT current_setting('memory_limit')").fetchall()[0][0]


def test_a_large_file_lets_the_engine_hold_more(large):
    engine = open_engine()
    assert held(engine) == "572.2 MiB"
    engine.scan_parquet([large], columns=["x"])
    assert held(engine) == "1.3 GiB"  # 60 million times 24 bytes
    engine.close()


def test_rows_of_every_kind_of_source_count(tmp_path, monkeypatch):
    monkeypatch.setattr(duckdb_memory, "A_ROW", 1_000_000)
    rows = pa.table({"x": range(1_000)})
    (tmp_path / "x.csv").write_text("x\n" + "1\n" * 1_000)
    with duckdb.connect(str(tmp_path / "x.duckdb")) as other:
        other.execute("CREATE TABLE x AS FROM range(1000)")
    reads = {
        "csv": lambda engine: engine.scan_csv(tmp_path / "x.csv", CsvLayout(("x",))),
        "frame": lambda engine: engine.load(rows.to_batches(), rows.schema),
        "database": lambda engine: engine.attach(tmp_path / "x.duckdb"),
    }
    for name, look in reads.items():
        engine = open_engine()
        look(engine)
        assert held(engine) == "953.6 MiB", name  # a thousand million bytes
        engine.close()


def test_what_was_given_stays(large):
    engine = open_engine(memory="900MB")
    engine.scan_parquet([large], columns=["x"])
    assert held(engine) == "858.3 MiB"
    engine.close()


@pytest.mark.parametrize(
    ("machine", "rows", "limit"),
    [
        ("20 GiB", (1_000_000,), "572.2 MiB"),
        ("20 GiB", (25_000_000, 25_000_000), "1.1 GiB"),
        ("20 GiB", (1_000_000_000,), "6.0 GiB"),
        ("1.0 GiB", (1_000_000_000,), "572.2 MiB"),
    ],
)
def test_the_limit_grows_with_the_rows_up_to_a_share_of_the_machine(machine, rows, limit):
    with duckdb.connect() as connection:
        memory = MemoryLimit(connection, machine=machine, given=None)
        for some in rows:
            memory.grow(some)
        assert connection.execute("SELECT current_setting('memory_limit')").fetchone() == (limit,)
