"""The commands that make, use or show a run."""

from __future__ import annotations

import datetime as dt
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coterie.api import Segmentation, load
from coterie.api import segment as run_segment
from coterie.cli.comparing import print_comparison
from coterie.cli.terminal import Stages, console, put_json, say, table
from coterie.errors import UsageError
from coterie.report import chart_files
from coterie.runs import MANIFEST, check_target, load_json, open_run, tidy
from coterie.views import money, plain, share

if TYPE_CHECKING:
    from collections.abc import Callable

    from coterie.profiles import Profiles, SegmentProfile
    from coterie.tables import Quality


GUESSES = ("ambiguous_dates", "event_log")
"""Rules whose guess decides the result; they are said at once, not only in the report."""
LARGE = 0.05
"""Share of all rows from which a fault is said at once."""


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


def segment_to(data: Path, output: Path, *, as_json: bool, report: bool = True, **settings: Any) -> None:
    """Segment some data into a run folder and print the summary."""
    start = time.perf_counter()
    check_target(output)
    tidy(output)
    with Stages(quiet=as_json) as stages:
        run = run_segment(data, progress=stages, **settings)
        stages("Write the run folder")
        folder = run.save(output, report=report)
    seconds = time.perf_counter() - start
    if as_json:
        put_json(summary(run, folder, seconds, report=report))
    else:
        print_summary(run, folder, seconds, report=report)


def assign_to(run: Path, data: Path, output: Path, *, as_of: dt.date | None, as_json: bool) -> None:
    """Place the customers of some data with the model of a run, into one file."""
    segmentation = load(run)
    day = as_of or segmentation.result.as_of
    with Stages(quiet=as_json) as stages:
        stages("Place every customer")
        counts = segmentation.assign_to(data, output, as_of=as_of)
    total = sum(counts.values())
    if as_json:
        names = {str(entry.segment): entry.name for entry in segmentation.profiles.segments}
        rows = [{"segment": int(key), "name": names.get(key, ""), "customers": n} for key, n in counts.items()]
        put_json({"file": output.resolve(), "customers": total, "as_of": day, "segments": rows})
    else:
        say(f"{total:,} customers placed as of {day:%-d %b %Y}.")
        print(output.resolve())


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


def summary(run: Segmentation, folder: Path, seconds: float, *, report: bool) -> dict[str, Any]:
    """The run in one JSON object."""
    actions = {action.segment: action for action in run.actions if action.primary}
    return {
        "run": folder,
        "report": folder / "report.html" if report else None,
        "label": run.result.label,
        "as_of": run.result.as_of,
        "customers": run.result.customers,
        "active": run.result.active,
        "k": run.result.model.k,
        "reason": run.choice.reason if run.choice else None,
        "verdict": run.verdict,
        "comparison": run.comparison,
        "preset": run.result.preset,
        "features": run.result.clustered,
        "segments": [
            {
                "segment": entry.segment,
                "name": entry.name,
                "customers": entry.customers,
                "share": entry.share,
                "action": actions[entry.segment].action if entry.segment in actions else None,
                "offer": actions[entry.segment].offer if entry.segment in actions else None,
            }
            for entry in run.profiles.segments
        ],
        "tables": run.quality.tables,
        "problems": len(faults(run.quality)),
        "notes": run.result.notes,
        "seconds": round(seconds, 3),
    }


