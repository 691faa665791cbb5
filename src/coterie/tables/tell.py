"""A finding in words: the sentence of its rule, filled in."""

from __future__ import annotations

from coterie.tables.contract import Problem, RawTable
from coterie.tables.rules import RULE


def counted(count: int, noun: str = "row") -> str:
    """A number with its noun.

    Example:
        >>> counted(1), counted(1200)
        ('1 row', '1,200 rows')
    """
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


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
    **words: str,
) -> Problem:
    """A finding of `rule` about a table; message, effect and cure come from the rule unless given."""
    entry = RULE[rule]
    file = raw.files[0] if len(raw.files) == 1 else None
    shown = raw.original.get(column, column) if column else None
    fields = {"rows": counted(count), "where": raw.name, "column": shown or raw.name, **words}
    return Problem(
        rule=rule,
        table=raw.name,
        count=count,
        message=(entry.message.format(**fields) if message is None else message) + ".",
        effect=entry.effect if effect is None else effect,
        cure=entry.cure.format(**fields) if cure is None else cure,
        file=file,
        column=column,
        examples=examples,
        severity=entry.severity,
    )
