"""Order lines: the fate, the kind and the money of each, computed once and kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis

from coterie.engines import named
from coterie.tables.called_off import with_called_off
from coterie.tables.contract import MONEY
from coterie.tables.judge import PLACE
from coterie.tables.numbers import LARGEST
from coterie.tables.order_amounts import is_cancelled

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from coterie.engines import Engine
    from coterie.settings import ReadSettings
    from coterie.tables.cast import Typed
    from coterie.tables.contract import RawTable
    from coterie.tables.order_amounts import Reading

LINE_COLUMNS = (
    "customer_id", "order_id", "ordered_on", "kind", "money", "quantity", "category", "product", "product_name",
    "branch_id", "merchant_id",
)  # fmt: skip

FATES = (
    "missing_customer_id", "missing_date", "unparsable_date", "missing_amount", "unparsable_amount",
    "too_large_amount", "excluded_product", "cancelled_order", "duplicate", "after_as_of",
)  # fmt: skip
"""Why a line is set aside, in the order of judging; its place, from 1, is the line's `_code`."""

CODE = {rule: number for number, rule in enumerate(FATES, start=1)}


def order_lines(
    typed: Typed, reading: Reading, branches: ir.Table | None, settings: ReadSettings, engine: Engine
) -> ir.Table:
    """Every line, used or not: `_code` (0: used), the columns of `Tables.lines`, and what was found in it."""
    table = typed.table
    there = {name: table[name] for name in table.columns}
    text = ibis.null("string")
    amount, unreadable = _amount(typed, reading)
    quantity = there.get("quantity", ibis.null("float64"))
    order_id = there.get("order_id", text)
    cancelled = is_cancelled(order_id).fill_null(False) if reading.cancels else ibis.literal(False)
    back = cancelled | (quantity < 0).fill_null(False) | (amount < 0).fill_null(False)
    free = _free(typed, reading, there)
    countable = ibis.cases((amount.abs() <= LARGEST, amount), else_=ibis.null("float64"))
    parts = (countable.abs() * MONEY).round().cast("int64")
    flipped = back & (amount > 0).fill_null(False)
    product = there.get("product", there.get("product_name", text))
    own_or_made = order_id if "_time" not in there else _own_or_made(order_id, table)
    whole, called_off = with_called_off(typed, own_or_made, back, amount, settings, engine)
    values = {
        "_code": _fate(typed, table, amount, unreadable, product, called_off, settings),
        "_same": table["_same"],
        "_no_order": order_id.isnull(),
        "_flipped": flipped,
        "customer_id": table["customer_id"],
        "order_id": own_or_made,
        "ordered_on": table["order_date"],
        "kind": ibis.cases((back, "return"), (free, "free"), else_="sale"),
        "money": ibis.cases((back, -parts), else_=parts),
        "quantity": quantity,
        "category": there.get("product_category", text),
        "product": product,
        "product_name": there.get("product_name", text),
        "branch_id": there.get("branch_id", ibis.null("int64")),
    }
    if typed.has("order_status"):
        values["_in_part"] = (table["order_status"] == "refunded in part").fill_null(False)
    if typed.has("cancelled_at"):
        values["_cancelled_on"] = table["cancelled_at"]
    known = (typed.bad_name(name) for name in ("quantity", "price", "amount", "order_status", "cancelled_at"))
    flags = {bad: table[bad] for bad in known if bad}
    attributes = {name: table[name] for name in typed.raw.attributes}
    lines = engine.keep(_at_branches(whole.select(*PLACE, **values, **flags, **attributes), branches))
    return named(engine, lines, "order_lines")


def _amount(typed: Typed, reading: Reading) -> tuple[ir.FloatingValue, ir.BooleanValue]:
    """The amount of a line, and whether it is missing because a cell cannot be read."""
    table, no = typed.table, ibis.literal(False)
    names = ["amount"] if reading.by == "amount" else ["price", *(["quantity"] if typed.has("quantity") else [])]
    bad: ir.BooleanValue = no
    for name in names:
        flag = typed.bad_name(name)
        bad = bad if flag is None else bad | table[flag]
    amount = table[names[0]]
    for name in names[1:]:
        amount = amount * table[name]
    return amount, bad


def _free(typed: Typed, reading: Reading, there: dict[str, ir.Value]) -> ir.BooleanValue:
    """A unit price (or quantity) of 0; but an order given by its total of 0 is an order."""
    zero: ir.BooleanValue = ibis.literal(False)
    if typed.has("price"):
        zero = (there["price"] == 0).fill_null(False)
    if reading.by == "price":
        return zero | (there["quantity"] == 0).fill_null(False) if typed.has("quantity") else zero
    return zero & (there["amount"] == 0).fill_null(False)


