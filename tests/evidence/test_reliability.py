"""Reliability against its known true value in simulated shops, and against a direct computation."""

from __future__ import annotations

import numpy as np
import pytest

from coterie.evidence.reliability import ALIKE, LUCK, PLANNED, judge_reliability, spearman_brown
from coterie.evidence.select import select
from coterie.features import BURNT, FEATURES, OPEN, Events, Orders, learn_events

BY_NAME = {entry.name: entry for entry in FEATURES}


def shop(seed, *, claims, burn, days=400, joined=None) -> Events:
    """Customers with that many coupons each, burnt with that chance, claimed evenly over their time."""
    rng = np.random.default_rng(seed)
    n = len(claims)
    start = np.zeros(n) if joined is None else joined
    customer = np.repeat(np.arange(n), claims)
    claimed = np.floor(start[customer] + rng.random(len(customer)) * (days - start[customer])).astype(np.int64)
    burnt = rng.random(len(customer)) < np.asarray(burn)[customer]
    order = np.lexsort((customer, claimed))
    none = np.full(len(customer), -1)
    return Events(
        joined=start,
        customer=customer[order],
        claimed=claimed[order],
        status=np.where(burnt, BURNT, OPEN)[order],
        burnt=np.where(burnt, claimed + rng.integers(0, 30, len(customer)), np.nan)[order],
        expires=np.full(len(customer), np.nan),
        branch=none,
        merchant=none,
        as_of=days + 30,
    )


def judged(events, *names, seed=0):
    learned, _ = learn_events(events)
    return judge_reliability(events, [BY_NAME[name] for name in names], learned, seed)


def test_counts_of_gamma_poisson_customers_reach_their_true_reliability():
    # True: variance of the rates over variance of the counts = 25 / (25 + 10) at mean 10, shape 4; nearly all have some.
    rng = np.random.default_rng(1)
    counts = rng.poisson(rng.gamma(4.0, 2.5, 4000))
    (one,) = judged(shop(1, claims=counts, burn=np.full(4000, 0.4)), "transaction_count")
    assert one.value == pytest.approx(25 / 35, abs=0.03)
    assert one.low < one.value < one.high
    assert one.real
    assert one.p == 1 / 200


def test_burn_rates_of_beta_binomial_customers_reach_their_true_reliability():
    # True with n coupons each: n / (n + a + b) = 10 / (10 + 4) at a = b = 2; split-half runs a little above it.
    rng = np.random.default_rng(2)
    (one,) = judged(shop(2, claims=np.full(3000, 10), burn=rng.beta(2, 2, 3000)), "burn_rate")
    assert one.value == pytest.approx(10 / 14, abs=0.06)
    assert one.real


def test_identical_customers_are_not_real():
    rng = np.random.default_rng(13)
    found = judged(shop(13, claims=rng.poisson(5.0, 1000), burn=np.full(1000, 0.5)), "transaction_count", "burn_rate")
    for one in found:
        assert one.real is False
        assert one.low < 0 < one.high
        assert one.value < 0.15


def test_time_alone_makes_no_reliability():
    # Claims do not depend on time here; those who came late hold late coupons, and that is no behaviour.
    rng = np.random.default_rng(4)
    joined = np.floor(rng.random(1200) * 300)
    events = shop(4, claims=1 + rng.poisson(4.0, 1200), burn=np.full(1200, 0.5), joined=joined)
    learned, _ = learn_events(events)
    assert learned.exposure_power < 0.1
    claims, recency = judged(events, "claims_per_time", "recency")
    assert claims.real is False
    assert recency.low > 0.05
    assert recency.real is False


def test_the_value_is_the_direct_computation():
    rng = np.random.default_rng(5)
    events = shop(5, claims=1 + rng.poisson(rng.gamma(1.0, 4.0, 300)), burn=rng.beta(1, 1, 300))
    (one,) = judged(events, "transaction_count")
    from coterie.clustering import generator

    coins = generator(0, 31)
    correlations = []
    for _ in range(20):
        coin = coins.integers(0, 2, len(events.claimed))
        halves = np.zeros((300, 2))
        for customer, half in zip(events.customer, coin, strict=True):
            halves[customer, half] += 1
        correlations.append(np.corrcoef(halves.T)[0, 1])
    mean = np.mean(correlations)
    assert one.value == pytest.approx(2 * mean / (1 + mean), rel=1e-9)
    assert float(spearman_brown(0.5)) == pytest.approx(2 / 3)


