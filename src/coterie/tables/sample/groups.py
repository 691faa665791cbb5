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
        Group("Loyal redeemers", 0.20, (0, 200), 6.5, 200.0, 0.95, 200.0, 8.0, 0.3, 12.0, "claim often, burn nearly all"),
        Group("Collectors who rarely redeem", 0.20, (0, 200), 5.2, 200.0, 0.03, 200.0, 40.0, 0.3, 6.0, "claim often, burn hardly any"),
        Group("Occasional deal users", 0.20, (0, 200), 1.2, 200.0, 0.95, 200.0, 150.0, 0.3, 3.0, "claim seldom, burn what they claim"),
        Group("Lapsed", 0.20, (0, 200), 4.0, 200.0, 0.03, 200.0, 700.0, 0.1, 3.0, "claimed a few, burnt none, long gone"),
        Group("Newcomers", 0.20, (900, 1000), 24.0, 200.0, 0.48, 200.0, 2.0, 0.3, 8.0, "joined lately, claim fast, burn half"),
    ),
    days_to_burn=8.0,
    steady=True,
)

REALISTIC = Design(
    (
        Group("Loyal redeemers", 0.20, (0, 900), 10.0, 4.0, 0.78, 12.0, 18.0, 0.9, 14.0, "claim often, burn most"),
        Group("Collectors who rarely redeem", 0.18, (0, 900), 10.5, 3.0, 0.10, 12.0, 22.0, 0.9, 6.0, "claim often, burn few"),
        Group("Occasional deal users", 0.30, (0, 960), 2.6, 3.0, 0.50, 8.0, 100.0, 0.8, 4.0, "claim seldom, burn half"),
        Group("Lapsed", 0.20, (0, 500), 5.5, 2.0, 0.35, 6.0, 450.0, 0.4, 4.0, "were active once, long gone"),
        Group("Newcomers", 0.12, (880, 1080), 14.0, 2.0, 0.55, 6.0, 15.0, 0.8, 9.0, "joined lately"),
    ),
    days_to_burn=24.0,
    city_effect=("Loyal redeemers", "Belmora", 2.0),
    merchant_effect=("Occasional deal users", 2, 0.20),
)

DESIGNS: dict[Separation, Design] = {"wide": WIDE, "realistic": REALISTIC}
