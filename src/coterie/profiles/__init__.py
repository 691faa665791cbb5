"""What each segment is like, and its name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coterie.profiles.contract import (
    BORDER,
    Bin,
    Border,
    BorderFigure,
    BurnCurve,
    DensityCell,
    FeatureFigure,
    Mix,
    MixRow,
    PlainRule,
    Profiles,
    SegmentProfile,
)
from coterie.profiles.levels import LEVELS
from coterie.profiles.numbers import (
    a_bit_above,
    count_text,
    customers_text,
    days_text,
    mean_text,
    money_text,
    percent_text,
    ratio_text,
    round_money_text,
)

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from coterie.features.contract import Described
    from coterie.tables.contract import Tables

__all__ = [
    "BORDER",
    "LEVELS",
    "Bin",
    "Border",
    "BorderFigure",
    "BurnCurve",
    "DensityCell",
    "FeatureFigure",
    "Mix",
    "MixRow",
    "PlainRule",
    "Profiles",
    "SegmentProfile",
    "a_bit_above",
    "count_text",
    "customers_text",
    "days_text",
    "mean_text",
    "money_text",
    "percent_text",
    "profile",
    "ratio_text",
    "round_money_text",
]


def profile(
    tables: Tables,
    described: Described,
    assigned: ir.Table,
    *,
    k: int,
    hardly_differ: bool | None = None,
    by_day: ir.Table | None = None,
) -> Profiles:
    """Say of every segment who its customers are, how they differ from all, what finds them and what to call them.

    Works with coupons, with orders, or with both; what there is none of is 0, None or empty.

    Args:
        tables: The checked tables; their engine does the work.
        described: The features, for labels and for what was clustered on.
        assigned: One row per known customer: the columns of `described.table` and segment (int64: 1..k, 0 never
            active, -1 fits no group), distance to the own centre and margin (float64), and where known second (int64:
            the segment of the second nearest centre).
        k: Number of segments delivered.
        hardly_differ: Whether customers differ no more than chance would make them, as evidence judged it; None for a
            quick test of the spread of their counts and amounts instead. Names then claim no habits.
        by_day: What `coupons_by_day` gives of these segments; counted here if None.

    Returns:
        The segments in order (0 last), all customers together, and the counts behind the pictures. Only aggregates
        and three typical customers per segment leave the engine.
    """
    from coterie.profiles.compose import compose

    return compose(tables, described, assigned, k=k, hardly_differ=hardly_differ, by_day=by_day)
