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
class Facts:
    """The numbers that words are made from."""

    figures: Mapping[str, FeatureFigure]
    customers: int
    share: float
    coupons: int
    burnt: int
    share_of_coupons: float
    share_of_burns: float

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
        return f"{_held(facts.each)}, none for {span_text(recency.median)}"
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
        return f"{subject} {burnt} and have claimed nothing for about {span_text(recency.median)}"
    claim = _claim(levels, facts)
    if levels.tenure == "new" and tenure is not None:
        claim = f"came about {span_text(tenure.median)} ago"
    burn = f"burn {percent_text(facts.burn_rate)} of their coupons" if facts.burnt else "have burnt nothing so far"
    return f"{subject} {claim} and {burn}"


def standfirst(facts: Facts) -> str:
    """Size, part of all coupons and burns, and the last claim, in two or three short sentences."""
    size = f"{capitalised(_one_customer(facts.share))}."
    held = f"They hold {percent_text(facts.share_of_coupons)} of all coupons"
    burnt = f" and {percent_text(facts.share_of_burns)} of all burnt ones." if facts.burnt else " and burnt none."
    recency = facts.figures.get("recency")
    last = f" Half of them took a coupon {_within(recency.median)}." if recency else ""
    return f"{size} {held}{burnt}{last}"


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


def _within(days: float) -> str:
    return f"in the last {days_text(days)}" if days >= 0.5 else "on the last day of the data"


def _one_customer(share: float) -> str:
    """A part of all customers as "one customer in six" or, where no such fraction is near, as a percentage."""
    if share == 1:
        return "all customers"
    if share < 0.018 or abs(share * round(1 / share) - 1) > 0.08 or round(1 / share) < 2:
        return f"{percent_text(share)} of all customers"
    ordinal = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
    part = round(1 / share)
    word = ordinal[part - 2] if part - 2 < len(ordinal) else str(part)
    return f"one customer in {word}"
