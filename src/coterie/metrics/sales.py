"""Sales, returns, orders and who ordered, for all customers and per segment, summed in the engine as whole numbers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import ibis

from coterie.tables import with_segment
from coterie.tables.contract import MONEY

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from coterie.engines import Engine
    from coterie.tables.contract import Tables

Key = int | None
"""Number of a segment; None for all customers."""
Tally = Mapping[Key, Mapping[Any, Mapping[str, int]]]
"""Segment -> value of what was grouped by -> sums; what is not there is 0."""


@dataclass(frozen=True)
class Sums:
    """What a group of customers adds up to; money in 1/10,000.

    Attributes:
        customers: All of them.
        buyers, repeaters: With at least one order, with at least two.
        returns_only, free_only: With returns but no order; with free items but neither.
        orders, sales, returns: Sales invoices, sum of positive lines, sum of returns (positive).
        coupons, burnt: Coupons, and how many of them were burnt.
    """

    customers: int = 0
    buyers: int = 0
    repeaters: int = 0
    returns_only: int = 0
    free_only: int = 0
    orders: int = 0
    sales: int = 0
    returns: int = 0
    coupons: int = 0
    burnt: int = 0


def sums_by_segment(
    tables: Tables, orders: ir.Table | None, assigned: ir.Table | None, by_day: ir.Table | None = None
) -> Mapping[Key, Sums]:
    """The sums of each segment, and under None those of all customers.

    Args:
        tables: Checked tables.
        orders: `Tables.orders`; None without orders.
        assigned: customer_id and segment of every known customer; None for the totals alone.
        by_day: What `coupons_by_day` gives of them; None without coupons.
    """
    engine, lines = tables.engine, tables.lines
    parts: list[ir.Table] = []
    if assigned is not None:
        parts.append(assigned.group_by("segment").aggregate(customers=assigned.count()))
    if orders is not None and lines is not None:
        parts += [_of_orders(orders, assigned), _of_the_rest(lines, orders, assigned)]
    if by_day is not None:
        burnt = ibis.ifelse(by_day.status == "burnt", by_day.coupons, 0)
        parts.append(by_day.group_by("segment").aggregate(coupons=by_day.coupons.sum(), burnt=burnt.sum()))
    merged: dict[Key, dict[str, int]] = {None: {}}
    for part in parts:
        for key, values in tally(engine, part).items():
            merged.setdefault(key, {}).update(values[None])
    names = {field.name for field in fields(Sums)}
    return {key: Sums(**{name: sums[name] for name in names & set(sums)}) for key, sums in merged.items()}


def tally(engine: Engine, cells: ir.Table, by: str | None = None) -> Tally:
    """Cells (segment, perhaps the column `by`, and numbers that may be added) by segment, and added up under None.

    A customer is in one segment, so what is counted per customer or order adds up over segments too.
    """
    found: dict[Key, dict[Any, dict[str, int]]] = {}
    for row in engine.collect(cells).to_pylist():
        value, segment = row.pop(by) if by else None, row.pop("segment")
        for key in {None, segment}:
            sums = found.setdefault(key, {}).setdefault(value, defaultdict(int))
            for name, number in row.items():
                sums[name] += int(number or 0)
    return found


def in_money(parts: int) -> float:
    """Counted money in units of the currency: the float nearest to it.

    Example:
        >>> in_money(89_114_079_000)
        8911407.9
    """
    return parts / MONEY


def quotient(above: float | None, below: float | None) -> float | None:
    """Their quotient; None where there is nothing to divide by, or nothing known.

    Example:
        >>> quotient(3.0, 4), quotient(1.0, 0)
        (0.75, None)
    """
    return None if above is None or not below else above / below


def sales_figures(own: Sums) -> dict[str, Any]:
    """Figures of orders that all customers and a segment share, by their names in `Metrics` and `SegmentMetrics`."""
    sales, revenue = in_money(own.sales), in_money(own.sales - own.returns)
    return {
        "sales": sales,
        "returns": in_money(own.returns),
        "revenue": revenue,
        "orders": own.orders,
        "aov": quotient(sales, own.orders),
        "net_aov": quotient(revenue, own.orders),
        "repeat_purchase_rate": quotient(own.repeaters, own.buyers),
    }


def segment_figures(own: Sums, everyone: Sums) -> dict[str, Any]:
    """Figures of orders that only a segment has, by their names in `SegmentMetrics`."""
    share = quotient(in_money(own.sales), in_money(everyone.sales))
    return {
        "buyers": own.buyers,
        "sales_share": share,
        "sales_index": quotient(share, quotient(own.buyers, everyone.buyers)),
        "return_rate": quotient(in_money(own.returns), in_money(own.sales)),
    }


def _of_orders(orders: ir.Table, assigned: ir.Table | None) -> ir.Table:
    orders = with_segment(orders, assigned)
    return orders.group_by("segment").aggregate(
        buyers=(orders.earlier == 0).sum(),
        repeaters=(orders.earlier == 1).sum(),
        orders=orders.count(),
        sales=orders.sales.sum().cast("int64"),
    )


def _of_the_rest(lines: ir.Table, orders: ir.Table, assigned: ir.Table | None) -> ir.Table:
    """Returns, and the customers who have nothing but returns and free items."""
    rest = lines.filter(lines.kind != "sale")
    returned = rest.kind == "return"
    each = rest.group_by("customer_id").aggregate(
        returns=-ibis.ifelse(returned, rest.money, 0).sum().cast("int64"), returned=returned.any()
    )
    bought = orders.filter(orders.earlier == 0).select(_buyer="customer_id")
    each = each.left_join(bought, each.customer_id == bought["_buyer"])
    each = with_segment(each, assigned)
    never = each["_buyer"].isnull()
    return each.group_by("segment").aggregate(
        returns=each.returns.sum().cast("int64"),
        returns_only=(never & each.returned).sum(),
        free_only=(never & ~each.returned).sum(),
    )
