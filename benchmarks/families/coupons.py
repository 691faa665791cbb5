"""Customers made up as coupons: claims at a rate while they are customers, burns with a chance, days later."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from coterie.features import BURNT, OPEN, Events
from families.contract import COUNTS, ENGAGEMENT, RATES, Customers, Floats, Integers

FIRST, DAYS = 18_000, 730
LAST = FIRST + DAYS
"""Day of joining of the earliest, length of the calendar, and the last day, in days since 1970."""
YEAR = 365.25
WAIT = 20.0
"""Mean days from claim to burn."""
WIDE = ((8.0, 0.06), (50.0, 0.48), (260.0, 0.9))
"""Claims a year and burn rate of groups that stand wide apart."""
MODERATE = ((8.0, 0.2), (21.0, 0.42), (55.0, 0.65))
SMALL = 0.03
CUT = FIRST + 440


@dataclass(frozen=True)
class People:
    """n customers: day joined, day gone (LAST + 1 or later: not yet), events a year, burn chance or usual amount."""

    joined: Floats
    gone: Floats
    rate: Floats
    own: Floats


def identical(rng: np.random.Generator, n: int, draw: int) -> Customers:
    """Everybody alike; only the time since joining varies."""
    return _with_coupons(rng, people_of(rng, n, np.full(2 * n, 10.0), np.full(2 * n, 0.4)), n)


def identical_counts(rng: np.random.Generator, n: int, draw: int) -> Customers:
    """The same, clustered on plain counts, which grow with time."""
    return Customers(identical(rng, n, draw).events, COUNTS)


def gamma_beta(rng: np.random.Generator, n: int, draw: int) -> Customers:
    """Rates of claims gamma, burn rates beta, independent of each other."""
    return _with_coupons(rng, people_of(rng, n, rng.gamma(1.0, 12.0, 2 * n), rng.beta(1.5, 3.0, 2 * n)), n)


def never_burners(rng: np.random.Generator, n: int, draw: int) -> Customers:
    """Two in five never burn; the burn rates of the others fall off from 0, so that nothing separates the two."""
    burn = np.where(rng.random(2 * n) < 0.4, 0.0, rng.beta(1.0, 2.5, 2 * n))
    return _with_coupons(rng, people_of(rng, n, rng.gamma(1.2, 8.0, 2 * n), burn), n)


def correlated_counts(rng: np.random.Generator, n: int, draw: int) -> Customers:
    """Who claims more burns more; clustered on plain counts."""
    return Customers(continuum(rng, n, draw).events, COUNTS)


def few_coupons(rng: np.random.Generator, n: int, draw: int) -> Customers:
    """One to four coupons each: few values, many ties."""
    return _with_coupons(rng, people_of(rng, n, rng.gamma(2.0, 0.4, 5 * n), rng.beta(2.0, 2.0, 5 * n)), n)


def one_timers(rng: np.random.Generator, n: int, draw: int) -> Customers:
    """97 % hold one coupon, the others two or more."""
    count = np.where(rng.random(n) < 0.97, 1, 1 + rng.geometric(0.5, n))
    customer = np.repeat(np.arange(n), count)
    joined = rng.integers(FIRST, LAST, n)
    claimed = np.minimum(joined[customer] + np.floor(rng.exponential(90.0, len(customer))), LAST)
    first = np.concatenate(([True], customer[1:] != customer[:-1]))
    claimed = np.where(first, joined[customer], claimed)
    return Customers(_events(rng, joined.astype(np.float64), customer, claimed, rng.beta(2.0, 3.0, n)))


def churners(rng: np.random.Generator, n: int, draw: int) -> Customers:
    """BG/NBD with the parameters Fader, Hardie & Lee (2005) found for CDNOW: after any
    coupon but the first some never come again."""
    joined, customer, claimed = bg_nbd(rng, n)
    return Customers(_events(rng, joined, customer, claimed, rng.beta(2.0, 3.0, n)))


def bg_nbd(rng: np.random.Generator, n: int) -> tuple[Floats, Integers, Floats]:
    """When n customers of the BG/NBD found for CDNOW joined; and the customer and time of all they did, from then."""
    joined = rng.uniform(FIRST, LAST - 90, n)
    weekly = rng.gamma(0.243, 1.0 / 4.414, n)
    leave = rng.beta(0.793, 2.426, n)
    lives = 1 + rng.geometric(np.clip(leave, 1e-6, 1.0))
    customer, claimed = [np.arange(n)], [joined]
    going, at = np.flatnonzero(lives > 1), joined.copy()
    while len(going):
        at[going] += rng.exponential(7.0 / np.maximum(weekly[going], 1e-12))
        lives[going] -= 1
        going = going[at[going] <= LAST]
        customer.append(going)
        claimed.append(at[going].copy())
        going = going[lives[going] > 1]
    return joined, np.concatenate(customer), np.concatenate(claimed)


def few_days(rng: np.random.Generator, n: int, draw: int) -> Customers:
    """Coupons are handed out on eight days only; each customer takes part with a chance of their own."""
    days = FIRST + np.sort(rng.choice(DAYS, 8, replace=False))
    takes = rng.beta(2.0, 2.0, 2 * n)
    there = rng.random((2 * n, len(days))) < takes[:, None]
    customer, day = np.nonzero(there)
    people = rng.beta(2.0, 3.0, 2 * n)
    return Customers(_first(_events(rng, np.full(2 * n, float(FIRST)), customer, days[day], people), n))


def continuum(rng: np.random.Generator, n: int, draw: int) -> Customers:
    """Customers differ very much in claims and in burns, together, and without a gap."""
    activity = rng.normal(size=2 * n)
    inclined = 0.7 * activity + 0.51**0.5 * rng.normal(size=2 * n)
    return _with_coupons(rng, people_of(rng, n, 15.0 * np.exp(activity), 1.0 / (1.0 + np.exp(0.5 - 1.5 * inclined))), n)


def nothing_lasts(rng: np.random.Generator, n: int, draw: int) -> Customers:
    """Rates and burn chances are drawn anew at the cut; whoever joined lately claims four times as much for 60 days."""
    joined = np.floor(rng.uniform(FIRST, CUT, 2 * n))
    parts = []
    for begin, end in ((FIRST, CUT + 1), (CUT + 1, LAST + 1)):
        rate, burn = rng.gamma(1.0, 12.0, 2 * n), rng.beta(1.5, 3.0, 2 * n)
        for times, first, last in ((4.0, joined, joined + 60.0), (1.0, joined + 60.0, np.full(2 * n, LAST + 1.0))):
            spell = People(np.clip(first, begin, end), np.clip(last, begin, end), times * rate, burn)
            customer, claimed = at_steady_rates(rng, spell)
            parts.append((customer, claimed, burn[customer]))
    customer, claimed, burn = (np.concatenate(part) for part in zip(*parts, strict=True))
    events = _events(rng, joined, customer, claimed, burn, each=True)
    # Only customers seen before the cut can be followed; the outcome stands in what comes later.
    seen = np.unique(events.customer[events.claimed <= CUT])[:n]
    return Customers(events.of(seen), cut=CUT)


def wide_equal(rng: np.random.Generator, n: int, draw: int) -> Customers:
    """Groups of 8, 50 and 260 claims a year and burn rates of .06, .48 and .9, clustered on both."""
    return _groups(rng, n, WIDE, [1 / 3, 1 / 3, 1 / 3])


def wide_unequal(rng: np.random.Generator, n: int, draw: int) -> Customers:
    """The same in random sizes, each at least a tenth."""
    free = rng.dirichlet(np.ones(3))
    return _groups(rng, n, WIDE, [0.1 + 0.7 * float(part) for part in free])


def wide_small(rng: np.random.Generator, n: int, draw: int) -> Customers:
    """The same with one group of 3 %, each of the three in turn."""
    return _groups(rng, n, WIDE, [SMALL if place == draw % 3 else (1 - SMALL) / 2 for place in range(3)])


def recency_equal(rng: np.random.Generator, n: int, draw: int) -> Customers:
    """Clustered on recency too, which in customers who claim at a steady rate is mostly luck."""
    return replace(wide_equal(rng, n, draw), features=ENGAGEMENT)


def recency_unequal(rng: np.random.Generator, n: int, draw: int) -> Customers:
    """The same in random sizes, each at least a tenth."""
    return replace(wide_unequal(rng, n, draw), features=ENGAGEMENT)


def recency_small(rng: np.random.Generator, n: int, draw: int) -> Customers:
    """The same with one group of 3 %, each of the three in turn."""
    return replace(wide_small(rng, n, draw), features=ENGAGEMENT)


def moderate(rng: np.random.Generator, n: int, draw: int) -> Customers:
    """Groups of 8, 21 and 55 claims a year and burn rates of .2, .42 and .65, which overlap; clustered on both."""
    return _groups(rng, n, MODERATE, [1 / 3, 1 / 3, 1 / 3])


def _groups(rng: np.random.Generator, n: int, kinds: tuple[tuple[float, float], ...], shares: list[float]) -> Customers:
    """Groups with a rate and burn chance each; members differ a little. Everybody joined half a year ago or earlier."""
    sizes = [round(n * share) for share in shares]
    sizes[int(np.argmax(sizes))] += n - sum(sizes)
    group = rng.permutation(np.repeat(np.arange(len(kinds)), sizes))
    rate, burn = (np.array(column)[group] for column in zip(*kinds, strict=True))
    alike = 50.0
    rate = rate * rng.gamma(alike, 1.0 / alike, n)
    burn = rng.beta(alike * burn, alike * (1.0 - burn))
    people = People(np.floor(rng.uniform(FIRST, LAST - 182, n)), np.full(n, LAST + 1.0), rate, burn)
    customer, claimed = at_steady_rates(rng, people)
    # Everybody has claimed on the day of joining, so that nobody is without a coupon.
    customer, claimed = np.concatenate([np.arange(n), customer]), np.concatenate([people.joined, claimed])
    return Customers(_events(rng, people.joined, customer, claimed, burn), RATES, group)


def people_of(rng: np.random.Generator, n: int, rate: Floats, burn: Floats) -> People:
    """Joined on any day but the last 30, and still there."""
    joined = np.floor(rng.uniform(FIRST, LAST - 30, len(rate)))
    return People(joined, np.full(len(rate), LAST + 1.0), rate, burn)


def _with_coupons(rng: np.random.Generator, people: People, n: int) -> Customers:
    """The first n of these people who claimed anything."""
    customer, claimed = at_steady_rates(rng, people)
    return Customers(_first(_events(rng, people.joined, customer, claimed, people.own), n))


def _first(events: Events, n: int) -> Events:
    return events.of(np.unique(events.customer)[:n])


def at_steady_rates(rng: np.random.Generator, people: People) -> tuple[Integers, Floats]:
    """Events at a steady rate while they are customers, as customer and day."""
    span = np.maximum(np.minimum(people.gone, LAST + 1.0) - people.joined, 0.0)
    count = rng.poisson(people.rate * span / YEAR)
    customer = np.repeat(np.arange(len(count)), count)
    return customer, np.floor(people.joined[customer] + rng.random(len(customer)) * span[customer])


def _events(
    rng: np.random.Generator, joined: Floats, customer: Integers, claimed: Floats, burn: Floats, *, each: bool = False
) -> Events:
    """Coupons with what became of them by the last day; `burn` is per customer, or per coupon where `each`."""
    wait = np.floor(rng.exponential(WAIT, len(customer)))
    claimed = np.floor(claimed)
    burnt = (rng.random(len(customer)) < (burn if each else burn[customer])) & (claimed + wait <= LAST)
    order = np.lexsort((customer, claimed))
    nowhere = np.full(len(customer), -1, dtype=np.int64)
    return Events(
        joined=np.floor(joined),
        customer=customer[order].astype(np.int64),
        claimed=claimed[order].astype(np.int64),
        status=np.where(burnt, BURNT, OPEN)[order].astype(np.int64),
        burnt=np.where(burnt, claimed + wait, np.nan)[order],
        expires=np.full(len(customer), np.nan),
        branch=nowhere,
        merchant=nowhere,
        as_of=LAST,
    )
