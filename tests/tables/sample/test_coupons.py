from __future__ import annotations

import numpy as np
import pytest

from coterie.tables.sample import coupons
from coterie.tables.sample.plan import plan_shop


def whole(plan):
    weeks = list(coupons.coupon_weeks(plan))
    names = ("customer", "claimed", "burnt", "burnt_on", "branch", "offer")
    return {name: np.concatenate([getattr(week, name) for week in weeks]) for name in names}


@pytest.mark.parametrize("rows_at_once", [1, 900, 10**9])
def test_rows_in_memory_at_a_time_change_nothing(monkeypatch, rows_at_once):
    plan = plan_shop(400, 1, "realistic")
    usual = whole(plan)
    monkeypatch.setattr(coupons, "ROWS_AT_ONCE", rows_at_once)
    other = whole(plan)

    assert all(np.array_equal(usual[name], other[name]) for name in usual)


def test_every_customer_gets_the_planned_number_in_the_window_and_the_last_on_its_last_day():
    plan = plan_shop(700, 2, "realistic")
    rows, people = whole(plan), plan.people

    assert np.array_equal(np.bincount(rows["customer"], minlength=700), people.coupons)
    for customer in range(700):
        days = rows["claimed"][rows["customer"] == customer]
        assert len(days) == 0 or (days.min() >= people.joined[customer] and days.max() == people.last[customer])


def test_a_shop_of_several_blocks_draws_each_block_once(monkeypatch):
    monkeypatch.setattr(coupons, "BLOCK", 128)
    plan = plan_shop(500, 3, "wide")

    assert np.array_equal(np.bincount(whole(plan)["customer"], minlength=500), plan.people.coupons)


def test_weeks_hold_their_own_days():
    for week in coupons.coupon_weeks(plan_shop(300, 4, "wide")):
        assert (week.claimed // 7 == week.number).all()
