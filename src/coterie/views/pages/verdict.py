"""The verdict on the first page where evidence was judged: how real the segments are, what to rely on, what not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from coterie.views import format as say
from coterie.views.charts.later import times
from coterie.views.grades import explained_noun, kind_of, lasting_segments, later_noun, unjudged_words, went_on
from coterie.views.pages.questions import headline, reliability_text
from coterie.views.segments import cited, clustered, feature_said, orders_only

if TYPE_CHECKING:
    from coterie.evidence.contract import Later
    from coterie.views.contract import ReportInput


@dataclass(frozen=True)
class Run:
    """A stretch of text, strong or not; a standfirst is a row of them."""

    text: str
    strong: bool = False


def judged_verdict(result: ReportInput) -> tuple[str, ...]:
    """One sentence a line: what the segments are, and how firm their borders; empty where neither can be said."""
    evidence = result.evidence
    structure, k = evidence.structure, len(clustered(result))
    if evidence.differ is False:
        return _chance_lines(result, k)
    if evidence.verdict.kind == "natural":
        last = {True: ", and their differences last", False: "", None: ""}[evidence.foresight.lasting]
        second = "Their differences are not shown to last." if evidence.foresight.lasting is False else (
            "Between them lie gaps, and the segments follow the gaps.")  # fmt: skip
        return (f"{_word(k)} groups that exist{last}.", second)
    if structure.k_hills is not None and structure.k_hills > 1:
        return _other_groups(result, structure.k_hills, k)
    first = _lasting_line(result, k)
    return tuple(line for line in (first, _borders(result, k, crowd=structure.k_hills == 1, first=first)) if line)


def _word(number: int) -> str:
    return say.upper_first(say.word(number))


def _segments(k: int) -> str:
    return f"{_word(k)} segment{'s' if k > 1 else ''}"


def _chance_lines(result: ReportInput, k: int) -> tuple[str, ...]:
    everybody = result.active == result.customers
    people = say.plural(result.active, "customer" if everybody else "active customer")
    how, short = ("how they buy", "how they buy") if orders_only(result) else ("how they use coupons", "coupon use")
    who = f"{people} who do not differ in {how if everybody else short}."
    if result.evidence.verdict.kind in ("natural", "reproducible"):
        return (who, f"What sets the {say.word(k)} segments apart is not {how}.")
    return (who, f"The {say.word(k)} segments are cuts through chance.")


def _other_groups(result: ReportInput, hills: int, k: int) -> tuple[str, ...]:
    """There are groups, and the segments are something else."""
    evidence = result.evidence
    own = len(lasting_segments(evidence))
    some = (
        f"The difference{'s' if own > 1 else ''} of {say.word(own)} of them last{'' if own > 1 else 's'}."
        if 0 < own < k
        else "Their differences last."
        if own
        else "Taken together, their differences last."
    )
    last = {True: some, False: "Their differences are not shown to last.", None: ""}
    if not evidence.structure.natural:
        first = f"{_word(hills)} groups, and {say.word(k)} segments that cut across them."
    elif k != hills:
        first = f"The data show {say.word(hills)} groups. These are {say.word(k)} segments."
    else:
        first = f"There are {say.word(hills)} groups, and not every segment is one of them."
    return tuple(line for line in (first, last[evidence.foresight.lasting]) if line)


def _lasting_line(result: ReportInput, k: int) -> str:
    lasting, own = result.evidence.foresight.lasting, len(lasting_segments(result.evidence))
    if lasting is None:
        return ""
    if not lasting:
        return f"{_segments(k)} whose differences are not shown to last."
    if 0 < own < k:
        what = "a difference that lasts" if own == 1 else "differences that last"
        return f"{_segments(k)}, {say.word(own)} of them with {what}."
    return f"{_segments(k)} whose differences last{'' if own or k == 1 else ', taken together'}."


def _borders(result: ReportInput, k: int, *, crowd: bool, first: str) -> str:
    """How many segments have a firm border, and that all are cuts where there is one crowd."""
    kinds = [kind_of(result.evidence, one.segment) for one in clustered(result)]
    firm, loose = sum(one in ("natural", "reproducible") for one in kinds), kinds.count("constructed")
    through = "cuts through one crowd" if crowd else "cuts that would fall elsewhere next time"
    if not firm + loose:
        return f"{'They are' if first else _segments(k) + ':'} {through}." if crowd else ""
    all_of = "All" if first else f"All {say.word(k)} segments"
    if not loose:
        return f"{all_of} have firm borders{', yet they are cuts through one crowd' if crowd else ''}."
    if not firm:
        return f"{all_of} are {through}{', and no border is firm' if crowd else ''}."
    noun = "" if first else " segments" if firm > 1 else " segment"
    has = f"{_word(firm)}{noun} {'have' if firm > 1 else 'has a'} firm border{'s' if firm > 1 else ''}"
    rest = "cut" if loose == 1 else "cuts"
    tail = "through a crowd" if crowd else "that would fall elsewhere"
    return f"{has}, {say.word(loose)} {'is a' if loose == 1 else 'are'} {rest} {tail}."


def judged_standfirst(result: ReportInput) -> tuple[Run, ...]:
    """What to rely on and what not, with the segments' own numbers."""
    if result.evidence.differ is False:
        return _rely_on_all(result)
    return (*_rely_on(result), *_do_not_rely(result), *_outside(result))


def _outside(result: ReportInput) -> tuple[Run, ...]:
    """Those who fit no group, where there are any."""
    noise = next((one for one in result.profiles.segments if one.segment == -1), None)
    if noise is None:
        return ()
    verb = "fits" if noise.customers == 1 else "fit"
    return (Run(f" {say.plural(noise.customers, 'customer')}, {say.share(noise.share)} of all, {verb} no group."),)


