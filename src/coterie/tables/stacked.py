"""The tables of several earlier days in one, so that one query answers for all of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from coterie.tables.columns import load_columns
from coterie.tables.known_at import coupons_known, refuse_later

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from coterie.tables.contract import Tables

_ROOM = 4096
"""Days that fit beside a customer in one number."""


def stacked(tables: Tables, days: Sequence[dt.date]) -> Tables:
    """What was known at the end of each day, as if every day had customers of its own; lazy.

    The dates of a copy are moved so far that its day becomes the as-of of the tables: ages, recency and exposure are
    then those of its day. `customer_id`, a whole number from 0 below 2**50, becomes one that is by 1 higher for each
    further day; `day_and_customer` tells both from it.

    Raises:
        UsageError: A day is later than the tables' as-of.
    """
    for day in days:
        refuse_later(tables, day)
    then = _loaded(tables, days)
    coupons = tables.coupons.inner_join(then, tables.coupons.claimed_on <= then["_day"])
    coupons = coupons_known(coupons, coupons["_day"], branch_of_burn=tables.branch_reading == "burning")
    lines = None
    if tables.lines is not None:
        lines = tables.lines.inner_join(then, tables.lines.ordered_on <= then["_day"])
    return replace(
        tables,
        customers=_moved(_customers(tables, then), ("join_date",)),
        coupons=_moved(coupons, ("claimed_on", "burnt_on", "expires_on")),
        lines=None if lines is None else _moved(lines, ("ordered_on",)),
    )


def day_and_customer(customer_id: ir.IntegerValue) -> tuple[ir.IntegerValue, ir.IntegerValue]:
    """From an id of `stacked` to the place of its day and the customer's own id."""
    day = (customer_id % _ROOM).cast("int64")
    return day, ((customer_id - day) / _ROOM).cast("int64")


def _customers(tables: Tables, then: ir.Table) -> ir.Table:
    """Those who had joined by each day or had an event."""
    met = tables.coupons.select("customer_id", day=tables.coupons.claimed_on)
    if tables.lines is not None:
        met = met.union(tables.lines.select("customer_id", day=tables.lines.ordered_on))
    met = met.group_by("customer_id").aggregate(_met=met.day.min())
    people = tables.customers.left_join(met, "customer_id").drop("customer_id_right").cross_join(then)
    joined = (people.join_date <= people["_day"]).fill_null(False)
    return people.filter(joined | (people["_met"] <= people["_day"]).fill_null(False)).drop("_met")


def _moved(rows: ir.Table, dates: tuple[str, ...]) -> ir.Table:
    later = rows["_shift"].as_interval("D")
    # A date and days are a timestamp that is called a date: a cast to a date alone would be left out.
    moved = {name: (rows[name] + later).cast("timestamp").cast("date") for name in dates}
    own = rows.customer_id.cast("int64") * _ROOM + rows["_at"]
    return rows.mutate(customer_id=own, **moved).drop("_at", "_shift", "_day")


def _loaded(tables: Tables, days: Sequence[dt.date]) -> ir.Table:
    """_at (place of the day), _shift (days from it to as-of) and _day."""
    import ibis
    import numpy as np

    shifts = np.array([(tables.as_of - day).days for day in days])
    loaded = load_columns(tables.engine, {"_at": np.arange(len(days)), "_shift": shifts})
    day = ibis.literal(tables.as_of) - loaded["_shift"].as_interval("D")
    return loaded.mutate(_day=day.cast("timestamp").cast("date"))
