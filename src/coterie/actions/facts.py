"""What a playbook may ask of a segment (facts) and put into its sentences (fields)."""

from __future__ import annotations

from collections.abc import Mapping

from coterie.names import shortened
from coterie.profiles import (
    FeatureFigure,
    MixRow,
    Profiles,
    SegmentProfile,
    a_bit_above,
    count_text,
    customers_text,
    days_text,
    mean_text,
    money_text,
    percent_text,
    ratio_text,
    round_money_text,
)

NAME = 60
"""Letters of a name that a sentence holds."""

FACTS: Mapping[str, str] = {
    "customers": "customers of the segment",
    "share": "its share of all customers, 0 to 1",
    "coupons_each": "coupons per customer",
    "coupons_vs_all": "coupons per customer over those of all customers",
    "burn_rate": "burnt over all of its coupons, 0 to 1",
    "burn_rate_vs_all": "its burn rate over that of all customers",
    "never_burnt_share": "share of its customers who never burnt a coupon, 0 to 1",
    "share_of_coupons": "its share of all coupons, 0 to 1",
    "share_of_burns": "its share of all burnt coupons, 0 to 1",
    "days_quiet": "median days since the last claim",
    "recency_vs_all": "mean days since the last claim over those of all customers",
    "recency_of_span": "median days since the last claim over the days the data cover",
    "tenure_days": "median days since they came",
    "tenure_vs_all": "mean days since they came over those of all customers",
    "half_of_burns_within": "days within which half of its burns happen",
    "orders_each": "orders per customer",
    "orders_vs_all": "orders per customer over those of all customers",
    "spend_each": "sales per customer",
    "spend_vs_all": "sales per customer over those of all customers",
    "aov": "sales per order (average order value)",
    "aov_vs_all": "its average order value over that of all customers",
    "share_of_orders": "its share of all orders, 0 to 1",
    "sales_share": "its share of all sales, 0 to 1",
    "one_time_share": "share of its buyers with exactly one order, 0 to 1",
    "return_rate": "returns over sales, in money",
    "return_rate_vs_all": "its return rate over that of all customers",
    "returns_only_share": "share of its customers who only returned something and never ordered, 0 to 1",
    "gap_days": "median days between one order day and the next of its buyers with several",
    "days_since_order": "median days since the last order",
    "gaps_since_order": "median days since the last order over the usual gap between orders of all customers",
}
"""Fact that a rule may compare with a number -> its meaning."""

FIELDS: Mapping[str, str] = {
    "name": "name of the segment",
    "customers": "how many customers",
    "share": "their share of all customers",
    "coupons_each": "coupons per customer",
    "coupons_each_all": "the same for everyone",
    "coupons_vs_all": "the first over the second",
    "burn_rate": "share of their coupons that is burnt",
    "burn_rate_all": "the same for everyone",
    "burn_rate_vs_all": "the first over the second",
    "burn_them": "what they do with their coupons: burn a share of them, or have burnt none",
    "burnt_held": "the same of the past: burnt a share of what they held, or burnt nothing",
    "never_burnt_share": "share of customers who never burnt",
    "share_of_coupons": "their share of all coupons",
    "share_of_burns": "their share of all burns",
    "days_quiet": "typical time since the last claim",
    "days_quiet_all": "the same for everyone",
    "tenure": "typical time since they came",
    "burn_speed": "a part sentence on half of their burns, or nothing where it is unknown",
    "burns_come": "a sentence on how soon half of all burns come, or nothing where it is unknown",
    "reminder_day": "day after the claim by which half of all burns have happened",
    "orders_each": "orders per customer",
    "orders_each_all": "the same for everyone",
    "orders_vs_all": "the first over the second",
    "spend_each": "sales per customer, as an amount",
    "spend_each_all": "the same for everyone",
    "aov": "average order value, as an amount",
    "aov_all": "the same for everyone",
    "aov_vs_all": "the first over the second",
    "share_of_orders": "their share of all orders",
    "sales_share": "their share of all sales",
    "one_time_share": "share of buyers with exactly one order",
    "one_time_share_all": "the same for everyone",
    "return_rate": "share of their sales that comes back, in money",
    "return_rate_all": "the same for everyone",
    "returns_only_share": "share of customers who only returned something",
    "days_since_order": "typical time since the last order",
    "gap": "usual time between their orders, or of everyone where they have none",
    "gap_all": "the same for everyone",
    "gap_after": "how long after, as in 'about 12 days after'; only 'after' where nobody ordered on two days",
    "gap_apart": "a part sentence on the usual time between their own orders, or nothing where it is unknown",
    "reorder_by": "day after an order by which to remind: the usual time between orders, or 30 where it is unknown",
    "orders_come": "a sentence on how soon customers order again, or nothing where it is unknown",
    "threshold": "a round amount a bit above their average order value (at least a tenth, at most a quarter more)",
    "holdout": "how many to leave out in order to measure",
    "test_group": "how many to test on: a tenth, at least 100 and at most 1,000, never more than a quarter",
}
"""Field that a sentence may hold in braces -> its meaning."""

