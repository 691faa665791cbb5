"""The sums of each value in each segment, from counts of all events and squares of the customers looked at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from coterie.profiles.intervals import RatioSums
from coterie.profiles.looked_at import Stratum

if TYPE_CHECKING:
    from coterie.profiles.figures import Key


@dataclass(frozen=True)
class Cell(RatioSums):
    """Sums of one value in one segment; `users` are the customers with any of it, estimated where not all are seen."""

    users: float = 0.0
    estimated: bool = False


Sums = dict[str, "dict[Key, Cell]"]
"""Value -> segment (None: all customers) -> its sums."""
Squares = Mapping[tuple[int, str | None], Mapping[str, float]]
"""Segment and value (None: any) -> n, xx, xm, mm, users and seen."""


def weighted(rows: Iterable[Mapping[str, Any]], weights: Mapping[Stratum, float]) -> Squares:
    """The sums of the strata, each times how many its customers stand for; `users` are `seen` times that."""
    found: dict[tuple[int, str | None], dict[str, float]] = {}
    for row in sorted(rows, key=lambda row: (row["segment"], row["heavy"])):
        weight = weights[int(row["segment"]), bool(row["heavy"])]
        key = (int(row["segment"]), row["value"])
        sums = found.setdefault(key, {})
        for name in ("n", "mm", "xx", "xm"):
            sums[name] = sums.get(name, 0.0) + weight * float(row[name])
        seen = float(row["seen"])
        sums["seen"], sums["users"] = sums.get("seen", 0.0) + seen, sums.get("users", 0.0) + weight * seen
    return found


def with_squares(
    x: Mapping[tuple[int, str], float], m: Mapping[int, float], squares: Squares, *, estimated: bool
) -> Sums:
    """Sums of counts `x` by segment and value and `m` by segment, both exact, with squares from those looked at."""
    nothing = dict.fromkeys(("n", "mm", "xx", "xm", "users", "seen"), 0.0)
    sums: Sums = {}
    for value in sorted({value for _, value in x}):
        cells: dict[Key, Cell] = {}
        for segment, whole in m.items():
            own, total = squares.get((segment, value), nothing), squares.get((segment, None), nothing)
            part = x.get((segment, value), 0.0)
            seen = {"seen": own["seen"]} if estimated else {}
            # Nobody can be behind more coupons than there are.
            users = min(own["users"], part)
            ratio = (total["n"], part, whole, own["xx"], own["xm"], total["mm"])
            cells[segment] = Cell(*ratio, users=users, estimated=estimated, **seen)
        sums[value] = {**cells, None: _added(cells.values())}
    return sums


def ones(x: Mapping[tuple[int, str], float], m: Mapping[int, float]) -> Sums:
    """Sums where every customer counts once: squares are the counts themselves."""
    sums: Sums = {}
    for value in sorted({value for _, value in x}):
        parts = {segment: x.get((segment, value), 0.0) for segment in m}
        cells: dict[Key, Cell] = {
            segment: Cell(m[segment], part, m[segment], part, part, m[segment], users=part)
            for segment, part in parts.items()
        }
        sums[value] = {**cells, None: _added(cells.values())}
    return sums


def _added(cells: Iterable[Cell]) -> Cell:
    found = list(cells)
    names = ("customers", "x", "m", "xx", "xm", "mm", "seen", "users")
    return Cell(
        **{name: sum(getattr(cell, name) for cell in found) for name in names},
        estimated=any(cell.estimated for cell in found),
    )
