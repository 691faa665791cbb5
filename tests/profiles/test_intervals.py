"""Intervals against hand computation, scipy and simulation."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import pytest
from scipy.stats import binomtest

from coterie.profiles.intervals import RatioSums, mean_interval, over_index_low, rate_interval, wilson


def sums(x, m):
    x, m = np.asarray(x, dtype=float), np.asarray(m, dtype=float)
    return RatioSums(len(m), *map(float, (x.sum(), m.sum(), (x * x).sum(), (x * m).sum(), (m * m).sum())))


def test_wilson_agrees_with_scipy():
    for part, n in ((0, 12), (3, 40), (200, 700), (9, 9)):
        theirs = binomtest(part, n).proportion_ci(method="wilson")
        assert wilson(part / n, n) == pytest.approx((theirs.low, theirs.high), abs=1e-9)


def test_mean_interval_by_hand():
    assert mean_interval(10.0, 5.0, 100) == pytest.approx((10 - 0.98, 10 + 0.98), abs=1e-3)
    assert mean_interval(0.5, 5.0, 4, floor=0.0)[0] == 0.0
    assert mean_interval(3.0, None, 1) == (3.0, 3.0)


def test_independent_coupons_count_one_by_one():
    rng = np.random.default_rng(1)
    m = np.ones(500)
    one = sums(rng.random(500) < 0.3, m)
    assert one.effective == pytest.approx(499, abs=1)


def test_coupons_of_one_kind_of_customer_count_as_one():
    # Half burn all of their ten coupons and half none: 40 customers are worth 40 observations, not 400.
    clustered = sums([10, 0] * 20, [10] * 40)
    assert clustered.effective == pytest.approx(39)
    low, high = rate_interval(clustered)
    assert (low, high) == pytest.approx(wilson(0.5, 39))


def test_rate_interval_covers_the_truth_for_customers_who_differ():
    rng = np.random.default_rng(2)
    hits = 0
    for _ in range(1000):
        m = rng.poisson(5, 150) + 1
        x = rng.binomial(m, rng.beta(0.5, 1.5, 150))
        low, high = rate_interval(sums(x, m))
        hits += low <= 0.25 <= high
    assert 0.925 <= hits / 1000 <= 0.98


def test_nothing_burnt_rests_on_customers():
    low, high = rate_interval(sums([0] * 50, [20] * 50))
    assert (low, high) == pytest.approx(wilson(0, 50))


@pytest.mark.parametrize("true_index", [1.0, 1.2])
def test_lower_bound_is_above_the_truth_as_rarely_as_it_says(true_index):
    # Customers with few or many coupons, who each have a habit of their own for the value.
    rng = np.random.default_rng(3)
    part, share = 0.3, 0.1
    inside = true_index * share
    outside = (share - part * inside) / (1 - part)
    above = 0
    for _ in range(1500):
        m = rng.poisson(rng.gamma(2, 3, 1000)) + 1
        member = rng.random(1000) < part
        rate = np.where(member, inside, outside)
        x = rng.binomial(m, rng.beta(6 * rate, 6 * (1 - rate)))
        above += over_index_low(sums(x[member], m[member]), sums(x, m), 1.96) > true_index
    assert above / 1500 <= 0.035


def test_no_false_lead_in_any_of_many_runs_of_identical_customers():
    # Five segments cut by the number of coupons, 20 branches: 100 comparisons a run.
    rng = np.random.default_rng(4)
    z = NormalDist().inv_cdf(1 - 0.025 / 100)
    false, leads = 0, 0
    for _ in range(120):
        m = rng.poisson(5, 1000) + 1
        counts = rng.multinomial(1, [1 / 20] * 20, size=m.sum())
        x = np.add.reduceat(counts, np.concatenate(([0], np.cumsum(m)[:-1])), axis=0)
        segment = np.minimum(np.argsort(np.argsort(m, kind="stable"), kind="stable") * 5 // 1000, 4)
        lows = []
        for value in range(20):
            everyone = sums(x[:, value], m)
            lows += [over_index_low(sums(x[segment == s, value], m[segment == s]), everyone, z) for s in range(5)]
        false += max(lows) > 1.0
        leads += max(lows) > 1.2
    assert leads == 0
    assert false / 120 <= 0.075


def test_a_true_over_index_is_found():
    rng = np.random.default_rng(5)
    member = np.arange(1000) < 300
    x = rng.random(1000) < np.where(member, 0.4, 0.1)
    found = over_index_low(sums(x[member], np.ones(300)), sums(x, np.ones(1000)), 4.0)
    true = 0.4 / (0.3 * 0.4 + 0.7 * 0.1)
    assert 1.2 < found < true


def test_bounds_at_the_edges():
    nobody, some = sums([0] * 50, [1] * 50), sums([1] * 50 + [0] * 50, [1] * 100)
    assert over_index_low(nobody, some, 2.0) == 0.0
    assert over_index_low(some, some, 2.0) == 1.0
    only_here = over_index_low(sums([1] * 50, [1] * 50), sums([1] * 50 + [0] * 950, [1] * 1000), 2.0)
    assert 5 < only_here < 20