OF_COUPONS = frozenset(
    name
    for name in (*FACTS, *FIELDS)
    if name.startswith(("coupons_", "burn", "share_of_coupons", "share_of_burns", "never_burnt", "half_of_burns"))
) | {"activity", "burning"}
"""Facts, fields and levels that say something of coupons only."""
OF_ORDERS = frozenset(
    name
    for name in (*FACTS, *FIELDS)
    if name.startswith(("orders_", "spend_", "aov", "share_of_orders", "sales_share", "one_time", "return", "gap"))
) | {"days_since_order", "reorder_by", "threshold", "frequency", "spend", "order_value", "returns"}
"""Facts, fields and levels that say something of orders only."""

LEAD_FIELDS: Mapping[str, str] = {
    "value": "the city, branch, merchant or category that leads",
    "value_share": "its share within the segment",
    "value_share_all": "its share among all customers",
    "value_index": "the first over the second",
    "value_customers": "customers of the segment behind it",
    "value_unit": "what the shares are shares of: customers, coupons, burnt coupons, orders or order lines",
}
"""Further fields of rules with a lead."""

REMINDER_DAY = 10
"""Where nothing is known of burns."""
REORDER_DAY = 30
"""Where nobody ordered on two days."""


def facts_of(profile: SegmentProfile, profiles: Profiles) -> dict[str, float]:
    """The numbers of a segment that rules compare; a fact that is undefined is absent, and no condition on it holds."""
    recency, tenure = profile.features.get("recency"), profile.features.get("tenure")
    facts: dict[str, float | None] = {
        "customers": float(profile.customers),
        "share": profile.share,
        "coupons_each": profile.coupons_each,
        "coupons_vs_all": _over(profile.coupons_each, profiles.all.coupons_each),
        "burn_rate": profile.burn_rate,
        "burn_rate_vs_all": _over(profile.burn_rate, profiles.all.burn_rate),
        "never_burnt_share": profile.never_burnt_share,
        "share_of_coupons": profile.share_of_coupons,
        "share_of_burns": profile.share_of_burns,
        "days_quiet": recency.median if recency else None,
        "recency_vs_all": recency.contrast if recency else None,
        "recency_of_span": _over(recency.median, profiles.span_days) if recency else None,
        "tenure_days": tenure.median if tenure else None,
        "tenure_vs_all": tenure.contrast if tenure else None,
        "half_of_burns_within": profile.burn_curve.half_of_burns_within if profile.burn_curve else None,
        **(_order_facts(profile, profiles.all) if profiles.all.orders else {}),
    }
    return {name: float(value) for name, value in facts.items() if value is not None}


def _order_facts(profile: SegmentProfile, everyone: SegmentProfile) -> dict[str, float | None]:
    since = _last_order(profile)
    return {
        "orders_each": profile.orders_each,
        "orders_vs_all": _over(profile.orders_each, everyone.orders_each),
        "spend_each": profile.sales_each,
        "spend_vs_all": _over(profile.sales_each, everyone.sales_each),
        "aov": profile.aov,
        "aov_vs_all": _over(profile.aov, everyone.aov),
        "share_of_orders": profile.share_of_orders,
        "sales_share": profile.sales_share,
        "one_time_share": profile.one_time_share,
        "return_rate": profile.return_rate,
        "return_rate_vs_all": _over(profile.return_rate, everyone.return_rate),
        "returns_only_share": _over(profile.returns_only, profile.customers),
        "gap_days": profile.gap_days,
        "days_since_order": since.median if since else None,
        "gaps_since_order": _over(since.median, everyone.gap_days) if since else None,
    }


def fields_of(profile: SegmentProfile, profiles: Profiles) -> dict[str, str]:
    """Every field, ready to print; one that is undefined says so in words."""
    facts, everyone = facts_of(profile, profiles), profiles.all
    half = profile.burn_curve.half_of_burns_within if profile.burn_curve else None
    half_all = everyone.burn_curve.half_of_burns_within if everyone.burn_curve else None
    return {
        "name": profile.name,
        "customers": customers_text(profile.customers),
        "share": percent_text(profile.share),
        "coupons_each": mean_text(profile.coupons_each),
        "coupons_each_all": mean_text(everyone.coupons_each),
        "coupons_vs_all": ratio_text(facts.get("coupons_vs_all", 0.0)),
        "burn_rate": percent_text(facts.get("burn_rate", 0.0)),
        "burn_rate_all": percent_text(everyone.burn_rate or 0.0),
        "burn_rate_vs_all": ratio_text(facts.get("burn_rate_vs_all", 0.0)),
        "burn_them": f"burn {percent_text(profile.burn_rate or 0.0)} of them"
        if profile.burnt
        else "have burnt none of them",
        "burnt_held": f"burnt {percent_text(profile.burn_rate or 0.0)} of what they held"
        if profile.burnt
        else "burnt nothing",
        "never_burnt_share": percent_text(profile.never_burnt_share),
        "share_of_coupons": percent_text(profile.share_of_coupons),
        "share_of_burns": percent_text(profile.share_of_burns),
        "days_quiet": _days(profile.features.get("recency")),
        "days_quiet_all": _days(everyone.features.get("recency")),
        "tenure": _days(profile.features.get("tenure")),
        "burn_speed": _speed(half),
        "burns_come": _come(half_all),
        "reminder_day": str(half_all if half_all is not None and half_all >= 1 else REMINDER_DAY),
        **_order_fields(profile, profiles),
        "holdout": f"{_holdout(profile.customers)} holdout",
        "test_group": _test_group(profile.customers),
    }


