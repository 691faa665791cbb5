"""Customers on the border of their segment: how many, towards which neighbour, and how they differ from the rest."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import ibis

from coterie.profiles.contract import BORDER, Border, BorderFigure
from coterie.profiles.figures import pooled
from coterie.rounding import round9

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from coterie.engines import Engine

Row = Mapping[str, Any]


@dataclass
class _Side:
    """Sums over the customers on one side: on the border, or the rest of the segment."""

    customers: int = 0
    margin: float = 0.0
    sums: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    counts: dict[str, float] = field(default_factory=lambda: defaultdict(float))

    def add(self, row: Row, names: Sequence[str]) -> None:
        self.customers += int(row["customers"])
        self.margin += float(row["margin"])
        for index, name in enumerate(names):
            self.sums[name] += float(row[f"sum{index}"] or 0.0)
            self.counts[name] += float(row[f"count{index}"] or 0.0)

    def mean(self, name: str) -> float | None:
        return round9(self.sums[name] / self.counts[name]) if self.counts[name] else None


def borders(engine: Engine, assigned: ir.Table, names: Sequence[str]) -> Mapping[int, Border]:
    """The border of each segment found by clustering; empty where there are fewer than two, or no margins.

    Args:
        engine: Does the work, in one query.
        assigned: segment, margin and the features; second (int64, NULL where there is none) may be missing.
        names: Features to compare. Those that are a sum over a sum are pooled; the others are means where defined.
    """
    if "margin" not in assigned.columns:
        return {}
    found: dict[int, list[Row]] = defaultdict(list)
    for row in engine.collect(_counted(assigned, names)).to_pylist():
        found[int(row["segment"])].append(row)
    return {key: _border(rows, names) for key, rows in found.items()} if len(found) > 1 else {}


def _counted(assigned: ir.Table, names: Sequence[str]) -> ir.Table:
    """Sums by segment, side and, on the border, neighbour."""
    rows = assigned.filter(assigned.segment > 0, assigned.margin.notnull())
    near = rows.margin < BORDER
    second = rows.second if "second" in rows.columns else ibis.null("int64")
    values: dict[str, ir.Value] = {"customers": rows.count(), "margin": rows.margin.sum()}
    for index, name in enumerate(names):
        part, whole = _parts(rows, name)
        values |= {f"sum{index}": part, f"count{index}": whole}
    towards = ibis.ifelse(near, second, ibis.null("int64"))
    return rows.group_by(segment=rows.segment, near=near, towards=towards).aggregate(**values)


def _parts(rows: ir.Table, name: str) -> tuple[ir.Value, ir.Value]:
    """What a mean is made of: a sum, and the sum or count it is taken over."""
    if name in (ratios := pooled(rows)):
        part, whole = ratios[name]
        return part.cast("float64").sum(), whole.cast("float64").sum()
    column = rows[name].cast("float64")
    return column.sum(), column.count()


def _border(rows: Sequence[Row], names: Sequence[str]) -> Border:
    sides = {True: _Side(), False: _Side()}
    towards: dict[int, int] = defaultdict(int)
    # In a fixed order, so that sums come out the same every time.
    for row in sorted(rows, key=lambda row: (row["near"], row["towards"] or 0)):
        sides[row["near"]].add(row, names)
        if row["towards"] is not None:
            towards[int(row["towards"])] += int(row["customers"])
    near, rest = sides[True], sides[False]
    everyone = near.customers + rest.customers
    neighbour = min(towards, key=lambda one: (-towards[one], one), default=None)
    return Border(
        customers=near.customers,
        share=near.customers / everyone,
        margin=round9((near.margin + rest.margin) / everyone),
        neighbour=neighbour,
        towards=towards[neighbour] if neighbour is not None else 0,
        features={name: BorderFigure(near.mean(name), rest.mean(name)) for name in names},
    )
