"""How many customers, coupons and burns each segment has, and whether customers differ more than chance makes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import ibis

from coterie.profiles.contract import FeatureFigure
from coterie.profiles.figures import Key
from coterie.profiles.people import GAP, ONLY_FREE, ONLY_RETURNS, RETURNS, SALES, has_coupons
from coterie.profiles.wording import COUPONS_ONLY, Facts, Shop
from coterie.rounding import round9
from coterie.tables.contract import MONEY

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from coterie.engines import Engine

ORDERS = ("orders", "sales", "returns", "buyers", "once", "order_squares", "returns_only", "free_only")
NEAR_CHANCE = 1.25
"""Dispersion (variance over what chance would give) up to which customers hardly differ."""


def sizes_of(engine: Engine, assigned: ir.Table) -> dict[Key, dict[str, Any]]:
    """Customers, coupons, burns and their sums of squares, orders and money by segment (None: all customers).

    What is counted from a table that is not there is 0. Sales and returns are in parts of `MONEY`.
    """
    nothing = ibis.literal(0.0)
    has = has_coupons(assigned)
    count = assigned.transaction_count.cast("float64").fill_null(0.0) if has else nothing
    burnt = assigned.coupons_burnt.cast("float64").fill_null(0.0) if has else nothing
    rows = assigned.select("segment", count=count, burnt=burnt, **_orders(assigned))
    sums = rows.group_by("segment").aggregate(
        customers=rows.count(),
        coupons=rows["count"].sum(),
        burnt=rows.burnt.sum(),
        never_burnt=(rows.burnt == 0).sum(),
        active=(rows["count"] > 0).sum(),
        squares=(rows["count"] * rows["count"]).sum(),
        burnt_squares=(rows.burnt * rows.burnt).sum(),
        products=(rows.burnt * rows["count"]).sum(),
        **{name: rows[name].sum().cast("int64") for name in ORDERS if name in rows.columns},
    )
    collected = {int(row.pop("segment")): row for row in engine.collect(sums).to_pylist()}
    for row in collected.values():
        row.update({name: int(row.get(name) or 0) for name in ORDERS})
    everyone = {name: sum(row[name] for row in collected.values()) for name in next(iter(collected.values()))}
    return {**dict(sorted(collected.items())), None: everyone}


def _orders(assigned: ir.Table) -> dict[str, ir.Value]:
    """Per customer, whole numbers: sums are the same in any order."""
    if SALES not in assigned.columns:
        return {}
    orders = assigned.order_count.fill_null(0.0).cast("int64")
    return {
        "orders": orders,
        "sales": assigned[SALES],
        "returns": assigned[RETURNS],
        "buyers": (orders > 0).cast("int64"),
        "once": (orders == 1).cast("int64"),
        "order_squares": orders * orders,
        "returns_only": assigned[ONLY_RETURNS].cast("int64"),
        "free_only": assigned[ONLY_FREE].cast("int64"),
    }


def facts_from(
    row: Mapping[str, Any],
    everyone: Mapping[str, Any],
    found: Mapping[str, FeatureFigure],
    *,
    gap_days: float | None = None,
    shop: Shop = COUPONS_ONLY,
) -> Facts:
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
        orders=row["orders"],
        sales=row["sales"] / MONEY,
        returns=row["returns"] / MONEY,
        share_of_orders=part("orders"),
        sales_share=part("sales"),
        buyers=row["buyers"],
        once=row["once"],
        returns_only=row["returns_only"],
        free_only=row["free_only"],
        gap_days=gap_days,
        shop=shop,
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


def orders_as_chance(everyone: Mapping[str, Any], engine: Engine, placed: ir.Table) -> bool:
    """Whether neither the number of orders nor their amounts scatter over buyers more than chance would.

    Orders: variance over mean, as for coupons. Amounts: variance between customers over that within customers (the F of
    an analysis of variance), 1 when all draw from one pot. Where nobody ordered twice, amounts cannot tell. `placed`
    is `Tables.orders`.
    """
    n, orders = everyone["buyers"], everyone["orders"]
    if n < 2:
        return True
    counts = (everyone["order_squares"] - orders**2 / n) / (n - 1) / (orders / n)
    if counts > max(NEAR_CHANCE, 1 + 3 * (2 / (n - 1)) ** 0.5):
        return False
    if orders == n:
        return True
    amount = placed.select("customer_id", amount=placed.sales.cast("float64"))
    each = amount.group_by("customer_id").aggregate(
        n=amount.count(), total=amount.amount.sum(), squares=(amount.amount * amount.amount).sum()
    )
    sums = each.aggregate(
        total=each.total.sum(), parts=(each.total * each.total / each.n).sum(), squares=each.squares.sum()
    )
    row = engine.collect(sums).to_pylist()[0]
    within = (row["squares"] - row["parts"]) / (orders - n)
    between = (row["parts"] - row["total"] ** 2 / orders) / (n - 1)
    bound = max(NEAR_CHANCE, 1 + 3 * (2 / (n - 1) + 2 / (orders - n)) ** 0.5)
    # Sums of equal amounts differ in their last digits, which is no scatter.
    return bool(between <= bound * within or between <= 1e-9 * (row["total"] / orders) ** 2)


def gaps(engine: Engine, people: ir.Table) -> dict[Key, float]:
    """Median of the buyers' mean days between order days, by segment (None: all customers); absent where unknown."""
    if GAP not in people.columns:
        return {}
    middle = people[GAP].median()
    found: dict[Key, Any] = {None: engine.collect(people.aggregate(gap=middle))["gap"][0].as_py()}
    for row in engine.collect(people.group_by("segment").aggregate(gap=middle)).to_pylist():
        found[int(row["segment"])] = row["gap"]
    return {key: round9(float(gap)) for key, gap in found.items() if gap is not None}
