"""What a simulated family is, what it simulates, and what must be said of it."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from coterie.features import Events

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Question = Literal["structure", "foresight", "reliability"]

ENGAGEMENT = ("claims_per_time", "burn_rate_mature", "recency")
RATES = ENGAGEMENT[:2]
BUYING = ("recency", "orders_per_time", "aov")
PACE_AND_VALUE = BUYING[1:]
COUNTS = ("coupons_claimed", "coupons_burnt")


@dataclass(frozen=True)
class Points:
    """Customers given as treated columns x (n, d), and the planted group of each (n,), None where there is none."""

    x: Floats
    group: Integers | None = None


@dataclass(frozen=True)
class Customers:
    """Customers given by what they did.

    Attributes:
        events: Of n customers, each with at least one coupon, or one order.
        features: Catalogue names to cluster on.
        group: (n,) planted group; None where there is none.
        cut: Day after which behaviour changes and the outcome is counted; None where foresight chooses.
    """

    events: Events
    features: tuple[str, ...] = ENGAGEMENT
    group: Integers | None = None
    cut: int | None = None


@dataclass(frozen=True)
class Claim:
    """What is counted over the draws of a family, and how often it may or must be so; no bound: reported only.

    Attributes:
        measure: Name of a figure of each draw that is true or false ("natural", "several", "lasting", ...).
        bound: Share of the draws.
        least: The share is at least the bound, else at most.
    """

    measure: str
    bound: float | None = None
    least: bool = False


@dataclass(frozen=True)
class Family:
    """One way to make customers up.

    Attributes:
        name: As in files; the seeds come from it.
        label: As in the table.
        meaning: How the customers are made, in one sentence.
        make: From random numbers, number of customers and number of the draw.
        claims: What must be said of it.
        draws: Customers -> draws.
        question: Which procedure it tries.
    """

    name: str
    label: str
    meaning: str
    make: Callable[[np.random.Generator, int, int], Points | Customers]
    claims: tuple[Claim, ...]
    draws: tuple[tuple[int, int], ...] = ((1_000, 200),)
    question: Question = "structure"


def seed_of(family: str, customers: int, draw: int) -> int:
    """The seed of one draw: the same on every machine, and no two draws alike."""
    return zlib.crc32(f"{family} {customers} {draw}".encode())


Drawn = dict[str, Any]
"""Figures of one finished draw, as they are stored."""
