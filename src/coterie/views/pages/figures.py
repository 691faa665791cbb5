"""The key figures of the first page, and who makes most of what counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from coterie.views import format as say
from coterie.views.grades import by_chance
from coterie.views.segments import amount, burners, cited, feature_interval, orders_only, spenders, with_both

if TYPE_CHECKING:
    from coterie.profiles.contract import SegmentProfile
    from coterie.views.contract import ReportInput

FEW = 0.4
"""Up to this share of customers, those who make most burns, or most sales, are few enough to be news."""


@dataclass(frozen=True)
class Top:
    """The segments that make most of what counts: their share of it and of customers, and what it is called."""

    segments: tuple[SegmentProfile, ...]
    share: float
    people: float
    noun: str

    @property
    def few(self) -> bool:
        """Few enough to be news."""
        return bool(self.segments) and self.people <= FEW


def top_of(result: ReportInput) -> Top:
    """Who makes most burns; most sales where there are orders and no coupons."""
    if orders_only(result):
        return top_spenders(result)
    top = burners(result)
    return Top(top, sum(one.share_of_burns for one in top), sum(one.share for one in top), "burns")


def top_spenders(result: ReportInput) -> Top:
    """Who makes most sales."""
    top = spenders(result)
    return Top(top, sum(one.sales_share for one in top), sum(one.share for one in top), "sales")


@dataclass(frozen=True)
class Figure:
    """One key figure: the number, its small unit, what it counts."""

    number: str
    unit: str
    what: str


def figures(result: ReportInput) -> tuple[Figure, ...]:
    """Customers, coupons, burn rate, burns within 30 days, who makes most burns; only those the data can give.

    Without coupons: customers, orders, sales, AOV, who makes most sales. With both, those of sales come last.
    """
    if orders_only(result):
        return _of_orders(result)
    most = _who_makes_most(result, top_of(result))
    if not with_both(result):
        return (*_of_coupons(result), *most)
    everyone, currency = result.profiles.all, result.profiles.currency
    number = f"{say.plural(everyone.orders, 'order')}{_per_buyer(everyone)}"
    sold = [_amount(everyone.sales, currency, f"sales, in {number}")]
    if everyone.aov is not None:
        sold.append(Figure(amount(result, everyone.aov), "", _aov_words(result)))
    return (*_of_coupons(result), *most, *sold, *_who_makes_most(result, top_spenders(result)))


def _of_orders(result: ReportInput) -> tuple[Figure, ...]:
    """Five figures; the share that buys again has one of its own where no few segments make most sales."""
    everyone, currency = result.profiles.all, result.profiles.currency
    idle = result.customers - everyone.buyers
    split = f": {say.count(everyone.buyers)} bought, {say.count(idle)}\u00a0did not" if idle else " who bought"
    orders = f"{'order' if everyone.orders == 1 else 'orders'}{_per_buyer(everyone)}"
    most = _who_makes_most(result, top_of(result))
    again = None if everyone.one_time_share is None else 1 - everyone.one_time_share
    if most and again is not None:
        orders += f"; {say.share(again)} of them bought more than once (repeat purchase rate)"
    per = everyone.sales / everyone.buyers if everyone.buyers else None
    each = f"sales{f', {amount(result, per)} per customer who bought' if per is not None else ''}"
    returned = f"; {say.money(everyone.returns, currency)} came back as returns" if everyone.returns else ""
    shown = [
        Figure(say.count(result.customers), "", f"{'customer' if result.customers == 1 else 'customers'}{split}"),
        Figure(say.count(everyone.orders), "", orders),
        _amount(everyone.sales, currency, f"{each}{returned}"),
    ]
    if everyone.aov is not None:
        shown.append(Figure(amount(result, everyone.aov), "", _aov_words(result)))
    if not most and again is not None:
        shown.append(_percent(again, 1, "repeat purchase rate: ordered twice or more, of those who bought"))
    return (*shown, *most)


def _per_buyer(everyone: SegmentProfile) -> str:
    """How many orders each who bought placed; empty where nobody did."""
    if not everyone.buyers:
        return ""
    return f", {say.plain(everyone.orders / everyone.buyers, 1)} per customer who bought"


def _amount(value: float | None, currency: str | None, what: str) -> Figure:
    return Figure(say.money(value, currency), "", what)


def _aov_words(result: ReportInput) -> str:
    """What the AOV is, with its interval where there are customers enough for one."""
    figure = result.profiles.all.features.get("aov")
    if figure is None or figure.high <= figure.low or result.customers < 2:
        return "average order value: sales / orders"
    return (
        f"average order value (sales / orders), 95% interval {feature_interval(result, 'aov', figure.low, figure.high)}"
    )


def _of_coupons(result: ReportInput) -> list[Figure]:
    everyone = result.profiles.all
    shown = [
        _people(result, f"{say.plain(everyone.coupons_each, 1)} coupons each"),
        Figure(say.count(everyone.coupons), "",
               f"coupons: {say.count(everyone.burnt)} burnt, {say.count(everyone.coupons - everyone.burnt)} not burnt"),
    ]  # fmt: skip
    rate = everyone.burn_rate
    if rate is not None:
        shown.append(_percent(rate, 1, _rate_words(everyone)))
    curve = everyone.burn_curve
    if curve is not None:
        within = [share for day, share in zip(curve.days, curve.share, strict=True) if day <= 30]
        if within and curve.days[-1] >= 30:
            shown.append(_percent(within[-1], 1, "of coupons are burnt within 30 days of the claim"))
    return shown


def _people(result: ReportInput, each: str) -> Figure:
    """How many customers, and how many of them were never active; where all were, how much each has."""
    idle, noun = result.customers - result.active, "customer" if result.customers == 1 else "customers"
    split = f"{say.count(result.active)} active, {say.count(idle)}\u00a0never active"
    return Figure(say.count(result.customers), "", f"{noun}: {split}" if idle else f"{noun}, {each}")


def _who_makes_most(result: ReportInput, top: Top) -> tuple[Figure, ...]:
    """The share of burns, or of sales, that a few segments make; none where they are not few, or differ by chance."""
    if not top.few or by_chance(result):
        return ()
    numbers = [one.segment for one in top.segments if one.segment is not None and one.segment > 0]
    rest = [cited(one) for one in top.segments if (one.segment or 0) <= 0]
    which = say.listing([*([say.numbered(numbers)] if numbers else []), *rest])
    return (_percent(top.share, 0, f"of {top.noun} come from {which}, {say.share(top.people)} of customers"),)


def _rate_words(everyone: SegmentProfile) -> str:
    """What the burn rate is, with its interval where there are customers enough for one."""
    figure = everyone.features.get("burn_rate")
    if figure is None or figure.high <= figure.low or everyone.customers < 2:
        return "burn rate: burnt / all coupons"
    low, high = say.share(figure.low, 1), say.share(figure.high, 1)
    return f"burn rate (burnt / all coupons), 95% interval {low.removesuffix('%')} to {high}"


def _percent(value: float, decimals: int, what: str) -> Figure:
    text = say.share(value, decimals)
    return Figure(text.removesuffix("%"), "%", what)