def print_summary(run: Segmentation, folder: Path, seconds: float, *, report: bool) -> None:
    """The summary table on stderr and the path of the report (or run) on stdout."""
    actions = {action.segment: action for action in run.actions if action.primary}
    heads, cells = _what_they_do(run.profiles)
    rows = [
        (
            str(entry.segment),
            entry.name,
            f"{entry.customers:,}",
            share(entry.share),
            *cells(entry),
            grade(run, entry.segment),
            actions[entry.segment].short if entry.segment in actions else "",
        )
        for entry in run.profiles.segments
    ]
    columns = (
        ("", "right"),
        ("Segment", "left"),
        ("Customers", "right"),
        ("Share", "right"),
        *((head, "right") for head in heads),
        ("Evidence", "left"),
        ("Do first", "left"),
    )
    say("")
    bare = [
        place for place, (head, _) in enumerate(columns) if head == "Evidence" and not any(row[place] for row in rows)
    ]
    kept = [place for place in range(len(columns)) if place not in bare]
    table("", [columns[place] for place in kept], [[row[place] for place in kept] for row in rows], where=console())
    say("")
    say(_verdict(run.verdict.text))
    if run.choice is not None:
        say(run.choice.reason)
    for note in run.result.notes:
        say(note)
    for sentence in warnings(run.quality):
        say(sentence)
    if run.comparison is not None:
        print_comparison(run.comparison, run.result.compare_seconds)
    guarded = load_json(folder / MANIFEST)["guarded_cells"]
    if guarded:
        what = "1 cell begins" if guarded == 1 else f"{guarded:,} cells begin"
        say(
            f"In assignments.csv {what} like a formula and got an apostrophe in front, to be safe in a spreadsheet. "
            "assignments.parquet has them as they are."
        )
    say(f"Done in {seconds:.1f} s.")
    print(folder / "report.html" if report else folder)


def _what_they_do(profiles: Profiles) -> tuple[tuple[str, ...], Callable[[SegmentProfile], tuple[str, ...]]]:
    """Heads and cells of what customers hold and buy: coupons and burn rate, orders, AOV and share of sales, or both.

    With both, AOV is left to the report: names would be broken to make room for it.
    """
    nothing = share(None)

    def held(one: SegmentProfile) -> tuple[str, ...]:
        if not one.coupons:
            return nothing, nothing
        return plain(one.coupons / one.customers, 1), share(one.burnt / one.coupons)

    def bought(one: SegmentProfile) -> tuple[str, ...]:
        if not one.orders:
            return nothing, nothing, nothing
        each = plain(one.orders / one.customers, 1)
        return each, money(one.aov, profiles.currency, exact=True), share(one.share_of_sales)

    coupons, orders = ("Coupons\neach", "Burn\nrate"), ("Orders\neach", "Average\norder", "Of all\nsales")
    if not profiles.all.orders:
        return coupons, held
    if not profiles.all.coupons:
        return orders, bought
    return (*coupons, orders[0], orders[2]), lambda one: (*held(one), bought(one)[0], bought(one)[2])


def _verdict(text: str) -> str:
    """The verdict; where nothing was judged, with what was not."""
    return text.replace("Not judged:", "Whether the segments are real was not judged:", 1)


def grade(run: Segmentation, segment: int | None) -> str:
    """How real a segment is, in two words: "natural, lasting"."""
    own = next((one for one in run.verdict.segments if one.segment == segment), None)
    if own is None or own.kind is None:
        return ""
    return f"{own.kind}, lasting" if own.lasting else own.kind


def warnings(quality: Quality) -> list[str]:
    """What to know of the data before using the result: guesses that decide it, large losses, then how many more."""
    total = sum(count.rows_in for count in quality.tables.values())
    decisive = [
        problem
        for problem in quality.problems
        if problem.rule in GUESSES or (problem.severity == "fault" and problem.count > total * LARGE)
    ]
    said = [f"{problem.message} {problem.cure}".strip() for problem in decisive]
    found = faults(quality)
    if found:
        rows_out = sum(count.rows_set_aside for count in quality.tables.values())
        what = "1 problem" if len(found) == 1 else f"{len(found)} problems"
        rows = "no row was" if not rows_out else "1 row was" if rows_out == 1 else f"{rows_out:,} rows were"
        said.append(f"The data have {what}; {rows} set aside. The report and `coterie check` explain them.")
    return said


def faults(quality: Quality) -> list[Any]:
    """The problems that are faults of the data, not notes on how it was read."""
    return [problem for problem in quality.problems if problem.severity == "fault"]
