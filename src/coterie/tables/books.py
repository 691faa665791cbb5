"""The books of a check: what is written down while the tables are checked one after the other."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from coterie.tables.contract import Problem, RawTable, TableCount
from coterie.tables.counts import aside_problems, digest, digest_parts, kept_problems, measure, table_count
from coterie.tables.customers import Findings
from coterie.tables.dimensions import degenerate_notes
from coterie.tables.judge import Judged
from coterie.tables.places import rejects

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from coterie.engines import Engine


@dataclass
class Books:
    """What is written down while the tables are checked one after the other."""

    engine: Engine
    as_of: dt.date | None
    problems: list[Problem] = field(default_factory=list)
    counts: dict[str, TableCount] = field(default_factory=dict)
    rejects: dict[str, ir.Table] = field(default_factory=dict)
    fingerprint: dict[str, str] = field(default_factory=dict)
    degenerate: dict[str, str] = field(default_factory=dict)

    def note_degenerate(self, raw: RawTable, sentences: Mapping[str, str]) -> None:
        """Keep and tell the dimensions that say nothing."""
        self.degenerate |= sentences
        self.problems += degenerate_notes(raw, sentences)

    def note_kept(self, judged: Judged, findings: Findings) -> None:
        """Count and tell further findings in rows that are kept."""
        measured = measure(findings, self.engine)
        self.problems += kept_problems(judged, findings, measured, self.engine, as_of=str(self.as_of))

    def enter(self, judged: Judged, findings: Findings, more: Mapping[str, ir.Scalar] | None = None) -> dict[str, Any]:
        """Count, tell and keep what was found in one table; gives the measures of its rows used."""
        raw = judged.typed.raw
        measured = measure(findings, self.engine, {**digest_parts(findings.rows), **(more or {})})
        self.problems += raw.findings
        self.problems += judged.typed.notes
        self.problems += aside_problems(judged, self.engine, as_of=str(self.as_of))
        self.problems += kept_problems(judged, findings, measured, self.engine, as_of=str(self.as_of))
        self.counts[raw.name] = table_count(judged, int(measured["rows"]))
        self.fingerprint[raw.name] = digest(measured, int(measured["rows"]))
        aside = rejects(judged, self.engine)
        if aside is not None:
            self.rejects[raw.name] = aside
        return measured
