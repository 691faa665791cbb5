"""Events dealt by chance: to whom, and in which order."""

from __future__ import annotations

import numpy as np
import pytest

from coterie.evidence.chance import Chance, by_day
from coterie.features import OPEN, Events


def events_of(customers, coupons, seed):
    rng = np.random.default_rng(seed)
    claimed = np.sort(rng.integers(19_000, 19_400, coupons))
    unknown, none = np.full(coupons, np.nan), np.full(coupons, -1)
    customer = rng.integers(0, customers, coupons)
    return Events(
        np.full(customers, 19_000.0), customer, claimed, np.full(coupons, OPEN), unknown, unknown, none, none, 19_400
    )


@pytest.mark.parametrize("power", [0.0, 0.7, 1.0])
def test_a_coupon_goes_to_the_customer_whom_a_search_finds(power):
    """Some joined on the last day, so that many shares are narrower than the steps that the search starts from."""
    events = events_of(3_000, 20_000, 1)
    rng = np.random.default_rng(2)
    since = np.where(rng.random(3_000) < 0.5, 19_400.0, 19_000.0 + rng.integers(0, 400, 3_000))
    dealt = Chance(events, since, power, 1.0).deal("events", np.random.default_rng(5))
    share = np.cumsum((19_400 - since + 1.0) ** power)
    luck = np.random.default_rng(5).random(20_000) * share[-1]
    expected = np.searchsorted(share, luck, side="right")
    assert np.bincount(dealt.customer, minlength=3_000).tolist() == np.bincount(expected, minlength=3_000).tolist()
    assert (np.diff(dealt.claimed) >= 0).all()
    assert (dealt.claimed >= since[dealt.customer]).all()
    assert dealt.claimed.max() <= 19_400


@pytest.mark.parametrize("days", [3, 400, 100_000])
def test_events_are_put_in_order_of_day_and_stay_as_they_stood_within_one(days):
    day = np.random.default_rng(days).integers(-5, days, 5_000)
    assert by_day(day).tolist() == sorted(range(5_000), key=lambda at: day[at])
    assert by_day(day[:0]).tolist() == []
