"""Are customers really different? Split-half reliability of each feature, against coupons handed out by chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from coterie.clustering import Floats, Labels, generator
from coterie.evidence.contract import Reliability
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

    Each coupon goes to one of two halves by an independent coin, 20 times; the feature of both halves, without priors
    and on the scale it is clustered on, is correlated over the customers in whom it is defined in both (a rate needs a
    coupon in each, a count may be 0), averaged, and stepped up once (Spearman-Brown). The interval is from 200
    bootstraps of customers over all splits together; p from 199 draws in which coupons go to customers in proportion to
    exposure^beta, each at the same place within the time of its customer, or, for rates, burns to coupons, whoever
    holds them.

    Args:
        events: Coupons of the sample.
        features: Any entries; those that are no numbers computed from coupons do not apply.
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
        _judge(entry, halves[entry.name], by_chance[entry.name], held, learned, seed)
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
    feature: Feature, halves: _Halves, by_chance: tuple[float, Floats], held: int, learned: Learned, seed: int
) -> Reliability:
    customers = int(np.median(np.isfinite(halves.one).sum(axis=1)))
    if feature.name in learned.alike and held >= FEWEST:
        return Reliability(feature.name, 0.0, 0.0, 0.0, 1.0, held, real=False, used=True, note=ALIKE)
    r = halves.correlation()
    if min(customers, held) >= FEWEST and not np.isfinite(r):  # the same in every customer, as "100% burnt" is
        return Reliability(feature.name, 0.0, 0.0, 0.0, 1.0, held, real=False, used=True, note=ALIKE)
    if min(customers, held) < FEWEST:
        note = f"Cannot be judged: {_how_many(min(customers, held))}, and {FEWEST} are needed."
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
ATTRIBUTE = "Not applicable: it is known of customers, not counted from their coupons."


def _applies(feature: Feature) -> bool:
    return in_memory(feature) and feature.by_chance != "nothing"


def _how_many(customers: int) -> str:
    if customers == 0:
        return "no customer has it in both halves of their coupons"
    return f"only {customers} customer{'s have' if customers > 1 else ' has'} it in both halves of their coupons"


def _halves_of(
    events: Events, features: Sequence[Feature], plain: Learned, since: Floats, seed: int
) -> tuple[dict[str, _Halves], int]:
    """Each feature in both halves, and how many customers typically have a coupon in each."""
    rng = generator(seed, 31)
    splits, held = [], []
    for _ in range(SPLITS):
        coin = rng.integers(0, 2, len(events.claimed))
        splits.append(_split(events, features, plain, since, coin))
        there = np.bincount(events.customer * 2 + coin, minlength=2 * events.customers).reshape(-1, 2) > 0
        held.append(int(there.all(axis=1).sum()))
    found = {entry.name: _together([split[entry.name] for split in splits]) for entry in features}
    return found, int(np.median(held))


def _split(
    events: Events, features: Sequence[Feature], plain: Learned, since: Floats, coin: Labels
) -> dict[str, Floats]:
    """Feature -> (n, 2) its treated value in both halves; NaN in both where either half lacks it.

    Customers without a coupon, whom only chance makes, are left out: there are none in the sample either, which sets
    the halves of few coupons against each other.
    """
    halves = Aggregates(events, plain.burn_curve, part=coin, parts=2, since=since)
    active = np.any(halves.transaction_count.reshape(-1, 2) > 0, axis=1, keepdims=True)
    found = {}
    for entry in features:
        pair = _treated(evaluate(entry, halves, plain), entry.treatment).reshape(-1, 2)
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
    coupons = [entry for entry in features if entry.by_chance == "coupons"]
    burns = [entry for entry in features if entry.by_chance == "burns"]

    def correlations(these: Events, entries: Sequence[Feature]) -> dict[str, float]:
        coins = rng.integers(0, 2, (_SPLITS_BY_CHANCE, len(these.claimed)))
        splits = [_split(these, entries, plain, since, coin) for coin in coins]
        return {entry.name: _together([split[entry.name] for split in splits]).correlation() for entry in entries}

    observed = correlations(events, features)
    drawn: dict[str, list[float]] = {entry.name: [] for entry in features}
    share = np.cumsum(np.nan_to_num((events.as_of - since + 1.0).clip(1.0)) ** plain.exposure_power)
    for _ in range(DRAWS):
        found = correlations(_given_by_chance(events, since, share, rng), coupons) if coupons else {}
        found |= correlations(_burnt_by_chance(events, rng), burns) if burns else {}
        for name, value in found.items():
            drawn[name].append(value)
    return {entry.name: (observed[entry.name], np.array(drawn[entry.name])) for entry in features}


def _given_by_chance(events: Events, since: Floats, share: Floats, rng: np.random.Generator) -> Events:
    """The same coupons, each given to a customer in proportion to exposure^beta.

    A coupon keeps its place between the start of its customer and the last day, so that those who came late hold late
    coupons by chance too.
    """
    if not len(events.claimed):
        return events
    luck = rng.random(len(events.claimed)) * share[-1]
    customer = np.minimum(np.searchsorted(share, luck, side="right"), len(share) - 1)
    length = np.maximum(events.as_of - since, 0.0)
    before, after = length[events.customer], length[customer]
    place = np.where(before > 0, (events.claimed - since[events.customer]) / np.where(before > 0, before, 1.0), 0.5)
    claimed = np.rint(since[customer] + np.clip(place, 0.0, 1.0) * after).astype(np.int64)
    order = np.argsort(claimed, kind="stable")
    moved = replace(events, customer=customer, claimed=claimed, burnt=claimed + (events.burnt - events.claimed))
    return replace(
        moved,
        customer=customer[order],
        claimed=claimed[order],
        status=events.status[order],
        burnt=moved.burnt[order],
        branch=events.branch[order],
        merchant=events.merchant[order],
    )


def _burnt_by_chance(events: Events, rng: np.random.Generator) -> Events:
    """The same coupons of the same customers, with what became of them shuffled."""
    order = rng.permutation(len(events.claimed))
    waited = (events.burnt - events.claimed)[order]
    return replace(
        events,
        status=events.status[order],
        burnt=events.claimed + waited,
        branch=events.branch[order],
        merchant=events.merchant[order],
    )


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
