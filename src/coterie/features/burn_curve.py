"""Kaplan-Meier share of coupons burnt by day since claim: the one estimator that features and profiles share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coterie.features.contract import BurnCurveTable

if TYPE_CHECKING:
    from numpy.typing import NDArray


def kaplan_meier(
    days: NDArray[np.int64], burnt: NDArray[np.int64], censored: NDArray[np.int64], never: int = 0
) -> BurnCurveTable:
    """Estimate F(t), the share of coupons burnt within t days of their claim.

    Args:
        days: Whole days since claim, ascending and unique, none negative.
        burnt: Coupons burnt on exactly that day.
        censored: Coupons still open that were last seen at that age; they are at risk on that day itself.
        never: Coupons that will never burn (expired); they stay at risk to the end of the data.

    Returns:
        F for t = 0 .. the last day given; empty when there is no coupon at all.

    Raises:
        ValueError: The days are not ascending, unique and 0 or more, or the lengths differ.

    The product-limit estimator of Kaplan & Meier 1958, F(t) = 1 - prod over s <= t of (1 - burnt[s] / at_risk[s]).

    Example:
        Of three coupons one burns on day 1, one is open since 2 days, one burns on day 3:

        >>> curve = kaplan_meier(np.array([1, 2, 3]), np.array([1, 0, 1]), np.array([0, 1, 0]))
        >>> [round(share, 3) for share in curve.share]
        [0.0, 0.333, 0.333, 1.0]
    """
    if not len(days) == len(burnt) == len(censored):
        raise ValueError("days, burnt and censored must have the same length")
    if len(days) == 0:
        return BurnCurveTable(())
    if days[0] < 0 or (np.diff(days) <= 0).any():
        raise ValueError("days must be ascending, unique and 0 or more")
    gone = burnt + censored
    at_risk = gone[::-1].cumsum()[::-1] + never
    hazard = np.divide(burnt, at_risk, out=np.zeros(len(days)), where=at_risk > 0)
    steps = 1.0 - np.cumprod(1.0 - hazard)
    position = np.searchsorted(days, np.arange(days[-1] + 1), side="right")
    share = np.concatenate(([0.0], steps))[position]
    return BurnCurveTable(tuple(float(value) for value in share))
