"""Intervals behind the figures: of a mean, of a pooled rate, of a share, and the lower bound of an over-index."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

Z95 = NormalDist().inv_cdf(0.975)


@dataclass(frozen=True)
class RatioSums:
    """Sums over independent customers of a part x and a whole m: enough for the ratio x / m and its sampling error.

    Sums of two disjoint groups of customers add, so the rest of a segment is all minus the segment. `seen` is finite
    where the squares are estimates: the customers with any of x from whom they were estimated.
    """

    customers: float
    x: float
    m: float
    xx: float
    xm: float
    mm: float
    seen: float = math.inf

    def __sub__(self, other: RatioSums) -> RatioSums:
        return RatioSums(
            self.customers - other.customers,
            self.x - other.x,
            self.m - other.m,
            self.xx - other.xx,
            self.xm - other.xm,
            self.mm - other.mm,
            self.seen - other.seen if math.isfinite(self.seen) else math.inf,
        )

    @property
    def share(self) -> float:
        """Sum of x over sum of m, 0 when there is nothing."""
        return self.x / self.m if self.m else 0.0

    @property
    def effective(self) -> float:
        """How many independent single observations are worth as much; never more than there are (m).

        Variance of a ratio with customers as clusters (Cochran 1977, 6.4): sum of (x - p m)^2 over (sum of m)^2.
        With no or only parts, where that variance is 0, customers stand in for single observations.
        """
        p = self.share
        if self.m <= 0:
            return 0.0
        if p <= 0 or p >= 1:
            return min(self.m, self.customers)
        if self.customers < 2:
            return min(self.m, 1.0)
        squares = max(self.xx - 2 * p * self.xm + p * p * self.mm, 0.0)
        variance = squares / self.m**2 * self.customers / (self.customers - 1)
        return min(self.m, p * (1 - p) / variance) if variance > 0 else self.m

    def effective_at(self, z: float) -> float:
        """The effective number for an interval that reaches z standard errors; fewer where the squares are estimates.

        An estimated standard error needs the wider quantile of Student's t (with `seen` - 1 degrees of freedom), and
        an interval is as much wider as the square root of the number is smaller.
        """
        if math.isinf(self.seen):
            return self.effective
        return self.effective * (z / student(z, max(self.seen - 1, 1))) ** 2


def mean_interval(mean: float, sd: float | None, n: int, floor: float | None = None) -> tuple[float, float]:
    """95 % interval of a mean by the normal approximation, mean -+ 1.96 sd / sqrt(n); a single value has no width.

    `floor` is the least value the quantity can take (0 for counts): the interval does not reach below it.
    """
    half = Z95 * sd / math.sqrt(n) if sd is not None and n > 1 else 0.0
    low = mean - half
    return (max(low, floor) if floor is not None else low), mean + half


def wilson(share: float, n: float, z: float = Z95) -> tuple[float, float]:
    """Interval of a share over n independent observations (Wilson 1927); n need not be whole.

    Example:
        >>> [round(bound, 3) for bound in wilson(0.5, 100)]
        [0.404, 0.596]
    """
    if n <= 0:
        return 0.0, 1.0
    centre = share + z * z / (2 * n)
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    return max((centre - half) / scale, 0.0), min((centre + half) / scale, 1.0)


def student(z: float, freedom: float) -> float:
    """The quantile of Student's t that leaves as much above it as z does under the normal curve.

    Cornish-Fisher expansion (Abramowitz & Stegun 26.7.5) in 1 / degrees of freedom; good from about 10 on.

    Example:
        >>> round(student(1.959964, 30), 3)
        2.042
    """
    first = (z**3 + z) / 4
    second = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    return z + first / freedom + second / freedom**2 + third / freedom**3


def rate_interval(sums: RatioSums) -> tuple[float, float]:
    """95 % interval of a pooled rate such as burnt / rows, aware that coupons of one customer go together.

    Wilson with the effective number of observations, so it is never narrower than if coupons were independent.
    """
    low, high = wilson(sums.share, sums.effective)
    return min(low, sums.share), max(high, sums.share)


def ratio_interval(sums: RatioSums) -> tuple[float, float]:
    """95 % interval of a ratio of two sums that is no share, such as sales / orders; not below 0.

    Normal approximation with customers as clusters (Cochran 1977, 6.4): the variance is the sum of (x - r m)^2 over
    (sum of m)^2. A single customer has no width.
    """
    if sums.customers < 2 or not sums.m:
        return sums.share, sums.share
    squares = max(sums.xx - 2 * sums.share * sums.xm + sums.share**2 * sums.mm, 0.0)
    half = Z95 * math.sqrt(squares * sums.customers / (sums.customers - 1)) / sums.m
    return max(sums.share - half, 0.0), sums.share + half


def over_index_low(segment: RatioSums, everyone: RatioSums, z: float) -> float:
    """Lower bound of share within the segment / share among all, where all includes the segment.

    The segment and the rest are independent, so the bound is found for their ratio q = p_rest / p_segment: Wilson
    bounds of both shares, combined by MOVER (Donner & Zou 2012), and then carried over by the identity
    over-index = 1 / (f + (1 - f) q), f being the segment's part of all observations.
    """
    rest = everyone - segment
    if segment.m <= 0 or rest.m <= 0 or segment.x <= 0:
        return 1.0 if segment.m > 0 and rest.m <= 0 else 0.0
    part = segment.m / everyone.m
    low, _ = wilson(segment.share, segment.effective_at(z), z)
    _, high = wilson(rest.share, rest.effective_at(z), z)
    return 1.0 / (part + (1 - part) * _ratio_high(rest.share, high, segment.share, low))


def _ratio_high(top: float, top_high: float, bottom: float, bottom_low: float) -> float:
    """Upper MOVER bound of top / bottom from the upper bound of top and the lower bound of bottom."""
    if bottom_low <= 0:
        return math.inf
    product = top * bottom
    scale = bottom_low * (2 * bottom - bottom_low)
    inner = product * product - scale * top_high * (2 * top - top_high)
    return (product + math.sqrt(max(inner, 0.0))) / scale