def test_spend_is_compared_in_those_who_ordered_in_each_half():
    """Most order once, and differ in what they spend: their one order lies in one half, and says nothing."""
    rng = np.random.default_rng(4)
    n = 1_500
    held = np.where(rng.random(n) < 0.6, 1, 2 + rng.poisson(3.0, n))
    customer = np.repeat(np.arange(n), held)
    day = np.sort(rng.integers(0, 400, len(customer)))
    customer = rng.permutation(customer)
    usual = np.exp(rng.normal(3.0, 1.0, n))
    orders = Orders(customer, day, np.round(usual[customer] * rng.gamma(5.0, 0.2, len(customer)), 2) + 0.01)
    none, never = np.zeros(0, dtype=int), np.zeros(0)
    events = Events(np.zeros(n), none, none, none, never, never, none, none, 400, orders=orders)
    spend = judged(events, "total_spend")[0]
    assert spend.real
    assert 0.5 < spend.value < 0.95
    assert spend.customers < (held > 1).sum()


def test_handed_out_by_plan():
    # Everybody gets exactly six: more in one half is less in the other.
    found = judged(shop(6, claims=np.full(500, 6), burn=np.full(500, 0.5)), "transaction_count")[0]
    assert found.value == 0
    assert found.real is False
    assert found.note == PLANNED


def test_few_coupons_each_are_no_plan():
    # Everybody alike with two coupons on average: without those who have none, halves oppose each other, by luck alone.
    counts = np.random.default_rng(16).poisson(2.0, 1500)
    (one,) = judged(shop(16, claims=counts[counts > 0], burn=np.full((counts > 0).sum(), 0.5)), "transaction_count")
    assert one.value == 0
    assert one.low < one.high == 0
    assert one.p > 0.02
    assert one.note == LUCK


def test_too_few_customers_give_no_number():
    names = ("claims_per_time", "transaction_count", "burn_rate", "burn_rate_mature", "recency", "tenure")
    found = judged(shop(7, claims=np.full(30, 1), burn=np.full(30, 0.5)), *names)
    for one in found:
        assert one.value is one.low is one.high is one.p is one.real is None
    assert all(one.note.startswith("Cannot be judged: ") for one in found[:5])
    assert found[5].note.startswith("Not applicable")


def test_a_shrunken_rate_at_its_cap_is_constant():
    rng = np.random.default_rng(8)
    events = shop(8, claims=1 + rng.poisson(2.0, 400), burn=np.zeros(400))
    (one,) = judged(events, "burn_rate_mature")
    assert (one.value, one.low, one.high, one.real, one.note) == (0.0, 0.0, 0.0, False, ALIKE)


def test_selection_leaves_out_what_is_not_real_unless_asked_for():
    rng = np.random.default_rng(9)
    events = shop(9, claims=1 + rng.poisson(rng.gamma(1.0, 5.0, 800)), burn=rng.beta(0.5, 0.5, 800))
    learned, _ = learn_events(events)
    wanted = [BY_NAME[name] for name in ("claims_per_time", "burn_rate_mature", "recency", "days_to_burn")]
    pruned = select(events, wanted, [BY_NAME["burn_rate"]], learned, asked=False, seed=0)
    assert "days_to_burn" not in pruned.kept
    assert {"claims_per_time", "burn_rate_mature"} <= set(pruned.kept)
    assert pruned.enough
    assert pruned.differ
    assert [one.used for one in pruned.reliability if one.feature == "burn_rate"] == [False]
    assert select(events, wanted, [], learned, asked=True, seed=0).kept == tuple(entry.name for entry in wanted)
    assert select(events, wanted[1:2], [], learned, asked=True, seed=0).enough
    assert not select(events, wanted[3:], [], learned, asked=True, seed=0).enough
    alike = shop(10, claims=1 + rng.poisson(4.0, 800), burn=np.full(800, 0.5))
    learned, _ = learn_events(alike)
    kept = select(alike, wanted[:3], [BY_NAME["burn_rate"]], learned, asked=False, seed=0)
    assert kept.kept == ("claims_per_time", "burn_rate_mature", "recency")
    assert not kept.enough
    assert kept.differ is False


def test_what_is_the_same_in_every_customer_is_no_difference():
    rng = np.random.default_rng(21)
    one, planned = judged(
        shop(21, claims=rng.poisson(4.0, 500) + 1, burn=np.ones(500)), "burn_rate", "transaction_count"
    )
    assert (one.value, one.low, one.high, one.p, one.real, one.note) == (0.0, 0.0, 0.0, 1.0, False, ALIKE)
    assert planned.note != ALIKE


def test_an_interval_holds_the_value_told_and_stays_on_the_scale():
    # Three coupons each: what one half has more the other has less, so that halves run against each other.
    (one,) = judged(shop(22, claims=np.full(500, 3), burn=np.full(500, 0.5)), "transaction_count")
    assert (one.value, one.low, one.high, one.real, one.note) == (0.0, -1.0, 0.0, False, PLANNED)
