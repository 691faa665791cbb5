"""The planted behaviour groups as data: who claims how often, burns how much, came when and was last seen when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Separation = Literal["wide", "realistic"]

DAYS = 1096
"""Length of the sample calendar, 2022-01-01 to 2024-12-31; days are counted from 0."""

LAST_DAY = DAYS - 1
NEVER_ACTIVE = "Never active"
NEVER_ACTIVE_SHARE = 0.025


@dataclass(frozen=True)
class Group:
    """One way to behave. A customer's own rate and burn probability are drawn around the group's.

    Attributes:
        name: As in the truth file.
        share: Of the customers who ever claimed.
        joined: First and last day of joining, uniform in between.
        claims_per_year: Mean of the gamma distribution of claim rates; 1 + Poisson(rate x years seen) coupons.
        claims_shape: Its shape: the higher, the more alike the group's members.
        burn: Mean of the beta distribution of burn probabilities.
        burn_weight: Its a + b: the higher, the more alike.
        quiet: Median days from the last claim to the end of the calendar, log-normal, cut at the join date.
        quiet_sigma: Its standard deviation on the log scale.
        orders_per_year: Purchases without a coupon (with `orders` only).
        meaning: One line for people.
    """

    name: str
    share: float
    joined: tuple[int, int]
    claims_per_year: float
    claims_shape: float
    burn: float
    burn_weight: float
    quiet: float
    quiet_sigma: float
    orders_per_year: float
    meaning: str


@dataclass(frozen=True)
class Design:
    """The groups of one kind of shop and what is planted across them.

    Attributes:
        groups: Their shares add up to 1.
        days_to_burn: Mean of the Erlang-2 delay from claim to burn, in days.
        steady: Coupons are 1 + the expected number, rounded at random, instead of 1 + Poisson.
        city_effect: Group, city and how many times its usual share of customers the city has in that group.
        merchant_effect: Group, merchant number and the share of the group's burns that goes to it on purpose.
    """

    groups: tuple[Group, ...]
    days_to_burn: float
    steady: bool = False
    city_effect: tuple[str, str, float] | None = None
    merchant_effect: tuple[str, int, float] | None = None


WIDE = Design(
    (
        Group(
            name="Loyal redeemers",
            share=0.2,
            joined=(0, 200),
            claims_per_year=6.5,
            claims_shape=200.0,
            burn=0.95,
            burn_weight=200.0,
            quiet=8.0,
            quiet_sigma=0.3,
            orders_per_year=12.0,
            meaning="claim often, burn nearly all",
        ),
        Group(
            name="Collectors who rarely redeem",
            share=0.2,
            joined=(0, 200),
            claims_per_year=5.2,
            claims_shape=200.0,
            burn=0.03,
            burn_weight=200.0,
            quiet=40.0,
            quiet_sigma=0.3,
            orders_per_year=6.0,
            meaning="claim often, burn hardly any",
        ),
        Group(
            name="Occasional deal users",
            share=0.2,
            joined=(0, 200),
            claims_per_year=1.2,
            claims_shape=200.0,
            burn=0.95,
            burn_weight=200.0,
            quiet=150.0,
            quiet_sigma=0.3,
            orders_per_year=3.0,
            meaning="claim seldom, burn what they claim",
        ),
        Group(
            name="Lapsed",
            share=0.2,
            joined=(0, 200),
            claims_per_year=4.0,
            claims_shape=200.0,
            burn=0.03,
            burn_weight=200.0,
            quiet=700.0,
            quiet_sigma=0.1,
            orders_per_year=3.0,
            meaning="claimed a few, burnt none, long gone",
        ),
        Group(
            name="Newcomers",
            share=0.2,
            joined=(900, 1000),
            claims_per_year=24.0,
            claims_shape=200.0,
            burn=0.48,
            burn_weight=200.0,
            quiet=2.0,
            quiet_sigma=0.3,
            orders_per_year=8.0,
            meaning="joined lately, claim fast, burn half",
        ),
    ),
    days_to_burn=8.0,
    steady=True,
)
"""Far apart in claims per time, burn rate, recency and merchants burnt at, so that no method has an excuse."""

REALISTIC = Design(
    (
        Group(
            name="Loyal redeemers",
            share=0.2,
            joined=(0, 900),
            claims_per_year=10.0,
            claims_shape=4.0,
            burn=0.78,
            burn_weight=12.0,
            quiet=18.0,
            quiet_sigma=0.9,
            orders_per_year=14.0,
            meaning="claim often, burn most",
        ),
        Group(
            name="Collectors who rarely redeem",
            share=0.18,
            joined=(0, 900),
            claims_per_year=10.5,
            claims_shape=3.0,
            burn=0.1,
            burn_weight=12.0,
            quiet=22.0,
            quiet_sigma=0.9,
            orders_per_year=6.0,
            meaning="claim often, burn few",
        ),
        Group(
            name="Occasional deal users",
            share=0.3,
            joined=(0, 960),
            claims_per_year=2.6,
            claims_shape=3.0,
            burn=0.5,
            burn_weight=8.0,
            quiet=100.0,
            quiet_sigma=0.8,
            orders_per_year=4.0,
            meaning="claim seldom, burn half",
        ),
        Group(
            name="Lapsed",
            share=0.2,
            joined=(0, 500),
            claims_per_year=5.5,
            claims_shape=2.0,
            burn=0.35,
            burn_weight=6.0,
            quiet=450.0,
            quiet_sigma=0.4,
            orders_per_year=4.0,
            meaning="were active once, long gone",
        ),
        Group(
            name="Newcomers",
            share=0.12,
            joined=(880, 1080),
            claims_per_year=14.0,
            claims_shape=2.0,
            burn=0.55,
            burn_weight=6.0,
            quiet=15.0,
            quiet_sigma=0.8,
            orders_per_year=9.0,
            meaning="joined lately",
        ),
    ),
    days_to_burn=24.0,
    city_effect=("Loyal redeemers", "Belmora", 3.0),
    merchant_effect=("Occasional deal users", 2, 0.30),
)

DESIGNS: dict[Separation, Design] = {"wide": WIDE, "realistic": REALISTIC}
