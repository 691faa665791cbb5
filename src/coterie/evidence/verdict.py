"""The answers of all four questions together: a grade for the run and each segment, and one paragraph."""

from __future__ import annotations

from coterie.evidence.contract import Foresight, Kind, SegmentVerdict, Stability, Structure, Verdict

REPRODUCIBLE = 0.75
"""Overlap (Jaccard) from which a segment counts as one that comes back (Hennig 2007: stable)."""

_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


def give_verdict(
    structure: Structure,
    stability: Stability,
    foresight: Foresight,
    k: int,
    *,
    differ: bool | None,
    coupons: bool = True,
) -> Verdict:
    """Grade the run and its segments.

    Natural: there are groups, the k delivered is theirs, and each segment is one. Reproducible: the weakest segment
    overlaps 0.75 or more with itself when refitted. Constructed: otherwise, and always where too few features are real.

    Args:
        structure: The second answer.
        stability: The third; it holds the grade of each segment.
        foresight: The fourth.
        k: Delivered number of segments.
        differ: At least one feature of behaviour is real; None where not judged.
        coupons: The customers have coupons; else orders.
    """
    grades = {one.segment: one.grade for one in stability.segments}
    later = {one.segment: one.lasting for one in foresight.segments}
    segments = tuple(SegmentVerdict(one, grades.get(one), later.get(one)) for one in range(1, k + 1))
    kind = _kind(structure, [one.kind for one in segments], k)
    text = _text(structure, stability, foresight, kind, k, differ=differ, coupons=coupons)
    return Verdict(kind, foresight.lasting, text, segments)


def _kind(structure: Structure, kinds: list[Kind | None], k: int) -> Kind | None:
    if any(one is None for one in kinds) or not kinds:
        return None
    if "constructed" in kinds:
        return "constructed"
    if structure.natural and structure.k_hills == k and set(kinds) == {"natural"}:
        return "natural"
    return "reproducible"


def _text(
    structure: Structure,
    stability: Stability,
    foresight: Foresight,
    kind: Kind | None,
    k: int,
    *,
    differ: bool | None,
    coupons: bool,
) -> str:
    if differ is False:
        how = "how they use coupons: what they hold and what they burn is what luck "
        if not coupons:
            how = "how they buy: how often and for how much is what luck "
        return (
            f"These customers do not differ in {how}"
            "gives to customers who are all alike. The segments are cuts through that luck. Do not treat customers "
            "differently because of their segment; try what you want to know on a random few of all of them."
        )
    crowd = structure.k_hills == 1
    if structure.reason and structure.reason == stability.reason:
        open_questions = "Whether there are separate groups, whether the same segments would come back"
        if foresight.reason == structure.reason:
            return _unknown(f"{open_questions} and whether the differences last", structure.reason)
        return f"{_unknown(open_questions.replace(', ', ' and '), structure.reason)} {_later(foresight)}"
    return " ".join(filter(None, (_groups(structure, k), _borders(stability, kind, crowd=crowd), _later(foresight))))


def _groups(structure: Structure, k: int) -> str:
    if structure.k_hills is None:
        return _unknown("Whether there are separate groups", structure.reason)
    if structure.k_hills == 1:
        return f"The customers are one crowd, cut into {in_words(k)} pieces where it is convenient."
    shown = f"The data show {in_words(structure.k_hills)} separate groups"
    if not structure.natural:
        return f"{shown}, but the segments do not follow them; another algorithm may."
    return (
        f"{shown}, and the segments are these."
        if structure.k_hills == k
        else f"{shown}; the segments are {in_words(k)}."
    )


def _borders(stability: Stability, kind: Kind | None, *, crowd: bool) -> str:
    if stability.ari is None:
        return _unknown("Whether the same segments would come back", stability.reason)
    if kind == "natural":
        return "Rely on who belongs to which."
    weak = [str(one.segment) for one in stability.segments if one.grade == "constructed"]
    if not weak:
        firm = "The same segments come back when customers are drawn again: their borders are firm"
        return f"{firm}, though no gap runs along them." if crowd else f"{firm}."
    if len(weak) == len(stability.segments):
        return "Another sample of this shop would draw the borders elsewhere: do not rely on them."
    which = f"segments {', '.join(weak[:-1])} and {weak[-1]}" if len(weak) > 1 else f"segment {weak[0]}"
    return f"Do not rely on the exact borders of {which}: another sample of this shop would draw them elsewhere."


def _later(foresight: Foresight) -> str:
    if foresight.lasting is None:
        return _unknown("Whether the differences last", foresight.reason)
    if not foresight.lasting:
        return "That the differences last is not shown: test on a small group first."
    own = [str(one.segment) for one in foresight.segments if one.lasting]
    top = next((one for one in foresight.segments if one.segment == foresight.top and one.lift is not None), None)
    told = ""
    if top is not None and foresight.cut is not None:
        alone = own == [str(top.segment)] and len(foresight.segments) > 1
        ahead = f"ahead until {foresight.cut:%-d %b %Y}, "
        told = f"{ahead}it" if alone else f"segment {top.segment}, {ahead.rstrip()}"
        told = f"{told} went on to {_went_on(foresight.outcome, top.lift)}"
    if len(own) == len(foresight.segments):
        last = "The differences last"
    elif own:
        which = f"segments {', '.join(own[:-1])} and {own[-1]}" if len(own) > 1 else f"segment {own[0]}"
        last = f"A difference that lasts is shown for {which}"
    else:
        last = "Taken together the differences last, though no segment's own is shown to"
    return f"{last}: {told}." if told and (not own or str(foresight.top) in own) else f"{last}."


def _went_on(outcome: str | None, lift: float | None) -> str:
    """What the customers of a segment did after the cut: "burn 3.2 times the average"."""
    times = f"{lift or 0.0:.1f} times the average"
    return {
        "burns": f"burn {times}",
        "claims": f"claim {times}",
        "burn_rate": f"burn at {times} rate",
        "sales": f"spend {times}",
        "orders": f"order {times}",
    }.get(outcome or "", f"reach {times}")


def _unknown(what: str, reason: str) -> str:
    return f"{what} {reason[:1].lower()}{reason[1:]}" if reason.startswith("Cannot be judged") else reason


def in_words(number: int) -> str:
    """A small number as a word.

    Example:
        >>> in_words(5), in_words(20)
        ('five', '20')
    """
    return _WORDS[number] if 0 <= number < len(_WORDS) else str(number)
