"""Whether a table with customer, day, amount and status holds orders, not coupons: by the words of its status."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coterie.errors import DataError
from coterie.schema import ORDER_STATUS_WORDS, ORDERS, TRANSACTIONS
from coterie.tables.naming import match_columns
from coterie.tables.part import cell_names
from coterie.tables.status import look_at_status

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from coterie.engines import Engine
    from coterie.settings import ReadSettings
    from coterie.tables.part import Part

OF_COUPONS = frozenset(("coupon_name", "burn_date", "expiry_date"))
"""Columns that nothing but a table of coupons has."""


def holds_orders(part: Part, engine: Engine, settings: ReadSettings) -> bool:
    """Whether it has an amount and no column of coupons, and its status is completed, paid and such, never burnt."""
    try:
        coupons = match_columns(TRANSACTIONS, part.header, settings, part.label).columns
        orders = match_columns(ORDERS, part.header, settings, part.label).columns
    except DataError:
        return False
    if "amount" not in orders or OF_COUPONS & set(coupons):
        return False
    name = cell_names(len(part.header))[coupons["transaction_status"]]
    rows = part.load(engine, ORDERS.name).rows
    claimed = look_at_status(engine, rows, name, settings.status).known
    sold = look_at_status(engine, rows, name, settings.order_status, ORDER_STATUS_WORDS).known
    return "burnt" not in claimed and bool(_words(sold) - _words(claimed))


def _words(known: Mapping[str, Sequence[str]]) -> set[str]:
    return {word for words in known.values() for word in words}
