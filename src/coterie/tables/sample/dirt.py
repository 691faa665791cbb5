"""Faults planted at a known rate, each row carrying exactly one, so that what a check finds can be compared by count.

This file keeps the count and soils the small tables; `dirty_weeks.py` soils the coupons, `dirty_orders.py` the orders.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from coterie.tables.sample.columns import numbers, words
from coterie.tables.sample.people import DIRT, stream
from coterie.tables.sample.words import CITIES

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

    from coterie.tables.sample.people import Ints
    from coterie.tables.sample.plan import Plan

RATE = 0.002
"""Share of the eligible rows that gets a given fault; more in small shops, see `rate_for`."""

UNKNOWN_ID = 1_000
"""Orphan keys begin this far above the last real one."""

NOT_A_DATE = ("someday", "2024-02-31", "last spring", "2023-00-10")


@dataclass(frozen=True)
class Planted:
    """How many rows of a table carry a fault, and in which column where only one is concerned."""

    rule: str
    table: str
    column: str | None
    count: int


class Ledger:
    """Counts what is planted while it is planted."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str, str | None]] = Counter()

    def note(self, rule: str, table: str, count: int, column: str | None = None) -> None:
        """Add so many rows."""
        self._counts[rule, table, column] += count

    def planted(self) -> tuple[Planted, ...]:
        """What was planted, by table and rule."""
        rows = (Planted(rule, table, column, count) for (rule, table, column), count in self._counts.items() if count)
        return tuple(sorted(rows, key=lambda row: (row.table, row.rule)))


def rate_for(rows: int) -> float:
    """Share of eligible rows per fault: `RATE`, or in a small shop enough for about eight, at most 2 %.

    Example:
        >>> rate_for(1_000_000), rate_for(1_000), rate_for(10)
        (0.002, 0.008, 0.02)
    """
    return min(0.02, max(RATE, 8 / max(rows, 1)))


@dataclass(frozen=True)
class SoiledCustomers:
    """The customers table with its faults.

    Attributes:
        table: The rows.
        to_backdate, to_predate: Per customer, whether one coupon is to be claimed, or one order to be made, before
            joining. They carry no fault themselves.
        next_id: From here on ids belong to nobody.
    """

    table: pa.Table
    to_backdate: Ints
    to_predate: Ints
    next_id: int


