"""What a filter lets through: customers and events, as expressions over the narrow tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from operator import and_
from typing import TYPE_CHECKING

import ibis

from coterie.explore.contract import UNKNOWN, Filters
from coterie.explore.narrow import OF_CUSTOMERS, OF_EVENTS, Narrow

if TYPE_CHECKING:
    import ibis.expr.types as ir


@dataclass(frozen=True)
class Events:
    """Events looked at; None for what the data do not have, or where they cannot tell which of them are meant.

    Attributes:
        coupons, lines: As in `Narrow`.
        orders: Rows of `Narrow.orders`; None too where lines are left out, so that orders are others than those formed
            once. What they say about others of their customer stands only while days are not chosen (`in_sequence_of`).
    """

    coupons: ir.Table | None
    lines: ir.Table | None
    orders: ir.Table | None


def events_of(narrow: Narrow, filters: Filters) -> Events:
    """The events that the filters let through.

    A table of events without a column that is asked for tells nothing, such as coupons about categories; where no
    table has it, no event has the value.
    """
    coupons, lines = narrow.coupons, narrow.lines
    asked = {column for name, column in OF_EVENTS.items() if getattr(filters, name)}
    told = {name for name, filled in narrow.filled.items() if asked <= filled}
    nothing = not told
    if coupons is not None:
        coupons = _fitting(coupons, filters, "claimed_on", nothing=nothing) if nothing or "coupons" in told else None
    if lines is not None:
        lines = _fitting(lines, filters, "ordered_on", nothing=nothing) if nothing or "lines" in told else None
    days_alone = not asked and narrow.in_a_day
    whole = narrow.orders is not None and (days_alone or not filters.of_events)
    orders = _fitting(narrow.orders, filters, "ordered_on", nothing=False) if whole else None
    return Events(coupons, lines, orders)


def in_sequence_of(orders: ir.Table, filters: Filters) -> ir.Table:
    """Rows of `Narrow.orders` that days alone chose, with what `in_sequence` tells of them among themselves.

    From the two orders before each, so that no customer's orders need be met: `earlier` is 2 from the third order on,
    and `first_on` is known of the first two (`with_first_day` tells it of all).
    """
    if filters.since is None:
        return orders
    since = ibis.date(filters.since)
    later, third = (day.notnull() & (day >= since) for day in (orders.before_on, orders.before_that_on))
    unknown = ibis.null("date")
    return orders.mutate(
        earlier=later.cast("int64") + third.cast("int64"),
        first_on=ibis.cases((third, unknown), (later, orders.before_on), else_=orders.ordered_on),
        before_on=ibis.ifelse(later, orders.before_on, unknown),
        before=ibis.ifelse(later, orders.before, ibis.null("int32")),
    )


def with_first_day(orders: ir.Table) -> ir.Table:
    """Orders with `first_on` of all their customers' orders; a join, which only cohorts need."""
    own = orders.group_by(_row="row").aggregate(_first=orders.ordered_on.min())
    joined = orders.inner_join(own, orders.row == own["_row"])
    return joined.mutate(first_on=joined["_first"]).drop("_row", "_first")


def fitting_customers(rows: ir.Table, filters: Filters) -> ir.Table:
    """The rows, of customers or events, whose customers the filters let through, whatever their events."""
    return _filtered(rows, _of_columns(rows, filters, OF_CUSTOMERS))


def seen_in(events: Events) -> ir.Table:
    """row, segment, acted: each customer with an event, and whether an active one.

    As in the metrics: with an order; where there are none to be looked at, with a claim.
    """
    parts = []
    if events.coupons is not None:
        parts.append(
            events.coupons.select("row", "segment").distinct().mutate(acted=ibis.literal(events.lines is None))
        )
    if events.lines is not None:
        sold = events.lines.kind == "sale"
        parts.append(events.lines.group_by("row", "segment").aggregate(acted=sold.any()))
    if len(parts) == 1:
        return parts[0]
    both = parts[0].union(parts[1])
    return both.group_by("row", "segment").aggregate(acted=both.acted.any())


def first_coupons(events: Events, filters: Filters) -> ir.BooleanValue | None:
    """Which coupon is the first of its customer among those looked at: as many customers have any.

    None where the coupon itself does not tell: where there are orders too, or coupons of some places alone.
    """
    coupons = events.coupons
    if coupons is None or "before_on" not in coupons.columns or filters.branches or filters.merchants:
        return None
    first = coupons.before_on.isnull()
    return first if filters.since is None else first | (coupons.before_on < ibis.date(filters.since))


def _fitting(rows: ir.Table, filters: Filters, day: str, *, nothing: bool) -> ir.Table:
    fits = _of_columns(rows, filters, OF_CUSTOMERS)
    if nothing:
        fits.append(ibis.literal(False))
    else:
        fits += _of_columns(rows, filters, {name: c for name, c in OF_EVENTS.items() if c in rows.columns})
    if filters.since:
        fits.append(rows[day] >= ibis.date(filters.since))
    if filters.until:
        fits.append(rows[day] <= ibis.date(filters.until))
    return _filtered(rows, fits)


def _of_columns(rows: ir.Table, filters: Filters, columns: Mapping[str, str]) -> list[ir.BooleanValue]:
    return [_is_one(rows[column], getattr(filters, name)) for name, column in columns.items() if getattr(filters, name)]


def _is_one(cells: ir.Column, values: tuple[str, ...] | tuple[int, ...]) -> ir.BooleanValue:
    if cells.type().is_integer():
        return cells.isin([int(value) for value in values])
    filled = [str(value) for value in values if value != UNKNOWN and sayable(str(value))]
    fits = cells.isin(filled) if filled else ibis.literal(False)
    return fits | cells.isnull() if UNKNOWN in values else fits


def sayable(text: str) -> bool:
    """Whether a text can stand in data and queries at all; no cell holds another.

    Example:
        >>> sayable("O'Hara%"), sayable("a" + chr(0)), sayable(chr(0xDC80))
        (True, False, False)
    """
    return not any(mark == "\0" or "\ud800" <= mark <= "\udfff" for mark in text)


def _filtered(rows: ir.Table, fits: list[ir.BooleanValue]) -> ir.Table:
    return rows.filter(reduce(and_, fits)) if fits else rows
