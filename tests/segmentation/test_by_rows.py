"""A very large shop is put on one scale, placed and listed range by range: the same list, whatever the ranges."""

from __future__ import annotations

import pytest

import coterie as ct
import coterie.tables.by_rows as module
from coterie.runs import write_list
from coterie.segmentation import assign, segment
from coterie.settings import Settings
from coterie.tables import in_ranges


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    return ct.read(ct.sample(tmp_path_factory.mktemp("rows") / "shop", customers=300, seed=6, file_format="parquet"))


@pytest.mark.parametrize("algorithm", ["k-means", "mixture"])
@pytest.mark.parametrize("rows", [37, 299, 300])
def test_ranges_change_nothing(tables, tmp_path, monkeypatch, algorithm, rows):
    settings, engine = Settings(evidence=False, k=3, algorithm=algorithm), tables.engine
    whole = segment(tables, settings)
    monkeypatch.setattr(module, "AT_ONCE", rows)
    assert len(in_ranges(engine, whole.result.customers)) == -(-whole.result.customers // rows)
    parted = segment(tables, settings)
    assert parted.result.profiles == whole.result.profiles
    expected = engine.collect(whole.assignments)
    ids = expected["customer_id"].to_pylist()
    assert ids == sorted(ids)
    assert len(ids) == whole.result.customers
    assert engine.collect(parted.assignments).equals(expected)
    assert engine.collect(assign(parted.result.model, tables)).equals(expected)
    for name, found in (("whole", whole), ("parted", parted)):
        write_list(found.assignments, engine, tmp_path / f"{name}.csv")
    assert (tmp_path / "parted.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()


def test_a_shared_engine_has_all_rows_at_once(tables, monkeypatch):
    monkeypatch.setattr(module, "AT_ONCE", 10)
    assert len(in_ranges(tables.engine, 300)) == 30
    monkeypatch.setattr(tables.engine, "remote", True)
    assert len(in_ranges(tables.engine, 300)) == 1
