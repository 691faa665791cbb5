"""Customers on the border, counted a second time with pandas and numpy on a real run."""

from __future__ import annotations

import ibis
import numpy as np
import pandas as pd
import pytest

from coterie.profiles import BORDER, Border, BorderFigure, profile
from coterie.runs.values import from_json, to_json
from coterie.segmentation.contract import Work
from coterie.segmentation.place import axis_names
from coterie.segmentation.steps import STEPS
from coterie.settings import Settings
from coterie.tables import read
from coterie.tables.sample.write import write_shop


def until(last, work):
    """The work after all steps up to this one."""
    for step in STEPS[: [step.__name__ for step in STEPS].index(last) + 1]:
        work = step(work)
    return work


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A small shop, placed and profiled, with coordinates, centroids and assigned customers as pandas and numpy."""
    folder = tmp_path_factory.mktemp("shop") / "shop"
    write_shop(folder, customers=400, seed=3)
    work = until("profile_segments", Work(read(folder), Settings(k=4, evidence=False)))
    collect = work.tables.engine.collect
    frame = collect(work.assigned.order_by("row")).to_pandas()
    space = collect(work.space.order_by("row").select(*axis_names(work.scaling.coordinates))).to_pandas().to_numpy()
    return work, frame, space


def test_borders_agree_with_pandas(run):
    work, frame, space = run
    distance = np.linalg.norm(space[:, None] - work.centroids, axis=2)
    order, ordered = distance.argsort(axis=1) + 1, np.sort(distance, axis=1)
    frame = frame.assign(own=(ordered[:, 1] - ordered[:, 0]) / (ordered[:, 1] + ordered[:, 0]), next=order[:, 1])
    found = {one.segment: one.border for one in work.profiles.segments}
    assert {key for key, border in found.items() if border} == {1, 2, 3, 4}
    for key in (1, 2, 3, 4):
        border, own = found[key], frame[frame.segment == key]
        near, rest = own[own.own < BORDER], own[own.own >= BORDER]
        assert len(near) > 0
        assert (border.customers, border.share) == (len(near), pytest.approx(len(near) / len(own)))
        assert border.margin == pytest.approx(own.own.mean())
        assert (border.neighbour, border.towards) == (near.next.value_counts().idxmax(), near.next.value_counts().max())
        assert set(border.features) >= {"transaction_count", "burn_rate", "recency"}
        for name, figure in border.features.items():
            for mean, side in ((figure.border, near), (figure.rest, rest)):
                pooled = side.coupons_burnt.sum() / side.transaction_count.sum()
                assert mean == pytest.approx(pooled if name == "burn_rate" else side[name].mean(), rel=1e-8)


def test_second_is_kept_and_not_delivered(run):
    work, frame, space = run
    order = np.linalg.norm(space[:, None] - work.centroids, axis=2).argsort(axis=1) + 1
    active = frame.active.to_numpy()
    assert frame.second[active].tolist() == order[active, 1].tolist()
    assert frame.second[~active].isna().all()
    assert (~active).any()


def test_all_customers_and_those_placed_by_rule_have_no_border(run):
    work, _, _ = run
    assert work.profiles.all.border is None
    assert work.profiles.segments[-1].segment == 0
    assert work.profiles.segments[-1].border is None


def placed(shop, margin, second=None):
    """The shop with these margins, and who is second."""
    table = shop.assigned.mutate(margin=margin(shop.assigned))
    return table if second is None else table.mutate(second=ibis.literal(second, "int64"))


def test_without_second_nobody_knows_the_neighbour(two_kinds):
    assigned = placed(two_kinds, lambda table: ibis.ifelse(table.customer_id < 10, 0.05, 0.5))
    borders = [one.border for one in profile(two_kinds.tables, two_kinds.described, assigned, k=2).segments]
    assert (borders[0].customers, borders[0].share, borders[0].neighbour, borders[0].towards) == (10, 0.25, None, 0)
    assert borders[0].margin == pytest.approx((10 * 0.05 + 30 * 0.5) / 40)
    # Nobody of segment 2 is on the border, and segment 0 has none.
    assert (borders[1].customers, borders[1].features["recency"].border) == (0, None)
    assert borders[1].features["recency"].rest > 0
    assert borders[2] is None


def test_the_margin_of_the_border_itself_is_not_on_it(two_kinds):
    assigned = placed(two_kinds, lambda table: ibis.ifelse(table.customer_id < 10, BORDER, 0.5), second=2)
    assert profile(two_kinds.tables, two_kinds.described, assigned, k=2).segments[0].border.customers == 0


@pytest.mark.parametrize("one", [True, False])
def test_no_border_with_one_segment_or_without_margins(two_kinds, one):
    if one:
        table = placed(two_kinds, lambda table: ibis.literal(0.05), second=2)
        table = table.mutate(segment=ibis.ifelse(table.segment == 2, -1, table.segment))
    else:
        table = placed(two_kinds, lambda table: ibis.null("float64"), second=2)
    found = profile(two_kinds.tables, two_kinds.described, table, k=1 if one else 2)
    assert [each.border for each in (*found.segments, found.all)] == [None] * 4


def test_a_border_survives_json_and_older_runs_have_none(run):
    work, _, _ = run
    segment = work.profiles.segments[0]
    plain = to_json(segment)
    assert from_json(type(segment), plain) == segment
    del plain["border"]
    assert from_json(type(segment), plain).border is None
    nobody = Border(0, 0.0, 0.5, None, 0, {"recency": BorderFigure(None, 3.0)})
    assert from_json(Border, to_json(nobody)) == nobody


def test_a_customers_column_called_segment_does_not_stand_for_it(tmp_path):
    write_shop(tmp_path / "shop", customers=200, seed=3)
    path = tmp_path / "shop" / "customers.csv"
    people = pd.read_csv(path)
    people.assign(segment=np.arange(len(people)) % 7 + 90, second=5).to_csv(path, index=False)
    work = until("place_customers", Work(read(tmp_path / "shop"), Settings(k=3, evidence=False)))
    frame = work.tables.engine.collect(work.assigned).to_pandas()
    assert set(frame.segment) <= {0, 1, 2, 3}
    assert set(frame.second.dropna()) <= {1, 2, 3}
