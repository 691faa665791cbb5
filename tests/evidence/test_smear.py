"""Ties spread: where values may go, and that features of smeared counts are those of the formula."""

from __future__ import annotations

import numpy as np
import pytest
from families.buyers import churners
from scipy.stats import kstest

from coterie.clustering import generator, learn_scaling_of, treat
from coterie.evidence.sample import Sample, learned_here, values_of
from coterie.evidence.smear import plain_space, smear_counts, space_of, spread
from coterie.features import EXPECTED, FEATURES, Aggregates, Events, learn_events

NAMES = ("claims_per_time", "burn_rate_mature", "burn_rate_shrunken", "recency", "claim_gap", "merchants_burnt_at")


def test_each_value_is_spread_evenly_over_its_cell() -> None:
    column = np.repeat([0.0, 1.0, 5.0], 2000)
    out = spread(column, np.random.default_rng(1))
    for part, (low, high) in zip(np.split(out, 3), [(-0.5, 0.5), (0.5, 3.0), (3.0, 7.0)], strict=True):
        assert kstest(part, "uniform", (low, high - low)).pvalue > 0.01


def test_numbers_without_ties_stay_and_constants_go() -> None:
    x = np.random.default_rng(2).standard_normal((50, 2))
    space = plain_space(np.column_stack([x, np.ones(50)]))
    assert not space.tied
    assert space.smear(np.random.default_rng(1)) == pytest.approx((x - x.mean(axis=0)) / x.std(axis=0))


def _shop(customers: int = 300) -> tuple[Sample, Events]:
    rng = np.random.default_rng(7)
    count = 1 + rng.poisson(rng.gamma(0.8, 4.0, customers))
    customer = np.repeat(np.arange(customers), count)
    claimed = rng.integers(0, 300, len(customer))
    order = np.lexsort((customer, claimed))
    customer, claimed = customer[order], claimed[order]
    status = (rng.random(len(customer)) < 0.4).astype(np.int64)
    nothing = np.full(len(customer), np.nan)
    merchant = rng.integers(0, 6, len(customer))
    burnt = np.where(status == 1, claimed + 5.0, np.nan)
    events = Events(np.zeros(customers), customer, claimed, status, burnt, nothing, merchant, merchant, 320)
    return Sample(np.arange(customers), events, {}, customers), events


def test_no_value_is_tied_or_undefined_and_each_stays_near_its_own() -> None:
    sample, events = _shop()
    features = [entry for name in NAMES for entry in FEATURES if entry.name == name]
    learned, aggregates = learn_events(events)
    values = values_of(sample, features, aggregates, learned)
    learned = learned_here(learned, features, values)
    coordinates, z = learn_scaling_of(features, values, learned)
    space = space_of(sample, features, coordinates, learned, aggregates)
    assert space.tied
    assert space.z == pytest.approx(z)
    one, other = space.smear(np.random.default_rng(1)), space.smear(np.random.default_rng(2))
    assert np.isfinite(one).all()
    assert all(len(np.unique(column)) == len(column) for column in one.T)
    assert not np.allclose(one, other)
    place = {axis.feature: at for at, axis in enumerate(coordinates)}
    r, a = learned.claims_prior
    count = np.bincount(events.customer)
    smeared = np.exp(one[:, place["claims_per_time"]]) * ((321 / 365.25) ** learned.exposure_power + a) - r
    assert np.abs(smeared - count).max() <= 0.5 + 1e-6
    assert np.abs(smeared - count).max() > 0.4
    recency = np.expm1(one[:, place["recency"]])
    assert np.corrcoef(recency, values["recency"])[0, 1] > 0.999


def test_a_count_goes_half_way_and_a_zero_only_as_far_as_the_prior_allows() -> None:
    sample, events = _shop(3000)
    learned, aggregates = learn_events(events)
    counts = smear_counts(aggregates, learned, np.random.default_rng(3)).counts
    prior = min(learned.burn_rate_prior[0], learned.burn_rate_mature_prior[0], 0.5)
    burnt, plain = np.asarray(counts["coupons_burnt"]), np.asarray(aggregates.coupons_burnt)
    assert burnt.min() > -prior
    assert burnt[plain == 0].max() == pytest.approx(0.5, abs=0.01)
    away = (burnt - plain)[plain > 0]
    assert kstest(away, "uniform", (-0.5, 1.0)).pvalue > 0.01
    assert np.array_equal(aggregates.coupons_burnt, np.bincount(events.customer[events.status == 1], minlength=3000))
    assert sample.customers == 3000


def _buyers(customers: int = 400) -> tuple[Sample, Events]:
    """Many bought once; the others at their own pace until they stop."""
    events = churners(generator(3, 90), customers, 0).events
    return Sample(np.arange(customers), events, {}, customers), events


def test_what_a_model_expects_is_computed_from_whole_orders_and_only_its_ties_are_spread() -> None:
    sample, events = _buyers()
    learned, aggregates = learn_events(events, EXPECTED)
    values = values_of(sample, EXPECTED, aggregates, learned)
    learned = learned_here(learned, EXPECTED, values)
    coordinates, _ = learn_scaling_of(EXPECTED, values, learned)
    space = space_of(sample, EXPECTED, coordinates, learned, aggregates)
    smeared = space.smear(np.random.default_rng(1))
    assert space.tied
    assert [axis.feature for axis in coordinates] == [entry.name for entry in EXPECTED]
    once = np.asarray(aggregates.order_days) == 1
    assert 100 < once.sum() < 300
    assert (values["probability_alive"][once] == 1).all()
    for axis, column in zip(coordinates, smeared.T, strict=True):
        plain = treat(values[axis.feature], axis, learned)
        own, place, held = np.unique(plain, return_inverse=True, return_counts=True)
        assert len(np.unique(column)) == len(column)
        # Each stays in its cell, between the middles to the values beside it, so that no two values change places.
        middle = (own[1:] + own[:-1]) / 2
        low = np.concatenate(([2 * own[0] - middle[0]], middle))[place]
        high = np.concatenate((middle, [2 * own[-1] - middle[-1]]))[place]
        assert held.max() > 1
        assert ((low <= column) & (column <= high)).all()


def test_expectations_that_all_differ_stay_as_they_are() -> None:
    sample, events = _buyers()
    learned, aggregates = learn_events(events, EXPECTED)
    values = values_of(sample, EXPECTED[2:], aggregates, learned)
    value, rows = np.unique(values["expected_value"], return_index=True)
    assert len(value) > 200
    few = Sample(rows, events.of(rows), {}, len(rows))
    own = Aggregates(few.events, learned.burn_curve)
    values = values_of(few, EXPECTED[2:], own, learned)
    learned = learned_here(learned, EXPECTED[2:], values)
    coordinates, z = learn_scaling_of(EXPECTED[2:], values, learned)
    space = space_of(few, EXPECTED[2:], coordinates, learned, own)
    assert not space.tied
    ratio = space.smear(np.random.default_rng(1))[:, 0] / np.log1p(values["expected_value"])
    assert ratio == pytest.approx(np.ones(len(rows)))
    assert len(z) == len(rows)
