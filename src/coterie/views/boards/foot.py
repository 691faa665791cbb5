"""The line at the foot of every page: how real the segments are, and until when everything is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coterie.views import format as say
from coterie.views.grades import any_judged, kind_of, lasting_of
from coterie.views.segments import clustered

if TYPE_CHECKING:
    from coterie.views.contract import ReportInput


def foot(result: ReportInput) -> str:
    """As in "Segments of this run: two of five reproducible, all five lasting."; or that nothing was judged."""
    segments = [one.segment for one in clustered(result)]
    if not segments:
        return "No segments: there was nothing to tell customers apart by."
    if not any_judged(result.evidence):
        return "Whether the segments of this run are real was not judged, or cannot be judged."
    kinds = [kind_of(result.evidence, segment) for segment in segments]
    told = [
        _of(sum(kind == name for kind in kinds), len(segments), name)
        for name in ("natural", "reproducible", "constructed")
        if name in kinds
    ]
    lasting = [lasting_of(result.evidence, segment) for segment in segments]
    if any(one is not None for one in lasting):
        told.append(_of(sum(one is True for one in lasting), len(segments), "lasting"))
    return f"Segments of this run: {say.listing(told)}." if told else ""


def _of(number: int, whole: int, what: str) -> str:
    if number == whole:
        return f"all {say.word(whole)} {what}" if whole > 1 else what
    return f"{say.word(number) if number else 'none'} of {say.word(whole)} {what}"
