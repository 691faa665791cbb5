"""The orders of a bounded number of customers as arrays, and what was known of them on an earlier day."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import ibis
import numpy as np

from coterie.features.arrays import Floats, Integers, codes_of, days_of, whole_of
from coterie.tables import orders_of
from coterie.tables.contract import MONEY

if TYPE_CHECKING:
    import ibis.expr.types as ir
    from numpy.typing import NDArray

    from coterie.tables.contract import Tables


def _none() -> Integers:
    return np.zeros(0, dtype=np.int64)


def _nothing() -> Floats:
    return np.zeros(0)


@dataclass(frozen=True)
class Orders:
    """Orders of n customers, o in all, ordered by day; days are whole days since 1 January 1970.

    Attributes:
        customer: (o,) place of the order's customer, 0..n-1.
        day: (o,) day of the order.
        sales: (o,) its sales, in the currency's unit.
        bought_in: (c,) place of an order; `category`: (c,) a number for a category in it; every pair once.
        returned_by: (r,) place of the customer of a returned line, in order of day.
        returned_on: (r,) its day.
        returned: (r,) its amount, positive.
    """

    customer: Integers = field(default_factory=_none)
    day: Integers = field(default_factory=_none)
    sales: Floats = field(default_factory=_nothing)
    bought_in: Integers = field(default_factory=_none)
    category: Integers = field(default_factory=_none)
    returned_by: Integers = field(default_factory=_none)
    returned_on: Integers = field(default_factory=_none)
    returned: Floats = field(default_factory=_nothing)

    def __len__(self) -> int:
        """How many orders."""
        return len(self.customer)

    def known_at(self, day: int) -> Orders:
        """What was known at the end of an earlier day."""
        return self._only(self.day <= day, self.returned_on <= day)

    def after(self, day: int) -> Orders:
        """Only what was ordered, and sent back, after the end of that day."""
        return self._only(self.day > day, self.returned_on > day)

    def of(self, place: Integers) -> Orders:
        """The orders of some customers: (n,) their new place, -1 for those left out."""
        kept = self._only(place[self.customer] >= 0, place[self.returned_by] >= 0)
        return replace(kept, customer=place[kept.customer], returned_by=place[kept.returned_by])

    def _only(self, orders: NDArray[np.bool_], returns: NDArray[np.bool_]) -> Orders:
        place = np.where(orders, np.cumsum(orders) - 1, -1)
        bought = place[self.bought_in] >= 0
        return Orders(
            customer=self.customer[orders],
            day=self.day[orders],
            sales=self.sales[orders],
            bought_in=place[self.bought_in[bought]],
            category=self.category[bought],
            returned_by=self.returned_by[returns],
            returned_on=self.returned_on[returns],
            returned=self.returned[returns],
        )


def orders_events(tables: Tables, people: ir.Table) -> Orders:
    """The orders of a bounded number of customers.

    Args:
        tables: Checked tables.
        people: Kept in the engine: place (int64, 0..n-1 in the order wanted), customer_id.
    """
    if tables.lines is None:
        return Orders()
    engine = tables.engine
    lines = engine.keep(tables.lines.inner_join(people.select("place", "customer_id"), "customer_id"))
    orders = orders_of(lines).inner_join(people.select("place", "customer_id"), "customer_id")
    order = ibis.window(order_by=[orders.ordered_on, orders.place, orders.order_id])
    orders = engine.keep(orders.mutate(number=ibis.row_number().over(order)))
    rows = engine.collect(orders.select("number", "place", "ordered_on", "sales").order_by("number"))
    sold = lines.filter((lines.kind == "sale") & lines.category.notnull())
    bought = sold.inner_join(orders.select("number", "customer_id", "order_id"), ["customer_id", "order_id"])
    pairs = engine.collect(bought.select("number", "category").distinct().order_by("number", "category"))
    back = lines.filter(lines.kind == "return").select("place", "ordered_on", "money", "order_id")
    returns = engine.collect(back.order_by("ordered_on", "place", "order_id", "money"))
    return Orders(
        customer=whole_of(rows, "place"),
        day=days_of(rows, "ordered_on").astype(np.int64),
        sales=whole_of(rows, "sales") / MONEY,
        bought_in=whole_of(pairs, "number"),
        category=codes_of(pairs, "category"),
        returned_by=whole_of(returns, "place"),
        returned_on=days_of(returns, "ordered_on").astype(np.int64),
        returned=-whole_of(returns, "money") / MONEY,
    )
