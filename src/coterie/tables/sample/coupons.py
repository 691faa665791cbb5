"""The coupons, in time order, one week after the other: the rows in memory at a time do not grow with the shop."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from coterie.tables.sample.groups import DAYS, LAST_DAY, Design
from coterie.tables.sample.people import CLAIMS, WEEK, Floats, Ints, People, Places, stream
from coterie.tables.sample.words import OFFERS

BLOCK = 65_536
"""Customers whose claims are drawn from one random stream: part of what a seed means, not a setting."""

ROWS_AT_ONCE = 16_000_000
"""Claims sorted at a time (8 bytes each); more of them are drawn again for each stretch of time. Changes no output."""

WEEKS = -(-DAYS // 7)


@dataclass(frozen=True)
class Week:
    """The coupons claimed in one week, in time order.

    Attributes:
        number: From 0.
        customer: Index of the customer, from 0.
        claimed: Day of claim.
        burnt: Whether it was burnt by the end of the calendar.
        burnt_on: Day of burn; meaningless where not burnt.
        branch: Index of the branch that burnt it; meaningless where not burnt.
        offer: Index of its name.
    """

    number: int
    customer: Ints
    claimed: Ints
    burnt: Ints
    burnt_on: Ints
    branch: Ints
    offer: Ints


def coupon_weeks(people: People, places: Places, seed: int, design: Design) -> Iterator[Week]:
    """Every coupon of the shop, week by week."""
    for number, customer, claimed in events_by_week(people, people.coupons, seed, CLAIMS):
        yield fate_of(number, customer, claimed, people, places, seed, design)


def events_by_week(people: People, counts: Ints, seed: int, which: int) -> Iterator[tuple[int, Ints, Ints]]:
    """Events spread evenly over each customer's window, so many per customer, as (week, customers, days) in time order.

    A customer's last event falls on the window's last day.
    """
    total = int(counts.sum(dtype=np.int64))
    stretches = max(1, min(WEEKS, -(-total // ROWS_AT_ONCE)))
    edges = [round(WEEKS * part / stretches) for part in range(stretches + 1)]
    for start, stop in zip(edges, edges[1:], strict=False):
        keys = events_between(people, counts, seed, which, start * 7, stop * 7)
        cuts = np.searchsorted(keys, np.arange(start, stop + 1, dtype=np.int64) * 7 << 52)
        for number in range(start, stop):
            part = keys[cuts[number - start] : cuts[number - start + 1]]
            yield number, part & 0xFFFFFFFF, part >> 52


def events_between(people: People, counts: Ints, seed: int, which: int, first: int, stop: int) -> Ints:
    """Events of the days [first, stop) as sorted keys: day, then 20 random bits for the order within a day, then customer."""
    parts = []
    for block in range(-(-len(people) // BLOCK)):
        draw = stream(seed, which, block)
        here = slice(block * BLOCK, (block + 1) * BLOCK)
        count, joined, last = counts[here], people.joined[here], people.last[here]
        who = np.repeat(np.arange(len(count)), count)
        days = (joined[who] + draw.random(len(who)) * (last[who] - joined[who] + 1)).astype(np.int64)
        days[np.cumsum(count)[count > 0] - 1] = last[count > 0]
        keys = days << 52 | draw.integers(0, 1 << 20, len(who)) << 32 | (who + here.start)
        parts.append(keys[(days >= first) & (days < stop)])
    keys = np.concatenate(parts)
    keys.sort()
    return keys


def fate_of(
    number: int, customer: Ints, claimed: Ints, people: People, places: Places, seed: int, design: Design
) -> Week:
    """What becomes of the coupons of one week: burnt or not, when, where."""
    draw = stream(seed, WEEK, number)
    size = len(customer)
    wanted = draw.random(size) < people.burn[customer]
    burnt_on = claimed + np.minimum(draw.gamma(2.0, design.days_to_burn / 2, size), DAYS).astype(np.int64)
    branch = np.searchsorted(places.cumulative[:-1], draw.random(size), side="right")
    if design.merchant_effect:
        branch = favoured(draw, branch, customer, people, places, design)
    return Week(
        number=number,
        customer=customer,
        claimed=claimed,
        burnt=wanted & (burnt_on <= LAST_DAY),
        burnt_on=burnt_on,
        branch=branch,
        offer=np.minimum(draw.random(size) ** 1.5 * len(OFFERS), len(OFFERS) - 1).astype(np.int64),
    )


def favoured(
    draw: np.random.Generator, branch: Ints, customer: Ints, people: People, places: Places, design: Design
) -> Ints:
    """The branches, with a share of one group's burns sent to the branches of the merchant it favours."""
    assert design.merchant_effect is not None
    name, merchant, share = design.merchant_effect
    own = np.flatnonzero(places.merchant_of == merchant)
    member = people.group[customer] == [group.name for group in design.groups].index(name)
    moved = member & (draw.random(len(branch)) < share)
    instead: Floats = draw.random(len(branch))
    return np.where(moved, own[(instead * len(own)).astype(np.int64)], branch)
