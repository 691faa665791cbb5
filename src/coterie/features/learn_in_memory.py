"""What describing learns, from events in memory: curve, priors, quintiles and the models of lifetime value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from coterie.features.arrays import Floats
from coterie.features.bg_nbd import Histories
from coterie.features.burn_curve import kaplan_meier
from coterie.features.contract import BurnCurveTable, Learned
from coterie.features.events import BURNT, EXPIRED, OPEN, Events
from coterie.features.expected import EXPECTED
from coterie.features.gamma_gamma import RepeatSales
from coterie.features.histories import WEEK
from coterie.features.in_memory import Aggregates
from coterie.features.learn import fit_burn_rates, fit_pace
from coterie.features.lifetime import fit_models
from coterie.features.lifetime_values import Lifetime
from coterie.features.priors import ByExposure, Histogram
from coterie.features.rfm import SCORED, cuts_of
from coterie.rounding import round9
from coterie.tables.contract import MONEY

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coterie.features.contract import Feature


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
