"""How well anybody could tell the planted groups apart: the true model itself, asked about every customer."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from coterie.tables.sample.columns import values_of
from coterie.tables.sample.groups import DAYS, LAST_DAY, Design, Group
from coterie.tables.sample.shop import Shop

Floats = np.ndarray[Any, np.dtype[np.float64]]
Ints = np.ndarray[Any, np.dtype[np.int64]]

GRID = 100
"""Burn probabilities at which the beta distribution is summed."""


def attainable_ari(shop: Shop) -> float:
    """Adjusted Rand index of the true groups with the guesses of the model that made the shop.

    The guess for a customer is the group of highest posterior probability given join date, day of the last claim,
    number of coupons and number burnt, with all parameters known (burns count as binomial with the mean chance that a
    coupon of this age has been burnt yet). Customers without a coupon are left out. No method that sees only these
    figures can be expected to do much better.

    Example:
        >>> from coterie.tables.sample import make_shop
        >>> attainable_ari(make_shop(customers=300, separation="wide")) > 0.95
        True
    """
    design = shop.design
    joined, last, coupons, burnt, chance = observed(shop, design)
    seen = coupons > 0
    scores = np.stack(
        [
            math.log(group.share)
            + log_joined(group, joined[seen])
            + log_quiet(group, joined[seen], last[seen])
            + log_coupons(group, design, coupons[seen], (last - joined)[seen] / 365.25)
            + log_burnt(group, coupons[seen], burnt[seen], chance[seen])
            for group in design.groups
        ]
    )
    names = [group.name for group in design.groups]
    truth = np.array([names.index(name) for name in shop.truth["group"].to_pylist() if name in names])
    return adjusted_rand_index(truth, scores.argmax(axis=0))


def observed(shop: Shop, design: Design) -> tuple[Ints, Ints, Ints, Ints, Floats]:
    """Per customer: join day, last claim, coupons, burnt, and the mean chance that a burn to come has come by now."""
    rows = shop.tables["transactions"]
    customer = values_of(rows["customer_id"]) - 1
    claimed = values_of(rows["transaction_date"]).astype(np.int64)
    burnt = np.array([status == "burnt" for status in rows["transaction_status"].to_pylist()], dtype=bool)
    joined = values_of(shop.tables["customers"]["join_date"]).astype(np.int64)
    size = len(joined)
    last = np.zeros(size, dtype=np.int64)
    np.maximum.at(last, customer, claimed)
    coupons = np.bincount(customer, minlength=size)
    scaled = (LAST_DAY - claimed + 1) / (design.days_to_burn / 2)
    by_now = 1 - np.exp(-scaled) * (1 + scaled)
    chance = np.bincount(customer, by_now, size) / np.maximum(coupons, 1)
    return joined, last, coupons, np.bincount(customer[burnt], minlength=size), chance


def log_joined(group: Group, joined: Ints) -> Floats:
    """Log probability of the join day."""
    first, final = group.joined
    return np.where((joined >= first) & (joined <= final), -math.log(final - first + 1), -np.inf)


def log_quiet(group: Group, joined: Ints, last: Ints) -> Floats:
    """Log probability of the day of the last claim, all of a longer silence falling on the join day."""

    def below(days: float) -> float:
        deviation = math.log(days / group.quiet) / group.quiet_sigma if days > 0 else -math.inf
        return 0.5 * (1 + math.erf(deviation / math.sqrt(2)))

    # The last day is the whole part of LAST_DAY - quiet: on day d for quiet in (LAST_DAY - d - 1, LAST_DAY - d].
    edges = np.array([below(days) for days in range(-1, DAYS + 1)])
    ago = LAST_DAY - last
    chance = np.where(last == joined, 1 - edges[ago], edges[ago + 1] - edges[ago])
    return np.log(np.maximum(chance, 1e-300))


def log_coupons(group: Group, design: Design, coupons: Ints, years: Floats) -> Floats:
    """Log probability of the number of coupons: 1 + gamma-Poisson, or for a steady design 1 + rounded gamma."""
    more = coupons - 1
    shape, mean = group.claims_shape, np.maximum(group.claims_per_year * years, 1e-9)
    if design.steady:  # the gamma of so high a shape is close to a normal; rounding at random adds 1/6
        variance = mean**2 / shape + 1 / 6
        return -0.5 * ((more - mean) ** 2 / variance + np.log(2 * math.pi * variance))
    factorial = np.array([math.lgamma(count + 1) for count in range(int(coupons.max()) + 1)])
    rising = np.array([math.lgamma(count + shape) - math.lgamma(shape) for count in range(int(coupons.max()) + 1)])
    share = mean / (mean + shape)
    result: Floats = rising[more] - factorial[more] + more * np.log(share) + shape * np.log1p(-share)
    return result


def log_burnt(group: Group, coupons: Ints, burnt: Ints, chance: Floats) -> Floats:
    """Log probability of the number burnt, up to a term that is the same for all groups."""
    a, b = group.burn * group.burn_weight, (1 - group.burn) * group.burn_weight
    p = (np.arange(GRID) + 0.5) / GRID
    weight = (a - 1) * np.log(p) + (b - 1) * np.log1p(-p)
    weight -= weight.max() + math.log(np.exp(weight - weight.max()).sum())
    total = np.full(len(coupons), -np.inf)
    for probability, log_weight in zip(p, weight, strict=True):
        each = probability * np.maximum(chance, 1e-9)
        total = np.logaddexp(total, log_weight + burnt * np.log(each) + (coupons - burnt) * np.log1p(-each))
    return total


def adjusted_rand_index(first: Ints, second: Ints) -> float:
    """Agreement of two groupings beyond chance (Hubert & Arabie 1985): 1 when equal, about 0 when unrelated."""
    table = np.zeros((int(first.max()) + 1, int(second.max()) + 1))
    np.add.at(table, (first, second), 1)

    def pairs(counts: Floats) -> float:
        return float((counts * (counts - 1) / 2).sum())

    together, rows, columns = pairs(table), pairs(table.sum(axis=1)), pairs(table.sum(axis=0))
    expected = rows * columns / max(pairs(np.array([table.sum()])), 1.0)
    most = (rows + columns) / 2
    return 1.0 if most == expected else (together - expected) / (most - expected)
