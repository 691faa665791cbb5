"""The four questions of the first page, each with its answer in a word and one line of numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from coterie.evidence.contract import ATTRIBUTE
from coterie.views import format as say
from coterie.views.charts.reliability import ranked
from coterie.views.grades import FIRM, Glyph, explained_noun, firm, lasting_segments, later_of, loose, unjudged_words
from coterie.views.segments import clustered, feature_said, orders_only

if TYPE_CHECKING:
    from coterie.evidence.contract import Reliability
    from coterie.views.contract import ReportInput


@dataclass(frozen=True)
class Question:
    """One question, its answer in a word with its glyph, and the numbers behind it."""

    question: str
    glyph: Glyph
    answer: str
    line: str


UNLIKELY = 0.02
"""A p-value from which chance is no longer taken for the reason."""
DIFFER = "Are customers really different?"
GROUPS = "Are there groups, or one crowd cut into pieces?"
RETURN = "Would the same segments come back?"
LAST = "Do the differences last?"
_LUCK = "Luck gives 0."


def questions(result: ReportInput) -> tuple[Question, ...]:
    """All four, in order."""
    return (_differ(result), _groups(result), _come_back(result), _last(result))


def one_reason(result: ReportInput) -> str:
    """Why nothing was judged, where all four questions have the same reason; else empty."""
    evidence = result.evidence
    reasons = {evidence.structure.reason, evidence.stability.reason, evidence.foresight.reason}
    alike = len(reasons) == 1 and not evidence.reliability and evidence.differ is None
    return reasons.pop() if alike else ""


def _open(question: str, reason: str) -> Question:
    word, why = unjudged_words(reason)
    return Question(question, "", word, why)


def _differ(result: ReportInput) -> Question:
    evidence = result.evidence
    told = [one for one in ranked(result) if one.real is not None]
    # What is not real was left out of clustering, unless it was asked for; then it counts against the answer.
    used = [one for one in told if one.used]
    told = used if any(one.real for one in used) else told
    real = [one for one in told if one.real]
    if evidence.differ is None or not told:
        return _why_not(result)
    if not real:
        one = headline(told)
        line = (
            f"{feature_said(result, one.feature)} does not repeat itself: reliability {reliability_text(one)}. {_LUCK}"
        )
        return Question(DIFFER, "not-shown", "No", line)
    one = headline(real)
    line = f"{feature_said(result, one.feature)} repeats itself: reliability {reliability_text(one)}. {_LUCK}"
    if len(real) == len(told):
        return Question(DIFFER, "shown", "Yes", line)
    return Question(DIFFER, "partly", f"In {say.word(len(real))} of {say.word(len(told))} figures", line)


def _why_not(result: ReportInput) -> Question:
    """The reason of the first figure that could not be judged; without figures that of the other questions."""
    noted = [one for one in result.evidence.reliability if one.real is None and one.note]
    told = next((one for one in noted if one.note != ATTRIBUTE), None)
    if told is None:
        reason = "" if result.evidence.reliability else result.evidence.structure.reason
        events = "orders" if orders_only(result) else "coupons"
        return _open(DIFFER, reason or f"Nothing was counted from {events} that could be compared in halves.")
    word, why = unjudged_words(told.note)
    return Question(DIFFER, "", word, f"{feature_said(result, told.feature)}: {say.lower_first(why)}")


def headline(told: list[Reliability]) -> Reliability:
    """The burn rate where it is among them, else the most reliable; one that varies at all before one that does not."""
    burns = [one for one in told if one.feature.startswith("burn_rate")]
    return max(burns or told, key=lambda one: ((one.high or 0.0) > (one.low or 0.0), one.used, one.value or 0.0))


def reliability_text(one: Reliability) -> str:
    """Reliability with its interval: "0.57 (0.48 to 0.66)"."""
    interval = "" if one.low is None or one.high is None else f" ({say.between(one.low, one.high)})"
    return f"{say.score(one.value)}{interval}"


def _groups(result: ReportInput) -> Question:
    found = result.evidence.structure
    if found.k_hills is None:
        return _open(GROUPS, found.reason)
    agreement = f"agreement {say.score(found.agreement)}, where 0.80 is needed" if found.agreement is not None else ""
    if found.k_hills == 1:
        return Question(GROUPS, "not-shown", "One crowd", _pass_line(result))
    word = f"{say.upper_first(say.word(found.k_hills))} groups"
    if found.natural:
        k = "" if len(clustered(result)) == found.k_hills else f" at k = {found.k_hills}"
        return Question(GROUPS, "shown", word, f"K-Means{k} cuts along the gaps between them: {agreement}.")
    return Question(
        GROUPS,
        "partly",
        f"{word.removesuffix(' groups')}, cut across",
        f"K-Means does not cut along the gaps: {agreement}.",
    )


def _pass_line(result: ReportInput) -> str:
    """How thin customers get between two segments, against what a gap would be."""
    found = result.evidence.structure
    if not found.paths or found.tau is None:
        return f"The density of {say.plural(found.customers, 'customer')} has one hill: no gap divides it."
    deepest = max(one.drop for one in found.paths)
    if deepest >= found.tau:
        return f"The density of {say.plural(found.customers, 'customer')} has one hill that counts: no gap divides it."
    thin = say.ratio(math.exp(deepest)).removesuffix(say.TIMES)
    gap = say.ratio(math.exp(found.tau)).removesuffix(say.TIMES)
    if thin == say.ratio(1.0).removesuffix(say.TIMES):
        return f"Nowhere between two segments do customers get sparser; a gap starts at {gap} times."
    return f"Between two segments customers get {thin} times sparser at most; a gap starts at {gap}."


def _come_back(result: ReportInput) -> Question:
    found = result.evidence.stability
    known = [one for one in found.segments if one.jaccard is not None]
    if not known:
        return _open(RETURN, found.reason)
    values = [one.jaccard or 0.0 for one in known]
    crowd = [one.jaccard_crowd for one in known if one.jaccard_crowd is not None]
    low, high = say.score(min(values)), say.score(max(values))
    line = f"Overlap when customers are drawn again: {low if low == high else f'{low} to {high}'} of 1. "
    line += f"Firm starts at {FIRM}; " if crowd else f"Firm starts at {FIRM}."
    line += f"the weakest of one crowd reaches {say.score(min(crowd))}." if crowd else ""
    holds, shifts = len(firm(result.evidence)), len(loose(result.evidence))
    if holds and result.evidence.differ is False:
        line += " It is the same luck, cut the same way."
    if not shifts and result.evidence.differ is False:
        return Question(RETURN, "partly", "Yes, but so does luck", line)
    if not shifts:
        return Question(RETURN, "shown", _all_of("Yes", holds), line)
    if not holds:
        return Question(RETURN, "not-shown", "No", line)
    return Question(RETURN, "partly", f"{say.upper_first(say.word(holds))} of {say.word(holds + shifts)}", line)


def _all_of(word: str, number: int) -> str:
    """The word with how many: "Yes, all five", "Yes, both", "Yes"."""
    return word if number < 2 else f"{word}, {'both' if number == 2 else f'all {say.word(number)}'}"


def _last(result: ReportInput) -> Question:
    found = result.evidence.foresight
    if found.lasting is None:
        return _open(LAST, found.reason)
    line = f"Segments explain {_share(found.eta2)} of {explained_noun(result.evidence)}"
    random = found.baselines.random
    if not found.lasting:
        p = f", {say.p_value(found.p)}" if found.p is not None else ""
        luck = f"; random groups reach {_share(random)}" if random is not None else ""
        return Question(LAST, "not-shown", "Not shown", f"{line}{p}{luck}.{_why_not_lasting(result)}")
    line += f"; RFM groups explain {_share(found.baselines.rfm)}" if found.baselines.rfm is not None else ""
    line += f", random ones {_share(random)}" if random is not None else ""
    own, k = len(lasting_segments(result.evidence)), len(clustered(result))
    untold = sum(one.lift is None for one in found.segments)
    if untold:
        whom = "each segment" if untold == len(found.segments) else say.word(untold)
        line += f"; what became of {whom} cannot be told"
    if own in (0, k):
        return Question(LAST, "shown", _all_of("Yes", own) if own else "Yes, taken together", f"{line}.")
    return Question(LAST, "partly", f"{say.upper_first(say.word(own))} of {say.word(k)}", f"{line}.")


def _why_not_lasting(result: ReportInput) -> str:
    """What is missing where more is explained than by chance: the leading segment does not stay ahead."""
    found = result.evidence.foresight
    if found.p is None or found.p > UNLIKELY or found.top is None:
        return ""
    top = later_of(result.evidence, found.top)
    if top is None or top.lift is None:
        return " But the segment that was ahead then is none of today’s."
    lift = f"{say.ratio(top.lift)} ({say.ratios(top.low, top.high)})"
    return f" But segment {found.top}, ahead before, is not shown to stay ahead: {lift}."


def _share(value: float | None) -> str:
    return say.small_share(value).replace("<", "under ")
