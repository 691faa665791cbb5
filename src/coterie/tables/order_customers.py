"""What is worth telling of the customers of orders: numbers that start anew, one buyer for many, ids in two cases."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING

import ibis

from coterie.tables.contract import Problem, RawTable
from coterie.tables.tell import agreeing, counted, tell

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from coterie.engines import Engine

FAR_APART = 31
"""Days over which the sales of one order may spread without a word."""
FREQUENT, MANY = 0.2, 100
"""A customer with more than this share of all orders, and more than so many, is told."""
FAR_AS_OF = 366
"""Days after the last event from which a set as-of day looks like a slip of the pen."""


def customer_notes(raw: RawTable, used: ir.Table, engine: Engine) -> list[Problem]:
    """Orders spread over more than a month, a customer with a large part of all orders, emails that differ in case."""
    sales = used.filter(used["kind"] == "sale")
    orders = sales.group_by("customer_id", "order_id").aggregate(
        first=sales["ordered_on"].min(), last=sales["ordered_on"].max()
    )
    far = orders["last"] > orders["first"] + ibis.interval(days=FAR_APART)
    customers = engine.keep(orders.group_by("customer_id").aggregate(n=orders.count(), far=far.sum().fill_null(0)))
    row = engine.collect(
        customers.aggregate(n=customers["n"].sum().fill_null(0), far=customers["far"].sum().fill_null(0))
    )
    number, apart = (int(value) for value in row.to_pylist()[0].values())
    return [
        *_distant_lines(raw, apart, number),
        *_frequent_customer(raw, customers, engine, number),
        *_email_case(raw, customers, engine),
    ]


def _distant_lines(raw: RawTable, apart: int, number: int) -> list[Problem]:
    if not apart:
        return []
    message = (
        f"{counted(apart, 'order')} of {number:,} {agreeing(apart)['have']} lines more than {FAR_APART} days apart, as "
        "if order numbers started anew"
    )
    return [replace(tell("distant_lines", raw, apart, column="order_id", message=message), share=apart / number)]


def _frequent_customer(raw: RawTable, customers: ir.Table, engine: Engine, number: int) -> list[Problem]:
    top = customers.order_by([ibis.desc("n"), "customer_id"]).limit(1)
    found = [row for row in engine.collect(top).to_pylist() if row["n"] > max(MANY, FREQUENT * number)]
    notes = []
    for row in found:
        share = int(row["n"]) / number
        message = (
            f"Customer {row['customer_id']} has {int(row['n']):,} of {number:,} orders ({share:.0%}), as if it stood "
            "for many people, such as guests"
        )
        note = tell("frequent_customer", raw, int(row["n"]), column="customer_id", message=message)
        notes.append(replace(note, share=share))
    return notes


def _email_case(raw: RawTable, customers: ir.Table, engine: Engine) -> list[Problem]:
    who = customers["customer_id"]
    if not who.type().is_string():
        return []
    emails = customers.filter(who.contains("@")).select(email=who.lower())
    alike = emails.group_by("email").aggregate(n=emails.count()).filter(lambda t: t["n"] > 1)
    count = int(engine.collect(alike.aggregate(n=alike["n"].sum().fill_null(0))).to_pylist()[0]["n"])
    if not count:
        return []
    message = (
        f"{counted(count, 'customer')} of {raw.name} have an email address that another has in other capital letters"
    )
    return [tell("email_case", raw, count, column="customer_id", message=message)]


def far_as_of(raw: RawTable, as_of: dt.date | None, last: dt.date | None) -> list[Problem]:
    """A set as-of day that lies more than a year after the last event."""
    if as_of is None or last is None or (as_of - last).days <= FAR_AS_OF:
        return []
    message = f"The as-of day {as_of} lies more than a year after the last day of the data, {last}"
    return [tell("far_as_of", raw, 1, message=message)]
