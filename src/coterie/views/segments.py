"""What charts and pages ask of a segment: its label, its figures per customer, where burns come from."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

from coterie.features import FEATURES
from coterie.views import format as say

if TYPE_CHECKING:
    from coterie.profiles.contract import FeatureFigure, SegmentProfile
    from coterie.views.contract import ReportInput

LEADING_FEATURES = ("transaction_count", "burn_rate", "recency")
"""Shown first wherever features are listed; the others follow in their own order."""


def row_name(profile: SegmentProfile) -> str:
    """The segment as a row of a chart: number and name, so that colour is never alone."""
    return f"{profile.segment} {profile.name}" if profile.segment is not None and profile.segment > 0 else profile.name


def coupons_each(profile: SegmentProfile) -> float:
    """Coupons per customer: sum over sum."""
    return profile.coupons / profile.customers if profile.customers else 0.0


def burnt_each(profile: SegmentProfile) -> float:
    """Burnt coupons per customer: sum over sum."""
    return profile.burnt / profile.customers if profile.customers else 0.0


def open_each(profile: SegmentProfile) -> float:
    """Coupons per customer that are claimed and still open; the expired are neither open nor burnt."""
    figure = profile.features.get("coupons_claimed")
    rest = coupons_each(profile) - burnt_each(profile)
    return min(rest, figure.mean) if figure is not None else rest


def burn_rate(profile: SegmentProfile) -> float | None:
    """Burnt / all coupons of the segment; None without a coupon."""
    return profile.burnt / profile.coupons if profile.coupons else None


def clustered(result: ReportInput) -> tuple[SegmentProfile, ...]:
    """The segments that clustering made, in order; not "Never active", not "Fits no group"."""
    return tuple(profile for profile in result.profiles.segments if (profile.segment or 0) > 0)


def with_coupons(result: ReportInput) -> tuple[SegmentProfile, ...]:
    """The segments that have a coupon at all."""
    return tuple(profile for profile in result.profiles.segments if profile.coupons > 0)


def burners(result: ReportInput) -> tuple[SegmentProfile, ...]:
    """The fewest segments, by burns per customer, that made more than half of all burns; empty without burns."""
    chosen: list[SegmentProfile] = []
    for profile in sorted(with_coupons(result), key=burnt_each, reverse=True):
        if sum(one.share_of_burns for one in chosen) > 0.5:
            break
        chosen.append(profile)
    return tuple(chosen) if result.profiles.all.burnt else ()


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
        return "customers who were never active"
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
