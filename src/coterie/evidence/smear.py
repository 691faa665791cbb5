"""Ties spread: whole numbers and repeated values are no hills of density."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from coterie.clustering import standardise_values, treat
from coterie.evidence.sample import in_memory, values_of
from coterie.evidence.space import Space
from coterie.features import evaluate

if TYPE_CHECKING:
    from coterie.clustering import Coordinate, Floats
    from coterie.evidence.sample import Sample
    from coterie.features import Aggregates, Feature, Learned

COUPON_COUNTS = (
    "transaction_count",
    "coupons_claimed",
    "coupons_burnt",
    "coupons_expired",
    "merchants_burnt_at",
    "branches_burnt_at",
    "branches_used",
)
ORDER_COUNTS = ("order_count", "order_days", "categories_bought")
"""Aggregates that are whole numbers, of coupons and of orders."""


@dataclass(frozen=True)
class Smeared:
    """Aggregates of which some counts are no longer whole; everything else is as it was."""

    plain: Aggregates
    counts: Mapping[str, Any]

    def __getattr__(self, name: str) -> Any:
        """The smeared count of that name, or the plain aggregate."""
        return self.counts[name] if name in self.counts else getattr(self.plain, name)


def space_of(
    sample: Sample,
    features: Sequence[Feature],
    coordinates: Sequence[Coordinate],
    learned: Learned,
    aggregates: Aggregates,
) -> Space:
    """The customers of a sample as points, and how their ties are spread.

    Counts are made uneven before features are computed from them, because a rate of small counts lies on a lattice
    after any treatment; what is still tied is spread over its cells on the treated scale.

    Args:
        sample: n customers.
        features: Entries to cluster on.
        coordinates: Their axes, as clustered.
        learned: From the whole data; never learned again from smeared counts.
        aggregates: Of the sample's events, one row per customer.
    """
    values = values_of(sample, features, aggregates, learned)
    counted = {entry.name: entry for entry in features if in_memory(entry)}

    def smear(rng: np.random.Generator) -> Floats:
        uneven = smear_counts(aggregates, learned, rng)
        columns = []
        for axis in coordinates:
            column = treat(values[axis.feature], axis, learned)
            if axis.feature in counted:
                value = evaluate(counted[axis.feature], cast("Aggregates", uneven), learned)
                column = _where_defined(values[axis.feature], value, column, axis, learned)
            columns.append(spread(column, rng) if _is_tied(column) else column)
        return np.stack(columns, axis=1) if columns else np.zeros((sample.customers, 0))

    z = standardise_values(values, coordinates, learned)
    return Space(z=z, smear=smear, tied=bool(counted) or any(_is_tied(column) for column in z.T))


def smear_counts(aggregates: Aggregates, learned: Learned, rng: np.random.Generator) -> Smeared:
    """Add a random number between -1/2 and 1/2 to every count; a 0 goes down only so far that 0 + prior is above 0.

    The zeros are spread evenly from there to 1/2. Pressing only their lower half together makes a ridge at 0: with it,
    customers who differ widely in how much they burn had two hills in counts in 7 of 25 draws, without it in none.
    """
    priors = {
        "transaction_count": learned.claims_prior[0],
        "coupons_burnt": min(learned.burn_rate_prior[0], learned.burn_rate_mature_prior[0]),
        "order_count": learned.orders_prior[0],
    }
    counts = {}
    for name in _counted(aggregates):
        count = getattr(aggregates, name)
        jitter = rng.random(len(count)) - 0.5
        deepest = min(0.5, 0.99 * priors.get(name, 0.5))
        from_zero = (jitter + 0.5) * (0.5 + deepest) - deepest
        counts[name] = count + np.where(np.asarray(count) == 0, from_zero, jitter)
    if "order_count" in counts:  # spend moves with the number of orders, so that the value of an order stays
        orders = np.asarray(aggregates.order_count)
        counts["total_spend"] = aggregates.total_spend * np.where(
            orders > 0, np.asarray(counts["order_count"]) / np.maximum(orders, 1.0), 1.0
        )
    return Smeared(aggregates, {**counts, "recency": events_since(aggregates, rng)})


def _counted(aggregates: Aggregates) -> tuple[str, ...]:
    """The counts there are."""
    events = aggregates.events
    return (*(COUPON_COUNTS if events.has_coupons else ()), *(ORDER_COUNTS if len(events.orders) else ()))


def events_since(aggregates: Aggregates, rng: np.random.Generator) -> Floats:
    """Days since the last claim or order, measured by how many all customers made since, at their mean pace.

    A shop that hands out coupons on a few days makes customers look grouped by those days. In the time in which its
    coupons come evenly, they are not: a day counts for as much as was claimed on it, and the claims of one day are
    spread over it (the time change of point processes). On an even calendar it is the recency in days.
    """
    events = aggregates.events
    days = events.days
    first = int(days.min()) if len(days) else events.as_of
    per_day = np.bincount(days - first).astype(np.float64) if len(days) else np.zeros(1)
    later = per_day[::-1].cumsum()[::-1] - per_day
    pace = per_day.sum() / (events.as_of - first + 1)
    last = np.fmax(np.asarray(aggregates.last_claim), np.asarray(aggregates.last_order))
    day = np.where(np.isfinite(last), last - first, 0).astype(np.int64)
    since: Floats = np.where(
        np.isfinite(last), (later[day] + rng.random(len(day)) * per_day[day]) / max(pace, 1e-9), np.nan
    )
    return since


def _where_defined(plain: Floats, uneven: Floats, treated: Floats, axis: Coordinate, learned: Learned) -> Floats:
    """The treated uneven values; where either is undefined, or has no logarithm, the treated plain one."""
    lowest = {"log": 0.0, "log1p": -1.0, "logit": 0.0}.get(axis.treatment, -np.inf)
    highest = 1.0 if axis.treatment == "logit" else np.inf
    usable = np.isfinite(plain) & np.isfinite(uneven) & (uneven > lowest) & (uneven < highest)
    column = treated.copy()
    column[usable] = treat(uneven[usable], axis, learned)
    return column


def plain_space(x: Floats) -> Space:
    """Numbers (n, d) that come from no events: the ties of each column are spread over its cells."""
    x = np.asarray(x, dtype=np.float64)
    sd = x.std(axis=0)
    kept = sd > 0
    z: Floats = (x[:, kept] - x[:, kept].mean(axis=0)) / sd[kept]
    tied = [_is_tied(column) for column in z.T]

    def smear(rng: np.random.Generator) -> Floats:
        columns = [spread(column, rng) if ties else column for column, ties in zip(z.T, tied, strict=True)]
        return np.stack(columns, axis=1) if columns else z

    return Space(z=z, smear=smear, tied=any(tied))


def spread(column: Floats, rng: np.random.Generator) -> Floats:
    """Spread each different value (n,) evenly over its cell: half way to its neighbours, symmetric at both ends.

    Example:
        >>> spread(np.array([0.0, 0.0, 2.0]), np.random.default_rng(1)).round(1).tolist()
        [0.0, 0.9, 1.3]
    """
    value, place = np.unique(column, return_inverse=True)
    if len(value) < 2:
        return column
    middle = (value[1:] + value[:-1]) / 2
    low = np.concatenate(([2 * value[0] - middle[0]], middle))
    high = np.concatenate((middle, [2 * value[-1] - middle[-1]]))
    out: Floats = low[place] + (high - low)[place] * rng.random(len(column))
    return out


def _is_tied(column: Floats) -> bool:
    return len(np.unique(column)) < len(column)
