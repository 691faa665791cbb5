"""Who was in which segment when the same model is applied to earlier days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

from coterie.errors import UsageError
from coterie.metrics import Flow, index_of, period_index, period_start
from coterie.segmentation.assigning import assign
from coterie.tables import day_and_customer, first_known, stacked

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from coterie.engines import Engine
    from coterie.segmentation.contract import Model
    from coterie.tables import Tables

NOT_YET = -2
"""Stands for the segment of a customer who is not known yet."""
MOST_DAYS = 12
FEWEST = 200
"""Customers known below which a day is not looked at."""
SPAN = 0.25
"""Part of the days the data cover that must have passed."""
UNDATED = 0.05
"""Share of burnt coupons without a burn date above which it is not known what was burnt at an earlier day."""
OPEN = frozenset({"coupons_claimed", "claimed_ratio"})
"""Features that count open coupons."""


def flow(model: Model, tables: Tables, days: Sequence[dt.date] | None = None) -> Flow:
    """Place everyone known at the end of each day with the model as it is, and count who moved between neighbours.

    Nothing is learned anew, so a move is a change of the customer and not of the segments: what is known of a customer
    at a day is what `known_at` says, everything counted to the end of that day. Where segments lean on time since
    joining, customers move by growing older.

    Args:
        model: Of the run.
        tables: The data, at the day of the run.
        days: Earlier days; `flow_days` chooses if None. The last day is always the tables' as-of.

    Returns:
        Sizes of the segments that have customers, and moves by day, from and to; -2 for customers not yet known.

    Raises:
        UsageError: A day is outside the data.
        DataError: The data lack a feature of the model.
    """
    chosen = flow_days(model, tables) if days is None else tuple(sorted({*days, tables.as_of}))
    for day in (chosen[0], chosen[-1]):
        if not tables.first_day <= day <= tables.as_of:
            raise UsageError(
                f"The segments of {day} cannot be told: the data run from {tables.first_day} to {tables.as_of}. "
                "Choose days between them."
            )
    engine = tables.engine
    placed = _placed(model, tables, chosen)
    rows = engine.collect(placed.group_by("day", "segment").aggregate(customers=placed.count())).to_pylist()
    counted = sorted((row["day"], row["segment"], int(row["customers"])) for row in rows)
    sizes = ({str(segment): n for at, segment, n in counted if at == place} for place in range(len(chosen)))
    return Flow(chosen, tuple(sizes), tuple(_moves(engine, placed)))


def flow_days(model: Model, tables: Tables) -> tuple[dt.date, ...]:
    """At most 12 days to show: month ends, evenly spaced back from the one nearest to as-of, and as-of itself.

    Only days by which 200 customers were known and a quarter of the days that the data cover had passed. Only as-of
    where no day is earlier than that, or where it is not known what had been burnt by then: more than 5 % of the burnt
    coupons have no burn date (of the expired ones no expiry, where the model counts open coupons).
    """
    if _undated(model, tables):
        return (tables.as_of,)
    joining = _first_known_by_month(tables)
    begin = tables.first_day + dt.timedelta(days=round(SPAN * (tables.as_of - tables.first_day).days))
    month, ends = _nearest_month(tables.as_of) - 1, []
    while _month_end(month) >= begin and sum(n for first, n in joining.items() if first <= month) >= FEWEST:
        ends.append(_month_end(month))
        month -= 1
    step = max(-(-len(ends) // (MOST_DAYS - 1)), 1)
    return (*reversed(ends[step - 1 :: step]), tables.as_of)


def _placed(model: Model, tables: Tables, days: Sequence[dt.date]) -> ir.Table:
    """Day (its place), member (id as text) and segment of everyone known at each day, in one run of the model."""
    rows = assign(model, stacked(tables, days), expected=False)
    day, member = day_and_customer(rows.customer_id)
    kept: ir.Table = tables.engine.keep(rows.select(day=day, member=member, segment=rows.segment.cast("int64")))
    return kept


def _moves(engine: Engine, placed: ir.Table) -> list[tuple[int, int, int, int]]:
    """Place of the day, from, to and customers, those who stayed among them. Who was known before is known after."""
    earlier = placed.select(at=placed.day + 1, who=placed.member, came_from=placed.segment)
    later = placed.filter(placed.day > 0)
    both = later.left_join(earlier, (later.day == earlier["at"]) & (later.member == earlier.who))
    both = both.select("day", "segment", came_from=both.came_from.fill_null(NOT_YET))
    rows = engine.collect(both.group_by("day", "came_from", "segment").aggregate(customers=both.count())).to_pylist()
    return sorted((row["day"] - 1, row["came_from"], row["segment"], row["customers"]) for row in rows)


def _first_known_by_month(tables: Tables) -> dict[int, int]:
    """Month number -> customers first known in it; those of whom no day is known are left out."""
    first = first_known(tables)
    month = first.mutate(month=index_of(first.first_known, "month"))
    rows = month.filter(month.month.notnull()).group_by("month").aggregate(customers=lambda t: t.count())
    return {int(row["month"]): int(row["customers"]) for row in tables.engine.collect(rows).to_pylist()}


def _undated(model: Model, tables: Tables) -> bool:
    """Whether too many coupons were burnt, or stopped being open where that counts, on a day that is not known."""
    coupons = tables.coupons
    burnt, expired = coupons.status == "burnt", coupons.status == "expired"
    row = tables.engine.collect(
        coupons.aggregate(
            burnt=burnt.sum(),
            burnt_undated=(burnt & coupons.burnt_on.isnull()).sum(),
            expired=expired.sum(),
            expired_undated=(expired & coupons.expires_on.isnull()).sum(),
        )
    ).to_pylist()[0]
    counted = ("burnt", "expired") if OPEN.intersection(model.features) else ("burnt",)
    return any((row[f"{what}_undated"] or 0) > UNDATED * (row[what] or 0) for what in counted)


def _nearest_month(day: dt.date) -> int:
    """Number of the month whose end is nearest to the day; the earlier of two as near."""
    month = period_index(day, "month")
    return month if (_month_end(month) - day).days < day.day else month - 1


def _month_end(month: int) -> dt.date:
    return period_start(month + 1, "month") - dt.timedelta(days=1)
