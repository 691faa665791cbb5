"""The evidence behind the verdict: reliability, later outcome, stability, baselines, hills, gap."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from coterie.views import format as say
from coterie.views.charts.paths import MOST, deepest
from coterie.views.grades import any_judged, lasting_segments
from coterie.views.pages.questions import one_reason, questions
from coterie.views.segments import clustered

if TYPE_CHECKING:
    from coterie.views.contract import Drawings, ReportInput


def evidence(result: ReportInput, drawings: Drawings) -> Mapping[str, Any] | None:
    """Left out where nothing was judged for one reason, which the first page tells."""
    if one_reason(result) and not any_judged(result.evidence):
        return None
    charts = [drawings[name] for name in ("reliability", "later", "overlap", "baselines")]
    shown = [chart for drawn in charts for chart in drawn]
    small, gap = drawings["paths"], drawings["gap"]
    if len(shown) % 2:  # the empty half of the last row is a place for it
        shown, gap = [*shown, *gap], ()
    return {
        "title": _title(result),
        "lead": _lead(result),
        "charts": tuple(shown),
        "gap": gap,
        "paths": small,
        "paths_title": _paths_title(result) if small else "",
        "paths_lead": _paths_lead(result) if small else "",
        "open": _open(result),
        "open_title": "What could not be judged" if any_judged(result.evidence) else "",
    }


def _title(result: ReportInput) -> str:
    differ, lasting = result.evidence.differ, result.evidence.foresight.lasting
    last = {True: "last", False: "are not shown to last", None: ""}[lasting]
    if not any_judged(result.evidence):
        return "Too little to judge the segments by"
    if differ is None:
        return f"The differences {last}" if last else "What could be judged, and what not"
    if differ:
        if lasting is None:
            return "The differences are traits; whether they last cannot be told"
        own, k = lasting_segments(result.evidence), len(clustered(result))
        if lasting and 0 < len(own) < k:
            those, verb = ("that", "lasts") if len(own) == 1 else ("those", "last")
            return f"The differences are traits; {those} of {say.numbered(own)} {verb}"
        return f"The differences are traits, {'and they last' if lasting else 'but are not shown to last'}"
    if lasting:
        return "The differences last, though no figure repeats itself"
    return "No difference is more than chance" + (", and none is shown to last" if lasting is False else "")


def _lead(result: ReportInput) -> str:
    if not any_judged(result.evidence):
        return "Nothing is drawn where it cannot be judged: a picture of too few customers looks like an answer."
    judged = result.evidence.customers
    sample = "" if judged >= result.active or not judged else f" Judged on a random {say.plural(judged, 'customer')}."
    return f"Lines are 95% intervals. Grey is what you would see if nothing were there.{sample}"


def _open(result: ReportInput) -> tuple[tuple[str, str], ...]:
    """Questions without an answer, each with its reason."""
    asked = [one for one in questions(result) if one.glyph == ""]
    return tuple((one.question, f"{one.answer}: {say.lower_first(one.line)}") for one in asked)


def _paths_title(result: ReportInput) -> str:
    """Whether there is a gap between any two segments."""
    structure, shown = result.evidence.structure, deepest(result)
    gaps = [one for one in shown if structure.tau is not None and one.drop >= structure.tau]
    if not gaps:
        return "No gap between any two segments"
    if len(gaps) == len(shown):
        return "A gap between every two neighbouring segments" if len(gaps) > 1 else "A gap between the two segments"
    if len(gaps) == 1:
        return f"One gap, between {say.numbered([gaps[0].one, gaps[0].other])}"
    return f"A gap on {say.word(len(gaps))} of {say.word(len(shown))} ways between segments"


def _paths_lead(result: ReportInput) -> str:
    structure = result.evidence.structure
    times = say.ratio(math.exp(structure.tau or 0.0)).removesuffix(say.TIMES)
    text = (
        "How close together customers stand on the way from one segment to the next; 100% is the denser of the two"
        " ends. The dot marks the thinnest place. Only below the grey line"
        f" ({times} times sparser than the sparser end) would it be a gap. Same log scale in all."
    )
    more = len(structure.paths) - MOST
    return text + (
        f" The {say.word(MOST)} deepest of {say.count(len(structure.paths))} ways are drawn." if more > 0 else ""
    )
