"""Recency, frequency and monetary value as scores from 1 to 5: fifths of the customers with an order, 5 best.

The score of a value is the fifth in which the middle of its equals lies: with p the share of customers who are worse
plus half the share of those alike, it is 1 + floor(5 p). Equal values so get equal scores, half of the customers at one
border of a fifth never outrank the other half, and where all are alike everybody gets the middle, 3.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import ibis
import numpy as np

from coterie.features.contract import Feature
from coterie.rounding import round9

if TYPE_CHECKING:
    import ibis.expr.types as ir
    from numpy.typing import NDArray

    from coterie.engines import Engine

ORDERS = "orders"
FIFTHS = 5

SCORED: Mapping[str, tuple[str, bool]] = {
    "rfm_recency": ("order_recency", False),
    "rfm_frequency": ("order_count", True),
    "rfm_monetary": ("total_spend", True),
}
"""Score -> the column of the aggregates it is made from, and whether more of it is better."""

RFM_SCORES = frozenset(SCORED)
"""Names of the three scores."""

EDGE = 1e-6
"""A cut beyond the lowest or highest value seen stands so far from it (relative to it, above 1)."""

Band = tuple[int, float, float]
"""A score, the lowest and the highest value that have it."""


def learn_rfm_cuts(engine: Engine, people: ir.Table) -> dict[str, tuple[float, ...]]:
    """The four values that part the five scores, for each of the three, from all customers with an order.

    Args:
        engine: Where the customers are.
        people: One row per customer with order_count, order_recency (days) and total_spend; those with order_count 0
            or NULL are left out.

    Returns:
        Score name -> four ascending numbers of 9 digits, in the unit of the column; empty where nobody has an order.
        A customer above all four cuts of `order_count` has score 5; of `order_recency`, score 1.
    """
    buyers = people.filter(people.order_count > 0)
    cuts = {}
    for name, (column, more_is_better) in SCORED.items():
        bands = engine.collect(_bands(buyers, column, more_is_better=more_is_better)).to_pylist()
        if bands:
            cuts[name] = cuts_between(
                [(row["score"], row["low"], row["high"]) for row in bands], more_is_better=more_is_better
            )
    return cuts


def cuts_between(bands: Sequence[Band], *, more_is_better: bool = True) -> tuple[float, ...]:
    """Four ascending cuts from what scores were given: halfway between neighbours, so that rounding moves nobody.

    Where nobody has a lower (a higher) score than the cut parts, it stands just outside what was seen: who comes later
    with less than anybody (with more) gets the lowest (the highest) score.

    Args:
        bands: Of every score that somebody has; at least one.
        more_is_better: Score 5 is for the highest values, else for the lowest.

    Example:
        >>> cuts_between([(1, 1.0, 1.0), (4, 2.0, 3.0), (5, 5.0, 80.0)])
        (1.5, 1.5, 1.5, 4.0)
        >>> cuts_between([(3, 7.0, 7.0)])
        (6.999993, 6.999993, 7.000007, 7.000007)
    """
    ranked = [(score if more_is_better else FIFTHS + 1 - score, low, high) for score, low, high in bands]
    cuts = []
    for place in range(1, FIFTHS):
        under = max((high for score, _, high in ranked if score <= place), default=None)
        over = min((low for score, low, _ in ranked if score > place), default=None)
        cuts.append(cut_between(under, over))
    return tuple(cuts)


def cuts_of(values: NDArray[np.float64], *, more_is_better: bool) -> tuple[float, ...]:
    """The same cuts from the values of all customers with an order, in memory."""
    value, ties = np.unique(values, return_counts=True)
    worse = np.cumsum(ties) if more_is_better else np.cumsum(ties[::-1])[::-1]
    score = 1 + FIFTHS * (2 * worse - ties) // (2 * len(values))
    bands = [(int(one), float(value[score == one].min()), float(value[score == one].max())) for one in np.unique(score)]
    return cuts_between(bands, more_is_better=more_is_better)


def cut_between(under: float | None, over: float | None) -> float:
    """One cut between the highest value under it and the lowest over it, to 9 digits; None where there is none."""
    if under is not None and over is not None:
        return round9((under + over) / 2.0)
    if over is not None:
        return round9(over - EDGE * max(1.0, abs(over)))
    if under is not None:
        return round9(under + EDGE * max(1.0, abs(under)))
    raise ValueError("there is no value to cut")


def _bands(buyers: ir.Table, column: str, *, more_is_better: bool) -> ir.Table:
    """score, low, high: at most five rows, counted without sampling."""
    known = buyers.filter(buyers[column].notnull())
    held = known.group_by(value=known[column].cast("float64")).aggregate(ties=known.count())
    worst_first = held.value if more_is_better else ibis.desc(held.value)
    # Whole numbers: twice the customers below plus those alike, of twice all of them.
    not_better = held.ties.sum().over(ibis.cumulative_window(order_by=worst_first)).cast("int64")
    everyone = held.ties.sum().over(ibis.window()).cast("int64")
    middle = 2 * not_better - held.ties
    scored = held.mutate(score=(1 + (FIFTHS * middle) // (2 * everyone)).cast("int64"))
    return scored.group_by("score").aggregate(low=scored.value.min(), high=scored.value.max()).order_by("score")


def rfm_score(value: ir.NumericValue, cuts: Sequence[float], *, more_is_better: bool) -> ir.Value:
    """The score 1..5 of a value by saved cuts; NULL where the value is."""
    beyond = (value > cuts[0]).cast("int64")
    for cut in cuts[1:]:
        beyond += (value > cut).cast("int64")
    return beyond + 1 if more_is_better else FIFTHS - beyond


def _scored(t: ir.Table, cuts: Mapping[str, Sequence[float]], name: str) -> ir.Value:
    if name not in cuts:  # nobody had an order when they were learned
        return (t.order_count * 0).nullif(0)
    column, more_is_better = SCORED[name]
    score = rfm_score(getattr(t, column), cuts[name], more_is_better=more_is_better)
    # Over 1 for customers with an order, over NULL for the others; in words that numbers in memory understand too.
    return score / (t.order_count > 0).cast("int64").nullif(0)


RFM: tuple[Feature, ...] = (
    Feature(
        name="rfm_recency",
        label="Recency score",
        unit="",
        meaning="Days since the last order in fifths of all customers with one: 5 the most recent, 1 the longest ago.",
        family="orders",
        needs=(ORDERS,),
        treatment="none",
        express=lambda t, learned: _scored(t, learned.rfm_cuts, "rfm_recency"),
        activity=1,
        by_chance="nothing",
        caution="A fifth says nothing of how far apart two customers are; the days themselves do.",
    ),
    Feature(
        name="rfm_frequency",
        label="Frequency score",
        unit="",
        meaning="Orders in fifths of all customers with one: 5 the most, 1 the fewest; equal numbers, equal scores.",
        family="orders",
        needs=(ORDERS,),
        treatment="none",
        express=lambda t, learned: _scored(t, learned.rfm_cuts, "rfm_frequency"),
        activity=1,
        by_chance="nothing",
        caution="Where most customers ordered once, few of the five scores occur.",
    ),
    Feature(
        name="rfm_monetary",
        label="Monetary score",
        unit="",
        meaning="Sales in fifths of all customers with an order: 5 who spent the most, 1 the least.",
        family="orders",
        needs=(ORDERS,),
        treatment="none",
        express=lambda t, learned: _scored(t, learned.rfm_cuts, "rfm_monetary"),
        activity=1,
        by_chance="nothing",
        caution="A fifth says nothing of how far apart two customers are; the sales themselves do.",
    ),
)
