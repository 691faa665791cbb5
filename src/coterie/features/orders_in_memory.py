"""What `order_counts.count_orders` counts in the engine, counted from orders in memory, under the same names."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

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
    ways: int
    order_part: Integers | None
    return_part: Integers | None

    @property
    def rows(self) -> int:
        """Customers times parts times ways."""
        return self.events.customers * self.parts * self.ways

    @cached_property
    def order_count(self) -> Column:
        return self._of_orders(np.ones(len(self.events.orders)))

    @cached_property
    def total_spend(self) -> Column:
        return self._of_orders(self.events.orders.sales)

    @cached_property
    def repeat_spend(self) -> Column:
        orders = self.events.orders
        first = self.first_order[np.maximum(self._order_row, 0)]
        return _sum(self._order_row, np.where(orders.day > first, orders.sales, 0.0), self.rows)

    @cached_property
    def returns_total(self) -> Column:
        orders = self.events.orders
        row = row_of(orders.returned_by, self.return_part, self.parts, self.events.customers)
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
        return different(self._order_row[:, orders.bought_in], orders.category, self.rows)

    @cached_property
    def _order_row(self) -> Integers:
        """(w, o)."""
        return row_of(self.events.orders.customer, self.order_part, self.parts, self.events.customers)

    @cached_property
    def _days(self) -> tuple[Integers, Integers]:
        """Rows and days of every different day with an order of each row, in order."""
        rows, day = there_of(self._order_row, self.events.orders.day)
        if not len(rows):
            return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
        first = int(self.events.orders.day.min())
        width = self.events.as_of - first + 2
        pairs = np.unique(rows * width + day - first)
        return pairs // width, pairs % width

    def _of_orders(self, values: Floats) -> Column:
        return _sum(self._order_row, values, self.rows)

    def _order_day(self, *, backwards: bool = False) -> Column:
        """Day of each row's last order (or first): orders are by day, and the last one written stays."""
        found = np.full(self.rows, np.nan)
        rows, days = there_of(self._order_row, self.events.orders.day.astype(np.float64))
        found[rows[::-1] if backwards else rows] = days[::-1] if backwards else days
        return found.view(Column)


def row_of(customer: Integers, part: Integers | None, parts: int, customers: int) -> Integers:
    """(w, m) row of each event, by w ways to part them: (way * customers + customer) * parts + part; -1 for none."""
    if part is None:
        return customer[None] if parts == 1 else np.full((1, len(customer)), -1, dtype=np.int64)
    every = np.atleast_2d(part)
    row = customer * parts + every
    if len(every) > 1:
        row += np.arange(len(every))[:, None] * (customers * parts)
    return row if every.min(initial=0) >= 0 else np.where(every < 0, -1, row)


def different(row: Integers, code: Integers, rows: int) -> Column:
    """(rows,) how many different codes each row has; a row (w, m) or code (m,) of -1 is none."""
    known = code >= 0
    row, code = (row, code) if known.all() else (row[:, known], code[known])
    if not code.size:
        return np.zeros(rows).view(Column)
    width, ways = int(code.max()) + 1, len(row)
    each = rows // ways
    if each * width <= _SMALL:  # a table of all pairs is filled in a tenth of the time they take to be sorted
        counts = [_met(one - way * each, code, each, width) for way, one in enumerate(row)]
        return np.concatenate(counts).view(Column)
    row, code = there_of(row, code)
    return np.bincount(np.unique(row * width + code) // width, minlength=rows).astype(np.float64).view(Column)


def _met(row: Integers, code: Integers, rows: int, width: int) -> Floats:
    """(rows,) the same from a table of all pairs; one column of it is a row in memory, so that they add up fast."""
    met = np.zeros((width, rows), dtype=np.uint8)
    if row.min(initial=0) < 0:
        row, code = row[row >= 0], code[row >= 0]
    met.ravel()[code * rows + row] = 1
    found = np.zeros(rows)
    for first in range(0, width, 255):  # as many as a byte can count
        found += met[first : first + 255].sum(axis=0, dtype=np.uint8)
    return found


def there_of(row: Integers, values: Floats | Integers) -> tuple[Integers, Any]:
    """Rows (w, m) and values (m,) or (w, m) one after the other, without those in no part."""
    rows, every = row.ravel(), np.broadcast_to(values, row.shape).ravel()
    there = rows >= 0
    return (rows, every) if there.all() else (rows[there], every[there])


def _sum(row: Integers, values: Floats, rows: int) -> Column:
    there, weights = there_of(row, values)
    return np.bincount(there, weights=weights, minlength=rows).view(Column)
