"""The catalogue's own expressions over events in memory: one definition of every feature, two places to compute it.

Used where the same features are needed again and again from other events: halves of them, events handed out by chance,
what was known at an earlier day. A test holds both places equal.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, cast

import numpy as np

from coterie.features.aggregates import DAYS_A_YEAR
from coterie.features.arrays import Floats, Integers
from coterie.features.column import Column
from coterie.features.contract import BurnCurveTable, Learned
from coterie.features.events import BURNT, EXPIRED, OPEN, Events
from coterie.features.orders_in_memory import OrdersCounted, different, row_of, there_of

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from coterie.features.contract import Feature


@dataclass(frozen=True)
class Aggregates(OrdersCounted):
    """Every aggregate of `aggregates.aggregate`, under the same names, counted when first asked for.

    Attributes:
        events: Whose.
        curve: The burn curve that expected burns are read from.
        part: (m,) which of several parts each event belongs to, or None for one part; with p parts there are p rows
            per customer, row customer * p + part. Events in part -1 belong to none. Or (w, m): w ways to part them,
            counted at once; there are w times the rows, those of the first way first.
        parts: p.
        ways: w.
        since: (n,) day from which each customer was exposed; from joining or the first event if None.
        order_part, return_part: (o,) and (r,) the same as `part` for orders and returned lines, or (w, o) and (w, r).
    """

    events: Events
    curve: BurnCurveTable
    part: Integers | None = None
    parts: int = 1
    ways: int = 1
    since: Floats | None = None
    order_part: Integers | None = None
    return_part: Integers | None = None

    @cached_property
    def transaction_count(self) -> Column:
        return self._count(None)

    @cached_property
    def coupons_claimed(self) -> Column:
        return self._count(self.events.at(OPEN))

    @cached_property
    def coupons_burnt(self) -> Column:
        return self._count(self.events.at(BURNT))

    @cached_property
    def coupons_expired(self) -> Column:
        return self._count(self.events.at(EXPIRED))

    @cached_property
    def first_claim(self) -> Column:
        return self._last(self.events.claimed.astype(np.float64), backwards=True)

    @cached_property
    def last_claim(self) -> Column:
        return self._last(self.events.claimed.astype(np.float64))

    @cached_property
    def last_burn(self) -> Column:
        latest = np.full(self.rows, -np.inf)
        dated = np.flatnonzero(np.isfinite(self.events.burnt))
        rows, days = there_of(self._row[:, dated], self.events.burnt[dated])
        np.maximum.at(latest, rows, days)
        return np.where(np.isfinite(latest), latest, np.nan).view(Column)

    @cached_property
    def days_to_burn_sum(self) -> Column:
        return self._sum(self._days_to_burn)

    @cached_property
    def days_to_burn_count(self) -> Column:
        return self._count(np.flatnonzero(np.isfinite(self.events.burnt)))

    @cached_property
    def age_sum(self) -> Column:
        return self._sum((self.events.as_of - self.events.claimed).astype(np.float64))

    @cached_property
    def expected_burns(self) -> Column:
        if self.curve.plateau <= 0:
            return np.zeros(self.rows).view(Column)
        share = np.array(self.curve.share) / self.curve.plateau
        age = np.minimum(self.events.as_of - self.events.claimed, len(share) - 1)
        return self._sum(share[age])

    @cached_property
    def merchants_burnt_at(self) -> Column:
        return self._distinct(self.events.merchant, self.events.at(BURNT))

    @cached_property
    def branches_burnt_at(self) -> Column:
        return self._distinct(self.events.branch, self.events.at(BURNT))

    @cached_property
    def branches_used(self) -> Column:
        return self._distinct(self.events.branch)

    @cached_property
    def start(self) -> Column:
        """Of the customer, whichever part: parts share the time they were exposed."""
        if self.since is not None:
            since = self.since
        else:
            whole = self if self.part is None else Aggregates(self.events, self.curve)
            since = np.fmin(self.events.joined, np.fmin(whole.first_claim, whole.first_order))
        return np.tile(np.repeat(since, self.parts), self.ways).view(Column)

    @cached_property
    def exposure(self) -> Column:
        return np.fmax(self.events.as_of - self.start + 1.0, 1.0).view(Column)

    @cached_property
    def exposure_years(self) -> Column:
        return (self.exposure / DAYS_A_YEAR).view(Column)

    @cached_property
    def recency(self) -> Column:
        return (self.events.as_of - np.fmax(self.last_claim, self.last_order)).view(Column)

    @cached_property
    def burn_recency(self) -> Column:
        return (self.events.as_of - self.last_burn).view(Column)

    @cached_property
    def active_span(self) -> Column:
        return (self.last_claim - self.first_claim).view(Column)

    @cached_property
    def _row(self) -> Integers:
        """(w, m)."""
        return row_of(self.events.customer, self.part, self.parts, self.events.customers)

    @cached_property
    def _days_to_burn(self) -> Floats:
        return self.events.burnt - self.events.claimed

    def _those(self, at: Integers | None) -> Integers:
        """(w, m) rows of the events at these places, or of all."""
        return self._row if at is None else self._row[:, at]

    def _count(self, at: Integers | None) -> Column:
        rows = self._those(at).ravel()
        there = rows if self.part is None or rows.min(initial=0) >= 0 else rows[rows >= 0]
        return np.bincount(there, minlength=self.rows).astype(np.float64).view(Column)

    def _sum(self, values: Floats) -> Column:
        known = np.isfinite(values)
        at = None if known.all() else np.flatnonzero(known)
        rows, weights = there_of(self._those(at), values if at is None else values[at])
        return np.bincount(rows, weights=weights, minlength=self.rows).view(Column)

    def _last(self, values: Floats, *, backwards: bool = False) -> Column:
        """The value of each row's last event (or first): events are in order, and the last one written stays."""
        found = np.full(self.rows, np.nan)
        rows, kept = there_of(self._row, values)
        found[rows[::-1] if backwards else rows] = kept[::-1] if backwards else kept
        return found.view(Column)

    def _distinct(self, code: Integers, at: Integers | None = None) -> Column:
        """How many different codes the events of each row have, or those of them at these places."""
        return different(self._those(at), code if at is None else code[at], self.rows)


def evaluate(feature: Feature, aggregates: Aggregates, learned: Learned) -> Floats:
    """A numeric feature of every row, NaN where it is undefined.

    `aggregates` may be anything that has their names, such as smeared ones.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        value = feature.express(cast("ir.Table", aggregates), learned)
    found = np.asarray(value, dtype=np.float64)
    return np.where(np.isfinite(found), found, np.nan)
