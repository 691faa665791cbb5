from __future__ import annotations

import datetime as dt
from pathlib import Path

import ibis
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from coterie.engines import CsvLayout, MalformedFile, open_engine
from coterie.errors import DataError, UsageError


@pytest.fixture
def engine():
    engine = open_engine()
    yield engine
    engine.close()


@pytest.mark.parametrize("name", ["plain.csv", "a[1].csv", "b*.csv", "c?.csv", "d'q.csv", "e f.csv"])
def test_csv_paths_hold_no_wildcards(engine, tmp_path, name):
    (tmp_path / name).write_text("x,y\n1,\n2,b\n")
    rows = engine.scan_csv(tmp_path / name, CsvLayout(("c0", "c1")))
    assert engine.collect(rows).to_pylist() == [{"c0": "1", "c1": None, "_line": 2}, {"c0": "2", "c1": "b", "_line": 3}]


@pytest.mark.parametrize("text", ["x,y\n1\n", "x,y\n1,2,3\n", 'x,y\n"1,2\n', 'x,y\n"1"z,2\n'])
def test_csv_that_does_not_fit(engine, tmp_path, text):
    (tmp_path / "a.csv").write_text(text)
    with pytest.raises(MalformedFile):
        engine.scan_csv(tmp_path / "a.csv", CsvLayout(("c0", "c1")))


def test_csv_is_typed_where_the_type_spells_every_cell(engine, tmp_path):
    (tmp_path / "a.csv").write_text("a,b,c,d\n1,2024-01-05,7,2024-1-5\n,,07,2024-01-05\n")
    kinds = {"c0": "int64", "c1": "date", "c2": "int64", "c3": "date"}
    rows = engine.scan_csv(tmp_path / "a.csv", CsvLayout(tuple(kinds), quote="", kinds=kinds))
    assert engine.collect(rows).to_pylist() == [
        {"c0": 1, "c1": dt.date(2024, 1, 5), "c2": "7", "c3": "2024-1-5", "_line": 2},
        {"c0": None, "c1": None, "c2": "07", "c3": "2024-01-05", "_line": 3},
    ]


def test_csv_with_a_line_of_many_bytes(engine, tmp_path):
    (tmp_path / "a.csv").write_text("x,y\n1,b\n2," + "z" * 15_000_000 + "\n3,c\n")
    rows = engine.scan_csv(tmp_path / "a.csv", CsvLayout(("c0", "c1"), quote=""))
    assert engine.collect(rows.select("_line", n=rows["c1"].length())).to_pylist()[1] == {"_line": 3, "n": 15_000_000}


@pytest.mark.parametrize("name", ["a.parquet", "year=2024.parquet", "a[1].parquet"])
def test_parquet_is_renamed_by_position(engine, tmp_path, name):
    table = pa.table([[1, 2], ["a", None], [True, False]], names=["ID", "id", "_line"])
    pq.write_table(table, tmp_path / name)
    rows = engine.scan_parquet([tmp_path / name], columns=["c0", "c1", "c2"])
    assert engine.collect(rows).to_pylist() == [
        {"c0": 1, "c1": "a", "c2": True, "_line": 1},
        {"c0": 2, "c1": None, "c2": False, "_line": 2},
    ]


def test_parquet_that_is_none(engine, tmp_path):
    (tmp_path / "a.parquet").write_bytes(b"PAR1 nothing PAR1")
    with pytest.raises(MalformedFile):
        engine.scan_parquet([tmp_path / "a.parquet"], columns=["c0"])


@pytest.mark.parametrize("at", [100, 3000])
def test_damage_in_the_midst_of_parquet_is_one_sentence(engine, tmp_path, at):
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"a": [str(number * 7919 % 10007) for number in range(20_000)]}), path)
    content = bytearray(path.read_bytes())
    content[at : at + 40] = bytes(255 - byte for byte in content[at : at + 40])
    path.write_bytes(content)
    rows = engine.scan_parquet([path], columns=["c0"])
    for work in (engine.collect, engine.keep, lambda expression: list(engine.blocks(expression))):
        with pytest.raises(DataError, match=r"damaged") as error:
            work(rows)
        assert "\n" not in str(error.value)


