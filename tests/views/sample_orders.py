"""Hand-made segments of a shop with orders: a made result gets orders beside its coupons, or instead of them."""

from __future__ import annotations

import dataclasses
from typing import Any

from coterie.evidence.contract import Reliability
from coterie.profiles.contract import Bin, BorderFigure, DensityCell, FeatureFigure, Mix, MixRow, PlainRule

FEATURES = {
    "order_count": {"label": "Orders", "unit": "orders", "meaning": "Orders of the customer"},
    "total_spend": {"label": "Spend", "unit": "money", "meaning": "Sales of the customer"},
    "aov": {"label": "Average order value", "unit": "money", "meaning": "Sales / orders"},
    "recency": {
        "label": "Days since last order",
        "unit": "days",
        "meaning": "Days from the last order to the as-of day",
    },
    "return_rate": {"label": "Returned share", "unit": "%", "meaning": "Returns / sales"},
    "orders_per_time": {"label": "Orders a year", "unit": "orders", "meaning": "Drawn towards the average of all"},
    "tenure": {"label": "Days since joining", "unit": "days", "meaning": "Days from the first event to the as-of day"},
}
BLURBS = (
    "Order often, £823.34 an order",
    "Order about as much as others",
    "Order seldom",
    "Ordered once",
    "None for a year",
)
GAPS, RECENCY = (24.0, 51.0, 88.0, None, 40.0), (8.0, 20.0, 33.0, 60.0, 220.0)
CATEGORIES = (("Kitchen", 0.4, 0.2), ("Garden", 0.6, 0.8))


def _figure(mean: float, everyone: float, by_construction: bool) -> FeatureFigure:
    return FeatureFigure(mean, mean * 0.95, mean * 1.05, mean * 0.9, everyone, everyone * 0.9,
                         mean / everyone if everyone else None, by_construction)  # fmt: skip


def _figures(own: dict[str, float], everyone: dict[str, float]) -> dict[str, FeatureFigure]:
    used = ("aov", "recency", "orders_per_time")
    return {name: _figure(own[name], everyone[name], name in used) for name in FEATURES}


def _means(one: Any, recency: float) -> dict[str, float]:
    each = one.orders / one.customers
    return {"order_count": each, "total_spend": one.sales / one.customers, "aov": one.sales / one.orders,
            "recency": recency, "return_rate": one.returns / one.sales, "orders_per_time": each * 1.4,
            "tenure": 223.0}  # fmt: skip


def _histogram(customers: int, each: float) -> tuple[Bin, ...]:
    """Most near the mean, up to 12 orders; the last bar takes the rest."""
    weights = [max(0.01, 1 - abs(number - each) / (each * 0.6 + 1)) for number in range(1, 13)]
    shares = [weight / sum(weights) for weight in weights]
    return tuple(Bin(number, number if number < 12 else 90, round(customers * share), share)
                 for number, share in enumerate(shares, 1))  # fmt: skip


def _category(number: int, orders: int, total: int) -> Mix:
    """The first segment buys twice as much for the kitchen as everybody; the others are like everybody."""
    rows = tuple(
        MixRow(name, round(10 * orders * (own if number == 1 else all_)), round(10 * total * all_),
               own if number == 1 else all_, all_, own / all_ if number == 1 else 1.0, 1.8 if own > all_ else 0.7,
               number == 1 and own > all_, 60)
        for name, own, all_ in CATEGORIES
    )  # fmt: skip
    return Mix("category", "Category", "order lines", rows)


def _bought(result: Any) -> tuple[tuple[dict[str, Any], ...], dict[str, Any]]:
    """What orders add to each profile and to all customers: sums, figures, histogram, mix."""
    metrics = result.metrics
    everyone = _means(metrics, 92.0)
    found = []
    for number, (one, gap, recency) in enumerate(zip(metrics.segments, GAPS, RECENCY, strict=True), 1):
        found.append({
            "buyers": one.buyers, "orders": one.orders, "sales": one.sales, "returns": one.returns,
            "share_of_orders": one.orders / metrics.orders, "sales_share": one.sales / metrics.sales,
            "aov": one.aov, "one_time_share": 1.0 if gap is None else 1 - one.repeat_purchase_rate, "gap_days": gap,
            "orders_histogram": _histogram(one.customers, one.orders / one.customers),
            "features": _figures(_means(one, recency), everyone),
            "mixes": (_category(number, one.orders, metrics.orders),),
        })  # fmt: skip
    whole = {
        "buyers": metrics.customers, "orders": metrics.orders, "sales": metrics.sales, "returns": metrics.returns,
        "share_of_orders": 1.0, "sales_share": 1.0, "aov": metrics.aov,
        "one_time_share": 1 - metrics.repeat_purchase_rate, "gap_days": 61.0,
        "orders_histogram": _histogram(metrics.customers, metrics.orders / metrics.customers),
        "features": _figures(everyone, everyone), "mixes": (),
    }  # fmt: skip
    return tuple(found), whole


