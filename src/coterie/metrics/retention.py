"""Retention: of the customers who first ordered in a period, how many order in each later one."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import ibis

from coterie.metrics.contract import Cohort, Period, Retention
from coterie.metrics.periods import complete_until, index_of, period_index, period_start

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from coterie.engines import Engine


def retention(
    engine: Engine,
    orders: ir.Table,
    *,
    first_day: dt.date,
    as_of: dt.date,
    period: Period,
    joined: ir.Table | None = None,
    assigned: ir.Table | None = None,
) -> dict[int | None, Retention]:
    """Retention of all customers (key None) and, with `assigned`, of each segment; one aggregate query for all of it.

    A cohort is the customers by calendar period of their first order, and rates[t] the share of them with an order in
    the t-th period after it, exactly that one. Rates reach to the period of `as_of`; one that is not complete by then
    is None, except that rates[0] is 1 by definition. A cohort whose own period is still running may grow: it is kept,
    and left out of the averages. So is one that may hold customers of before the data began (`older`). The average has
    an entry for every t there is, None where no cohort counts.

    Args:
        engine: Where the tables live.
        orders: One row per order: customer_id, ordered_on (date), and whatever else.
        first_day: Day from which orders are known. The cohort of its period, and any before it, is older; where there
            is no order in its period, the first cohort there is.
        as_of: Everything to the end of this day is known; orders after it do not count.
        period: "week" (from Monday), "month" or "quarter".
        joined: customer_id, join_date: one row per customer. A cohort is not older when each of its customers has a
            join date, and none lies before the cohort's period: whoever joined within it ordered in no earlier one.
        assigned: customer_id, segment: one row per customer. Each segment gets its entry, with or without orders.
    """
    groups: dict[int | None, _Counts] = defaultdict(_Counts)
    everyone = groups[None]
    for row in engine.collect(_counted(orders, as_of, period, joined, assigned)).to_pylist():
        own = [] if row["segment"] is None else [groups[row["segment"]]]
        if row["cohort"] is None:  # of this segment, but without an order
            continue
        for counts in (everyone, *own):
            counts.add(row["cohort"], row["period"], row["customers"], row["since_cohort"])
    if not everyone.active:
        return {key: Retention(period, (), ()) for key in _in_order(groups)}
    begin = max(period_index(first_day, period), min(everyone.active))
    return {key: _retention(groups[key], begin, as_of, period) for key in _in_order(groups)}


@dataclass
class _Counts:
    """Customers of one group: by cohort and period with an order, and of each cohort those who joined within it."""

    active: dict[int, dict[int, int]] = field(default_factory=dict)
    since_cohort: dict[int, int] = field(default_factory=dict)

    def add(self, cohort: int, period: int, customers: int, since_cohort: int) -> None:
        """Count more customers."""
        of_cohort = self.active.setdefault(cohort, {})
        of_cohort[period] = of_cohort.get(period, 0) + customers
        if period == cohort:
            self.since_cohort[cohort] = self.since_cohort.get(cohort, 0) + since_cohort


def _counted(
    orders: ir.Table, as_of: dt.date, period: Period, joined: ir.Table | None, assigned: ir.Table | None
) -> ir.Table:
    """segment, cohort, period (numbers of periods), customers with an order in it, those of them joined since cohort.

    Rows of different segments have no customer in common, so that their sums are all customers.
    """
    known = orders.filter(orders.ordered_on <= ibis.date(as_of))
    active = known.select("customer_id", period=index_of(known.ordered_on, period)).distinct()
    cohorts = active.group_by("customer_id").aggregate(cohort=active.period.min())
    if joined is None:
        cohorts = cohorts.mutate(joined_since=ibis.literal(0, "int64"))
    else:
        dates = joined.select(member=joined.customer_id, join_date=joined.join_date)
        beside = cohorts.left_join(dates, cohorts.customer_id == dates.member)
        # NULL where the join date is unknown, which shows nothing.
        since = (index_of(beside.join_date, period) >= beside.cohort).fill_null(False)
        cohorts = beside.select("customer_id", "cohort", joined_since=since.cast("int64"))
    rows = active.inner_join(cohorts, "customer_id").select("customer_id", "period", "cohort", "joined_since")
    if assigned is None:
        rows = rows.mutate(segment=ibis.null("int64"))
    else:
        segments = assigned.select(member=assigned.customer_id, segment=assigned.segment.cast("int64"))
        both = rows.outer_join(segments, rows.customer_id == segments.member)
        rows = both.select("period", "cohort", "joined_since", "segment")
    return rows.group_by("segment", "cohort", "period").aggregate(
        customers=rows.count(), since_cohort=rows.joined_since.sum().cast("int64")
    )


def _retention(counts: _Counts, begin: int, as_of: dt.date, period: Period) -> Retention:
    last, complete = period_index(as_of, period), complete_until(as_of, period)
    cohorts, averaged = [], []
    for cohort in sorted(counts.active):
        active = counts.active[cohort]
        older = cohort <= begin and counts.since_cohort[cohort] < active[cohort]
        rates = tuple(
            active.get(at, 0) / active[cohort] if at <= complete or at == cohort else None
            for at in range(cohort, last + 1)
        )
        cohorts.append(Cohort(period_start(cohort, period), active[cohort], rates, older))
        if not older:
            averaged.append(cohort)
    longest = max((len(entry.rates) for entry in cohorts), default=0)
    # A running cohort is not complete at any t.
    average = tuple(_average(counts.active, [c for c in averaged if c + t <= complete], t) for t in range(longest))
    return Retention(period, tuple(cohorts), average)


def _average(active: Mapping[int, Mapping[int, int]], cohorts: list[int], t: int) -> float | None:
    """Sum of the active / sum of the sizes; None without cohorts."""
    if not cohorts:
        return None
    return sum(active[cohort].get(cohort + t, 0) for cohort in cohorts) / sum(active[c][c] for c in cohorts)


def _in_order(groups: Mapping[int | None, _Counts]) -> list[int | None]:
    """All customers first, then the segments by number."""
    return [None, *sorted(key for key in groups if key is not None)]
