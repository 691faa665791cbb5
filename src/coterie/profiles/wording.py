"""What is said of a segment in words: blurb, headline and standfirst, all from its own numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from coterie.profiles.contract import FeatureFigure
from coterie.profiles.levels import Levels
from coterie.profiles.names import Named
from coterie.profiles.numbers import (
    capitalised,
    count_text,
    days_text,
    mean_text,
    one_in_text,
    percent_text,
    span_text,
)


@dataclass(frozen=True)
class Shop:
    """Which events there are at all, and how to print amounts."""

    coupons: bool = True
    orders: bool = False
    currency: str | None = None


COUPONS_ONLY = Shop()


@dataclass(frozen=True)
class Facts:
    """The numbers that words are made from; those of orders are 0 without orders."""

    figures: Mapping[str, FeatureFigure]
    customers: int
    share: float
    coupons: int
    burnt: int
    share_of_coupons: float
    share_of_burns: float
    orders: int = 0
    sales: float = 0.0
    returns: float = 0.0
    share_of_orders: float = 0.0
    sales_share: float = 0.0
    buyers: int = 0
    once: int = 0
    returns_only: int = 0
    free_only: int = 0
    gap_days: float | None = None
    shop: Shop = COUPONS_ONLY

    @property
    def aov(self) -> float | None:
        """Sales / orders; None without an order."""
        return self.sales / self.orders if self.orders else None

    @property
    def one_time_share(self) -> float | None:
        """Buyers with exactly one order / buyers; None without buyers."""
        return self.once / self.buyers if self.buyers else None

    @property
    def orders_each(self) -> float:
        """Orders per customer."""
        return self.orders / self.customers if self.customers else 0.0

    @property
    def each(self) -> float:
        """Coupons per customer."""
        return self.coupons / self.customers if self.customers else 0.0

    @property
    def burn_rate(self) -> float:
        """Burnt / rows."""
        return self.burnt / self.coupons if self.coupons else 0.0


def blurb(levels: Levels, facts: Facts, *, hardly_differ: bool) -> str:
    """Who they are in one short phrase, such as "Claim often, have never burnt"."""
    recency = facts.figures.get("recency")
    if levels.recency == "lapsed" and recency is not None:
        none = "nothing" if facts.shop.orders else "none"
        return f"{_held(facts.each)}, {none} for {span_text(recency.median)}"
    if hardly_differ:
        return f"{mean_text(facts.each)} coupons each, {percent_text(facts.burn_rate)} burnt"
    start = "Here for a short time" if levels.tenure == "new" else capitalised(_claim(levels, facts))
    if levels.recency == "quiet" and recency is not None:
        start = f"{start}, quiet for {span_text(recency.median)}"
    if levels.burning == "none":
        return f"{start}, {'nothing burnt yet' if levels.tenure == 'new' else 'have never burnt'}"
    joint = ", burn" if ", " in start or levels.tenure == "new" else " and burn"
    return f"{start}{joint} {one_in_text(facts.burn_rate)}"


def headline(named: Named, levels: Levels, facts: Facts, *, hardly_differ: bool) -> str:
    """The finding as a sentence without a full stop, such as "Regular burners claim often and burn 29% of …"."""
    if hardly_differ:
        return f"{named.name}: {mean_text(facts.each)} coupons each, {percent_text(facts.burn_rate)} burnt"
    # "Collectors who redeem less claim often" would be read twice.
    parted = ", " in named.subject or " who " in named.subject
    subject = f"{named.subject}: they" if parted else named.subject
    recency, tenure = facts.figures.get("recency"), facts.figures.get("tenure")
    if levels.recency == "lapsed" and recency is not None:
        burnt = f"burnt {percent_text(facts.burn_rate)} of their coupons" if facts.burnt else "never burnt a coupon"
        nothing = "neither claimed nor ordered anything" if facts.shop.orders else "claimed nothing"
        return f"{subject} {burnt} and have {nothing} for about {span_text(recency.median)}"
    claim = _claim(levels, facts)
    if levels.tenure == "new" and tenure is not None:
        claim = f"came about {span_text(tenure.median)} ago"
    burn = f"burn {percent_text(facts.burn_rate)} of their coupons" if facts.burnt else "have burnt nothing so far"
    return f"{subject} {claim} and {burn}"


def standfirst(facts: Facts) -> str:
    """Size, part of all coupons and burns, and the last claim, in two or three short sentences."""
    size = f"{capitalised(part_text(facts.share))}."
    held = f"They hold {percent_text(facts.share_of_coupons)} of all coupons"
    burnt = f" and {percent_text(facts.share_of_burns)} of all burnt ones." if facts.burnt else " and burnt none."
    recency = facts.figures.get("recency")
    took = "claimed or ordered something" if facts.shop.orders else "took a coupon"
    last = f" Half of them {took} {within_text(recency.median)}." if recency else ""
    bought = f" {placed_text(facts)}" if facts.shop.orders else ""
    return f"{size} {held}{burnt}{bought}{last}"


def placed_text(facts: Facts) -> str:
    """Their part of all orders and sales, as a sentence."""
    if not facts.orders:
        return "They placed no order."
    orders, sales = percent_text(facts.share_of_orders), percent_text(facts.sales_share)
    return f"They placed {orders} of all orders and account for {sales} of all sales."


def never_active_headline(facts: Facts) -> str:
    """The headline of segment 0."""
    noun, verb = ("customer", "has") if facts.customers == 1 else ("customers", "have")
    return f"{count_text(facts.customers)} {noun} {verb} not claimed a single coupon so far"


def _claim(levels: Levels, facts: Facts) -> str:
    """How much they claim; "often" only where it is often for their time here too."""
    if levels.activity == "low":
        return "claim little"
    if levels.activity == "usual":
        return "claim about as much as others"
    tenure = facts.figures.get("tenure")
    count = facts.figures.get("transaction_count")
    if tenure and count and (count.contrast or 1.0) >= (tenure.contrast or 1.0):
        return "claim often"
    return "hold many coupons"


def _held(each: float) -> str:
    if each < 1.05:
        return "One coupon"
    return "One or two coupons" if each < 2 else f"About {round(each)} coupons each"


def within_text(days: float) -> str:
    """Within how many days before the end of the data."""
    return f"in the last {days_text(days)}" if days >= 0.5 else "on the last day of the data"


def part_text(share: float) -> str:
    """A part of all customers as "one customer in six" or, where no such fraction is near, as a percentage."""
    if share == 1:
        return "all customers"
    if share < 0.018 or abs(share * round(1 / share) - 1) > 0.08 or round(1 / share) < 2:
        return f"{percent_text(share)} of all customers"
    ordinal = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
    part = round(1 / share)
    word = ordinal[part - 2] if part - 2 < len(ordinal) else str(part)
    return f"one customer in {word}"
