"""What a feature is, and what describing customers gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from coterie.features.lifetime import Lifetime

if TYPE_CHECKING:
    import ibis.expr.types as ir


Family = Literal["coupons", "orders", "rhythm", "breadth", "people", "attributes"]
Treatment = Literal["none", "log", "log1p", "logit", "one-hot", "code"]


@dataclass(frozen=True)
class BurnCurveTable:
    """Kaplan-Meier F(t) of all coupons by whole day since claim: share[t] for t = 0..len-1, constant afterwards."""

    share: tuple[float, ...]

    @property
    def plateau(self) -> float:
        """F at the end of the data; 0 when nothing was ever burnt."""
        return self.share[-1] if self.share else 0.0


@dataclass(frozen=True)
class Learned:
    """Numbers that describing learned from all customers, at most 9 significant digits each; part of model.json.

    Attributes:
        exposure_power: beta in [0, 1] of the Poisson regression of claims on log exposure.
        claims_prior: (r, a) of the gamma prior of claims per exposure^beta, exposure in years.
        burn_rate_prior: (a, b) of the beta prior of the burn rate.
        burn_rate_mature_prior: (r, a) of the gamma prior of burns per expected burn.
        burn_curve: F(t).
        medians: Feature -> median that stands in where the feature is undefined.
        levels: Categorical feature -> its values in order (one-hot columns or codes).
        alike: Features in which the fit found no difference between customers (its prior weight reached the cap).
        orders_power: As exposure_power, of orders.
        orders_prior: As claims_prior, of orders; (0, 0) without orders.
        rfm_cuts: RFM feature -> the values at which its score changes.
        lifetime: BG/NBD and Gamma-Gamma, or why they could not be fitted; None without orders.

    Without coupons the numbers about them are 0.
    """

    exposure_power: float
    claims_prior: tuple[float, float]
    burn_rate_prior: tuple[float, float]
    burn_rate_mature_prior: tuple[float, float]
    burn_curve: BurnCurveTable
    medians: Mapping[str, float]
    levels: Mapping[str, tuple[str, ...]]
    alike: tuple[str, ...] = ()
    orders_power: float = 0.0
    orders_prior: tuple[float, float] = (0.0, 0.0)
    rfm_cuts: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    lifetime: Lifetime | None = None


@dataclass(frozen=True)
class Feature:
    """One catalogue entry.

    Attributes:
        name: As in files and settings, such as "coupons_burnt".
        label: As a person reads it, such as "Burnt coupons".
        unit: "coupons", "days", "%" (a share stored as 0..1), "money" (an amount in the data's currency), "per year",
            "customers", "" for none.
        meaning: One line.
        family: Theme.
        needs: Event tables and optional columns it cannot do without, as "orders", "transactions.burn_date".
        treatment: What happens before standardising.
        express: From the per-customer aggregates (one row per customer) and what was learned to the value column.
        activity: +1 where more of it means a more active customer, -1 where less does, 0 where it says nothing of that.
        natural_scale: The spread below whose 1e-4 part customers do not differ in it (after treatment); 0 for the mean.
        several: Column of the aggregates' dimension that must have several values ("merchants"), or "".
        caution: What is wrong with clustering on it, shown in help and report.
        by_chance: What is handed out by chance to see what it would be if customers did not differ: whole coupons and
            orders, or only which of the coupons are burnt, the amounts of the orders, or who returns; "nothing" where
            it is not counted from events.
    """

    name: str
    label: str
    unit: str
    meaning: str
    family: Family
    needs: tuple[str, ...]
    treatment: Treatment
    express: Callable[[ir.Table, Learned], ir.Value]
    activity: Literal[-1, 0, 1] = 0
    natural_scale: float = 1.0
    several: str = ""
    caution: str = ""
    by_chance: Literal["events", "burns", "amounts", "returns", "nothing"] = "events"


@dataclass(frozen=True)
class Described:
    """Every known customer with the features asked for and those always shown.

    Attributes:
        table: Kept in the engine, sorted by customer_id: row (int64 from 0), customer_id, active (has a coupon or an
            order), city, gender, join_date, attributes, and one column per feature in `features`, float64 where it is
            numeric, NULL where undefined. Always among them: recency (days since the last claim or order, NULL without
            either), tenure (days of exposure); with coupons transaction_count, coupons_claimed, coupons_burnt,
            burn_rate (NULL without coupons); with orders order_count, total_spend, aov, return_rate (NULL without
            orders); with both order_recency; and where the data allow merchants_burnt_at, categories_bought. With a
            model of orders also probability_alive, expected_orders and expected_value, which are not in `features`
            unless they are clustered on.
        features: Catalogue entries computed, in catalogue order.
        clustered: Names of the features to cluster on, in order.
        preset: Name of the preset they come from, or "" for features named one by one.
        asked: The preset or the features were asked for by name, so nothing is dropped from them for convenience.
        learned: What was learned on the way.
        customers, active: How many known, how many with a coupon or an order.
        notes: Sentences on what was left out, for method and quality pages.
    """

    table: ir.Table
    features: tuple[Feature, ...]
    clustered: tuple[str, ...]
    preset: str
    asked: bool
    learned: Learned
    customers: int
    active: int
    notes: tuple[str, ...]
