"""The tables as they were known at the end of an earlier day: nothing that happened later is in them."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING

from coterie.errors import UsageError

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from coterie.tables.contract import Tables


def known_at(tables: Tables, day: dt.date) -> Tables:
    """What was known at the end of that day, still lazy, with `as_of` set to it; the tables themselves at their as-of.

    Coupons claimed and order lines dated by then. A coupon burnt or expired later, or on a day that is not known, is
    still open; where `branch_id` is the branch of the burn, an open coupon has none. Customers who had joined by then
    or had an event; one without a join date is not known before the first event. A customer's city, gender and
    attributes are those of today, as nothing says what they were. Columns, names and degenerate dimensions stay as
    they are, so that a model finds the same features; quality, rejects and fingerprint are those of the data as read.

    Raises:
        UsageError: The day is later than the tables' as-of.
    """
    if day > tables.as_of:
        raise UsageError(
            f"What was known at the end of {day} cannot be told: the data are known to the end of {tables.as_of}. "
            "Choose an earlier day."
        )
    if day == tables.as_of:
        return tables
    coupons = _coupons(tables, day)
    lines = None if tables.lines is None else tables.lines.filter(tables.lines.ordered_on <= day)
    met = coupons.select("customer_id")
    if lines is not None:
        met = met.union(lines.select("customer_id"))
    return replace(
        tables,
        customers=_customers(tables.customers, met.distinct(), day),
        coupons=coupons,
        lines=lines,
        first_day=min(tables.first_day, day),
        as_of=day,
    )


def first_known(tables: Tables) -> ir.Table:
    """customer_id and first_known: the day from which `known_at` knows each customer, NULL where none is known."""
    seen = tables.coupons.select("customer_id", day=tables.coupons.claimed_on)
    if tables.lines is not None:
        seen = seen.union(tables.lines.select("customer_id", day=tables.lines.ordered_on))
    seen = seen.union(tables.customers.select("customer_id", day=tables.customers.join_date))
    return seen.group_by("customer_id").aggregate(first_known=seen.day.min())


def _coupons(tables: Tables, day: dt.date) -> ir.Table:
    claimed = tables.coupons.filter(tables.coupons.claimed_on <= day)
    burnt = ((claimed.status == "burnt") & (claimed.burnt_on <= day)).fill_null(False)
    expired = ((claimed.status == "expired") & (claimed.expires_on <= day)).fill_null(False)
    states = {"status": burnt.ifelse("burnt", expired.ifelse("expired", "claimed"))}
    states["burnt_on"] = burnt.ifelse(claimed.burnt_on, None)
    if tables.branch_reading == "burning":
        for place in ("branch_id", "merchant_id"):
            states[place] = burnt.ifelse(claimed[place], None)
    return claimed.mutate(**states)


def _customers(customers: ir.Table, met: ir.Table, day: dt.date) -> ir.Table:
    joined = customers.filter((customers.join_date <= day).fill_null(False))
    rest = customers.filter((customers.join_date > day).fill_null(True))
    return joined.union(rest.semi_join(met, "customer_id"))
