"""Where the cut is made, and why not."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from coterie.errors import UsageError
from coterie.evidence.cut import choose_cut, cut_asked, date_of, why_undated
from coterie.features import BURNT, OPEN, Events

START = 17_000


def events_on(days, as_of, status=None, burnt=None):
    """Coupons of one customer on these days after the start."""
    claimed = START + np.sort(np.asarray(days, dtype=np.int64))
    unknown = np.full(len(claimed), np.nan)
    return Events(
        joined=np.array([np.nan]),
        customer=np.zeros(len(claimed), dtype=np.int64),
        claimed=claimed,
        status=np.full(len(claimed), OPEN) if status is None else status,
        burnt=unknown if burnt is None else burnt,
        expires=unknown,
        branch=np.full(len(claimed), -1),
        merchant=np.full(len(claimed), -1),
        as_of=START + as_of,
    )


def test_the_cut_is_where_65_percent_are_known():
    assert choose_cut(events_on(np.repeat(np.arange(200), 5), 199)) == (START + 129, "")


def test_a_cut_within_a_wave_goes_to_the_nearer_side():
    """Three waves of 300, 500 and 200: 30 % or 80 % can be known."""
    days = np.repeat([0, 100, 200], [300, 500, 200])
    assert choose_cut(events_on(days, 230)) == (START + 100, "")


def test_a_cut_leaves_four_weeks_after_it():
    """Of the first of 90 days hold little, 65 % are claimed on the 70th."""
    days = np.concatenate([np.repeat(np.arange(90), 5), np.full(300, 69)])
    day, reason = choose_cut(events_on(days, 89))
    assert (day, reason) == (START + 61, "")


@pytest.mark.parametrize(
    ("days", "as_of", "words"),
    [
        ([], 100, "there is no coupon"),
        (np.repeat(np.arange(7), 300), 6, "the data cover 7 days, and 56 are needed: 28 to find segments in"),
        (np.arange(100), 99, "up to 20 Sep 2016 there are 65 coupons and after it 35; 200 and 100 are needed"),
    ],
)
def test_too_little_time_or_coupons(days, as_of, words):
    day, reason = choose_cut(events_on(days, as_of))
    assert day is None
    assert reason.startswith("Cannot be judged: ")
    assert words in reason


def test_a_cut_asked_for_is_taken_or_refused():
    events = events_on(np.repeat(np.arange(200), 5), 199)
    assert cut_asked(events, date_of(START + 60)) == (START + 60, "")
    day, reason = cut_asked(events, date_of(START + 190))
    assert day is None
    assert "leaves 191 days up to it and 9 after it, and 28 of each are needed" in reason
    for outside in (date_of(START - 1), date_of(START + 199), dt.date(2050, 1, 1)):
        with pytest.raises(UsageError, match="outside the data, which run from"):
            cut_asked(events, outside)


def test_burns_without_a_day():
    status = np.full(100, BURNT)
    burnt = np.full(100, START + 5.0)
    burnt[:5] = np.nan
    assert why_undated(events_on(np.zeros(100), 100, status, burnt)) == ""
    burnt[5] = np.nan
    assert "6% of the burnt coupons have no burn date" in why_undated(events_on(np.zeros(100), 100, status, burnt))
    assert why_undated(events_on([], 100)) == ""