def test_tables_kept_have_the_types_that_were_promised(engine):
    rows = engine.load([pa.record_batch([pa.array([1, 2])], names=["n"])], pa.schema([("n", pa.int64())]))
    some = rows.select(_file=ibis.literal(0, type="int64"), n=rows.n)
    told = some.aggregate(total=some.n.sum())
    assert engine.keep(some).union(some).schema() == some.schema()
    kept = engine.keep(told)
    assert kept.schema()["total"].copy(nullable=True) == told.schema()["total"].copy(nullable=True)
    assert engine.collect(kept).to_pylist() == [{"total": 3}]


def test_batches_become_a_table(engine):
    schema = pa.schema([("a", pa.int64())])
    batches = [pa.record_batch([pa.array([1, 2])], schema=schema), pa.record_batch([pa.array([3])], schema=schema)]
    assert engine.collect(engine.load(iter(batches), schema)).column("a").to_pylist() == [1, 2, 3]
    assert engine.collect(engine.load([], schema)).num_rows == 0


def test_what_the_batches_raise_comes_through(engine):
    schema = pa.schema([("a", pa.int64())])

    def broken():
        yield pa.record_batch([pa.array([1])], schema=schema)
        raise DataError("The file is broken.")

    with pytest.raises(DataError, match=r"^The file is broken.$"):
        engine.load(broken(), schema)


def test_blocks_are_bounded_and_written_files_come_back(engine, tmp_path):
    table = engine.load([pa.record_batch({"a": list(range(1000))})], pa.schema([("a", pa.int64())]))
    blocks = list(engine.blocks(table.order_by("a"), rows=300))
    assert sum(block.num_rows for block in blocks) == 1000
    engine.write(table.order_by("a"), tmp_path / "a.parquet", "parquet")
    engine.write(table.order_by("a"), tmp_path / "a.csv", "csv")
    assert pq.read_table(tmp_path / "a.parquet").column("a").to_pylist() == list(range(1000))
    assert (tmp_path / "a.csv").read_text().splitlines()[:3] == ["a", "0", "1"]


def test_an_interrupt_while_batches_are_taken_in_stays_one(engine):
    schema = pa.schema([("a", pa.int64())])

    def broken_off():
        yield pa.record_batch([[1]], schema=schema)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        engine.load(broken_off(), schema)


def test_too_little_memory_is_one_sentence():
    engine = open_engine(memory="50MB")
    many = ibis.range(0, 20_000_000).unnest().name("x").as_table()
    with pytest.raises(
        UsageError, match=r"^The engine needs more memory than it may hold \(47\.\d MiB\)\. Allow more with --memory\.$"
    ):
        engine.collect(many.aggregate(middle=many.x.median()))
    engine.close()


def test_a_full_device_is_one_sentence(engine):
    many = ibis.range(0, 1_000_000).unnest().name("x").as_table()
    with pytest.raises(UsageError, match=r"^The disk is full, where the engine writes"):
        engine.write(many, Path("/dev/full"), "csv")


def test_a_place_that_the_system_refuses_is_its_error(engine, tmp_path):
    few = ibis.range(0, 10).unnest().name("x").as_table()
    with pytest.raises(OSError, match="No such file or directory"):
        engine.write(few, tmp_path / "nowhere" / "x.csv", "csv")


def test_a_full_disk_is_one_sentence():
    engine = open_engine(memory="50MB")
    engine._connection.execute("SET max_temp_directory_size = '1MB'")
    many = ibis.range(0, 20_000_000).unnest().name("x").as_table()
    with pytest.raises(UsageError, match=r"^The disk is full, where the engine writes"):
        engine.keep(many, order_by=("x",))
    engine.close()
