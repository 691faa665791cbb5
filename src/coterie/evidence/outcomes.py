"""What is counted after the cut, to see whether segments still differ."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from coterie.clustering import Floats
from coterie.errors import UsageError
from coterie.features import BURNT, Events


@dataclass(frozen=True)
class Outcome:
    """One thing to count of each customer.

    Attributes:
        name: In settings and files.
        label: As a person reads it.
        meaning: One line.
        some: What customers who count have done, with the cut after it: "have claimed a coupon".
        count: From coupons to (n,), NaN for customers in whom it is undefined. Given the coupons claimed after the cut
            it is the outcome; given what was known at the cut it is the same before.
    """

    name: str
    label: str
    meaning: str
    some: str
    count: Callable[[Events], Floats]


def claims(events: Events) -> Floats:
    """(n,) coupons of each customer."""
    return np.bincount(events.customer, minlength=events.customers).astype(np.float64)


def burns(events: Events) -> Floats:
    """(n,) burnt coupons of each customer."""
    burnt = events.customer[events.status == BURNT]
    return np.bincount(burnt, minlength=events.customers).astype(np.float64)


def burn_rate(events: Events) -> Floats:
    """(n,) burnt coupons / coupons; NaN without any."""
    held = claims(events)
    return np.where(held > 0, burns(events) / np.maximum(held, 1.0), np.nan)


_BURNT = "have burnt a coupon claimed"

OUTCOMES: tuple[Outcome, ...] = (
    Outcome("burns", "Later burns", "Burns of coupons claimed after the cut, per customer.", _BURNT, burns),
    Outcome("claims", "Later coupons", "Coupons claimed after the cut, per customer.", "have claimed a coupon", claims),
    Outcome(
        "burn_rate",
        "Later burn rate",
        "Share of the coupons claimed after the cut that were burnt; customers without such a coupon do not count.",
        _BURNT,
        burn_rate,
    ),
)
"""The first is taken where none is asked for."""


def outcome_named(name: str | None) -> Outcome:
    """The outcome of that name, or the usual one.

    Raises:
        UsageError: There is none of that name.
    """
    if name is None:
        return OUTCOMES[0]
    found = next((outcome for outcome in OUTCOMES if outcome.name == name), None)
    if found is None:
        known = ", ".join(outcome.name for outcome in OUTCOMES)
        raise UsageError(f"There is no outcome {name!r}. Choose one of {known}.")
    return found


def claimed_after(events: Events, day: int) -> Events:
    """Only the coupons claimed after the end of that day, with all that became of them."""
    later = events.claimed > day
    return replace(
        events,
        customer=events.customer[later],
        claimed=events.claimed[later],
        status=events.status[later],
        burnt=events.burnt[later],
        expires=events.expires[later],
        branch=events.branch[later],
        merchant=events.merchant[later],
    )
