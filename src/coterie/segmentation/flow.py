"""Who was in which segment when the same model is applied to earlier days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import ibis

from coterie.clustering import standardise
from coterie.errors import UsageError
from coterie.features import expressed
from coterie.metrics import Flow, index_of, period_index, period_start
from coterie.segmentation.place import axis_names, segments_in
from coterie.tables import day_and_customer, stacked

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
PERSONAL = ("join_date", "city", "gender")
COUPON = ("claimed_on", "status", "burnt_on", "expires_on", "branch_id", "merchant_id")
LINE = ("order_id", "ordered_on", "kind", "money", "category")
"""What features are counted from, besides attributes."""
OPEN = frozenset({"coupons_claimed", "claimed_ratio"})
"""Features that count open coupons."""


def flow(model: Model, tables: Tables, days: Sequence[dt.date]) -> Flow:
    """Place everyone known at the end of each day with the model as it is, and count who moved between neighbours.

    Nothing is learned anew, so a move is a change of the customer and not of the segments: what is known of a customer
    at a day is what `known_at` says, everything counted to the end of that day. Where segments lean on time since
    joining, customers move by growing older.

    Args:
        model: Of the run.
        tables: What `followed` gives of the data, at the day of the run.
        days: Earlier days, such as `flow_days` chooses. The last day is always the tables' as-of.

    Returns:
        Sizes of the segments that have customers, and moves by day, from and to; -2 for customers not yet known.

    Raises:
        UsageError: A day is outside the data.
    """
    chosen = tuple(sorted({*days, tables.as_of}))
    for day in (chosen[0], chosen[-1]):
        if not tables.first_day <= day <= tables.as_of:
            raise UsageError(
                f"The segments of {day} cannot be told: the data run from {tables.first_day} to {tables.as_of}. "
                "Choose days between them."
            )
    moves = _moves(tables.engine, _placed(model, tables, chosen))
    sizes: list[dict[int, int]] = [{} for _ in chosen]
    for at, _, segment, customers in moves:
        sizes[at][segment] = sizes[at].get(segment, 0) + customers
    told = tuple({str(segment): one[segment] for segment in sorted(one)} for one in sizes)
    return Flow(chosen, told, tuple((at - 1, before, after, n) for at, before, after, n in moves if at > 0))


def flow_days(model: Model, tables: Tables, people: ir.Table, by_day: ir.Table | None = None) -> tuple[dt.date, ...]:
    """At most 12 days to show: month ends, evenly spaced back from the one nearest to as-of, and as-of itself.

    Only days by which 200 customers were known and a quarter of the days that the data cover had passed. Only as-of
    where no day is earlier than that, or where it is not known what had been burnt by then: more than 5 % of the burnt
    coupons have no burn date (of the expired ones no expiry, where the model counts open coupons).

    Args:
        model: Of the run.
        tables: The data, at the day of the run.
        people: Every known customer, as described.
        by_day: What `coupons_by_day` gives; counted from the coupons if None.
    """
    if _undated(model, tables, by_day):
        return (tables.as_of,)
    joining = _first_known_by_month(tables, people)
    begin = tables.first_day + dt.timedelta(days=round(SPAN * (tables.as_of - tables.first_day).days))
    month, ends = _nearest_month(tables.as_of) - 1, []
    while _month_end(month) >= begin and sum(n for first, n in joining.items() if first <= month) >= FEWEST:
        ends.append(_month_end(month))
        month -= 1
    step = max(-(-len(ends) // (MOST_DAYS - 1)), 1)
    return (*reversed(ends[step - 1 :: step]), tables.as_of)


def followed(model: Model, tables: Tables, people: ir.Table) -> Tables:
    """The tables of these customers alone, each by the number of its row, kept in the engine: only what a model needs.

    Args:
        model: Of the run.
        tables: The data, at the day of the run.
        people: Customers as described, all or some.
    """
    engine, asked = tables.engine, {axis.feature for axis in model.coordinates}
    attributes = tuple(one for one in tables.attributes if one.name in asked)
    columns = ("row", "customer_id", *PERSONAL, *(one.name for one in attributes))
    people = engine.keep(people.select(*dict.fromkeys(columns)))
    who = people.select("customer_id", _row="row")

    def own(events: ir.Table, columns: Sequence[str]) -> ir.Table:
        found = events.select("customer_id", *columns).inner_join(who, "customer_id")
        return engine.keep(found.select(*columns, customer_id=found["_row"]))

    return replace(
        tables,
        attributes=attributes,
        customers=people.drop("customer_id").rename(customer_id="row"),
        coupons=own(tables.coupons, COUPON),
        lines=None if tables.lines is None else own(tables.lines, LINE),
    )


def _placed(model: Model, tables: Tables, days: Sequence[dt.date]) -> ir.Table:
    """customer_id as of `stacked` and segment of everyone known at each day, in one run of the model."""
    engine, learned = tables.engine, model.learned
    people = expressed(stacked(tables, days), model.needed, learned)
    axes = zip(axis_names(model.coordinates), standardise(people, model.coordinates, learned), strict=True)
    space = people.select("active", row="customer_id", **dict(axes))
    if model.rule is not None:
        space = engine.keep(space, order_by=("row",))
    placed = segments_in(
        space,
        model.centroid_rows,
        include_inactive=model.include_inactive,
        engine=engine,
        rule=model.rule,
    )
    kept: ir.Table = engine.keep(placed.rename(customer_id="row"))
    return kept


def _moves(engine: Engine, placed: ir.Table) -> list[tuple[int, int, int, int]]:
    """Place of the day, from, to and customers, those who stayed among them. Who was known before is known after."""
    earlier = placed.select(_next=placed.customer_id + 1, came_from=placed.segment)
    both = placed.left_join(earlier, placed.customer_id == earlier["_next"])
    day, _ = day_and_customer(both.customer_id)
    both = both.select("segment", day=day, came_from=both.came_from.fill_null(NOT_YET))
    rows = engine.collect(both.group_by("day", "came_from", "segment").aggregate(customers=both.count())).to_pylist()
    return sorted((row["day"], row["came_from"], row["segment"], row["customers"]) for row in rows)


def _first_known_by_month(tables: Tables, people: ir.Table) -> dict[int, int]:
    """Month number -> customers first known in it; those of whom no day is known are left out."""
    known = (ibis.date(tables.as_of) - people.tenure.cast("int64").as_interval("D")).cast("date")
    first = people.select("customer_id", first=known)
    if tables.lines is not None:
        # Described are customers from their first sale on; something may have come back, or been free, before.
        rest = tables.lines.filter(tables.lines.kind != "sale").group_by("customer_id")
        first = first.left_join(rest.aggregate(other=lambda lines: lines.ordered_on.min()), "customer_id")
        sooner = first["first"].isnull() | (first.other < first["first"]).fill_null(False)
        first = first.select(first=ibis.ifelse(sooner, first.other, first["first"]))
    month = first.filter(first["first"].notnull()).select(month=index_of(first["first"], "month"))
    rows = tables.engine.collect(month.group_by("month").aggregate(customers=month.count())).to_pylist()
    return {int(row["month"]): int(row["customers"]) for row in rows}


def _undated(model: Model, tables: Tables, by_day: ir.Table | None) -> bool:
    """Whether too many coupons were burnt, or stopped being open where that counts, on a day that is not known."""
    coupons = tables.coupons.mutate(coupons=1) if by_day is None else by_day
    found = [_lacking(tables.engine, coupons, "burnt", "burnt_on")]
    if OPEN.intersection(model.features):
        found.append(_lacking(tables.engine, tables.coupons.mutate(coupons=1), "expired", "expires_on"))
    return any(lacking > UNDATED * coupons for lacking, coupons in found)


def _lacking(engine: Engine, coupons: ir.Table, status: str, day: str) -> tuple[int, int]:
    """Coupons of this status without such a day, and in all."""
    own = coupons.filter(coupons.status == status)
    lacking = ibis.ifelse(own[day].isnull(), own.coupons, 0)
    row = engine.collect(own.aggregate(lacking=lacking.sum(), coupons=own.coupons.sum())).to_pylist()[0]
    return int(row["lacking"] or 0), int(row["coupons"] or 0)


def _nearest_month(day: dt.date) -> int:
    """Number of the month whose end is nearest to the day; the earlier of two as near."""
    month = period_index(day, "month")
    return month if (_month_end(month) - day).days < day.day else month - 1


def _month_end(month: int) -> dt.date:
    return period_start(month + 1, "month") - dt.timedelta(days=1)
