"""Trials of other numbers of segments: those of the run's own k are the run, and their parts are counted by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import coterie as ct
from coterie.segmentation import assign, segment, what_if
from coterie.settings import Settings


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    tables = ct.read(ct.sample(tmp_path_factory.mktemp("trial") / "shop", customers=400, seed=3, file_format="parquet"))
    return tables, segment(tables, Settings(evidence=False)).result


def test_the_trial_of_the_own_k_is_the_run(shop):
    tables, result = shop
    trials = what_if(result.model, tables)
    assert list(trials) == list(range(2, 11))
    for scored in result.choice.candidates:
        trial = trials[scored.k]
        assert (trial.silhouette, trial.stability) == (scored.silhouette, scored.stability)
        assert sum(group.share for group in trial.groups) == pytest.approx(1)
    own = trials[result.model.k]
    active = {one.segment: one.customers for one in result.profiles.segments if one.segment}
    for group in own.groups:
        assert group.of_segments == ((group.number, 1.0),)
        assert group.share == pytest.approx(active[group.number] / result.active)


def test_parts_and_traits_are_those_of_the_customers(shop):
    """The same centroids, put into a model and its customers placed with it by `assign`."""
    tables, result = shop
    k = 2 if result.model.k != 2 else 3
    trial = what_if(result.model, tables)[k]
    now = tables.engine.collect(assign(result.model, tables)).to_pandas()
    names = {str(number): "" for number in range(1, k + 1)}
    fit = segment(tables, Settings(evidence=False, k=k)).result.model
    assert fit.coordinates == result.model.coordinates
    then = tables.engine.collect(assign(replace(fit, names=names), tables)).to_pandas()
    both = now.merge(then, on="customer_id")
    both = both[both.segment_x > 0]
    for group in trial.groups:
        inside = both[both.segment_y == group.number]
        assert group.share == pytest.approx(len(inside) / len(both))
        counted = (inside.segment_x.value_counts() / len(inside)).to_dict()
        assert dict(group.of_segments) == pytest.approx(counted)
        centre = np.array(fit.centroids[group.number - 1])
        assert [abs(trait.away) for trait in group.traits] == pytest.approx(
            sorted((abs(value) for value in centre if abs(value) >= 0.5), reverse=True)[:3]
        )


@pytest.mark.parametrize("held", [0, 64_000_000])
def test_a_sample_meets_all_customers_again_where_the_engine_may_be_asked(shop, monkeypatch, held):
    """Too many to be held: they are read again while groups are sought, and counted all of them."""
    monkeypatch.setattr("coterie.clustering.points.EXACT", 50)
    monkeypatch.setattr("coterie.clustering.points.HELD", held)
    tables, result = shop
    asked, before = [], _held(tables)

    def through(work):
        asked.append(work)
        return work()

    left = []
    trials = what_if(result.model, tables, through=through, in_the_end=left.append)
    assert len(asked) > 2  # drawn, met again at least once
    (give_back,) = left
    give_back()
    assert _held(tables) == before
    again = segment(tables, Settings(evidence=False)).result
    for scored in again.choice.candidates:
        trial = trials[scored.k]
        assert (trial.silhouette, trial.stability) == (scored.silhouette, scored.stability)
        assert len(trial.groups) == scored.k
    sizes = [group.share * result.active for group in trials[4].groups]
    assert sizes == pytest.approx([round(size) for size in sizes])
    assert sum(sizes) == pytest.approx(result.active)


def _held(tables):
    return tables.engine._connection.execute("SELECT count(*) FROM duckdb_tables()").fetchall()


def test_nothing_of_a_trial_stays_in_the_engine(shop):
    tables, result = shop
    before = _held(tables)
    what_if(result.model, tables)
    assert _held(tables) == before


def test_nothing_of_a_trial_that_is_given_up_stays_in_the_engine(shop):
    tables, result = shop
    before, asked = _held(tables), []

    def through(work):
        asked.append(work())
        raise TimeoutError

    with pytest.raises(TimeoutError):
        what_if(result.model, tables, through=through)
    assert len(asked) == 1
    assert _held(tables) == before


def test_where_all_are_alike_there_is_nothing_to_try(shop):
    tables, result = shop
    assert what_if(replace(result.model, coordinates=()), tables) == {}
