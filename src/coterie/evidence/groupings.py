"""Ways of grouping customers to compare segments with, and how much of an outcome a grouping explains."""

from __future__ import annotations

import numpy as np

from coterie.clustering import Floats, Labels
from coterie.evidence.outcomes import burns, claims
from coterie.features import Aggregates


def eta_squared(outcome: Floats, group: Labels, groups: int) -> Floats:
    """Share of the outcome's variance that lies between groups, 0..1; NaN where the outcome is the same for all.

    Args:
        outcome: (n,).
        group: (draws, n) or (n,) group 0..groups-1 of each customer.
        groups: How many.

    Returns:
        (draws,), or one number as ().

    Example:
        >>> float(eta_squared(np.array([0.0, 0.0, 3.0, 3.0]), np.array([0, 0, 1, 1]), 2))
        1.0
    """
    rows = np.atleast_2d(group)
    away = outcome - outcome.mean()
    cell = (rows + np.arange(len(rows))[:, None] * groups).ravel()
    sums = np.bincount(cell, weights=np.tile(away, len(rows)), minlength=len(rows) * groups)
    counts = np.bincount(cell, minlength=len(rows) * groups)
    between = (sums**2 / np.maximum(counts, 1)).reshape(len(rows), groups).sum(axis=1)
    total = float(away @ away)
    share: Floats = between / total if total > 0 else np.full(len(rows), np.nan)
    return share if group.ndim > 1 else share.reshape(())


def fifths(values: Floats) -> Labels:
    """(n,) fifth 0..4 of each value by its rank from below; equal values are in the same.

    Example:
        >>> fifths(np.array([1.0, 2.0, 3.0, 4.0, 5.0, 5.0])).tolist()
        [0, 0, 1, 2, 3, 3]
    """
    lower = np.searchsorted(np.sort(values), values, side="left")
    return np.asarray(5 * lower // max(len(values), 1), dtype=np.int64)


def equal_groups(values: Floats, groups: int) -> Labels:
    """(n,) groups 0..groups-1 of equal size by value, lowest first; ties by the customers' order.

    Example:
        >>> equal_groups(np.array([3.0, 1.0, 1.0, 2.0]), 2).tolist()
        [1, 0, 0, 1]
    """
    group = np.empty(len(values), dtype=np.int64)
    group[np.argsort(values, kind="stable")] = np.arange(len(values)) * groups // max(len(values), 1)
    return group


def rfm(known: Aggregates) -> Labels:
    """(n,) sum of the three quintile scores 1..5, 5 best, of customers with an event: 3..15.

    With orders, of days since the last order, orders, and sales. Without, of days since the last claim, coupons
    claimed, and the burns known.
    """
    if len(known.events.orders):
        never = float(known.events.as_of)
        since = np.nan_to_num(np.asarray(known.order_recency), nan=never)
        return 3 + fifths(-since) + fifths(np.asarray(known.order_count)) + fifths(np.asarray(known.total_spend))
    recency = np.asarray(known.recency)
    return 3 + fifths(-recency) + fifths(claims(known.events)) + fifths(burns(known.events))


def best_column(z: Floats, outcome: Floats, groups: int) -> int:
    """Which column of z (n, d) explains most of the outcome when cut into groups of equal size; the first of equals.

    Customers in whom the outcome (n,) is undefined, NaN, say nothing of it.
    """
    there = np.isfinite(outcome)
    if not there.any():
        return 0
    share = [float(eta_squared(outcome[there], equal_groups(column, groups)[there], groups)) for column in z.T]
    return int(np.argmax(np.nan_to_num(share)))


def shuffled(group: Labels, within: Labels, draws: int, rng: np.random.Generator) -> Labels:
    """(draws, n) the groups (n,) dealt again at random among the customers of the same stratum (n,)."""
    dealt = np.empty((draws, len(group)), dtype=np.int64)
    for stratum in np.unique(within):
        there = np.flatnonzero(within == stratum)
        dealt[:, there] = rng.permuted(np.tile(group[there], (draws, 1)), axis=1)
    return dealt


def lifts(outcome: Floats, group: Labels, groups: int) -> Floats:
    """(groups,) mean outcome of each group / mean of all; NaN for an empty group or where nothing came."""
    return _lifts(outcome[None], group[None], groups).reshape(groups)


def lift_draws(outcome: Floats, group: Labels, groups: int, draws: int, rng: np.random.Generator) -> Floats:
    """(draws, groups) the lifts among customers (n,) drawn again with replacement: groups and all move together."""
    n, step = len(outcome), 200
    found = []
    for first in range(0, draws, step):
        again = rng.integers(0, n, (min(step, draws - first), n))
        found.append(_lifts(outcome[again], group[again], groups))
    return np.concatenate(found)


def interval(drawn: Floats, level: float) -> tuple[float, float]:
    """The percentile interval of that level, of the draws in which there is a value; NaN where there is in none."""
    there = drawn[np.isfinite(drawn)]
    if not len(there):
        return float("nan"), float("nan")
    low, high = np.quantile(there, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def _lifts(outcome: Floats, group: Labels, groups: int) -> Floats:
    rows = len(outcome)
    cell = (group + np.arange(rows)[:, None] * groups).ravel()
    sums = np.bincount(cell, weights=outcome.ravel(), minlength=rows * groups).reshape(rows, groups)
    counts = np.bincount(cell, minlength=rows * groups).reshape(rows, groups)
    all_of = outcome.mean(axis=1, keepdims=True)
    lift = sums / np.maximum(counts, 1) / np.where(all_of > 0, all_of, 1.0)
    return np.where((counts > 0) & (all_of > 0), lift, np.nan)
