"""Priors that shrink rates of customers with few events, fitted by maximum likelihood from bounded histograms.

Each likelihood is a sum over marginal histograms, so it costs the same for a thousand customers and for a billion:
the rising factorial of n needs only how often each n occurs, and (n + r) log(a + e) only the number of customers and
of events at each exposure e.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from coterie.rounding import round9

Floats = NDArray[np.float64]
CAP = 1000.0
"""Prior weight at most this many times the mean number of events: beyond it customers do not differ."""


@dataclass(frozen=True)
class Histogram:
    """How many customers have each value."""

    value: Floats
    customers: Floats

    @property
    def mean(self) -> float:
        """Mean over customers."""
        return float(self.value @ self.customers / self.customers.sum())

    @cached_property
    def steps(self) -> Floats:
        """0, 1, 2 ... below the largest value."""
        return np.arange(int(self.value.max()), dtype=np.float64)

    @cached_property
    def places(self) -> NDArray[np.int64]:
        """The values as whole numbers."""
        return self.value.astype(np.int64)


@dataclass(frozen=True)
class ByExposure:
    """Customers and events at each exposure."""

    exposure: Floats
    customers: Floats
    events: Floats


def exposure_power(data: ByExposure) -> float:
    """Beta of E[events] = c * exposure^beta by Poisson regression, clamped to [0, 1]; 1 where it cannot be told.

    Example:
        >>> days = np.array([10.0, 100.0, 1000.0])
        >>> exposure_power(ByExposure(days, np.array([5.0, 5.0, 5.0]), 5 * days**0.5))
        0.5
    """
    log_exposure = np.log(data.exposure)
    if data.events.sum() <= 0 or np.ptp(log_exposure) == 0:
        return 1.0
    beta = 0.5
    for _ in range(100):
        mu = data.customers * np.exp(beta * log_exposure)
        mu *= data.events.sum() / mu.sum()
        centre = mu @ log_exposure / mu.sum()
        slope = (data.events - mu) @ log_exposure
        curvature = mu @ (log_exposure - centre) ** 2
        step = float(np.clip(slope / curvature, -0.5, 0.5))
        beta += step
        if abs(step) < 1e-13:
            break
    return round9(float(np.clip(beta, 0.0, 1.0)))


def gamma_prior(events: Histogram, exposure: ByExposure, *, cap: float) -> tuple[float, float]:
    """(r, a) of the gamma prior of a Poisson rate per exposure, by maximum marginal likelihood (negative binomial).

    `cap` bounds a, the weight of the prior in units of exposure. Returns (r, a) with mean r / a.
    """
    total = float(exposure.events.sum())
    base = total / float(exposure.customers @ exposure.exposure) if total > 0 else 0.0
    if base <= 0:
        return (0.0, round9(cap))

    def loss(weight: float) -> Callable[[float], float]:
        longer = np.log1p(exposure.exposure / weight)

        def at(mean: float) -> float:
            r = mean * weight
            rest = (exposure.customers * r + exposure.events) @ longer
            return float(rest) - _rising(events, r) - total * float(np.log(mean))

        return at

    mean, weight = _minimise(loss, base, (base / 1e3, base * 1e3), (cap * 1e-7, cap))
    return (_firm(mean * weight), _firm(weight))


def beta_prior(successes: Histogram, failures: Histogram, trials: Histogram) -> tuple[float, float]:
    """(a, b) of the beta prior of a rate, by maximum marginal likelihood (beta-binomial); a + b is capped."""
    won, lost = successes.mean, failures.mean
    cap = CAP * trials.mean
    if won <= 0 or lost <= 0:
        share = won / (won + lost) if won + lost > 0 else 0.0
        return (round9(share * cap), round9((1 - share) * cap))

    wins, losses = (float(data.value @ data.customers) for data in (successes, failures))

    def loss(weight: float) -> Callable[[float], float]:
        tried = _rising(trials, weight)

        def at(mean: float) -> float:
            spread = tried - _rising(successes, mean * weight) - _rising(failures, (1 - mean) * weight)
            return spread - wins * float(np.log(mean)) - losses * float(np.log1p(-mean))

        return at

    mean, weight = _minimise(loss, won / (won + lost), (1e-9, 1 - 1e-9), (cap * 1e-7, cap))
    return (_firm(mean * weight), _firm((1 - mean) * weight))


def at_cap(weight: float, cap: float) -> bool:
    """Whether a fitted prior weight lies at its cap: the fit found no difference between customers."""
    return weight >= cap * 0.99


def _firm(value: float) -> float:
    """Five significant digits: the bottom of a likelihood is flat, more would hang on the order of additions."""
    return float(f"{value:.5g}")


def _rising(data: Histogram, start: float) -> float:
    """Sum over customers of log((start)(start + 1)...(start + n - 1) / start^n).

    The same as lgamma(start + n) - lgamma(start) - n log(start), without its loss of digits at a large start.
    """
    sums = np.zeros(len(data.steps) + 1)
    np.cumsum(np.log1p(data.steps / start), out=sums[1:])
    return float(data.customers @ sums[data.places])


def _minimise(
    loss: Callable[[float], Callable[[float], float]],
    mean: float,
    mean_range: tuple[float, float],
    weight_range: tuple[float, float],
) -> tuple[float, float]:
    """The (mean, weight) with the least loss: the best weight by bracketing on a log grid, for each the best mean.

    `loss` gives for a weight the loss by mean, so that what hangs on the weight alone is computed once.
    The surface is smooth and flat towards the cap, where gradient methods stop early; a nested search does not.
    """
    reach = np.log(50.0)
    low_mean = max(float(np.log(mean_range[0])), float(np.log(mean)) - reach)
    high_mean = min(float(np.log(mean_range[1])), float(np.log(mean)) + reach)

    def best_mean(log_weight: float) -> tuple[float, float]:
        by_mean = loss(float(np.exp(log_weight)))
        place = _golden(lambda log_mean: by_mean(float(np.exp(log_mean))), low_mean, high_mean)
        return by_mean(float(np.exp(place))), float(np.exp(place))

    grid = np.linspace(np.log(weight_range[0]), np.log(weight_range[1]), 25)
    losses = [best_mean(float(value))[0] for value in grid]
    place = int(np.argmin(losses))
    low, high = float(grid[max(place - 1, 0)]), float(grid[min(place + 1, len(grid) - 1)])
    weight = _golden(lambda value: best_mean(value)[0], low, high)
    # A flat likelihood is one that cannot tell customers apart: then the cap itself is the answer.
    if losses[-1] <= best_mean(weight)[0] + 1e-6:
        weight = float(grid[-1])
    return best_mean(weight)[1], float(np.exp(weight))


def _golden(loss: Callable[[float], float], low: float, high: float, width: float = 1e-8) -> float:
    """Where a function with one valley is least, by golden section (scipy's costs a second to import)."""
    ratio = (5**0.5 - 1) / 2
    left, right = high - ratio * (high - low), low + ratio * (high - low)
    at_left, at_right = loss(left), loss(right)
    while high - low > width:
        if at_left <= at_right:
            high, right, at_right = right, left, at_left
            left = high - ratio * (high - low)
            at_left = loss(left)
        else:
            low, left, at_left = left, right, at_right
            right = low + ratio * (high - low)
            at_right = loss(right)
    return (low + high) / 2
