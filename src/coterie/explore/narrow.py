"""The shop in narrow tables: customers numbered, and every event beside what a filter may ask of its customer."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import reduce
from typing import TYPE_CHECKING

import ibis

from coterie.metrics import index_of, start_of

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from coterie.engines import Engine
    from coterie.tables import Tables

OF_CUSTOMERS: Mapping[str, str] = {"segments": "segment", "cities": "city", "genders": "gender"}
"""Field of `Filters` -> column that it asks of customers, which events carry too: a join for each question is dear."""
OF_EVENTS: Mapping[str, str] = {"branches": "branch_id", "merchants": "merchant_id", "categories": "category"}
"""Field of `Filters` -> column that it asks of events."""

_PEOPLE = {
    "city": "string", "gender": "string", "join_date": "date", "named": "string",
    "coupons": "int64", "burnt": "int64", "last_claimed": "date",
    "orders": "int64", "sales": "int64", "last_ordered": "date", "returns": "int64",
}  # fmt: skip
"""Columns of people that the data may lack."""
_NAMES = re.compile(r"(full|first|last|middle|given|family|sur|customer)?name|(e?mail|email)(address)?")
"""What an attribute of customers is called, without spaces and marks, that a person is looked up by."""


@dataclass(frozen=True)
class Narrow:
    """Kept in the engine.

    Attributes:
        engine: Where they live.
        people: One row per known customer, in the order of their ids: row (int32), customer_id (as in the data), key
            (the id as text), segment, margin, city, gender, join_date, named (names and addresses, in small letters;
            NULL without), and what their events add up to: coupons, burnt, last_claimed, orders, sales and returns
            (money), last_ordered. NULL is what the data cannot tell.
        coupons: row, segment, city, gender, claimed_on, status, burnt_on, coupon_name, branch_id, merchant_id (text),
            month (a number, of the claim), claimed_in and burnt_in (first days of those months), and without orders
            before_on and before_in, those of the customer's claim before; None without coupons.
        lines: row, segment, city, gender, order_id (a number), ordered_on, month (a number), kind, money, category,
            product, branch_id, merchant_id; None without orders.
        orders: `Tables.orders`, with row, segment, city, gender, before_that_on (day of the order before the one
            before), month and before (numbers of the months of ordered_on and before_on).
        first_order: Day of the first order of all; None without.
        in_a_day: All sales of each order are of one day, so that days never part an order.
        tables: As they were; None where there is a list alone.
        coupon_months: The coupons that agree in segment, city, gender, status and months, counted as `coupons`: a
            hundredth of the rows. None without coupons.
        filled: "coupons", "lines" -> columns of OF_EVENTS that hold anything.
        labels: Segment -> what it is called.
        first_day, as_of: As in `Tables`.
    """

    engine: Engine
    people: ir.Table
    coupons: ir.Table | None
    lines: ir.Table | None
    orders: ir.Table | None
    tables: Tables | None
    labels: Mapping[int, str]
    first_day: dt.date
    as_of: dt.date
    filled: Mapping[str, frozenset[str]] = field(default_factory=dict)
    coupon_months: ir.Table | None = None
    first_order: dt.date | None = None
    in_a_day: bool = False


def narrowed(tables: Tables, assigned: ir.Table) -> Narrow:
    """Put customers and events into narrow tables, once for all questions.

    Args:
        tables: Checked tables.
        assigned: customer_id of every known customer, segment, margin and perhaps name, in the engine of the tables.
    """
    engine = tables.engine
    who = engine.keep(_who(_numbered(assigned), tables), order_by=("row",))
    coupons = engine.keep(_coupons(tables, who), order_by=("row", "claimed_on")) if tables.has_coupons else None
    lines, in_a_day = (None, False) if tables.lines is None else _lines(engine, tables.lines, who)
    orders = None if tables.orders is None else engine.keep(_orders(tables.orders, who), order_by=("row",))
    people = engine.keep(_summed(who, coupons, lines, orders), order_by=("row",))
    engine.drop(who)
    events = {name: rows for name, rows in (("coupons", coupons), ("lines", lines)) if rows is not None}
    return Narrow(
        engine=engine,
        people=people,
        coupons=coupons,
        lines=lines,
        orders=orders,
        tables=tables,
        labels=_labels(engine, assigned),
        first_day=tables.first_day,
        as_of=tables.as_of,
        filled={name: _filled(engine, rows) for name, rows in events.items()},
        coupon_months=None if coupons is None else engine.keep(months_of(coupons, *OF_CUSTOMERS.values())),
        first_order=None
        if orders is None
        else engine.collect(orders.aggregate(day=orders.ordered_on.min())).to_pylist()[0]["day"],
        in_a_day=in_a_day,
    )


def listed(engine: Engine, assigned: ir.Table, first_day: dt.date, as_of: dt.date) -> Narrow:
    """The customers alone: what a list of them tells, without any event."""
    people = engine.keep(_complete(_numbered(assigned)), order_by=("row",))
    return Narrow(engine, people, None, None, None, None, _labels(engine, assigned), first_day, as_of)


def _numbered(assigned: ir.Table) -> ir.Table:
    """row, customer_id, key, segment, margin."""
    row = ibis.row_number().over(ibis.window(order_by=assigned.customer_id)).cast("int32")
    segment, key = assigned.segment.cast("int16"), assigned.customer_id.cast("string")
    return assigned.select("customer_id", row=row, key=key, segment=segment, margin=assigned.margin.cast("float64"))


def _who(numbered: ir.Table, tables: Tables) -> ir.Table:
    """With what is known of a customer beside the segment."""
    there = tables.customers
    names = [one.name for one in tables.attributes if one.kind == "text" and _NAMES.fullmatch(_bare(one.name))]
    cells = [there[name].cast("string").fill_null("") for name in names]
    known = there.select(
        "city",
        "gender",
        "join_date",
        _customer=there.customer_id,
        named=reduce(lambda one, other: one + " " + other, cells).lower() if cells else ibis.null("string"),
    )
    joined = numbered.left_join(known, numbered.customer_id == known["_customer"])
    return joined.drop("_customer")


def _bare(name: str) -> str:
    """A name without case, spaces and marks.

    Example:
        >>> _bare("E-Mail Address")
        'emailaddress'
    """
    return "".join(letter for letter in name.casefold() if letter.isalnum())


def _with_customer(events: ir.Table, who: ir.Table) -> ir.Table:
    """Events by the number of their customer, with what filters ask of customers."""
    there = who.select("row", *OF_CUSTOMERS.values(), _customer=who.customer_id)
    joined = events.inner_join(there, events.customer_id == there["_customer"])
    return joined.drop("customer_id", "_customer")


def _orders(orders: ir.Table, who: ir.Table) -> ir.Table:
    rows = _with_customer(orders, who)
    return rows.mutate(
        before_that_on=rows.before_on.lag().over(ibis.window(group_by="row", order_by="earlier")),
        month=_month(rows.ordered_on),
        before=_month(rows.before_on),
    )


def _month(day: ir.DateColumn) -> ir.IntegerColumn:
    """The number of the month: worked out once, as every chart over time asks for it."""
    return index_of(day, "month").cast("int32")


def _coupons(tables: Tables, who: ir.Table) -> ir.Table:
    own = tables.coupons
    places = {name: own[name].cast("string") for name in ("branch_id", "merchant_id")}
    own = own.select("customer_id", "claimed_on", "status", "burnt_on", "coupon_name", **places)
    rows = _with_customer(own, who)
    days = {"claimed_in": rows.claimed_on, "burnt_in": rows.burnt_on}
    if not tables.has_orders:  # else a customer is active with an order
        before = rows.claimed_on.lag().over(ibis.window(group_by="row", order_by="claimed_on"))
        rows = rows.mutate(before_on=before)
        days["before_in"] = rows.before_on
    return rows.mutate(month=_month(rows.claimed_on), **{name: start_of(day, "month") for name, day in days.items()})


def months_of(coupons: ir.Table, *besides: str) -> ir.Table:
    """Coupons that agree in status, months and these columns, counted as `coupons`."""
    months = [name for name in ("claimed_in", "burnt_in", "before_in") if name in coupons.columns]
    return coupons.group_by("status", *months, *besides).aggregate(coupons=coupons.count())


def _lines(engine: Engine, lines: ir.Table, who: ir.Table) -> tuple[ir.Table, bool]:
    """Order lines whose orders are numbered, and whether each is of one day.

    Texts of orders take most of the time when orders are formed anew.
    """
    sold = lines.filter(lines.kind == "sale")
    days = {"first": sold.ordered_on.min(), "last": sold.ordered_on.max()}
    sold = sold.group_by("customer_id", "order_id").aggregate(**days)
    number = ibis.row_number().over(ibis.window(order_by=[sold.customer_id, sold.order_id]))
    several = sold["first"] != sold["last"]
    numbers = engine.keep(sold.select(_of="customer_id", _text="order_id", number=number, several=several))
    parted = engine.collect(numbers.aggregate(any=numbers.several.any())).to_pylist()[0]["any"]
    places = {name: lines[name].cast("string") for name in ("category", "branch_id", "merchant_id")}
    own = lines.select(
        "customer_id",
        "ordered_on",
        "kind",
        "money",
        month=_month(lines.ordered_on),
        product=ibis.coalesce(lines.product_name.cast("string"), lines.product.cast("string")),
        **places,
        _order=lines.order_id,
    )
    joined = own.left_join(numbers, (own.customer_id == numbers["_of"]) & (own["_order"] == numbers["_text"]))
    numbered = joined.drop("_of", "_text", "_order", "several").rename(order_id="number")
    kept = engine.keep(_with_customer(numbered, who), order_by=("row", "ordered_on"))
    engine.drop(numbers)
    return kept, not parted


def _summed(who: ir.Table, coupons: ir.Table | None, lines: ir.Table | None, orders: ir.Table | None) -> ir.Table:
    """Every customer with what their events add up to."""
    if coupons is not None:
        burnt = (coupons.status == "burnt").sum()
        own = coupons.group_by("row").aggregate(
            coupons=coupons.count(), burnt=burnt, last_claimed=coupons.claimed_on.max()
        )
        who = _beside(who, own)
    if orders is not None and lines is not None:
        own = orders.group_by("row").aggregate(
            orders=orders.count(), sales=orders.sales.sum().cast("int64"), last_ordered=orders.ordered_on.max()
        )
        back = lines.filter(lines.kind == "return").group_by("row")
        who = _beside(_beside(who, own), back.aggregate(returns=-lines.money.sum().cast("int64")))
    return _complete(who)


def _beside(who: ir.Table, sums: ir.Table) -> ir.Table:
    """With these sums; numbers are 0 for who has none."""
    sums = sums.rename(_row="row")
    joined = who.left_join(sums, who.row == sums["_row"]).drop("_row")
    numbers = [name for name in sums.columns if name != "_row" and sums[name].type().is_integer()]
    return joined.mutate(**{name: joined[name].fill_null(0).cast("int64") for name in numbers})


def _complete(people: ir.Table) -> ir.Table:
    lacking = {name: ibis.null(kind) for name, kind in _PEOPLE.items() if name not in people.columns}
    return people.mutate(**lacking).select("row", "customer_id", "key", "segment", "margin", *_PEOPLE)


def _labels(engine: Engine, assigned: ir.Table) -> Mapping[int, str]:
    named = {0: "Never active", -1: "Fits no group"}
    if "name" not in assigned.columns:
        return named
    found = assigned.group_by("segment").aggregate(name=assigned.name.min())
    return named | {int(row["segment"]): str(row["name"]) for row in engine.collect(found).to_pylist() if row["name"]}


def _filled(engine: Engine, events: ir.Table) -> frozenset[str]:
    own = [name for name in OF_EVENTS.values() if name in events.columns]
    counts = engine.collect(events.aggregate(**{name: events[name].count() for name in own})).to_pylist()[0]
    return frozenset(name for name in own if counts[name])
