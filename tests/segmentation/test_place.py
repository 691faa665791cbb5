"""Customers placed by a rule: as the rule says of each, in whatever blocks they stream."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import coterie as ct
from coterie.clustering import ALGORITHMS, Reach, assign_nearest, own_algorithm
from coterie.errors import UsageError
from coterie.segmentation import Work, assign, segment
from coterie.segmentation.contract import FITS_NO_GROUP
from coterie.segmentation.judging import select_features
from coterie.segmentation.place import matrix, place, segments_in
from coterie.segmentation.steps import describe_customers, scale_features
from coterie.settings import Settings


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    return ct.read(ct.sample(tmp_path_factory.mktemp("place") / "shop", customers=300, seed=6, file_format="parquet"))


@pytest.fixture(scope="module")
def more_tables(tmp_path_factory):
    shop = ct.sample(tmp_path_factory.mktemp("place") / "shop", customers=1_500, seed=2, file_format="parquet")
    return ct.read(shop)


@pytest.fixture(scope="module")
def work(tables):
    return scale_features(select_features(describe_customers(Work(tables, Settings(evidence=False)))))


class InSmallBlocks:
    """An engine that streams few rows at a time."""

    remote = False

    def __init__(self, engine):
        self.load, self.collect, self.whole = engine.load, engine.collect, engine.blocks
        self.given = 0

    def blocks(self, expression):
        for batch in self.whole(expression):
            for low in range(0, batch.num_rows, 70):
                self.given += 1
                yield batch.slice(low, 70)


def test_every_customer_stands_where_the_rule_says(work):
    engine, described, space = work.tables.engine, work.described, work.space
    names = [name for name in space.columns if name.startswith("z")]
    x = matrix(engine.collect(space.order_by("row")).combine_chunks().to_batches()[0], names)
    centroids = np.random.default_rng(0).normal(size=(4, len(names)))
    rule = Reach((1.0, 2.0, 3.0, 0.5))
    expected, small = rule.place(x, centroids), InSmallBlocks(engine)
    for one in (engine, small):
        placed = place(described, space, centroids, include_inactive=True, engine=one, rule=rule)
        found = engine.collect(placed.select("row", "segment", "distance", "margin", "second").order_by("row"))
        assert found["row"].to_pylist() == list(range(300))
        labels = np.where(expected.labels >= 0, expected.labels + 1, FITS_NO_GROUP)
        assert found["segment"].to_pylist() == labels.tolist()
        assert found["distance"].to_pylist() == expected.distance.tolist()
        assert found["margin"].to_pylist() == expected.margin.tolist()
        assert found["second"].to_pylist() == [int(s) + 1 if s >= 0 else None for s in expected.second]
    assert small.given > 3


def test_reach_without_end_is_the_nearest_centroid(work):
    engine, described, space = work.tables.engine, work.described, work.space
    names = [name for name in space.columns if name.startswith("z")]
    centroids = np.random.default_rng(1).normal(size=(3, len(names)))
    rule = Reach((1e9, 1e9, 1e9))
    columns = ("row", "segment", "distance", "margin", "second")
    by_rule = place(described, space, centroids, include_inactive=True, engine=engine, rule=rule).select(*columns)
    nearest = assign_nearest(space, names, centroids).select(*columns)
    for name in columns:
        one, other = (engine.collect(t.order_by("row"))[name].to_pylist() for t in (by_rule, nearest))
        assert one == pytest.approx(other, rel=1e-12)


def test_customers_without_any_event_stay_out(work):
    engine = work.tables.engine
    centroids = np.zeros((1, len(work.scaling.coordinates)))
    rule = Reach((1e-9,))
    placed = place(work.described, work.space, centroids, include_inactive=False, engine=engine, rule=rule)
    rows = engine.collect(placed.select("active", "segment", "distance", "margin", "second")).to_pylist()
    assert any(not row["active"] for row in rows)
    for row in rows:
        if row["active"]:
            assert row["segment"] == FITS_NO_GROUP
        else:
            assert list(row.values()) == [False, 0, None, None, None]


@pytest.mark.parametrize("inactive", [False, True])
@pytest.mark.parametrize("rule", [None, Reach((2.0, 2.0, 2.0))])
def test_segments_alone_are_those_of_placing(work, rule, inactive):
    engine, space = work.tables.engine, work.space
    names = [name for name in space.columns if name.startswith("z")]
    for used, count in ((space, len(names)), (space.select("row", "active"), 0)):
        centroids = np.random.default_rng(3).normal(size=(3, count))
        how = {"include_inactive": inactive, "engine": engine, "rule": rule if count else None}
        whole = place(work.described, used, centroids, **how).select("row", "segment")
        alone = segments_in(used, centroids, **how)
        one, other = (engine.collect(table.order_by("row")).to_pydict() for table in (alone, whole))
        assert one == other
        assert len({*one["segment"]}) > (1 if count else 0)


def test_a_rule_of_its_own_is_refused_where_customers_stay(tables, monkeypatch):
    """Before anything is computed; the sentence names the step, the engine and the way out."""
    model = segment(tables, Settings(evidence=False, k=2)).result.model
    engine = tables.engine
    monkeypatch.setattr(engine, "remote", True)
    monkeypatch.setattr(engine, "keep", None)
    refused = (
        r"^Placing every customer by the rule of {} cannot run on the engine duckdb: .* Use k-means or ward, or export "
        r"the tables and segment the files\.$"
    )
    for name, label in (("mixture", "Gaussian mixture"), ("hdbscan", "HDBSCAN"), ("rfm", "RFM grid")):
        with pytest.raises(UsageError, match=refused.format(label)):
            segment(tables, Settings(evidence=False, algorithm=name))
    with pytest.raises(UsageError, match=refused.format("own: Given")):
        assign(replace(model, algorithm="own: Given", reach=Reach((1.0, 1.0))), tables)


def test_a_rule_that_shows_only_in_the_end_is_refused_then(tables, monkeypatch):
    monkeypatch.setattr(tables.engine, "remote", True)
    with pytest.raises(UsageError, match=r"rule of this algorithm cannot run on the engine duckdb"):
        segment(tables, Settings(evidence=False), algorithm=own_algorithm(Stretched()))


@pytest.mark.parametrize("name", ["k-means", "ward"])
def test_what_goes_to_the_nearest_centre_runs_where_customers_stay(name, tables, monkeypatch):
    settings = Settings(evidence=False, algorithm=name, k=3)
    here = tables.engine.collect(segment(tables, settings).assignments)
    monkeypatch.setattr(tables.engine, "remote", True)
    there = tables.engine.collect(segment(tables, settings).assignments)
    assert there["segment"].to_pylist() == here["segment"].to_pylist()


class Stretched:
    """Two groups by the first column, and nobody who stands far out."""

    def fit_predict(self, X):  # noqa: N803
        return np.where(np.linalg.norm(X, axis=1) > 3, -1, X[:, 0] > 0)


@pytest.mark.parametrize(
    "algorithm",
    [*ALGORITHMS, own_algorithm(Stretched())],
    ids=lambda algorithm: algorithm.name,
)
def test_a_model_places_the_customers_it_was_made_from_as_they_were(algorithm, tables, request):
    settings = Settings(evidence=False, k_range=(2, 4))
    if algorithm.name == "hdbscan":  # which finds nothing among 300
        tables = request.getfixturevalue("more_tables")
    found = segment(tables, settings, algorithm=algorithm)
    model = found.result.model
    assert model.algorithm == algorithm.name
    again = assign(model, tables)
    assert tables.engine.collect(again).equals(tables.engine.collect(found.assignments))
    counted = {entry.segment: entry.customers for entry in found.result.profiles.segments}
    assert sum(counted.values()) == found.result.customers
    assert set(range(1, model.k + 1)) <= set(counted)


def test_those_who_do_not_fit_an_old_model_are_named(tables):
    found = segment(tables, Settings(evidence=False, k=2)).result.model
    narrow = replace(found, algorithm="own: Given", reach=Reach((1e-9, 1e-9)))
    assert "-1" not in narrow.names
    rows = tables.engine.collect(assign(narrow, tables)).to_pylist()
    assert {row["name"] for row in rows if row["segment"] == FITS_NO_GROUP} == {"Fits no group"}
    assert {row["segment"] for row in rows} == {FITS_NO_GROUP, 0}
