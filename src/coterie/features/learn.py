"""What describing learns from all customers before any feature can be computed: burn curve, priors, levels, medians."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import ibis
import numpy as np

from coterie.features.aggregates import DAYS_A_YEAR, ages
from coterie.features.burn_curve import kaplan_meier
from coterie.features.priors import (
    CAP,
    ByExposure,
    Histogram,
    at_cap,
    beta_prior,
    exposure_power,
    gamma_prior,
)
from coterie.rounding import round9

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from coterie.engines import Engine
    from coterie.features.contract import BurnCurveTable, Feature
    from coterie.tables.contract import Tables

MOST_LEVELS = {"favourite_branch": 20, "favourite_merchant": 20, "favourite_category": 20}
MOST_LEVELS_OTHERWISE = 50
OTHER = "other"


def learn_curve(tables: Tables) -> BurnCurveTable:
    """F(t) of all coupons: burnt ones at their days to burn, open ones censored at as-of, expired ones never burn."""
    coupons = tables.coupons
    burnt = coupons.status == "burnt"
    day = ibis.ifelse(burnt, coupons.burnt_on.delta(coupons.claimed_on, unit="day"), ages(coupons, tables.as_of))
    # A burnt coupon without a usable burn date is left out: when it was burnt is unknown.
    judged = coupons.mutate(day=day).filter(lambda t: t.day.notnull())
    counted = judged.group_by(judged.day, judged.status).aggregate(coupons=judged.count())
    rows = tables.engine.collect(counted)
    days = np.asarray(rows["day"].to_pylist(), dtype=np.int64)
    status = np.asarray(rows["status"].to_pylist())
    count = np.asarray(rows["coupons"].to_pylist(), dtype=np.int64)
    unique = np.unique(days[status != "expired"])
    place = {int(value): index for index, value in enumerate(unique)}
    burns, censored = np.zeros(len(unique), np.int64), np.zeros(len(unique), np.int64)
    for value, state, number in zip(days, status, count, strict=True):
        if state == "burnt":
            burns[place[int(value)]] += number
        elif state == "claimed":
            censored[place[int(value)]] += number
    return kaplan_meier(unique, burns, censored, never=int(count[status == "expired"].sum()))


Pace = tuple[float, tuple[float, float], bool]
"""beta, the gamma prior (r, a) of events per exposure^beta (years), and whether the fit found customers alike."""


def learn_pace(engine: Engine, people: ir.Table, events: str) -> Pace:
    """Fit the pace of claims or orders, counted in the column `events`, to these customers."""
    seen = people.filter(people.exposure.notnull())
    by_day = engine.collect(
        seen.group_by(seen.exposure).aggregate(customers=seen.count(), events=seen[events].sum())
    ).sort_by("exposure")
    days = ByExposure(*(_floats(by_day, name) for name in ("exposure", "customers", "events")))
    return fit_pace(days, histogram(engine, seen, events))


def fit_pace(by_day: ByExposure, events: Histogram) -> Pace:
    """The same from customers and events by days of exposure, and customers by events."""
    exposure = replace(by_day, exposure=by_day.exposure / DAYS_A_YEAR)
    if not exposure.customers.sum():
        return 0.0, (0.0, 1.0), True
    beta = exposure_power(exposure)
    scaled = ByExposure(exposure.exposure**beta, exposure.customers, exposure.events)
    years = float(scaled.exposure @ scaled.customers)
    cap = CAP * years / float(scaled.customers.sum())
    if not exposure.events.sum():
        # As if half an event had been seen among them all: a pace of 0 has no log.
        return beta, (round9(0.5 / years * cap), round9(cap)), True
    prior = gamma_prior(events, scaled, cap=cap)
    return beta, prior, at_cap(prior[1], cap)


BurnRates = tuple[tuple[float, float], tuple[float, float], tuple[bool, bool]]
"""The beta prior of the burn rate, the gamma prior of burns per expected burn; whether each found all alike."""


def learn_burn_rates(engine: Engine, people: ir.Table) -> BurnRates:
    """Fit both priors of burning to these customers."""
    burnt, trials = histogram(engine, people, "coupons_burnt"), histogram(engine, people, "transaction_count")
    kept = people.mutate(coupons_kept=people.transaction_count - people.coupons_burnt)
    return fit_burn_rates(burnt, histogram(engine, kept, "coupons_kept"), trials, _by_expectation(engine, people))


def fit_burn_rates(burnt: Histogram, kept: Histogram, trials: Histogram, expected: ByExposure) -> BurnRates:
    """The same from customers by burns, by coupons not burnt, by coupons, and burns by expected burns."""
    if not trials.value @ trials.customers:
        return (0.0, 1.0), (0.0, 1.0), (True, True)
    beta = beta_prior(burnt, kept, trials)
    cap = CAP * trials.mean
    gamma = gamma_prior(burnt, expected, cap=cap)
    return beta, gamma, (at_cap(sum(beta), cap), at_cap(gamma[1], cap))


def _by_expectation(engine: Engine, people: ir.Table) -> ByExposure:
    """Customers and burns by expected burns, in bins 0.2 % wide, so that the table stays small at any size."""
    some = people.filter(people.expected_burns > 0)
    key = (some.expected_burns.log() * 500).floor().cast("int64")
    binned = engine.collect(
        some.group_by(bin=key).aggregate(
            customers=some.count(), events=some.coupons_burnt.sum(), exposure=some.expected_burns.mean()
        )
    ).sort_by("bin")
    if not binned.num_rows:
        return ByExposure(np.ones(1), np.ones(1), np.zeros(1))
    return ByExposure(*(_floats(binned, name) for name in ("exposure", "customers", "events")))


def histogram(engine: Engine, people: ir.Table, column: str) -> Histogram:
    """How many customers have each value of an integer column."""
    rows = engine.collect(people.group_by(value=people[column]).aggregate(customers=people.count())).sort_by("value")
    return Histogram(_floats(rows, "value"), _floats(rows, "customers"))


def learn_levels(engine: Engine, described: ir.Table, feature: Feature) -> tuple[str, ...]:
    """The values of a categorical feature, in order of their name; beyond a limit the most frequent ones, then "other".

    Favourite places are ordered by customers and then by id, as ties are broken.
    """
    column = described[feature.name]
    rows = engine.collect(
        described.filter(column.notnull()).group_by(value=column).aggregate(customers=lambda t: t.count())
    ).to_pylist()
    limit = MOST_LEVELS.get(feature.name, MOST_LEVELS_OTHERWISE)
    ranked = sorted(rows, key=lambda row: (-row["customers"], natural(row["value"])))
    kept = sorted((row["value"] for row in ranked[:limit]), key=natural)
    if feature.treatment == "code":
        return tuple(sorted(row["value"] for row in rows))
    return (*kept, OTHER) if len(ranked) > limit else tuple(kept)


def learn_median(engine: Engine, described: ir.Table, name: str) -> float:
    """Median of a feature over the customers in whom it is defined; 0 where it is in none."""
    value = engine.collect(described.aggregate(median=described[name].median()))["median"][0].as_py()
    return round9(float(value)) if value is not None else 0.0


def natural(value: str) -> tuple[int, float, str]:
    """Sort key that puts whole-number texts in numeric order before other texts."""
    return (0, float(value), value) if value.isdigit() else (1, 0.0, value)


def _floats(rows, name: str):  # type: ignore[no-untyped-def]
    return np.asarray(rows[name].to_pylist(), dtype=np.float64)
