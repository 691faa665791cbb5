"""Windowed repeat purchase: who orders again soon, among customers observed long enough to tell."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

import ibis

from coterie.metrics.contract import WindowedRepeat

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from coterie.engines import Engine

WINDOWS = (30, 90, 180, 365)
"""Days after the first order."""


def repeat_within(
    engine: Engine, orders: ir.Table, as_of: dt.date, days: Sequence[int] = WINDOWS
) -> tuple[WindowedRepeat, ...]:
    """Share of customers with a second order at most so many days after the first, one entry per window.

    A customer counts when the whole window was observed: first order + days <= as_of. Two orders on one day are two
    orders, as in the repeat purchase rate. The rate is None where nobody was observed for so long.

    Args:
        engine: Where the table lives.
        orders: One row per order: customer_id, ordered_on (date), and whatever else.
        as_of: Everything to the end of this day is known; orders after it do not count.
        days: Lengths of the windows.
    """
    known = orders.filter(orders.ordered_on <= ibis.date(as_of)).select("customer_id", "ordered_on")
    first = known.group_by("customer_id").aggregate(first=known.ordered_on.min())
    rows = known.inner_join(first, "customer_id")
    gap = rows.ordered_on.delta(rows.first, unit="day")
    people = rows.group_by("customer_id", "first").aggregate(
        **{f"orders{place}": (gap <= window).sum() for place, window in enumerate(days)}
    )
    observed = ibis.date(as_of).delta(people.first, unit="day")
    counted = people.aggregate(
        **{f"customers{place}": (observed >= window).sum() for place, window in enumerate(days)},
        **{
            f"repeaters{place}": ((observed >= window) & (people[f"orders{place}"] >= 2)).sum()
            for place, window in enumerate(days)
        },
    )
    row = engine.collect(counted).to_pylist()[0]
    found = [
        (window, int(row[f"customers{place}"] or 0), int(row[f"repeaters{place}"] or 0))
        for place, window in enumerate(days)
    ]
    return tuple(
        WindowedRepeat(window, customers, repeaters, repeaters / customers if customers else None)
        for window, customers, repeaters in found
    )