def _own_or_made(order_id: ir.StringValue, table: ir.Table) -> ir.StringValue:
    """Without an id of its own a line belongs to the order of its customer at that moment."""
    return ibis.coalesce(order_id, table["customer_id"].cast("string") + " " + table["_time"])


def _fate(
    typed: Typed,
    table: ir.Table,
    amount: ir.FloatingValue,
    unreadable: ir.BooleanValue,
    product: ir.StringValue,
    called_off: ir.BooleanValue,
    settings: ReadSettings,
) -> ir.IntegerValue:
    flag = typed.bad_name("order_date")
    bad_date: ir.BooleanValue = ibis.literal(False) if flag is None else table[flag]
    day = table["order_date"]
    branches = [
        (table["customer_id"].isnull(), "missing_customer_id"),
        (day.isnull() & ~bad_date, "missing_date"),
        (day.isnull(), "unparsable_date"),
        (amount.isnull() & ~unreadable, "missing_amount"),
        (amount.isnull(), "unparsable_amount"),
        (amount.abs() > LARGEST, "too_large_amount"),
    ]
    if settings.exclude_products:
        named = [word.strip().lower() for word in settings.exclude_products]
        excluded = product.lower().isin(named).fill_null(False)
        if typed.has("product") and typed.has("product_name"):
            excluded = excluded | table["product_name"].lower().isin(named).fill_null(False)
        branches.append((excluded, "excluded_product"))
    branches.append((called_off, "cancelled_order"))
    if settings.as_of is not None:
        branches.append((day > settings.as_of, "after_as_of"))
    return ibis.cases(*[(when, CODE[rule]) for when, rule in branches], else_=0).cast("int64")


def _at_branches(rows: ir.Table, branches: ir.Table | None) -> ir.Table:
    """With the merchant of the branch; a branch that the branches table does not hold becomes unknown."""
    if branches is None:
        return rows.mutate(merchant_id=ibis.null("int64"))
    there = branches.select(_branch=branches["branch_id"], merchant_id=branches["merchant_id"], _here=branches["_here"])
    joined = rows.left_join(there, rows["branch_id"] == there["_branch"])
    orphan = joined["branch_id"].notnull() & joined["_here"].isnull()
    kept = [rows[name] for name in rows.columns if name != "branch_id"]
    return joined.select(
        *kept, branch_id=joined["_branch"], merchant_id=joined["merchant_id"], _is_orphan_branch=orphan
    )


def copies_of(lines: ir.Table, raw: RawTable, engine: Engine) -> ir.Table | None:
    """`_file`, `_line` of every line that is identical, cell by cell, to an earlier one; None where there is none."""
    often = lines.group_by("_same").aggregate(_n=lines.count()).filter(lambda t: t["_n"] > 1)
    alike = engine.keep(lines.semi_join(often, "_same").select(*PLACE))
    if not engine.collect(alike.aggregate(n=alike.count())).to_pylist()[0]["n"]:
        return None
    cells = [name for name in raw.rows.columns if name not in PLACE]
    rows = raw.rows.semi_join(alike, PLACE)
    rank = ibis.row_number().over(ibis.window(group_by=cells, order_by=PLACE))
    copies = rows.select(*PLACE, _rank=rank).filter(lambda t: t["_rank"] > 0)
    return engine.keep(copies.select(*PLACE))


def once(raw: RawTable) -> ir.Table:
    """Of lines that are identical, cell by cell, one; each at no place of its own."""
    cells = raw.rows.select(*[name for name in raw.rows.columns if name not in PLACE]).distinct()
    return cells.mutate(**{name: ibis.null(raw.rows[name].type()) for name in PLACE}).select(*raw.rows.columns)


def without_copies(lines: ir.Table, copies: ir.Table, engine: Engine) -> ir.Table:
    """The lines with the copies set aside as duplicates, unless an earlier rule set them aside."""
    marked = copies.mutate(_copy=ibis.literal(True))
    joined = lines.left_join(marked, PLACE)
    live = joined["_code"].isin([0, CODE["after_as_of"]])
    code = ibis.cases((joined["_copy"].fill_null(False) & live, CODE["duplicate"]), else_=joined["_code"])
    kept = [lines[name] for name in lines.columns if name != "_code"]
    return engine.keep(joined.select(*kept, _code=code.cast("int64")))
