"""What charts and pages ask of a segment: its label, its figures per customer, where burns and sales come from."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

from coterie.features import FEATURES
from coterie.views import format as say

if TYPE_CHECKING:
    from coterie.profiles.contract import FeatureFigure, SegmentProfile
    from coterie.views.contract import ReportInput

LEADING_FEATURES = ("transaction_count", "burn_rate", "order_count", "total_spend", "aov", "recency")
"""Shown first wherever features are listed; the others follow in their own order."""

EXACT = 1e5
"""Amounts of one customer or order below this have all their digits."""
_COUNTED = {"orders": "coupons", "categories": "coupons"}
"""Units that are printed as counts of coupons are: with a decimal while they are small."""


def row_name(profile: SegmentProfile) -> str:
    """The segment as a row of a chart: number and name, so that colour is never alone."""
    return f"{profile.segment} {profile.name}" if profile.segment is not None and profile.segment > 0 else profile.name


def orders_only(result: ReportInput) -> bool:
    """There are orders, returns or free items, and no coupon at all: the report speaks of buying."""
    everyone = result.profiles.all
    bought = everyone.orders or everyone.returns_only or everyone.free_only
    return not everyone.coupons and bool(bought)


def with_both(result: ReportInput) -> bool:
    """There are coupons and orders: the report of coupons, with figures of orders beside them."""
    return bool(result.profiles.all.coupons and result.profiles.all.orders)


def clustered(result: ReportInput) -> tuple[SegmentProfile, ...]:
    """The segments that clustering made, in order; not "Never active", not "Fits no group"."""
    return tuple(profile for profile in result.profiles.segments if (profile.segment or 0) > 0)


def with_coupons(result: ReportInput) -> tuple[SegmentProfile, ...]:
    """The segments that have a coupon at all."""
    return tuple(profile for profile in result.profiles.segments if profile.coupons > 0)


def burners(result: ReportInput) -> tuple[SegmentProfile, ...]:
    """The fewest segments, by burns per customer, that made more than half of all burns; empty without burns."""
    chosen: list[SegmentProfile] = []
    for profile in sorted(with_coupons(result), key=lambda one: one.burnt_each, reverse=True):
        if sum(one.share_of_burns for one in chosen) > 0.5:
            break
        chosen.append(profile)
    return tuple(chosen) if result.profiles.all.burnt else ()


def with_orders(result: ReportInput) -> tuple[SegmentProfile, ...]:
    """The segments that have ordered at all."""
    return tuple(profile for profile in result.profiles.segments if profile.orders > 0)


def spenders(result: ReportInput) -> tuple[SegmentProfile, ...]:
    """The fewest segments, by sales per customer, that made more than half of all sales; empty without sales."""
    chosen: list[SegmentProfile] = []
    for profile in sorted(with_orders(result), key=lambda one: one.sales_each, reverse=True):
        if sum(one.sales_share for one in chosen) > 0.5:
            break
        chosen.append(profile)
    return tuple(chosen) if result.profiles.all.sales else ()


def shown_features(profile: SegmentProfile) -> tuple[tuple[str, FeatureFigure], ...]:
    """The features of a segment in the order they are shown: the leading ones, then the rest."""
    rest = [name for name in profile.features if name not in LEADING_FEATURES]
    names = [name for name in LEADING_FEATURES if name in profile.features] + rest
    return tuple((name, profile.features[name]) for name in names)


def mention(profile: SegmentProfile) -> str:
    """The segment within a sentence: its name, or its number where the name is a phrase with a comma."""
    if "," in profile.name or len(profile.name) > 40:
        return f"segment {profile.segment}"
    return say.lower_first(profile.name)


def names(profiles: Sequence[SegmentProfile]) -> str:
    """Names within a sentence: "regular burners, light burners and lapsed"; numbers where one name is a phrase."""
    if any(mention(profile) != say.lower_first(profile.name) for profile in profiles):
        numbers = say.listing([str(profile.segment) for profile in profiles])
        return f"segment{'s' if len(profiles) > 1 else ''} {numbers}"
    return say.listing([say.lower_first(profile.name) for profile in profiles])


def cited(profile: SegmentProfile) -> str:
    """The segment within a sentence, name and number, so that "lapsed" is seen to be one: "lapsed (5)"."""
    if profile.segment == 0:
        bought_nothing = profile.returns_only or profile.free_only
        return "customers without a purchase" if bought_nothing else "customers who were never active"
    if profile.segment == -1:
        return "customers who fit no group"
    if mention(profile) == say.lower_first(profile.name):
        return f"{mention(profile)} ({profile.segment})"
    name = say.lower_first(profile.name)
    return f"segment {profile.segment} ({name})" if len(name) <= 44 else f"segment {profile.segment}"


def feature_label(result: ReportInput, name: str) -> str:
    """The feature as a person reads it; never a column name where profiles or the catalogue have a label."""
    known = result.profiles.features.get(name, {}).get("label") or _catalogue().get(name)
    return known or name.replace("_", " ").capitalize()


@cache
def _catalogue() -> dict[str, str]:
    return {entry.name: entry.label for entry in FEATURES}


def feature_said(result: ReportInput, name: str) -> str:
    """The label within a sentence, where a comma would divide it: "Burn rate (age-adjusted)"."""
    start, comma, rest = feature_label(result, name).partition(", ")
    return f"{start} ({rest})" if comma else start


def feature_unit(result: ReportInput, name: str) -> str:
    """The feature's unit, empty where it has none."""
    return result.profiles.features.get(name, {}).get("unit", "")


def amount(result: ReportInput, value: float | None) -> str:
    """An amount of one customer or order, with its currency: all digits up to 100,000, so that a column compares."""
    return say.money(value, result.profiles.currency, exact=value is not None and abs(value) < EXACT)


def feature_value(result: ReportInput, name: str, value: float | None) -> str:
    """A mean of the feature in its unit; amounts with their currency."""
    unit = feature_unit(result, name)
    return amount(result, value) if unit == "money" else say.quantity(value, _COUNTED.get(unit, unit))


def feature_interval(result: ReportInput, name: str, low: float, high: float) -> str:
    """Both ends of an interval of the feature, the unit or currency once."""
    unit = feature_unit(result, name)
    if unit == "money":
        return f"{amount(result, low)} to {say.money(high, None, exact=abs(high) < EXACT)}"
    return say.interval(low, high, _COUNTED.get(unit, unit))


def feature_own(result: ReportInput, name: str, value: float | str | None) -> str:
    """One customer's own value: counts and days without decimals, amounts with their currency."""
    unit = feature_unit(result, name)
    if unit == "money" and not isinstance(value, str):
        return amount(result, value)
    return say.whole(value, _COUNTED.get(unit, unit))
