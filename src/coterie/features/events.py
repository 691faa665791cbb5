"""The coupons and orders of a bounded number of customers as arrays, and what was known of them on an earlier day."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from coterie.features.arrays import Floats, Integers, codes_of, days_of, whole_of
from coterie.features.order_events import Orders, orders_events

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from coterie.tables.contract import Tables

OPEN, BURNT, EXPIRED = 0, 1, 2
STATUSES = {"claimed": OPEN, "burnt": BURNT, "expired": EXPIRED}
EPOCH = dt.date(1970, 1, 1)


@dataclass(frozen=True)
class Events:
    """Coupons of n customers, m in all, ordered by day of claim; days are whole days since 1 January 1970.

    Attributes:
        joined: (n,) day of joining; NaN where unknown.
        customer: (m,) place of the coupon's customer, 0..n-1.
        claimed: (m,) day of the claim.
        status: (m,) OPEN, BURNT or EXPIRED, as known at the end of `as_of`.
        burnt: (m,) day of the burn; NaN where not burnt or unknown.
        expires: (m,) last day to burn it; NaN where unknown.
        branch, merchant: (m,) a number for each; -1 where unknown.
        as_of: Everything to the end of this day is known.
        placed_by_burn: The branch is known only once the coupon is burnt there.
        orders: Of the same customers; none where the data hold none.
    """

    joined: Floats
    customer: Integers
    claimed: Integers
    status: Integers
    burnt: Floats
    expires: Floats
    branch: Integers
    merchant: Integers
    as_of: int
    placed_by_burn: bool = False
    orders: Orders = field(default_factory=Orders)

    @property
    def customers(self) -> int:
        """How many customers, with or without a coupon."""
        return len(self.joined)

    def at(self, status: int) -> Integers:
        """Places of the coupons in that status, ascending; looked for once."""
        return self._by_status[status]

    @cached_property
    def _by_status(self) -> tuple[Integers, ...]:
        return tuple(np.flatnonzero(self.status == one) for one in (OPEN, BURNT, EXPIRED))

    @property
    def days(self) -> Integers:
        """(m + o,) days of all coupons and orders, ascending."""
        if not len(self.orders):
            return self.claimed
        return np.sort(np.concatenate([self.claimed, self.orders.day]))

    @property
    def who(self) -> Integers:
        """(m + o,) customer of each coupon, then of each order."""
        return np.concatenate([self.customer, self.orders.customer])

    @property
    def has_coupons(self) -> bool:
        """Whether there are coupons, as there always are where there are no orders."""
        return len(self.claimed) > 0 or not len(self.orders)

    @property
    def noun(self) -> str:
        """What there is of them: "coupon", "order" or "coupon or order"."""
        there = [name for name, some in (("coupon", len(self.claimed)), ("order", len(self.orders))) if some]
        return " or ".join(there) or "coupon"

    @property
    def nouns(self) -> str:
        """Several of them: "coupons", "coupons or orders"."""
        return f"{self.noun.replace(' or ', 's or ')}s"

    @property
    def a_noun(self) -> str:
        """One of them: "a coupon", "an order"."""
        return f"{'an' if self.noun[0] == 'o' else 'a'} {self.noun}"

    def known_at(self, day: int) -> Events:
        """What was known at the end of an earlier day: later claims are not there, later burns and expiries not yet.

        A coupon burnt or expired on an unknown day counts as still open: when it stopped being so is not known.
        """
        there = self.claimed <= day
        status = self.status[there]
        burnt, expires = self.burnt[there], self.expires[there]
        was_burnt = (status == BURNT) & (burnt <= day)
        was_expired = (status == EXPIRED) & (expires <= day)
        nowhere = ~was_burnt if self.placed_by_burn else np.zeros(len(status), dtype=bool)
        return replace(
            self,
            customer=self.customer[there],
            claimed=self.claimed[there],
            status=np.where(was_burnt, BURNT, np.where(was_expired, EXPIRED, OPEN)),
            burnt=np.where(was_burnt, burnt, np.nan),
            expires=expires,
            branch=np.where(nowhere, -1, self.branch[there]),
            merchant=np.where(nowhere, -1, self.merchant[there]),
            as_of=day,
            orders=self.orders.known_at(day),
        )

    def of(self, customers: Integers) -> Events:
        """The events of some customers, who become 0..len-1 in the order given."""
        place = np.full(self.customers, -1, dtype=np.int64)
        place[customers] = np.arange(len(customers))
        kept = place[self.customer] >= 0
        return replace(
            self,
            joined=self.joined[customers],
            customer=place[self.customer[kept]],
            claimed=self.claimed[kept],
            status=self.status[kept],
            burnt=self.burnt[kept],
            expires=self.expires[kept],
            branch=self.branch[kept],
            merchant=self.merchant[kept],
            orders=self.orders.of(place),
        )


def day_number(day: dt.date) -> int:
    """Whole days since 1 January 1970.

    Example:
        >>> day_number(dt.date(1970, 1, 3))
        2
    """
    return (day - EPOCH).days


def events_of(tables: Tables, people: ir.Table) -> Events:
    """The events of a bounded number of customers.

    Args:
        tables: Checked tables.
        people: Kept in the engine: place (int64, 0..n-1 in the order wanted), customer_id, join_date.
    """
    engine = tables.engine
    known = engine.collect(people.order_by("place").select("join_date"))
    coupons = tables.coupons.inner_join(people.select("place", "customer_id"), "customer_id")
    columns = {
        "place": coupons.place,
        "claimed": coupons.claimed_on,
        "status": coupons.status.cases(*STATUSES.items(), else_=OPEN).cast("int64"),
        "burnt": coupons.burnt_on,
        "expires": coupons.expires_on,
        "branch_id": coupons.branch_id,
        "merchant_id": coupons.merchant_id,
        "transaction_id": coupons.transaction_id,
    }
    rows = engine.collect(
        coupons.select(**columns).order_by(
            "claimed", "place", "transaction_id", "status", "burnt", "branch_id", "merchant_id", "expires"
        )
    )
    return Events(
        joined=days_of(known, "join_date"),
        customer=whole_of(rows, "place"),
        claimed=days_of(rows, "claimed").astype(np.int64),
        status=whole_of(rows, "status"),
        burnt=days_of(rows, "burnt"),
        expires=days_of(rows, "expires"),
        branch=codes_of(rows, "branch_id"),
        merchant=codes_of(rows, "merchant_id"),
        as_of=day_number(tables.as_of),
        placed_by_burn=tables.branch_reading == "burning",
        orders=orders_events(tables, people.select("place", "customer_id")),
    )
