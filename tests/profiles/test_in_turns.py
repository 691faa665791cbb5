"""Medians asked one or two at a time are those asked together."""

from __future__ import annotations

import numpy as np
import pytest

from coterie.engines import open_engine
from coterie.profiles import in_turns
from coterie.profiles.in_turns import aggregate_in_turns
from coterie.tables import load_columns


@pytest.mark.parametrize(("held", "queries"), [(10_000, 1), (2_000, 2), (1, 3)])
def test_every_aggregate_of_every_group_whatever_is_held(monkeypatch, held, queries):
    monkeypatch.setattr(in_turns, "HELD", held)
    draw = np.random.default_rng(3)
    columns = {name: draw.normal(size=1000) for name in "abc"} | {"segment": draw.integers(1, 4, 1000)}
    engine = open_engine()
    table = load_columns(engine, columns)
    asked: list[object] = []
    collect = engine.collect
    monkeypatch.setattr(engine, "collect", lambda expression: asked.append(expression) or collect(expression))
    medians = {name: table[name].median() for name in "abc"}
    found = aggregate_in_turns(engine, table, {"n": table.count()}, medians, customers=1000, by="segment")
    assert len(asked) == queries
    for row in found:
        of = columns["segment"] == row["segment"]
        assert row["n"] == of.sum()
        assert [row[name] for name in "abc"] == pytest.approx([np.median(columns[name][of]) for name in "abc"])
    (whole,) = aggregate_in_turns(engine, table, {"n": table.count()}, medians, customers=1000)
    assert whole == pytest.approx({"n": 1000, **{name: np.median(columns[name]) for name in "abc"}})
    engine.close()
