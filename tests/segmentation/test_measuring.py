"""Segments over time of more customers than are followed: those drawn, and that it is said."""

from __future__ import annotations

import pytest

import coterie as ct
from coterie.features import describe
from coterie.segmentation import Work, measuring
from coterie.segmentation.flow import NOT_YET
from coterie.segmentation.measuring import drawn, follow_segments
from coterie.segmentation.steps import STEPS
from coterie.settings import Settings


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    return ct.read(ct.sample(tmp_path_factory.mktemp("measuring") / "shop", customers=900, seed=4, orders=True))


def ids(tables, table):
    return set(tables.engine.collect(table.select("customer_id").distinct())["customer_id"].to_pylist())


def size(tables, table):
    return tables.engine.collect(table.aggregate(n=table.count()))["n"][0].as_py()


def test_drawn_are_whole_customers_and_the_same_each_time(tables):
    described = describe(tables)
    part = drawn(tables, described, 300, seed=0)
    people = ids(tables, part.customers)
    assert len(people) == 300
    for name in ("coupons", "lines"):
        everything, own = getattr(tables, name), getattr(part, name)
        kept = everything.filter(everything.customer_id.isin(sorted(people)))
        assert size(tables, own) == size(tables, kept) > 300
        assert ids(tables, own) <= people
    assert ids(tables, drawn(tables, described, 300, seed=0).customers) == people
    other = ids(tables, drawn(tables, described, 300, seed=1).customers)
    # Of 300 drawn twice from 900, 100 are met twice on average, with a standard deviation of 6.7.
    assert 70 < len(people & other) < 130


def test_more_than_are_followed_are_followed_by_a_sample(tables, monkeypatch):
    work = Work(tables, Settings(k=3, k_range=(3, 3), evidence=False))
    for step in STEPS[:-1]:
        work = step(work)
    whole = follow_segments(work)
    assert whole.metrics.flow.sample_of is None
    assert whole.notes == work.notes
    monkeypatch.setattr(measuring, "MOST", 600)
    found = follow_segments(work)
    flow, everyone = found.metrics.flow, whole.metrics.flow
    assert flow.sample_of == 900
    assert sum(flow.sizes[-1].values()) == 600
    assert flow.days[-1] == everyone.days[-1]
    for segment, number in everyone.sizes[-1].items():
        # Four standard deviations of the share of 600 drawn from 900.
        assert abs(flow.sizes[-1].get(segment, 0) / 600 - number / 900) < 4 * (0.25 / 600 / 3) ** 0.5
    assert sum(move[3] for move in flow.moves if move[0] == len(flow.days) - 2) == 600
    assert any(move[1] == NOT_YET for move in flow.moves)
    (note,) = set(found.notes) - set(work.notes)
    assert note == (
        "Who was in which segment before is told of 600 customers, drawn at random from 900: its counts are theirs, its "
        "shares hold for all."
    )