def _order_fields(profile: SegmentProfile, profiles: Profiles) -> dict[str, str]:
    facts, everyone = _order_facts(profile, profiles.all), profiles.all
    gap = profile.gap_days if profile.gap_days is not None else everyone.gap_days

    def money(value: float | None) -> str:
        return money_text(value or 0.0, profiles.currency)

    return {
        "orders_each": mean_text(profile.orders_each),
        "orders_each_all": mean_text(everyone.orders_each),
        "orders_vs_all": ratio_text(facts["orders_vs_all"] or 0.0),
        "spend_each": money(profile.sales_each),
        "spend_each_all": money(everyone.sales_each),
        "aov": money(profile.aov),
        "aov_all": money(everyone.aov),
        "aov_vs_all": ratio_text(facts["aov_vs_all"] or 0.0),
        "share_of_orders": percent_text(profile.share_of_orders),
        "sales_share": percent_text(profile.sales_share),
        "one_time_share": percent_text(profile.one_time_share or 0.0),
        "one_time_share_all": percent_text(everyone.one_time_share or 0.0),
        "return_rate": percent_text(profile.return_rate or 0.0),
        "return_rate_all": percent_text(everyone.return_rate or 0.0),
        "returns_only_share": percent_text(facts["returns_only_share"] or 0.0),
        "days_since_order": _days(_last_order(profile)),
        "gap": days_text(gap) if gap is not None else "an unknown time",
        "gap_all": days_text(everyone.gap_days) if everyone.gap_days is not None else "an unknown time",
        "gap_after": f"about {days_text(gap)} after" if gap is not None else "after",
        "gap_apart": f", usually {days_text(profile.gap_days)} apart" if profile.gap_days is not None else "",
        "reorder_by": str(max(1, round(everyone.gap_days)) if everyone.gap_days is not None else REORDER_DAY),
        "orders_come": _orders_come(everyone.gap_days),
        "threshold": round_money_text(a_bit_above(profile.aov or 0.0), profiles.currency),
    }


def lead_fields_of(row: MixRow, unit: str) -> dict[str, str]:
    """The fields of a value that leads; `unit` is that of its mix."""
    return {
        "value": shortened(row.value, NAME),
        "value_share": percent_text(row.share),
        "value_share_all": percent_text(row.share_all),
        "value_index": ratio_text(row.over_index),
        "value_customers": f"about {count_text(_rough(row.customers))} customers"
        if row.customers_estimated
        else customers_text(row.customers),
        "value_unit": unit,
    }


def _rough(number: int) -> float:
    """Two digits, which is what an estimate can say."""
    return float(f"{number:.1e}")


def _last_order(profile: SegmentProfile) -> FeatureFigure | None:
    """Days since the last order: a feature of its own where there are coupons too, else recency is just that."""
    if "order_recency" in profile.features:
        return profile.features["order_recency"]
    return profile.features.get("recency") if not profile.coupons else None


def _over(value: float | None, base: float | None) -> float | None:
    return value / base if value is not None and base else None


def _days(figure: FeatureFigure | None) -> str:
    return days_text(figure.median) if figure else "an unknown time"


def _speed(half: int | None) -> str:
    if half is None:
        return ""
    return ", half of that on the day of the claim" if half == 0 else f", half of that within {days_text(half)}"


def _come(half: int | None) -> str:
    if half is None:
        return ""
    return f"Half of all burns come {'on the day' if half == 0 else 'within ' + days_text(half)} of the claim. "


def _orders_come(gap: float | None) -> str:
    return f"Half of those who order again do so within {days_text(gap)} on average. " if gap is not None else ""


def _test_group(customers: int) -> str:
    """Enough to see a difference where the segment allows it, few enough to be spared where it goes wrong."""
    number = _rough(int(min(max(customers / 10, 100), 1000, customers / 4)))
    return f"{count_text(number)} of these customers" if number >= 10 else "a few of these customers"


def _holdout(customers: int) -> str:
    """A part that leaves about 100 customers to compare with, where the segment has them."""
    return "a 10%" if customers >= 1000 else "a 20%" if customers >= 400 else "a 50%"
