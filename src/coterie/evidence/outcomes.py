"""What is counted after the cut, to see whether segments still differ."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

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
        of: The events it is counted from.
        some: What customers who count have done, with the cut after it: "have claimed a coupon".
        count: From events to (n,), NaN for customers in whom it is undefined. Given the events after the cut it is the
            outcome; given what was known at the cut it is the same before.
        ranked: How much of it groups explain is told of its ranks, because a few customers hold most of its variance.
    """

    name: str
    label: str
    meaning: str
    of: Literal["coupons", "orders"]
    some: str
    count: Callable[[Events], Floats]
    ranked: bool = False

    def compared(self, values: Floats) -> Floats:
        """(n,) these values as groups are to explain them: as they are, or their ranks."""
        return ranks(values) if self.ranked else values


def ranks(values: Floats) -> Floats:
    """(n,) rank of each value from 1, lowest first; equal values share the mean of their ranks.

    Example:
        >>> ranks(np.array([20.0, 0.0, 0.0])).tolist()
        [3.0, 1.5, 1.5]
    """
    _, place, many = np.unique(values, return_inverse=True, return_counts=True)
    mean: Floats = np.cumsum(many) - (many - 1) / 2
    return mean[place]


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


def orders(events: Events) -> Floats:
    """(n,) orders of each customer."""
    return np.bincount(events.orders.customer, minlength=events.customers).astype(np.float64)


def sales(events: Events) -> Floats:
    """(n,) sales to each customer, in the currency's unit."""
    spent = np.bincount(events.orders.customer, weights=events.orders.sales, minlength=events.customers)
    return spent.astype(np.float64)


_BURNT, _CLAIMED, _ORDERED = "have burnt a coupon claimed", "have claimed a coupon", "have ordered"

OUTCOMES: tuple[Outcome, ...] = (
    Outcome("burns", "Later burns", "Burns of coupons claimed after the cut, per customer.", "coupons", _BURNT, burns),
    Outcome("claims", "Later coupons", "Coupons claimed after the cut, per customer.", "coupons", _CLAIMED, claims),
    Outcome(
        "burn_rate",
        "Later burn rate",
        "Share of the coupons claimed after the cut that were burnt; customers without such a coupon do not count.",
        "coupons",
        _BURNT,
        burn_rate,
    ),
    Outcome("sales", "Later sales", "Sales after the cut, per customer.", "orders", _ORDERED, sales, ranked=True),
    Outcome("orders", "Later orders", "Orders after the cut, per customer.", "orders", _ORDERED, orders),
)
"""The first that the data have is taken where none is asked for."""


def outcome_named(name: str | None, *, coupons: bool = True, orders: bool = True) -> Outcome:
    """The outcome of that name, or the usual one of data with coupons, or with orders only.

    Raises:
        UsageError: There is none of that name, or the data have nothing to count it from.
    """
    there = {"coupons": coupons or not orders, "orders": orders}
    if name is None:
        return next(outcome for outcome in OUTCOMES if there[outcome.of])
    found = next((outcome for outcome in OUTCOMES if outcome.name == name), None)
    usable = ", ".join(outcome.name for outcome in OUTCOMES if there[outcome.of])
    if found is None:
        raise UsageError(f"There is no outcome {name!r}. Choose one of {usable}.")
    if not there[found.of]:
        raise UsageError(
            f"The outcome {name} is counted from {found.of}, and the data have none. Choose one of {usable}."
        )
    return found


def claimed_after(events: Events, day: int) -> Events:
    """Only the coupons claimed after the end of that day, with all that became of them, and the later orders."""
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
        orders=events.orders.after(day),
    )
