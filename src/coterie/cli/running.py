"""The commands that make, use or show a run."""

from __future__ import annotations

import datetime as dt
import re
import time
from pathlib import Path
from typing import Any

from coterie.api import load
from coterie.api import segment as run_segment
from coterie.cli.summing_up import print_summary, summary
from coterie.cli.terminal import Stages, put_json, say
from coterie.errors import UsageError
from coterie.report import chart_files
from coterie.runs import check_target, check_write_to, open_run, tidy


def parse_range(text: str) -> tuple[int, int]:
    """A range such as "2-10" as (2, 10); raises UsageError for anything else.

    Example:
        >>> parse_range("3-6")
        (3, 6)
    """
    found = re.fullmatch(r"\s*(\d+)\s*[-:.]+\s*(\d+)\s*", text)
    if not found:
        raise UsageError(f"--k-range {text!r} is not a range. Write it as two whole numbers, such as 2-10.")
    return int(found[1]), int(found[2])


def segment_to(
    data: str | Path,
    output: Path,
    *,
    as_json: bool,
    report: bool = True,
    write_to: str | None = None,
    **settings: Any,
) -> None:
    """Segment some data into a run folder and print the summary."""
    start = time.perf_counter()
    if write_to is not None:
        check_write_to(data, write_to)
    check_target(output)
    tidy(output)
    with Stages(quiet=as_json) as stages:
        run = run_segment(data, progress=stages, **settings)
        stages("Write the run folder")
        folder = run.save(output, report=report, write_to=write_to)
    seconds = time.perf_counter() - start
    if as_json:
        put_json(summary(run, folder, seconds, report=report))
    else:
        print_summary(run, folder, seconds, report=report)


def assign_to(
    run: Path,
    data: str,
    output: Path | None,
    *,
    as_of: dt.date | None,
    as_json: bool,
    write_to: str | None,
    **reading: Any,
) -> None:
    """Place the customers of some data with the model of a run, into one file or a table of their database."""
    segmentation = load(run)
    with Stages(quiet=as_json) as stages:
        stages("Place every customer")
        assigned = segmentation.assign_to(data, output, write_to=write_to, as_of=as_of, **reading)
    total = sum(assigned.customers.values())
    if as_json:
        names = {str(entry.segment): entry.name for entry in segmentation.profiles.segments}
        rows = [
            {"segment": int(key), "name": names.get(key, ""), "customers": n} for key, n in assigned.customers.items()
        ]
        found = {"customers": total, "as_of": assigned.as_of, "later": assigned.later, "segments": rows}
        put_json({"file": output.resolve() if output else None, "table": write_to, **found})
    else:
        say(f"{total:,} customers placed as of {assigned.as_of:%-d %b %Y}.")
        if assigned.later:
            rows_of = ", ".join(f"{rows:,} of {name}" for name, rows in assigned.later.items())
            say(f"Rows of later days were left out: {rows_of}. To count them, name the last day with --as-of.")
        print(output.resolve() if output else write_to)


def report_again(run: Path, charts: Path | None) -> None:
    """Write report.html of a run anew, and its charts as pictures if asked."""
    segmentation, folder = load(run), open_run(run)
    with Stages() as stages:
        stages("Write the report")
        page = folder / "report.html"
        draft = folder / ".report.html.tmp"
        draft.write_text(segmentation.report(), encoding="utf-8")
        draft.replace(page)
        if charts is not None:
            stages("Draw the charts")
            charts.mkdir(parents=True, exist_ok=True)
            chart_files(segmentation.result, charts)
    print(page)
