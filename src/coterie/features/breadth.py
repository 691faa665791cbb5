"""Theme breadth: at how many different places a customer uses coupons, and which is the favourite."""

from __future__ import annotations

from coterie.features.contract import Feature

BREADTH: tuple[Feature, ...] = (
    Feature(
        name="merchants_burnt_at",
        label="Merchants burnt at",
        unit="merchants",
        meaning="Different merchants at which the customer burnt coupons.",
        family="breadth",
        needs=("transactions.branch_id", "branches.merchant_id"),
        treatment="log1p",
        express=lambda t, learned: t.merchants_burnt_at,
        activity=1,
        several="merchant",
    ),
    Feature(
        name="branches_burnt_at",
        label="Branches burnt at",
        unit="branches",
        meaning="Different branches at which the customer burnt coupons.",
        family="breadth",
        needs=("transactions.branch_id",),
        treatment="log1p",
        express=lambda t, learned: t.branches_burnt_at,
        activity=1,
        several="branch",
    ),
    Feature(
        name="branches_used",
        label="Branches",
        unit="branches",
        meaning="Different branches on the customer's coupons, burnt or not.",
        family="breadth",
        needs=("transactions.branch_id",),
        treatment="log1p",
        express=lambda t, learned: t.branches_used,
        activity=1,
        several="branch",
    ),
    Feature(
        name="favourite_branch",
        label="Favourite branch",
        unit="",
        meaning="Branch with most of the customer's coupons, ties to the lowest id; the top 20 and other.",
        family="breadth",
        needs=("transactions.branch_id",),
        treatment="one-hot",
        express=lambda t, learned: t.favourite_branch.cast("string"),
        several="branch",
        caution="One standardised column per branch drowns every other feature.",
    ),
    Feature(
        name="favourite_merchant",
        label="Favourite merchant",
        unit="",
        meaning="Merchant with most of the customer's coupons, ties to the lowest id; the top 20 and other.",
        family="breadth",
        needs=("transactions.branch_id", "branches.merchant_id"),
        treatment="one-hot",
        express=lambda t, learned: t.favourite_merchant.cast("string"),
        several="merchant",
        caution="One standardised column per merchant drowns every other feature.",
    ),
)
