"""What is said in words of a segment that buys: blurb, headline and standfirst, all from its own numbers."""

from __future__ import annotations

from coterie.profiles.levels import OrderLevels
from coterie.profiles.names import Named
from coterie.profiles.numbers import capitalised, count_text, mean_text, money_text, percent_text, span_text
from coterie.profiles.wording import Facts, part_text, placed_text, within_text

MUCH_RETURNED = 0.3
"""Returns over sales from which a headline tells of them."""


def orders_blurb(levels: OrderLevels, facts: Facts, *, hardly_differ: bool) -> str:
    """Who they are in one short phrase, such as "Order often, £480.87 an order"."""
    recency = facts.figures.get("recency")
    value = f", {_an_order(facts)}"
    if levels.recency == "lapsed" and recency is not None:
        return f"{_placed(facts.orders_each)}, none for {span_text(recency.median)}"
    if hardly_differ:
        return f"{orders_each_text(facts)}{value}"
    start = "Here for a short time" if levels.tenure == "new" else capitalised(_order(levels, facts))
    if levels.recency == "quiet" and recency is not None:
        start = f"{start}, quiet for {span_text(recency.median)}"
    return f"{start}{value}"


def orders_headline(named: Named, levels: OrderLevels, facts: Facts, *, hardly_differ: bool) -> str:
    """The finding as a sentence without a full stop, such as "Champions order often and make 65% of all sales"."""
    return f"{_orders_found(named, levels, facts, hardly_differ=hardly_differ)}{returns_text(facts)}"


def _orders_found(named: Named, levels: OrderLevels, facts: Facts, *, hardly_differ: bool) -> str:
    if hardly_differ:
        return f"{named.name}: {orders_each_text(facts)}, {_an_order(facts)}"
    parted = ", " in named.subject or " who " in named.subject
    subject = f"{named.subject}: they" if parted else named.subject
    recency, tenure = facts.figures.get("recency"), facts.figures.get("tenure")
    part = f"account for {percent_text(facts.sales_share)} of all sales"
    if levels.recency == "lapsed" and recency is not None:
        return f"{subject} {part} and have ordered nothing for about {span_text(recency.median)}"
    if levels.tenure == "new" and tenure is not None:
        return f"{subject} came about {span_text(tenure.median)} ago, spend {_an_order(facts)} and {part}"
    spend = "spent" if levels.frequency == "once" else "spend"
    return f"{subject} {_order(levels, facts)}, {spend} {_an_order(facts)} and {part}"


def returns_text(facts: Facts) -> str:
    """A part sentence on what comes back, where that is a large part of sales."""
    if not facts.sales or facts.returns < MUCH_RETURNED * facts.sales:
        return ""
    return f"; what comes back is worth {percent_text(facts.returns / facts.sales)} of their sales"


def orders_standfirst(facts: Facts) -> str:
    """Size, part of all orders and sales, and the last order, in two or three short sentences."""
    recency = facts.figures.get("recency")
    last = f" Half of them ordered {within_text(recency.median)}." if recency else ""
    return f"{capitalised(part_text(facts.share))}. {placed_text(facts)}{last}"


def orders_summary(facts: Facts) -> str:
    """Orders each and AOV, such as "4.3 orders each, £480.87 an order"."""
    return f"{orders_each_text(facts)}, {_an_order(facts)}" if facts.orders else "no order so far"


def no_order_headline(facts: Facts) -> str:
    """The headline of customers without an order: those with only returns or free items are counted apart."""
    noun, verb = ("customer", "has") if facts.customers == 1 else ("customers", "have")
    start = f"{count_text(facts.customers)} {noun} {verb}"
    if not facts.shop.orders or not facts.shop.coupons:
        start = f"{start} not ordered anything so far"
    else:
        start = f"{start} neither claimed a coupon nor ordered anything so far"
    apart = [
        f"{count_text(number)} {what}"
        for number, what in ((facts.returns_only, "only returned something"), (facts.free_only, "only had free items"))
        if number
    ]
    return f"{start}; {' and '.join(apart)}" if apart else start


def orders_each_text(facts: Facts) -> str:
    """Orders per customer, such as "4.3 orders each"."""
    return "1 order each" if facts.once == facts.customers else f"{mean_text(facts.orders_each)} orders each"


def _an_order(facts: Facts) -> str:
    return f"{money_text(facts.aov or 0.0, facts.shop.currency)} an order"


def _order(levels: OrderLevels, facts: Facts) -> str:
    """How much they order; "often" only where it is often for their time here too."""
    if levels.frequency == "once":
        share = facts.one_time_share or 0.0
        return "ordered once" if share >= 1 else f"ordered once ({percent_text(share)} of them)"
    if levels.frequency == "low":
        return "order seldom"
    if levels.frequency == "usual":
        return "order about as much as others"
    tenure, count = facts.figures.get("tenure"), facts.figures.get("order_count")
    if tenure and count and (count.contrast or 1.0) >= (tenure.contrast or 1.0):
        return "order often"
    return "have many orders"


def _placed(each: float) -> str:
    if each < 1.05:
        return "One order"
    return "One or two orders" if each < 2 else f"About {round(each)} orders each"
