"""An engine that composes: what it remembers, and the query made of it."""

from __future__ import annotations

import duckdb
import ibis
import pyarrow as pa
import pytest

from coterie.engines import ComposingEngine, dialect_named, found_as, named, open_engine, write_query
from coterie.engines.composing import Source, Values


@pytest.fixture
def engine():
    real = open_engine()
    engine = ComposingEngine(real, parse_dates=real.parse_dates)
    yield engine
    engine.close()


def loaded(engine, **columns):
    rows = pa.table(columns)
    return engine.load(rows.to_batches(), rows.schema)


def raw(engine, name, **columns):
    rows = loaded(engine, **{f"c{place}": values for place, values in enumerate(columns.values())}, _line=[1])
    found_as(engine, rows, name, list(columns))
    assert isinstance(engine.origins.of[rows.op()], Source)
    return rows


def test_rows_beyond_the_limit_are_not_taken_into_memory(engine, monkeypatch):
    taken = []
    monkeypatch.setattr("coterie.engines.composing.MOST_VALUES", 3)
    table = pa.table({"x": range(10)})

    class Batch:
        def __init__(self, batch):
            self.batch = batch

        def slice(self, *place):
            taken.append(self.batch.slice(*place).num_rows)
            return self.batch.slice(*place)

    class Real:
        name, remote = "duckdb", False

        def load(self, batches, schema):
            return engine._real.load((one.batch for one in batches), schema)

    composing = ComposingEngine(Real(), parse_dates=engine.parse_dates)
    rows = composing.load((Batch(one) for one in table.to_batches(max_chunksize=2)), table.schema)
    assert taken == [2, 2, 0, 0, 0]
    assert rows.op() not in composing.origins.of
    few = composing.load((Batch(one) for one in table.slice(0, 3).to_batches()), table.schema)
    assert composing.origins.of[few.op()] == Values(((0,), (1,), (2,)))


def test_a_part_of_a_step_takes_no_name_that_is_taken(engine):
    """A step that reads one of its parts twice has it as a step of its own, beside a raw table of that very name."""
    orders, other = raw(engine, "orders", who=[1], paid=[2.5]), raw(engine, "sums_1", who=[1], known=[True])
    sums = orders.group_by("c0").aggregate(total=orders.c1.sum())
    most = sums.aggregate(most=sums.total.max())
    kept = named(engine, engine.keep(sums.cross_join(most).select("c0", "most")), "sums")
    result = kept.left_join(other, "c0").select(who="c0", most="most", known="c1")
    query = write_query(engine, result, dialect_named("duckdb")).text
    with duckdb.connect() as there:
        there.execute("CREATE TABLE orders AS SELECT 7 AS who, 2.5 AS paid")
        there.execute("CREATE TABLE sums_1 AS SELECT 7 AS who, TRUE AS known")
        assert there.execute(query).fetchall() == [(7, 2.5, True)]
    assert "sums_1_2 AS (" in query


@pytest.mark.parametrize("kind", ["is in", "scalar", "distinct rows"])
def test_a_value_read_from_another_query_is_a_fault_of_ours(engine, kind):
    """Its columns would be left out of the steps that it reads."""
    one, other = raw(engine, "one", x=[1], y=[2]), raw(engine, "other", x=[1], y=[2])
    kept = engine.keep(other.select(z=other.c1 + 1))
    result = {
        "is in": lambda: one.filter(one.c0.isin(kept.z)).select("c0"),
        "scalar": lambda: one.select(c0=one.c0 + kept.z.max().as_scalar()),
        "distinct rows": lambda: one.aggregate(c0=one.nunique()),
    }[kind]()
    assert isinstance(result, ibis.Table)
    with pytest.raises(TypeError):
        write_query(engine, result, dialect_named("duckdb"))
