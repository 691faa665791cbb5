"""Named sets of features. The plain ones exist so that results known from elsewhere can be reproduced."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Preset:
    """A set of features to cluster on.

    Attributes:
        name, label, meaning: As shown in help and report.
        features: Catalogue names in order; those the data do not allow are left out with a note.
        plain: It is clustered exactly as it is: linear dependence is reported, not resolved.
        caution: What is wrong with it, or "".
    """

    name: str
    label: str
    meaning: str
    features: tuple[str, ...]
    plain: bool = False
    caution: str = ""


PRESETS: tuple[Preset, ...] = (
    Preset(
        name="engagement",
        label="Engagement",
        meaning="How much customers claim for their time, how much they burn for the age of their coupons, how "
        "recently they claimed, and at how many merchants they burn.",
        features=("claims_per_time", "burn_rate_mature", "recency", "merchants_burnt_at"),
    ),
    Preset(
        name="coupon-counts",
        label="Coupon counts",
        meaning="Open and burnt coupons, plainly standardised.",
        features=("coupons_claimed", "coupons_burnt"),
        plain=True,
        caution="Counts grow with time: long-standing customers look more active than they are.",
    ),
    Preset(
        name="coupon-ratios",
        label="Coupon ratios",
        meaning="Gender and city as codes, coupons, open and burnt share, plainly standardised.",
        features=("gender_code", "city_code", "transaction_count", "claimed_ratio", "burnt_ratio"),
        plain=True,
        caution="The rank of a city's name is not a quantity, and the two shares say the same thing twice.",
    ),
    Preset(
        name="coupon-demographics",
        label="Coupons and demographics",
        meaning="Coupons, open and burnt coupons, gender, and one column per city, plainly standardised.",
        features=("transaction_count", "coupons_claimed", "coupons_burnt", "gender", "city"),
        plain=True,
        caution="One standardised column per city drowns behaviour: the segments are cities.",
    ),
    Preset(
        name="coupon-branches",
        label="Coupons, demographics and places",
        meaning="As coupons and demographics, with one column per favourite branch and merchant.",
        features=(
            "transaction_count",
            "coupons_claimed",
            "coupons_burnt",
            "gender",
            "city",
            "favourite_branch",
            "favourite_merchant",
        ),
        plain=True,
        caution="One standardised column per place drowns behaviour: the segments are places.",
    ),
)


def preset_named(name: str) -> Preset | None:
    """The preset of that name, or None."""
    return next((preset for preset in PRESETS if preset.name == name), None)
