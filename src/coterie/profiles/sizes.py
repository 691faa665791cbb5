"""How many customers, coupons and burns each segment has, and whether customers differ more than chance makes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from coterie.profiles.contract import FeatureFigure
from coterie.profiles.figures import Key
from coterie.profiles.wording import Facts

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from coterie.engines import Engine

NEAR_CHANCE = 1.25
"""Dispersion (variance over what chance would give) up to which customers hardly differ."""


def sizes_of(engine: Engine, assigned: ir.Table) -> dict[Key, dict[str, Any]]:
    """Customers, coupons, burns and their sums of squares by segment (None: all customers)."""
    count = assigned.transaction_count.cast("float64").fill_null(0.0)
    burnt = assigned.coupons_burnt.cast("float64").fill_null(0.0)
    rows = assigned.select("segment", count=count, burnt=burnt)
    sums = rows.group_by("segment").aggregate(
        customers=rows.count(),
        coupons=rows["count"].sum(),
        burnt=rows.burnt.sum(),
        never_burnt=(rows.burnt == 0).sum(),
        active=(rows["count"] > 0).sum(),
        squares=(rows["count"] * rows["count"]).sum(),
        burnt_squares=(rows.burnt * rows.burnt).sum(),
        products=(rows.burnt * rows["count"]).sum(),
    )
    collected = {int(row.pop("segment")): row for row in engine.collect(sums).to_pylist()}
    everyone = {name: sum(row[name] for row in collected.values()) for name in next(iter(collected.values()))}
    return {**dict(sorted(collected.items())), None: everyone}


def facts_from(row: Mapping[str, Any], everyone: Mapping[str, Any], found: Mapping[str, FeatureFigure]) -> Facts:
    """The numbers of one segment that words are made from, from its row of `sizes_of` and that of all customers."""

    def part(name: str) -> float:
        return float(row[name]) / float(everyone[name]) if everyone[name] else 0.0

    return Facts(
        figures=found,
        customers=int(row["customers"]),
        share=part("customers"),
        coupons=round(row["coupons"]),
        burnt=round(row["burnt"]),
        share_of_coupons=part("coupons"),
        share_of_burns=part("burnt"),
    )


def scatter_as_chance(everyone: Mapping[str, Any]) -> bool:
    """Whether neither the number of coupons nor the burns scatter over active customers more than chance would.

    Coupons: variance over mean, 1 for a Poisson count. Burns: sum of (burnt - n R)^2 over sum of n R (1 - R), 1 when
    every coupon is burnt with the same probability R. Small shops are granted three standard errors of such a ratio.
    """
    n, coupons = float(everyone["active"]), float(everyone["coupons"])
    if n < 2 or not coupons:
        return True
    bound = max(NEAR_CHANCE, 1 + 3 * (2 / (n - 1)) ** 0.5)
    counts = (float(everyone["squares"]) - coupons**2 / n) / (n - 1) / (coupons / n)
    rate = float(everyone["burnt"]) / coupons
    chance = coupons * rate * (1 - rate)
    scatter = (
        float(everyone["burnt_squares"])
        - 2 * rate * float(everyone["products"])
        + rate * rate * float(everyone["squares"])
    )
    burns = scatter / chance * n / (n - 1) if chance > 0 else 0.0
    return bool(counts <= bound and burns <= bound)
