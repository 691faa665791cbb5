"""The first screen: the verdict in words, what to rely on, the four questions, and the key figures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from coterie.views import format as say
from coterie.views.grades import any_judged, by_chance, unjudged_words
from coterie.views.pages.figures import figures, top_of
from coterie.views.pages.questions import one_reason, questions
from coterie.views.pages.verdict import Run, judged_standfirst, judged_verdict
from coterie.views.segments import cited, clustered, mention, orders_only

if TYPE_CHECKING:
    from coterie.actions.contract import Action
    from coterie.profiles.contract import SegmentProfile
    from coterie.views.contract import Drawings, ReportInput


def opening(result: ReportInput, drawings: Drawings) -> Mapping[str, Any]:
    """Verdict, standfirst, what to do, the four questions or the one reason against them all, and figures."""
    reason = one_reason(result)
    return {
        "verdict": verdict(result),
        "standfirst": standfirst(result),
        "todo": tuple(_what_to_do(result)) if _judged(result) and not by_chance(result) else (),
        "questions": () if reason or result.choice is None else questions(result),
        "unjudged": _unjudged(reason) if reason and result.choice is not None else "",
        "figures": figures(result),
    }


def _unjudged(reason: str) -> str:
    word, why = unjudged_words(reason)
    verb = "was not judged" if word == "Not judged" else "cannot be judged"
    return f"Whether the segments are real {verb}: {say.lower_first(why)}"


def _judged(result: ReportInput) -> bool:
    """There is evidence enough to lead the report with it."""
    return result.choice is not None and any_judged(result.evidence) and bool(judged_verdict(result))


def verdict(result: ReportInput) -> tuple[str, ...]:
    """One sentence a line: how real the segments are; where that was not judged, which there are and who burns."""
    if result.choice is None:
        return _no_choice(result)
    if _judged(result):
        return judged_verdict(result)
    segments = clustered(result)
    who = f"{say.plural(result.customers, 'customer')}, {say.word(len(segments))} segments"
    lines = [f"{who}{_which(segments)}."]
    top = top_of(result)
    if by_chance(result):
        lines.append("They differ little more than chance would make them.")
    elif top.few:
        lines.append(f"{_most(top.share, top.noun)} come from {say.one_in(top.people)}.")
    elif top.segments and len(segments) > 1:
        lines.append(f"No small segment makes most of the {top.noun}.")
    elif result.profiles.all.coupons and not top.segments:
        lines.append("Nobody has burnt a coupon yet.")
    return tuple(lines)


def _which(segments: tuple[SegmentProfile, ...]) -> str:
    """The names of few segments, the first and the last of many; names that are phrases do not fit a headline."""
    said = [mention(one) for one in segments]
    plain = [text == say.lower_first(one.name) for text, one in zip(said, segments, strict=True)]
    if len(segments) <= 3 and all(plain) and sum(map(len, said)) <= 56:
        return f": {say.listing(said)}"
    return f": from {said[0]} to {said[-1]}" if plain[0] and plain[-1] and len(segments) > 1 else ""


def _no_choice(result: ReportInput) -> tuple[str, ...]:
    if result.customers == 1:
        return ("One customer.", "There is nobody to compare with.")
    return (f"{say.plural(result.customers, 'customer')}, all alike.", "There is nothing to tell them apart by.")


def _most(part: float, noun: str) -> str:
    """How much of all burns or sales, in words that are true of the number."""
    if part > 0.995:
        return f"All {noun}"
    if part >= 0.9:
        return f"Nearly all {noun}"
    if part < 0.525:
        return f"About half of all {noun}"
    return f"Most {noun}"


def standfirst(result: ReportInput) -> tuple[Run, ...]:
    """Who they are, what to do, what to rely on and what not."""
    if result.choice is None:
        return (
            Run("One segment is delivered: there is nothing to tell segments apart by. ", True),
            Run("" if result.customers == 1 else "Treat everybody the same until the data show a difference."),
        )
    if _judged(result):
        return judged_standfirst(result)
    runs = _who(result)
    runs += _what_to_do(result)
    if by_chance(result):
        runs += [
            Run("Do not rely on the segments yet:", True),
            Run(f" {'orders' if orders_only(result) else 'coupons and burns'} scatter over customers about as chance"
                " alone would scatter them. Try any advice on a random few of all customers first."),
        ]  # fmt: skip
        return tuple(runs)
    k = say.word(result.choice.k)
    judged = "cannot be judged here" if result.evidence.structure.reason.startswith("Cannot") else (
        "has not been judged in this run")  # fmt: skip
    by_hand = "was set by hand" if result.settings.k is not None else "is a choice of convenience"
    runs += [
        Run("Rely on the figures of each segment, not on its exact borders:", True),
        Run(f" the number {k} {by_hand}, and whether these are separate groups or cuts through one crowd {judged}."),
    ]  # fmt: skip
    return tuple(runs)


def _who(result: ReportInput) -> list[Run]:
    """Who burns or spends most, and what the largest of the other segments is like."""
    top, runs = top_of(result), []
    if top.few and not by_chance(result):
        who = say.upper_first(say.listing([cited(one) for one in top.segments]))
        runs += [
            Run(f"{who} made {say.share(top.share)} of all {top.noun}", True),
            Run(f", with {say.share(top.people)} of customers. "),
        ]
    named = top.segments if runs else ()
    rest = [one for one in clustered(result) if one not in named]
    if len(rest) + len(named) > 1 and rest:
        runs.append(Run(_largest(result, max(rest, key=lambda one: one.customers), among=not named)))
    return runs


_VERBS = ("claim ", "burn ", "hold ", "order ", "ordered ")


def _largest(result: ReportInput, one: SegmentProfile, *, among: bool) -> str:
    """What the largest segment, or the largest of those not yet named, is like."""
    largest = among or one.customers == max(other.customers for other in clustered(result))
    noun = "" if cited(one).startswith("segment ") else " segment"
    start = f"The largest{noun}" if largest else f"The largest other{noun or ' one'}"
    blurb = say.lower_first(one.blurb)
    like = f": {'they ' if blurb.startswith(_VERBS) else ''}{blurb}" if blurb else ""
    return f"{start} is {cited(one)}, {say.share(one.share)} of customers{like}. "


def _what_to_do(result: ReportInput) -> list[Run]:
    primary = sorted((one for one in result.actions if one.primary), key=lambda one: one.priority)
    profiles = {one.segment: one for one in result.profiles.segments}
    yes = [profiles[one.segment] for one in primary if one.coupon and one.segment in profiles]
    no = [profiles[one.segment] for one in primary if not one.coupon and one.segment in profiles]
    runs: list[Run] = []
    if len(yes) > 1 and not no:
        return [Run("Every segment may get coupons", True), Run(f", first {cited(yes[0])}. ")]
    if yes:
        runs += [Run("Give coupons", True), Run(f" to {_in_turn(yes)}. ")]
    if no:
        runs += [Run("Give none" if yes else "Give no coupons", True), Run(f" to {_few(no)}. ")]
    return runs


def _in_turn(profiles: list[SegmentProfile]) -> str:
    """Who gets first, and who then."""
    if len(profiles) < 2:
        return _few(profiles)
    rest = profiles[1:] if len(profiles) <= 3 else profiles[1:2]
    more = len(profiles) - 1 - len(rest)
    others = [*(cited(one) for one in rest), *([f"{say.word(more)} more segments"] if more else [])]
    return f"{cited(profiles[0])} first, then to {say.listing(others)}"


def _few(profiles: list[SegmentProfile]) -> str:
    """Up to three names; more are counted."""
    if len(profiles) <= 3:
        return say.listing([cited(one) for one in profiles])
    return f"{cited(profiles[0])}, {cited(profiles[1])} and {say.word(len(profiles) - 2)} more segments"


def first_advice(result: ReportInput, segment: int | None) -> Action | None:
    """The segment's own advice, the primary one of best priority."""
    own = [one for one in result.actions if one.segment == segment and one.primary]
    return min(own, key=lambda one: one.priority) if own else None
