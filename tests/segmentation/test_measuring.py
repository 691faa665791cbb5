"""Segments over time of more customers than are followed: those drawn, and that it is said."""

from __future__ import annotations

from importlib import import_module

import pytest

import coterie as ct
from coterie.features import describe
from coterie.segmentation import Work, assign, measuring
from coterie.segmentation.flow import NOT_YET, flow_days, followed
from coterie.segmentation.measuring import drawn, follow_segments
from coterie.segmentation.model import model_of
from coterie.segmentation.steps import STEPS
from coterie.settings import Settings
from coterie.tables import known_at


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    return ct.read(ct.sample(tmp_path_factory.mktemp("measuring") / "shop", customers=900, seed=4, orders=True))


@pytest.fixture(scope="module")
def work(tables):
    """All steps but the last, which follows the segments."""
    work = Work(tables, Settings(k=3, k_range=(3, 3), evidence=False))
    for step in STEPS[:-1]:
        work = step(work)
    return work


def ids(tables, table, name="customer_id"):
    return tables.engine.collect(table.select(name))[name].to_pylist()


def test_drawn_are_whole_customers_and_the_same_each_time(tables, work):
    described, model = describe(tables), model_of(work)
    picked = drawn(tables.engine, described, 300, seed=0)
    people, rows = ids(tables, picked), ids(tables, picked, "row")
    assert len({*people}) == 300
    part = followed(model, tables, picked)
    assert sorted(ids(tables, part.customers)) == sorted(rows)
    number = dict(zip(people, rows, strict=True))
    for name in ("coupons", "lines"):
        own = sorted(number[one] for one in ids(tables, getattr(tables, name)) if one in number)
        assert sorted(ids(tables, getattr(part, name))) == own
        assert len(own) > 300
    assert {*ids(tables, drawn(tables.engine, described, 300, seed=0))} == {*people}
    other = {*ids(tables, drawn(tables.engine, described, 300, seed=1))}
    # Of 300 drawn twice from 900, 100 are met twice on average, with a standard deviation of 6.7.
    assert 70 < len(other & {*people}) < 130


def test_more_than_are_followed_are_followed_by_a_sample(work, monkeypatch):
    whole = follow_segments(work)
    assert whole.metrics.flow.sample_of is None
    assert whole.notes == work.notes
    monkeypatch.setattr(measuring, "MOST", 600)
    found = follow_segments(work)
    flow, everyone = found.metrics.flow, whole.metrics.flow
    assert flow.sample_of == 900
    assert sum(flow.sizes[-1].values()) == 600
    assert flow.days == everyone.days
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


def test_few_who_are_followed_do_not_shorten_the_time_they_are_followed(tables, work, monkeypatch):
    """Of the 220 drawn, 200 are known only in the end; of the shop, long before."""
    days = flow_days(model_of(work), tables, work.described.table)
    part = drawn(tables.engine, work.described, 220, work.settings.seed)
    assert len(flow_days(model_of(work), tables, part)) < len(days)
    monkeypatch.setattr(measuring, "MOST", 220)
    assert follow_segments(work).metrics.flow.days == days


def test_what_is_expected_of_customers_is_not_worked_out_where_nobody_asks(tables, work, monkeypatch):
    model = model_of(work)
    whole = assign(model, tables)
    assert {"probability_alive", "expected_orders", "expected_value"} <= {*whole.columns}
    looked = []
    monkeypatch.setattr(import_module("coterie.features.describe"), "with_orders_if_alive", looked.append)
    bare = assign(model, tables, expected=False)
    assert tables.engine.collect(bare).equals(tables.engine.collect(whole.select(*bare.columns)))
    assert "expected_orders" not in bare.columns
    assert len(follow_segments(work).metrics.flow.days) > 2
    assert looked == []


def test_segments_made_from_what_is_expected_can_be_followed(tables):
    settings = Settings(features=("expected_orders", "order_count"), k=3, k_range=(3, 3), evidence=False)
    work = Work(tables, settings)
    for step in STEPS:
        work = step(work)
    flow, model = work.metrics.flow, model_of(work)
    day = flow.days[0]
    rows = tables.engine.collect(assign(model, known_at(tables, day)))["segment"].to_pylist()
    assert flow.sizes[0] == {str(segment): rows.count(segment) for segment in sorted({*rows})}
