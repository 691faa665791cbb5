"""The columns of the summary table: coupons, orders, or both, each with its figures as the report prints them."""

from __future__ import annotations

import dataclasses

import pytest

from coterie.cli.summing_up import _what_they_do
from coterie.profiles import Profiles, SegmentProfile


def _profile(**own) -> SegmentProfile:
    """A hundred customers of whom nothing is known but what is given."""
    empty = {"segment": 1, "name": "", "blurb": "", "headline": "", "customers": 100, "share": 1.0, "coupons": 0,
             "burnt": 0, "share_of_coupons": 0.0, "share_of_burns": 0.0, "features": {}, "mixes": (), "typical": (),
             "rule": None, "burn_curve": None, "coupons_histogram": ()}  # fmt: skip
    return SegmentProfile(**empty | own)


HELD = {"coupons": 840, "burnt": 252}
BOUGHT = {"orders": 1150, "sales": 2_300_000.0, "aov": 2000.0, "share_of_sales": 0.59}


@pytest.mark.parametrize(
    ("own", "heads", "cells"),
    [
        (HELD, ("Coupons\neach", "Burn\nrate"), ("8.4", "30%")),
        (BOUGHT, ("Orders\neach", "Average\norder", "Of all\nsales"), ("11.5", "£2,000", "59%")),
        (
            HELD | BOUGHT,
            ("Coupons\neach", "Burn\nrate", "Orders\neach", "Of all\nsales"),
            ("8.4", "30%", "11.5", "59%"),
        ),
    ],
)
def test_columns_are_those_the_data_can_fill(own, heads, cells):
    profile = _profile(**own)
    found, printed = _what_they_do(Profiles((profile,), profile, (), {}, (), currency="GBP"))
    assert (found, printed(profile)) == (heads, cells)
    assert printed(_profile()) == ("–",) * len(heads)


def test_amounts_without_a_currency_are_plain_numbers():
    profile = _profile(**BOUGHT | {"aov": 480.87})
    _, printed = _what_they_do(Profiles((profile,), dataclasses.replace(profile, segment=None), (), {}, ()))
    assert printed(profile)[1] == "480.87"
