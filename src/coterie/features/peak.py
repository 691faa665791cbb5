"""The peak of a log-likelihood of positive parameters: several starts, Newton's last steps, and how sure it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Score = Callable[[Floats], tuple[float, Floats]]
"""From the parameters (k,) to the log-likelihood and its gradient with respect to the parameters themselves."""

WIDEST = 3.0
"""Standard error of a log-parameter above which the data do not tell it: a factor of 20 either way."""


@dataclass(frozen=True)
class Peak:
    """Where a log-likelihood is highest.

    Attributes:
        parameters: (k,) positive.
        log_likelihood: There.
        covariance: (k, k) of the log-parameters, from the curvature; NaN where `found` is false.
        found: It is a peak inside the bounds, and no log-parameter has a standard error above `WIDEST`.
    """

    parameters: Floats
    log_likelihood: float
    covariance: Floats
    found: bool


def find_peak(score: Score, starts: Sequence[Sequence[float]], low: Floats, high: Floats, weight: float) -> Peak:
    """The highest peak that any start leads to.

    Args:
        score: Log-likelihood and gradient.
        starts: Parameters to climb from, within the bounds.
        low: (k,) least value of each parameter; a peak there is none.
        high: (k,) the most, likewise.
        weight: Number of customers; the climb sees the mean per customer, so that its tolerances fit any number.

    The climb is in log-parameters: all are positive, and steps mean the same at every scale.
    """
    from scipy.optimize import minimize

    def climb(logs: Floats) -> tuple[float, Floats]:
        parameters = np.exp(logs)
        value, gradient = score(parameters)
        return -value / weight, -gradient * parameters / weight

    bounds = list(zip(np.log(low), np.log(high), strict=True))
    # Likelihoods of these models have long flat ridges, on which the customary tolerances stop early.
    limits = {"ftol": 1e-14, "gtol": 1e-9, "maxiter": 500, "maxcor": 20}
    ends = [
        minimize(climb, np.log(start), jac=True, method="L-BFGS-B", bounds=bounds, options=limits) for start in starts
    ]
    # Starts that reach the same peak differ in the last digits: the first of them, not the luckiest, goes on.
    least = min(float(end.fun) for end in ends)
    logs = next(np.asarray(end.x) for end in ends if end.fun <= least + 1e-9 * (1 + abs(least)))
    inside = bool((logs > np.log(low) + 1e-3).all() and (logs < np.log(high) - 1e-3).all())
    logs, covariance = _newton(climb, logs, weight) if inside else (logs, None)
    value = score(np.exp(logs))[0]
    if covariance is None or np.sqrt(np.diag(covariance)).max() > WIDEST:
        return Peak(np.exp(logs), value, np.full((len(logs), len(logs)), np.nan), found=False)
    return Peak(np.exp(logs), value, covariance, found=True)


def curvature(gradient: Callable[[Floats], Floats], place: Floats, width: float = 1e-4) -> Floats:
    """(k, k) second derivatives by central differences of a gradient, made symmetric."""
    steps = width * np.eye(len(place))
    rows = np.stack([(gradient(place + step) - gradient(place - step)) / (2 * width) for step in steps])
    return np.asarray((rows + rows.T) / 2)


def _newton(
    climb: Callable[[Floats], tuple[float, Floats]], logs: Floats, weight: float
) -> tuple[Floats, Floats | None]:
    """The last steps to where the gradient is nil to rounding, and the covariance; None where it is no valley."""
    for _ in range(12):
        gradient = climb(logs)[1]
        bend = curvature(lambda place: climb(place)[1], logs)
        if np.linalg.eigvalsh(bend).min() <= 0:
            return logs, None
        step = np.asarray(np.linalg.solve(bend, gradient), dtype=np.float64)
        if np.abs(step).max() < 1e-9 or np.abs(gradient).max() < 1e-13:
            return logs, np.asarray(np.linalg.inv(bend) / weight, dtype=np.float64)
        logs = logs - step * min(1.0, 0.5 / float(np.abs(step).max()))
    return logs, None
