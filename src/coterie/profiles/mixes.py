"""Who they are and where they burn: gender, city, branch, merchant and coupon, with the over-index of each value.

Shares of branches, merchants and coupons are shares of coupons, because the share of *customers* who used a branch
rises with how much they burn, for every branch at once, and would make each of them "over-indexed" among heavy
burners. Customers, not coupons, are the independent units of the interval and of the 30 that a lead must rest on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import TYPE_CHECKING

import ibis

from coterie.profiles.contract import Mix, MixRow
from coterie.profiles.intervals import RatioSums, over_index_low

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from coterie.engines import Engine
    from coterie.profiles.figures import Key
    from coterie.tables.contract import Tables

LEAD_ABOVE, LEAD_CUSTOMERS = 1.2, 30
"""An over-index leads only when its adjusted lower bound and the customers behind it reach these (definitions.md)."""
COMPARED, SHOWN = 50, 12
"""Most frequent values of a dimension that are compared, and those that are shown; the rest is "Other"."""
UNKNOWN, OTHER = "Unknown", "Other"

Sums = dict[str, "dict[Key, RatioSums]"]
"""Value -> segment (None: all customers) -> its sums."""


@dataclass(frozen=True)
class Dimension:
    """One dimension: its name, title and column, of which rows it speaks, and whether its values may lead to advice."""

    name: str
    label: str
    unit: str
    column: str
    of: str
    may_lead: bool = True


DIMENSIONS: tuple[Dimension, ...] = (
    Dimension("gender", "Gender", "customers", "gender", "customers", may_lead=False),
    Dimension("city", "City", "customers", "city", "customers"),
    Dimension("branch", "Branch", "burnt coupons", "branch_id", "burnt"),
    Dimension("merchant", "Merchant", "burnt coupons", "merchant_id", "burnt"),
    Dimension("coupon", "Coupon", "coupons", "coupon_name", "coupons"),
)


def mixes(tables: Tables, assigned: ir.Table) -> tuple[Mapping[Key, tuple[Mix, ...]], int]:
    """The mixes by segment (None: all customers), and how many comparisons the bounds are adjusted for (Bonferroni)."""
    found: list[tuple[Dimension, Sums | str]] = []
    for dimension in _dimensions(tables):
        note = _degenerate(tables, dimension)
        sums = note or _sums(tables, assigned, dimension)
        if sums:
            found.append((dimension, sums))
    segments = _segments(tables, assigned)
    comparisons = sum(_compared(dimension, sums) for dimension, sums in found if not isinstance(sums, str))
    z = NormalDist().inv_cdf(1 - 0.025 / max(comparisons, 1))
    result: dict[Key, list[Mix]] = {key: [] for key in (*segments, None)}
    for dimension, sums in found:
        mix = Mix(dimension.name, dimension.label, dimension.unit, ())
        for key, mixes_of in result.items():
            if isinstance(sums, str):
                mixes_of.append(replace(mix, note=sums))
            else:
                mixes_of.append(replace(mix, rows=tuple(_rows(dimension, sums, key, z, tables))))
    return {key: tuple(found_mixes) for key, found_mixes in result.items()}, comparisons


def _dimensions(tables: Tables) -> tuple[Dimension, ...]:
    """The dimensions as the data give them: where branches issue coupons, open ones tell of them as burnt ones do."""
    if tables.branch_reading != "issuing":
        return DIMENSIONS
    return tuple(replace(one, unit="coupons", of="coupons") if one.of == "burnt" else one for one in DIMENSIONS)


def _degenerate(tables: Tables, dimension: Dimension) -> str:
    return tables.degenerate.get(dimension.name) or tables.degenerate.get(dimension.column) or ""


def _segments(tables: Tables, assigned: ir.Table) -> list[int]:
    rows = tables.engine.collect(assigned.select("segment").distinct().order_by("segment")).to_pylist()
    return [int(row["segment"]) for row in rows]


def _sums(tables: Tables, assigned: ir.Table, dimension: Dimension) -> Sums | str:
    """Sums of the values compared; a sentence where there is nothing to compare; empty where the data lack it.

    Only the most frequent values leave the engine, however many there are.
    """
    used = _used(tables, assigned, dimension)
    if used is None:
        return {}
    engine = tables.engine
    values = used.group_by("value").aggregate(x=used.count())
    summary = engine.collect(values.aggregate(distinct=values.value.count(), rows=values.x.sum())).to_pylist()[0]
    if not summary["distinct"]:
        return {}
    if summary["distinct"] == 1:
        return f"{dimension.label}: all {dimension.unit} have one and the same, so there is nothing to compare."
    if dimension.of != "customers" and summary["distinct"] > summary["rows"] / 2:
        return (
            f"{dimension.label}: {summary['distinct']:,} different values among {int(summary['rows']):,} "
            f"{dimension.unit}, so there is nothing to compare."
        )
    top = values.order_by([ibis.desc("x"), "value"]).limit(COMPARED).select("value")
    whole = used.group_by("customer_id").aggregate(m=used.count())
    whole = whole.join(assigned.select("customer_id", "segment"), "customer_id")
    parts = used.semi_join(top, "value").group_by(["customer_id", "value"]).aggregate(x=lambda rows: rows.count())
    return _collected(engine, whole, parts.join(whole, "customer_id"))


def _used(tables: Tables, assigned: ir.Table, dimension: Dimension) -> ir.Table | None:
    """customer_id and value, one row per observation; None where the data have no such column."""
    if dimension.of == "customers":
        if dimension.column not in assigned.columns:
            return None
        value = ibis.coalesce(assigned[dimension.column].cast("string"), UNKNOWN)
        known = assigned[dimension.column].notnull().any()
        if not tables.engine.collect(assigned.aggregate(known=known)).to_pylist()[0]["known"]:
            return None
        return assigned.select("customer_id", value=value)
    coupons = tables.coupons
    coupons = coupons.filter(coupons[dimension.column].notnull())
    if dimension.of == "burnt":
        coupons = coupons.filter(coupons.status == "burnt")
    return coupons.select("customer_id", value=coupons[dimension.column])


def _collected(engine: Engine, whole: ir.Table, parts: ir.Table) -> Sums:
    """Sums per value and segment from m per customer (`whole`) and x per customer and value (`parts`)."""
    totals = whole.group_by("segment").aggregate(n=whole.count(), m=whole.m.sum(), mm=(whole.m * whole.m).sum())
    cells = parts.group_by(["segment", "value"]).aggregate(
        n=parts.count(), x=parts.x.sum(), xx=(parts.x * parts.x).sum(), xm=(parts.x * parts.m).sum()
    )
    by_segment = {row["segment"]: row for row in engine.collect(totals).to_pylist()}
    rows = {(row["segment"], str(row["value"])): row for row in engine.collect(cells).to_pylist()}
    sums: Sums = {}
    for value in sorted({value for _, value in rows}):
        cells_of: dict[Key, RatioSums] = {}
        for segment, total in by_segment.items():
            row = rows.get((segment, value), {"n": 0, "x": 0, "xx": 0, "xm": 0})
            cell = (total["n"], row["x"], total["m"], row["xx"], row["xm"], total["mm"], row["n"])
            cells_of[segment] = _Cell(*(float(number) for number in cell))
        sums[value] = {**cells_of, None: _added(cells_of.values())}
    return sums


@dataclass(frozen=True)
class _Cell(RatioSums):
    """Sums of one value in one segment; `users` are the customers with any of it."""

    users: float = 0.0


def _added(cells: Iterable[RatioSums]) -> _Cell:
    columns = zip(*((c.customers, c.x, c.m, c.xx, c.xm, c.mm, getattr(c, "users", 0.0)) for c in cells), strict=True)
    return _Cell(*(sum(column) for column in columns))


def _candidate(dimension: Dimension, value: str, everyone: RatioSums) -> bool:
    """Whether a value is compared at all; decided on all customers only, so that it favours no segment."""
    known = value.casefold() not in ("unknown", "other", "n/a", "none")
    return dimension.may_lead and known and _users(everyone) >= LEAD_CUSTOMERS and everyone.x < everyone.m


def _users(sums: RatioSums) -> float:
    return sums.users if isinstance(sums, _Cell) else 0.0


def _compared(dimension: Dimension, sums: Sums) -> int:
    return sum(
        sum(1 for key in cells if key is not None and key > 0)
        for value, cells in sums.items()
        if _candidate(dimension, value, cells[None])
    )


def _rows(dimension: Dimension, sums: Sums, key: Key, z: float, tables: Tables) -> Iterable[MixRow]:
    """Rows of one segment: the 12 most frequent values of all customers, any other that leads, then "Other"."""
    names = tables.names.get(dimension.name, {})
    ordered = sorted(sums, key=lambda value: (-sums[value][None].x, value))
    everyone_m = sums[ordered[0]][None].m
    own_m = sums[ordered[0]][key].m if key in sums[ordered[0]] else 0.0
    if not own_m:
        return
    shown_x = shown_total = 0.0
    for place, value in enumerate(ordered):
        own, everyone = sums[value][key], sums[value][None]
        compared = key is not None and key > 0 and _candidate(dimension, value, everyone)
        index = own.share / everyone.share if everyone.share else 0.0
        low = over_index_low(own, everyone, z) if key is not None else 1.0
        leads = compared and low > LEAD_ABOVE and _users(own) >= LEAD_CUSTOMERS
        if place >= SHOWN and not leads:
            continue
        shown_x, shown_total = shown_x + own.x, shown_total + everyone.x
        name = names.get(value, value)
        yield MixRow(
            name, round(own.x), round(everyone.x), own.share, everyone.share, index, low, leads, round(_users(own))
        )
    if shown_total < everyone_m:
        count, total = own_m - shown_x, everyone_m - shown_total
        share, share_all = count / own_m, total / everyone_m
        yield MixRow(OTHER, round(count), round(total), share, share_all, share / share_all, 0.0, leads=False)
