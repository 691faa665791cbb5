"""Nothing is lost silently: the books of every table must balance; and the findings as plain data."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from coterie.tables.contract import Quality


def reconcile(quality: Quality) -> None:
    """Assert that rows in = rows used + rows set aside, and that the reasons add up, for every table.

    Raises:
        AssertionError: They do not. That is a bug of ours, never a fault of the data.
    """
    for name, count in quality.tables.items():
        books = (
            f"{name}: {count.rows_in} in, {count.rows_used} used, {count.rows_set_aside} aside, {dict(count.reasons)}"
        )
        if count.rows_in != count.rows_used + count.rows_set_aside:
            raise AssertionError(f"rows were lost or invented: {books}")
        if count.rows_set_aside != sum(count.reasons.values()):
            raise AssertionError(f"rows were set aside without one reason each: {books}")


def to_json(quality: Quality) -> dict[str, Any]:
    """The shape of `quality.json`: tables with their rows, problems with rule, table, count and the rest."""
    return {
        "tables": {name: asdict(count) for name, count in quality.tables.items()},
        "problems": [{**asdict(problem), "examples": list(problem.examples)} for problem in quality.problems],
    }