def _rely_on_all(result: ReportInput) -> tuple[Run, ...]:
    """Customers do not differ: only figures of all of them mean anything."""
    told = [one for one in result.evidence.reliability if one.value is not None]
    runs = [Run("Rely on the figures of all customers together.", True)]
    if told:
        one = headline(told)
        label = feature_said(result, one.feature)
        events = "orders" if orders_only(result) else "coupons"
        runs.append(Run(f" {label} does not repeat itself from one half of a customer’s {events} to the other:"
                        f" reliability {reliability_text(one)}, where luck gives 0. "))  # fmt: skip
    runs += [
        Run("Do not rely on the segments", True),
        Run(", nor on advice for one of them: what sets them apart is luck. Try an offer on a random few of all"
            " customers first."),
    ]  # fmt: skip
    return tuple(runs)


def _rely_on(result: ReportInput) -> tuple[Run, ...]:
    found = result.evidence.foresight
    if found.lasting is None:
        why = unjudged_words(found.reason)[1] if found.reason else ""
        return (Run("Rely on the figures of each segment as a description.", True),
                Run(f" Whether the differences last cannot be said. {why}".rstrip() + " "))  # fmt: skip
    if not found.lasting:
        told = ""
        if found.eta2 is not None and found.baselines.random is not None:
            told = (f": the segments explain {_small(found.eta2)} of {explained_noun(result.evidence)},"
                    f" random groups up to {_small(found.baselines.random)}")  # fmt: skip
        return (Run("Rely on the figures of each segment as a description of the past.", True),
                Run(f" That they say anything about what comes next is not shown{told}. "))  # fmt: skip
    return _gap_between(result)


def _small(value: float) -> str:
    """A share within a sentence: "under 1%"."""
    return say.small_share(value).replace("<", "under ")


def _gap_between(result: ReportInput) -> tuple[Run, ...]:
    """Which segments went on above the average and which below, by intervals that exclude it."""
    evidence = result.evidence
    kept = [one for one in evidence.foresight.segments if one.lasting and one.lift is not None]
    above = [one for one in kept if (one.lift or 0.0) > 1]
    below = [one for one in kept if (one.lift or 0.0) <= 1]
    if not kept:
        return (Run("Rely on the segments taken together.", True),
                Run(f" Together they differ in {later_noun(evidence)}; of no single one is that shown. "))  # fmt: skip
    named = {one.segment: one for one in clustered(result)}
    everybody = len(kept) == len(clustered(result))
    if above and below:
        rest = "the rest" if everybody else say.numbered([one.segment for one in below])
        bold = f"Rely on the gap between {say.numbered([one.segment for one in above])} and {rest}."
    else:
        bold = f"Rely on what sets {say.numbered([one.segment for one in kept])} apart from the average."
    runs = [Run(bold, True)]
    day = f" after {say.date(evidence.foresight.cut)}" if evidence.foresight.cut else ""
    if above:
        top = max(above, key=lambda one: one.lift or 0.0)
        start, end = went_on(evidence, "\0").split("\0")
        who = say.upper_first(cited(named[top.segment])) if top.segment in named else f"Segment {top.segment}"
        runs += [Run(f" {who} went on to {start}"), Run(times(top.lift or 0.0), True), Run(f"{end}{day}")]
        runs.append(Run(f"; {_low(below)}. " if below else ". "))
    else:
        who = say.upper_first(say.numbered([one.segment for one in below]))
        runs.append(Run(f" {who} went on to {went_on(evidence, _range(below))}{day}. "))
    untold = [one.segment for one in evidence.foresight.segments if one.lift is None]
    if untold:
        runs.append(Run(f"What became of {say.numbered(untold)} cannot be told. "))
    return tuple(runs)


def _low(below: list[Later]) -> str:
    """The segments under the average: "segments 3 to 5 about half of it or less"."""
    who = say.numbered([one.segment for one in below])
    lifts = sorted(one.lift or 0.0 for one in below)
    if len(lifts) > 1 and 0.4 <= lifts[-1] <= 0.6:
        return f"{who} about half of it or less"
    return f"{who} only {_range(below)}"


def _range(below: list[Later]) -> str:
    """The lifts of one or several segments: "0.28 to 0.55 times"."""
    lifts = sorted(one.lift or 0.0 for one in below)
    return times(lifts[0]) if lifts[0] == lifts[-1] else f"{say.ratios(lifts[0], lifts[-1])} times"


def _do_not_rely(result: ReportInput) -> tuple[Run, ...]:
    evidence = result.evidence
    structure, segments = evidence.structure, clustered(result)
    loose = [one.segment or 0 for one in segments if kind_of(evidence, one.segment) == "constructed"]
    if structure.natural is False and (structure.k_hills or 1) > 1:
        return (Run("Do not rely on the borders", True),
                Run(f": customers form {say.word(structure.k_hills or 0)} groups, and the segments cut across them."
                    " Another algorithm may follow them."))  # fmt: skip
    if loose:
        which = "the segments" if len(loose) == len(segments) else say.numbered(loose)
        return (Run("Do not rely on the exact borders", True),
                Run(f" of {which}: other customers of the same shop would draw them elsewhere."))  # fmt: skip
    if evidence.verdict.kind == "natural":
        return (Run("Rely on who belongs to which", True), Run(": few customers stand between the groups."))
    if structure.k_hills == 1:
        return (Run("Do not take them for separate groups", True),
                Run(": customers form one crowd, and the borders lie where it is handy to cut."))  # fmt: skip
    return ()
