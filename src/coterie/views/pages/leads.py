"""The sentences below the finding of a card: how many, their part of all, when they were last seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coterie.views import format as say
from coterie.views.segments import orders_only, with_both

if TYPE_CHECKING:
    from coterie.profiles.contract import FeatureFigure, SegmentProfile
    from coterie.views.contract import ReportInput


def lead(result: ReportInput, one: SegmentProfile) -> str:
    """Who they are in a few sentences, of coupons, orders, or both."""
    if one.share >= 1:
        return "Everybody belongs to it."
    if orders_only(result):
        return _lead_of_orders(one)
    parts = [_how_many(one)]
    if one.coupons and result.profiles.all.burnt:
        burns = f"{say.share(one.share_of_burns)} of all burnt ones" if one.burnt else "none of the burnt ones"
        parts.append(f"They hold {say.share(one.share_of_coupons)} of all coupons and {burns}.")
    elif one.coupons:
        parts.append(f"They hold {say.share(one.share_of_coupons)} of all coupons.")
    if one.orders:
        parts.append(_placed(one))
    tenure = one.features.get("tenure")
    if tenure is not None and not one.coupons and not one.orders:
        parts.append(_joined(tenure))
    recency = one.features.get("recency")
    if recency is not None and one.coupons:
        if with_both(result):
            parts.append(_last(recency, "claimed or ordered something", "neither claimed nor ordered anything"))
        else:
            parts.append(_last(recency, "took a coupon", "claimed nothing"))
    return " ".join(parts)


def _how_many(one: SegmentProfile) -> str:
    few = one.share < 0.005
    return f"{say.upper_first(say.plural(one.customers, 'customer') if few else say.one_in(one.share))}."


def _joined(tenure: FeatureFigure) -> str:
    return f"Half of them joined {say.plural(max(1, round(tenure.median)), 'day')} ago or earlier."


def _placed(one: SegmentProfile) -> str:
    """Their part of all orders and sales."""
    orders, sales = say.share(one.share_of_orders), say.share(one.sales_share)
    return f"They placed {orders} of all orders and make {sales} of all sales."


def _last(recency: FeatureFigure, did: str, nothing: str) -> str:
    """When the middle one of them was last seen: as quiet where that is longer ago than of all customers."""
    number = max(1, round(recency.median))
    days = say.plural(number, "day")
    if recency.median > recency.all_median:
        return f"Half of them have {nothing} for {days} or longer."
    return f"Half of them {did} in the last {'day' if number == 1 else days}."


def _again(once: float, gap: float | None) -> str:
    """How many ordered once, and how soon the others order again."""
    days = say.plural(max(1, round(gap)), "day") if gap is not None else ""
    if once >= 1:
        return "All of them ordered once."
    if once > 0:
        others = f"; half of the others order again within {days} on average" if days else ""
        return f"{say.share(once)} of them ordered once{others}."
    return f"All of them ordered twice or more{f', half of them every {days} or sooner' if days else ''}."


def _lead_of_orders(one: SegmentProfile) -> str:
    """How many, their part of orders and sales, how many ordered once, how fast they come back, the last order."""
    parts = [_how_many(one)]
    tenure = one.features.get("tenure")
    if not one.orders:
        return " ".join([*parts, *([_joined(tenure)] if tenure is not None else [])])
    parts.append(_placed(one))
    if one.one_time_share is not None:
        parts.append(_again(one.one_time_share, one.gap_days))
    recency = one.features.get("order_recency") or one.features.get("recency")
    if recency is not None:
        parts.append(_last(recency, "ordered", "ordered nothing"))
    return " ".join(parts)
