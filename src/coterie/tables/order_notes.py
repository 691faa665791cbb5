"""What is worth telling of orders that are used: returns, free items, identical lines, products that may be none."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import ibis

from coterie.schema import key_of
from coterie.tables.contract import MONEY, Problem, RawTable
from coterie.tables.naming import listed
from coterie.tables.places import examples
from coterie.tables.tell import agreeing, counted, money, tell

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from coterie.engines import Engine

MOST_CODES = 200
LATE = 366
"""Days without an order from which the few orders after them look like slips of the pen."""
FEW_DAYS, FEW_LINES = 10, 0.05
"""At most so many days, and this share of the lines, are few."""
MOSTLY = 0.5
SHOWN = 8

NO_PRODUCT = frozenset(
    key_of(word)
    for word in (
        "postage", "post", "shipping", "shipping cost", "shipping fee", "shipping charge", "delivery", "delivery fee",
        "delivery charge", "carriage", "freight", "handling", "handling fee", "dotcom postage", "packing", "manual",
        "discount", "voucher", "coupon", "gift card", "gift voucher", "store credit", "credit", "adjustment",
        "adjust bad debt", "rounding", "bank charges", "bank charge", "amazon fee", "paypal fee", "payment fee", "fee",
        "fees", "service charge", "commission", "cruk commission", "tip", "tips", "donation", "deposit", "samples",
        "sample", "test", "tax", "vat",
    )
)  # fmt: skip
"""Codes and names (as `key_of` gives them) of what is on invoices and is no product."""


def kind_notes(raw: RawTable, found: Mapping[str, tuple[int, float]], currency: str | None) -> list[Problem]:
    """Lines used that are returns or free items; `found` is kind -> lines and revenue."""
    notes = []
    for kind, rule in (("return", "returns"), ("free", "free_items")):
        count, revenue = found.get(kind, (0, 0.0))
        if count:
            worth = revenue if kind == "return" else None
            notes.append(tell(rule, raw, count, revenue=worth, currency=currency))
    return notes


def late_days(raw: RawTable, used: ir.Table, engine: Engine, number: int) -> list[Problem]:
    """The last days of the `number` lines used where they lie far after all others, such as the one order of 2099."""
    days = used.group_by("ordered_on").aggregate(n=used.count()).order_by(ibis.desc("ordered_on"))
    last = engine.collect(days.limit(FEW_DAYS + 1)).to_pylist()
    gaps = [(later["ordered_on"] - one["ordered_on"]).days > LATE for later, one in itertools.pairwise(last)]
    if True not in gaps:
        return []
    at = len(gaps) - gaps[::-1].index(True)
    count, before = sum(int(row["n"]) for row in last[:at]), last[at]["ordered_on"]
    if count > FEW_LINES * number:
        return []
    rows = used.filter(used["ordered_on"] > before)
    message = (
        f"{counted(count)} of {raw.name} {agreeing(count)['lie']} more than a year after all others: the last day is "
        f"{last[0]['ordered_on']}, the last of the others {before}"
    )
    shown = examples(raw, engine, rows, ("order_date",))
    return [tell("late_days", raw, count, column="order_date", message=message, examples=shown)]


def copies_note(
    raw: RawTable, lines: ir.Table, copies: ir.Table, engine: Engine, currency: str | None, *, dropped: bool
) -> Problem:
    """Identical lines with their revenue, and how many of them other rules set aside."""
    found = lines.semi_join(copies, ["_file", "_line"])
    aside = (found["_code"] > 0).sum().fill_null(0)
    asked = found.aggregate(n=found.count(), aside=aside, money=found["money"].sum().fill_null(0).cast("int64"))
    row = engine.collect(asked).to_pylist()[0]
    count = int(row["n"])
    message = f"{counted(count)} of {raw.name} {agreeing(count)['are']} identical to an earlier one"
    if row["aside"] and not dropped:
        message += f" ({int(row['aside']):,} of them set aside by other rules)"
    shown = examples(raw, engine, copies, tuple(name for name in raw.original if name in raw.rows.columns)[:4])
    return tell("identical_lines", raw, count, message=message, examples=shown, revenue=row["money"] / MONEY,
                currency=currency, effect="collapsed into one line" if dropped else None,
                cure="" if dropped else None)  # fmt: skip


def product_note(raw: RawTable, used: ir.Table, engine: Engine, currency: str | None) -> list[Problem]:
    """Products whose code has no digit where most have one, or that are known to be none, with their revenue."""
    # Few distinct products are left to be looked at closely, whatever the number of lines.
    named = used.filter(used["product"].notnull())
    products = named.group_by("product", "product_name").aggregate(
        n=named.count(), money=named["money"].sum().cast("int64")
    )
    products = engine.keep(products)
    digit = products["product"].re_search(r"\d")
    asked = products.aggregate(all=products["n"].sum().fill_null(0), coded=products["n"].sum(where=digit).fill_null(0))
    row = engine.collect(asked).to_pylist()[0]
    strange: ir.BooleanValue = ibis.literal(False)
    for name in ("product", "product_name"):
        key = products[name].lower().re_replace(r"[\s_.-]+", "")
        strange = strange | key.isin(sorted(NO_PRODUCT)).fill_null(False)
    if row["coded"] > MOSTLY * row["all"]:
        strange = strange | ~digit
    some = products.filter(strange)
    codes = some.group_by("product").aggregate(
        n=some["n"].sum().cast("int64"), money=some["money"].sum().cast("int64"), name=some["product_name"].min()
    )
    codes = codes.mutate(size=codes["money"].abs()).order_by([ibis.desc("size"), "product"])
    found = engine.collect(codes.limit(MOST_CODES)).to_pylist()
    if not found:
        return []
    total = sum(row["money"] for row in found) / MONEY
    rows = sum(int(row["n"]) for row in found)
    told = [f"{_shown(row)} {money(row['money'] / MONEY, currency)}" for row in found]
    message = f"{counted(len(found), 'product')} of {raw.name} may not be goods: {listed(told, SHOWN)}; {counted(rows)}"
    return [tell("non_products", raw, rows, column="product", message=message, revenue=total, currency=currency,
                 examples=tuple(str(row["product"]) for row in found[:3]))]  # fmt: skip


def _shown(row: Mapping[str, object]) -> str:
    code, name = str(row["product"]), row["name"]
    return code if name is None or key_of(str(name)) == key_of(code) else f"{code} ({str(name)[:30]})"


def unmatched_note(raw: RawTable, lines: ir.Table, wanted: Sequence[str], engine: Engine) -> list[Problem]:
    """What exclude_products names and no line holds."""
    named = {word.strip().lower(): word for word in wanted}
    if not named:
        return []
    there: set[str] = set()
    for column in ("product", "product_name"):
        cell = lines[column].lower()
        met = lines.filter(cell.isin(sorted(named))).select(cell=cell).distinct()
        there |= {row["cell"] for row in engine.collect(met.order_by("cell").limit(len(named))).to_pylist()}
    missing = [word for key, word in named.items() if key not in there]
    if not missing:
        return []
    message = f"exclude_products names {listed(missing)}, which no line of {raw.name} holds"
    return [tell("unmatched_exclusion", raw, len(missing), message=message)]
