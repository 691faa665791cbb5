"""The names of segments by what they order: an ordered grid over the order levels, and what orders add to coupon names.

To add or change a name, edit ORDER_GRID. Order matters: the first entry that fits gives the name, so every combination
of levels has exactly one. The last entry fits everything.
"""

from __future__ import annotations

from dataclasses import dataclass

from coterie.profiles.levels import FREQUENCY, ORDER_VALUE, RECENCY, RETURNS, SPEND, TENURE, OrderLevels
from coterie.profiles.names import NEVER_ACTIVE, Named

NO_PURCHASES = "No purchases"


@dataclass(frozen=True)
class OrderName:
    """One name, the levels it is true of, and how it stands at the head of a sentence (the name itself where empty)."""

    name: str
    frequency: tuple[str, ...] = FREQUENCY
    spend: tuple[str, ...] = SPEND
    order_value: tuple[str, ...] = ORDER_VALUE
    recency: tuple[str, ...] = RECENCY
    tenure: tuple[str, ...] = TENURE
    returns: tuple[str, ...] = RETURNS
    subject: str = ""

    def fits(self, levels: OrderLevels) -> bool:
        """Whether the name is true at these levels."""
        return (
            levels.frequency in self.frequency
            and levels.spend in self.spend
            and levels.order_value in self.order_value
            and levels.recency in self.recency
            and levels.tenure in self.tenure
            and levels.returns in self.returns
        )


_HIGH, _NOT_LOW = ("high",), ("usual", "high")

ORDER_GRID: tuple[OrderName, ...] = (
    OrderName("New big spenders", spend=_HIGH, tenure=("new",)),
    OrderName("New buyers", tenure=("new",)),
    OrderName("Lapsed best customers", frequency=_HIGH, spend=_HIGH, recency=("lapsed",)),
    OrderName("Lapsed big spenders", spend=_HIGH, recency=("lapsed",)),
    OrderName("Lapsed regular buyers", frequency=_HIGH, recency=("lapsed",)),
    OrderName("Lapsed one-time buyers", frequency=("once",), recency=("lapsed",)),
    OrderName("Lapsed", recency=("lapsed",), subject="Lapsed customers"),
    OrderName("Best customers at risk", frequency=_HIGH, spend=_HIGH, recency=("quiet",)),
    OrderName("Big spenders at risk", spend=_HIGH, recency=("quiet",)),
    OrderName("Regular buyers at risk", frequency=_HIGH, recency=("quiet",)),
    OrderName(
        "At risk", frequency=_NOT_LOW, spend=_NOT_LOW, recency=("quiet",), subject="Customers at risk of leaving"
    ),
    OrderName("Quiet one-time buyers", frequency=("once",), recency=("quiet",)),
    OrderName("Quiet buyers", recency=("quiet",)),
    OrderName("Best customers who return much", frequency=_HIGH, spend=_HIGH, returns=("many",)),
    OrderName("Returners", returns=("many",)),
    OrderName("Champions", frequency=_HIGH, spend=_HIGH, recency=("recent",)),
    OrderName("Best customers", frequency=_HIGH, spend=_HIGH),
    OrderName(
        "Frequent small baskets", frequency=_HIGH, order_value=("low",), subject="Buyers of frequent small baskets"
    ),
    OrderName("Regular buyers", frequency=_HIGH),
    OrderName("One-time big spenders", frequency=("once",), spend=_HIGH),
    OrderName("Big spenders", spend=_HIGH),
    OrderName("One-time buyers", frequency=("once",)),
    OrderName("Buyers of large baskets", frequency=("usual",), order_value=_HIGH),
    OrderName("Buyers of small baskets", frequency=("usual",), order_value=("low",)),
    OrderName("Middle of the crowd", frequency=("usual",), subject="Customers in the middle of the crowd"),
    OrderName("Occasional buyers of large baskets", order_value=_HIGH),
    OrderName("Occasional buyers of small baskets", order_value=("low",)),
    OrderName("Occasional buyers"),
)
"""Names of habits of buying, for customers who do differ."""


def order_name(levels: OrderLevels, orders_vs_all: float, aov_vs_all: float, *, hardly_differ: bool = False) -> Named:
    """The name before qualifiers: from the grid of habits, or a plain comparison where customers hardly differ.

    Args:
        levels: Where the segment stands.
        orders_vs_all: Its orders per customer over those of all.
        aov_vs_all: Its AOV over that of all.
        hardly_differ: Chance alone would scatter customers as much, so no habit may be claimed.

    Example:
        >>> order_name(OrderLevels("high", "high", "usual", "recent", "settled", "usual"), 3.1, 1.1).name
        'Champions'
        >>> levels = OrderLevels("low", "usual", "high", "usual", "settled", "usual")
        >>> order_name(levels, 0.7, 1.3, hardly_differ=True).name
        'Fewer orders, higher value'
    """
    if hardly_differ:
        return _plain(levels, orders_vs_all, aov_vs_all)
    entry = next(entry for entry in ORDER_GRID if entry.fits(levels))
    return Named(entry.name, entry.subject or entry.name)


def with_spending(base: Named, levels: OrderLevels, *, bought: bool) -> Named:
    """A name by coupons with what clearly sets the segment apart in what it spends; as it is where nothing does.

    Example:
        >>> usual = OrderLevels("usual", "high", "usual", "usual", "settled", "usual")
        >>> with_spending(Named("Regular burners", "Regular burners"), usual, bought=True).name
        'Regular burners who spend much'
    """
    past = levels.recency == "lapsed"
    if not bought:
        verb = "bought nothing" if past else "buy nothing"
    elif levels.spend in ("low", "high"):
        verb = f"{'spent' if past else 'spend'} {'much' if levels.spend == 'high' else 'little'}"
    else:
        return base
    return Named(_joined(base.name, verb), _joined(base.subject, verb))


def never_name(returns_or_free: int) -> str:
    """The name of segment 0: "No purchases" where some of it have returned something or had free items only."""
    return NO_PURCHASES if returns_or_free else NEVER_ACTIVE


_PARTICIPLE = {
    "spend much": "spending much",
    "spend little": "spending little",
    "buy nothing": "buying nothing",
    "spent much": "having spent much",
    "spent little": "having spent little",
    "bought nothing": "having bought nothing",
}


def _joined(name: str, verb: str) -> str:
    if " who " in name:
        return f"{name} and {verb}"
    if name.endswith(("burners", "collectors", "redeemers", "claimers", "customers")) and ", " not in name:
        return f"{name} who {verb}"
    return f"{name}, {_PARTICIPLE[verb]}"


def _plain(levels: OrderLevels, orders_vs_all: float, aov_vs_all: float) -> Named:
    much = "More orders" if orders_vs_all >= 1.1 else "Fewer orders" if orders_vs_all <= 0.9 else "Usual orders"
    if levels.tenure == "new":
        return Named(f"{much}, new", much)
    if levels.recency in ("quiet", "lapsed"):
        return Named(f"{much}, quiet", much)
    value = "higher value" if aov_vs_all >= 1.1 else "lower value" if aov_vs_all <= 0.9 else "usual value"
    return Named(f"{much}, {value}", much)