def soil_customers(clean: pa.Table, plan: Plan, ledger: Ledger) -> SoiledCustomers:
    """Plant the faults of customers: orphans and bad join dates in place, faulty ids and copies as further rows.

    The further rows have ids of their own, so that no coupon becomes an orphan by them.
    """
    import pyarrow as pa

    size = clean.num_rows
    draw = stream(plan.seed, DIRT)
    each = min(round(max(rate_for(size) * size, 1)), size // 6)
    mixed = draw.permutation(size)
    bad_city, bad_gender, bad_join, copied, blank, twice = (mixed[each * part : each * (part + 1)] for part in range(6))
    rest = np.setdiff1d(mixed[each * 3 :], np.flatnonzero(plan.people.coupons == 0))
    table = with_texts(clean, "join_date")
    table = put_numbers(table, "city_id", bad_city, UNKNOWN_ID + 1 + np.arange(each))
    table = put_numbers(table, "gender_id", bad_gender, UNKNOWN_ID + 1 + np.arange(each))
    table = put_texts(table, "join_date", bad_join, [NOT_A_DATE[number % len(NOT_A_DATE)] for number in range(each)])
    nobody = put_numbers(table.take(numbers(blank, pa.int64())), "customer_id", np.arange(each), None)
    fresh = table.take(numbers(twice, pa.int64()))
    fresh = put_numbers(fresh, "customer_id", np.arange(each), size + 1 + np.arange(each))
    other_city = (plan.people.city[twice].astype(np.int64) + 1) % len(CITIES) + 1
    contrary = put_numbers(fresh, "city_id", np.arange(each), other_city)
    whole = pa.concat_tables([table, table.take(numbers(copied, pa.int64())), nobody, fresh, contrary])
    ledger.note("orphan_city", "customers", each, "city_id")
    ledger.note("orphan_gender", "customers", each, "gender_id")
    ledger.note("unparsable_optional", "customers", each, "join_date")
    ledger.note("duplicate", "customers", each)
    ledger.note("missing_key", "customers", each, "customer_id")
    ledger.note("conflicting_rows", "customers", 2 * each)
    to_backdate, to_predate, rest = np.zeros(size, dtype=bool), np.zeros(size, dtype=bool), draw.permutation(rest)
    to_backdate[rest[: max(each, 1)]] = True
    to_predate[rest[max(each, 1) :][: 2 * each]] = True  # more, since not every customer orders
    mixed_in = whole.take(numbers(shuffled_tail(draw, size, whole.num_rows), pa.int64()))
    return SoiledCustomers(mixed_in, to_backdate, to_predate, size + each + UNKNOWN_ID)


def shuffled_tail(draw: np.random.Generator, size: int, total: int) -> Ints:
    """Row numbers with those from `size` on moved to random places among the others."""
    return np.argsort(np.concatenate([np.arange(size) + 0.5, draw.random(total - size) * size]), kind="stable")


def soil_lookups(clean: dict[str, pa.Table], plan: Plan, ledger: Ledger) -> dict[str, pa.Table]:
    """Plant branches of unknown merchants, and copies of clean rows in branches and cities."""
    import pyarrow as pa

    draw = stream(plan.seed, DIRT, 1)
    branches, cities = clean["branches"], clean["cities"]
    each = max(1, round(0.02 * branches.num_rows))
    mixed = draw.permutation(branches.num_rows)
    orphans = put_numbers(branches, "merchant_id", mixed[:each], plan.places.merchants + UNKNOWN_ID + np.arange(each))
    copies = orphans.take(numbers(mixed[each : 2 * each], pa.int64()))
    ledger.note("orphan_merchant", "branches", each, "merchant_id")
    ledger.note("duplicate", "branches", each)
    ledger.note("duplicate", "cities", 1)
    return clean | {
        "branches": pa.concat_tables([orphans, copies]),
        "cities": pa.concat_tables([cities, cities.slice(int(draw.integers(cities.num_rows)), 1)]),
    }


def with_texts(table: pa.Table, *columns: str) -> pa.Table:
    """The table with those columns as text (ISO dates), since no date and no number can be unreadable."""
    import pyarrow as pa

    for column in columns:
        table = table.set_column(table.schema.names.index(column), column, table[column].cast(pa.string()))
    return table


def put_numbers(table: pa.Table, column: str, rows: Ints, values: Ints | None) -> pa.Table:
    """The table with other numbers in some rows of a column; None makes them NULL."""
    import pyarrow as pa

    missing = np.ones(len(rows), dtype=bool) if values is None else None
    return put(table, column, rows, numbers(np.zeros(len(rows)) if values is None else values, pa.int64(), missing))


def put_texts(table: pa.Table, column: str, rows: Ints, values: Sequence[str] | None) -> pa.Table:
    """The table with other texts in some rows of a column; None makes them NULL."""
    import pyarrow as pa

    return put(table, column, rows, pa.nulls(len(rows), pa.string()) if values is None else words(values))


def several(texts: Sequence[str], rows: Ints) -> list[str]:
    """One of the texts for every row, in turn."""
    return [texts[row % len(texts)] for row in rows.tolist()]


def put(table: pa.Table, column: str, rows: Ints, values: pa.Array) -> pa.Table:
    """The table with the values, one per row in that order, in some rows of a column."""
    import pyarrow as pa
    from pyarrow import compute

    if not len(rows):
        return table
    mask: np.ndarray[Any, Any] = np.zeros(table.num_rows, dtype=bool)
    mask[rows] = True
    flags = pa.Array.from_buffers(pa.bool_(), len(mask), [None, pa.py_buffer(np.packbits(mask, bitorder="little"))])
    ordered = values.take(numbers(np.argsort(rows), pa.int64()))
    flat = table[column].combine_chunks()
    return table.set_column(table.schema.names.index(column), column, compute.replace_with_mask(flat, flags, ordered))
