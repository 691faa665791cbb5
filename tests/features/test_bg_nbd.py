"""BG/NBD against its story told by integrals, finite differences, the paper's numbers and simulated customers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from scipy.integrate import quad
from scipy.special import beta as beta_function

from coterie.features.bg_nbd import (
    Histories,
    alive_probability,
    bg_nbd_score,
    expected_orders,
    fit_bg_nbd,
    orders_if_alive,
    orders_of_new,
    within_bounds,
)

PUBLISHED = np.array([0.243, 4.414, 0.793, 2.426])
SETS = [PUBLISHED, np.array([2.0, 0.7, 3.0, 1.2]), np.array([0.6, 30.0, 0.2, 0.4])]
CASES = [(0, 0.0, 38.86), (0, 0.0, 0.0), (1, 1.71, 38.86), (2, 30.43, 38.86), (5, 20.0, 20.0), (9, 3.0, 26.0)]


def over_rates(r, alpha, f):
    """Mean of f(rate) over gamma (r, alpha), on the scale of log rate, where nothing is singular."""
    return quad(
        lambda u: f(np.exp(u)) * np.exp(stats.gamma.logpdf(np.exp(u), r, scale=1 / alpha) + u),
        -60 / min(r, 1), 8, limit=2000, epsabs=0, epsrel=1e-11, points=[-10.0, -5.0, -3.0, -2.0, -1.0, 0.0, 1.0, 2.0],
    )[0]  # fmt: skip


def over_chances(a, b, f):
    """Mean of f(chance of stopping) over beta (a, b)."""
    value = quad(f, 0, 1, weight="alg", wvar=(a - 1, b - 1), limit=400, epsabs=0, epsrel=1e-11)[0]
    return value / beta_function(a, b)


def by_story(parameters, x, t_x, t):
    """Likelihood of still being alive, and of having stopped, without any of the paper's algebra."""
    r, alpha, a, b = parameters
    alive = over_rates(r, alpha, lambda rate: rate**x * np.exp(-rate * t)) * over_chances(a, b, lambda p: (1 - p) ** x)
    if x == 0:
        return alive, 0.0
    stopped = over_rates(r, alpha, lambda rate: rate**x * np.exp(-rate * t_x))
    return alive, stopped * over_chances(a, b, lambda p: p * (1 - p) ** (x - 1))


def one(x, t_x, t):
    return np.array([float(x)]), np.array([t_x]), np.array([t])


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("parameters", SETS, ids=["cdnow", "quick", "slow"])
def test_likelihood_and_chance_of_being_alive_equal_integrals(parameters, case):
    alive, stopped = by_story(parameters, *case)
    found = bg_nbd_score(parameters, Histories(*one(*case), np.ones(1)))[0]
    assert found == pytest.approx(np.log(alive + stopped), abs=1e-9)
    assert alive_probability(parameters, *one(*case))[0] == pytest.approx(alive / (alive + stopped), rel=1e-9)


@pytest.mark.parametrize("parameters", SETS, ids=["cdnow", "quick", "slow"])
def test_gradient_equals_finite_differences(parameters):
    x, t_x, t = (np.array(column, dtype=float) for column in zip(*CASES, strict=True))
    data = Histories(x, t_x, t, np.array([7.0, 1.0, 2.0, 3.0, 1.0, 5.0]))
    gradient = bg_nbd_score(parameters, data)[1]
    for place in range(4):
        step = np.zeros(4)
        step[place] = 1e-5 * parameters[place]
        ends = [bg_nbd_score(parameters + sign * step, data)[0] for sign in (1, -1)]
        assert gradient[place] == pytest.approx((ends[0] - ends[1]) / (2 * step[place]), rel=1e-6, abs=1e-6)


@pytest.mark.parametrize(("x", "t"), [(0, 0.0), (0, 30.0), (1, 10.0), (40, 80.0), (800, 100.0)])
@pytest.mark.parametrize(
    ("a", "b"), [(0.793, 2.426), (1.0, 2.0), (1.00002, 2.0), (0.4, 0.6), (0.3, 0.3), (4.0, 30.0), (0.06, 0.5)]
)
def test_orders_to_come_equal_an_integral(a, b, x, t):
    # While alive with rate l and chance p, purchases within h are expected to be (1 - exp(-l p h)) / p.
    r, alpha, horizon = 0.6, 4.4, 39.0

    def given(p):
        return (
            -np.expm1(-(r + x) * np.log1p(p * horizon / (alpha + t))) / p if p > 0 else (r + x) / (alpha + t) * horizon
        )

    logs = quad(
        # On the scale of log p, where the spike of a frequent buyer near 0 is as wide as everything else.
        lambda u: given(np.exp(u)) * np.exp(stats.beta.logpdf(np.exp(u), a, b + x) + u),
        max(-40 / min(a, 1), -650.0), 0, limit=2000, epsabs=0, epsrel=1e-10, points=[-20.0, -10.0, -8.0, -6.0, -4.0, -2.0, -1.0],
    )[0]  # fmt: skip
    found = orders_if_alive(np.array([r, alpha, a, b]), np.array([float(x)]), np.array([t]), horizon)
    assert found[0] == pytest.approx(logs, rel=2e-7)


