"""Eta squared, RFM, equal groups, lifts: by hand and by other routes."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import f_oneway

from coterie.evidence.groupings import (
    best_column,
    equal_groups,
    eta_squared,
    fifths,
    interval,
    lift_draws,
    lifts,
    rfm,
    shuffled,
)
from coterie.features import BURNT, OPEN, Aggregates, BurnCurveTable, Events


def test_eta_squared_follows_from_the_f_of_an_analysis_of_variance():
    rng = np.random.default_rng(0)
    group = rng.integers(0, 4, 200)
    outcome = rng.poisson(1.0 + group)
    f = f_oneway(*(outcome[group == place] for place in range(4))).statistic
    assert float(eta_squared(outcome.astype(float), group, 4)) == pytest.approx(3 * f / (3 * f + 196))


def test_eta_squared_of_many_groupings_is_that_of_each():
    rng = np.random.default_rng(1)
    outcome, groups = rng.normal(size=50), rng.integers(0, 3, (7, 50))
    each = [float(eta_squared(outcome, group, 3)) for group in groups]
    np.testing.assert_allclose(eta_squared(outcome, groups, 3), each)


def test_eta_squared_is_not_defined_where_all_are_equal():
    assert np.isnan(eta_squared(np.ones(4), np.array([0, 0, 1, 1]), 2))


def test_fifths_have_a_fifth_each_and_hold_equal_values_together():
    assert np.bincount(fifths(np.random.default_rng(2).permutation(100).astype(float))).tolist() == [20] * 5
    assert fifths(np.array([0.0] * 7 + [1.0, 2.0, 3.0])).tolist() == [0] * 7 + [3, 4, 4]


def test_groups_of_equal_size_break_ties_by_order():
    assert equal_groups(np.zeros(6), 3).tolist() == [0, 0, 1, 1, 2, 2]
    assert equal_groups(np.array([5.0, 1.0, 4.0, 2.0, 3.0]), 2).tolist() == [1, 0, 1, 0, 0]


def test_rfm_by_hand():
    """Five customers with 1..5 coupons, the last of each on day 10, 20 ... 50; the last two have burnt one and two."""
    customer = np.array([0, 1, 1, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 4])
    claimed = np.array([10, 1, 20, 1, 2, 30, 1, 2, 3, 40, 1, 2, 3, 4, 50])
    status = np.full(15, OPEN)
    status[[9, 12, 13]] = BURNT
    order = np.argsort(claimed, kind="stable")
    unknown = np.full(15, np.nan)
    events = Events(
        joined=np.full(5, np.nan),
        customer=customer[order],
        claimed=claimed[order],
        status=status[order],
        burnt=np.where(status == BURNT, claimed + 1.0, np.nan)[order],
        expires=unknown,
        branch=np.full(15, -1),
        merchant=np.full(15, -1),
        as_of=60,
    )
    # Recency and frequency 1..5; burns 0, 0, 0, 1, 2 score 1, 1, 1, 4, 5.
    assert rfm(Aggregates(events, BurnCurveTable(()))).tolist() == [3, 5, 7, 12, 15]


def test_the_best_column_is_the_one_that_explains_most():
    rng = np.random.default_rng(3)
    z = rng.normal(size=(200, 3))
    assert best_column(z, z[:, 1] + rng.normal(size=200), 4) == 1
    assert best_column(z, -z[:, 2] + rng.normal(size=200), 4) == 2


def test_the_best_column_is_chosen_by_those_in_whom_the_outcome_is_defined():
    rng = np.random.default_rng(6)
    z = rng.normal(size=(200, 3))
    outcome = z[:, 2] + rng.normal(size=200)
    outcome[[4, 90]] = np.nan
    assert best_column(z, outcome, 4) == 2
    assert best_column(z, np.full(200, np.nan), 4) == 0


def test_groups_dealt_again_stay_within_their_stratum():
    rng = np.random.default_rng(4)
    group, within = rng.integers(0, 3, 90), rng.integers(0, 2, 90)
    dealt = shuffled(group, within, 20, rng)
    for stratum in (0, 1):
        kept = np.bincount(group[within == stratum], minlength=3)
        for row in dealt:
            assert np.bincount(row[within == stratum], minlength=3).tolist() == kept.tolist()
    assert len({row.tobytes() for row in dealt}) == 20


def test_lifts_by_hand():
    found = lifts(np.array([1.0, 3.0, 0.0, 0.0]), np.array([0, 0, 1, 1]), 3)
    assert found[:2].tolist() == [2.0, 0.0]
    assert np.isnan(found[2])


def test_the_lift_interval_is_that_of_the_delta_method():
    """For many customers the bootstrap of a ratio of means is normal with the variance of its linear terms."""
    rng = np.random.default_rng(5)
    n = 2_000
    group = (rng.random(n) < 0.3).astype(np.int64)
    outcome = rng.poisson(1.0 + 2.0 * group).astype(float)
    lift = lifts(outcome, group, 2)[1]
    mean, share = outcome.mean(), group.mean()
    influence = group / share * (outcome - lift * mean) / mean - lift * (outcome - mean) / mean
    half = 1.96 * influence.std() / np.sqrt(n)
    low, high = interval(lift_draws(outcome, group, 2, 2_000, rng)[:, 1], 0.95)
    assert low == pytest.approx(lift - half, abs=0.15 * half)
    assert high == pytest.approx(lift + half, abs=0.15 * half)


def test_an_interval_leaves_out_draws_without_a_value():
    assert interval(np.array([np.nan, 1.0, 2.0, 3.0, np.nan]), 1.0) == (1.0, 3.0)
    assert all(np.isnan(interval(np.full(3, np.nan), 0.95)))
