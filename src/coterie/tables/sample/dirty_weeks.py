"""The coupons with faults: each kind at the same known rate of the rows that can carry it, one fault per row."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from coterie.tables.sample.columns import dates, numbers
from coterie.tables.sample.coupons import coupon_weeks
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
from coterie.tables.sample.groups import LAST_DAY
from coterie.tables.sample.people import DIRTY_WEEK, stream
from coterie.tables.sample.shop import transactions_table
from coterie.tables.sample.words import OFFERS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pyarrow as pa

    from coterie.tables.sample.coupons import Week
    from coterie.tables.sample.dirt import Ledger, SoiledCustomers
    from coterie.tables.sample.people import Ints
    from coterie.tables.sample.plan import Plan

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
    for week in coupon_weeks(plan):
        draw = stream(plan.seed, DIRTY_WEEK, week.number)
        faults = choose(draw, week, plan, rate, lines=lines)
        faults["claim_before_join"] = backdatable(week.customer, waiting, faults)
        piece = soil(draw, plan, week, faults, (first, nobody))
        waiting[week.customer[faults["claim_before_join"]]] = False
        for rule, rows in faults.items():
            count = 2 * len(rows) if rule == "conflicting_rows" else len(rows)
            ledger.note(rule, "transactions", count, COLUMN.get(rule))
        first += len(week.customer)
        nobody += len(faults["orphan_customer"])
        yield piece


def choose(draw: np.random.Generator, week: Week, plan: Plan, rate: float, *, lines: bool) -> dict[str, Ints]:
    """Fault -> rows of the week that get it; no row is named twice."""
    slot = (draw.random(len(week.customer)) / rate).astype(np.int64)
    possible = {rule: np.ones(len(slot), dtype=bool) for rule in IN_ANY}
    possible |= dict.fromkeys(IN_BURNT, week.burnt) | dict.fromkeys(IN_OPEN, ~week.burnt)
    # A burn put before its claim stays after the join, so that it is one fault and not two.
    late_enough = week.claimed - MOST_DAYS_TOO_EARLY >= plan.people.joined[week.customer]
    possible["burn_before_claim"] = week.burnt & late_enough
    faults: dict[str, Ints] = {}
    for family, start in ((IN_ANY, 0), (IN_BURNT, len(IN_ANY)), (IN_OPEN, len(IN_ANY))):
        for number, rule in enumerate(family, start):
            if lines or rule not in IN_LINES:
                faults[rule] = np.flatnonzero((slot == number) & possible[rule])
    return faults


def backdatable(customer: Ints, waiting: Ints, faults: Mapping[str, Ints]) -> Ints:
    """The first faultless row of every customer who waits for one before joining; `customer` is that of each row."""
    clean = waiting[customer]
    clean[np.concatenate(list(faults.values()))] = False
    rows = np.flatnonzero(clean)
    return rows[np.unique(customer[rows], return_index=True)[1]]


def soil(draw: np.random.Generator, plan: Plan, week: Week, faults: Mapping[str, Ints], ids: tuple[int, int]) -> Piece:
    """The rows of the week with these faults, copies and contradicting rows at its end; ids are the first free ones."""
    import pyarrow as pa

    rows = soil_dates(draw, plan, week, faults, transactions_from=ids[0])
    orphans, nowhere = faults["orphan_customer"], faults["orphan_branch"]
    rows = put_numbers(rows, "transaction_id", faults["missing_key"], None)
    rows = put_numbers(rows, "customer_id", faults["missing_customer_id"], None)
    rows = put_numbers(rows, "customer_id", orphans, ids[1] + np.arange(len(orphans)))
    rows = put_numbers(rows, "branch_id", nowhere, len(plan.places.merchant_of) + UNKNOWN_ID + nowhere % 7)
    for rule, texts in (("unknown_status", MISSPELT), ("cancelled", ("cancelled",))):
        rows = put_texts(rows, "transaction_status", faults[rule], several(texts, faults[rule]))
    copies = rows.take(numbers(faults["duplicate"], pa.int64()))
    twice = faults["conflicting_rows"]
    others = [OFFERS[(code + 1) % len(OFFERS)] for code in week.offer[twice].tolist()]
    contrary = put_texts(rows.take(numbers(twice, pa.int64())), "coupon_name", np.arange(len(twice)), others)
    ragged, short = (frozenset(faults[rule].tolist() if rule in faults else ()) for rule in IN_LINES)
    return Piece(pa.concat_tables([rows, copies, contrary]), ragged, short)


def soil_dates(
    draw: np.random.Generator, plan: Plan, week: Week, faults: Mapping[str, Ints], *, transactions_from: int
) -> pa.Table:
    """The rows of the week with their dates as text, and the faults of dates in them."""
    import pyarrow as pa

    early, before = faults["burn_before_claim"], faults["claim_before_join"]
    unburnt = faults["burn_date_without_burn"]
    claimed, burnt_on = week.claimed.copy(), week.burnt_on.copy()
    claimed[before] = plan.people.joined[week.customer[before]] - draw.integers(1, 31, len(before))
    burnt_on[early] = claimed[early] - draw.integers(1, MOST_DAYS_TOO_EARLY + 1, len(early))
    pretended = np.minimum(claimed[unburnt] + draw.integers(1, 31, len(unburnt)), LAST_DAY)
    rows = transactions_table(replace(week, claimed=claimed, burnt_on=burnt_on), transactions_from)
    rows = with_texts(rows, "transaction_date", "burn_date")
    rows = put(rows, "burn_date", unburnt, dates(pretended).cast(pa.string()))
    rows = put_texts(rows, "burn_date", faults["burnt_without_date"], None)
    rows = put_texts(rows, "transaction_date", faults["missing_date"], None)
    for rule, column in (("unparsable_optional", "burn_date"), ("unparsable_date", "transaction_date")):
        rows = put_texts(rows, column, faults[rule], several(NOT_A_DATE, faults[rule]))
    return rows


def spoil_lines(lines: bytes, piece: Piece) -> bytes:
    """The CSV lines of the piece, with a cell too many in the ragged rows and the last one gone from the short."""
    if not piece.ragged and not piece.short:
        return lines
    split = lines.split(b"\n")
    for row in piece.ragged:
        split[row] += b",stray"
    for row in piece.short:
        split[row] = split[row].rpartition(b",")[0]
    return b"\n".join(split)
