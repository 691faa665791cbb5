"""The coupons with faults: each kind at the same known rate of the rows that can carry it, one fault per row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from coterie.tables.sample.columns import dates, numbers
from coterie.tables.sample.coupons import Week
from coterie.tables.sample.dirt import (
    NOT_A_DATE,
    UNKNOWN_ID,
    Ledger,
    SoiledCustomers,
    put,
    put_numbers,
    put_texts,
    rate_for,
    with_text_dates,
)
from coterie.tables.sample.groups import LAST_DAY
from coterie.tables.sample.people import DIRTY_WEEK, Ints, stream
from coterie.tables.sample.shop import Plan, transactions_table
from coterie.tables.sample.words import OFFERS

if TYPE_CHECKING:
    import pyarrow as pa

IN_ANY = (
    "missing_customer_id", "missing_date", "unparsable_date", "unknown_status", "orphan_customer", "missing_key",
    "duplicate", "conflicting_rows", "ragged_row",
)  # fmt: skip
IN_BURNT = ("orphan_branch", "burn_before_claim", "burnt_without_date")
IN_OPEN = ("cancelled", "unparsable_optional", "burn_date_without_burn", "short_row")
IN_LINES = ("ragged_row", "short_row")
"""Faults of lines, which only CSV has."""

COLUMN = {
    "missing_customer_id": "customer_id", "missing_date": "transaction_date", "unparsable_date": "transaction_date",
    "unknown_status": "transaction_status", "orphan_customer": "customer_id", "missing_key": "transaction_id",
    "orphan_branch": "branch_id", "burn_before_claim": "burn_date", "burnt_without_date": "burn_date",
    "unparsable_optional": "burn_date", "burn_date_without_burn": "burn_date", "claim_before_join": "transaction_date",
}  # fmt: skip
MISSPELT = ("brunt", "clamied", "42", "done?")
MOST_DAYS_TOO_EARLY = 3


@dataclass(frozen=True)
class Piece:
    """Rows to be written, with the numbers of those whose line gets a cell too many or loses its last one."""

    rows: pa.Table
    ragged: frozenset[int] = frozenset()
    short: frozenset[int] = frozenset()


def dirty_weeks(plan: Plan, customers: SoiledCustomers, ledger: Ledger, *, lines: bool) -> Iterator[Piece]:
    """The coupons week by week with their faults, counted in the ledger; with faults of lines if asked for."""
    rate = rate_for(int(plan.people.coupons.sum(dtype=np.int64)))
    waiting = customers.to_backdate.copy()
    first, nobody = 1, customers.next_id
    for week in plan.weeks():
        draw = stream(plan.seed, DIRTY_WEEK, week.number)
        faults = choose(draw, week, plan, waiting, rate, lines=lines)
        piece = soil(draw, week, first, faults, plan, nobody)
        waiting[week.customer[faults["claim_before_join"]]] = False
        for rule, rows in faults.items():
            count = 2 * len(rows) if rule == "conflicting_rows" else len(rows)
            ledger.note(rule, "transactions", count, COLUMN.get(rule))
        first += len(week.customer)
        nobody += len(faults["orphan_customer"])
        yield piece


def choose(
    draw: np.random.Generator, week: Week, plan: Plan, waiting: Ints, rate: float, *, lines: bool
) -> dict[str, Ints]:
    """Fault -> rows of the week that get it; no row is named twice."""
    slot = (draw.random(len(week.customer)) / rate).astype(np.int64)
    possible = {rule: np.ones(len(slot), dtype=bool) for rule in IN_ANY}
    possible |= dict.fromkeys(IN_BURNT, week.burnt) | dict.fromkeys(IN_OPEN, ~week.burnt)
    # A burn put before its claim stays after the join, so that it is one fault and not two.
    possible["burn_before_claim"] = week.burnt & (week.claimed - MOST_DAYS_TOO_EARLY >= plan.people.joined[week.customer])
    faults: dict[str, Ints] = {}
    for family, start in ((IN_ANY, 0), (IN_BURNT, len(IN_ANY)), (IN_OPEN, len(IN_ANY))):
        for number, rule in enumerate(family, start):
            if lines or rule not in IN_LINES:
                faults[rule] = np.flatnonzero((slot == number) & possible[rule])
    clean = waiting[week.customer]
    clean[np.concatenate(list(faults.values()))] = False
    rows = np.flatnonzero(clean)
    faults["claim_before_join"] = rows[np.unique(week.customer[rows], return_index=True)[1]]
    return faults


def soil(
    draw: np.random.Generator, week: Week, first: int, faults: Mapping[str, Ints], plan: Plan, nobody: int
) -> Piece:
    """The rows of the week with these faults, copies and contradicting rows at its end."""
    import pyarrow as pa

    early, backdated, orphans = faults["burn_before_claim"], faults["claim_before_join"], faults["orphan_customer"]
    customer, claimed, burnt_on = week.customer.copy(), week.claimed.copy(), week.burnt_on.copy()
    claimed[backdated] = plan.people.joined[customer[backdated]] - draw.integers(1, 31, len(backdated))
    burnt_on[early] = claimed[early] - draw.integers(1, MOST_DAYS_TOO_EARLY + 1, len(early))
    customer[orphans] = nobody - 1 + np.arange(len(orphans))
    rows = transactions_table(replace(week, customer=customer, claimed=claimed, burnt_on=burnt_on), first)
    rows = with_text_dates(rows, "transaction_date", "burn_date")
    unburnt = faults["burn_date_without_burn"]
    pretended = np.minimum(claimed[unburnt] + draw.integers(1, 31, len(unburnt)), LAST_DAY)
    rows = put(rows, "burn_date", unburnt, dates(pretended).cast(pa.string()))
    rows = put_texts(rows, "burn_date", faults["unparsable_optional"], several(NOT_A_DATE, faults["unparsable_optional"]))
    rows = put_texts(rows, "burn_date", faults["burnt_without_date"], None)
    rows = put_texts(rows, "transaction_date", faults["missing_date"], None)
    rows = put_texts(rows, "transaction_date", faults["unparsable_date"], several(NOT_A_DATE, faults["unparsable_date"]))
    rows = put_texts(rows, "transaction_status", faults["unknown_status"], several(MISSPELT, faults["unknown_status"]))
    rows = put_texts(rows, "transaction_status", faults["cancelled"], ["cancelled"] * len(faults["cancelled"]))
    rows = put_numbers(rows, "customer_id", faults["missing_customer_id"], None)
    rows = put_numbers(rows, "transaction_id", faults["missing_key"], None)
    nowhere = len(plan.places.merchant_of) + UNKNOWN_ID + faults["orphan_branch"] % 7
    rows = put_numbers(rows, "branch_id", faults["orphan_branch"], nowhere)
    copies = rows.take(numbers(faults["duplicate"], pa.int64()))
    twice = faults["conflicting_rows"]
    others = [OFFERS[(code + 1) % len(OFFERS)] for code in week.offer[twice].tolist()]
    contrary = put_texts(rows.take(numbers(twice, pa.int64())), "coupon_name", np.arange(len(twice)), others)
    ragged, short = (frozenset(faults.get(rule, np.empty(0, dtype=np.int64)).tolist()) for rule in IN_LINES)
    return Piece(pa.concat_tables([rows, copies, contrary]), ragged, short)


def several(texts: Sequence[str], rows: Ints) -> list[str]:
    """One of the texts for every row, in turn."""
    return [texts[row % len(texts)] for row in rows.tolist()]


def spoil_lines(lines: bytes, piece: Piece) -> bytes:
    """The CSV lines of the piece with a cell too many in the ragged rows, and the last cell gone from the short ones."""
    if not piece.ragged and not piece.short:
        return lines
    split = lines.split(b"\n")
    for row in piece.ragged:
        split[row] += b",stray"
    for row in piece.short:
        split[row] = split[row].rpartition(b",")[0]
    return b"\n".join(split)
