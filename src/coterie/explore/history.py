"""One customer: the row of the list, and what happened, newest first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import ibis

from coterie.explore.contract import Event, History
from coterie.explore.listing import customers_at, told
from coterie.explore.looked_at import sayable
from coterie.metrics import in_money

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from coterie.explore.narrow import Narrow

MOST = 200
"""Events told of one customer."""
_KINDS = {"sale": "order"}


def history_of(narrow: Narrow, customer_id: str) -> History | None:
    """The customer of that id, as text, and the latest events; None where there is no such customer."""
    if not sayable(customer_id):
        return None
    found = narrow.people.filter(narrow.people.key == customer_id).select("row")
    rows = narrow.engine.collect(found)["row"].to_pylist()
    if not rows:
        return None
    cells = customers_at(narrow, rows)[0]
    row, joined = int(cells.pop("row")), cells.pop("join_date")
    claims, bought = _claims(narrow, row), _bought(narrow, row)
    events = sorted([*claims[0], *bought[0]], key=lambda event: event.day, reverse=True)[:MOST]
    return History(told(cells), joined, tuple(events), claims[1] + bought[1])


def _claims(narrow: Narrow, row: int) -> tuple[list[Event], int]:
    """Of coupons, the newest; and how many there are."""
    if narrow.coupons is None:
        return [], 0
    own = narrow.coupons.filter(narrow.coupons.row == row)
    own = own.select("status", "burnt_on", "branch_id", "merchant_id", day="claimed_on", what="coupon_name")
    found, total = _newest(narrow, own, ("what", "status", "branch_id", "merchant_id", "burnt_on"))
    return [_event(narrow, one, one["status"], one["burnt_on"], one["what"], None) for one in found], total


def _bought(narrow: Narrow, row: int) -> tuple[list[Event], int]:
    """Of order lines, the newest; and how many there are."""
    if narrow.lines is None:
        return [], 0
    own = narrow.lines.filter(narrow.lines.row == row)
    own = own.select("kind", "money", "category", "product", "branch_id", "merchant_id", day="ordered_on")
    found, total = _newest(narrow, own, ("category", "product", "kind", "money", "branch_id", "merchant_id"))
    events = []
    for one in found:
        what = ", ".join(filter(None, (one["category"], one["product"]))) or None
        kind = _KINDS.get(one["kind"], one["kind"])
        events.append(_event(narrow, one, kind, None, what, in_money(one["money"])))
    return events, total


def _newest(narrow: Narrow, own: ir.Table, then: tuple[str, ...]) -> tuple[list[dict[str, Any]], int]:
    """The newest events, those of a day in the order of these columns; and how many there are in all."""
    counted = own.mutate(_total=own.count().over(ibis.window()))
    newest = counted.order_by([ibis.desc("day"), *then]).limit(MOST)
    rows: list[dict[str, Any]] = narrow.engine.collect(newest).to_pylist()
    return rows, int(rows[0]["_total"]) if rows else 0


def _event(
    narrow: Narrow, one: Mapping[str, Any], kind: str, burnt_on: dt.date | None, what: str | None, amount: float | None
) -> Event:
    names = {} if narrow.tables is None else narrow.tables.names

    def called(place: str) -> str | None:
        cell = one[f"{place}_id"]
        return None if cell is None else names.get(place, {}).get(cell, cell)

    return Event(kind, one["day"], burnt_on, what, called("branch"), called("merchant"), amount)
