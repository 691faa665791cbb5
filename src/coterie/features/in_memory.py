"""The catalogue's own expressions over events in memory: one definition of every feature, two places to compute it.

Used where the same features are needed again and again from other events: halves of them, events handed out by chance,
what was known at an earlier day. A test holds both places equal.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, cast

import numpy as np

from coterie.features.aggregates import DAYS_A_YEAR
from coterie.features.arrays import Floats, Integers
from coterie.features.bg_nbd import Histories
from coterie.features.burn_curve import kaplan_meier
from coterie.features.column import Column
from coterie.features.contract import BurnCurveTable, Learned
from coterie.features.events import BURNT, EXPIRED, OPEN, Events
from coterie.features.expected import EXPECTED
from coterie.features.gamma_gamma import RepeatSales
from coterie.features.histories import WEEK
from coterie.features.learn import fit_burn_rates, fit_pace
from coterie.features.lifetime import fit_models
from coterie.features.lifetime_values import Lifetime
from coterie.features.orders_in_memory import OrdersCounted, different, row_of, there_of
from coterie.features.priors import ByExposure, Histogram
from coterie.features.rfm import SCORED, cuts_of
from coterie.rounding import round9
from coterie.tables.contract import MONEY

if TYPE_CHECKING:
    import ibis.expr.types as ir
    from numpy.typing import NDArray

    from coterie.features.contract import Feature


@dataclass(frozen=True)
class Aggregates(OrdersCounted):
    """Every aggregate of `aggregates.aggregate`, under the same names, counted when first asked for.

    Attributes:
        events: Whose.
        curve: The burn curve that expected burns are read from.
        part: (m,) which of several parts each event belongs to, or None for one part; with p parts there are p rows
            per customer, row customer * p + part. Events in part -1 belong to none. Or (w, m): w ways to part them,
            counted at once; there are w times the rows, those of the first way first.
        parts: p.
        ways: w.
        since: (n,) day from which each customer was exposed; from joining or the first event if None.
        order_part, return_part: (o,) and (r,) the same as `part` for orders and returned lines, or (w, o) and (w, r).
    """

    events: Events
    curve: BurnCurveTable
    part: Integers | None = None
    parts: int = 1
    ways: int = 1
    since: Floats | None = None
    order_part: Integers | None = None
    return_part: Integers | None = None

    @cached_property
    def transaction_count(self) -> Column:
        return self._count(None)

    @cached_property
    def coupons_claimed(self) -> Column:
        return self._count(self.events.at(OPEN))

    @cached_property
    def coupons_burnt(self) -> Column:
        return self._count(self.events.at(BURNT))

    @cached_property
    def coupons_expired(self) -> Column:
        return self._count(self.events.at(EXPIRED))

    @cached_property
    def first_claim(self) -> Column:
        return self._last(self.events.claimed.astype(np.float64), backwards=True)

    @cached_property
    def last_claim(self) -> Column:
        return self._last(self.events.claimed.astype(np.float64))

    @cached_property
    def last_burn(self) -> Column:
        latest = np.full(self.rows, -np.inf)
        dated = np.flatnonzero(np.isfinite(self.events.burnt))
        rows, days = there_of(self._row[:, dated], self.events.burnt[dated])
        np.maximum.at(latest, rows, days)
        return np.where(np.isfinite(latest), latest, np.nan).view(Column)

    @cached_property
    def days_to_burn_sum(self) -> Column:
        return self._sum(self._days_to_burn)

    @cached_property
    def days_to_burn_count(self) -> Column:
        return self._count(np.flatnonzero(np.isfinite(self.events.burnt)))

    @cached_property
    def age_sum(self) -> Column:
        return self._sum((self.events.as_of - self.events.claimed).astype(np.float64))

    @cached_property
    def expected_burns(self) -> Column:
        if self.curve.plateau <= 0:
            return np.zeros(self.rows).view(Column)
        share = np.array(self.curve.share) / self.curve.plateau
        age = np.minimum(self.events.as_of - self.events.claimed, len(share) - 1)
        return self._sum(share[age])

    @cached_property
    def merchants_burnt_at(self) -> Column:
        return self._distinct(self.events.merchant, self.events.at(BURNT))

    @cached_property
    def branches_burnt_at(self) -> Column:
        return self._distinct(self.events.branch, self.events.at(BURNT))

    @cached_property
    def branches_used(self) -> Column:
        return self._distinct(self.events.branch)

    @cached_property
    def start(self) -> Column:
        """Of the customer, whichever part: parts share the time they were exposed."""
        if self.since is not None:
            since = self.since
        else:
            whole = self if self.part is None else Aggregates(self.events, self.curve)
            since = np.fmin(self.events.joined, np.fmin(whole.first_claim, whole.first_order))
        return np.tile(np.repeat(since, self.parts), self.ways).view(Column)

    @cached_property
    def exposure(self) -> Column:
        return np.fmax(self.events.as_of - self.start + 1.0, 1.0).view(Column)

    @cached_property
    def exposure_years(self) -> Column:
        return (self.exposure / DAYS_A_YEAR).view(Column)

    @cached_property
    def recency(self) -> Column:
        return (self.events.as_of - np.fmax(self.last_claim, self.last_order)).view(Column)

    @cached_property
    def burn_recency(self) -> Column:
        return (self.events.as_of - self.last_burn).view(Column)

    @cached_property
    def active_span(self) -> Column:
        return (self.last_claim - self.first_claim).view(Column)

    @cached_property
    def _row(self) -> Integers:
        """(w, m)."""
        return row_of(self.events.customer, self.part, self.parts, self.events.customers)

    @cached_property
    def _days_to_burn(self) -> Floats:
        return self.events.burnt - self.events.claimed

    def _those(self, at: Integers | None) -> Integers:
        """(w, m) rows of the events at these places, or of all."""
        return self._row if at is None else self._row[:, at]

    def _count(self, at: Integers | None) -> Column:
        rows = self._those(at).ravel()
        there = rows if self.part is None or rows.min(initial=0) >= 0 else rows[rows >= 0]
        return np.bincount(there, minlength=self.rows).astype(np.float64).view(Column)

    def _sum(self, values: Floats) -> Column:
        known = np.isfinite(values)
        at = None if known.all() else np.flatnonzero(known)
        rows, weights = there_of(self._those(at), values if at is None else values[at])
        return np.bincount(rows, weights=weights, minlength=self.rows).view(Column)

    def _last(self, values: Floats, *, backwards: bool = False) -> Column:
        """The value of each row's last event (or first): events are in order, and the last one written stays."""
        found = np.full(self.rows, np.nan)
        rows, kept = there_of(self._row, values)
        found[rows[::-1] if backwards else rows] = kept[::-1] if backwards else kept
        return found.view(Column)

    def _distinct(self, code: Integers, at: Integers | None = None) -> Column:
        """How many different codes the events of each row have, or those of them at these places."""
        return different(self._those(at), code if at is None else code[at], self.rows)


