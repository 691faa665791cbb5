"""Gamma-Gamma against its story told by integrals, finite differences, the published fit and simulated customers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from scipy.integrate import quad

from coterie.features.gamma_gamma import (
    RepeatSales,
    fit_gamma_gamma,
    gamma_gamma_score,
    order_value,
    value_correlation,
)

PUBLISHED = np.array([6.25, 3.74, 15.44])


def by_story(parameters, x, sales):
    """(density of the mean value, expected value of another order) by integrals over the customer's own scale."""
    p, q, gamma = parameters

    def joint(scale):
        return stats.gamma.pdf(sales / x, p * x, scale=1 / (x * scale)) * stats.gamma.pdf(scale, q, scale=1 / gamma)

    likely = (p * x + q) / (gamma + sales)
    points = [likely * part for part in (0.25, 0.5, 1, 2, 4)]
    sums = [
        quad(f, 0, 40 * likely, points=points, limit=500, epsabs=0, epsrel=1e-10)[0]
        for f in (joint, lambda scale: joint(scale) * p / scale if scale > 0 else 0.0)
    ]
    return sums[0], sums[1] / sums[0]


@pytest.mark.parametrize(("x", "sales"), [(1, 11.77), (2, 44.7), (10, 900.0), (3, 0.6)])
@pytest.mark.parametrize("parameters", [PUBLISHED, np.array([1.3, 2.2, 40.0])], ids=["cdnow", "spread"])
def test_density_and_expected_value_equal_integrals(parameters, x, sales):
    density, value = by_story(parameters, x, sales)
    data = RepeatSales(np.array([float(x)]), np.array([sales]), np.array([3.0]))
    assert gamma_gamma_score(parameters, data)[0] == pytest.approx(3 * np.log(density), abs=1e-7)
    base, slope = order_value(parameters, data.x)
    assert base[0] + slope[0] * sales == pytest.approx(value, rel=1e-7)


def test_who_bought_once_is_expected_to_spend_what_everybody_does():
    p, q, gamma = PUBLISHED
    base, _ = order_value(PUBLISHED, np.zeros(1))
    mean = quad(lambda scale: p / scale * stats.gamma.pdf(scale, q, scale=1 / gamma), 0, np.inf, epsrel=1e-10)[0]
    assert base[0] == pytest.approx(mean, rel=1e-7)


def test_gradient_equals_finite_differences():
    data = RepeatSales(np.array([1.0, 2.0, 7.0]), np.array([12.0, 44.7, 100.0]), np.array([5.0, 1.0, 2.0]))
    for parameters in (PUBLISHED, np.array([0.7, 12.0, 3.0])):
        gradient = gamma_gamma_score(parameters, data)[1]
        for place in range(3):
            step = np.zeros(3)
            step[place] = 1e-5 * parameters[place]
            ends = [gamma_gamma_score(parameters + sign * step, data)[0] for sign in (1, -1)]
            assert gradient[place] == pytest.approx((ends[0] - ends[1]) / (2 * step[place]), rel=1e-6, abs=1e-7)


def test_published_fit_from_the_published_summary(reference_data):
    table = pd.read_csv(reference_data / "cdnow" / "cdnow_customers_summary_with_transactions.csv")
    table = table[table.x > 0]
    assert len(table) == 946
    x, zbar = table.x.to_numpy(float), table.zbar.to_numpy(float)
    data = RepeatSales(x, x * zbar, np.ones(len(x)))
    model = fit_gamma_gamma(data)
    # From mean values in whole cents; from the orders themselves they are met to the last digit published.
    assert model.parameters == pytest.approx(PUBLISHED, abs=0.01)
    # Another currency is another gamma and nothing else.
    cents = fit_gamma_gamma(RepeatSales(x, 100 * x * zbar, np.ones(len(x))))
    assert cents.parameters == pytest.approx(model.parameters * [1, 1, 100], rel=1e-6)
    correlation, too_strong = value_correlation(data)
    assert not too_strong
    assert correlation == pytest.approx(np.corrcoef(np.log(x), np.minimum(zbar, np.sort(zbar)[-10]))[0, 1], abs=0.002)


def simulated(p, q, gamma, customers, seed, x=None):
    draw = np.random.default_rng(seed)
    x = draw.geometric(0.3, customers).astype(float) if x is None else x
    scale = draw.gamma(q, 1 / gamma, customers)
    return RepeatSales(x, draw.gamma(p * x) / scale, np.ones(customers))


@pytest.mark.parametrize("truth", [(6.25, 3.74, 15.44), (0.9, 2.5, 80.0)])
def test_known_parameters_are_recovered_within_their_errors(truth):
    data = simulated(*truth, customers=20_000, seed=9)
    model = fit_gamma_gamma(data)
    off, covariance = np.log(model.parameters / truth), np.array(model.covariance)
    assert off @ np.linalg.solve(covariance, off) < stats.chi2.ppf(0.999, 3)
    assert np.sqrt(np.diag(covariance)).max() < 0.1
    assert value_correlation(data)[1] is False  # value and frequency were drawn apart


def test_value_that_goes_with_frequency_is_seen_and_chance_is_not():
    data = simulated(6.25, 3.74, 15.44, customers=2000, seed=3)
    for power in (0.7, -0.7):
        bent = RepeatSales(data.x, data.sales * data.x**power, data.customers)
        correlation, too_strong = value_correlation(bent)
        assert too_strong
        assert np.sign(correlation) == np.sign(power)
    # A correlation of 0.5 in eight customers is nothing beyond chance.
    few = RepeatSales(np.arange(1.0, 9.0), np.arange(1.0, 9.0) * [5, 9, 4, 8, 9, 5, 9, 8], np.ones(8))
    assert value_correlation(few)[0] > 0.3
    assert value_correlation(few)[1] is False
    # One order of a million does not make frequent buyers big ones.
    whale = RepeatSales(np.append(data.x, 60.0), np.append(data.sales, 6e7), np.ones(2001))
    assert value_correlation(whale)[1] is False
    # Nothing to correlate.
    assert value_correlation(RepeatSales(np.ones(60), data.sales[:60], np.ones(60))) == (0.0, False)


def test_what_the_model_cannot_tell_is_refused_in_a_sentence():
    draw = np.random.default_rng(0)
    x = draw.geometric(0.4, 500).astype(float)
    own = 100 / draw.gamma(4.0, size=500)
    each = fit_gamma_gamma(RepeatSales(x, own * x, np.ones(500)))
    assert isinstance(each, str)
    assert "the orders of each customer are all worth the same" in each
    alike = fit_gamma_gamma(RepeatSales(x, draw.gamma(3.0 * x), np.ones(500)))
    assert isinstance(alike, str)
    assert "customers do not differ in what their orders are worth" in alike
    wide = fit_gamma_gamma(simulated(5.0, 0.6, 10.0, customers=3000, seed=1))
    assert isinstance(wide, str)
    assert "the model has no mean value" in wide
