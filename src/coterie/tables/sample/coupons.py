"""The coupons, in time order, one week after the other: the rows in memory at a time do not grow with the shop."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from coterie.tables.sample.groups import DAYS, LAST_DAY
from coterie.tables.sample.people import CLAIMS, WEEK, stream
from coterie.tables.sample.words import OFFERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from coterie.tables.sample.people import Ints
    from coterie.tables.sample.plan import Plan

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


def coupon_weeks(plan: Plan) -> Iterator[Week]:
    """Every coupon of the shop, week by week."""
    for number, customer, claimed in events_by_week(plan, plan.people.coupons, CLAIMS):
        yield fate_of(plan, number, customer, claimed)


def events_by_week(plan: Plan, counts: Ints, which: int) -> Iterator[tuple[int, Ints, Ints]]:
    """Events spread evenly over each customer's window, so many per customer, as (week, customers, days) in time order.

    A customer's last event falls on the window's last day.
    """
    total = int(counts.sum(dtype=np.int64))
    stretches = max(1, min(WEEKS, -(-total // ROWS_AT_ONCE)))
    edges = [round(WEEKS * part / stretches) for part in range(stretches + 1)]
    for start, stop in pairwise(edges):
        keys = events_between(plan, counts, which, range(start * 7, stop * 7))
        cuts = np.searchsorted(keys, np.arange(start, stop + 1, dtype=np.int64) * 7 << 52)
        for number in range(start, stop):
            part = keys[cuts[number - start] : cuts[number - start + 1]]
            yield number, part & 0xFFFFFFFF, part >> 52


def events_between(plan: Plan, counts: Ints, which: int, wanted: range) -> Ints:
    """Events of those days as sorted keys: day, then 20 random bits for the order within a day, then customer."""
    people = plan.people
    parts = []
    for block in range(-(-len(people) // BLOCK)):
        draw = stream(plan.seed, which, block)
        here = slice(block * BLOCK, (block + 1) * BLOCK)
        count, joined, last = counts[here], people.joined[here], people.last[here]
        who = np.repeat(np.arange(len(count)), count)
        days = (joined[who] + draw.random(len(who)) * (last[who] - joined[who] + 1)).astype(np.int64)
        days[np.cumsum(count)[count > 0] - 1] = last[count > 0]
        keys = days << 52 | draw.integers(0, 1 << 20, len(who)) << 32 | (who + here.start)
        parts.append(keys[(days >= wanted.start) & (days < wanted.stop)])
    keys = np.concatenate(parts)
    keys.sort()
    return keys


def fate_of(plan: Plan, number: int, customer: Ints, claimed: Ints) -> Week:
    """What becomes of the coupons of one week: burnt or not, when, where."""
    draw = stream(plan.seed, WEEK, number)
    size = len(customer)
    wanted = draw.random(size) < plan.people.burn[customer]
    burnt_on = claimed + np.minimum(draw.gamma(2.0, plan.design.days_to_burn / 2, size), DAYS).astype(np.int64)
    return Week(
        number=number,
        customer=customer,
        claimed=claimed,
        burnt=wanted & (burnt_on <= LAST_DAY),
        burnt_on=burnt_on,
        branch=branches_for(plan, draw, customer),
        offer=np.minimum(draw.random(size) ** 1.5 * len(OFFERS), len(OFFERS) - 1).astype(np.int64),
    )


def branches_for(plan: Plan, draw: np.random.Generator, customer: Ints) -> Ints:
    """A branch for every burn; a planted share of one group's burns goes to the merchant it favours."""
    places, effect = plan.places, plan.design.merchant_effect
    branch = np.searchsorted(places.cumulative[:-1], draw.random(len(customer)), side="right")
    if effect is None:
        return branch
    name, merchant, share = effect
    own = np.flatnonzero(places.merchant_of == merchant)
    member = plan.people.group[customer] == [group.name for group in plan.design.groups].index(name)
    moved = member & (draw.random(len(branch)) < share)
    return np.where(moved, own[(draw.random(len(branch)) * len(own)).astype(np.int64)], branch)
