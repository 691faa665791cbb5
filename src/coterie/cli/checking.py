"""What `coterie check` prints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coterie.cli.terminal import say, table

if TYPE_CHECKING:
    from coterie.tables import Problem, Tables


def print_quality(tables: Tables) -> None:
    """Rows per table, then every problem with its effect and cure, faults first."""
    quality = tables.quality
    counts = [
        (name, f"{count.rows_in:,}", f"{count.rows_used:,}", f"{count.rows_set_aside:,}")
        for name, count in quality.tables.items()
    ]
    heads = (("Table", "left"), ("Rows", "right"), ("Used", "right"), ("Set aside", "right"))
    table(f"{tables.label}, as of {tables.as_of:%-d %b %Y}", heads, counts)
    faults = [problem for problem in quality.problems if problem.severity == "fault"]
    notes = [problem for problem in quality.problems if problem.severity != "fault"]
    print()
    print(f"{len(faults):,} {'problem' if len(faults) == 1 else 'problems'}" if faults else "No problems.")
    for problem in faults:
        _print(problem)
    if notes:
        print()
        print("How the data were read")
        for problem in notes:
            _print(problem)
    if any(tables.quality.tables[name].rows_set_aside for name in quality.tables):
        say("`coterie segment` keeps the rows set aside, with the reason of each, in rejects/ of its run folder.")


def _print(problem: Problem) -> None:
    print()
    print(f"  {problem.message}")
    for example in problem.examples:
        print(f"    {example}")
    print(f"    Effect: {problem.effect}")
    if problem.cure:
        print(f"    To do: {problem.cure}")
