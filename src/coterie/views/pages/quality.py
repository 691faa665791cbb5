"""What was in the data, what was set aside and why, how columns were read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from coterie.views import format as say

if TYPE_CHECKING:
    from coterie.tables.contract import Problem
    from coterie.views.contract import Drawings, ReportInput


REASONS: Mapping[str, tuple[str, str]] = {
    "ragged_row": ("with too many cells", "with too many cells"),
    "open_quote": ("with an open quote", "with an open quote"),
    "unreadable_row": ("unreadable", "unreadable"),
    "missing_key": ("without a key", "without a key"),
    "missing_customer_id": ("without a customer", "without a customer"),
    "missing_date": ("without a date", "without a date"),
    "unparsable_date": ("with an unreadable date", "with unreadable dates"),
    "missing_amount": ("without an amount", "without an amount"),
    "unparsable_amount": ("with an unreadable amount", "with unreadable amounts"),
    "excluded_product": ("of what is no product", "of what is no product"),
    "unknown_status": ("with an unknown status", "with an unknown status"),
    "conflicting_rows": ("in conflict with another", "in conflict with each other"),
    "duplicate": ("copy of another", "copies of another"),
    "burn_without_claim": ("burnt without a claim", "burnt without a claim"),
    "cancelled": ("cancelled", "cancelled"),
    "after_as_of": ("after the last day known", "after the last day known"),
}
"""Reason of a row set aside -> words for one row, for several."""


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
            why=", ".join(f"{say.count(rows)} {_reason(reason, rows)}" for reason, rows in one.reasons.items()),
        )
        for name, one in found.tables.items()
    )
    faults = tuple(one for one in found.problems if one.severity == "fault")
    notes = tuple(one for one in found.problems if one.severity != "fault")
    return {"title": _title(result), "lead": _lead(faults), "tables": tables, "faults": faults, "notes": notes}


def _reason(reason: str, rows: int) -> str:
    """The reason why rows were set aside, in words after their number."""
    one, many = REASONS.get(reason, (reason.replace("_", " "),) * 2)
    return one if rows == 1 else many


def _title(result: ReportInput) -> str:
    counts = result.quality.tables.values()
    total, aside = sum(one.rows_in for one in counts), sum(one.rows_set_aside for one in counts)
    if aside == 0:
        return f"All {say.count(total)} rows were used"
    return f"{say.count(total - aside)} of {say.count(total)} rows were used, {say.count(aside)} set aside"


def _lead(faults: tuple[Problem, ...]) -> str:
    if not faults:
        return "No fault was found in the data."
    if len(faults) == 1:
        return "One kind of fault was found. The table says what was done about it, and what you can do."
    kinds = f"{say.upper_first(say.word(len(faults)))} kinds of fault were found"
    return f"{kinds}. The table says what was done about each, and what you can do."
