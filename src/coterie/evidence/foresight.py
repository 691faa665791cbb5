"""Do the differences last? Segments from what was known at a cut, and what their customers did after it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from coterie.clustering import Floats, Labels, generator
from coterie.evidence.at_cut import AtCut, Prune, Refit, segments_at_cut
from coterie.evidence.contract import Baselines, Foresight, Later
from coterie.evidence.cut import choose_cut, cut_asked, date_of, said, why_undated
from coterie.evidence.groupings import (
    best_column,
    equal_groups,
    eta_squared,
    fifths,
    interval,
    lift_draws,
    lifts,
    rfm,
    shuffled,
)
from coterie.evidence.outcomes import Outcome, burns, claimed_after, claims, outcome_named
from coterie.evidence.pairing import Pairing, pair
from coterie.evidence.sample import Sample
from coterie.features import Feature

Delivered = Callable[[Sample], Labels]
"""From customers as they were known at an earlier day to the delivered segment, from 0, each would have been placed in;
-1 for none."""

DRAWS = 499
"""Permutations."""
CHANCE = 0.02
"""A difference that chance reaches more often than this is not called lasting."""
BOOTSTRAPS = 2_000
RANDOM = 200
"""Random groupings."""
SAME = 0.5
"""Least overlap at which a segment found at the cut is taken for the delivered one."""
FEWEST_LATER = 30
"""Customers with something to count after the cut below which nothing can be told."""


def judge_foresight(
    sample: Sample,
    features: Sequence[Feature],
    delivered: Delivered,
    k: int,
    *,
    seed: int,
    cut: dt.date | None = None,
    outcome: str | None = None,
    prune: Prune | None = None,
    refit: Refit | None = None,
) -> Foresight:
    """Say whether the segments would have told, at an earlier day, what customers did after it.

    The segments are found again from what was known at the cut and compared in what their customers did with coupons
    claimed, or in orders made, after it. Each is paired with the delivered segment into which most of its customers
    would have been placed that day: where they stand today is part of what came later, and a segment stays the same
    when customers leave it for another. Lasting: chance explains as much at most 2 % of the time, where labels are
    dealt again within fifths of the date first seen; and the segment that led before the cut is above the mean of all
    after it.

    Args:
        sample: Customers with an event.
        features: Candidates to cluster on, before any is pruned.
        delivered: Places customers in the delivered segments. It names what was found at the cut.
        k: Delivered segments.
        seed: Of all that is random.
        cut: Last day to count as known; chosen if None.
        outcome: Of `OUTCOMES`; the first if None.
        prune: Leaves out features by what was known; None keeps all.
        refit: Clusters in place of K-Means.

    Raises:
        UsageError: There is no such outcome, or the cut is outside the data.
    """
    counted = outcome_named(outcome, coupons=sample.events.has_coupons, orders=len(sample.events.orders) > 0)
    day, reason = choose_cut(sample.events) if cut is None else cut_asked(sample.events, cut)
    if k < 2:
        reason = "Cannot be judged: there is only one segment, so there are no differences to follow."
    reason = reason or why_undated(sample.events)
    if reason or day is None:
        return _unjudged(reason, cut, counted)
    found = segments_at_cut(sample, features, k, seed=seed, cut=day, outcome=counted, prune=prune, refit=refit)
    if isinstance(found, str):
        return _unjudged(found, date_of(day), counted)
    after = claimed_after(sample.events.of(found.kept), day)
    later = _Followed(found, counted.count(after), claims(after), burns(after), k)
    some = int((later.outcome > 0).sum())
    if some < FEWEST_LATER:
        reason = (
            f"Cannot be judged: {some} of {len(found.kept):,} customers {counted.some} after {said(day)}, "
            f"and {FEWEST_LATER} are needed."
        )
        return _unjudged(reason, date_of(day), counted)
    as_placed = delivered(sample.narrowed(found.kept, found.sample.events))
    return _judge(later, pair(as_placed, found.segments, k), sample, date_of(day), counted, seed)


@dataclass(frozen=True)
class _Followed:
    """The customers followed, n in all: what was known, and what came after.

    `outcome` is NaN for customers in whom it is undefined; they are left out of its means.
    """

    at_cut: AtCut
    outcome: Floats
    claims: Floats
    burns: Floats
    k: int

    @property
    def group(self) -> Labels:
        """(n,) segment found at the cut 0..k-1; k for customers in none."""
        return np.where(self.at_cut.segments < 0, self.k, self.at_cut.segments)

    @property
    def there(self) -> Labels:
        """Customers in whom the outcome is defined."""
        return np.flatnonzero(np.isfinite(self.outcome))


@dataclass(frozen=True)
class _Lifts:
    """(k + 1,) lift of each group found at the cut, and (draws, k + 1) the same of customers drawn again."""

    lift: Floats
    drawn: Floats


def _judge(later: _Followed, pairing: Pairing, sample: Sample, cut: dt.date, outcome: Outcome, seed: int) -> Foresight:
    at_cut, k, there = later.at_cut, later.k, later.there
    group, value = later.group[there], later.outcome[there]
    compared = outcome.compared(value)
    eta2 = float(eta_squared(compared, group, k + 1))
    since = np.asarray(at_cut.aggregates.start)[there]
    by_chance = eta_squared(compared, shuffled(group, fifths(since), DRAWS, generator(seed, 61)), k + 1)
    # Sums in another order differ in the last digits; equal is equal.
    p = float((1 + (by_chance >= eta2 * (1 - 1e-9)).sum()) / (1 + DRAWS))
    found = _Lifts(
        lifts(value, group, k + 1),
        lift_draws(value, group, k + 1, BOOTSTRAPS, generator(seed, 62)),
    )
    lasting = p <= CHANCE and interval(found.drawn[:, at_cut.top], 0.95)[0] > 1
    return Foresight(
        cut=cut,
        outcome=outcome.name,
        top=pairing.delivered(at_cut.top) + 1,
        segments=tuple(_segment(later, pairing, found, place, lasting=lasting) for place in range(k)),
        eta2=eta2,
        baselines=_baselines(later, outcome, seed),
        p=p,
        lasting=lasting,
        customers=len(at_cut.kept),
        left_out=sample.customers - len(at_cut.kept),
        later=float(value.sum()),
    )


def _segment(later: _Followed, pairing: Pairing, found: _Lifts, place: int, *, lasting: bool) -> Later:
    """What became of one delivered segment, from 0."""
    refit, overlap = int(pairing.refit[place]), float(pairing.overlap[place])
    members = later.group == refit
    customers, lift = int(members.sum()), float(found.lift[refit])
    if overlap < SAME or np.isnan(lift):
        return Later(place + 1, None, None, None, customers, None, overlap)
    low, high = interval(found.drawn[:, refit], 0.95)
    least, most = interval(found.drawn[:, refit], 1 - 0.05 / later.k)
    coupons, burnt = float(later.claims[members].sum()), float(later.burns[members].sum())
    return Later(
        segment=place + 1,
        lift=lift,
        low=low,
        high=high,
        customers=customers,
        lasting=lasting and (least > 1 or most < 1),
        overlap=overlap,
        mean=float(np.nanmean(later.outcome[members])),
        claims=coupons / customers if later.at_cut.sample.events.has_coupons else None,
        burn_rate=burnt / coupons if coupons else None,
    )


def _baselines(later: _Followed, outcome: Outcome, seed: int) -> Baselines:
    at_cut, k, there = later.at_cut, later.k, later.there
    value = outcome.compared(later.outcome[there])
    # Chosen by what was counted: of ranks, the amount of the only order would be best where most order once.
    best = best_column(at_cut.z, outcome.count(at_cut.sample.events), k)
    same_sizes = shuffled(later.group[there], np.zeros(len(there), dtype=np.int64), RANDOM, generator(seed, 63))
    return Baselines(
        rfm=float(eta_squared(value, equal_groups(rfm(at_cut.aggregates).astype(np.float64), k)[there], k)),
        best_feature=float(eta_squared(value, equal_groups(at_cut.z[:, best], k)[there], k)),
        random=float(np.quantile(eta_squared(value, same_sizes, k + 1), 0.95)),
        feature=at_cut.coordinates[best].feature,
    )


def _unjudged(reason: str, cut: dt.date | None, outcome: Outcome) -> Foresight:
    return Foresight(cut, outcome.name, None, (), None, Baselines(None, None, None), None, None, reason)
