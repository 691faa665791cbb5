"""What can be asked of a shop while looking at it live, and what is answered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Literal, get_args

from coterie.errors import UsageError
from coterie.metrics.contract import Theme

__all__ = [
    "FIELDS",
    "NAME_OF",
    "SORTS",
    "UNKNOWN",
    "Choices",
    "Compared",
    "Customer",
    "Customers",
    "DimensionName",
    "Event",
    "Figures",
    "Filters",
    "Found",
    "History",
    "Line",
    "MeasureName",
    "Option",
    "Sort",
    "Theme",
    "Told",
    "Value",
    "check_sort",
]

Sort = Literal[
    "customer_id", "segment", "margin", "coupons", "burnt", "last_claimed", "orders", "sales", "last_ordered"
]
"""Columns by which customers can be put in order."""
SORTS: tuple[str, ...] = get_args(Sort)

UNKNOWN = ""
"""Stands for an empty cell among the values of a filter: no value of the data is called so."""

FIELDS: Mapping[str, str] = {
    "segment": "segments",
    "city": "cities",
    "gender": "genders",
    "branch": "branches",
    "merchant": "merchants",
    "category": "categories",
}
"""What is filtered by, as one of it is called, in addresses too -> field of `Filters`."""

NAME_OF: Mapping[str, str] = {field: name for name, field in FIELDS.items()}
"""The same the other way round: field of `Filters` -> what one of it is called."""


@dataclass(frozen=True)
class Filters:
    """Which customers, and which of their events, are looked at; whatever is empty lets everything through.

    Segment, city and gender choose customers. Branch, merchant, category and the days choose events; where any of them
    is set, only customers with at least one such event are counted.

    Attributes:
        segments: Numbers; 0 is never active, -1 fits no group.
        cities, genders, branches, merchants, categories: Values as the data have them (ids of branches and merchants,
            not their names); UNKNOWN for an empty cell.
        since, until: First and last day of an event: of a claim and of an order. A burn counts with its claim.
    """

    segments: tuple[int, ...] = ()
    cities: tuple[str, ...] = ()
    genders: tuple[str, ...] = ()
    branches: tuple[str, ...] = ()
    merchants: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    since: dt.date | None = None
    until: dt.date | None = None

    @property
    def any(self) -> bool:
        """Whether anything is left out."""
        return any(getattr(self, one.name) for one in fields(self))

    @property
    def of_events(self) -> bool:
        """Whether events are left out, not only customers."""
        return bool(self.branches or self.merchants or self.categories or self.since or self.until)


@dataclass(frozen=True)
class Option:
    """One value of a filter: as the data have it, as a person reads it, and how many customers or events have it."""

    value: str
    label: str
    count: int


@dataclass(frozen=True)
class Choices:
    """What can be chosen.

    Attributes:
        values: Filter ("segments", "cities", "genders", "branches", "merchants", "categories") -> its values, most
            frequent first (segments by number); only filters with at least two values are there.
        first_day, last_day: Days of the first and the last event.
        others: Filter -> how many rarer values it has, of those that have more; `Shop.found` finds them.
    """

    values: Mapping[str, tuple[Option, ...]]
    first_day: dt.date
    last_day: dt.date
    others: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Found:
    """At most 50 values of a filter that a text finds, most frequent first, and how many more it finds."""

    options: tuple[Option, ...]
    others: int = 0


@dataclass(frozen=True)
class Figures:
    """What the customers and events looked at add up to; None where the data cannot tell.

    Attributes:
        customers: Customers looked at. `of` are all there are.
        active: Those with an order among the events looked at; where there are no orders, or they cannot tell which of
            them are meant, with a claim. As `customers` of a `Month`, and of `MeasureName`.
        coupons, burnt, burn_rate: Coupons claimed in the days, those of them burnt, and their ratio.
        orders, sales, returns, aov: As in `Metrics`, of the orders looked at.
    """

    customers: int
    of: int
    active: int
    coupons: int | None = None
    burnt: int | None = None
    burn_rate: float | None = None
    orders: int | None = None
    sales: float | None = None
    returns: float | None = None
    aov: float | None = None


@dataclass(frozen=True)
class Compared:
    """Figures of the days looked at, and of as many days right before them.

    Attributes:
        since, until: The days: those of the filter that are known; without, the last 28. Where none of the filter's is
            known, `now` has nothing and `before` is None.
        now, before: `before` is None where the data do not reach back that far.
    """

    since: dt.date
    until: dt.date
    now: Figures
    before: Figures | None


@dataclass(frozen=True)
class Customer:
    """One row of the customer list."""

    customer_id: str
    segment: int
    margin: float | None
    city: str | None
    gender: str | None
    coupons: int | None
    burnt: int | None
    last_claimed: dt.date | None
    orders: int | None
    sales: float | None
    last_ordered: dt.date | None


@dataclass(frozen=True)
class Customers:
    """One page of the customer list: `total` rows in all, page `page` (from 1) of `pages`."""

    rows: tuple[Customer, ...]
    total: int
    page: int
    pages: int


@dataclass(frozen=True)
class Event:
    """One event in the history of a customer, newest first.

    Attributes:
        kind: "claimed", "burnt", "expired" (a coupon, once: as it stands now), "order", "return" or "free".
        day: Of the claim or the order.
        burnt_on: Of the burn, where known.
        what: Coupon name, or category and product; branch and merchant by their names.
        amount: Of the order line in the currency.
    """

    kind: str
    day: dt.date
    burnt_on: dt.date | None
    what: str | None
    branch: str | None
    merchant: str | None
    amount: float | None


@dataclass(frozen=True)
class History:
    """One customer: the row of the list, when they joined, and at most 200 of their `total` events."""

    customer: Customer
    join_date: dt.date | None
    events: tuple[Event, ...]
    total: int


def check_sort(sort: str) -> None:
    """Refuse an order that there is none by.

    Raises:
        UsageError: It is none of `Sort`.
    """
    if sort not in SORTS:
        shown = sort if len(sort) <= 40 else f"{sort[:40]}…"
        raise UsageError(f"Customers cannot be put in order by {shown!r}. Use one of {', '.join(SORTS)}.")


MeasureName = Literal["customers", "coupons", "burnt", "burn_rate", "orders", "sales", "aov"]
"""What can be told by the values of a dimension."""
DimensionName = Literal["segment", "city", "gender", "branch", "merchant", "category", "month"]
"""By what it can be told."""


@dataclass(frozen=True)
class Value:
    """One value of a dimension: what is told of it, and the events (coupons, or order lines that are sales) behind it.

    `amount` is None where there is nothing to divide by; `customers`, those behind it, where they are not asked for.
    """

    value: str
    label: str
    amount: float | None
    events: int
    customers: int | None = None


@dataclass(frozen=True)
class Line:
    """One value of a dimension over time.

    Attributes:
        months: Every month from the first with an event in any line to the last, by its first day; the amount of one
            without an event is 0, of ratios None.
    """

    value: str
    label: str
    months: tuple[Value, ...]


@dataclass(frozen=True)
class Told:
    """A measure by the values of a dimension.

    Attributes:
        rows: Months in order; of any other dimension at most 50 values. Of what is counted or summed up those with the
            largest amount, the largest first; of ratios (`burn_rate`, `aov`), which few events make large or small,
            those with most events, these first.
        others: How many more values there are: with smaller amounts, or of ratios with fewer events.
        whole: The measure of all events looked at.
        why: Why there are no rows; "".
        lines: Where it is asked for over time: the 6 values with most events, these first (segments by number).
    """

    measure: MeasureName
    dimension: DimensionName
    rows: tuple[Value, ...]
    others: int = 0
    whole: float | None = None
    why: str = ""
    lines: tuple[Line, ...] = ()
