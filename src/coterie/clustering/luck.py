"""A random number for each customer that every engine computes alike: arithmetic on the row number, seeded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coterie.clustering.contract import Floats, Labels
from coterie.clustering.kmeans import generator

if TYPE_CHECKING:
    import ibis.expr.types as ir

PRIME = 2**31 - 1
"""Squares of numbers below it fit 64 bits."""

_ROUNDS = 3


def luck_of(row: ir.IntegerValue, seed: int, purpose: int) -> ir.FloatingValue:
    """A number in [0, 1) for each row, the same in every engine and as `luck` gives.

    Three rounds of (x + b)^2 mod 2^31 - 1, with b drawn from the seed: like numbers drawn at random where they are
    compared with a chance, and only there.

    Args:
        row: Number of the customer, 0 or more; those 2^31 - 1 apart share their luck.
        seed: Of the run; another one gives other numbers.
        purpose: Of this draw; likewise.
    """
    x = row % PRIME
    for shift in _shifts(seed, purpose):
        moved = (x + shift) % PRIME
        x = (moved * moved) % PRIME
    return x.cast("float64") / float(PRIME)


def luck(rows: Labels, seed: int, purpose: int) -> Floats:
    """As `luck_of`, for rows in memory.

    Example:
        >>> luck(np.arange(3), seed=0, purpose=1).round(3).tolist()
        [0.259, 0.002, 0.241]
    """
    x = rows % PRIME
    for shift in _shifts(seed, purpose):
        moved = (x + shift) % PRIME
        x = moved * moved % PRIME
    return x.astype(np.float64) / float(PRIME)


def _shifts(seed: int, purpose: int) -> list[int]:
    """One number to add for each round."""
    return [int(value) for value in generator(seed, 13, purpose).integers(1, PRIME, _ROUNDS)]
