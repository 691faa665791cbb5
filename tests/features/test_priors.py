"""Priors against scipy's own distributions, customer by customer."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import optimize, stats

from coterie.features.priors import CAP, ByExposure, Histogram, at_cap, beta_prior, exposure_power, gamma_prior


def histogram(values):
    value, customers = np.unique(values, return_counts=True)
    return Histogram(value.astype(float), customers.astype(float))


def by_exposure(exposure, events):
    value, place = np.unique(exposure, return_inverse=True)
    return ByExposure(value, np.bincount(place).astype(float), np.bincount(place, weights=events))


@pytest.fixture
def shop():
    draw = np.random.default_rng(11)
    exposure = draw.integers(20, 900, 3000).astype(float)
    rate = draw.gamma(2.5, 1 / 2.5, 3000) * 0.02
    return exposure, draw.poisson(rate * exposure).astype(float)


def test_exposure_power_equals_poisson_regression(shop):
    exposure, events = shop

    def loss(parameters):
        mu = np.exp(parameters[0]) * exposure ** parameters[1]
        return -stats.poisson.logpmf(events, mu).sum()

    best = optimize.minimize(loss, [np.log(0.02), 0.8], method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-9})
    assert exposure_power(by_exposure(exposure, events)) == pytest.approx(min(best.x[1], 1.0), abs=1e-5)


def test_exposure_power_is_clamped():
    days = np.array([1.0, 10.0, 100.0])
    ones = np.ones(3)
    assert exposure_power(ByExposure(days, ones, days**2)) == 1.0
    assert exposure_power(ByExposure(days, ones, 1 / days)) == 0.0


def test_gamma_prior_has_the_likelihood_of_the_best_negative_binomial(shop):
    exposure, events = shop

    def loss(logs):
        r, a = np.exp(logs)
        return -stats.nbinom.logpmf(events, r, a / (a + exposure)).sum()

    best = optimize.minimize(loss, np.log([2.0, 100.0]), method="Nelder-Mead", options={"xatol": 1e-10, "fatol": 1e-10})
    r, a = gamma_prior(histogram(events), by_exposure(exposure, events), cap=CAP * exposure.mean())
    assert (r, a) == pytest.approx(np.exp(best.x), rel=1e-4)
    assert not at_cap(a, CAP * exposure.mean())


def test_beta_prior_has_the_likelihood_of_the_best_beta_binomial():
    draw = np.random.default_rng(4)
    trials = draw.poisson(8, 3000) + 1
    burnt = draw.binomial(trials, draw.beta(1.2, 4.5, 3000))

    def loss(logs):
        a, b = np.exp(logs)
        return -stats.betabinom.logpmf(burnt, trials, a, b).sum()

    best = optimize.minimize(loss, np.log([1.0, 3.0]), method="Nelder-Mead", options={"xatol": 1e-10, "fatol": 1e-10})
    found = beta_prior(histogram(burnt), histogram(trials - burnt), histogram(trials))
    assert found == pytest.approx(np.exp(best.x), rel=1e-4)


def test_identical_customers_reach_the_cap():
    trials = np.full(2000, 6)
    burnt = np.tile([3, 3, 2, 4], 500)  # less spread than one common rate would give
    a, b = beta_prior(histogram(burnt), histogram(trials - burnt), histogram(trials))
    assert a + b == pytest.approx(CAP * 6)
    assert a / (a + b) == pytest.approx(0.5)
    r, weight = gamma_prior(histogram(burnt), by_exposure(trials.astype(float), burnt), cap=CAP * 6)
    assert at_cap(weight, CAP * 6)
    assert r / weight == pytest.approx(0.5, rel=1e-3)  # at a fixed weight the best mean is near, not at, the ratio


def test_no_burns_at_all():
    zero, six = histogram(np.zeros(50)), histogram(np.full(50, 6))
    a, b = beta_prior(zero, six, six)
    assert a == 0.0
    assert b == pytest.approx(6000)
