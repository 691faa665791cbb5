"""How evidence is said in a word: grades with their glyph, per segment and for the run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from coterie.views import format as say

if TYPE_CHECKING:
    from coterie.evidence.contract import Evidence, Kind, Later, SegmentStability
    from coterie.views.contract import ReportInput

Glyph = Literal["shown", "partly", "not-shown", ""]
"""A full, half or empty circle; empty where nothing was judged."""

FIRM = 0.75
"""Mean overlap of refits from which a segment comes back (Hennig 2007)."""
_KINDS: dict[Kind, tuple[Glyph, str]] = {
    "natural": ("shown", "Natural"),
    "reproducible": ("shown", "Reproducible"),
    "constructed": ("not-shown", "Constructed"),
}


@dataclass(frozen=True)
class Grade:
    """A glyph and its word; `detail` are the numbers behind it, as the word goes on after a comma."""

    glyph: Glyph
    word: str
    detail: str = ""


def kind_of(evidence: Evidence, segment: int | None) -> Kind | None:
    """Natural, reproducible or constructed; None where not judged."""
    return next((one.kind for one in evidence.verdict.segments if one.segment == segment), None)


def lasting_of(evidence: Evidence, segment: int | None) -> bool | None:
    """Whether the segment's difference lasts; None where not judged."""
    return next((one.lasting for one in evidence.verdict.segments if one.segment == segment), None)


def later_of(evidence: Evidence, segment: int | None) -> Later | None:
    """What became of the segment after the cut."""
    return next((one for one in evidence.foresight.segments if one.segment == segment), None)


def stability_of(evidence: Evidence, segment: int | None) -> SegmentStability | None:
    """How well the segment comes back."""
    return next((one for one in evidence.stability.segments if one.segment == segment), None)


def any_judged(evidence: Evidence) -> bool:
    """At least one of the four questions has an answer."""
    stable = any(one.jaccard is not None for one in evidence.stability.segments)
    return (
        stable
        or evidence.differ is not None
        or evidence.structure.k_hills is not None
        or evidence.foresight.lasting is not None
    )


def by_chance(result: ReportInput) -> bool:
    """Customers do not differ: by evidence where it was judged, else because their counts scatter as chance does."""
    differ = result.evidence.differ
    return not differ if differ is not None else result.profiles.hardly_differ


def grades(evidence: Evidence, segment: int | None) -> tuple[Grade, ...]:
    """The grades of one segment, without numbers; none where nothing of it was judged."""
    found = []
    kind, lasting = kind_of(evidence, segment), lasting_of(evidence, segment)
    if kind is not None:
        found.append(Grade(*_KINDS[kind]))
    if lasting is not None:
        found.append(Grade("shown", "Lasting") if lasting else Grade("not-shown", "Not shown to last"))
    return tuple(found)


def detailed(evidence: Evidence, segment: int | None) -> tuple[Grade, ...]:
    """The same with the numbers they rest on."""
    outcome, details = later_noun(evidence), []
    kind, lasting = kind_of(evidence, segment), lasting_of(evidence, segment)
    stable, later = stability_of(evidence, segment), later_of(evidence, segment)
    overlap = (evidence.structure.shares or {}).get(str(segment)) if kind == "natural" else None
    if kind is not None and overlap is not None:
        details.append(f"{say.score(overlap)} overlap with a group")
    elif kind == "constructed" and evidence.differ is False:
        details.append("a cut through chance")
    elif kind is not None:
        details.append(f"overlap {overlap_text(stable.jaccard)}" if stable and stable.jaccard is not None else "")
    if lasting is not None:
        known = later is not None and later.lift is not None
        details.append(
            f"{say.ratio(later.lift)} ({say.ratios(later.low, later.high)}) {outcome}" if later and known else ""
        )
    shown = grades(evidence, segment)
    return tuple(Grade(one.glyph, one.word, more) for one, more in zip(shown, details, strict=True))


_LATER = {
    "burns": "later burns",
    "claims": "later coupons",
    "burn_rate": "later burn rate",
    "sales": "later sales",
    "orders": "later orders",
}
_WENT_ON = {
    "burns": "burn {} the average",
    "claims": "claim {} the average",
    "burn_rate": "burn at {} the average rate",
    "sales": "spend {} the average",
    "orders": "order {} the average",
}


def later_noun(evidence: Evidence) -> str:
    """What was counted after the cut: "later burns"."""
    name = evidence.foresight.outcome or "outcome"
    return _LATER.get(name, f"later {name.replace('_', ' ')}")


def explained_noun(evidence: Evidence) -> str:
    """What groups explain a share of: "later burns"; of sales the ranks, which a few large ones do not decide."""
    noun = later_noun(evidence)
    return f"the ranking by {noun}" if evidence.foresight.outcome == "sales" else noun


def went_on(evidence: Evidence, times: str) -> str:
    """What customers went on to do: "burn 5.3 times the average"."""
    return _WENT_ON.get(evidence.foresight.outcome or "", "reach {} the average").format(times)


def unjudged_words(reason: str) -> tuple[str, str]:
    """A reason taken apart: whether it cannot be judged or was not, and why, as a sentence.

    Example:
        >>> unjudged_words("Cannot be judged: only 30 customers have a coupon.")
        ('Cannot be judged', 'Only 30 customers have a coupon.')
    """
    start, colon, rest = reason.partition(": ")
    if colon and start in ("Cannot be judged", "Not judged"):
        return start, say.sentence(rest)
    return "Cannot be judged", say.sentence(reason)


def overlap_text(value: float | None) -> str:
    """An overlap with two decimals; one that just misses being firm is not printed as if it were.

    Example:
        >>> overlap_text(0.7481), overlap_text(0.75), overlap_text(0.66)
        ('<0.75', '0.75', '0.66')
    """
    text = say.score(value)
    return f"<{FIRM}" if value is not None and value < FIRM and text == say.score(FIRM) else text


def firm(evidence: Evidence) -> tuple[int, ...]:
    """Segments that come back when customers are drawn again."""
    return tuple(one.segment for one in evidence.stability.segments if (one.jaccard or 0.0) >= FIRM)


def loose(evidence: Evidence) -> tuple[int, ...]:
    """Segments that do not."""
    return tuple(one.segment for one in evidence.stability.segments if one.jaccard is not None and one.jaccard < FIRM)


def lasting_segments(evidence: Evidence) -> tuple[int, ...]:
    """Segments whose own difference is shown to last."""
    return tuple(one.segment for one in evidence.foresight.segments if one.lasting)
