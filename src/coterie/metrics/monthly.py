"""The shop month by month: who came, came back and stayed away, and what they ordered, for all and per segment."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import ibis

from coterie.metrics.contract import Month
from coterie.metrics.periods import index_of, period_index, period_start
from coterie.metrics.sales import Key, Tally, in_money, quotient, tally
from coterie.metrics.visits import visits
from coterie.tables import with_segment

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from coterie.engines import Engine
    from coterie.tables.contract import Tables

_NOTHING: Mapping[str, int] = {}


def monthly(
    tables: Tables,
    orders: ir.Table | None,
    assigned: ir.Table | None,
    segments: Sequence[int],
    by_day: ir.Table | None = None,
) -> Mapping[Key, tuple[Month, ...]]:
    """Every calendar month from the first event to as-of, of each segment, and under None of all customers.

    A customer is active in a month with an order; where there are no orders, with a claim. Sales count in the month of
    their order, returns in the month they came back.

    Args:
        tables: Checked tables.
        orders: `Tables.orders`, perhaps with month and before, the numbers of the months of ordered_on and before_on;
            None without orders.
        assigned: customer_id and segment of every known customer; None for all customers alone.
        segments: Those wanted, whether anything happened in them or not.
        by_day: What `coupons_by_day` gives of them; None without coupons. Where it has before_on too, a day in the
            month of the customer's claim before (NULL for the first), customers are counted by that alone.
    """
    engine = tables.engine
    of_coupons = [] if by_day is None else _of_coupons(engine, by_day)
    if orders is None and by_day is not None and "before_on" in by_day.columns:
        active = tally(engine, _claimed(by_day), "month")
    elif orders is None:
        own = [name for name in ("customer_id", "segment") if name in tables.coupons.columns]
        claims = tables.coupons.select(*own, day="claimed_on")
        active = visits(engine, claims, sorted(of_coupons[0].get(None, {})), assigned)
    else:
        active = tally(engine, _activity(with_segment(_orders(orders), assigned)), "month")
    parts = [active, *of_coupons]
    if tables.lines is not None:
        returns = tables.lines.filter(tables.lines.kind == "return")
        returns = returns.select("customer_id", month=index_of(returns.ordered_on, "month"), returns=-returns.money)
        parts.append(tally(engine, _summed(returns, "returns", assigned), "month"))
    seen = [month for part in parts for month in part.get(None, {})]
    first = min([period_index(tables.first_day, "month"), *seen])
    months = range(first, period_index(tables.as_of, "month") + 1)
    return {key: tuple(_one(tables, parts, key, month) for month in months) for key in (None, *segments)}


def _orders(orders: ir.Table) -> ir.Table:
    """The orders with month, and before (month of the customer's order before it), where they have not got them."""
    if {"month", "before"} <= set(orders.columns):
        return orders
    return orders.mutate(month=index_of(orders.ordered_on, "month"), before=index_of(orders.before_on, "month"))


def _of_coupons(engine: Engine, by_day: ir.Table) -> list[Tally]:
    """Per segment and month: claims, and burns."""
    burnt = by_day.filter((by_day.status == "burnt") & by_day.burnt_on.notnull())
    found = []
    for rows, day, name in ((by_day, by_day.claimed_on, "claims"), (burnt, burnt.burnt_on, "burns")):
        months = rows.group_by("segment", month=index_of(day, "month"))
        found.append(tally(engine, months.aggregate(rows.coupons.sum().cast("int64").name(name)), "month"))
    return found


def _activity(rows: ir.Table) -> ir.Table:
    """Per segment and month: customers, new, returning (active in the month before), orders, sales."""
    first_there = rows.before.isnull() | (rows.before < rows.month)
    return rows.group_by("segment", "month").aggregate(
        customers=first_there.sum(),
        new=rows.before.isnull().sum(),
        returning=(rows.before == rows.month - 1).sum(),
        orders=rows.count(),
        sales=rows.sales.sum().cast("int64"),
    )


def _claimed(by_day: ir.Table) -> ir.Table:
    """Per segment and month: customers, new, returning, as `_activity` of orders."""
    month, before = index_of(by_day.claimed_on, "month"), index_of(by_day.before_on, "month")
    rows = by_day.select("segment", "coupons", month=month, before=before)

    def counted(which: ir.BooleanValue) -> ir.IntegerScalar:
        return ibis.ifelse(which.fill_null(False), rows.coupons, 0).sum().cast("int64")

    first_ever = rows.before.isnull()
    return rows.group_by("segment", "month").aggregate(
        customers=counted(first_ever | (rows.before < rows.month)),
        new=counted(first_ever),
        returning=counted(rows.before == rows.month - 1),
    )


def _summed(rows: ir.Table, name: str, assigned: ir.Table | None) -> ir.Table:
    """The column summed per segment and month."""
    rows = with_segment(rows, assigned)
    return rows.group_by("segment", "month").aggregate(rows[name].sum().cast("int64").name(name))


def _one(tables: Tables, parts: list[Tally], key: Key, month: int) -> Month:
    sums: dict[str, int] = {}
    for part in parts:
        sums |= part.get(key, {}).get(month, _NOTHING)
    customers, new, returning = (sums.get(name, 0) for name in ("customers", "new", "returning"))
    first, after = period_start(month, "month"), period_start(month + 1, "month")
    sales, ordered, coupons = in_money(sums.get("sales", 0)), tables.has_orders, tables.has_coupons
    return Month(
        month=first,
        complete=tables.first_day <= first and after <= tables.as_of + dt.timedelta(days=1),
        customers=customers,
        new=new,
        returning=returning,
        # Of those who were there the month before, all who did not return.
        lapsed=parts[0].get(key, {}).get(month - 1, _NOTHING).get("customers", 0) - returning,
        won_back=customers - new - returning,
        orders=sums.get("orders", 0) if ordered else None,
        sales=sales if ordered else None,
        revenue=in_money(sums.get("sales", 0) - sums.get("returns", 0)) if ordered else None,
        aov=quotient(sales, sums.get("orders", 0)) if ordered else None,
        claims=sums.get("claims", 0) if coupons else None,
        burns=sums.get("burns", 0) if coupons else None,
    )
