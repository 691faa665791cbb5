"""The shop's numbers of what a filter lets through, by the very functions that measure all of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self, cast

import ibis

from coterie.explore.contract import UNKNOWN
from coterie.explore.looked_at import Events, in_sequence_of
from coterie.metrics import Metrics, Theme, measure

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from coterie.engines import Engine
    from coterie.explore.contract import Filters
    from coterie.explore.narrow import Narrow
    from coterie.tables import Tables

_MEASURED = ("row", "segment", "status", "claimed_on", "burnt_on", "claimed_in", "burnt_in")
"""Columns of coupons that metrics are made of."""


def metrics_of(
    narrow: Narrow,
    people: ir.Table,
    events: Events,
    filters: Filters,
    themes: Collection[Theme],
    segments: Sequence[int],
) -> Metrics:
    """These themes, for all customers and each of the segments, of the people and events looked at.

    Where days are chosen, nothing is known before or after them: a customer who comes for the first time in them is
    new, and what would have been later is open.
    """
    assert narrow.tables is not None
    with _Borrowed(narrow.engine) as engine:
        events = _ready(engine, events, filters)
        some = _some(narrow, narrow.tables, events, filters, cast("Engine", engine))
        assigned = people.select("segment", customer_id="row")
        by_day = None
        if events.coupons is not None and {"sales", "monthly"} & set(themes):
            by_day = engine.keep(_by_month(events.coupons, filters))
        return measure(some, assigned, segments, themes=themes, by_day=by_day)


def _ready(engine: _Borrowed, events: Events, filters: Filters) -> Events:
    """What several queries meet is worked out once: orders in their sequence, and the events of a few places."""
    coupons, lines, orders = events.coupons, events.lines, events.orders
    if orders is not None:
        orders = orders.drop("city", "gender")
        orders = orders if filters.since is None else engine.keep(in_sequence_of(orders, filters))
    places = {*filters.branches, *filters.merchants, *filters.categories}
    if places and UNKNOWN not in places:  # an empty cell is that of half the coupons
        coupons = None if coupons is None else engine.keep(coupons.select(*_MEASURED))
        lines = None if lines is None else engine.keep(lines.drop("product"))
    return Events(coupons, lines, orders)


def _by_month(coupons: ir.Table, filters: Filters) -> ir.Table:
    """As `coupons_by_day`, with the first day of a month for all its days: a hundredth of the rows.

    With before_on where the claim before is looked at whenever the claim is, unless its day is before them all.
    """
    keys = [coupons.segment, coupons.status, coupons.claimed_in.name("claimed_on"), coupons.burnt_in.name("burnt_on")]
    if "before_in" in coupons.columns and not (filters.branches or filters.merchants or filters.categories):
        before = coupons.before_in
        if filters.since is not None:
            before = ibis.ifelse(coupons.before_on >= ibis.date(filters.since), before, ibis.null("date"))
        keys.append(before.name("before_on"))
    return coupons.group_by(keys).aggregate(coupons=coupons.count())


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
        lines=None if lines is None else lines.drop("segment", "city", "gender").rename(customer_id="row"),
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


class _Borrowed:
    """An engine that drops, when left, what it was asked to keep: a server answers for days."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._kept: list[ir.Table] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)

    def keep(self, expression: ir.Table, *, order_by: Sequence[str] = ()) -> ir.Table:
        """As of `Engine`."""
        self._kept.append(self._engine.keep(expression, order_by=order_by))
        return self._kept[-1]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failed: object) -> None:
        for table in self._kept:
            self._engine.drop(table)
