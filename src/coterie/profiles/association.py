"""How much segments differ in a dimension."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coterie.rounding import round9

if TYPE_CHECKING:
    from coterie.profiles.cells import Sums

NONE = 1e-9
"""Shares that are nothing but rounding."""


def cramers_v(sums: Sums) -> float:
    """How much segments differ in a dimension, whatever its number of values: 0 no more than by chance, 1 wholly.

    Cramer's V with the bias taken off (Bergsma 2013) of segments by values, those not compared together as one. A
    segment weighs as much as it has customers with any value, however many coupons or lines they have; one without
    such a customer says nothing, nor do customers placed by rule (segments 0 and -1).
    """
    cells = [{key: cell for key, cell in of.items() if key is not None and key > 0} for of in sums.values()]
    segments = sorted(cells[0]) if cells else []
    n = sum(cells[0][key].customers for key in segments)
    if len(segments) < 2 or n < 2:
        return 0.0
    weights = [cells[0][key].customers / n for key in segments]
    columns = [[of[key].share for key in segments] for of in cells]
    columns.append([1 - sum(shares) for shares in zip(*columns, strict=True)])
    means = [sum(weight * share for weight, share in zip(weights, column, strict=True)) for column in columns]
    known = [(mean, column) for mean, column in zip(means, columns, strict=True) if mean > NONE]
    phi = sum(
        weight * (share - mean) ** 2 / mean
        for mean, column in known
        for weight, share in zip(weights, column, strict=True)
    )
    rows, values = len(segments), len(known)
    left = max(0.0, phi - (rows - 1) * (values - 1) / (n - 1))
    least = min(size - (size - 1) ** 2 / (n - 1) for size in (rows, values)) - 1
    return round9((left / least) ** 0.5) if least > 0 else 0.0
