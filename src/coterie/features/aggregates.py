"""One row per known customer: everything counted once in the engine, from which every feature is expressed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import ibis
import numpy as np

from coterie.engines import named
from coterie.features.beside import beside
from coterie.features.order_counts import ORDER_COUNTS, ORDER_SUMS, count_orders
from coterie.tables import load_columns

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from coterie.features.contract import BurnCurveTable
    from coterie.tables.contract import Tables


DAYS_A_YEAR = 365.25

COUNTS = (
    "transaction_count",
    "coupons_claimed",
    "coupons_burnt",
    "coupons_expired",
    "merchants_burnt_at",
    "branches_burnt_at",
    "branches_used",
    "days_to_burn_count",
)

DISTINCT = {"merchants_burnt_at": "merchant_id", "branches_burnt_at": "branch_id", "branches_used": "branch_id"}

ONLY_FOR: Mapping[str, frozenset[str]] = {
    "start": frozenset(),
    "first_claim": frozenset(),
    "last_claim": frozenset(),
    "coupons_expired": frozenset(),
    "last_burn": frozenset(),
    "burn_recency": frozenset({"burn_recency"}),
    "days_to_burn_sum": frozenset({"days_to_burn"}),
    "days_to_burn_count": frozenset({"days_to_burn"}),
    "age_sum": frozenset({"claim_trend"}),
    "active_span": frozenset({"active_span", "claim_gap"}),
    "first_order": frozenset(),
    "last_order": frozenset(),
    "order_age_sum": frozenset({"order_trend"}),
    "gap_squares": frozenset({"gap_regularity"}),
}
"""Columns that only these features read: what nobody reads is not counted, which saves a third of the time."""

FINENESS = 2**40
"""Parts of a coupon are summed as whole 2^-40ths: integer sums are the same in any order, float sums are not."""


def aggregate(tables: Tables, curve: BurnCurveTable, *, wanted: frozenset[str]) -> ir.Table:
    """One row per known customer, seen in the customers table, in the coupons, in the orders or in several of them.

    Columns: customer_id, active (has a coupon or an order), city, gender, join_date, attributes (see
    `attribute_column`); start (earliest of join date, first claim and first order), exposure (days from start to the
    end of as-of, at least 1), exposure_years; recency (days since the later of last claim and last order).

    With coupons (0 for customers without): transaction_count, coupons_claimed, coupons_burnt, coupons_expired;
    first_claim, last_claim, last_burn (dates); days_to_burn_sum, days_to_burn_count; age_sum (days); expected_burns
    (sum of F(age)/F(end)); merchants_burnt_at, branches_burnt_at, branches_used; burn_recency, active_span (days).
    Distinct counts are dear, so those not among the `wanted` features are 0; favourite_branch, favourite_merchant (ids
    with most coupons, ties to the lowest) are there only if wanted.

    With orders: those of `count_orders`, and order_recency (days). Of the columns in ONLY_FOR there are those that a
    wanted feature reads.
    """
    coupons, orders = tables.has_coupons, tables.lines is not None
    attributes = {attribute_column(attribute.name): attribute.name for attribute in tables.attributes}
    known = tables.customers.rename(attributes)
    if coupons:
        known = beside(known, _coupons(tables, curve, wanted))
    if tables.orders is not None and tables.lines is not None:
        known = beside(known, count_orders(tables.orders, tables.lines, tables.as_of, wanted=wanted))
    met = [known[name].notnull() for has, name in ((coupons, "first_claim"), (orders, "first_order")) if has]
    whole = (*(COUNTS if coupons else ()), *(ORDER_COUNTS if orders else ()))
    parts = (*(("expected_burns",) if coupons else ()), *(ORDER_SUMS if orders else ()))
    zero = {name: ibis.coalesce(known[name], 0) for name in whole}
    zero |= {name: ibis.coalesce(known[name], 0.0) for name in parts}
    known = known.mutate(**zero, active=ibis.or_(*met))
    known = _in_time(known, tables.as_of, coupons=coupons, orders=orders)
    return known.drop(*(name for name, readers in ONLY_FOR.items() if name in known.columns and not readers & wanted))


def attribute_column(name: str) -> str:
    """Where an attribute of the customers table stands among the aggregates, which may have its name themselves."""
    return f"customers.{name}"


def _in_time(known: ir.Table, as_of: dt.date, *, coupons: bool, orders: bool) -> ir.Table:
    """When each customer began, for how long they have been seen since, and when they were last active."""
    start, last = known.join_date, None
    for has, first_event, last_event in ((coupons, "first_claim", "last_claim"), (orders, "first_order", "last_order")):
        if has:
            start = _either(start, known[first_event], ibis.least)
            last = known[last_event] if last is None else _either(last, known[last_event], ibis.greatest)
    assert last is not None  # there are coupons or orders
    known = known.mutate(start=start, last_event=last)
    # Someone who joins after as-of has no exposure yet; the window of the day of joining itself is one day long.
    exposure = days_between(known.start, as_of) + 1
    known = known.mutate(exposure=ibis.ifelse(exposure < 1, 1, exposure))
    more = {}
    if coupons:
        more["burn_recency"] = days_between(known.last_burn, as_of)
        more["active_span"] = known.last_claim.delta(known.first_claim, unit="day")
    if orders:
        more["order_recency"] = days_between(known.last_order, as_of)
    recency = days_between(known.last_event, as_of)
    return known.mutate(exposure_years=known.exposure / DAYS_A_YEAR, recency=recency, **more).drop("last_event")


def _either(one: ir.DateColumn, other: ir.DateColumn, choose: Callable[..., ir.Value]) -> ir.DateColumn:
    """The chosen one of two days, or the only one known; engines differ in what `least` does with NULL."""
    return ibis.ifelse(one.notnull() & other.notnull(), choose(one, other), ibis.coalesce(one, other))


def _coupons(tables: Tables, curve: BurnCurveTable, wanted: frozenset[str]) -> ir.Table:
    """One row per customer with a coupon."""
    counts = _count(tables, curve)
    for name, column in DISTINCT.items():
        if name in wanted:
            places = _places(tables.coupons, name, column)
            counts = counts.left_join(places, "customer_id").drop("customer_id_right")
        else:
            counts = counts.mutate(**{name: ibis.literal(0, "int64")})
    for dimension in ("branch", "merchant"):
        if f"favourite_{dimension}" in wanted:
            favourite = _favourite(tables.coupons, dimension)
            counts = counts.left_join(favourite, "customer_id").drop("customer_id_right")
    return counts


def days_between(start: ir.DateColumn, end: dt.date) -> ir.IntegerColumn:
    """Whole days from a date column to a day."""
    return ibis.date(end).delta(start, unit="day")


def ages(coupons: ir.Table, as_of: dt.date) -> ir.IntegerColumn:
    """Whole days from the claim of each coupon to as-of."""
    return days_between(coupons.claimed_on, as_of)


def _count(tables: Tables, curve: BurnCurveTable) -> ir.Table:
    coupons = tables.coupons.mutate(age=ages(tables.coupons, tables.as_of))
    if curve.plateau > 0:
        coupons = _with_expectation(tables, coupons, curve)
    else:
        coupons = coupons.mutate(expected=ibis.literal(0, "int64"))
    burnt = coupons.status == "burnt"
    days = coupons.burnt_on.delta(coupons.claimed_on, unit="day")
    return coupons.group_by("customer_id").aggregate(
        transaction_count=coupons.count(),
        coupons_claimed=coupons.count(where=coupons.status == "claimed"),
        coupons_burnt=coupons.count(where=burnt),
        coupons_expired=coupons.count(where=coupons.status == "expired"),
        first_claim=coupons.claimed_on.min(),
        last_claim=coupons.claimed_on.max(),
        last_burn=coupons.burnt_on.max(),
        days_to_burn_sum=days.sum().cast("int64"),
        days_to_burn_count=days.count(),
        expected_burns=coupons.expected.sum() / FINENESS,
        age_sum=coupons.age.sum().cast("int64"),
    )


def _places(coupons: ir.Table, name: str, column: str) -> ir.Table:
    """customer_id and at how many different places; pairs first, which takes a third of the time of count(distinct)."""
    held = coupons[column].notnull()
    rows = coupons.filter(held & (coupons.status == "burnt") if name.endswith("burnt_at") else held)
    pairs = rows.select("customer_id", column).distinct()
    return pairs.group_by("customer_id").aggregate(**{name: pairs.count()})


def _with_expectation(tables: Tables, coupons: ir.Table, curve: BurnCurveTable) -> ir.Table:
    """Each coupon with F(age)/F(end): the part of its possible burns that its age has allowed so far."""
    plateau = curve.plateau
    parts = np.array([round(share / plateau * FINENESS) for share in curve.share], dtype=np.int64)
    parts = parts[: int(np.searchsorted(parts, FINENESS))]  # from there on it stays
    lookup = load_columns(tables.engine, {"day": np.arange(len(parts)), "part": parts})
    lookup = named(tables.engine, lookup, "burn_curve")
    joined = coupons.left_join(lookup, coupons.age == lookup.day)
    return joined.mutate(expected=ibis.coalesce(joined.part, FINENESS)).drop("day", "part")


def _favourite(coupons: ir.Table, dimension: str) -> ir.Table:
    """customer_id and the branch or merchant with most of their coupons; ties go to the lowest id."""
    key = f"{dimension}_id"
    held = coupons.filter(coupons[key].notnull()).group_by("customer_id", key).aggregate(held=lambda t: t.count())
    order = ibis.window(group_by=held.customer_id, order_by=[ibis.desc(held.held), held[key]])
    first = held.mutate(place=ibis.row_number().over(order))
    return first.filter(first.place == 0).select("customer_id", **{f"favourite_{dimension}": first[key]})
