"""What is learned of lifetime value: the numbers of a fitted BG/NBD and of a Gamma-Gamma, or why there are none."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


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


@dataclass(frozen=True)
class GammaGamma:
    """A fitted Gamma-Gamma model; `covariance` (3 x 3) is of log p, log q, log gamma."""

    p: float
    q: float
    gamma: float
    log_likelihood: float
    covariance: tuple[tuple[float, ...], ...]

    @property
    def parameters(self) -> Floats:
        """p, q, gamma."""
        return np.array([self.p, self.q, self.gamma])


@dataclass(frozen=True)
class Lifetime:
    """What was fitted, and why not where it could not be.

    Attributes:
        bg_nbd: How often and how long customers buy; None with a reason. With `a` = 0 nobody stops, with a reason too.
        gamma_gamma: What an order is worth; None with a reason.
        constant: What every repeat order is worth, where all are worth the same and there is no Gamma-Gamma.
        repeat_buyers: Customers with two or more order days.
        correlation: Of mean value with frequency (see `value_correlation`); None where not computed.
        days_together: Width of histories put together, in days; 1 where none were.
        reason: Sentences; "" where both are fitted.
    """

    bg_nbd: BgNbd | None
    gamma_gamma: GammaGamma | None
    constant: float | None
    repeat_buyers: int
    correlation: float | None
    days_together: int
    reason: str

    @property
    def has_value(self) -> bool:
        """Whether it tells what an order is worth."""
        return self.gamma_gamma is not None or self.constant is not None
