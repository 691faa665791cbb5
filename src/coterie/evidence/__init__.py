"""Is it real: whether customers differ, whether groups exist, whether segments come back, whether differences last."""

from __future__ import annotations

from coterie.evidence.contract import Evidence, Kind, Reliability, Verdict, unjudged
from coterie.evidence.judge import Look, Refit, foresee, judge, look_at
from coterie.evidence.outcomes import outcome_named
from coterie.evidence.sample import Sample, draw_sample
from coterie.evidence.select import BESIDE, Selection, select

__all__ = [
    "BESIDE",
    "Evidence",
    "Kind",
    "Look",
    "Refit",
    "Reliability",
    "Sample",
    "Selection",
    "Verdict",
    "draw_sample",
    "foresee",
    "judge",
    "look_at",
    "outcome_named",
    "select",
    "unjudged",
]
