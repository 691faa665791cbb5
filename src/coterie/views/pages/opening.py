"""The first screen: the verdict in words, what to rely on, and the key figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from coterie.views import format as say
from coterie.views.segments import burn_rate, burners, clustered, coupons_each, mention, names

if TYPE_CHECKING:
    from coterie.actions.contract import Action
    from coterie.profiles.contract import SegmentProfile
    from coterie.views.contract import Drawings, ReportInput


@dataclass(frozen=True)
class Run:
    """A stretch of text, strong or not; a standfirst is a row of them."""

    text: str
    strong: bool = False


@dataclass(frozen=True)
class Figure:
    """One key figure: the number, its small unit, what it counts."""

    number: str
    unit: str
    what: str


def opening(result: ReportInput, drawings: Drawings) -> Mapping[str, Any]:
    """Verdict, standfirst and figures."""
    return {"verdict": verdict(result), "standfirst": standfirst(result), "figures": figures(result)}


def verdict(result: ReportInput) -> tuple[str, ...]:
    """One sentence a line: how many customers, how many segments and which, where the burns come from."""
    if result.choice is None:
        return _no_choice(result)
    segments = clustered(result)
    who = f"{say.plural(result.customers, 'customer')}, {say.word(len(segments))} segments"
    first, last = mention(segments[0]), mention(segments[-1])
    # Names that are phrases would not fit a headline; the table below has them.
    plain = first != f"segment {segments[0].segment}" and last != f"segment {segments[-1].segment}"
    lines = [f"{who}: from {first} to {last}." if plain else f"{who}."]
    top = burners(result)
    if top:
        part = say.one_in(sum(one.share for one in top))
        lines.append(f"{_most(sum(one.share_of_burns for one in top))} come from {part}.")
    elif result.profiles.all.coupons:
        lines.append("Nobody has burnt a coupon yet.")
    return tuple(lines)


def _no_choice(result: ReportInput) -> tuple[str, ...]:
    if result.customers == 1:
        return ("One customer.", "There is nobody to compare with.")
    return (f"{say.plural(result.customers, 'customer')}, all alike.", "There is nothing to tell them apart by.")


def _most(part: float) -> str:
    """How much of all burns, in words that are true of the number."""
    if part > 0.995:
        return "All burns"
    if part >= 0.9:
        return "Nearly all burns"
    return "Most burns"


def standfirst(result: ReportInput) -> tuple[Run, ...]:
    """Who they are, what to do, what to rely on and what not."""
    if result.choice is None:
        return (
            Run("One segment is delivered, without a choice of k. ", True),
            Run("Treat everybody the same until the data show a difference."),
        )
    runs: list[Run] = []
    top = burners(result)
    if top:
        burns, people = sum(one.share_of_burns for one in top), sum(one.share for one in top)
        runs += [
            Run(f"{say.upper_first(names(top))} made {say.share(burns)} of all burns", True),
            Run(f", with {say.share(people)} of customers. "),
        ]
    runs += _what_to_do(result)
    k = say.word(result.choice.k)
    by_hand = "was set by hand" if result.settings.k is not None else "is a choice of convenience"
    runs += [
        Run("Rely on the figures of each segment, not on its exact borders:", True),
        Run(f" the number {k} {by_hand}, and whether these are separate groups or cuts through one crowd has not been"
            " judged in this run."),
    ]  # fmt: skip
    return tuple(runs)


def _what_to_do(result: ReportInput) -> list[Run]:
    primary = sorted((one for one in result.actions if one.primary), key=lambda one: one.priority)
    profiles = {one.segment: one for one in result.profiles.segments}
    yes = [profiles[one.segment] for one in primary if one.coupon and one.segment in profiles]
    no = [profiles[one.segment] for one in primary if not one.coupon and one.segment in profiles]
    runs: list[Run] = []
    if len(yes) > 1 and not no:
        return [Run("Every segment may get coupons", True), Run(f", first {mention(yes[0])}. ")]
    if yes:
        runs += [Run("Give coupons", True), Run(f" first to {_few(yes)}. ")]
    if no:
        runs += [Run("Give none", True), Run(f" to {_few(no)}. ")]
    return runs


def _few(profiles: list[SegmentProfile]) -> str:
    """Up to three names; more are counted."""
    if len(profiles) <= 3:
        return names(profiles)
    return f"{mention(profiles[0])}, {mention(profiles[1])} and {say.word(len(profiles) - 2)} more segments"


def figures(result: ReportInput) -> tuple[Figure, ...]:
    """Customers, coupons, burn rate, burns within 30 days, who makes most burns; only those the data can give."""
    everyone = result.profiles.all
    idle = result.customers - result.active
    shown = [
        Figure(say.count(result.customers), "", f"customers, {say.count(idle)} of them never active" if idle else
               f"customers, {say.plain(coupons_each(everyone), 1)} coupons each"),
        Figure(say.count(everyone.coupons), "",
               f"coupons: {say.count(everyone.burnt)} burnt, {say.count(everyone.coupons - everyone.burnt)} not"),
    ]  # fmt: skip
    rate = burn_rate(everyone)
    if rate is not None:
        shown.append(_percent(rate, 1, "burn rate: burnt / all coupons"))
    curve = everyone.burn_curve
    if curve is not None:
        within = [share for day, share in zip(curve.days, curve.share, strict=True) if day <= 30]
        if within and curve.days[-1] >= 30:
            shown.append(_percent(within[-1], 1, "of coupons are burnt within 30 days of the claim"))
    top = burners(result)
    if top and len(top) < len(result.profiles.segments):
        part = say.share(sum(one.share for one in top))
        which = f"segment{'s' if len(top) > 1 else ''} {say.listing([str(one.segment) for one in top])}"
        burns = sum(one.share_of_burns for one in top)
        shown.append(_percent(burns, 0, f"of burns come from {which}, {part} of customers"))
    return tuple(shown)


def _percent(value: float, decimals: int, what: str) -> Figure:
    text = say.share(value, decimals)
    return Figure(text.removesuffix("%"), "%", what)


def first_advice(result: ReportInput, segment: int | None) -> Action | None:
    """The segment's own advice, the primary one of best priority."""
    own = [one for one in result.actions if one.segment == segment and one.primary]
    return min(own, key=lambda one: one.priority) if own else None
