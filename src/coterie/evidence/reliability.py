"""Are customers really different? Split-half reliability of each feature, against events handed out by chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from coterie.clustering import Floats, Labels, generator
from coterie.evidence.chance import Chance
from coterie.evidence.contract import ATTRIBUTE, Reliability
from coterie.evidence.sample import in_memory
from coterie.features import Aggregates, Events, Feature, Learned, evaluate, raw

SPLITS = 20
BOOTSTRAPS = 200
DRAWS = 199
CHANCE = 0.02
"""A value that chance reaches more often than this is not called real."""
FEWEST = 50
"""Customers in whom both halves are defined, below which nothing can be told."""

# Splits of each draw by chance; the observed value is compared as an average over as many.
_SPLITS_BY_CHANCE = 4
# Most customers handed coupons by chance; more tell nothing more.
_CUSTOMERS_BY_CHANCE = 2_000


@dataclass(frozen=True)
class _Halves:
    """One feature in both halves of several splits, (splits, n) each; NaN where either half does not have it."""

    one: Floats
    other: Floats

    def correlation(self) -> float:
        """Mean over splits; NaN where it is defined in none."""
        return float(_mean_r(*_sums(self, np.ones((1, self.one.shape[1]))))[0])


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
        _judge(entry, halves[entry.name], by_chance[entry.name], held[_source(entry)], learned, seed, events.nouns)
        if _applies(entry)
        else Reliability(entry.name, None, None, None, None, 0, real=None, used=True, note=ATTRIBUTE)
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
    halves: _Halves,
    by_chance: tuple[float, Floats],
    held: int,
    learned: Learned,
    seed: int,
    nouns: str,
) -> Reliability:
    customers = int(np.median(np.isfinite(halves.one).sum(axis=1)))
    if feature.name in learned.alike and held >= FEWEST:
        return Reliability(feature.name, 0.0, 0.0, 0.0, 1.0, held, real=False, used=True, note=ALIKE)
    r = halves.correlation()
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


def _how_many(customers: int, nouns: str) -> str:
    if customers == 0:
        return f"no customer has {nouns} enough to compare two halves"
    return f"only {customers} customer{'s have' if customers > 1 else ' has'} {nouns} enough to compare two halves"


def _source(feature: Feature) -> str:
    """Which events it is counted from."""
    return {"coupons": "coupons", "breadth": "coupons", "orders": "orders"}.get(feature.family, "all")


@dataclass(frozen=True)
class _Coins:
    """The half, 0 or 1, of each coupon, order and returned line."""

    coupons: Labels
    orders: Labels
    returns: Labels

    @staticmethod
    def tossed(events: Events, rng: np.random.Generator) -> _Coins:
        coupons = rng.integers(0, 2, len(events.claimed))
        if not len(events.orders):
            return _Coins(coupons, *_NO_COINS)
        orders = rng.integers(0, 2, len(events.orders))
        return _Coins(coupons, orders, rng.integers(0, 2, len(events.orders.returned)))


_NO_COINS = (np.zeros(0, dtype=np.int64),) * 2


def _halves_of(
    events: Events, features: Sequence[Feature], plain: Learned, since: Floats, seed: int
) -> tuple[dict[str, _Halves], dict[str, int]]:
    """Each feature in both halves; and of coupons, orders and all how many customers typically have one in each."""
    rng = generator(seed, 31)
    splits: list[dict[str, Floats]] = []
    held: dict[str, list[int]] = {"coupons": [], "orders": [], "all": []}
    for _ in range(SPLITS):
        coins = _Coins.tossed(events, rng)
        splits.append(_split(events, features, plain, since, coins))
        coupons = _in_both(events.customer, coins.coupons, events.customers)
        orders = _in_both(events.orders.customer, coins.orders, events.customers)
        every = _in_both(events.who, np.concatenate([coins.coupons, coins.orders]), events.customers)
        for name, count in (("coupons", coupons), ("orders", orders), ("all", every)):
            held[name].append(count)
    found = {entry.name: _together([split[entry.name] for split in splits]) for entry in features}
    return found, {name: int(np.median(counts)) for name, counts in held.items()}


def _in_both(customer: Labels, coin: Labels, customers: int) -> int:
    there = np.bincount(customer * 2 + coin, minlength=2 * customers).reshape(-1, 2) > 0
    return int(there.all(axis=1).sum())


def _split(
    events: Events, features: Sequence[Feature], plain: Learned, since: Floats, coins: _Coins
) -> dict[str, Floats]:
    """Feature -> (n, 2) its treated value in both halves; NaN in both where either half lacks it.

    Customers without an event, whom only chance makes, are left out: there are none in the sample either, which sets
    the halves of few events against each other.
    """
    halves = Aggregates(
        events,
        plain.burn_curve,
        part=coins.coupons,
        parts=2,
        since=since,
        order_part=coins.orders,
        return_part=coins.returns,
    )
    counted = np.asarray(halves.transaction_count + halves.order_count)
    active = np.any(counted.reshape(-1, 2) > 0, axis=1, keepdims=True)
    found = {}
    for entry in features:
        value = evaluate(entry, halves, plain)
        if entry.unit == "money":  # who ordered once has all of it in one half, and nothing has no place on a log scale
            value = np.where(halves.order_count > 0, value, np.nan)
        pair = _treated(value, entry.treatment).reshape(-1, 2)
        found[entry.name] = np.where(active & np.all(np.isfinite(pair), axis=1, keepdims=True), pair, np.nan)
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


def _together(splits: Sequence[Floats]) -> _Halves:
    pairs = np.stack(splits)
    return _Halves(pairs[:, :, 0], pairs[:, :, 1])


def _by_chance(
    events: Events, features: Sequence[Feature], plain: Learned, since: Floats, seed: int
) -> dict[str, tuple[float, Floats]]:
    """Feature -> its correlation in a few splits, and (draws,) the same where only chance hands out what it counts."""
    rng = generator(seed, 32)
    if events.customers > _CUSTOMERS_BY_CHANCE:
        some = np.sort(rng.permutation(events.customers)[:_CUSTOMERS_BY_CHANCE])
        events, since = events.of(some), since[some]

    def correlations(these: Events, entries: Sequence[Feature]) -> dict[str, float]:
        coins = [_Coins.tossed(these, rng) for _ in range(_SPLITS_BY_CHANCE)]
        splits = [_split(these, entries, plain, since, coin) for coin in coins]
        return {entry.name: _together([split[entry.name] for split in splits]).correlation() for entry in entries}

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


def _interval(halves: _Halves, seed: int) -> Floats:
    """2.5 % and 97.5 % points of the mean correlation over customers drawn again."""
    n = halves.one.shape[1]
    weight = generator(seed, 33).multinomial(n, np.full(n, 1.0 / n), size=BOOTSTRAPS).astype(np.float64)
    means = _mean_r(*_sums(halves, weight))
    return np.quantile(means[np.isfinite(means)], [0.025, 0.975])


def _sums(halves: _Halves, weight: Floats) -> tuple[Floats, Labels]:
    """For each weighting (w, n): (w, splits, 6) sums of 1, a, b, aa, bb, ab; and (splits,) customers."""
    there = np.isfinite(halves.one)
    a, b = (np.where(there, side, 0.0) for side in (halves.one, halves.other))
    centre = (a.sum() + b.sum()) / max(2 * there.sum(), 1)
    a, b = np.where(there, a - centre, 0.0), np.where(there, b - centre, 0.0)
    columns = np.stack([there.astype(np.float64), a, b, a * a, b * b, a * b], axis=2)
    return np.einsum("wn,snc->wsc", weight, columns, optimize=True), there.sum(axis=1)


def _mean_r(sums: Floats, customers: Labels) -> Floats:
    """(w,) mean over splits of Pearson's r."""
    n, a, b, aa, bb, ab = np.moveaxis(sums, 2, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        r = (ab - a * b / n) / np.sqrt((aa - a * a / n) * (bb - b * b / n))
    usable = np.logical_and(np.isfinite(r), customers >= 3)
    filled = np.sum(usable, axis=1)
    return np.where(filled > 0, np.where(usable, r, 0.0).sum(axis=1) / np.maximum(filled, 1), np.nan)
