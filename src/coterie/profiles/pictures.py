"""Counts behind the pictures: coupons and orders per customer, frequency, months, typical customers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import ibis
import numpy as np

from coterie.profiles.contract import Bin, DensityCell
from coterie.profiles.people import has_coupons, has_orders

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from coterie.engines import Engine
    from coterie.profiles.figures import Key

UNIT_BINS = 20
"""Up to so many coupons or orders per customer every number has its own bar."""
FEW_BEYOND = 0.95
"""Where this share of customers has no more than that, one last bar takes the others."""
ACROSS, UP = 12, 10
"""Cells of the frequency picture: over the number of coupons, over the burn rate."""
TYPICAL = 3


def histograms(engine: Engine, assigned: ir.Table, counted: str) -> Mapping[Key, tuple[Bin, ...]]:
    """Customers by number of coupons or orders, by segment (None: all customers), on the same bars throughout.

    A bar for none at all stands only where there are such customers. Empty where `counted` is no column.
    """
    if counted not in assigned.columns:
        return {}
    count = assigned[counted].fill_null(0).cast("int64")
    ends = assigned.aggregate(most=count.max(), usual=count.quantile(FEW_BEYOND), far=count.quantile(0.99))
    most, usual, far = (float(value or 0) for value in engine.collect(ends).to_pylist()[0].values())
    edges = _histogram_edges(int(most), usual, far)
    customers: dict[Key, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for segment, place, number in _counted(engine, assigned.select("segment", place=_place(count, edges))):
        customers[segment][place] += number
        customers[None][place] += number
    return {key: _bins(edges, int(most), counts) for key, counts in customers.items()}


def density(engine: Engine, assigned: ir.Table) -> tuple[DensityCell, ...]:
    """Customers with coupons by number of coupons and burn rate, in cells by segment; the topmost includes 100 %."""
    if not has_coupons(assigned):
        return ()
    rows = assigned.filter(assigned.transaction_count > 0)
    count = rows.transaction_count.cast("int64")
    most = engine.collect(rows.aggregate(most=count.max())).to_pylist()[0]["most"]
    if most is None:
        return ()
    edges = _count_edges(int(most))
    up = ibis.least((rows.burn_rate * UP + 1e-9).floor().cast("int64"), UP - 1)
    placed = rows.select("segment", place=_place(count, edges[:-1]) * UP + up)
    cells = []
    for segment, place, number in sorted(_counted(engine, placed)):
        x, y = divmod(place, UP)
        cells.append(DensityCell(segment, float(edges[x]), float(edges[x + 1]), y / UP, (y + 1) / UP, number))
    return tuple(cells)


def orders_density(engine: Engine, assigned: ir.Table) -> tuple[DensityCell, ...]:
    """Buyers by number of orders and AOV, in cells by segment.

    AOV is parted at round amounts, evenly on a scale of ratios between the 1 % and the 99 % point; the first cell
    begins at 0, the last ends at the greatest.
    """
    if not has_orders(assigned):
        return ()
    rows = assigned.filter(assigned.order_count > 0)
    count = rows.order_count.cast("int64")
    found = engine.collect(
        rows.aggregate(most=count.max(), top=rows.aov.max(), low=rows.aov.quantile(0.01), high=rows.aov.quantile(0.99))
    ).to_pylist()[0]
    if found["most"] is None:
        return ()
    across = _count_edges(int(found["most"]))
    up = _amount_edges(found["low"], found["high"], found["top"])
    cells = len(up) - 1
    placed = rows.select("segment", place=_place(count, across[:-1]) * cells + _place(rows.aov, up[:-1]))
    drawn = []
    for segment, place, number in sorted(_counted(engine, placed)):
        x, y = divmod(place, cells)
        drawn.append(DensityCell(segment, float(across[x]), float(across[x + 1]), up[y], up[y + 1], number))
    return tuple(drawn)


def monthly(engine: Engine, by_day: ir.Table) -> tuple[tuple[int, int, int, int], ...]:
    """Coupons by month of claim: (year, month, coupons, burnt so far), from what `coupons_by_day` gives."""
    burnt = ibis.ifelse(by_day.status == "burnt", by_day.coupons, 0)
    rows = (
        by_day.group_by(year=by_day.claimed_on.year(), month=by_day.claimed_on.month())
        .aggregate(coupons=by_day.coupons.sum(), burnt=burnt.sum())
        .order_by(["year", "month"])
    )
    return tuple(
        (int(row["year"]), int(row["month"]), int(row["coupons"]), int(row["burnt"]))
        for row in engine.collect(rows).to_pylist()
    )


def typical(
    engine: Engine, assigned: ir.Table, names: Sequence[str], segments: Sequence[int]
) -> Mapping[int, tuple[Mapping[str, float | str | None], ...]]:
    """The three customers nearest to each segment's centre, by distance and then customer_id; none for segment 0."""
    rows = assigned.filter(assigned.distance.notnull())
    chosen = [segment for segment in segments if segment != 0]
    if not chosen:
        return {}
    # Three of each by a partial sort; a window over all customers would sort every one of them.
    nearest = ibis.union(
        *(
            rows.filter(rows.segment == segment).order_by(["distance", "customer_id"]).limit(TYPICAL).select("row")
            for segment in chosen
        )
    )
    shown = assigned.semi_join(nearest, "row").select("segment", "customer_id", "distance", *names)
    found: dict[int, list[Mapping[str, float | str | None]]] = defaultdict(list)
    for row in engine.collect(shown.order_by(["segment", "distance", "customer_id"])).to_pylist():
        values = {name: None if row[name] is None else float(row[name]) for name in names}
        found[int(row["segment"])].append({"customer_id": str(row["customer_id"]), **values})
    return {segment: tuple(customers) for segment, customers in found.items()}


