"""The shop month by month: who came, came back and stayed away, and what they ordered, for all and per segment."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import ibis

from coterie.metrics.contract import Month
from coterie.metrics.periods import index_of, period_index, period_start
from coterie.metrics.sales import Key, Tally, in_money, quotient, tally, with_segment

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from coterie.tables.contract import Tables

_NOTHING: Mapping[str, int] = {}


def monthly(
    tables: Tables, orders: ir.Table | None, assigned: ir.Table | None, segments: Sequence[int]
) -> Mapping[Key, tuple[Month, ...]]:
    """Every calendar month from the first event to as-of, of each segment, and under None of all customers.

    A customer is active in a month with an order; where there are no orders, with a claim. Sales count in the month of
    their order, returns in the month they came back.

    Args:
        tables: Checked tables.
        orders: What `kept_orders` gives; None without orders.
        assigned: customer_id and segment of every known customer; None for all customers alone.
        segments: Those wanted, whether anything happened in them or not.
    """
    engine = tables.engine
    parts = [tally(engine, _activity(_active_months(tables, orders), assigned), "month")]
    if tables.lines is not None:
        returns = tables.lines.filter(tables.lines.kind == "return")
        returns = returns.select("customer_id", month=index_of(returns.ordered_on, "month"), returns=-returns.money)
        parts.append(tally(engine, _summed(returns, "returns", assigned), "month"))
    if tables.has_coupons:
        coupons = tables.coupons
        claims = coupons.select(
            "customer_id", month=index_of(coupons.claimed_on, "month"), claims=ibis.literal(1, "int64")
        )
        burnt = coupons.filter((coupons.status == "burnt") & coupons.burnt_on.notnull())
        burns = burnt.select("customer_id", month=index_of(burnt.burnt_on, "month"), burns=ibis.literal(1, "int64"))
        parts += [tally(engine, _summed(claims, "claims", assigned), "month")]
        parts += [tally(engine, _summed(burns, "burns", assigned), "month")]
    seen = [month for part in parts for month in part.get(None, {})]
    first = min([period_index(tables.first_day, "month"), *seen])
    months = range(first, period_index(tables.as_of, "month") + 1)
    return {key: tuple(_one(tables, parts, key, month) for month in months) for key in (None, *segments)}


def _active_months(tables: Tables, orders: ir.Table | None) -> ir.Table:
    """One row per customer and month in which they were active: customer_id, month, orders, sales."""
    if orders is not None:
        return orders.group_by("customer_id", month=index_of(orders.ordered_on, "month")).aggregate(
            orders=orders.count(), sales=orders.sales.sum().cast("int64")
        )
    coupons = tables.coupons
    nothing = ibis.literal(0, "int64")
    return coupons.select("customer_id", month=index_of(coupons.claimed_on, "month")).distinct().mutate(
        orders=nothing, sales=nothing
    )  # fmt: skip


def _activity(active: ir.Table, assigned: ir.Table | None) -> ir.Table:
    """Per segment and month: customers, new, returning, leaving (active, but not in the month after), orders, sales."""
    by_customer = ibis.window(group_by="customer_id", order_by="month")
    rows = active.mutate(before=active.month.lag().over(by_customer), after=active.month.lead().over(by_customer))
    rows = with_segment(rows, assigned)
    return rows.group_by("segment", "month").aggregate(
        customers=rows.count(),
        new=rows.before.isnull().sum(),
        returning=(rows.before == rows.month - 1).sum(),
        leaving=(rows.after.isnull() | (rows.after > rows.month + 1)).sum(),
        orders=rows.orders.sum(),
        sales=rows.sales.sum().cast("int64"),
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
        lapsed=parts[0].get(key, {}).get(month - 1, _NOTHING).get("leaving", 0),
        won_back=customers - new - returning,
        orders=sums.get("orders", 0) if ordered else None,
        sales=sales if ordered else None,
        revenue=in_money(sums.get("sales", 0) - sums.get("returns", 0)) if ordered else None,
        aov=quotient(sales, sums.get("orders", 0)) if ordered else None,
        claims=sums.get("claims", 0) if coupons else None,
        burns=sums.get("burns", 0) if coupons else None,
    )
