"""Orders: every line with its fate, the books of them, and what they tell of the shop and its customers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import ibis

from coterie.engines import in_full
from coterie.tables.books import Books
from coterie.tables.contract import MONEY
from coterie.tables.counts import aside_problems, digest, digest_parts, kept_problems, measure, table_count
from coterie.tables.coupons import beside_customers, surely_known
from coterie.tables.customers import Findings
from coterie.tables.dimensions import degenerate, dimension_measures
from coterie.tables.judge import PLACE, Judged
from coterie.tables.order_amounts import Reading, look_at_amounts, one_currency
from coterie.tables.order_attributes import Described, describe_by_orders
from coterie.tables.order_customers import customer_notes
from coterie.tables.order_header import with_header
from coterie.tables.order_lines import CODE, FATES, LINE_COLUMNS, copies_of, once, order_lines, without_copies
from coterie.tables.order_notes import (
    copies_note,
    kind_notes,
    late_cancellation,
    late_days,
    product_note,
    unmatched_note,
)
from coterie.tables.places import rejects

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from coterie.engines import Engine
    from coterie.settings import ReadSettings
    from coterie.tables.cast import Typed

BEFORE_JOIN = ("order_before_join", "order_date")


@dataclass(frozen=True)
class Orders:
    """What the orders table gives.

    Attributes:
        first_day, last_day: Of the lines used; the last also of cancellations, since the data are known up to then.
        later: First day after a set as-of day that has a line; None without one.
    """

    judged: Judged
    lines: ir.Table
    first_day: dt.date | None
    last_day: dt.date | None
    later: dt.date | None
    currency: str | None
    described: Described | None


@dataclass(frozen=True)
class _Sums:
    """Lines and money by fate and, of those used, by kind; days of those used, the last on which one was cancelled, and
    the first after the as-of day.
    """

    counts: Mapping[str, int]
    revenue: Mapping[str, float]
    kinds: Mapping[str, tuple[int, float]]
    first_day: dt.date | None
    last_day: dt.date | None
    cancelled: dt.date | None
    later: dt.date | None


def enter_orders(
    typed: Typed,
    customers: Judged | None,
    branches: ir.Table | None,
    names: Mapping[str, Mapping[str, str]],
    books: Books,
    settings: ReadSettings,
) -> Orders:
    """Give every order line its fate and write it into the books.

    Raises:
        DataError: There are amounts in several currencies.
    """
    engine, raw = books.engine, typed.raw
    typed = with_header(typed, engine)
    currency = one_currency(typed, engine)
    reading = look_at_amounts(typed, engine)
    lines = order_lines(typed, reading, branches, settings, engine)
    copies = copies_of(lines, raw, engine)
    every, dropped = lines, settings.drop_duplicate_lines
    lines = without_copies(lines, copies, engine) if copies is not None and dropped else lines
    if dropped:
        in_full(engine, raw.rows, lambda: once(raw), "order_lines_once")
        in_full(engine, lines, lambda: every, "order_lines")
    sums = _sums(lines, engine)
    if copies is not None:
        sales = None if dropped else sums.kinds.get("sale", (0, 0.0))[1]
        books.problems.append(copies_note(raw, every, copies, engine, currency, sales=sales))
    judged = _judged(typed, reading, lines, sums)
    measured = _enter(judged, typed, branches, books, sums, currency)
    used = judged.used
    if sums.kinds and customers is not None:
        known = Findings(used, {})
        if not surely_known(known, customers, engine, "ordered_on"):
            books.note_kept(judged, beside_customers(known, customers, "ordered_on", BEFORE_JOIN))
    books.problems += reading.notes
    books.problems += kind_notes(raw, sums.kinds, currency)
    books.problems += late_days(raw, used, engine, sum(n for n, _ in sums.kinds.values()))
    if settings.as_of is None:
        books.problems += late_cancellation(raw, lines, sums.last_day, sums.cancelled, engine)
    books.problems += customer_notes(raw, used, engine) if sums.kinds else []
    books.problems += unmatched_note(raw, lines, settings.exclude_products, engine)
    if typed.has("product") or typed.has("product_name"):
        books.problems += product_note(raw, used, engine, currency)
    dimensions = _dimensions(typed, branches, books)
    books.note_degenerate(raw, degenerate(used, dimensions, measured, engine, "order line", names))
    described = describe_by_orders(typed, used, engine)
    if described is not None:
        books.problems += described.notes
    public = used.select(*LINE_COLUMNS)
    last_day = max((day for day in (sums.last_day, sums.cancelled) if day is not None), default=None)
    return Orders(judged, public, sums.first_day, last_day, sums.later, currency, described)


def _sums(lines: ir.Table, engine: Engine) -> _Sums:
    """All counts and sums of money, in one pass."""
    money = lines["money"].sum().cast("int64")
    day = lines["ordered_on"]
    off = lines["_cancelled_on"].max() if "_cancelled_on" in lines.columns else ibis.null("date")
    found = {"n": lines.count(), "money": money, "first": day.min(), "last": day.max(), "off": off}
    groups = lines.group_by("_code", "kind").aggregate(**found)
    rows = engine.collect(groups.order_by(["_code", "kind"])).to_pylist()
    counts: dict[str, int] = {}
    parts: dict[str, int] = {}
    for row in rows:
        if row["_code"]:
            rule = FATES[row["_code"] - 1]
            counts[rule] = counts.get(rule, 0) + int(row["n"])
            if row["money"] is not None:
                parts[rule] = parts.get(rule, 0) + int(row["money"])
    used = [row for row in rows if not row["_code"]]
    return _Sums(
        counts,
        {rule: total / MONEY for rule, total in parts.items()},
        {row["kind"]: (int(row["n"]), row["money"] / MONEY) for row in used},
        min((row["first"] for row in used), default=None),
        max((row["last"] for row in used), default=None),
        max((row["off"] for row in rows if row["_code"] == CODE["cancelled_order"] and row["off"]), default=None),
        min((row["first"] for row in rows if row["_code"] == CODE["after_as_of"]), default=None),
    )


def _judged(typed: Typed, reading: Reading, lines: ir.Table, sums: _Sums) -> Judged:
    """The fates as the books of every table know them."""
    amount = "amount" if reading.by == "amount" else "price"
    columns = {
        "missing_customer_id": "customer_id", "missing_date": "order_date", "unparsable_date": "order_date",
        "missing_amount": amount, "unparsable_amount": amount, "too_large_amount": amount,
        "excluded_product": "product",
        "cancelled_order": "order_status", "duplicate": amount, "after_as_of": "order_date",
    }  # fmt: skip
    if not typed.has("product"):
        columns["excluded_product"] = "product_name"
    if not typed.has("order_status"):
        columns["cancelled_order"] = "cancelled_at"
    return Judged(
        typed=typed,
        used=lines.filter(lines["_code"] == 0),
        rows_in=typed.rows,
        counts={rule: sums.counts[rule] for rule in FATES if rule in sums.counts},
        columns=columns,
        aside=lines.filter(lines["_code"] > 0).select(*PLACE, "_code") if sums.counts else None,
        codes=CODE,
        key=None,
    )


def _flags(typed: Typed, lines: ir.Table) -> dict[tuple[str, str], str]:
    """What may be found in a line that is kept."""
    flags = {("return_sign", "quantity"): "_flipped"}
    if "_is_orphan_branch" in lines.columns:
        flags[("orphan_branch", "branch_id")] = "_is_orphan_branch"
    if typed.has("order_id"):
        flags[("missing_order_id", "order_id")] = "_no_order"
    if "_in_part" in lines.columns:
        flags[("refunded_in_part", "order_status")] = "_in_part"
    unknown = typed.bad_name("order_status")
    if unknown is not None:
        flags[("unknown_order_status", "order_status")] = unknown
    for name in ("quantity", "price", "amount", "cancelled_at"):
        bad = typed.bad_name(name)
        if bad is not None:
            flags[("unparsable_optional", name)] = bad
    return flags


def _dimensions(typed: Typed, branches: ir.Table | None, books: Books) -> dict[str, str]:
    """Dimension -> column of the lines; branch and merchant where no coupons told of them."""
    dimensions = {"category": "category"} if typed.has("product_category") else {}
    if typed.has("branch_id") and "transactions" not in books.counts:
        dimensions["branch"] = "branch_id"
        if branches is not None:
            dimensions["merchant"] = "merchant_id"
    return dimensions


def _enter(
    judged: Judged, typed: Typed, branches: ir.Table | None, books: Books, sums: _Sums, currency: str | None
) -> dict[str, Any]:
    """Count and tell the fates, and what was found in lines that are kept, with the money of both."""
    engine, raw, used = books.engine, typed.raw, judged.used
    findings = Findings(used, _flags(typed, used))
    dimensions = dimension_measures(used, _dimensions(typed, branches, books))
    worth = {
        f"money{flag}": used["money"].sum(where=used[flag]).fill_null(0).cast("int64")
        for flag in findings.flags.values()
    }
    measured = measure(findings, engine, {**digest_parts(used, LINE_COLUMNS), **dimensions, **worth})
    revenue = {flag: measured[f"money{flag}"] / MONEY for flag in findings.flags.values()}
    as_of = str(books.as_of)
    books.problems += raw.findings
    books.problems += typed.notes
    books.problems += aside_problems(judged, engine, revenue=sums.revenue, currency=currency, as_of=as_of)
    books.problems += kept_problems(judged, findings, measured, engine, revenue=revenue, currency=currency, as_of=as_of)
    books.counts[raw.name] = table_count(judged, int(measured["rows"]))
    books.fingerprint[raw.name] = digest(measured, int(measured["rows"]))
    aside = rejects(judged, engine)
    if aside is not None:
        books.rejects[raw.name] = aside
    return measured
