"""How the amounts of an orders table are meant: as they stand, or as price times quantity; and in which currency."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import ibis

from coterie.errors import DataError
from coterie.rounding import round9
from coterie.tables.cast import Typed
from coterie.tables.contract import Problem
from coterie.tables.first_lines import first_lines
from coterie.tables.money import currency_of, several
from coterie.tables.tell import counted, tell

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from coterie.engines import Engine

MOST_CURRENCIES = 50
MOSTLY = 0.5
FEW_ORDERS = 10
NEARLY_ALL = 0.9


@dataclass(frozen=True)
class Reading:
    """How the lines of an orders table are read.

    Attributes:
        by: The amount as it stands, or price times quantity (price alone without a quantity column).
        cancels: An order_id of C and digits is a cancelled invoice.
        notes: What has to be said about it.
    """

    by: Literal["amount", "price"]
    cancels: bool
    notes: tuple[Problem, ...] = ()


def look_at_amounts(typed: Typed, engine: Engine) -> Reading:
    """Decide which column tells the amount of a line, and whether a C makes an invoice a cancelled one."""
    by, notes = _choose(typed, engine) if typed.has("amount") and typed.has("price") else _only(typed, engine)
    return Reading(by, _cancels(typed, engine), notes)


def is_cancelled(order_id: ir.StringValue) -> ir.BooleanValue:
    """Whether an order_id is C and digits; the pattern is asked only where it begins so."""
    return ibis.cases((order_id.left(1).isin(["C", "c"]), order_id.re_search(r"^[Cc]\d+$")), else_=False)


def _cancels(typed: Typed, engine: Engine) -> bool:
    """Whether C and digits stand among plain numbers; where all ids begin with a letter, C is nothing special."""
    if not typed.has("order_id") or not typed.raw.rows["order_id"].type().is_string():
        return False
    ids = typed.table["order_id"]
    if not engine.collect(typed.table.aggregate(n=is_cancelled(ids).sum().fill_null(0))).to_pylist()[0]["n"]:
        return False
    plain = engine.collect(typed.table.aggregate(n=ids.re_search(r"^\d+$").sum().fill_null(0))).to_pylist()[0]["n"]
    return bool(plain > MOSTLY * typed.filled["order_id"])


def _worth(typed: Typed, table: ir.Table) -> ir.FloatingValue:
    """Price times quantity; the price itself without a quantity column."""
    return table["price"] * table["quantity"] if typed.has("quantity") else table["price"]


def _only(typed: Typed, engine: Engine) -> tuple[Literal["amount", "price"], tuple[Problem, ...]]:
    if "amount" not in typed.table.columns or typed.has("price"):
        return "price", ()
    repeated = _repeated(typed, engine, of_price=False)
    if repeated is None:
        return "amount", ()
    message = f"In {repeated[0]:,} of {repeated[1]:,} orders of several lines looked at all lines have the same amount"
    note = tell("repeated_totals", typed.raw, repeated[0], column="amount", message=message)
    return "amount", (replace(note, share=repeated[2]),)


def _choose(typed: Typed, engine: Engine) -> tuple[Literal["amount", "price"], tuple[Problem, ...]]:
    """The amount is never multiplied; but where it is the order's total beside the prices of lines, these tell more."""
    raw, table = typed.raw, typed.table
    filled = table.aggregate(amounts=table["amount"].count(), prices=_worth(typed, table).count())
    amounts, prices = (int(n) for n in engine.collect(filled).to_pylist()[0].values())
    amount, price = (raw.original.get(name, name) for name in ("amount", "price"))
    product = f"{price} times {raw.original.get('quantity', 'quantity')}" if typed.has("quantity") else price
    if amounts < prices:
        message = f"{amount} stands in {amounts:,} rows of {raw.name} and {product} in {prices:,}"
        effect = f"the amount of a line is {product}"
        return "price", (tell("amount_reading", raw, amounts, column="amount", message=message, effect=effect),)
    repeated = _repeated(typed, engine, of_price=True)
    if repeated is not None:
        message = (
            f"{amount} is the same in all lines of {repeated[0]:,} of {repeated[1]:,} orders looked at whose lines "
            f"differ in {product}, so it is the order's total"
        )
        effect = f"the amount of a line is {product}"
        return "price", (tell("amount_reading", raw, repeated[0], column="amount", message=message, effect=effect),)
    message = f"{raw.name} has {amount} as well as {product}"
    effect = f"the amount of a line is {amount}, never multiplied"
    return "amount", (tell("amount_reading", raw, amounts, column="amount", message=message, effect=effect),)


def _repeated(typed: Typed, engine: Engine, *, of_price: bool) -> tuple[int, int, float] | None:
    """Orders of several lines with one amount on all of them, orders of several lines, and the former's share of all
    amounts; None where that is rare.

    Beside prices only orders are asked whose lines differ in price times quantity; two such orders are enough then,
    since equal amounts of unequal lines are no accident.
    """
    if not typed.has("order_id"):
        return None
    table = first_lines(typed.table, typed.raw).filter(lambda t: t["amount"] != 0)
    orders = table.group_by("order_id", "customer_id").aggregate(
        same=table["amount"].min() == table["amount"].max(),
        counts=(_worth(typed, table).min() != _worth(typed, table).max()) if of_price else table.count() > 1,
        amount=table["amount"].abs().sum(),
    )
    both, amount = orders["counts"] & orders["same"], orders["amount"]
    wanted = {"n": orders["counts"].sum(), "same": both.sum(), "part": amount.sum(where=both), "all": amount.sum()}
    row = engine.collect(orders.aggregate(**wanted)).to_pylist()[0]
    same, number = int(row["same"] or 0), int(row["n"] or 0)
    found = same, number, round9((row["part"] or 0.0) / (row["all"] or 1.0))
    if of_price:
        return found if same > MOSTLY * number else None
    return found if number >= FEW_ORDERS and same >= NEARLY_ALL * number else None


def one_currency(typed: Typed, engine: Engine) -> str | None:
    """The currency of all amounts, where the data name one: that of the currency column before a sign.

    Raises:
        DataError: There are several; they are named.
    """
    column = _currency_column(typed, engine)
    found = {**typed.currencies, **column}
    names = several(found)
    if names:
        told = ", ".join(f"{name} ({counted(found[name])})" for name in sorted(names, key=lambda name: -found[name]))
        raise DataError(
            f"{typed.raw.files[0]} has amounts in several currencies: {told}. Amounts are added up, never converted; "
            "convert them to one currency, or give one file per currency."
        )
    codes = sorted(found, key=lambda name: (not name.isalpha(), name not in column, name))
    return codes[0] if codes else None


def _currency_column(typed: Typed, engine: Engine) -> Mapping[str, int]:
    if not typed.has("currency"):
        return {}
    filled = typed.table.filter(typed.table["currency"].notnull())
    counts = filled.group_by("currency").aggregate(n=filled.count()).order_by([ibis.desc("n"), "currency"])
    found: dict[str, int] = {}
    for row in engine.collect(counts.limit(MOST_CURRENCIES)).to_pylist():
        name = currency_of(row["currency"]) or row["currency"].upper()
        found[name] = found.get(name, 0) + int(row["n"])
    return found
