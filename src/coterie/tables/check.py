"""Checking: raw tables in, clean lazy tables and their quality out; here the rules of the contract take effect."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from coterie.engines import in_full, named
from coterie.tables.books import Books
from coterie.tables.cast import Typed, cast_tables
from coterie.tables.contract import Attribute, Problem, Quality, RawTable, Tables
from coterie.tables.coupons import (
    COLUMNS,
    beside_customers,
    branch_reference,
    early_tests,
    late_tests,
    never_fitting,
    no_coupons,
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
from coterie.tables.dimensions import branch_measures, branch_reading, degenerate, dimension_measures
from coterie.tables.events import event_note, look_for_events, read_events
from coterie.tables.judge import PLACE, Judged, judge
from coterie.tables.lookups import judge_lookup, names_of
from coterie.tables.order_attributes import recognised, with_attributes
from coterie.tables.order_customers import far_as_of
from coterie.tables.orders import Orders, enter_orders
from coterie.tables.places import aside_by
from coterie.tables.quality import reconcile
from coterie.tables.refuse import refuse_no_event, refuse_no_table, refuse_unknown_statuses
from coterie.tables.rules import RULES

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from coterie.engines import Engine
    from coterie.settings import ReadSettings

LOOKUPS = ("genders", "cities", "merchants", "branches")


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
        DataError: There is neither a transactions nor an orders table, no row of them can be used, or there are amounts
            in several currencies.
        AssertionError: Rows in, used and set aside do not add up (a bug).
    """
    refuse_no_table(raws, label)
    typed = cast_tables(_recognised(raws, engine), engine, settings)
    books = Books(engine, settings.as_of)
    lookups = {name: judge_lookup(typed[name], engine) for name in LOOKUPS if name in typed}
    joined_by = None if keep_later_joiners else settings.as_of
    customers = judge_customers(typed["customers"], engine, joined_by) if "customers" in typed else None
    names = {"branch": {}, "merchant": names_of(lookups.get("merchants"), engine)}
    branches = _enter_lookups(lookups, books)
    people, attributes = _enter_customers(customers, lookups, books)
    shop = orders = None
    if "transactions" in typed:
        refuse_unknown_statuses(typed["transactions"])
        shop = _enter_transactions(typed["transactions"], customers, branches, names, books, settings)
    if "orders" in typed:
        orders = enter_orders(typed["orders"], customers, branches, names, books, settings)
    _refuse_nothing(books, label, shop, orders)
    books.problems += _far_as_of(typed, shop, orders, settings)
    quality = Quality(books.counts, tuple(sorted(books.problems, key=_importance)))
    reconcile(quality)
    return _tables(typed, books, quality, _People(people, attributes), shop, orders, names, settings, label)


def _recognised(raws: Sequence[RawTable], engine: Engine) -> list[RawTable]:
    """The tables, of the further columns of orders only those that describe customers."""
    known = {name for raw in raws if raw.name == "customers" for name in (*raw.original, *raw.original.values())}
    return [recognised(raw, engine, sorted(known)) if raw.name == "orders" else raw for raw in raws]


def _refuse_nothing(books: Books, label: str, shop: _Shop | None, orders: Orders | None) -> None:
    judged = [entered.judged for entered in (shop, orders) if entered is not None]
    later = [entered.later for entered in (shop, orders) if entered is not None and entered.later is not None]
    refuse_no_event(books, label, judged, min(later, default=None))


def _far_as_of(
    typed: Mapping[str, Typed], shop: _Shop | None, orders: Orders | None, settings: ReadSettings
) -> list[Problem]:
    days = [found.last_day for found in (shop, orders) if found is not None and found.last_day is not None]
    raw = typed["orders" if orders is not None else "transactions"].raw
    return far_as_of(raw, settings.as_of, max(days, default=None))


@dataclass(frozen=True)
class _People:
    """The customers table, as far as there is one, and what it holds beyond the contract."""

    rows: ir.Table | None
    attributes: tuple[Attribute, ...]


