"""What `order_counts.count_orders` counts in the engine, counted from orders in memory, under the same names."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from coterie.features.column import Column

if TYPE_CHECKING:
    from coterie.features.arrays import Floats, Integers
    from coterie.features.events import Events

_SMALL = 2_000_000
"""Bytes of the largest table of customers by values."""


class OrdersCounted:
    """The aggregates of orders; a base of `in_memory.Aggregates`, which says whose and in how many parts."""

    events: Events
    parts: int
    order_part: Integers | None
    return_part: Integers | None

    @property
    def rows(self) -> int:
        """Customers times parts."""
        return self.events.customers * self.parts

    @cached_property
    def order_count(self) -> Column:
        return self._of_orders(np.ones(len(self.events.orders)))

    @cached_property
    def total_spend(self) -> Column:
        return self._of_orders(self.events.orders.sales)

    @cached_property
    def repeat_spend(self) -> Column:
        first = self.first_order[np.maximum(self._order_row, 0)]
        return self._of_orders(np.where(self.events.orders.day > first, self.events.orders.sales, 0.0))

    @cached_property
    def returns_total(self) -> Column:
        orders = self.events.orders
        row = _row(orders.returned_by, self.return_part, self.parts)
        return _sum(row, orders.returned, self.rows)

    @cached_property
    def first_order(self) -> Column:
        return self._order_day(backwards=True)

    @cached_property
    def last_order(self) -> Column:
        return self._order_day()

    @cached_property
    def order_recency(self) -> Column:
        return (self.events.as_of - self.last_order).view(Column)

    @cached_property
    def order_span(self) -> Column:
        return (self.last_order - self.first_order).view(Column)

    @cached_property
    def order_age_sum(self) -> Column:
        return self._of_orders((self.events.as_of - self.events.orders.day).astype(np.float64))

    @cached_property
    def order_days(self) -> Column:
        rows, _ = self._days
        return np.bincount(rows, minlength=self.rows).astype(np.float64).view(Column)

    @cached_property
    def gap_squares(self) -> Column:
        rows, days = self._days
        same = rows[1:] == rows[:-1]
        gaps = np.diff(days).astype(np.float64)[same]
        return np.bincount(rows[1:][same], weights=gaps * gaps, minlength=self.rows).view(Column)

    @cached_property
    def categories_bought(self) -> Column:
        orders = self.events.orders
        return different(self._order_row[orders.bought_in], orders.category, self.rows)

    @cached_property
    def _order_row(self) -> Integers:
        return _row(self.events.orders.customer, self.order_part, self.parts)

    @cached_property
    def _days(self) -> tuple[Integers, Integers]:
        """Rows and days of every different day with an order of each row, in order."""
        there = self._order_row >= 0
        if not there.any():
            return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
        first = int(self.events.orders.day.min())
        width = self.events.as_of - first + 2
        pairs = np.unique(self._order_row[there] * width + self.events.orders.day[there] - first)
        return pairs // width, pairs % width

    def _of_orders(self, values: Floats) -> Column:
        return _sum(self._order_row, values, self.rows)

    def _order_day(self, *, backwards: bool = False) -> Column:
        """Day of each row's last order (or first): orders are by day, and the last one written stays."""
        found = np.full(self.rows, np.nan)
        there = self._order_row >= 0
        rows, days = self._order_row[there], self.events.orders.day[there].astype(np.float64)
        found[rows[::-1] if backwards else rows] = days[::-1] if backwards else days
        return found.view(Column)


def different(row: Integers, code: Integers, rows: int) -> Column:
    """(rows,) how many different codes each row has; a row or code of -1 is none."""
    known = (code >= 0) & (row >= 0)
    if not known.any():
        return np.zeros(rows).view(Column)
    width = int(code.max()) + 1
    pairs = row[known] * width + code[known]
    if rows * width <= _SMALL:  # a table of all pairs is filled in a tenth of the time they take to be sorted
        met = np.zeros(rows * width, dtype=np.bool_)
        met[pairs] = True
        return np.asarray(met.reshape(-1, width).sum(axis=1), dtype=np.float64).view(Column)
    return np.bincount(np.unique(pairs) // width, minlength=rows).astype(np.float64).view(Column)


def _row(customer: Integers, part: Integers | None, parts: int) -> Integers:
    if part is None:
        return customer if parts == 1 else np.full(len(customer), -1, dtype=np.int64)
    return np.where(part < 0, -1, customer * parts + part)


def _sum(row: Integers, values: Floats, rows: int) -> Column:
    there = row >= 0
    return np.bincount(row[there], weights=values[there], minlength=rows).view(Column)
