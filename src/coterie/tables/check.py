"""Checking: raw tables in, clean lazy tables and their quality out; here the rules of the contract take effect."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NoReturn

from coterie.errors import DataError
from coterie.tables.advice import for_frames, is_frame
from coterie.tables.cast import Typed, cast_tables
from coterie.tables.contract import Attribute, Problem, Quality, RawTable, TableCount, Tables
from coterie.tables.counts import aside_problems, digest, digest_parts, kept_problems, measure, table_count
from coterie.tables.coupons import (
    COLUMNS,
    beside_customers,
    branch_reference,
    early_tests,
    late_tests,
    never_fitting,
    resolve_coupons,
    surely_known,
)
from coterie.tables.customers import (
    Findings,
    attributes_of,
    judge_customers,
    no_customers,
    public_customers,
    resolve_customers,
)
from coterie.tables.dimensions import branch_measures, branch_reading, degenerate, degenerate_notes, dimension_measures
from coterie.tables.events import event_note, look_for_events, read_events
from coterie.tables.judge import PLACE, Judged, judge
from coterie.tables.lookups import judge_lookup, names_of
from coterie.tables.places import aside_by, rejects
from coterie.tables.quality import reconcile
from coterie.tables.rules import RULE, RULES
from coterie.tables.status import cure_of

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
    degenerate: dict[str, str] = field(default_factory=dict)

    def note_degenerate(self, raw: RawTable, sentences: Mapping[str, str]) -> None:
        """Keep and tell the dimensions that say nothing."""
        self.degenerate |= sentences
        self.problems += degenerate_notes(raw, sentences)

    def note_kept(self, judged: Judged, findings: Findings) -> None:
        """Count and tell further findings in rows that are kept."""
        measured = measure(findings, self.engine)
        self.problems += kept_problems(judged, findings, measured, self.engine, as_of=str(self.as_of))

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


def check_tables(
    raws: Sequence[RawTable],
    engine: Engine,
    settings: ReadSettings,
    *,
    label: str,
    keep_later_joiners: bool = False,
) -> Tables:
    """Check raw tables and give them back typed, clean and still lazy, with everything found in them.

    Args:
        raws: The tables as read, one per name.
        engine: Where they live, and where all is computed.
        settings: Status words, date order, decimal mark and as-of day; what is not set is decided from the data.
        label: What to call this data in print.
        keep_later_joiners: Customers who joined after a set as-of day are kept.

    Raises:
        DataError: There is no transactions table, or no row of it can be used.
        AssertionError: Rows in, used and set aside do not add up (a bug).
    """
    if not any(raw.name == "transactions" for raw in raws):
        found = ", ".join(sorted(raw.name for raw in raws)) or "no table at all"
        raise DataError(
            f"{label} has no transactions table ({found} found). Add one: a row per coupon with customer, date and "
            "status."
        )
    typed = cast_tables(raws, engine, settings)
    _refuse_unknown_statuses(typed["transactions"])
    books = _Books(engine, settings.as_of)
    lookups = {name: judge_lookup(typed[name], engine) for name in LOOKUPS if name in typed}
    joined_by = None if keep_later_joiners else settings.as_of
    customers = judge_customers(typed["customers"], engine, joined_by) if "customers" in typed else None
    names = {"branch": {}, "merchant": names_of(lookups.get("merchants"), engine)}
    branches = _enter_lookups(lookups, books)
    people, attributes = _enter_customers(customers, lookups, books)
    shop = _enter_transactions(typed["transactions"], customers, branches, names, books, settings, label)
    quality = Quality(books.counts, tuple(sorted(books.problems, key=_importance)))
    reconcile(quality)
    return Tables(
        engine=engine,
        customers=no_customers(shop.coupons) if people is None else people,
        coupons=shop.coupons,
        names=names,
        rejects=books.rejects,
        attributes=attributes,
        columns=frozenset(
            f"{name}.{column}" for name, table in typed.items() for column in table.filled if table.has(column)
        ),
        quality=quality,
        first_day=shop.first_day,
        as_of=shop.as_of,
        label=label,
        fingerprint=books.fingerprint,
        degenerate=books.degenerate,
        branch_reading=shop.branch_reading,
    )


@dataclass(frozen=True)
class _Shop:
    """What the transactions table gives."""

    coupons: ir.Table
    first_day: dt.date
    as_of: dt.date
    branch_reading: Literal["issuing", "burning"] | None


def _enter_transactions(
    typed: Typed,
    customers: Judged | None,
    branches: ir.Table | None,
    names: Mapping[str, Mapping[str, str]],
    books: _Books,
    settings: ReadSettings,
    label: str,
) -> _Shop:
    judged = _judge_transactions(typed, books, settings)
    coupons = resolve_coupons(judged, branches, settings.as_of)
    rows = coupons.rows
    dimensions = {"coupon_name": "coupon_name", "branch": "branch_id"}
    dimensions = {name: column for name, column in dimensions.items() if typed.has(column)}
    if branches is not None and typed.has("branch_id"):
        dimensions["merchant"] = "merchant_id"
    more = {
        "first_day": rows["claimed_on"].min(),
        "last_claim": rows["claimed_on"].max(),
        "last_burn": rows["burnt_on"].max(),
    }
    measured = books.enter(judged, coupons, {**more, **branch_measures(rows), **dimension_measures(rows, dimensions)})
    _refuse_no_event(books, label, judged)
    if customers is not None and not surely_known(coupons, customers, books.engine):
        books.note_kept(judged, beside_customers(coupons, customers))
    books.note_degenerate(typed.raw, degenerate(coupons.rows, dimensions, measured, books.engine, "coupon", names))
    reading, notes = branch_reading(typed.raw, measured) if typed.has("branch_id") else (None, [])
    books.problems += notes
    last = [day for day in (measured["last_claim"], measured["last_burn"]) if day is not None]
    lean = resolve_coupons(judged, branches, settings.as_of, never_fitting(coupons, measured))
    return _Shop(lean.rows.select(*COLUMNS), measured["first_day"], settings.as_of or max(last), reading)


def _judge_transactions(typed: Typed, books: _Books, settings: ReadSettings) -> Judged:
    """Every row's fate; an event log is noted, and where the setting says so its claims and burns become coupons."""
    events = settings.status_meaning == "event"
    key = "transaction_id" if "transaction_id" in typed.table.columns else None
    within = "transaction_status" if events else None
    late = late_tests(typed, settings.as_of, events=events)
    judged = judge(typed, books.engine, early_tests(typed), late, key=key, within=within)
    if events:
        judged, log = read_events(judged, books.engine)
        books.problems.append(event_note(log, typed, read=True))
    else:
        seen = look_for_events(judged, books.engine)
        if seen is not None and seen.recognised:
            books.problems.append(event_note(seen, typed, read=False))
    return judged


