"""Gamma-Gamma: what an order of each customer is worth, from the mean of their repeat orders.

Fader & Hardie, "The Gamma-Gamma Model of Monetary Value" (note 025, 2013): orders of a customer are gamma distributed
with shape p, and the scale differs between customers, inverse-gamma with shape q and scale gamma. The mean z of x
orders then has a known distribution. How much is spent must not depend on how often: `value_correlation` tells.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coterie.features.lifetime_values import GammaGamma
from coterie.features.peak import find_peak
from coterie.rounding import round9

Floats = NDArray[np.float64]

SMALLEST, LARGEST = 1e-3, 1e4
"""Bounds of p and q, and (wider) of gamma in units of the mean value."""
CORRELATED = 0.3
"""Correlation of value with frequency from which the model is refused; 0.11 in the data of the note."""


@dataclass(frozen=True)
class RepeatSales:
    """Customers with repeat purchases that are worth something; all (n,).

    Attributes:
        x: Days with a repeat purchase, 1 or more.
        sales: On these days together, above 0; sales / x is the mean value.
        customers: With both.
    """

    x: Floats
    sales: Floats
    customers: Floats


def fit_gamma_gamma(data: RepeatSales) -> GammaGamma | str:
    """Fit by maximum likelihood, or say in one sentence why these customers have no such model."""
    weight = float(data.customers.sum())
    mean = float(data.sales / data.x @ data.customers / weight)
    starts = [[p, q, mean * (q - 1) / p] for p, q in ((5.0, 3.0), (1.0, 2.0), (20.0, 10.0))]
    low = np.array([SMALLEST, SMALLEST, mean * SMALLEST**2])
    high = np.array([LARGEST, LARGEST, mean * LARGEST**2])
    peak = find_peak(lambda parameters: gamma_gamma_score(parameters, data), starts, low, high, weight)
    p, q, gamma = (round9(float(value)) for value in peak.parameters)
    if not peak.found:
        return _why(p, q)
    if q <= 1:
        return (
            "The value of an order is not estimated: mean order values of customers are spread so widely "
            f"(Gamma-Gamma q = {q:.3g}, not above 1) that the model has no mean value; expected orders are."
        )
    covariance = tuple(tuple(row) for row in round9(peak.covariance).tolist())
    return GammaGamma(p, q, gamma, round9(peak.log_likelihood), covariance)


def gamma_gamma_score(parameters: Floats, data: RepeatSales) -> tuple[float, Floats]:
    """Log-likelihood of (p, q, gamma), the density of note 025 summed over customers, and its gradient (3,)."""
    from scipy.special import betaln, psi

    p, q, gamma = parameters
    n = data.customers
    shape = p * data.x
    share = np.log(data.sales) - np.log(gamma + data.sales)
    rest = np.log(gamma) - np.log(gamma + data.sales)
    # The density is that of z = sales / x; log(x / sales) = -log z is what changing from sales to z leaves.
    log_likelihood = float(n @ (shape * share + q * rest - betaln(shape, q) - np.log(data.sales / data.x)))
    both = psi(shape + q)
    gradient = np.array(
        [
            n @ (data.x * (both - psi(shape) + share)),
            n @ (both - psi(q) + rest),
            n @ (q / gamma - (shape + q) / (gamma + data.sales)),
        ]
    )
    return log_likelihood, gradient


def order_value(parameters: Floats, x: Floats) -> tuple[Floats, Floats]:
    """(base, slope), both (n,): an order of a customer with x repeat days is worth base + slope * sales on these days.

    The mean of the customer's own orders and of everybody's, weighted by how much is known (note 025, equation 5); with
    no repeat day it is everybody's mean. Linear in sales, so that sums over customers need only their sum of sales.

    Example:
        >>> base, slope = order_value(np.array([6.25, 3.74, 15.44]), np.array([0.0, 2.0]))
        >>> (base + slope * np.array([0.0, 44.7])).round(2).tolist()
        [35.22, 24.66]
    """
    p, q, gamma = parameters
    slope = p / (p * x + q - 1)
    return slope * gamma, slope


def value_correlation(data: RepeatSales) -> tuple[float, bool]:
    """Correlation of mean value with log frequency, and whether it is too strong for the model.

    Mean values above their 99th percentile count as that percentile, so that a few customers decide nothing; value
    stays as it is and is not put on a log scale, on which means of more orders are larger by themselves. Too strong is
    `CORRELATED` or more in size, and larger than chance would make it in 1 of 100 (Fisher's z).
    """
    value, weight = data.sales / data.x, data.customers
    order = np.argsort(value, kind="stable")
    reached = np.cumsum(weight[order]) >= 0.99 * weight.sum()
    value = np.minimum(value, value[order][np.argmax(reached)])
    frequency = np.log(data.x)
    centred = [part - part @ weight / weight.sum() for part in (frequency, value)]
    spread = [float(np.sqrt(part**2 @ weight)) for part in centred]
    if min(spread) <= 1e-12 * max(1.0, float(np.abs(value).max())):
        return 0.0, False
    r = float(np.clip((centred[0] * centred[1]) @ weight / (spread[0] * spread[1]), -1, 1))
    beyond_chance = abs(np.arctanh(np.clip(r, -0.999999, 0.999999))) * np.sqrt(max(float(weight.sum()) - 3, 0)) > 2.576
    return round9(r), bool(abs(r) >= CORRELATED and beyond_chance)


def _why(p: float, q: float) -> str:
    """What is wrong with a fit that has no peak, from where it ran to."""
    if p > 1000:
        found = "the orders of each customer are all worth the same"
    elif q > 100:
        found = "customers do not differ in what their orders are worth"
    else:
        found = "they leave its parameters open"
    return (
        "The value of an order is not estimated: the Gamma-Gamma model does not fit these orders, because "
        f"{found}; expected orders are."
    )
