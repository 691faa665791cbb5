"""What cannot serve at all, in one sentence: no table of events, no status that is known, no row that can be used."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, NoReturn

from coterie.errors import DataError
from coterie.schema import TABLES
from coterie.tables.advice import for_frames, is_frame
from coterie.tables.rules import RULE
from coterie.tables.status import cure_of

if TYPE_CHECKING:
    from coterie.tables.books import Books
    from coterie.tables.cast import Typed
    from coterie.tables.contract import RawTable
    from coterie.tables.judge import Judged

EVENTS = tuple(spec.name for spec in TABLES if spec.event)


def refuse_no_table(raws: Sequence[RawTable], label: str) -> None:
    """Neither coupons nor orders are there."""
    if any(raw.name in EVENTS for raw in raws):
        return
    found = ", ".join(sorted(raw.name for raw in raws)) or "no table at all"
    raise DataError(
        f"{label} has no transactions table and no orders table ({found} found). Add transactions, a row per coupon "
        "with customer, date and status, or orders, a row per order or line with customer, date and amount."
    )


def refuse_unknown_statuses(transactions: Typed) -> None:
    """No word of the status column is known."""
    words = transactions.status
    if words is None or words.known or not words.unknown:
        return
    listed = ", ".join(f"{word!r} ({count:,})" for word, count in list(words.unknown.items())[:5])
    shown = transactions.raw.original.get("transaction_status", "transaction_status")
    cure, file = cure_of(words.unknown), transactions.raw.files[0]
    if is_frame(file):
        cure = for_frames(cure)
    called = f"If its rows are orders, not coupons, call {'it' if is_frame(file) else 'the file'} orders."
    raise DataError(f"No status of {file} is known: {shown} holds {listed}. {cure}{_stop(cure)} {called}")


def _stop(sentence: str) -> str:
    """The full stop that a sentence lacks; one that ends in a line of settings has none."""
    return "" if sentence.endswith(".") else "."


def refuse_no_event(books: Books, label: str, judged: Sequence[Judged], later: dt.date | None) -> None:
    """No row of any table of events can be used.

    Args:
        books: What was found.
        label: Of the data.
        judged: The tables of events.
        later: The first event after a set as-of day, where there are such.
    """
    names = [table.typed.raw.name for table in judged]
    if any(books.counts[name].rows_used for name in names):
        return
    reasons = {rule: rows for name in names for rule, rows in books.counts[name].reasons.items()}
    if later is not None:
        _refuse_early_as_of(books, label, names, later, alone=set(reasons) == {"after_as_of"})
    found = {problem.rule: problem for problem in books.problems if problem.table in names}
    listed = [
        f"{RULE[rule].title.lower()} {rows:,}" if rule in RULE else f"{rule} {rows:,}" for rule, rows in reasons.items()
    ]
    first = next((example for rule in reasons if rule in found for example in found[rule].examples), "")
    told = ", ".join(listed) + (f" (such as {first})" if first else "") if listed else "it has no rows"
    cure = found["event_log"].cure if "event_log" in found else ""
    cure = cure or "Correct the file, or say in coterie.toml how to read it."
    if is_frame(judged[0].typed.raw.files[0]):
        cure = for_frames(cure)
    raise DataError(f"No row of {' and '.join(names)} of {label} could be used: {told}. {cure}")


def _refuse_early_as_of(books: Books, label: str, names: Sequence[str], first: dt.date, *, alone: bool) -> NoReturn:
    """Nothing was known yet on the as-of day."""
    only = "" if alone else " that can be used"
    what = " or ".join({"transactions": "claim", "orders": "order"}[name] for name in names)
    raise DataError(
        f"The as-of day {books.as_of} lies before the first {what} of {label}{only}, {first}, so nothing was known "
        f"then. Set a day from {first} on, or leave it out."
    )
