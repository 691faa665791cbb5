"""In which months customers were active, with a bit for each month: counted once for all months and segments."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

import ibis

from coterie.metrics.periods import index_of
from coterie.metrics.sales import Key, Tally
from coterie.tables import with_segment

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from coterie.engines import Engine

BITS = 60
"""Months in one number of 64 bits, within the positive ones."""

AT_ONCE = 300
"""Months of one query, three columns each; PostgreSQL has room for 1,664 columns."""


def visits(engine: Engine, days: ir.Table, months: Sequence[int], assigned: ir.Table | None) -> Tally:
    """Per segment and month: customers active, new (for the first time), returning (active in the month before too).

    Customers are gone over once, and only whoever is there is looked at month by month; pairs of customer and month
    would be several times as many.

    Args:
        engine: Where the days live.
        days: customer_id, perhaps the customer's segment, and day of everything that makes a customer active.
        months: Those with any such day, ascending, as `period_index` numbers them.
        assigned: customer_id and segment of every known customer; None for all customers alone.
    """
    days = days.mutate(month=index_of(days.day, "month"))  # as a column: named several times, computed once
    found: dict[Key, dict[int, dict[str, int]]] = {}
    for start in range(0, len(months), AT_ONCE):
        some = months[start : start + AT_ONCE]
        counts = _counts(days, some, set(months), assigned)
        for row in engine.collect(counts).to_pylist():
            for key in {None, row["segment"]}:
                own = found.setdefault(key, {})
                for at in some:
                    sums = own.setdefault(at, {"customers": 0, "new": 0, "returning": 0})
                    for name in sums:
                        sums[name] += int(row.get(f"{name}{at}") or 0)
    return found


def _counts(days: ir.Table, some: Sequence[int], months: Collection[int], assigned: ir.Table | None) -> ir.Table:
    """Per segment the counts of some of the months, a column each, named with the month."""
    month = days.month
    # Cells of one month share a number, so that a month far from all others costs one number more, not its distance.
    blocks = sorted({near // BITS for at in some for near in (at, at - 1) if near in months})
    held = {f"m{block}": _bits(month, block) for block in blocks}
    own = [name for name in ("customer_id", "segment") if name in days.columns]
    each = with_segment(days.group_by(own).aggregate(**held, first=month.min()), assigned)

    def there(month: int) -> ir.IntegerValue:
        return (each[f"m{month // BITS}"] >> (month % BITS)) & 1

    counts: dict[str, ir.Value] = {}
    for at in some:
        counts[f"customers{at}"] = there(at).sum()
        counts[f"new{at}"] = (each["first"] == at).sum()
        if at - 1 in months:
            counts[f"returning{at}"] = (there(at) & there(at - 1)).sum()
    return each.group_by("segment").aggregate(**counts)


def _bits(month: ir.IntegerColumn, block: int) -> ir.IntegerValue:
    """Of one customer's months in the block, each as its bit."""
    low = block * BITS
    inside = (month >= low) & (month < low + BITS)
    place = ibis.ifelse(inside, month - low, 0)
    bits = (ibis.literal(1, "int64") << place).bit_or(where=inside)
    return ibis.coalesce(bits, ibis.literal(0, "int64"))
