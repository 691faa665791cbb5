"""Measure how often the evidence is wrong on customers whose truth is known; write the table of docs/calibration.md.

    python benchmarks/calibrate.py --processes 2
    python benchmarks/calibrate.py --draws 20 --families gaussian churners   # a look; writes no table
    python benchmarks/calibrate.py --table                                   # only the table, from what is finished

Finished draws stand in benchmarks/.calibration/ and are not made again, unless the code they come from has changed.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from families import FAMILIES, Drawn, Family
from families.code import fingerprints
from families.measure import measure, named
from families.tally import Row, counted, makings, table

HERE = Path(__file__).resolve().parent
STORE = HERE / ".calibration" / "draws.jsonl"
COUNTS = HERE / "calibration.json"
PAGE = HERE.parent / "docs" / "calibration.md"
BEGIN, END = "<!-- measured -->\n", "<!-- end of measured -->"

Task = tuple[str, int, int]
"""Family, customers, number of the draw."""


def tasks_of(families: Iterable[Family], draws: int | None) -> list[Task]:
    """All draws, the first of every family first, so that an interrupted run has seen every family."""
    tasks = []
    for family in families:
        full = family.draws[0][1]
        for customers, number in family.draws:
            wanted = number if draws is None else min(number, -(-number * draws // full))
            tasks += [(draw / number, family.name, customers, draw) for draw in range(wanted)]
    return [task[1:] for task in sorted(tasks)]


def finished(store: Path, prints: Mapping[str, str]) -> dict[Task, Drawn]:
    """Draws made by the code as it is now; a line cut off by an interruption counts as not there."""
    found: dict[Task, Drawn] = {}
    for line in store.read_text(encoding="utf-8").splitlines() if store.exists() else ():
        try:
            drawn = json.loads(line)
        except json.JSONDecodeError:
            continue
        if prints.get(drawn["family"]) == drawn["code"]:
            found[drawn["family"], drawn["customers"], drawn["draw"]] = drawn
    return found


def run(tasks: list[Task], store: Path, prints: Mapping[str, str], processes: int) -> None:
    """Make these draws and add each to the store when it is finished."""
    store.parent.mkdir(parents=True, exist_ok=True)
    begun = time.monotonic()
    cut_off = store.exists() and store.read_bytes()[-1:] not in (b"", b"\n")
    with store.open("a", encoding="utf-8") as out:
        out.write("\n" * cut_off)
        for number, drawn in enumerate(_made(tasks, processes), start=1):
            out.write(json.dumps({"code": prints[drawn["family"]], **drawn}) + "\n")
            out.flush()
            if number % 50 == 0 or number == len(tasks):
                spent = time.monotonic() - begun
                left = spent / number * (len(tasks) - number)
                print(
                    f"{number:,} of {len(tasks):,} draws, {spent / 60:.1f} min, {left / 60:.1f} left", file=sys.stderr
                )


def write(found: Mapping[Task, Drawn], prints: Mapping[str, str]) -> None:
    """Write the counts, and the table into its place on the page."""
    rows = [row for family in FAMILIES for row in counted(family, found.values())]
    content = {"code": dict(sorted(prints.items())), "seed": "crc32 of 'family customers draw'", "rows": rows}
    COUNTS.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    page = PAGE.read_text(encoding="utf-8") if PAGE.exists() else f"# Calibration\n\n{BEGIN}{END}\n"
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{BEGIN}{measured(rows)}{END}{after}", encoding="utf-8")


def measured(rows: Sequence[Row]) -> str:
    """The part of the page that is written here."""
    return f"\n{table(FAMILIES, rows)}\n\n{makings(FAMILIES)}\n\n"


def main() -> None:
    """Make the draws that are missing, then the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--draws", type=int, help="of 1,000 customers per family, others in proportion")
    parser.add_argument("--families", nargs="+", choices=[family.name for family in FAMILIES], metavar="NAME")
    parser.add_argument("--table", action="store_true", help="make no draws")
    options = parser.parse_args()
    families = [named(name) for name in options.families] if options.families else list(FAMILIES)
    prints = fingerprints(FAMILIES)
    tasks = tasks_of(families, options.draws)
    found = finished(STORE, prints)
    missing = [] if options.table else [task for task in tasks if task not in found]
    if missing:
        print(f"{len(missing):,} draws to make, {len(tasks) - len(missing):,} there", file=sys.stderr)
        run(missing, STORE, prints, options.processes)
        found = finished(STORE, prints)
    if options.table or (options.draws is None and options.families is None):
        write(found, prints)
    else:
        wanted = [drawn for task, drawn in found.items() if task in set(tasks)]
        print(table(families, [row for family in families for row in counted(family, wanted)]))


def _made(tasks: list[Task], processes: int) -> Iterator[Drawn]:
    """The draws, in the order in which they are finished."""
    if processes == 1:
        yield from map(_make, tasks)
        return
    # Forked: all processes run the code as it was at the start, whatever is edited meanwhile.
    with multiprocessing.get_context("fork").Pool(processes) as pool:
        yield from pool.imap_unordered(_make, tasks)


def _make(task: Task) -> Drawn:
    family, customers, draw = task
    return measure(named(family), customers, draw)


if __name__ == "__main__":
    main()
