"""Choosing k: the three pictures, what the rule says, what was used."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from coterie.clustering import ALGORITHMS
from coterie.views import format as say
from coterie.views.charts.choice import STABLE
from coterie.views.grades import any_judged, by_chance

if TYPE_CHECKING:
    from coterie.clustering.contract import Candidate, Choice
    from coterie.views.contract import Drawings, ReportInput


def choosing_k(result: ReportInput, drawings: Drawings) -> Mapping[str, Any] | None:
    """Left out when all customers are alike."""
    choice = result.choice
    if choice is None:
        return None
    charts = drawings["inertia"] + drawings["silhouette"] + drawings["stability"]
    return {
        "title": _title(result, choice),
        "lead": _lead(result, choice),
        "charts": charts,
        "reason": choice.reason,
        "k": choice.k,
    }


def _finder(result: ReportInput) -> str:
    """The label of an algorithm that finds its own number of groups; empty for one that is given it."""
    name = result.settings.algorithm
    known = next((one for one in ALGORITHMS if one.name == name), None)
    return name if known is None else "" if known.needs_k else known.label


def _candidate(choice: Choice, k: int) -> Candidate | None:
    return next((one for one in choice.candidates if one.k == k), None)


def _title(result: ReportInput, choice: Choice) -> str:
    own, rule = say.word(choice.k), say.word(choice.k_by_rule)
    if by_chance(result):
        little = "do not differ" if result.evidence.differ is False else "hardly differ"
        return f"{say.upper_first(own)} segments, cut from customers who {little}"
    structure = result.evidence.structure
    if structure.natural and structure.k_hills == choice.k:
        return f"{say.upper_first(own)} segments: as many groups as the data show"
    if len(choice.candidates) == 1 and (finder := _finder(result)):
        return f"{say.upper_first(own)} segments: as many as {finder} finds"
    mine, other = _candidate(choice, choice.k), _candidate(choice, choice.k_by_rule)
    if choice.k == choice.k_by_rule:
        if result.settings.k is not None:
            return f"You asked for {own}, and the rule takes {own} as well"
        if mine is not None and mine.stability is not None and mine.stability < STABLE:
            return f"{say.upper_first(own)} segments, because no number holds well"
        return f"{say.upper_first(own)} segments hold together"
    if mine is None or other is None or mine.stability is None or other.stability is None:
        return f"You asked for {own}. The rule would take {rule}."
    if other.stability > mine.stability:
        return f"You asked for {own}. {say.upper_first(rule)} would hold together better."
    return f"You asked for {own}. The rule would take {rule}."


def _lead(result: ReportInput, choice: Choice) -> str:
    """What the pictures show, in words with their numbers."""
    parts = []
    mine, rule = _candidate(choice, choice.k), _candidate(choice, choice.k_by_rule)
    own = say.word(choice.k)
    if len(choice.candidates) == 1:
        firm = " How firm its segments are stands in “Evidence”." if any_judged(result.evidence) else ""
        return f"One number was looked at, so there is nothing to compare it with.{firm}"
    if mine is not None and mine.stability is not None:
        overlap = say.score(mine.stability)
        text = f"At {own} the weakest segment overlaps {overlap} with itself when customers are drawn again"
        if rule is not None and rule is not mine and rule.stability is not None:
            text += f", at {say.word(rule.k)} {say.score(rule.stability)}"
        parts.append(text + ".")
    scored = [one for one in choice.candidates if one.silhouette is not None]
    if mine is not None and mine.silhouette is not None and len(scored) > 1:
        best = max(scored, key=lambda one: one.silhouette or 0.0)
        if best is mine:
            parts.append(f"The silhouette is highest here, {say.score(mine.silhouette)}.")
        else:
            parts.append(f"The silhouette reads {say.score(mine.silhouette)} here and is highest at {say.word(best.k)},"
                         f" {say.score(best.silhouette)}.")  # fmt: skip
        crowd = next((one for one in result.evidence.structure.silhouette_crowd if one.k == choice.k), None)
        if crowd is not None:
            already = "already " if crowd.mean <= mine.silhouette else ""
            parts.append(f"One crowd without groups would {already}read {say.score(crowd.mean)}.")
        else:
            parts.append("A crowd without any groups can score as high: these scores compare numbers of segments, they"
                         " do not prove that segments exist.")  # fmt: skip
    return " ".join(parts)
