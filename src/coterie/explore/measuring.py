"""The shop's numbers of what a filter lets through, by the very functions that measure all of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import ibis

from coterie.engines import borrowed
from coterie.explore.contract import UNKNOWN
from coterie.explore.looked_at import Events, fitting_customers, in_sequence_of, with_first_day
from coterie.explore.narrow import months_of
from coterie.metrics import Metrics, Theme, measure

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from coterie.engines import Engine
    from coterie.explore.contract import Filters
    from coterie.explore.narrow import Narrow
    from coterie.metrics.contract import Period
    from coterie.tables import Tables

_MEASURED = ("row", "segment", "status", "claimed_on", "burnt_on", "claimed_in", "burnt_in")
"""Columns of coupons that metrics are made of."""
_SOLD = ("row", "order_id", "ordered_on", "kind", "money", "category", "branch_id", "merchant_id")
"""Columns of order lines that are."""


def metrics_of(
    narrow: Narrow,
    people: ir.Table,
    events: Events,
    filters: Filters,
    themes: Collection[Theme],
    segments: Sequence[int],
    period: Period,
) -> Metrics:
    """These themes, for all customers and each of the segments, of the people and events looked at.

    Where days are chosen, nothing is known before or after them: a customer who comes for the first time in them is
    new, and what would have been later is open.
    """
    assert narrow.tables is not None
    with borrowed(narrow.engine) as engine:
        events = _ready(engine, events, filters, themes)
        some = _some(narrow, narrow.tables, events, filters, engine)
        assigned = people.select("segment", customer_id="row")
        by_day = None
        if events.coupons is not None and {"sales", "monthly"} & set(themes):
            by_day = engine.keep(_by_month(narrow, events.coupons, filters))
        return measure(
            some, assigned, segments, themes=themes, by_day=by_day, period=period, first_order=narrow.first_order
        )


def _ready(engine: Engine, events: Events, filters: Filters, themes: Collection[Theme]) -> Events:
    """What several queries meet is worked out once: orders in their sequence, and the events of a few places."""
    coupons, orders = events.coupons, events.orders
    lines = None if events.lines is None else events.lines.select(*_SOLD)
    if orders is not None:
        orders = in_sequence_of(orders.drop("city", "gender"), filters)
        if filters.since is not None and "retention" in themes:
            orders = engine.keep(with_first_day(orders))
    places = {*filters.branches, *filters.merchants, *filters.categories}
    if places and UNKNOWN not in places:  # an empty cell is that of half the coupons
        coupons = None if coupons is None else engine.keep(coupons.select(*_MEASURED))
        lines = None if lines is None else engine.keep(lines)
    return Events(coupons, lines, orders)


def _by_month(narrow: Narrow, coupons: ir.Table, filters: Filters) -> ir.Table:
    """As `coupons_by_day`, with the first day of a month for all its days: a hundredth of the rows.

    With before_on where the claim before is looked at whenever the claim is, unless its day is before them all.
    """
    if not filters.of_events and narrow.coupon_months is not None:
        rows = fitting_customers(narrow.coupon_months, filters)
    elif "before_in" in coupons.columns and not (filters.branches or filters.merchants or filters.categories):
        since = filters.since or narrow.first_day
        before = ibis.ifelse(coupons.before_on >= ibis.date(since), coupons.before_in, ibis.null("date"))
        rows = months_of(coupons.mutate(before_in=before), "segment")
    else:
        rows = months_of(coupons.drop("before_in") if "before_in" in coupons.columns else coupons, "segment")
    days = {"claimed_in": "claimed_on", "burnt_in": "burnt_on", "before_in": "before_on"}
    kept = {day: rows[month] for month, day in days.items() if month in rows.columns}
    return rows.group_by("segment", "status", **kept).aggregate(coupons=rows.coupons.sum().cast("int64"))


def _some(narrow: Narrow, tables: Tables, events: Events, filters: Filters, engine: Engine) -> Tables:
    """The tables as far as they are looked at; a customer is a number."""
    coupons, lines = events.coupons, events.lines
    columns = (
        tables.columns - ({"transactions"} if coupons is None else set()) - ({"orders"} if lines is None else set())
    )
    first_day, as_of = days_looked_at(narrow, filters)
    found = replace(
        tables,
        engine=engine,
        # Joined to those who bought only, so that nobody need be left out.
        customers=narrow.people.select("join_date", "city", "gender", customer_id="row"),
        coupons=tables.coupons if coupons is None else coupons.rename(customer_id="row"),
        lines=None if lines is None else lines.rename(customer_id="row"),
        columns=columns,
        first_day=first_day,
        as_of=as_of,
    )
    if events.orders is not None:  # formed once for all
        vars(found)["orders"] = events.orders.rename(customer_id="row")
    return found


def days_looked_at(narrow: Narrow, filters: Filters) -> tuple[dt.date, dt.date]:
    """First and last day of the filters, within those that are known."""
    first = min(max(filters.since or narrow.first_day, narrow.first_day), narrow.as_of)
    return first, max(min(filters.until or narrow.as_of, narrow.as_of), first)