def _cells() -> tuple[DensityCell, ...]:
    """Two steps of orders by three of AOV; the first segment alone is at the right and at the top."""
    return (
        DensityCell(1, 1.0, 3.0, 20.0, 150.0, 40), DensityCell(1, 3.0, 90.0, 150.0, 9000.0, 160),
        *(DensityCell(number, 1.0, 3.0, 0.0, 20.0, 30) for number in (2, 3, 4, 5)),
    )  # fmt: skip


def with_coupons(result: Any) -> Any:
    """The result with orders beside its coupons."""
    found, whole = _bought(result)

    def joined(profile: Any, own: dict[str, Any]) -> Any:
        return dataclasses.replace(profile, **own | {"features": {**profile.features, **own["features"]},
                                                     "mixes": (*profile.mixes, *own["mixes"])})  # fmt: skip

    profiles = dataclasses.replace(
        result.profiles, segments=tuple(joined(*pair) for pair in zip(result.profiles.segments, found, strict=True)),
        all=joined(dataclasses.replace(result.profiles.all, customers=4338), whole), orders_density=_cells(), currency="GBP",
        features={**result.profiles.features, **FEATURES},
    )  # fmt: skip
    return dataclasses.replace(result, profiles=profiles)


def orders_only(result: Any) -> Any:
    """The result with orders instead of coupons: nothing of a coupon is left in profiles, evidence or learned numbers.

    34 customers more have no order: 33 returned something, one had a free item.
    """
    found, whole = _bought(result)
    none = {"coupons": 0, "burnt": 0, "share_of_coupons": 0.0, "share_of_burns": 0.0, "burn_curve": None,
            "coupons_histogram": (), "never_burnt_share": 0.0}  # fmt: skip
    rule = PlainRule("Has ordered at least 5 times", (("order_count", "at_least", 5),), 0.9, 0.8)
    segments = []
    for profile, blurb, own in zip(result.profiles.segments, BLURBS, found, strict=True):
        border = profile.border
        if border is not None and border.customers:
            border = dataclasses.replace(border, features={"total_spend": BorderFigure(1204.5, 310.25)})
        values = {name: figure.mean for name, figure in own["features"].items()}
        typical = ({**values, "customer_id": "12347", "order_count": 7.0, "recency": 3.0},)
        segments.append(dataclasses.replace(
            profile, **none, **own, blurb=blurb, headline=f"{profile.name}: {blurb}", typical=typical, rule=rule,
            border=border, share=profile.customers / 4372,
        ))  # fmt: skip
    idle = dataclasses.replace(
        segments[0], segment=0, name="No purchases", blurb="Known, but without an order so far", headline="No order yet",
        customers=34, share=34 / 4372, buyers=0, orders=0, sales=0.0, returns=611.0, share_of_orders=0.0,
        sales_share=0.0, aov=None, one_time_share=None, orders_histogram=(), gap_days=None, returns_only=33,
        free_only=1, features={"tenure": segments[0].features["tenure"]}, mixes=(), typical=(), rule=None, border=None,
    )  # fmt: skip
    everyone = dataclasses.replace(result.profiles.all, **none, **whole, customers=4372, returns_only=33, free_only=1)
    profiles = dataclasses.replace(
        result.profiles, segments=(*segments, idle), all=everyone, density=(), monthly=(), features=FEATURES,
        orders_density=_cells(), currency="GBP",
    )  # fmt: skip
    return dataclasses.replace(
        result, customers=4372, active=4338, profiles=profiles, evidence=_evidence(result.evidence),
        clustered=("aov", "recency", "orders_per_time"), learned=_learned(result.learned), notes=(),
    )  # fmt: skip


def _learned(learned: Any) -> Any:
    return dataclasses.replace(learned, claims_prior=(0.0, 0.0), orders_prior=(1.7, 0.6), orders_power=0.4,
                               medians={"aov": 310.25})  # fmt: skip


def _evidence(evidence: Any) -> Any:
    """Orders a year is a trait, the returned share is luck; later sales are what lasts."""
    foresight = dataclasses.replace(
        evidence.foresight, outcome="sales",
        segments=tuple(dataclasses.replace(one, claims=None, burn_rate=None, mean=300.0 * (one.lift or 0.0))
                       for one in evidence.foresight.segments),
        baselines=dataclasses.replace(evidence.foresight.baselines, feature="orders_per_time"),
    )  # fmt: skip
    rows = (
        Reliability("orders_per_time", 0.77, 0.76, 0.79, 0.005, 2800, real=True, used=True),
        Reliability("aov", 0.7, 0.66, 0.73, 0.005, 2800, real=True, used=True),
        Reliability("return_rate", 0.11, 0.04, 0.18, 0.4, 900, real=False, used=False, note="No more than luck."),
    )
    return dataclasses.replace(evidence, reliability=rows, foresight=foresight)
