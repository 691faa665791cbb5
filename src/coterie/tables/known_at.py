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
    refuse_later(tables, day)
    if day == tables.as_of:
        return tables
    claimed = tables.coupons.filter(tables.coupons.claimed_on <= day)
    coupons = coupons_known(claimed, day, branch_of_burn=tables.branch_reading == "burning")
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


def refuse_later(tables: Tables, day: dt.date) -> None:
    """Raise UsageError for a day later than the tables' as-of."""
    if day > tables.as_of:
        raise UsageError(
            f"What was known at the end of {day} cannot be told: the data are known to the end of {tables.as_of}. "
            "Choose an earlier day."
        )


def coupons_known(claimed: ir.Table, day: dt.date | ir.DateValue, *, branch_of_burn: bool) -> ir.Table:
    """Coupons claimed by the end of a day, or each by one of its own, with the states they had then.

    Where `branch_of_burn`, a coupon has no branch before it is burnt.
    """
    burnt = ((claimed.status == "burnt") & (claimed.burnt_on <= day)).fill_null(False)
    expired = ((claimed.status == "expired") & (claimed.expires_on <= day)).fill_null(False)
    states = {"status": burnt.ifelse("burnt", expired.ifelse("expired", "claimed"))}
    states["burnt_on"] = burnt.ifelse(claimed.burnt_on, None)
    if branch_of_burn:
        states |= {place: burnt.ifelse(claimed[place], None) for place in ("branch_id", "merchant_id")}
    return claimed.mutate(**states)


def _customers(customers: ir.Table, met: ir.Table, day: dt.date) -> ir.Table:
    joined = customers.filter((customers.join_date <= day).fill_null(False))
    rest = customers.filter((customers.join_date > day).fill_null(True))
    return joined.union(rest.semi_join(met, "customer_id"))
