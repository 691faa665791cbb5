"""The words of each segment: name, blurb and headline, names unique within the run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from coterie.profiles.figures import Key
from coterie.profiles.levels import Levels, OrderLevels, levels_of, order_levels_of
from coterie.profiles.names import EVERYONE, FITS_NO_GROUP, Named, base_name, distinct_names
from coterie.profiles.names_orders import never_name, order_name, with_spending
from coterie.profiles.numbers import capitalised, customers_text, mean_text, percent_text
from coterie.profiles.wording import Facts, blurb, headline, never_active_headline, standfirst
from coterie.profiles.wording_orders import (
    no_order_headline,
    orders_blurb,
    orders_headline,
    orders_standfirst,
    orders_summary,
    returns_text,
)

NO_COUPON_YET = "Known, but without a coupon so far"
NO_ORDER_YET = "Known, but without an order so far"
NEITHER_YET = "Known, but without a coupon or an order so far"
WITHOUT_COUPONS = Named("Without coupons", "Customers without coupons")
"""A clustered segment of customers who never came, where these are clustered too."""
WITHOUT_ORDERS = Named("Without orders", "Customers without orders")
WITHOUT_BOTH = Named("Without coupons or orders", "Customers without coupons or orders")


@dataclass(frozen=True)
class Said:
    """The words of one segment."""

    name: str
    blurb: str
    headline: str
    levels: Mapping[str, str]
    standfirst: str = ""


@dataclass(frozen=True)
class _Told:
    """Where one segment stands, what it is compared with, and whether customers hardly differ."""

    facts: Facts
    everyone: Facts
    coupons: Levels
    orders: OrderLevels
    hardly: bool

    @property
    def by_coupons(self) -> bool:
        """Coupons give the words; else what they order does, as for customers of a shop without coupons."""
        return self.facts.shop.coupons and bool(self.facts.coupons or not self.facts.orders)

    def base(self) -> Named:
        """The name before namesakes are told apart."""
        facts, shop = self.facts, self.facts.shop
        if not facts.coupons and not facts.orders:
            return WITHOUT_BOTH if shop.coupons and shop.orders else WITHOUT_COUPONS if shop.coupons else WITHOUT_ORDERS
        if self.by_coupons:
            contrast = facts.each / self.everyone.each if self.everyone.each else 1.0
            named = base_name(self.coupons, facts.burn_rate, contrast, hardly_differ=self.hardly)
            spending = shop.orders and not self.hardly
            return with_spending(named, self.orders, bought=facts.orders > 0) if spending else named
        each, aov = self.everyone.orders_each, self.everyone.aov
        named = order_name(
            self.orders,
            facts.orders_each / each if each else 1.0,
            (facts.aov or 0.0) / aov if aov else 1.0,
            hardly_differ=self.hardly,
        )
        if not shop.coupons:
            return named
        joint = ", " if ", " in named.name else " "
        return Named(f"{named.name}{joint}without coupons", f"{named.subject} without coupons")

    def words(self, named: Named) -> tuple[str, str]:
        """Blurb and headline under the name."""
        if not self.facts.coupons and not self.facts.orders:
            return _nothing_yet(self.facts)
        if not self.by_coupons:
            return (
                orders_blurb(self.orders, self.facts, hardly_differ=self.hardly),
                orders_headline(named, self.orders, self.facts, hardly_differ=self.hardly),
            )
        head = headline(named, self.coupons, self.facts, hardly_differ=self.hardly)
        if self.facts.shop.orders:
            sales = f"{percent_text(self.facts.sales_share)} of all sales"
            head = f"{head}, {sales}" if self.hardly else f"{head}, and account for {sales}"
            head = f"{head}{returns_text(self.facts)}"
        return blurb(self.coupons, self.facts, hardly_differ=self.hardly), head

    def levels(self) -> dict[str, str]:
        """Dimension -> level, of what the shop has."""
        shop = self.facts.shop
        return {
            **(self.orders.as_mapping() if shop.orders else {}),
            **(self.coupons.as_mapping() if shop.coupons else {}),
        }

    def standfirst(self) -> str:
        """Size, part of all coupons and orders, and the last of them."""
        return standfirst(self.facts) if self.facts.shop.coupons else orders_standfirst(self.facts)


def said_of(order: Sequence[int], parts: Mapping[Key, Facts], span: int, *, k: int, hardly: bool) -> dict[Key, Said]:
    """Names, blurbs and headlines; names unique within the run."""
    everyone = parts[None]
    summary = _summary(everyone)
    together = f"{customers_text(everyone.customers)}, {summary}"
    said: dict[Key, Said] = {None: Said(EVERYONE, capitalised(summary), together, {})}
    told = {key: _told(parts[key], everyone, span, hardly=hardly) for key in order}
    clustered = [key for key in order if key > 0]
    if k == 1 or len(clustered) == 1:
        name = EVERYONE if len(order) == 1 else "All active customers"
        own, one = _summary(parts[clustered[0]]), told[clustered[0]]
        headline_ = f"{name} together: {own}"
        said[clustered[0]] = Said(name, capitalised(own), headline_, one.levels(), one.standfirst())
    else:
        names = distinct_names([told[key].base() for key in clustered], [parts[key].figures for key in clustered])
        for key, named in zip(clustered, names, strict=True):
            said[key] = Said(named.name, *told[key].words(named), told[key].levels(), told[key].standfirst())
    if 0 in parts:
        apart = parts[0].returns_only + parts[0].free_only
        said[0] = Said(never_name(apart), *_nothing_yet(parts[0]), {})
    if -1 in parts:
        outside = f"{customers_text(parts[-1].customers)} {'fits' if parts[-1].customers == 1 else 'fit'} no group"
        said[-1] = Said(FITS_NO_GROUP, "Unlike any of the groups", outside, {}, told[-1].standfirst())
    return said


def _told(facts: Facts, everyone: Facts, span: int, *, hardly: bool) -> _Told:
    coupons = levels_of(facts.figures, facts.burn_rate, everyone.burn_rate, span)
    # With coupons, recency counts from either event, of which orders have their own pace.
    gap = None if facts.shop.coupons else max(facts.gap_days or 0.0, everyone.gap_days or 0.0)
    orders = order_levels_of(facts.figures, facts.one_time_share, span, gap)
    return _Told(facts, everyone, coupons, orders, hardly)


def _summary(facts: Facts) -> str:
    """What they have of what the shop counts, within a sentence."""
    coupons = f"{mean_text(facts.each)} coupons each, {percent_text(facts.burn_rate)} burnt"
    if not facts.shop.orders:
        return coupons
    return f"{coupons}; {orders_summary(facts)}" if facts.shop.coupons else orders_summary(facts)


def _nothing_yet(facts: Facts) -> tuple[str, str]:
    """Blurb and headline of customers without any event that counts."""
    if not facts.shop.orders:
        return NO_COUPON_YET, never_active_headline(facts)
    return NEITHER_YET if facts.shop.coupons else NO_ORDER_YET, no_order_headline(facts)