def _tables(
    typed: Mapping[str, Typed],
    books: Books,
    quality: Quality,
    people: _People,
    shop: _Shop | None,
    orders: Orders | None,
    names: Mapping[str, Mapping[str, str]],
    settings: ReadSettings,
    label: str,
) -> Tables:
    """All that was found as one value. A table of events of which no row can be used is as one that is not there."""
    shop = shop if shop is not None and shop.first_day is not None else None
    orders = orders if orders is not None and orders.first_day is not None else None
    there = [name for name, found in (("transactions", shop), ("orders", orders)) if found is not None]
    days = [found for found in (shop, orders) if found is not None]
    coupons = shop.coupons if shop is not None else no_coupons(orders.lines) if orders is not None else None
    assert coupons is not None
    columns = _filled(typed, there)
    if orders is not None and orders.described is not None:
        told = orders.described
        people = _People(with_attributes(people.rows, told, people.attributes), people.attributes + told.attributes)
        columns |= {f"customers.{name}_id" for name in told.known}
        columns |= {f"customers.{attribute.name}" for attribute in told.attributes}
    return Tables(
        engine=books.engine,
        customers=no_customers(coupons) if people.rows is None else people.rows,
        coupons=coupons,
        lines=None if orders is None else orders.lines,
        currency=None if orders is None else orders.currency,
        names=names,
        rejects=books.rejects,
        attributes=people.attributes,
        columns=frozenset(columns | set(there)),
        quality=quality,
        first_day=min(found.first_day for found in days if found.first_day is not None),
        as_of=settings.as_of or max(found.last_day for found in days if found.last_day is not None),
        label=label,
        fingerprint=books.fingerprint,
        degenerate=books.degenerate,
        branch_reading=None if shop is None else shop.branch_reading,
    )


def _filled(typed: Mapping[str, Typed], there: Sequence[str]) -> set[str]:
    """The columns with a value in them, as "orders.quantity", of lookups, customers and the tables of events there."""
    return {
        f"{name}.{column}"
        for name, table in typed.items()
        if name in there or not table.spec.event
        for column in table.filled
        if table.has(column) and column not in (table.raw.attributes if table.spec.event else ())
    }


@dataclass(frozen=True)
class _Shop:
    """What the transactions table gives."""

    judged: Judged
    coupons: ir.Table
    first_day: dt.date | None
    last_day: dt.date | None
    later: dt.date | None
    branch_reading: Literal["issuing", "burning"] | None


def _enter_transactions(
    typed: Typed,
    customers: Judged | None,
    branches: ir.Table | None,
    names: Mapping[str, Mapping[str, str]],
    books: Books,
    settings: ReadSettings,
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
    if not books.counts["transactions"].rows_used:
        return _Shop(judged, coupons.rows.select(*COLUMNS), None, None, _first_later(judged, books), None)
    if customers is not None and not surely_known(coupons, customers, books.engine):
        books.note_kept(judged, beside_customers(coupons, customers))
    books.note_degenerate(typed.raw, degenerate(coupons.rows, dimensions, measured, books.engine, "coupon", names))
    reading, notes = branch_reading(typed.raw, measured) if typed.has("branch_id") else (None, [])
    books.problems += notes
    last = max(day for day in (measured["last_claim"], measured["last_burn"]) if day is not None)
    lean = resolve_coupons(judged, branches, settings.as_of, never_fitting(coupons, measured)).rows.select(*COLUMNS)
    lean = in_full(books.engine, lean, lambda: coupons.rows.select(*COLUMNS), "coupons")
    return _Shop(judged, lean, measured["first_day"], last, None, reading)


def _first_later(judged: Judged, books: Books) -> dt.date | None:
    """Day of the first claim after a set as-of day."""
    if "after_as_of" not in judged.counts:
        return None
    later = judged.typed.table.semi_join(aside_by(judged, "after_as_of"), PLACE)
    row = books.engine.collect(later.aggregate(day=later["transaction_date"].min())).to_pylist()[0]
    day: dt.date | None = row["day"]
    return day


def _judge_transactions(typed: Typed, books: Books, settings: ReadSettings) -> Judged:
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


def _enter_lookups(lookups: Mapping[str, Judged], books: Books) -> ir.Table | None:
    """Enter the lookup tables into the books; gives every branch with its merchant."""
    branches: ir.Table | None = None
    for name, judged in lookups.items():
        findings = Findings(judged.used, {})
        if name == "branches":
            reference = branch_reference(judged, lookups.get("merchants"))
            # Joined to every coupon again and again.
            kept = named(books.engine, books.engine.keep(reference.rows), "places")
            reference = Findings(kept, reference.flags)
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
    customers: Judged | None, lookups: Mapping[str, Judged], books: Books
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


def _importance(problem: Problem) -> tuple[bool, int, str, str]:
    order = {rule.name: number for number, rule in enumerate(RULES)}
    return problem.severity == "note", order.get(problem.rule, len(order)), problem.table, problem.column or ""
