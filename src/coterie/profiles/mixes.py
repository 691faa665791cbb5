"""Who they are, where they burn and what they buy: the mix by each dimension, with the over-index of each value.

Shares of branches, merchants and coupons are shares of coupons, because the share of *customers* who used a branch
rises with how much they burn, for every branch at once, and would make each of them "over-indexed" among heavy
burners. Customers, not coupons, are the independent units of the interval and of the 30 that a lead must rest on.

In the same way categories are counted in order lines, because the share of customers, or of orders, with a category
rises with the size of the baskets, for every category at once. Branches of orders are counted in orders.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from statistics import NormalDist
from typing import TYPE_CHECKING

from coterie.profiles.association import cramers_v
from coterie.profiles.cells import Cell, Sums
from coterie.profiles.contract import Mix, MixRow
from coterie.profiles.counts import PLACES, Counter, Dimension
from coterie.profiles.intervals import over_index_low
from coterie.profiles.looked_at import LOOKED_AT
from coterie.profiles.people import has_coupons, has_orders

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from coterie.profiles.figures import Key
    from coterie.tables.contract import Tables

LEAD_ABOVE, LEAD_CUSTOMERS = 1.2, 30
"""An over-index leads only when its adjusted lower bound and the customers behind it reach these (definitions.md)."""
SHOWN = 12
"""Most frequent values of a dimension that are shown; the rest is "Other"."""
OTHER = "Other"

DIMENSIONS: tuple[Dimension, ...] = (
    Dimension("gender", "Gender", "customers", "gender", "customers", may_lead=False),
    Dimension("city", "City", "customers", "city", "customers"),
    Dimension("branch", "Branch", "burnt coupons", "branch_id", "burnt"),
    Dimension("merchant", "Merchant", "burnt coupons", "merchant_id", "burnt"),
    Dimension("coupon", "Coupon", "coupons", "coupon_name", "coupons"),
)

ORDER_DIMENSIONS: tuple[Dimension, ...] = (
    Dimension("category", "Category", "order lines", "category", "lines"),
    Dimension("branch", "Branch", "orders", "branch_id", "orders"),
    Dimension("merchant", "Merchant", "orders", "merchant_id", "orders"),
)

FEW_VALUES = 50
"""Up to so many values of an attribute are compared."""
COUNTRIES = ("country", "region", "state", "province", "county", "district")
"""Attributes that tell where somebody lives may lead, as the city may; others, which may be a gender, may not."""

BUILT_FROM: Mapping[str, tuple[str, ...]] = {
    "city": ("city",),
    "city_code": ("city",),
    "favourite_branch": ("branch", "merchant"),
    "favourite_merchant": ("branch", "merchant"),
    "favourite_category": ("category",),
}
"""Clustered feature -> dimensions in which segments then differ by construction, so that no value of them may lead."""


def mixes(
    tables: Tables, assigned: ir.Table, *, clustered: Sequence[str] = (), looked_at: int = LOOKED_AT
) -> tuple[Mapping[Key, tuple[Mix, ...]], int]:
    """The mixes by segment (None: all customers), and how many comparisons the bounds are adjusted for (Bonferroni).

    What was clustered on may not lead: that segments differ in it was decided by cutting along it.

    Counts are exact; the width of intervals is learned from about `looked_at` customers (see `looked_at`).
    """
    built = {dimension for feature in clustered for dimension in BUILT_FROM.get(feature, (feature,))}
    found = [
        (replace(dimension, may_lead=dimension.may_lead and dimension.name not in built), sums)
        for dimension, sums in _found(tables, assigned, looked_at)
    ]
    comparisons = sum(_compared(dimension, sums) for dimension, sums in found if not isinstance(sums, str))
    z = NormalDist().inv_cdf(1 - 0.025 / max(comparisons, 1))
    result: dict[Key, list[Mix]] = {key: [] for key in (*_segments(tables, assigned), None)}
    for dimension, sums in found:
        differ = 0.0 if isinstance(sums, str) else cramers_v(sums)
        mix = Mix(dimension.name, dimension.label, dimension.unit, (), cramers_v=differ)
        for key, mixes_of in result.items():
            if isinstance(sums, str):
                mixes_of.append(replace(mix, note=sums))
            else:
                mixes_of.append(replace(mix, rows=tuple(_rows(dimension, sums, key, z, tables))))
    return {key: tuple(found_mixes) for key, found_mixes in result.items()}, comparisons


def _found(tables: Tables, assigned: ir.Table, looked_at: int) -> list[tuple[Dimension, Sums | str]]:
    """What there is to say of each dimension: sums, or a sentence; nothing of one that the data lack."""
    counter = Counter(tables, assigned, limit=looked_at)
    dimensions = _dimensions(tables, assigned)
    notes = {dimension.name: _degenerate(tables, dimension) for dimension in dimensions}
    places = tuple(one for one in dimensions if _base(one) in PLACES and not notes[one.name])
    told = iter(counter.sums([one for one in dimensions if not notes[one.name]], places))
    found = [(dimension, notes[dimension.name] or next(told)) for dimension in dimensions]
    return [(dimension, sums) for dimension, sums in found if sums]


def _dimensions(tables: Tables, assigned: ir.Table) -> tuple[Dimension, ...]:
    """The dimensions as the data give them: where branches issue coupons, open ones tell of them as burnt ones do."""
    coupons, orders = has_coupons(assigned), has_orders(assigned)
    found = DIMENSIONS if coupons else tuple(one for one in DIMENSIONS if one.of == "customers")
    if tables.branch_reading == "issuing":
        found = tuple(replace(one, unit="coupons", of="coupons") if one.of == "burnt" else one for one in found)
    return (*found, *_of_orders(tables, apart=coupons)) if orders else found


def _of_orders(tables: Tables, *, apart: bool) -> tuple[Dimension, ...]:
    """Dimensions of orders and attributes; `apart` where coupons have branches of their own."""
    assert tables.lines is not None  # or nobody would be described by orders
    filled = tables.lines.aggregate(**{one.column: tables.lines[one.column].count() for one in ORDER_DIMENSIONS})
    known = tables.engine.collect(filled).to_pylist()[0]
    named = (
        replace(one, name=f"order_{one.name}", label=f"{one.label} of orders", names=one.name)
        if apart and one.name in PLACES
        else one
        for one in ORDER_DIMENSIONS
        if known[one.column] or tables.degenerate.get(one.name)
    )
    taken = {one.name for one in (*DIMENSIONS, *ORDER_DIMENSIONS)}
    attributes = (
        Dimension(one.name, one.label, "customers", one.name, "customers", may_lead=one.name.casefold() in COUNTRIES)
        for one in tables.attributes
        if one.kind == "text" and 1 < len(one.values) <= FEW_VALUES and one.name not in taken
    )
    return (*named, *attributes)


def _base(dimension: Dimension) -> str:
    """Under whose name the tables speak of it."""
    return dimension.names or dimension.name


def _degenerate(tables: Tables, dimension: Dimension) -> str:
    return tables.degenerate.get(_base(dimension)) or tables.degenerate.get(dimension.column) or ""


def _segments(tables: Tables, assigned: ir.Table) -> list[int]:
    rows = tables.engine.collect(assigned.select("segment").distinct().order_by("segment")).to_pylist()
    return [int(row["segment"]) for row in rows]


def _candidate(dimension: Dimension, value: str, everyone: Cell) -> bool:
    """Whether a value is compared at all; decided on all customers only, so that it favours no segment."""
    known = value.casefold() not in ("unknown", "other", "n/a", "none")
    return dimension.may_lead and known and everyone.users >= LEAD_CUSTOMERS and everyone.x < everyone.m


def _compared(dimension: Dimension, sums: Sums) -> int:
    return sum(
        sum(1 for key in cells if key is not None and key > 0)
        for value, cells in sums.items()
        if _candidate(dimension, value, cells[None])
    )


def _rows(dimension: Dimension, sums: Sums, key: Key, z: float, tables: Tables) -> Iterable[MixRow]:
    """Rows of one segment: the 12 most frequent values of all customers, any other that leads, then "Other"."""
    names = tables.names.get(_base(dimension), {})
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
        leads = compared and low > LEAD_ABOVE and min(own.users, own.seen) >= LEAD_CUSTOMERS
        if place >= SHOWN and not leads:
            continue
        shown_x, shown_total = shown_x + own.x, shown_total + everyone.x
        name = names.get(value, value)
        counts = (round(own.x), round(everyone.x), own.share, everyone.share)
        yield MixRow(name, *counts, index, low, leads, round(own.users), own.estimated)
    if shown_total < everyone_m:
        count, total = own_m - shown_x, everyone_m - shown_total
        share, share_all = count / own_m, total / everyone_m
        yield MixRow(OTHER, round(count), round(total), share, share_all, share / share_all, 0.0, leads=False)
