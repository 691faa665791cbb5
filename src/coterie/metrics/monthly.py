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
        orders: `Tables.orders`; None without orders.
        assigned: customer_id and segment of every known customer; None for all customers alone.
        segments: Those wanted, whether anything happened in them or not.
    """
    engine = tables.engine
    happened = _claims(tables) if orders is None else _orders(orders)
    parts = [tally(engine, _activity(with_segment(happened, assigned)), "month")]
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


def _orders(orders: ir.Table) -> ir.Table:
    """The orders with month, and before (month of the customer's order before it)."""
    return orders.mutate(month=index_of(orders.ordered_on, "month"), before=index_of(orders.before_on, "month"))


def _claims(tables: Tables) -> ir.Table:
    """The same of months with a claim, in place of orders: one row per customer and month, without sales."""
    claims = tables.coupons.select("customer_id", month=index_of(tables.coupons.claimed_on, "month")).distinct()
    before = claims.month.lag().over(ibis.window(group_by="customer_id", order_by="month"))
    return claims.mutate(before=before, sales=ibis.literal(0, "int64"))


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
