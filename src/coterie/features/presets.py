"""Named sets of features. The plain ones exist so that results known from elsewhere can be reproduced."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Preset:
    """A set of features to cluster on.

    Attributes:
        name, label, meaning: As shown in help and report.
        features: Catalogue names in order; those the data do not allow are left out with a note.
        needs: Event tables ("transactions", "orders") it is about. A preset without any draws on those there are.
        plain: It is clustered exactly as it is: linear dependence is reported, not resolved.
        caution: What is wrong with it, or "".
    """

    name: str
    label: str
    meaning: str
    features: tuple[str, ...]
    needs: tuple[str, ...] = ()
    plain: bool = False
    caution: str = ""


PRESETS: tuple[Preset, ...] = (
    Preset(
        name="engagement",
        label="Engagement",
        meaning="How much customers claim for their time, how much they burn for the age of their coupons, how "
        "recently they were active, and at how many merchants they burn; with orders, how often they buy for their "
        "time, and for how much.",
        features=("claims_per_time", "burn_rate_mature", "recency", "merchants_burnt_at", "orders_per_time", "aov"),
    ),
    Preset(
        name="coupon-counts",
        label="Coupon counts",
        meaning="Open and burnt coupons, plainly standardised.",
        features=("coupons_claimed", "coupons_burnt"),
        needs=("transactions",),
        plain=True,
        caution="Counts grow with time: long-standing customers look more active than they are.",
    ),
    Preset(
        name="coupon-ratios",
        label="Coupon ratios",
        meaning="Gender and city as codes, coupons, open and burnt share, plainly standardised.",
        features=("gender_code", "city_code", "transaction_count", "claimed_ratio", "burnt_ratio"),
        needs=("transactions",),
        plain=True,
        caution="The rank of a city's name is not a quantity, and the two shares say the same thing twice.",
    ),
    Preset(
        name="coupon-demographics",
        label="Coupons and demographics",
        meaning="Coupons, open and burnt coupons, gender, and one column per city, plainly standardised.",
        features=("transaction_count", "coupons_claimed", "coupons_burnt", "gender", "city"),
        needs=("transactions",),
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
        needs=("transactions",),
        plain=True,
        caution="One standardised column per place drowns behaviour: the segments are places.",
    ),
    Preset(
        name="rfm",
        label="Recency, frequency, monetary",
        meaning="How recently customers were active, how often they bought, and for how much in all.",
        features=("recency", "order_count", "total_spend"),
        needs=("orders",),
        caution="Counts and sums grow with time: long-standing customers look better than they are.",
    ),
    Preset(
        name="orders",
        label="Orders",
        meaning="As rfm, with the value of an order, the time between orders, what comes back, and how many categories "
        "they buy.",
        features=(
            "recency",
            "order_count",
            "total_spend",
            "aov",
            "order_gap",
            "return_rate",
            "categories_bought",
        ),
        needs=("orders",),
        caution="Orders, spend and order value say partly the same: together they outweigh the rest.",
    ),
)


def preset_named(name: str) -> Preset | None:
    """The preset of that name, or None."""
    return next((preset for preset in PRESETS if preset.name == name), None)
