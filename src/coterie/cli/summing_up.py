"""What `coterie segment` says at its end: one JSON object, or a table and a few sentences."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from coterie.cli.comparing import print_comparison
from coterie.cli.terminal import console, say, table
from coterie.runs import MANIFEST, load_json
from coterie.views import money, plain, share

if TYPE_CHECKING:
    from collections.abc import Callable

    from coterie.finished import Segmentation
    from coterie.profiles import Profiles, SegmentProfile
    from coterie.tables import Quality

GUESSES = ("ambiguous_dates", "ambiguous_decimal", "event_log", "late_days", "far_as_of")
"""Rules whose finding decides the result; they are said at once, not only in the report."""
IF_MANY = ("distant_lines", "identical_lines", "repeated_totals")
MANY = 0.01
"""Share of all orders or sales from which the rules `IF_MANY` are said at once."""
LARGE = 0.05
"""Share of all rows from which a fault is said at once."""


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
        "currency": run.profiles.currency,
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
                **_figures(run, entry),
            }
            for entry in run.profiles.segments
        ],
        "tables": run.quality.tables,
        "problems": len(faults(run.quality)),
        "notes": run.result.notes,
        "seconds": round(seconds, 3),
    }


def _figures(run: Segmentation, one: SegmentProfile) -> dict[str, Any]:
    """What its customers hold and buy: coupons where the data have some, orders where they have some."""
    found: dict[str, Any] = {}
    if run.profiles.all.coupons:
        found |= {
            "coupons": one.coupons,
            "burnt": one.burnt,
            "burn_rate": one.burn_rate,
        }
    if run.profiles.all.orders:
        found |= {"orders": one.orders, "sales": one.sales, "aov": one.aov, "sales_share": one.sales_share}
    return found


def print_summary(run: Segmentation, folder: Path, seconds: float, *, report: bool) -> None:
    """The summary table on stderr and the path of the report (or run) on stdout."""
    say("")
    columns, rows = _table(run)
    table("", columns, rows, where=console())
    say("")
    for sentence in _sentences(run):
        say(sentence)
    if run.comparison is not None:
        print_comparison(run.comparison, run.result.compare_seconds)
    for sentence in _guarded(folder):
        say(sentence)
    say(f"Done in {seconds:.1f} s.")
    print(folder / "report.html" if report else folder)


def _table(run: Segmentation) -> tuple[list[tuple[str, str]], list[list[str]]]:
    """The segments side by side; how real each is only where that was judged."""
    heads, cells = _what_they_do(run.profiles)
    actions: dict[int | None, str] = {action.segment: action.short for action in run.actions if action.primary}
    grades = {entry.segment: grade(run, entry.segment) for entry in run.profiles.segments}
    judged = any(grades.values())
    columns = [("", "right"), ("Segment", "left"), ("Customers", "right"), ("Share", "right")]
    columns += [(head, "right") for head in heads]
    columns += [("Evidence", "left"), ("Do first", "left")] if judged else [("Do first", "left")]
    rows = []
    for entry in run.profiles.segments:
        row = [str(entry.segment), entry.name, f"{entry.customers:,}", share(entry.share), *cells(entry)]
        evidence = [grades[entry.segment]] if judged else []
        rows.append([*row, *evidence, actions.get(entry.segment, "")])
    return columns, rows


def _sentences(run: Segmentation) -> list[str]:
    """How real it is, why so many segments, what was noted on the way, and what to know of the data."""
    reason = [] if run.choice is None else [run.choice.reason]
    return [_verdict(run.verdict.text), *reason, *run.result.notes, *warnings(run.quality)]


def _guarded(folder: Path) -> list[str]:
    """What to know of cells that a spreadsheet would have taken for formulas."""
    guarded = load_json(folder / MANIFEST)["guarded_cells"]
    what = "1 cell begins" if guarded == 1 else f"{guarded:,} cells begin"
    sentence = (
        f"In assignments.csv {what} like a formula and got an apostrophe in front, to be safe in a spreadsheet. "
        "assignments.parquet has them as they are."
    )
    return [sentence] if guarded else []


def _what_they_do(profiles: Profiles) -> tuple[tuple[str, ...], Callable[[SegmentProfile], tuple[str, ...]]]:
    """Heads and cells of what customers hold and buy: coupons and burn rate, orders, AOV and share of sales, or both.

    With both, AOV is left to the report: names would be broken to make room for it.
    """
    nothing = share(None)

    def held(one: SegmentProfile) -> tuple[str, ...]:
        if not one.coupons:
            return nothing, nothing
        return plain(one.coupons_each, 1), share(one.burn_rate)

    def bought(one: SegmentProfile) -> tuple[str, ...]:
        if not one.orders:
            return nothing, nothing, nothing
        each = plain(one.orders_each, 1)
        return each, money(one.aov, profiles.currency, exact=True), share(one.sales_share)

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
        if problem.rule in GUESSES
        or (problem.rule in IF_MANY and (problem.share or 0) > MANY)
        or (problem.severity == "fault" and problem.count > total * LARGE)
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
