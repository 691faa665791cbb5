"""Are customers really different? Split-half reliability of each feature, against events handed out by chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coterie.clustering import Floats, Labels, generator
from coterie.evidence.chance import Chance
from coterie.evidence.contract import ATTRIBUTE, TOGETHER, Reliability
from coterie.evidence.sample import in_memory
from coterie.features import Aggregates, Events, Feature, Learned, evaluate, raw

if TYPE_CHECKING:
    from numpy.typing import NDArray

SPLITS = 20
BOOTSTRAPS = 200
DRAWS = 199
CHANCE = 0.02
"""A value that chance reaches more often than this is not called real."""
FEWEST = 50
"""Customers in whom both halves are defined, below which nothing can be told."""

# Splits of each draw by chance; the observed value is compared as an average over as many.
_SPLITS_BY_CHANCE = 4
# Splits counted together: more do not fit in the processor's cache.
_AT_ONCE = 4
# Most customers handed coupons by chance; more tell nothing more.
_CUSTOMERS_BY_CHANCE = 2_000


def judge_reliability(
    events: Events, features: Sequence[Feature], learned: Learned, seed: int
) -> tuple[Reliability, ...]:
    """Say of each feature whether customers differ in it by more than luck.

    Each coupon and each order goes to one of two halves by an independent coin, 20 times; the feature of both halves,
    without priors and on the scale it is clustered on, is correlated over the customers in whom it is defined in both
    (a rate needs an event in each, and so does money; a count may be 0), averaged, and stepped up once
    (Spearman-Brown). The interval is from 200 bootstraps of customers over all splits together; p from 199 draws in
    which events go to customers in proportion to exposure^beta, each at the same place within the time of its customer,
    or, for rates, burns to coupons and amounts to orders, whoever holds them.

    Args:
        events: Of the sample.
        features: Any entries; those that are no numbers computed from events do not apply.
        learned: beta and burn curve.
        seed: Of the splits.

    Returns:
        One each, in order; `used` is true for all and is for the caller to say.
    """
    judged = [entry for entry in features if _applies(entry)]
    plain = raw(learned)
    since = np.asarray(Aggregates(events, learned.burn_curve).start)
    halves, held = _halves_of(events, judged, plain, since, seed)
    by_chance = _by_chance(events, judged, plain, since, seed)
    return tuple(
        _judge(
            entry,
            halves[:, judged.index(entry)],
            by_chance[entry.name],
            held[_source(entry)],
            learned,
            seed,
            events.nouns,
        )
        if _applies(entry)
        else Reliability(entry.name, None, None, None, None, 0, real=None, used=True, note=_why_not(entry))
        for entry in features
    )


def spearman_brown(r: Floats | float) -> Floats:
    """Reliability of the whole from the correlation of its halves: 2r / (1 + r).

    Example:
        >>> float(spearman_brown(0.5))
        0.6666666666666666
    """
    kept = np.maximum(np.asarray(r), -0.99)  # at -1, where all got the same, it has no bottom
    return np.asarray(2.0 * kept / (1.0 + kept))


def _judge(
    feature: Feature,
    halves: Floats,
    by_chance: tuple[float, Floats],
    held: int,
    learned: Learned,
    seed: int,
    nouns: str,
) -> Reliability:
    customers = int(np.median(np.isfinite(halves[0]).sum(axis=1)))
    if feature.name in learned.alike and held >= FEWEST:
        return Reliability(feature.name, 0.0, 0.0, 0.0, 1.0, held, real=False, used=True, note=ALIKE)
    r = float(_correlations(halves[:, None])[0])
    if min(customers, held) >= FEWEST and not np.isfinite(r):  # the same in every customer, as "100% burnt" is
        return Reliability(feature.name, 0.0, 0.0, 0.0, 1.0, held, real=False, used=True, note=ALIKE)
    if min(customers, held) < FEWEST:
        note = f"Cannot be judged: {_how_many(min(customers, held), nouns)}, and {FEWEST} are needed."
        return Reliability(feature.name, None, None, None, None, customers, real=None, used=True, note=note)
    low, high = (float(value) for value in spearman_brown(_interval(halves, seed)))
    observed, chance = by_chance
    chance = chance[np.isfinite(chance)]
    p = float((1 + (chance >= observed).sum()) / (1 + len(chance)))
    real = low > 0 and p <= CHANCE
    # A value below 0 is told as 0; its interval holds what is told, and ends where the scale does.
    low, high = max(low, -1.0), max(high, 0.0) if r < 0 else high
    planned = r < 0 and len(chance) > 0 and observed < np.quantile(chance, 0.05)
    return Reliability(
        feature=feature.name,
        value=max(float(spearman_brown(r)), 0.0),
        low=low,
        high=high,
        p=p,
        customers=customers,
        real=real,
        used=True,
        note=PLANNED if planned else "" if real else LUCK,
    )


ALIKE = "Customers do not differ in it."
LUCK = "Customers do not differ in it by more than luck."
PLANNED = "Handed out by plan, not by customer: everybody got about the same."


def _applies(feature: Feature) -> bool:
    return in_memory(feature) and feature.by_chance != "nothing"


def _why_not(feature: Feature) -> str:
    """Why it does not apply; of the rhythm it is only the days since joining that do not."""
    return TOGETHER if feature.family in ("coupons", "orders", "breadth") else ATTRIBUTE


def _how_many(customers: int, nouns: str) -> str:
    if customers == 0:
        return f"no customer has {nouns} enough to compare two halves"
    return f"only {customers} customer{'s have' if customers > 1 else ' has'} {nouns} enough to compare two halves"


def _source(feature: Feature) -> str:
    """Which events it is counted from."""
    return {"coupons": "coupons", "breadth": "coupons", "orders": "orders"}.get(feature.family, "all")


@dataclass(frozen=True)
class _Coins:
    """The half, 0 or 1, of each coupon, order and returned line in several splits, (splits, how many) each."""

    coupons: Labels
    orders: Labels
    returns: Labels

    @staticmethod
    def tossed(events: Events, rng: np.random.Generator, splits: int) -> _Coins:
        orders = events.orders
        # Without orders there are no coins for their returns either.
        sizes = (len(events.claimed), len(orders), len(orders.returned) if len(orders) else 0)
        coins = [[rng.integers(0, 2, size) for size in sizes] for _ in range(splits)]
        return _Coins(*(np.stack(kind) for kind in zip(*coins, strict=True)))


def _halves_of(
    events: Events, features: Sequence[Feature], plain: Learned, since: Floats, seed: int
) -> tuple[Floats, dict[str, int]]:
    """The features in both halves, (2, features, splits, n).

    And of coupons, orders and all how many customers typically have one in each.
    """
    rng = generator(seed, 31)
    found = []
    held: dict[str, list[int]] = {"coupons": [], "orders": [], "all": []}
    for _ in range(SPLITS // _AT_ONCE):
        coins = _Coins.tossed(events, rng, _AT_ONCE)
        found.append(_split(events, features, plain, since, coins))
        for coupons, orders in zip(coins.coupons, coins.orders, strict=True):
            held["coupons"].append(_in_both(events.customer, coupons, events.customers))
            held["orders"].append(_in_both(events.orders.customer, orders, events.customers))
            held["all"].append(_in_both(events.who, np.concatenate([coupons, orders]), events.customers))
    return np.concatenate(found, axis=2), {name: int(np.median(counts)) for name, counts in held.items()}


def _in_both(customer: Labels, coin: Labels, customers: int) -> int:
    there = np.bincount(customer * 2 + coin, minlength=2 * customers).reshape(-1, 2) > 0
    return int(there.all(axis=1).sum())


def _split(events: Events, features: Sequence[Feature], plain: Learned, since: Floats, coins: _Coins) -> Floats:
    """The treated features in both halves of some splits, (2, features, splits, n); NaN in both where either lacks it.

    Customers without an event, whom only chance makes, are left out: there are none in the sample either, which sets
    the halves of few events against each other.
    """
    shape = (len(coins.coupons), events.customers, 2)
    halves = Aggregates(
        events,
        plain.burn_curve,
        part=coins.coupons,
        parts=2,
        ways=len(coins.coupons),
        since=since,
        order_part=coins.orders,
        return_part=coins.returns,
    )
    counted = np.asarray(halves.transaction_count + halves.order_count).reshape(shape) > 0
    active = counted[..., 0] | counted[..., 1]
    found = np.empty((2, len(features), *shape[:2]))
    for place, entry in enumerate(features):
        value = evaluate(entry, halves, plain)
        if entry.unit == "money":  # who ordered once has all of it in one half, and nothing has no place on a log scale
            value = np.where(halves.order_count > 0, value, np.nan)
        pair = _treated(value, entry.treatment).reshape(shape)
        there = active & np.isfinite(pair[..., 0]) & np.isfinite(pair[..., 1])
        found[:, place] = np.where(there, np.moveaxis(pair, 2, 0), np.nan)
    return found


def _treated(values: Floats, treatment: str) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        match treatment:
            case "log":
                return np.log(values)
            case "log1p":
                return np.log1p(values)
            case "logit":
                return np.log(values / (1.0 - values))
    return values


def _by_chance(
    events: Events, features: Sequence[Feature], plain: Learned, since: Floats, seed: int
) -> dict[str, tuple[float, Floats]]:
    """Feature -> its correlation in a few splits, and (draws,) the same where only chance hands out what it counts."""
    rng = generator(seed, 32)
    if events.customers > _CUSTOMERS_BY_CHANCE:
        some = np.sort(rng.permutation(events.customers)[:_CUSTOMERS_BY_CHANCE])
        events, since = events.of(some), since[some]

    def correlations(these: Events, entries: Sequence[Feature]) -> dict[str, float]:
        halves = _split(these, entries, plain, since, _Coins.tossed(these, rng, _SPLITS_BY_CHANCE))
        return dict(zip((entry.name for entry in entries), _correlations(halves).tolist(), strict=True))

    observed = correlations(events, features)
    drawn: dict[str, list[float]] = {entry.name: [] for entry in features}
    chance = Chance(events, since, plain.exposure_power, plain.orders_power)
    by_kind = {kind: [entry for entry in features if entry.by_chance == kind] for kind in chance.kinds}
    for _ in range(DRAWS):
        for kind, entries in by_kind.items():
            if entries:
                for name, value in correlations(chance.deal(kind, rng), entries).items():
                    drawn[name].append(value)
    return {entry.name: (observed[entry.name], np.array(drawn[entry.name])) for entry in features}


def _interval(halves: Floats, seed: int) -> Floats:
    """2.5 % and 97.5 % points of the mean correlation of halves (2, splits, n) over customers drawn again."""
    n = halves.shape[2]
    weight = generator(seed, 33).multinomial(n, np.full(n, 1.0 / n), size=BOOTSTRAPS).astype(np.float64)
    there = np.isfinite(halves[0])
    a, b = _centred(halves[:, None], there[None])[:, 0]
    columns = np.stack([there.astype(np.float64), a, b, a * a, b * b, a * b], axis=2)
    means = _mean_r(np.einsum("wn,snc->csw", weight, columns, optimize=True), there.sum(axis=1)[:, None])
    return np.quantile(means[np.isfinite(means)], [0.025, 0.975])


def _correlations(halves: Floats) -> Floats:
    """(f,) mean over splits of the correlation of the halves (2, f, splits, n); NaN where it is defined in none."""
    there = np.isfinite(halves[0])
    a, b = _centred(halves, there)
    customers = there.sum(axis=2)
    products = [np.einsum("fsn,fsn->sf", one, other) for one, other in ((a, a), (b, b), (a, b))]
    return _mean_r((customers.T, a.sum(axis=2).T, b.sum(axis=2).T, *products), customers.T)


def _centred(halves: Floats, there: NDArray[np.bool_]) -> Floats:
    """The halves (2, f, splits, n) less the mean of each feature, 0 where they are not there."""
    filled = np.where(there, halves, 0.0)
    centre = filled.sum(axis=(0, 2, 3)) / np.maximum(2 * there.sum(axis=(1, 2)), 1)
    return np.where(there, filled - centre[:, None, None], 0.0)


def _mean_r(sums: Sequence[Floats], customers: Labels) -> Floats:
    """(w,) mean over splits of Pearson's r, from the sums of 1, a, b, aa, bb and ab, (splits, w) each."""
    n, a, b, aa, bb, ab = sums
    with np.errstate(divide="ignore", invalid="ignore"):
        r = (ab - a * b / n) / np.sqrt((aa - a * a / n) * (bb - b * b / n))
    usable = np.logical_and(np.isfinite(r), customers >= 3)
    filled = np.sum(usable, axis=0)
    return np.where(filled > 0, np.where(usable, r, 0.0).sum(axis=0) / np.maximum(filled, 1), np.nan)