def test_expectations_of_the_paper():
    assert orders_of_new(PUBLISHED, np.array([1.0, 3.0, 32.0, 78.0])) == pytest.approx(
        [0.0532, 0.1506, 1.0437, 1.8576], rel=2e-3
    )
    assert expected_orders(PUBLISHED, *one(2, 30.43, 38.86), 39.0)[0] == pytest.approx(1.226, abs=5e-4)
    assert orders_of_new(PUBLISHED, np.zeros(1))[0] == 0


def test_published_fit_from_the_published_summary(reference_data):
    table = pd.read_csv(reference_data / "cdnow" / "summary-39-weeks.csv")
    data = Histories(*(table[name].to_numpy(float) for name in ("frequency", "recency", "T")), np.ones(len(table)))
    model = fit_bg_nbd(data)
    assert model.parameters == pytest.approx(PUBLISHED, abs=5e-4)
    assert model.log_likelihood == pytest.approx(-9582.4, abs=0.05)
    # Grouped or not, the same customers are the same data.
    shape = table.groupby(["frequency", "recency", "T"]).size().reset_index(name="n").to_numpy(float).T
    assert fit_bg_nbd(Histories(*shape)).parameters == pytest.approx(model.parameters, rel=1e-7)
    # Another unit of time is another alpha and nothing else.
    days = fit_bg_nbd(Histories(data.x, data.t_x * 7, data.t * 7, data.customers))
    assert days.parameters == pytest.approx(model.parameters * [1, 7, 1, 1], rel=1e-6)


def simulated(r, alpha, a, b, customers, seed):
    """Customers who buy and stop as the story tells, in weeks."""
    draw = np.random.default_rng(seed)
    rate = draw.gamma(r, 1 / alpha, customers) if r else np.full(customers, 1 / alpha)
    chance = draw.beta(a, b, customers) if b else np.full(customers, a)
    t = draw.integers(90, 500, customers) / 7
    now, x, t_x = np.zeros(customers), np.zeros(customers), np.zeros(customers)
    going = np.arange(customers)
    while len(going):
        now[going] += draw.exponential(1 / rate[going])
        going = going[now[going] <= t[going]]
        x[going] += 1
        t_x[going] = now[going]
        going = going[draw.random(len(going)) >= chance[going]]
    return Histories(x, t_x, t, np.ones(customers))


@pytest.mark.parametrize("truth", [(0.5, 5.0, 0.8, 2.5), (2.0, 8.0, 0.4, 4.0)])
def test_known_parameters_are_recovered_within_their_errors(truth):
    model = fit_bg_nbd(simulated(*truth, customers=20_000, seed=4))
    off = np.log(model.parameters / truth)
    covariance = np.array(model.covariance)
    assert np.abs(off / np.sqrt(np.diag(covariance))).max() < 3.5
    # All four together: chi-square with four degrees of freedom.
    assert off @ np.linalg.solve(covariance, off) < stats.chi2.ppf(0.999, 4)
    assert np.sqrt(np.diag(covariance)).max() < 0.15


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (simulated(0, 8.0, 0.1, 0, customers=2000, seed=1), "do not differ in how often they buy"),
        (simulated(0.8, 8.0, 1.0, 0, customers=2000, seed=1), "do not differ in how easily they stop buying"),
    ],
    ids=["all alike", "all leave at once"],
)
def test_what_the_model_cannot_tell_is_refused_in_a_sentence(data, said):
    found = fit_bg_nbd(data)
    assert isinstance(found, str)
    assert found.startswith("Lifetime value is not estimated: ")
    assert said in found


def test_parameters_out_of_bounds_keep_their_means():
    given = np.array([[500.0, 50.0, 0.5, 2.0], [0.3, 5.0, 4000.0, 1000.0], [0.3, 5.0, 0.8, 9e5]])
    found = within_bounds(given)
    assert found == pytest.approx(np.array([[100.0, 10.0, 0.5, 2.0], [0.3, 5.0, 100.0, 25.0], given[2]]))
    # At the bound nearly all are like the mean: this is a tenth of a tenth beyond it.
    x, t = np.array([3.0]), np.array([20.0])
    at, inside = (orders_if_alive(np.array([0.3, 5.0, 25 * k, 75 * k]), x, t, 39.0)[0] for k in (4, 2))
    assert at == pytest.approx(inside, rel=0.01)
