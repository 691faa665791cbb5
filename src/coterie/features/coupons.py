"""Theme coupons: how many a customer claims, and how many of them are burnt."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coterie.features.contract import Feature

if TYPE_CHECKING:
    import ibis.expr.types as ir

BURNS = "transactions.burn_date"

COUPONS: tuple[Feature, ...] = (
    Feature(
        name="transaction_count",
        label="Coupons",
        unit="coupons",
        meaning="All coupon rows of the customer, open, burnt and expired.",
        family="coupons",
        needs=("transactions",),
        treatment="none",
        express=lambda t, learned: t.transaction_count,
        activity=1,
    ),
    Feature(
        name="coupons_claimed",
        label="Open coupons",
        unit="coupons",
        meaning="Coupons claimed and still open.",
        family="coupons",
        needs=("transactions",),
        treatment="none",
        express=lambda t, learned: t.coupons_claimed,
        activity=1,
    ),
    Feature(
        name="coupons_burnt",
        label="Burnt coupons",
        unit="coupons",
        meaning="Coupons burnt.",
        family="coupons",
        needs=("transactions",),
        treatment="none",
        express=lambda t, learned: t.coupons_burnt,
        activity=1,
    ),
    Feature(
        name="claimed_ratio",
        label="Open share",
        unit="%",
        meaning="Open coupons over all coupons; 0 without coupons.",
        family="coupons",
        needs=("transactions",),
        treatment="none",
        express=lambda t, learned: _share(t.coupons_claimed, t.transaction_count),
        caution="With two statuses it mirrors the burnt share, which then counts twice.",
        by_chance="burns",
    ),
    Feature(
        name="burnt_ratio",
        label="Burnt share",
        unit="%",
        meaning="Burnt coupons over all coupons; 0 without coupons.",
        family="coupons",
        needs=("transactions",),
        treatment="none",
        express=lambda t, learned: _share(t.coupons_burnt, t.transaction_count),
        activity=1,
        caution="A customer with one coupon is at 0% or 100% by chance; the shrunken burn rate is not.",
        by_chance="burns",
    ),
    Feature(
        name="burn_rate",
        label="Burn rate",
        unit="%",
        meaning="Burnt coupons over all coupons.",
        family="coupons",
        needs=("transactions",),
        treatment="none",
        express=lambda t, learned: t.coupons_burnt / t.transaction_count.nullif(0),
        activity=1,
        by_chance="burns",
    ),
    Feature(
        name="burn_rate_shrunken",
        label="Burn rate, shrunken",
        unit="%",
        meaning="Burn rate drawn towards that of all customers where there are few coupons: one coupon is not a habit.",
        family="coupons",
        needs=("transactions",),
        treatment="none",
        express=lambda t, learned: (
            (t.coupons_burnt + learned.burn_rate_prior[0]) / (t.transaction_count + sum(learned.burn_rate_prior))
        ),
        activity=1,
        by_chance="burns",
    ),
    Feature(
        name="burn_rate_mature",
        label="Burn rate, age-adjusted",
        unit="%",
        meaning="Burn rate that does not hold it against young coupons that they are not burnt yet; drawn towards that "
        "of all customers where there are few coupons.",
        family="coupons",
        needs=("transactions",),
        treatment="none",
        express=lambda t, learned: (
            (t.coupons_burnt + learned.burn_rate_mature_prior[0])
            / (t.expected_burns + learned.burn_rate_mature_prior[1])
        ),
        activity=1,
        by_chance="burns",
    ),
    Feature(
        name="claims_per_time",
        label="Coupons a year",
        unit="coupons",
        meaning="Coupons per year of membership, as far as coupons grow with time at all, drawn towards the usual pace "
        "where there was little time.",
        family="coupons",
        needs=("transactions",),
        treatment="log",
        express=lambda t, learned: (
            (t.transaction_count + learned.claims_prior[0])
            / (t.exposure_years**learned.exposure_power + learned.claims_prior[1])
        ),
        activity=1,
    ),
    Feature(
        name="days_to_burn",
        label="Days to burn",
        unit="days",
        meaning="Mean days from claim to burn of burnt coupons.",
        family="coupons",
        needs=(BURNS,),
        treatment="log1p",
        express=lambda t, learned: t.days_to_burn_sum / t.days_to_burn_count.nullif(0),
        caution="Only customers who burnt have one; the burn curve compares groups without that bias.",
        by_chance="burns",
    ),
)


def _share(part: ir.IntegerColumn, whole: ir.IntegerColumn) -> ir.Value:
    return (part / whole.nullif(0)).fill_null(0.0)
