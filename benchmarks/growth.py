"""What `main_job.py` measured as tables: ratios, memory, seconds per stage, and how each grows with the shop."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PAGE = Path(__file__).resolve().parent.parent / "docs" / "benchmark.md"
PART = re.compile(r"(<!-- measured: (?P<name>[a-z-]+) -->\n).*?(<!-- end -->)", re.DOTALL)
START = "Start, read the settings, save"
ALSO_PLAIN = (
    "Describe every customer",
    "Put features on one scale",
    "Look for features that say the same",
    "Find the segments",
    "Place every customer",
)
"""What the plain way does too, besides starting, reading and saving; it checks nothing and profiles nobody."""
AIMS: Sequence[tuple[str, int, str, float]] = (
    ("csv", 100_000, "plain", 10.0),
    ("csv", 1_000_000, "plain", 12.0),
    ("coupons", 5_000_000, "plain", 15.0),
    ("coupons", 1_000_000, "floor", 3.0),
    ("coupons", 5_000_000, "floor", 1.3),
    ("coupons", 10_000_000, "floor", 1.2),
)
"""Part, customers, the way compared with, and how often its time should go into ours, or ours into the floor's."""


@dataclass(frozen=True)
class Measured:
    """One command: seconds of wall time, peak memory in GB, and of ours the seconds of each stage."""

    part: str
    customers: int
    way: str
    seconds: float
    memory: float
    stages: Mapping[str, float]


def beside(rows: Sequence[Measured], stored: Path) -> list[Measured]:
    """The rows, and those stored before of shops that were not measured now; small shops first.

    A shop's rows are of one run together, so that their ratios are.
    """
    kept = [Measured(**row) for row in json.loads(stored.read_text(encoding="utf-8"))]
    now = {(row.part, row.customers) for row in rows}
    both = [row for row in kept if (row.part, row.customers) not in now] + list(rows)
    parts = list(dict.fromkeys(row.part for row in kept))
    return sorted(both, key=lambda row: (parts.index(row.part) if row.part in parts else len(parts), row.customers))


def page_with(page: str, written: Mapping[str, str]) -> str:
    """The page with these of its measured parts written anew."""

    def anew(part: re.Match[str]) -> str:
        return f"{part[1]}\n{written[part['name']]}\n\n{part[3]}" if part["name"] in written else part[0]

    return PART.sub(anew, page)


def tables(rows: Sequence[Measured]) -> dict[str, str]:
    """The tables by the name of their place on the page."""
    found = {part: ways([row for row in rows if row.part == part]) for part in dict.fromkeys(row.part for row in rows)}
    ours = [row for row in rows if row.part == "coupons" and row.way == "coterie"]
    return {**found, "stages": stages(ours), "aims": aims(rows)} if ours else found


def ways(rows: Sequence[Measured]) -> str:
    """One line a command; the ratios are to ours of the same shop."""
    ours = {row.customers: row for row in rows if row.way == "coterie"}
    whole = {row.customers: row for row in rows if row.way == "coterie whole"} or ours
    lines = ["| customers | way | seconds | peak memory | against ours |", "|---:|---|---:|---:|---:|"]
    for row in rows:
        beside = whole if row.way == "plain" else ours
        ratio = "" if row.way.startswith("coterie") else f"{row.seconds / beside[row.customers].seconds:.2f}"
        lines.append(f"| {row.customers:,} | {row.way} | {row.seconds:.1f} | {row.memory:.2f} GB | {ratio} |")
    return "\n".join(lines)


def aims(rows: Sequence[Measured]) -> str:
    """What was aimed at beside what was measured: of the whole job, and of its part that the plain way does too."""
    found = {(row.part, row.customers, row.way): row for row in rows}
    lines = ["| | aimed at | whole job | describing, finding, placing, saving |", "|---|---:|---:|---:|"]
    for part, customers, way, aim in AIMS:
        ours, other = found.get((part, customers, "coterie")), found.get((part, customers, way))
        if ours is None or other is None:
            continue
        kind = "from CSV" if part == "csv" else "from Parquet"
        both = (ours.seconds, _shared(ours)) if (part, way) == ("coupons", "plain") else (ours.seconds,)
        if way == "plain":
            what, ratios, sign = "times faster than the plain way", [other.seconds / one for one in both], "at least"
        else:
            what, ratios, sign = "times the floor", [one / other.seconds for one in both], "at most"
        shown = [f"{ratio:.1f}" for ratio in ratios] + [""] * (2 - len(ratios))
        cells = [f"{customers:,} customers {kind}, {what}", f"{sign} {aim:g}", *shown]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _shared(row: Measured) -> float:
    """Seconds of what the plain way does too."""
    return sum(row.stages.get(name, 0.0) for name in ALSO_PLAIN) + _start(row)


def _start(row: Measured) -> float:
    return row.seconds - sum(row.stages.values())


def stages(rows: Sequence[Measured]) -> str:
    """Seconds of each stage by size, and the exponent b of seconds ~ customers^b from a million to the largest shop."""
    names = [*rows[0].stages, START]
    heads = ["stage", *(f"{row.customers:,}" for row in rows), *(["exponent"] if len(rows) > 1 else [])]
    lines = ["| " + " | ".join(heads) + " |", "|---|" + "---:|" * (len(heads) - 1)]
    for name in names:
        spent = [row.stages.get(name, _start(row)) for row in rows]
        if max(spent) >= 0.05:
            lines.append(_line(name, rows, spent))
    whole = [row.seconds for row in rows]
    return "\n".join((*lines, _line("**all**", rows, whole)))


def _line(name: str, rows: Sequence[Measured], spent: Sequence[float]) -> str:
    cells = [name, *(f"{one:.1f}" for one in spent), *_exponent(rows, spent)]
    return "| " + " | ".join(cells) + " |"


def _exponent(rows: Sequence[Measured], spent: Sequence[float]) -> tuple[str, ...]:
    if len(rows) < 2:
        return ()
    first = next((at for at, row in enumerate(rows[:-1]) if row.customers >= 1_000_000), 0)
    more = math.log(rows[-1].customers / rows[first].customers)
    seconds = spent[-1], spent[first]
    return (f"{math.log(seconds[0] / seconds[1]) / more:.2f}" if min(seconds) >= 0.05 else "",)
