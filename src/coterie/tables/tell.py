"""A finding in words: the sentence of its rule, filled in."""

from __future__ import annotations

from coterie.schema import TABLES
from coterie.tables.advice import for_frames, is_frame
from coterie.tables.contract import Problem, RawTable
from coterie.tables.rules import RULE


def counted(count: int, noun: str = "row") -> str:
    """A number with its noun.

    Example:
        >>> counted(1), counted(1200)
        ('1 row', '1,200 rows')
    """
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def money(amount: float, currency: str | None = None) -> str:
    """An amount with its currency, where the data name one.

    Example:
        >>> money(-1234.5), money(3, "EUR"), money(3, "$")
        ('−1,234.50', '3.00 EUR', '$3.00')
    """
    shown = f"{abs(amount):,.2f}"
    if currency is not None:
        shown = f"{shown} {currency}" if currency.isalpha() else f"{currency}{shown}"
    return f"−{shown}" if amount < 0 else shown


AGREEING = {
    "have": ("has", "have"), "are": ("is", "are"), "were": ("was", "were"), "their": ("its", "their"),
    "share": ("shares", "share"), "close": ("closes", "close"), "lie": ("lies", "lie"), "name": ("names", "name"),
    "copies": ("a copy", "copies"), "hold": ("holds", "hold"), "open": ("opens", "open"),
    "returns": ("a return", "returns"), "free_items": ("a free item", "free items"),
}  # fmt: skip
"""Word -> how it reads after one row, and after several."""


def agreeing(count: int) -> dict[str, str]:
    """The words that follow the number of rows, by their name.

    Example:
        >>> agreeing(1)["have"], agreeing(16)["have"]
        ('has', 'have')
    """
    return {word: one if count == 1 else several for word, (one, several) in AGREEING.items()}


def in_words(column: str) -> str:
    """A column of the contract as a sentence calls it; a name of the shop's own stands as it is.

    Example:
        >>> in_words("customer_id"), in_words("Member_No")
        ('customer id', 'Member_No')
    """
    known = any(spec.column(column) is not None for spec in TABLES)
    return column.replace("_", " ") if known else column


def tell(
    rule: str,
    raw: RawTable,
    count: int,
    *,
    column: str | None = None,
    examples: tuple[str, ...] = (),
    message: str | None = None,
    effect: str | None = None,
    cure: str | None = None,
    revenue: float | None = None,
    currency: str | None = None,
    **words: str,
) -> Problem:
    """A finding of `rule` about a table; message, effect and cure come from the rule unless given."""
    entry = RULE[rule]
    file = raw.files[0] if len(raw.files) == 1 else None
    fields = {
        "rows": counted(count),
        "where": raw.name,
        "column": in_words(column) if column else raw.name,
        **agreeing(count),
        **words,
    }
    message = entry.message.format(**fields) if message is None else message
    if revenue is not None:
        message += f", with a revenue of {money(revenue, currency)}"
    cure = entry.cure.format(**fields) if cure is None else cure
    return Problem(
        rule=rule,
        table=raw.name,
        count=count,
        message=message[:1].upper() + message[1:] + "." if message.startswith("in ") else message + ".",
        effect=entry.effect if effect is None else effect,
        cure=for_frames(cure) if is_frame(raw.files[0]) else cure,
        file=file,
        column=column,
        examples=examples,
        severity=entry.severity,
        revenue=revenue,
    )
