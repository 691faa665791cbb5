"""Order days of customers as BG/NBD and Gamma-Gamma see them, counted in the engine, and grouped to come to Python."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import ibis
import numpy as np
from numpy.typing import NDArray

from coterie.features.bg_nbd import Histories
from coterie.features.gamma_gamma import RepeatSales
from coterie.tables import in_sequence
from coterie.tables.contract import MONEY

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa

    from coterie.engines import Engine

Floats = NDArray[np.float64]

WEEK = 7
NOWHERE = -2
"""Group of customers of whom none is known; -1 is a segment."""
MOST = 200_000
"""Distinct histories held in Python; where there are more, neighbouring ones are put together."""
WIDTHS = (1, 7, 14, 28, 56, 112, 224)
"""Days within which histories are put together: 1 is exact; a wider one holds the mean times of its customers."""
FINENESS = (0, 200, 100, 50, 20, 10)
"""Parts of a unit of log mean value put together in the same way; 0 is exact."""


def order_history(orders: ir.Table, as_of: dt.date) -> ir.Table:
    """One row per customer with an order by the end of `as_of`, as BG/NBD and Gamma-Gamma see them.

    Args:
        orders: Of `orders_of`, better `in_sequence`.
        as_of: Later orders are left out.

    Returns:
        customer_id; x (int64, order days after the first); span_days, age_days (int64, from the first order day to the
        last and to as-of); repeat_sales (int64 money, sales on the days after the first); t_x, t (the spans in weeks);
        mean_value (of repeat days, in the currency; NULL where x is 0). Orders of a day are one, worth their sum.
    """
    placed = in_sequence(orders)
    known = placed.filter(placed.ordered_on <= ibis.date(as_of))
    people = known.group_by("customer_id").aggregate(
        x=known.count(where=known.before_on < known.ordered_on),
        first=known.ordered_on.min(),
        last=known.ordered_on.max(),
        repeat_sales=known.sales.sum(where=known.ordered_on > known.first_on).cast("int64").fill_null(0),
    )
    spans = people.select(
        "customer_id",
        "x",
        "repeat_sales",
        span_days=people["last"].delta(people["first"], unit="day").cast("int64"),
        age_days=ibis.date(as_of).delta(people["first"], unit="day").cast("int64"),
    )
    return spans.mutate(
        t_x=spans.span_days / WEEK,
        t=spans.age_days / WEEK,
        mean_value=spans.repeat_sales / (spans.x.nullif(0) * float(MONEY)),
    )


def histories_of(people: ir.Table) -> ir.Table:
    """The columns of `order_history` that the models are fitted to, from what is counted of every known customer.

    Args:
        people: One row per customer with order_days, order_span, order_recency (days) and repeat_spend (currency).
    """
    buyers = people.filter(people.order_days > 0)
    return buyers.select(
        x=(buyers.order_days - 1).cast("int64"),
        span_days=buyers.order_span.cast("int64"),
        age_days=(buyers.order_recency + buyers.order_span).cast("int64"),
        repeat_sales=(buyers.repeat_spend * float(MONEY)).round().cast("int64"),
    )


@dataclass(frozen=True)
class GroupedHistories:
    """Distinct histories with the customers that have each and, in currency, their repeat sales together; (n,).

    Attributes:
        histories: x, t_x, t in weeks, customers.
        sales: On repeat days, of all customers of the row.
        group: What they are grouped by beside it, such as the segment; `NOWHERE` where unknown.
        days_together: Width of histories put together, in days; 1 where none were.
    """

    histories: Histories
    sales: Floats
    group: NDArray[np.int64]
    days_together: int


def grouped_histories(engine: Engine, people: ir.Table, *, by: str | None = None, most: int = MOST) -> GroupedHistories:
    """Customers with the same history as one row, in ascending order.

    Where that leaves more than `most` rows, histories within some days of each other are put together, with the mean
    of their times and the exact number of customers and sales; as wide as is needed and no wider.

    Args:
        engine: Where `people` live.
        people: Of `order_history`, better kept; with an integer column `by` where that is given.
        by: Column to group by too.
        most: Rows to come to Python.
    """
    for width in WIDTHS:
        keys = {
            "_group": people[by].cast("int64").fill_null(NOWHERE) if by else ibis.literal(NOWHERE, "int64"),
            "_x": people.x,
            "_span": people.span_days // width,
            "_age": people.age_days // width,
        }
        keyed = people.mutate(**keys)
        rows = keyed.group_by(*keys).aggregate(
            customers=keyed.count(),
            span=keyed.span_days.sum().cast("int64"),
            age=keyed.age_days.sum().cast("int64"),
            sales=keyed.repeat_sales.sum().cast("int64"),
        )
        if width == WIDTHS[-1] or _number_of(engine, rows) <= most:
            break
    group, x, _, _, customers, span, age, sales = _columns(engine, rows.order_by(*keys))
    histories = Histories(x, span / customers / WEEK, age / customers / WEEK, customers)
    return GroupedHistories(histories, sales / MONEY, group.astype(np.int64), width)


def grouped_sales(engine: Engine, people: ir.Table, *, most: int = MOST) -> RepeatSales:
    """Customers with repeat sales above 0 by repeat days and sales on them; put together as `grouped_histories`."""
    buyers = people.filter((people.x > 0) & (people.repeat_sales > 0))
    for parts in FINENESS:
        value = (buyers.repeat_sales / buyers.x).ln()
        level = (value * parts).floor().cast("int64") if parts else buyers.repeat_sales
        levelled = buyers.mutate(_level=level)
        rows = levelled.group_by("x", "_level").aggregate(
            customers=levelled.count(), sales=levelled.repeat_sales.sum().cast("int64")
        )
        if parts == FINENESS[-1] or _number_of(engine, rows) <= most:
            break
    x, _, customers, sales = _columns(engine, rows.order_by("x", "_level"))
    return RepeatSales(x, sales / MONEY / customers, customers)


def _number_of(engine: Engine, rows: ir.Table) -> int:
    return int(engine.collect(rows.aggregate(n=rows.count())).column("n")[0].as_py())


def _columns(engine: Engine, rows: ir.Table) -> Sequence[Floats]:
    return [numbers_of(column.combine_chunks()) for column in engine.collect(rows).columns]


def numbers_of(column: pa.Array) -> Floats:
    """Integers or floats without NULL as floats; through the buffer protocol, because Arrow's own way loads pandas."""
    import pyarrow as pa

    floats = column.cast(pa.float64())
    if len(floats) == 0:
        return np.zeros(0)
    return np.frombuffer(floats.buffers()[1], dtype=np.float64)[floats.offset : floats.offset + len(floats)]
