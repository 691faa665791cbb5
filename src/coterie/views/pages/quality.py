"""What was in the data, what was set aside and why, how columns were read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from coterie.views import format as say

if TYPE_CHECKING:
    from coterie.tables.contract import Problem
    from coterie.views.contract import Drawings, ReportInput


@dataclass(frozen=True)
class TableRow:
    """Rows of one table, and why some were set aside."""

    name: str
    rows_in: str
    used: str
    aside: str
    why: str


def quality(result: ReportInput, drawings: Drawings) -> Mapping[str, Any]:
    """Tables first, then faults, then notes on how the data were read."""
    found = result.quality
    tables = tuple(
        TableRow(
            name=say.upper_first(name),
            rows_in=say.count(one.rows_in),
            used=say.count(one.rows_used),
            aside=say.count(one.rows_set_aside),
            why=say.listing([f"{reason.replace('_', ' ')} {say.count(rows)}" for reason, rows in one.reasons.items()]),
        )
        for name, one in found.tables.items()
    )
    faults = tuple(one for one in found.problems if one.severity == "fault")
    notes = tuple(one for one in found.problems if one.severity != "fault")
    return {"title": _title(result), "lead": _lead(faults), "tables": tables, "faults": faults, "notes": notes}


def _title(result: ReportInput) -> str:
    counts = result.quality.tables.values()
    total, aside = sum(one.rows_in for one in counts), sum(one.rows_set_aside for one in counts)
    if aside == 0:
        return f"All {say.count(total)} rows were used"
    return f"{say.count(total - aside)} of {say.count(total)} rows were used, {say.count(aside)} set aside"


def _lead(faults: tuple[Problem, ...]) -> str:
    if not faults:
        return "No fault was found in the data."
    kinds = f"{say.upper_first(say.word(len(faults)))} kind{'s' if len(faults) > 1 else ''} of fault"
    return f"{kinds}, each with its effect and cure."
