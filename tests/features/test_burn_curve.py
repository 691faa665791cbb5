"""Kaplan-Meier against a hand computation and scipy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import CensoredData, ecdf

from coterie.features.burn_curve import kaplan_meier


def test_by_hand():
    # 10 coupons. Day 0: 1 burnt of 10. Day 2: 2 burnt of 9, one censored that day was at risk. Day 5: 1 of 6.
    curve = kaplan_meier(np.array([0, 2, 5]), np.array([1, 2, 1]), np.array([0, 1, 5]))
    after_2 = 1 - (9 / 10) * (7 / 9)
    assert curve.share == pytest.approx([0.1, 0.1, after_2, after_2, after_2, 1 - (9 / 10) * (7 / 9) * (5 / 6)])
    assert curve.plateau == pytest.approx(1 - 0.7 * 5 / 6)


@pytest.mark.parametrize("seed", range(5))
def test_agrees_with_scipy(seed):
    rng = np.random.default_rng(seed)
    burn_after, seen = rng.integers(0, 60, 400), rng.integers(0, 90, 400)
    burns = burn_after <= seen
    last_seen = np.minimum(burn_after, seen)
    curve = kaplan_meier(*_counts(last_seen, burns))
    theirs = ecdf(CensoredData(uncensored=last_seen[burns], right=last_seen[~burns])).cdf
    assert np.asarray(curve.share) == pytest.approx(theirs.evaluate(np.arange(len(curve.share))), abs=1e-12)


def test_coupons_that_never_burn_stay_at_risk_to_the_end():
    never = kaplan_meier(np.array([1, 3]), np.array([2, 2]), np.array([0, 0]), never=4)
    assert never.share == pytest.approx([0, 2 / 8, 2 / 8, 1 - (6 / 8) * (4 / 6)])


def test_nothing_burnt_and_no_coupons():
    assert kaplan_meier(np.array([4]), np.array([0]), np.array([3])).share == (0.0,) * 5
    none = np.array([], dtype=np.int64)
    assert kaplan_meier(none, none, none).plateau == 0.0


@pytest.mark.parametrize("days", [[2, 1], [1, 1], [-1, 0]])
def test_refuses_days_out_of_order(days):
    with pytest.raises(ValueError, match="ascending"):
        kaplan_meier(np.array(days), np.array([1, 1]), np.array([0, 0]))


def test_refuses_lengths_that_differ():
    with pytest.raises(ValueError, match="same length"):
        kaplan_meier(np.array([1, 2]), np.array([1]), np.array([0, 0]))


def _counts(last_seen, burns):
    days = np.unique(last_seen)
    burnt = np.array([(burns & (last_seen == day)).sum() for day in days])
    censored = np.array([(~burns & (last_seen == day)).sum() for day in days])
    return days, burnt, censored