def _count_edges(most: int) -> list[int]:
    """Cells over a number of coupons or orders: each by itself where there are few, else wider by ratios."""
    if most <= ACROSS:
        return list(range(1, most + 2))
    return sorted({round(edge) for edge in np.geomspace(1, most + 1, ACROSS + 1)})


def _amount_edges(low: float, high: float, top: float) -> list[float]:
    """0, amounts of two digits evenly by ratios between low and high, and the greatest."""
    if high <= 0 or high <= low:
        return [0.0, float(top)]
    inner = np.geomspace(max(low, high / 1000), high, UP - 1)
    edges = {float(f"{edge:.1e}") for edge in inner.tolist()}
    return [0.0, *sorted(edge for edge in edges if 0 < edge < top), float(top)]


def _histogram_edges(most: int, usual: float, far: float) -> list[int]:
    """Lower ends of the bars from 0 on: one bar a number where nearly all have few, else wider ones.

    One last bar takes the rest beyond the 99 % point.
    """
    if most <= UNIT_BINS:
        return list(range(most + 1))
    if usual <= UNIT_BINS:
        return list(range(min(UNIT_BINS, int(far) + 1) + 1))
    width = int(np.ceil(max(far, 1) / (UNIT_BINS - 4)))
    return [0, *range(1, int(far) + width + 1, width)]


def _bins(edges: Sequence[int], most: int, counts: Mapping[int, int]) -> tuple[Bin, ...]:
    total = sum(counts.values())
    ends = [edge - 1 for edge in edges[1:]] + [max(most, edges[-1])]
    return tuple(
        Bin(float(low), float(high), counts.get(place, 0), counts.get(place, 0) / total if total else 0.0)
        for place, (low, high) in enumerate(zip(edges, ends, strict=True))
        if low > 0 or counts.get(place, 0)
    )


def _place(value: ir.Value, edges: Sequence[float]) -> ir.IntegerValue:
    """Index of the last edge that is not above the value; the edges ascend and the first is never above it."""
    place = ibis.literal(0, type="int64")
    for edge in edges[1:]:
        place = place + (value >= edge).cast("int64")
    return place


def _counted(engine: Engine, placed: ir.Table) -> list[tuple[int, int, int]]:
    rows = engine.collect(placed.group_by(["segment", "place"]).aggregate(customers=placed.count()))
    return [(int(row["segment"]), int(row["place"]), int(row["customers"])) for row in rows.to_pylist()]
