"""What a plain rule may speak of: features, their round thresholds, and the words for a range of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from coterie.profiles.numbers import days_text, percent_text, round_money_text
from coterie.profiles.people import has_coupons, has_orders

if TYPE_CHECKING:
    import ibis.expr.types as ir

_SHARES = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
_AMOUNTS = tuple(step * 10.0**power for power in range(-1, 9) for step in (1, 1.5, 2, 3, 4, 5, 6, 8))
_DAYS = (7, 14, 30, 45, 60, 75, 90, 120, 150, 180, 240, 270, 365, 540, 730, 1095, 1460, 1825)


@dataclass(frozen=True)
class Plain:
    """A feature that a rule may speak of: its round thresholds, and its words for a range [low, high), None = open.

    Without thresholds any whole number is one; of a `share` all thresholds are tried, not only those near quantiles.
    """

    name: str
    thresholds: tuple[float, ...] | None
    words: Callable[[float | None, float | None], str]
    share: bool = False


def _burnt(low: float | None, high: float | None) -> str:
    if high is not None and high <= 1:
        return "has never burnt a coupon"
    if low == 1 and high is None:
        return "has burnt at least one coupon"
    return f"has burnt {_how_many(low, high)}"


def _held(low: float | None, high: float | None) -> str:
    return f"holds {_how_many(low, high)}"


def _merchants(low: float | None, high: float | None) -> str:
    if high is not None and high <= 1:
        return "has burnt at no merchant"
    if low is None and high is not None:
        return "has burnt at one merchant or none" if high <= 2 else f"has burnt at {high - 1:.0f} merchants or fewer"
    return f"has burnt at {_how_many(low, high, 'merchant')}"


def _rate(low: float | None, high: float | None) -> str:
    if low is not None and high is not None:
        return f"burns {percent_text(low)} to under {percent_text(high)} of them"
    limit = f"under {percent_text(high or 0)}" if low is None else f"at least {percent_text(low)}"
    return f"burns {limit} of them"


def _last(low: float | None, high: float | None, did: str = "last claimed") -> str:
    if low is not None and high is not None:
        return f"{did} {low:,.0f} to {high - 1:,.0f} days ago"
    if low is None:
        return f"{did} less than {days_text(high or 0)} ago"
    return f"{did} {days_text(low)} ago or earlier"


def _known(low: float | None, high: float | None) -> str:
    if low is not None and high is not None:
        return f"has been here for {low:,.0f} to {high - 1:,.0f} days"
    return f"has been here for {'under ' + days_text(high or 0) if low is None else days_text(low) + ' or more'}"


def _how_many(low: float | None, high: float | None, noun: str = "coupon") -> str:
    if low is None:
        most = round((high or 1) - 1)
        if most == 0:
            return f"no {noun}"
        return f"at most one {noun}" if most == 1 else f"at most {most} {noun}s"
    if high is None:
        return f"{low:.0f} or more {noun}s"
    if high - low <= 1:
        return f"exactly one {noun}" if low == 1 else f"exactly {low:.0f} {noun}s"
    return f"{low:.0f} {'or' if high - low == 2 else 'to'} {high - 1:.0f} {noun}s"


def _ordered(low: float | None, high: float | None) -> str:
    if low is None and high is not None:
        return "has ordered once or not at all" if high <= 2 else f"has ordered at most {high - 1:.0f} times"
    if high is None:
        return "has ordered" if low == 1 else f"has ordered {low:.0f} times or more"
    if high - (low or 0) <= 1:
        return "has ordered once" if low == 1 else f"has ordered {low:.0f} times"
    return f"has ordered {low:.0f} {'or' if high - (low or 0) == 2 else 'to'} {high - 1:.0f} times"


def _bought(low: float | None, high: float | None) -> str:
    """Where nobody is without an order."""
    return "has ordered once" if high is not None and high <= 2 else _ordered(low, high)


def _returned(low: float | None, high: float | None) -> str:
    if low is not None and high is not None:
        return f"returned {percent_text(low)} to under {percent_text(high)} of its spend"
    if low is None:
        return f"returned under {percent_text(high or 0)} of its spend"
    return f"returned at least {percent_text(low)} of its spend"


def _categories(low: float | None, high: float | None) -> str:
    if low is None and high is not None and high <= 2:
        return "bought from one category or none"
    return f"bought from {_how_many(low, high, 'category').replace('categorys', 'categories')}"


def _amount(verb: str, currency: str | None, each: str = "") -> Callable[[float | None, float | None], str]:
    """Words for a range of an amount, such as "spent under £200"."""

    def words(low: float | None, high: float | None) -> str:
        least, most = (round_money_text(edge or 0.0, currency) for edge in (low, high))
        if low is not None and high is not None:
            return f"{verb} {least} to under {most}{each}"
        return f"{verb} {f'under {most}' if low is None else f'{least} or more'}{each}"

    return words


PLAIN: tuple[Plain, ...] = (
    Plain("coupons_burnt", None, _burnt),
    Plain("transaction_count", None, _held),
    Plain("burn_rate", _SHARES, _rate, share=True),
    Plain("merchants_burnt_at", None, _merchants),
    Plain("recency", _DAYS, _last),
    Plain("tenure", _DAYS, _known),
)
"""What a rule may speak of, in the order it is spoken."""


def plain_of(assigned: ir.Table, currency: str | None = None, *, all_buy: bool = False) -> tuple[Plain, ...]:
    """What rules about these customers may speak of, in words that are true of the events there are."""
    entries = PLAIN
    if has_orders(assigned):
        did = "was last active" if has_coupons(assigned) else "last ordered"
        orders = (
            Plain("order_count", None, _bought if all_buy else _ordered),
            Plain("total_spend", _AMOUNTS, _amount("spent", currency)),
            Plain("aov", _AMOUNTS, _amount("spends", currency, " an order")),
            Plain("return_rate", _SHARES, _returned, share=True),
            Plain("categories_bought", None, _categories),
        )
        last = next(entry for entry in PLAIN if entry.name == "recency")
        told = replace(last, words=lambda low, high: _last(low, high, did))
        entries = (*(told if entry is last else entry for entry in PLAIN), *orders)
        # What they bought is said before when.
        entries = tuple(sorted(entries, key=lambda entry: entry.name in ("recency", "tenure")))
    return tuple(entry for entry in entries if entry.name in assigned.columns)
