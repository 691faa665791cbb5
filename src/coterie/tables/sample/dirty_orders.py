"""The orders with faults: each kind at the same known rate, one fault per row."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coterie.tables.sample.columns import dates, numbers, values_of
from coterie.tables.sample.dirt import (
    NOT_A_DATE,
    UNKNOWN_ID,
    put,
    put_numbers,
    put_texts,
    rate_for,
    several,
    with_texts,
)
from coterie.tables.sample.dirty_weeks import IN_LINES, Piece, backdatable
from coterie.tables.sample.orders import expected_orders, orders_by_week
from coterie.tables.sample.people import DIRTY_ORDERS, stream

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pyarrow as pa

    from coterie.tables.sample.dirt import Ledger, SoiledCustomers
    from coterie.tables.sample.people import Ints
    from coterie.tables.sample.plan import Plan

IN_ANY = (
    "missing_customer_id", "missing_date", "unparsable_date", "missing_amount", "unparsable_amount", "missing_order_id",
    "orphan_customer", "orphan_branch", "returns", "identical_lines", "ragged_row", "short_row",
)  # fmt: skip

COLUMN = {
    "missing_customer_id": "customer_id", "missing_date": "order_date", "unparsable_date": "order_date",
    "missing_amount": "amount", "unparsable_amount": "amount", "missing_order_id": "order_id",
    "orphan_customer": "customer_id", "orphan_branch": "branch_id", "returns": "amount",
    "order_before_join": "order_date",
}  # fmt: skip
NOT_AN_AMOUNT = ("see invoice", "to be paid", "twelve", "12-50")


def dirty_orders(plan: Plan, customers: SoiledCustomers, ledger: Ledger, *, lines: bool) -> Iterator[Piece]:
    """The orders week by week with their faults, counted in the ledger; with faults of lines if asked for."""
    rate = rate_for(round(float(expected_orders(plan).sum() + (plan.people.burn * plan.people.coupons).sum())))
    rules = [rule for rule in IN_ANY if lines or rule not in IN_LINES]
    waiting = customers.to_predate.copy()
    # Nobody's ids, above those that orphans among the coupons may have.
    nobody = customers.next_id + int(plan.people.coupons.sum(dtype=np.int64))
    for number, week in enumerate(orders_by_week(plan)):
        draw = stream(plan.seed, DIRTY_ORDERS, number)
        slot = (draw.random(week.num_rows) / rate).astype(np.int64)
        faults = {rule: np.flatnonzero(slot == place) for place, rule in enumerate(rules)}
        customer = values_of(week["customer_id"]) - 1
        early = faults["order_before_join"] = backdatable(customer, waiting, faults)
        waiting[customer[early]] = False
        before = plan.people.joined[customer[early]] - draw.integers(1, 31, len(early))
        for rule, rows in faults.items():
            ledger.note(rule, "orders", len(rows), COLUMN.get(rule))
        yield soil(plan, week, faults, before, nobody)
        nobody += len(faults["orphan_customer"])


def soil(plan: Plan, week: pa.Table, faults: Mapping[str, Ints], before: Ints, nobody: int) -> Piece:
    """The rows of the week with these faults, copies at its end; `before` are the days of orders before joining."""
    import pyarrow as pa

    orphans, nowhere, back = faults["orphan_customer"], faults["orphan_branch"], faults["returns"]
    rows = put(week, "amount", back, numbers(-values_of(week["amount"])[back], pa.float64()))
    rows = put(rows, "order_date", faults["order_before_join"], dates(before))
    rows = with_texts(rows, "order_date", "amount")
    for rule, column in (("missing_order_id", "order_id"), ("missing_customer_id", "customer_id")):
        rows = put_numbers(rows, column, faults[rule], None)
    for rule, column in (("missing_date", "order_date"), ("missing_amount", "amount")):
        rows = put_texts(rows, column, faults[rule], None)
    rows = put_texts(rows, "order_date", faults["unparsable_date"], several(NOT_A_DATE, faults["unparsable_date"]))
    rows = put_texts(rows, "amount", faults["unparsable_amount"], several(NOT_AN_AMOUNT, faults["unparsable_amount"]))
    rows = put_numbers(rows, "customer_id", orphans, nobody + np.arange(len(orphans)))
    rows = put_numbers(rows, "branch_id", nowhere, len(plan.places.merchant_of) + UNKNOWN_ID + nowhere % 7)
    ragged, short = (frozenset(faults[rule].tolist() if rule in faults else ()) for rule in IN_LINES)
    return Piece(pa.concat_tables([rows, rows.take(numbers(faults["identical_lines"], pa.int64()))]), ragged, short)
