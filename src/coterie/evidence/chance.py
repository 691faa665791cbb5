"""The same events handed out by chance: what customers who are all alike would have done."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from coterie.clustering import Floats, Labels
from coterie.features import Events


@dataclass(frozen=True)
class Chance:
    """Deals the events of some customers out again.

    Attributes:
        events: As they happened.
        since: (n,) day from which each customer was exposed.
        power, orders_power: beta of coupons and of orders: they go to customers in proportion to exposure^beta.
    """

    events: Events
    since: Floats
    power: float
    orders_power: float

    kinds = ("events", "burns", "amounts", "returns")

    def deal(self, kind: str, rng: np.random.Generator) -> Events:
        """The events with one kind of thing dealt out by chance: whole coupons and orders, or what became of them."""
        match kind:
            case "events":
                return self._events(rng)
            case "burns":
                return self._burns(rng)
            case "amounts":
                orders = self.events.orders
                return replace(self.events, orders=replace(orders, sales=orders.sales[rng.permutation(len(orders))]))
            case "returns":
                orders = self.events.orders
                whose = rng.integers(0, max(len(orders), 1), len(orders.returned))
                return replace(self.events, orders=replace(orders, returned_by=orders.customer[whose]))
        raise ValueError(f"{kind!r} is nothing that chance deals out")

    @cached_property
    def _share(self) -> Floats:
        """(n,) running sum of exposure^beta."""
        return self._running(self.power)

    @cached_property
    def _order_share(self) -> Floats:
        return self._running(self.orders_power)

    def _running(self, power: float) -> Floats:
        exposure = (self.events.as_of - self.since + 1.0).clip(1.0)
        shares: Floats = np.cumsum(np.nan_to_num(exposure**power))
        return shares

    def _events(self, rng: np.random.Generator) -> Events:
        moved = self._coupons(rng) if len(self.events.claimed) else self.events
        return self._orders(moved, rng) if len(self.events.orders) else moved

    def _dealt(self, whose: Labels, day: Labels, share: Floats, rng: np.random.Generator) -> tuple[Labels, Labels]:
        """A new customer for each event, and its day there.

        An event keeps its place between the start of its customer and the last day, so that those who came late hold
        late events by chance too.
        """
        luck = rng.random(len(day)) * share[-1]
        customer = np.minimum(np.searchsorted(share, luck, side="right"), len(share) - 1)
        length = np.maximum(self.events.as_of - self.since, 0.0)
        before, after = length[whose], length[customer]
        place = np.where(before > 0, (day - self.since[whose]) / np.where(before > 0, before, 1.0), 0.5)
        return customer, np.rint(self.since[customer] + np.clip(place, 0.0, 1.0) * after).astype(np.int64)

    def _coupons(self, rng: np.random.Generator) -> Events:
        events = self.events
        customer, claimed = self._dealt(events.customer, events.claimed, self._share, rng)
        order = np.argsort(claimed, kind="stable")
        burnt = claimed + (events.burnt - events.claimed)
        return replace(
            events,
            customer=customer[order],
            claimed=claimed[order],
            status=events.status[order],
            burnt=burnt[order],
            branch=events.branch[order],
            merchant=events.merchant[order],
        )

    def _orders(self, moved: Events, rng: np.random.Generator) -> Events:
        orders = self.events.orders
        customer, day = self._dealt(orders.customer, orders.day, self._order_share, rng)
        order = np.argsort(day, kind="stable")
        place = np.empty(len(order), dtype=np.int64)
        place[order] = np.arange(len(order))
        dealt = replace(
            orders,
            customer=customer[order],
            day=day[order],
            sales=orders.sales[order],
            bought_in=place[orders.bought_in],
        )
        return replace(moved, orders=dealt)

    def _burns(self, rng: np.random.Generator) -> Events:
        events = self.events
        order = rng.permutation(len(events.claimed))
        waited = (events.burnt - events.claimed)[order]
        return replace(
            events,
            status=events.status[order],
            burnt=events.claimed + waited,
            branch=events.branch[order],
            merchant=events.merchant[order],
        )
