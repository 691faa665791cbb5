"""Windowed repeat purchase: who orders again soon, among customers observed long enough to tell."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

import ibis

from coterie.metrics.contract import WindowedRepeat
from coterie.tables import in_sequence

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
        orders: One row per order: customer_id, ordered_on (date), and whatever else; better `in_sequence`.
        as_of: Everything to the end of this day is known; orders after it do not count.
        days: Lengths of the windows.
    """
    placed = in_sequence(orders)
    early = placed.filter((placed.ordered_on <= ibis.date(as_of)) & (placed.earlier <= 1))
    first, second = early.earlier == 0, early.earlier == 1
    observed = ibis.date(as_of).delta(early.first_on, unit="day")
    waited = early.ordered_on.delta(early.first_on, unit="day")
    counted = early.aggregate(
        **{f"customers{place}": (first & (observed >= window)).sum() for place, window in enumerate(days)},
        **{
            f"repeaters{place}": (second & (observed >= window) & (waited <= window)).sum()
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
