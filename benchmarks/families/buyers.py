"""Customers made up as buyers: orders at a pace while they are customers, each with its amount."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from coterie.features import Events, Orders
from families.contract import BUYING, PACE_AND_VALUE, Customers, Floats, Integers
from families.coupons import CUT, FIRST, LAST, People, at_steady_rates, bg_nbd, people_of

WIDE = ((8.0, 20.0), (50.0, 90.0), (260.0, 400.0))
"""Orders a year and usual amount of an order of groups that stand wide apart."""


def churners(rng: np.random.Generator, n: int, draw: int) -> Customers:
    """Orders by the BG/NBD and amounts by the Gamma-Gamma found for CDNOW (Fader, Hardie & Lee 2005; Fader &
    Hardie note 025): after any order some never come again."""
    joined, customer, day = bg_nbd(rng, n)
    return Customers(_events(joined, customer, day, _amounts(rng, _usual(rng, n), customer)), BUYING)


def churners_rfm(rng: np.random.Generator, n: int, draw: int) -> Customers:
    """The same, clustered on recency, orders and spend."""
    return replace(churners(rng, n, draw), features=("recency", "order_count", "total_spend"))


def steady(rng: np.random.Generator, n: int, draw: int) -> Customers:
    """Paces gamma, usual amounts inverse gamma, independent of each other."""
    return _buyers(rng, people_of(rng, n, rng.gamma(1.0, 12.0, 2 * n), _usual(rng, 2 * n)), n)


def identical(rng: np.random.Generator, n: int, draw: int) -> Customers:
    """Everybody orders at one pace, for amounts from one law; only the time since joining varies."""
    return _buyers(rng, people_of(rng, n, np.full(2 * n, 10.0), np.full(2 * n, 40.0)), n)


def continuum(rng: np.random.Generator, n: int, draw: int) -> Customers:
    """Buyers differ very much in pace and in amounts, together, and without a gap."""
    activity = rng.normal(size=2 * n)
    inclined = 0.7 * activity + 0.51**0.5 * rng.normal(size=2 * n)
    return _buyers(rng, people_of(rng, n, 10.0 * np.exp(activity), 40.0 * np.exp(inclined)), n)


def nothing_lasts(rng: np.random.Generator, n: int, draw: int) -> Customers:
    """Paces and amounts are drawn anew at the cut; whoever joined lately orders four times as much for 60 days."""
    joined = np.floor(rng.uniform(FIRST, CUT, 2 * n))
    parts = []
    for begin, end in ((FIRST, CUT + 1), (CUT + 1, LAST + 1)):
        pace, usual = rng.gamma(1.0, 12.0, 2 * n), _usual(rng, 2 * n)
        for times, first, last in ((4.0, joined, joined + 60.0), (1.0, joined + 60.0, np.full(2 * n, LAST + 1.0))):
            customer, day = at_steady_rates(
                rng, People(np.clip(first, begin, end), np.clip(last, begin, end), times * pace, usual)
            )
            parts.append((customer, day, _amounts(rng, usual, customer)))
    customer, day, amount = (np.concatenate(part) for part in zip(*parts, strict=True))
    events = _events(joined, customer, day, amount)
    seen = np.unique(events.orders.customer[events.orders.day <= CUT])[:n]
    return Customers(events.of(seen), BUYING, cut=CUT)


def wide_equal(rng: np.random.Generator, n: int, draw: int) -> Customers:
    """Groups of 8, 50 and 260 orders a year of about 20, 90 and 400 each, clustered on both."""
    return _groups(rng, n, [1 / 3, 1 / 3, 1 / 3])


def wide_unequal(rng: np.random.Generator, n: int, draw: int) -> Customers:
    """The same in random sizes, each at least a tenth."""
    return _groups(rng, n, [0.1 + 0.7 * float(part) for part in rng.dirichlet(np.ones(3))])


def _groups(rng: np.random.Generator, n: int, shares: list[float]) -> Customers:
    """Groups with a pace and an amount each; members differ a little. Everybody joined half a year ago or earlier."""
    sizes = [round(n * share) for share in shares]
    sizes[int(np.argmax(sizes))] += n - sum(sizes)
    group = rng.permutation(np.repeat(np.arange(len(WIDE)), sizes))
    pace, usual = (np.array(column)[group] * rng.gamma(50.0, 1.0 / 50.0, n) for column in zip(*WIDE, strict=True))
    people = People(np.floor(rng.uniform(FIRST, LAST - 182, n)), np.full(n, LAST + 1.0), pace, usual)
    customer, day = at_steady_rates(rng, people)
    # Everybody has ordered on the day of joining, so that nobody is without an order.
    customer, day = np.concatenate([np.arange(n), customer]), np.concatenate([people.joined, day])
    return Customers(_events(people.joined, customer, day, _amounts(rng, usual, customer)), PACE_AND_VALUE, group)


def _usual(rng: np.random.Generator, n: int) -> Floats:
    """(n,) usual amount of an order: 6.25 / Gamma(3.74, 15.44), about 35 on average."""
    return 6.25 / rng.gamma(3.74, 1.0 / 15.44, n)


def _amounts(rng: np.random.Generator, usual: Floats, customer: Integers) -> Floats:
    """The amount of each order around the usual one of its customer, in whole cents."""
    amount: Floats = np.round(usual[customer] * rng.gamma(6.25, 1.0 / 6.25, len(customer)), 2)
    return np.maximum(amount, 0.01)


def _buyers(rng: np.random.Generator, people: People, n: int) -> Customers:
    """The first n of these people who ordered anything; what else is known of each is the usual amount."""
    customer, day = at_steady_rates(rng, people)
    events = _events(people.joined, customer, day, _amounts(rng, people.own, customer))
    return Customers(events.of(np.unique(customer)[:n]), BUYING)


def _events(joined: Floats, customer: Integers, day: Floats, amount: Floats) -> Events:
    """Orders by day, and no coupons."""
    day = np.floor(day).astype(np.int64)
    order = np.lexsort((customer, day))
    none, never = np.zeros(0, dtype=np.int64), np.zeros(0)
    orders = Orders(customer[order].astype(np.int64), day[order], amount[order])
    return Events(np.floor(joined), none, none, none, never, never, none, none, as_of=LAST, orders=orders)
