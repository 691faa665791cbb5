"""Customers and places: drawn whole, a few bytes each, before any coupon."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from coterie.tables.sample.groups import LAST_DAY, NEVER_ACTIVE_SHARE, Design
from coterie.tables.sample.words import CITIES

Ints = np.ndarray[Any, np.dtype[Any]]
Floats = np.ndarray[Any, np.dtype[Any]]

GENDER_SHARES = (0.52, 0.45, 0.03)
TIER_SHARES = (0.62, 0.28, 0.10)
PEOPLE, PLACES, CLAIMS, WEEK, DIRT, DIRTY_WEEK, ORDERS, ORDER_WEEK, DIRTY_ORDERS = range(9)
"""First word of the random streams, so that no two of them ever share their numbers."""


def stream(seed: int, *which: int) -> np.random.Generator:
    """An independent random stream, named by numbers, so that no draw depends on how the work is cut."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, *which])))


@dataclass(frozen=True)
class People:
    """One entry per customer, ids from 1 in this order. Days are counted from the calendar's first.

    Attributes:
        group: Index into the design's groups; their number for the never active.
        joined, last: Day of joining and of the last claim.
        coupons: How many they claim; 0 for the never active.
        burn: Probability that a coupon is burnt in the end.
        city, gender, age, tier: Codes from 0 (age in years).
    """

    group: Ints
    joined: Ints
    last: Ints
    coupons: Ints
    burn: Floats
    city: Ints
    gender: Ints
    age: Ints
    tier: Ints

    def __len__(self) -> int:
        return len(self.group)


@dataclass(frozen=True)
class Places:
    """Merchants, the branches they own, and how branches share the burns.

    Attributes:
        merchants: How many.
        merchant_of: Merchant number of each branch, from 0.
        cumulative: Cumulative share of burns per branch.
    """

    merchants: int
    merchant_of: Ints
    cumulative: Floats


def shares_of(design: Design) -> list[float]:
    """Share of every group among all customers, the never active last."""
    return [group.share * (1 - NEVER_ACTIVE_SHARE) for group in design.groups] + [NEVER_ACTIVE_SHARE]


def zipf(count: int, power: float) -> Floats:
    """Shares that fall as 1 / rank^power: a few are large, most are small."""
    weights = 1.0 / np.arange(1, count + 1) ** power
    return np.asarray(weights / weights.sum())


def draw_people(customers: int, seed: int, design: Design) -> People:
    """Every customer's group, window, number of coupons, burn probability and attributes."""
    draw = stream(seed, PEOPLE)
    bounds = np.rint(np.cumsum(shares_of(design)) * customers).astype(np.int64)
    group = np.searchsorted(bounds, np.arange(customers), side="right").astype(np.int8)
    draw.shuffle(group)

    def of(*values: float) -> Floats:
        return np.asarray(values)[group]

    groups = design.groups
    spread = (*((group.joined[0], group.joined[1] + 1) for group in groups), (0, LAST_DAY - 30))
    low, high = of(*(first for first, _ in spread)), of(*(last for _, last in spread))
    joined = (low + draw.random(customers) * (high - low)).astype(np.int16)
    quiet = of(*(group.quiet for group in groups), 1.0) * np.exp(
        of(*(group.quiet_sigma for group in groups), 0.0) * draw.standard_normal(customers)
    )
    last = np.maximum(LAST_DAY - np.minimum(quiet, LAST_DAY), joined).astype(np.int16)
    shape = of(*(group.claims_shape for group in groups), 1.0)
    rate = of(*(group.claims_per_year for group in groups), 0.0) * draw.standard_gamma(shape) / shape
    active = group < len(groups)
    expected = rate * (last - joined) / 365.25
    later = np.floor(expected + draw.random(customers)) if design.steady else draw.poisson(expected)
    coupons = (later + 1) * active
    mean, weight = of(*(group.burn for group in groups), 0.5), of(*(group.burn_weight for group in groups), 2.0)
    return People(
        group=group,
        joined=joined,
        last=last,
        coupons=coupons.astype(np.int32),
        burn=draw.beta(mean * weight, (1 - mean) * weight).astype(np.float32),
        city=draw_cities(draw, group, design),
        gender=np.searchsorted(np.cumsum(GENDER_SHARES)[:-1], draw.random(customers), side="right").astype(np.int8),
        age=np.clip(18 + draw.gamma(4.0, 6.0, customers), 18, 90).astype(np.int8),
        tier=np.searchsorted(np.cumsum(TIER_SHARES)[:-1], draw.random(customers), side="right").astype(np.int8),
    )


def draw_cities(draw: np.random.Generator, group: Ints, design: Design) -> Ints:
    """A city for every customer; the group of the city effect has that city more often."""
    usual = zipf(len(CITIES), 0.8)
    uniform = draw.random(len(group))
    city = np.searchsorted(np.cumsum(usual)[:-1], uniform, side="right").astype(np.int8)
    if design.city_effect:
        name, where, times = design.city_effect
        number = CITIES.index(where)
        shifted = usual * (1 - times * usual[number]) / (1 - usual[number])
        shifted[number] = times * usual[number]
        members = group == [entry.name for entry in design.groups].index(name)
        city[members] = np.searchsorted(np.cumsum(shifted)[:-1], uniform[members], side="right")
    return city


def draw_places(customers: int, seed: int) -> Places:
    """20 to 400 merchants and 60 to 3,000 branches, growing with the square root of the customers."""
    draw = stream(seed, PLACES)
    merchants = int(np.clip(round(0.4 * customers**0.5), 20, 400))
    branches = int(np.clip(round(3.0 * customers**0.5), 60, 3000))
    more = np.searchsorted(np.cumsum(zipf(merchants, 0.7))[:-1], draw.random(branches - merchants), side="right")
    merchant_of = np.concatenate([np.arange(merchants), more]).astype(np.int16)
    draw.shuffle(merchant_of)
    return Places(merchants, merchant_of, np.cumsum(draw.permutation(zipf(branches, 0.5))))