def evaluate(feature: Feature, aggregates: Aggregates, learned: Learned) -> Floats:
    """A numeric feature of every row, NaN where it is undefined.

    `aggregates` may be anything that has their names, such as smeared ones.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        value = feature.express(cast("ir.Table", aggregates), learned)
    found = np.asarray(value, dtype=np.float64)
    return np.where(np.isfinite(found), found, np.nan)


def raw(learned: Learned) -> Learned:
    """The same without priors: each customer's own figures, not drawn towards those of all."""
    none = (0.0, 0.0)
    return replace(learned, claims_prior=none, burn_rate_prior=none, burn_rate_mature_prior=none, orders_prior=none)


def learn_events(events: Events, features: Sequence[Feature] = ()) -> tuple[Learned, Aggregates]:
    """What describing learns, from these events alone (levels and medians apart), and the aggregates it used.

    Customers without any event are left out of the fits, as in `describe`. The models of lifetime value, which take
    longer than all else, are fitted only where one of these features is told by them.
    """
    aggregates = Aggregates(events, _curve(events))
    seen = np.asarray(aggregates.transaction_count + aggregates.order_count) > 0
    none = (0.0, 0.0)
    learned = Learned(0.0, none, none, none, aggregates.curve, medians={}, levels={})
    if len(events.claimed):
        learned = _with_coupons(learned, aggregates, seen)
    if len(events.orders):
        exposure, count = aggregates.exposure[seen], aggregates.order_count[seen]
        power, prior, alike = fit_pace(_by(exposure, count), _histogram(count))
        also = (*learned.alike, "orders_per_time") if alike else learned.alike
        cuts = {
            name: cuts_of(np.asarray(getattr(aggregates, column))[aggregates.order_count > 0], more_is_better=more)
            for name, (column, more) in SCORED.items()
        }
        learned = replace(learned, orders_power=power, orders_prior=prior, alike=also, rfm_cuts=cuts)
        if any(entry in EXPECTED for entry in features):
            learned = replace(learned, lifetime=_lifetime(aggregates))
    return learned, aggregates


