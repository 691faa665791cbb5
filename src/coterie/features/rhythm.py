"""Theme rhythm: how recently, how long and how regularly a customer is active."""

from __future__ import annotations

from dataclasses import replace

from coterie.features.contract import Feature

RHYTHM: tuple[Feature, ...] = (
    Feature(
        name="recency",
        label="Days since last claim or order",
        unit="days",
        meaning="Calendar days from the last claim or order, whichever is later, to as-of.",
        family="rhythm",
        needs=(),
        treatment="log1p",
        express=lambda t, learned: t.recency,
        activity=-1,
    ),
    Feature(
        name="burn_recency",
        label="Days since last burn",
        unit="days",
        meaning="Calendar days from the last burn to as-of.",
        family="rhythm",
        needs=("transactions.burn_date",),
        treatment="log1p",
        express=lambda t, learned: t.burn_recency,
        activity=-1,
    ),
    Feature(
        name="tenure",
        label="Days since joining",
        unit="days",
        meaning="Days from joining, or from the first claim or order if earlier, to as-of.",
        family="rhythm",
        needs=(),
        treatment="log1p",
        express=lambda t, learned: t.exposure - 1,
        by_chance="nothing",
    ),
    Feature(
        name="claim_gap",
        label="Days between claims",
        unit="days",
        meaning="Mean days between one claim and the next; undefined with fewer than two coupons.",
        family="rhythm",
        needs=("transactions",),
        treatment="log1p",
        express=lambda t, learned: t.active_span / (t.transaction_count - 1).nullif(0),
        activity=-1,
    ),
    Feature(
        name="active_span",
        label="Days from first to last claim",
        unit="days",
        meaning="Days from the first claim to the last.",
        family="rhythm",
        needs=("transactions",),
        treatment="log1p",
        express=lambda t, learned: t.active_span,
        activity=1,
    ),
    Feature(
        name="claim_trend",
        label="Claim trend",
        unit="%",
        meaning="Where the average claim lies from joining (0%) to as-of (100%): 50% is steady, more is speeding up.",
        family="rhythm",
        needs=("transactions",),
        treatment="none",
        express=lambda t, learned: 1.0 - (t.age_sum / t.transaction_count.nullif(0) + 0.5) / t.exposure,
        activity=1,
    ),
)


def as_told(feature: Feature, *, coupons: bool, orders: bool) -> Feature:
    """The entry with label and meaning that are true of data with only one kind of event."""
    if coupons and orders:
        return feature
    event = "order" if orders else "claim"
    match feature.name:
        case "recency":
            meaning = f"Calendar days from the last {event} to as-of."
            return replace(feature, label=f"Days since last {event}", meaning=meaning)
        case "tenure":
            return replace(feature, meaning=f"Days from joining, or from the first {event} if earlier, to as-of.")
    return feature
