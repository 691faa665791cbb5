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
from coterie.tables import in_sequence, with_segment

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
    first_order: dt.date | None = None,
) -> dict[int | None, Retention]:
    """Retention of all customers (key None) and, with `assigned`, of each segment; one pass over the orders for all.

    A cohort is the customers by calendar period of their first order, and rates[t] the share of them with an order in
    the t-th period after it, exactly that one. Rates reach to the period of `as_of`; one that is not complete by then
    is None, except that rates[0] is 1 by definition. A cohort whose own period is still running may grow: it is kept,
    and left out of the averages. So is one that may hold customers of before the data began (`older`). The average has
    an entry for every t there is, None where no cohort counts.

    Args:
        engine: Where the tables live.
        orders: One row per order: customer_id, ordered_on (date), and whatever else; better `in_sequence`.
        first_day: Day from which orders are known. The cohort of its period, and any before it, is older; where there
            is no order in its period, the first cohort there is.
        as_of: Everything to the end of this day is known; orders after it do not count.
        period: "week" (from Monday), "month" or "quarter".
        joined: customer_id, join_date: one row per customer. A cohort is not older when each of its customers has a
            join date, and none lies before the cohort's period: whoever joined within it ordered in no earlier one.
        first_order: Day of the shop's first order, where these are some of its orders; theirs if None.
        assigned: customer_id, segment: one row per customer. Each segment gets its entry, with or without orders.
    """
    groups: dict[int | None, _Counts] = defaultdict(_Counts)
    everyone = groups[None]
    placed = in_sequence(orders)
    known = with_segment(placed.filter(placed.ordered_on <= ibis.date(as_of)), assigned)
    if assigned is not None:
        for row in engine.collect(assigned.select("segment").distinct()).to_pylist():
            _ = groups[row["segment"]]
    for row in engine.collect(_active(known, period)).to_pylist():
        for key in {None, row["segment"]}:
            groups[key].active[row["cohort"]][row["period"]] += row["customers"]
    if joined is not None:
        for row in engine.collect(_since_cohort(known, period, joined)).to_pylist():
            for key in {None, row["segment"]}:
                groups[key].since_cohort[row["cohort"]] += row["customers"]
    if not everyone.active:
        return {key: Retention(period, (), ()) for key in _in_order(groups)}
    first = min(everyone.active) if first_order is None else period_index(first_order, period)
    begin = max(period_index(first_day, period), first)
    return {key: _retention(groups[key], begin, as_of, period) for key in _in_order(groups)}


@dataclass
class _Counts:
    """Customers of one group: by cohort and period with an order, and of each cohort those who joined within it."""

    active: dict[int, dict[int, int]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(int)))
    since_cohort: dict[int, int] = field(default_factory=lambda: defaultdict(int))


def _active(orders: ir.Table, period: Period) -> ir.Table:
    """segment, cohort, period (numbers of periods), customers with an order in it.

    Rows of different segments have no customer in common, so that their sums are all customers.
    """
    at = index_of(orders.ordered_on, period)
    first_there = orders.filter(orders.before_on.isnull() | (index_of(orders.before_on, period) < at))
    cohort, at = (index_of(day, period) for day in (first_there.first_on, first_there.ordered_on))
    return first_there.group_by("segment", cohort=cohort, period=at).aggregate(customers=first_there.count())


def _since_cohort(orders: ir.Table, period: Period, joined: ir.Table) -> ir.Table:
    """segment, cohort, customers who joined in its period or later; an unknown join date shows nothing."""
    first = orders.filter(orders.earlier == 0)
    dates = joined.select(_member=joined.customer_id, join_date=joined.join_date)
    rows = first.inner_join(dates, first.customer_id == dates["_member"])
    cohort = index_of(rows.first_on, period)
    rows = rows.filter((index_of(rows.join_date, period) >= cohort).fill_null(False))
    return rows.group_by("segment", cohort=index_of(rows.first_on, period)).aggregate(customers=rows.count())


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