def _lifetime(aggregates: Aggregates) -> Lifetime:
    """The models fitted to all customers with an order (see `histories.histories_of`)."""
    buys = aggregates.order_days > 0
    x, span = aggregates.order_days[buys] - 1, aggregates.order_span[buys]
    age, spent = aggregates.order_recency[buys] + span, np.round(aggregates.repeat_spend[buys] * MONEY)
    rows, customers = np.unique(np.stack([x, span, age]), axis=1, return_counts=True)
    worth = (x > 0) & (spent > 0)
    sales, spenders = np.unique(np.stack([x[worth], spent[worth]]), axis=1, return_counts=True)
    histories = Histories(rows[0], rows[1] / WEEK, rows[2] / WEEK, customers.astype(np.float64))
    return fit_models(histories, RepeatSales(sales[0], sales[1] / MONEY, spenders.astype(np.float64)))


def _with_coupons(learned: Learned, aggregates: Aggregates, seen: NDArray[np.bool_]) -> Learned:
    exposure, count = aggregates.exposure[seen], aggregates.transaction_count[seen]
    power, claims, claims_alike = fit_pace(_by(exposure, count), _histogram(count))
    burnt = aggregates.coupons_burnt[seen]
    shrunken, mature, (shrunken_alike, mature_alike) = fit_burn_rates(
        _histogram(burnt),
        _histogram(count - burnt),
        _histogram(count),
        _expected(aggregates.expected_burns[seen], burnt),
    )
    alike = {"claims_per_time": claims_alike, "burn_rate_shrunken": shrunken_alike, "burn_rate_mature": mature_alike}
    return replace(
        learned,
        exposure_power=power,
        claims_prior=claims,
        burn_rate_prior=shrunken,
        burn_rate_mature_prior=mature,
        alike=tuple(name for name, same in alike.items() if same),
    )


def _curve(events: Events) -> BurnCurveTable:
    burnt = (events.status == BURNT) & np.isfinite(events.burnt)
    still = events.status == OPEN
    age = np.where(burnt, np.nan_to_num(events.burnt) - events.claimed, events.as_of - events.claimed).astype(np.int64)
    days = np.unique(age[burnt | still])
    burns, censored = (np.bincount(np.searchsorted(days, age[which]), minlength=len(days)) for which in (burnt, still))
    curve = kaplan_meier(days, burns, censored, never=int((events.status == EXPIRED).sum()))
    return BurnCurveTable(tuple(round9(share) for share in curve.share))


def _histogram(values: Floats) -> Histogram:
    value, customers = np.unique(np.asarray(values), return_counts=True)
    return Histogram(value, customers.astype(np.float64))


def _by(exposure: Floats, count: Floats) -> ByExposure:
    value, place, customers = np.unique(np.asarray(exposure), return_inverse=True, return_counts=True)
    return ByExposure(value, customers.astype(np.float64), np.bincount(place, weights=count).astype(np.float64))


def _expected(expected: Floats, burnt: Floats) -> ByExposure:
    some = np.asarray(expected) > 0
    if not some.any():
        return ByExposure(np.ones(1), np.ones(1), np.zeros(1))
    exposure = np.asarray(expected)[some]
    _, place, customers = np.unique(np.floor(np.log(exposure) * 500), return_inverse=True, return_counts=True)
    mean = np.bincount(place, weights=exposure) / customers
    events = np.bincount(place, weights=np.asarray(burnt)[some]).astype(np.float64)
    return ByExposure(mean, customers.astype(np.float64), events)
