"""BG/NBD: how often customers buy and when they stop, from when they bought (Fader, Hardie & Lee 2005).

While alive a customer buys at a rate of their own, gamma (r, alpha) distributed; after each purchase they stop for good
with a probability of their own, beta (a, b) distributed. "Counting Your Customers the Easy Way: An Alternative to the
Pareto/NBD Model", Marketing Science 24 (2), 2005. What is known of a customer: x repeat purchases, the last of them
t_x after the first purchase, which was t before the end of the data; purchases of one day are one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coterie.features.peak import Peak, find_peak
from coterie.rounding import round9

Floats = NDArray[np.float64]

SMALLEST, LARGEST = 1e-4, 1e4
"""Bounds of b, and of alpha in units of the mean time observed."""
ALIKE = 100.0
"""The largest r and a: beyond it customers do not differ, and the special function of `orders_if_alive` overflows."""
SAME = 2.0
"""Log-likelihood that stopping may add to the model in which nobody stops and still tell nothing (chi-square: 4)."""


@dataclass(frozen=True)
class Histories:
    """Distinct purchase histories, and how many customers have each; all (n,).

    Attributes:
        x: Repeat purchases, 0 or more.
        t_x: Time from the first purchase to the last; 0 where x is 0.
        t: Time from the first purchase to the end of the data.
        customers: With this history.
    """

    x: Floats
    t_x: Floats
    t: Floats
    customers: Floats


@dataclass(frozen=True)
class BgNbd:
    """A fitted BG/NBD model; `covariance` (4 x 4) is of log r, log alpha, log a, log b.

    Where `a` is 0 nobody stops: the limit of the model, which is the NBD (Ehrenberg 1959); `b` then says nothing, and
    the last two rows and columns of `covariance` are 0.
    """

    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float
    covariance: tuple[tuple[float, ...], ...]

    @property
    def parameters(self) -> Floats:
        """r, alpha, a, b."""
        return np.array([self.r, self.alpha, self.a, self.b])

    @property
    def tells_alive(self) -> bool:
        """Whether it tells who is still a customer."""
        return self.a > 0


def fit_bg_nbd(data: Histories) -> BgNbd | str:
    """Fit by maximum likelihood, or say in one sentence why these customers have no such model.

    Where the likelihood is highest with hardly anybody stopping, the limit in which nobody does, `a` = 0. Costs the
    same for a thousand customers and for a billion with the same distinct histories.
    """
    weight, span = float(data.customers.sum()), float(data.t @ data.customers / data.customers.sum())
    pace = float(data.t @ data.customers / (data.x @ data.customers))  # time per repeat purchase
    starts = [
        [r, float(np.clip(r * pace * kept, span * 1e-3, span * 1e3)), a, b]
        for r, kept, a, b in ((0.5, 0.7, 0.8, 2.5), (2.0, 0.9, 0.2, 4.0), (0.2, 0.3, 1.5, 1.5), (5.0, 0.8, 5.0, 50.0))
    ]
    scale = np.array([1.0, span, 1.0, 1.0])
    high = np.array([ALIKE, LARGEST * span, ALIKE, LARGEST])
    peak = find_peak(lambda p: bg_nbd_score(p, data), starts, SMALLEST * scale, high, weight)
    if not peak.found:
        return _nobody_stops(peak, starts, scale, high, data) or _why(peak.parameters)
    r, alpha, a, b = (round9(float(value)) for value in peak.parameters)
    covariance = tuple(tuple(row) for row in round9(peak.covariance).tolist())
    return BgNbd(r, alpha, a, b, round9(peak.log_likelihood), covariance)


def bg_nbd_score(parameters: Floats, data: Histories) -> tuple[float, Floats]:
    """Log-likelihood of (r, alpha, a, b), equation 6 of the paper summed over customers, and its gradient (4,)."""
    from scipy.special import betaln, expit, gammaln, psi

    r, alpha, a, b = parameters
    x, n = data.x, data.customers
    count, place = np.unique(x, return_inverse=True)
    by_count = np.bincount(place, weights=n)
    until_last, until_now = np.log(alpha + data.t_x), np.log(alpha + data.t)
    odds = _log_odds(parameters, data.x, data.t_x, data.t)
    gone = expit(odds)  # 0 where x is 0: log odds of minus infinity
    log_likelihood = float(
        by_count @ (gammaln(r + count) - gammaln(r) + r * np.log(alpha) + betaln(a, b + count) - betaln(a, b))
        + n @ (np.logaddexp(0.0, odds) - (r + x) * until_now)
    )
    gradient = np.array(
        [
            by_count @ (psi(r + count) - psi(r) + np.log(alpha)) - n @ (until_now - gone * (until_now - until_last)),
            n.sum() * r / alpha - n @ ((r + x) * ((1 - gone) / (alpha + data.t) + gone / (alpha + data.t_x))),
            by_count @ (psi(a + b) - psi(a + b + count)) + n @ gone / a,
            by_count @ (psi(a + b) + psi(b + count) - psi(b) - psi(a + b + count))
            - n @ (gone / (b + np.maximum(x, 1.0) - 1)),
        ]
    )
    return log_likelihood, gradient


def _nobody_stops(
    peak: Peak, starts: Sequence[Sequence[float]], scale: Floats, high: Floats, data: Histories
) -> BgNbd | None:
    """The limit `a` = 0, where the climb ended there and has little more to say than it."""
    if not _hardly_stops(peak.parameters):
        return None
    pairs = [start[:2] for start in starts]
    limit = find_peak(lambda p: _nbd_score(p, data), pairs, SMALLEST * scale[:2], high[:2], float(data.customers.sum()))
    if not limit.found or peak.log_likelihood - limit.log_likelihood > SAME:
        return None
    r, alpha = (round9(float(value)) for value in limit.parameters)
    covariance = np.zeros((4, 4))
    covariance[:2, :2] = round9(limit.covariance)
    return BgNbd(r, alpha, 0.0, 1.0, round9(limit.log_likelihood), tuple(map(tuple, covariance.tolist())))


def _nbd_score(parameters: Floats, data: Histories) -> tuple[float, Floats]:
    """Log-likelihood of (r, alpha) where nobody stops, and its gradient (2,): `bg_nbd_score` with `a` going to 0."""
    from scipy.special import gammaln, psi

    r, alpha = parameters
    x, n = data.x, data.customers
    until_now = np.log(alpha + data.t)
    log_likelihood = float(n @ (gammaln(r + x) - gammaln(r) + r * np.log(alpha) - (r + x) * until_now))
    of_r = n @ (psi(r + x) - psi(r) + np.log(alpha) - until_now)
    of_alpha = n @ (r / alpha - (r + x) / (alpha + data.t))
    return log_likelihood, np.array([of_r, of_alpha])


def within_bounds(parameters: Floats) -> Floats:
    """(n, 4) parameters; where r or a is above its bound, both of its pair are smaller, so that the mean stays.

    The mean rate is r / alpha, the mean chance of stopping a / (a + b); at the bound little varies around them.
    """
    excess = np.maximum(parameters[:, [0, 0, 2, 2]] / ALIKE, 1.0)
    return np.asarray(parameters / excess)


def alive_probability(parameters: Floats, x: Floats, t_x: Floats, t: Floats) -> Floats:
    """(n,) probability of still being a customer at the end of the data; 1 without a repeat purchase or where a is 0.

    The model lets customers stop only after a repeat purchase, so one who bought once counts as alive for ever.
    """
    from scipy.special import expit

    if parameters[2] == 0:
        return np.ones(len(x))
    return np.asarray(expit(-_log_odds(parameters, x, t_x, t)))


def orders_if_alive(parameters: Floats, x: Floats, t: Floats, horizon: float | Floats) -> Floats:
    """(n,) expected purchases within `horizon` from the end of the data of customers who are alive then.

    Equation 10 of the paper without its denominator, the probability alive. Its 2F1(r + x, b + x; a + b + x - 1; z)
    overflows for frequent buyers; Euler's transformation turns it into (1 - z)^(a - 1 - r - x) times
    2F1(a - 1, a + b - r - 1; a + b + x - 1; z), in which only the third argument grows. Where a = 1 or a + b + x = 1
    the quotient is 0 / 0 with a smooth limit: there the mean of a little less and a little more a. Where a is 0 nobody
    stops, and orders go on at the customer's mean rate.

    Example:
        >>> cdnow = np.array([0.243, 4.414, 0.793, 2.426])
        >>> orders_if_alive(cdnow, np.array([2.0]), np.array([38.86]), 39.0).round(3).tolist()
        [1.687]
    """
    r, alpha, a, b = (float(value) for value in parameters)
    x, t = np.asarray(x, dtype=np.float64), np.asarray(t, dtype=np.float64)
    if a == 0:
        return np.asarray((r + x) / (alpha + t) * horizon)
    near = 1e-4
    if abs(a - 1) < near / 2 or bool((np.abs(a + b + x - 1) < near / 2).any()):
        less, more = np.array([r, alpha, a - near, b]), np.array([r, alpha, a + near, b])
        return (_orders(less, x, t, horizon) + _orders(more, x, t, horizon)) / 2
    return _orders(parameters, x, t, horizon)


def orders_of_new(parameters: Floats, time: Floats) -> Floats:
    """(n,) expected repeat purchases of a new customer within `time` of the first purchase; equation 9."""
    none = np.zeros(len(time))
    return orders_if_alive(parameters, none, none, time)


def expected_orders(parameters: Floats, x: Floats, t_x: Floats, t: Floats, horizon: float) -> Floats:
    """(n,) expected purchases within `horizon` from the end of the data, given what is known; equation 10."""
    return alive_probability(parameters, x, t_x, t) * orders_if_alive(parameters, x, t, horizon)


def _orders(parameters: Floats, x: Floats, t: Floats, horizon: float | Floats) -> Floats:
    from scipy.special import hyp2f1

    r, alpha, a, b = parameters
    total = a + b + x - 1
    z = horizon / (alpha + t + horizon)
    return np.asarray(total / (a - 1) * (1 - (1 - z) ** (a - 1) * hyp2f1(a - 1, a + b - r - 1, total, z)))


def _log_odds(parameters: Floats, x: Floats, t_x: Floats, t: Floats) -> Floats:
    """(n,) log odds of having stopped at the last purchase against being alive; minus infinity where x is 0."""
    r, alpha, a, b = parameters
    # b + x - 1 means nothing where x is 0, and may be negative.
    odds = np.log(a) - np.log(b + np.maximum(x, 1.0) - 1) + (r + x) * np.log1p((t - t_x) / (alpha + t_x))
    return np.where(x > 0, odds, -np.inf)


def _hardly_stops(parameters: Floats) -> bool:
    _, _, a, b = parameters
    return bool(a < 0.05 or a / (a + b) < 1e-3)


def _why(parameters: Floats) -> str:
    """What is wrong with a fit that has no peak, from where it ran to."""
    r, _, a, b = (float(value) for value in parameters)
    if _hardly_stops(parameters):
        found = "hardly anybody is seen to stop buying, so that nearly all would be customers for ever"
    elif r > 50:
        found = "customers do not differ in how often they buy, which is what it tells them apart by"
    elif a + b > 50:
        found = "customers do not differ in how easily they stop buying, which is what it tells them apart by"
    else:
        found = "they leave its parameters open"
    return f"Lifetime value is not estimated: the BG/NBD model does not fit these orders, because {found}."
