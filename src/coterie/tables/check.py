"""Checking: raw tables in, clean lazy tables and their quality out. Every rule of the data contract has its effect here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import ibis

from coterie.errors import DataError
from coterie.tables.cast import Typed, cast_tables
from coterie.tables.contract import Attribute, Problem, Quality, RawTable, TableCount, Tables
from coterie.tables.counts import aside_problems, digest, digest_parts, kept_problems, measure, table_count
from coterie.tables.coupons import COLUMNS, beside_customers, branch_reference, early_tests, late_tests, resolve_coupons
from coterie.tables.customers import (
    Findings,
    attributes_of,
    judge_customers,
    no_customers,
    public_customers,
    resolve_customers,
)
from coterie.tables.judge import Judged, judge
from coterie.tables.lookups import judge_lookup, names_of
from coterie.tables.places import rejects
from coterie.tables.quality import reconcile
from coterie.tables.rules import RULES

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from coterie.engines import Engine
    from coterie.settings import ReadSettings

LOOKUPS = ("genders", "cities", "merchants", "branches")


@dataclass
class _Books:
    """What is written down while the tables are checked one after the other."""

    engine: Engine
    as_of: dt.date | None
    problems: list[Problem] = field(default_factory=list)
    counts: dict[str, TableCount] = field(default_factory=dict)
    rejects: dict[str, ir.Table] = field(default_factory=dict)
    fingerprint: dict[str, str] = field(default_factory=dict)

    def enter(self, judged: Judged, findings: Findings, more: Mapping[str, ir.Scalar] | None = None) -> dict[str, Any]:
        """Count, tell and keep what was found in one table; gives the measures of its rows used."""
        words = {"as_of": str(self.as_of)}
        raw = judged.typed.raw
        measured = measure(findings, self.engine, {**digest_parts(findings.rows), **(more or {})})
        self.problems += raw.findings
        self.problems += judged.typed.notes
        self.problems += aside_problems(judged, self.engine, **words)
        self.problems += kept_problems(judged, findings, measured, self.engine, **words)
        self.counts[raw.name] = table_count(judged, int(measured["rows"]))
        self.fingerprint[raw.name] = digest(measured, int(measured["rows"]))
        aside = rejects(judged, self.engine)
        if aside is not None:
            self.rejects[raw.name] = aside
        return measured


def check_tables(raws: Sequence[RawTable], engine: Engine, settings: ReadSettings, *, label: str) -> Tables:
    """Check raw tables and give them back typed, clean and still lazy, with everything found in them.

    Args:
        raws: The tables as read, one per name.
        settings: Status words, date order, decimal mark and as-of day; what is not set is decided from the data.
        label: What to call this data in print.

    Raises:
        DataError: There is no transactions table, or no row of it can be used.
        AssertionError: Rows in, used and set aside do not add up (a bug).
    """
    if not any(raw.name == "transactions" for raw in raws):
        found = ", ".join(sorted(raw.name for raw in raws)) or "no table at all"
        raise DataError(f"{label} has no transactions table ({found} found). Add one: a row per coupon with customer, date and status.")
    typed = cast_tables(raws, engine, settings)
    _refuse_unknown_statuses(typed["transactions"])
    books = _Books(engine, settings.as_of)
    lookups = {name: judge_lookup(typed[name], engine) for name in LOOKUPS if name in typed}
    customers = judge_customers(typed["customers"], engine, settings.as_of) if "customers" in typed else None
    branches = _enter_lookups(lookups, books)
    people, attributes = _enter_customers(customers, lookups, books)
    judged = judge(
        typed["transactions"], engine, early_tests(typed["transactions"]), late_tests(settings.as_of, events=False),
        key="transaction_id" if "transaction_id" in typed["transactions"].table.columns else None,
    )
    coupons = resolve_coupons(judged, branches, settings.as_of)
    beside = beside_customers(coupons, customers)
    days = {
        "first_day": beside.rows["claimed_on"].min(),
        "last_claim": beside.rows["claimed_on"].max(),
        "last_burn": beside.rows["burnt_on"].max(),
    }
    measured = books.enter(judged, beside, days)
    _refuse_no_event(books.counts["transactions"], label)
    quality = Quality(books.counts, tuple(sorted(books.problems, key=_importance)))
    reconcile(quality)
    last = [day for day in (measured["last_claim"], measured["last_burn"]) if day is not None]
    shown = coupons.rows.select(*COLUMNS)
    return Tables(
        engine=engine,
        customers=no_customers(shown) if people is None else people,
        coupons=shown,
        names={"branch": {}, "merchant": names_of(lookups.get("merchants"), engine)},
        rejects=books.rejects,
        attributes=attributes,
        columns=frozenset(f"{name}.{column}" for name, table in typed.items() for column in table.filled if table.has(column)),
        quality=quality,
        first_day=measured["first_day"],
        as_of=settings.as_of or max(last),
        label=label,
        fingerprint=books.fingerprint,
    )


def _enter_lookups(lookups: Mapping[str, Judged], books: _Books) -> ir.Table | None:
    """Enter the lookup tables into the books; gives every branch with its merchant."""
    branches: ir.Table | None = None
    for name, judged in lookups.items():
        findings = Findings(judged.used, {})
        if name == "branches":
            reference = branch_reference(judged, lookups.get("merchants"))
            branches = reference.rows
            findings = _with_places(judged.used, reference)
        books.enter(judged, findings)
    return branches


def _with_places(used: ir.Table, reference: Findings) -> Findings:
    """The flags of the branch reference beside the rows they were found in."""
    if not reference.flags:
        return Findings(used, {})
    flags = list(reference.flags.values())
    marks = reference.rows.select(*flags, _key=reference.rows["branch_id"])
    joined = used.inner_join(marks, used["branch_id"] == marks["_key"])
    return Findings(joined.select(*[used[name] for name in used.columns], *flags), reference.flags)


def _enter_customers(
    customers: Judged | None, lookups: Mapping[str, Judged], books: _Books
) -> tuple[ir.Table | None, tuple[Attribute, ...]]:
    if customers is None:
        return None, ()
    findings = resolve_customers(customers, lookups)
    books.enter(customers, findings)
    attributes = attributes_of(customers, books.engine)
    return public_customers(findings, attributes), attributes


def _refuse_unknown_statuses(transactions: Typed) -> None:
    words = transactions.status
    if words is None or words.known or not words.unknown:
        return
    listed = ", ".join(f"{word!r} ({count:,})" for word, count in list(words.unknown.items())[:5])
    from coterie.tables.status import cure_of

    shown = transactions.raw.original.get("transaction_status", "transaction_status")
    raise DataError(f"No status of {transactions.raw.files[0]} is known: {shown} holds {listed}. {cure_of(words.unknown)}")


def _refuse_no_event(count: TableCount, label: str) -> None:
    if count.rows_used:
        return
    reasons = ", ".join(f"{rule} {rows:,}" for rule, rows in count.reasons.items()) or "it has no rows"
    raise DataError(f"No row of transactions of {label} could be used: {reasons}. `coterie check` shows examples of each.")


def _importance(problem: Problem) -> tuple[bool, int, str, str]:
    order = {rule.name: number for number, rule in enumerate(RULES)}
    return problem.severity == "note", order.get(problem.rule, len(order)), problem.table, problem.column or ""
