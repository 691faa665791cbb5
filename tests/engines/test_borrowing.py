"""What is made in a borrowed engine is gone when it is left, and what was there before is not."""

from __future__ import annotations

import pyarrow as pa
import pytest

from coterie.engines import borrowed, open_engine


def _tables(engine):
    return [name for (name,) in engine._connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()]


@pytest.fixture
def numbers():
    engine = open_engine()
    rows = pa.table({"n": [3, 1, 2]})
    yield engine, engine.keep(engine.load(rows.to_batches(), rows.schema), order_by=("n",))
    engine.close()


def test_what_was_made_is_given_back(numbers):
    engine, own = numbers
    before = _tables(engine)
    with borrowed(engine) as lent:
        assert (lent.name, lent.remote) == (engine.name, engine.remote)
        kept = lent.keep(own.filter(own.n > 1), order_by=("n",))
        more = lent.keep(kept.mutate(twice=kept.n * 2))
        assert lent.collect(more)["twice"].to_pylist() == [4, 6]
        rows = pa.table({"n": [7]})
        assert lent.collect(lent.load(rows.to_batches(), rows.schema))["n"].to_pylist() == [7]
        lent.drop(kept)
        assert len(_tables(engine)) == len(before) + 2
    assert _tables(engine) == before
    assert engine.collect(own)["n"].to_pylist() == [1, 2, 3]


def test_tables_are_dropped_in_the_way_that_is_told(numbers):
    engine, own = numbers
    before, told = _tables(engine), []
    with borrowed(engine, told.append) as lent:
        lent.keep(own)
    assert len(_tables(engine)) == len(before) + 1
    (give_back,) = told
    give_back()
    assert _tables(engine) == before


def test_a_failure_gives_it_back_too(numbers):
    engine, own = numbers
    before = _tables(engine)
    with pytest.raises(KeyError), borrowed(engine) as lent:
        lent.keep(own)
        raise KeyError("of the query")
    assert _tables(engine) == before


def test_what_was_not_dropped_is_dropped_the_next_time(numbers, monkeypatch):
    engine, own = numbers
    before, told = _tables(engine), []
    with borrowed(engine, told.append) as lent:
        lent.keep(own)
        lent.keep(own)
    (give_back,) = told
    with monkeypatch.context() as patched:
        patched.setattr(engine, "drop", lambda kept: 1 // 0)
        with pytest.raises(ZeroDivisionError):
            give_back()
    assert len(_tables(engine)) == len(before) + 2
    give_back()
    assert _tables(engine) == before