def _enter_lookups(lookups: Mapping[str, Judged], books: _Books) -> ir.Table | None:
    """Enter the lookup tables into the books; gives every branch with its merchant."""
    branches: ir.Table | None = None
    for name, judged in lookups.items():
        findings = Findings(judged.used, {})
        if name == "branches":
            reference = branch_reference(judged, lookups.get("merchants"))
            # Joined to every coupon again and again.
            reference = Findings(books.engine.keep(reference.rows), reference.flags)
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
    dimensions = {name: name for name in ("city", "gender") if customers.typed.has(f"{name}_id")}
    measured = books.enter(customers, findings, dimension_measures(findings.rows, dimensions))
    sentences = degenerate(findings.rows, dimensions, measured, books.engine, "customer", {})
    books.note_degenerate(customers.typed.raw, sentences)
    attributes = attributes_of(customers, books.engine)
    return public_customers(findings, attributes), attributes


def _refuse_unknown_statuses(transactions: Typed) -> None:
    words = transactions.status
    if words is None or words.known or not words.unknown:
        return
    listed = ", ".join(f"{word!r} ({count:,})" for word, count in list(words.unknown.items())[:5])
    shown = transactions.raw.original.get("transaction_status", "transaction_status")
    cure = cure_of(words.unknown)
    if is_frame(transactions.raw.files[0]):
        cure = for_frames(cure)
    raise DataError(f"No status of {transactions.raw.files[0]} is known: {shown} holds {listed}. {cure}")


def _refuse_no_event(books: _Books, label: str, judged: Judged) -> None:
    count = books.counts["transactions"]
    if count.rows_used:
        return
    if "after_as_of" in count.reasons:
        _refuse_early_as_of(books, label, judged)
    found = {problem.rule: problem for problem in books.problems if problem.table == "transactions"}
    reasons = [
        f"{RULE[rule].title.lower()} {rows:,}" if rule in RULE else f"{rule} {rows:,}"
        for rule, rows in count.reasons.items()
    ]
    first = next((example for rule in count.reasons if rule in found for example in found[rule].examples), "")
    told = ", ".join(reasons) + (f" (such as {first})" if first else "") if reasons else "it has no rows"
    cure = found["event_log"].cure if "event_log" in found else ""
    cure = cure or "Correct the file, or say in coterie.toml how to read it."
    if is_frame(judged.typed.raw.files[0]):
        cure = for_frames(cure)
    raise DataError(f"No row of transactions of {label} could be used: {told}. {cure}")


def _refuse_early_as_of(books: _Books, label: str, judged: Judged) -> NoReturn:
    """Nothing was known yet on the as-of day."""
    later = judged.typed.table.semi_join(aside_by(judged, "after_as_of"), PLACE)
    first = books.engine.collect(later.aggregate(day=later["transaction_date"].min())).to_pylist()[0]["day"]
    only = "" if len(books.counts["transactions"].reasons) == 1 else " that can be used"
    raise DataError(
        f"The as-of day {books.as_of} lies before the first claim of {label}{only}, {first}, so nothing was known "
        f"then. Set a day from {first} on, or leave it out."
    )


def _importance(problem: Problem) -> tuple[bool, int, str, str]:
    order = {rule.name: number for number, rule in enumerate(RULES)}
    return problem.severity == "note", order.get(problem.rule, len(order)), problem.table, problem.column or ""
