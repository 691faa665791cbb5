"""Who should get coupons and who should not: all advice in one ranked table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from coterie.views import format as say
from coterie.views.grades import Grade, by_chance, grades
from coterie.views.segments import cited, orders_only, with_both
from coterie.views.tokens import slot

if TYPE_CHECKING:
    from coterie.actions.contract import Action
    from coterie.views.contract import Drawings, ReportInput

_GAINS = {"high": "High", "some": "Some", "none": "None"}


@dataclass(frozen=True)
class Advice:
    """One row: the segment's first advice, with its additions below."""

    action: Action
    css: str
    customers: str
    share: str
    gain: str
    grades: tuple[Grade, ...]
    more: tuple[Action, ...]


def advice(result: ReportInput, drawings: Drawings) -> Mapping[str, Any] | None:
    """First advice by priority; additions stand with their segment."""
    first = sorted((one for one in result.actions if one.primary), key=lambda one: one.priority)
    if not first:
        return None
    rows = tuple(
        Advice(
            action=one,
            css=slot(one.segment),
            customers=say.count(one.customers),
            share=say.share(one.customers / result.customers if result.customers else None),
            gain=_GAINS.get(one.gain, say.upper_first(one.gain)),
            grades=grades(result.evidence, one.segment),
            more=tuple(more for more in result.actions if not more.primary and more.segment == one.segment),
        )
        for one in first
    )
    return {"title": _title(result, first), "lead": _lead(result, first), "rows": rows}


def _title(result: ReportInput, first: list[Action]) -> str:
    yes = sum(one.coupon for one in first)
    if len(first) == 1:
        return first[0].title
    if by_chance(result):
        return "Ideas to try on a random few of all, not to act on"
    if yes == len(first):
        return "Coupons for every segment, one after the other"
    if yes == 0:
        return "No segment should get coupons now"
    noun = "segment" if yes == 1 else "segments"
    return f"Coupons for {say.word(yes)} {noun}, none for {say.word(len(first) - yes)}"


def _lead(result: ReportInput, first: list[Action]) -> str:
    left = sum(one.customers for one in first if not one.coupon)
    named = {one.segment: one for one in result.profiles.segments}
    best = next((one for one in first if one.coupon and one.segment in named), None)
    if len(first) == 1:
        hold = "" if result.customers == 1 else ": hold some customers back and compare"
        return f"One segment, one piece of advice. A rule proposes, a test decides{hold}."
    bought = orders_only(result) or with_both(result)
    gain = "there is to gain" if bought else "a coupon can gain"
    parts = [f"Who should get coupons to gain most loyalty, and who should not, in the order of what {gain}."]
    if bought and not first[0].coupon and first[0].segment in named and not by_chance(result):
        # What gains most may be no coupon at all.
        parts.append(f"Start with {cited(named[first[0].segment])}: {say.lower_first(first[0].title)}.")
        if best is not None:
            parts.append(f"The first coupons go to {cited(named[best.segment])}.")
    elif best is not None and not by_chance(result):
        parts.append(f"Start with {cited(named[best.segment])}.")
    if left and not by_chance(result):
        parts.append(f"{_get(say.one_in(left / result.customers))} no coupon.")
    if by_chance(result):
        parts.append(_chance(result))
    else:
        parts.append("A rule proposes, a test decides: hold some of each segment back and compare.")
    return " ".join(parts)


def _chance(result: ReportInput) -> str:
    little = "Customers do not differ by more than chance" if result.evidence.differ is False else (
        "Customers differ little more than by chance")  # fmt: skip
    return f"{little}: test on a random few of all before acting on it."


def _get(who: str) -> str:
    """Who gets, with the verb that fits: "One customer in four gets", "42% of customers get"."""
    return f"{say.upper_first(who)} {'gets' if who.startswith('one ') else 'get'}"
