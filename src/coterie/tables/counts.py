"""Counting what was found in rows that are kept, with examples; and the digest of a table."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from coterie.schema import ORDER_STATUS_WORDS
from coterie.tables.contract import Problem, TableCount
from coterie.tables.customers import Findings
from coterie.tables.judge import Judged
from coterie.tables.places import aside_by, examples
from coterie.tables.rules import RULE, RULES
from coterie.tables.status import cure_of
from coterie.tables.tell import agreeing, counted, tell

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from coterie.engines import Engine

_PRIME = 999_983


def measure(findings: Findings, engine: Engine, more: Mapping[str, ir.Scalar] | None = None) -> dict[str, Any]:
    """One aggregate over the rows kept: `rows`, each flag's count under its column name, and whatever else is asked."""
    rows = findings.rows
    wanted = {flag: rows[flag].sum().fill_null(0) for flag in findings.flags.values()}
    number = rows["_rows"].sum().fill_null(0) if "_rows" in rows.columns else rows.count()
    row: dict[str, Any] = engine.collect(rows.aggregate(rows=number, **wanted, **(more or {}))).to_pylist()[0]
    return row


def kept_problems(
    judged: Judged,
    findings: Findings,
    measured: Mapping[str, Any],
    engine: Engine,
    *,
    revenue: Mapping[str, float] | None = None,
    currency: str | None = None,
    **words: str,
) -> list[Problem]:
    """One finding per flag that fits any row; `revenue` by flag."""
    problems = []
    for (rule, column), flag in findings.flags.items():
        count = int(measured[flag])
        if count:
            raw = judged.typed.raw
            shown = examples(raw, engine, findings.rows.filter(findings.rows[flag]), _shown(rule, column))
            message, cure = _unknown(rule, judged, count)
            problems.append(tell(rule, raw, count, column=column, examples=shown, message=message, cure=cure,
                                 revenue=(revenue or {}).get(flag), currency=currency, **words))  # fmt: skip
    return problems


def _shown(rule: str, column: str) -> tuple[str, ...]:
    """The columns worth showing beside a finding."""
    return {
        "burn_before_claim": ("transaction_date", "burn_date"),
        "burn_date_without_burn": ("transaction_status", "burn_date"),
        "burnt_without_date": ("transaction_status", "burn_date"),
        "claim_before_join": ("customer_id", "transaction_date"),
        "order_before_join": ("customer_id", "order_date"),
    }.get(rule, (column,))


def aside_problems(
    judged: Judged,
    engine: Engine,
    *,
    revenue: Mapping[str, float] | None = None,
    currency: str | None = None,
    **words: str,
) -> list[Problem]:
    """One finding per rule that set rows aside; `revenue` by rule."""
    problems, raw = [], judged.typed.raw
    for rule, count in judged.counts.items():
        column = judged.columns[rule]
        shown = examples(raw, engine, aside_by(judged, rule), (column,))
        message, cure = _unknown(rule, judged, count)
        problems.append(tell(rule, raw, count, column=column, examples=shown, message=message, cure=cure,
                             revenue=(revenue or {}).get(rule), currency=currency, **words))  # fmt: skip
    return problems


def _unknown(rule: str, judged: Judged, count: int) -> tuple[str | None, str | None]:
    """Message and cure of a finding about unknown status words, which names them; nothing for other rules."""
    status = judged.typed.status
    if status is None or rule not in ("unknown_status", "unknown_order_status"):
        return None, None
    vocabulary = {"sold": ORDER_STATUS_WORDS["sold"], "cancelled": ORDER_STATUS_WORDS["cancelled"]}
    orders = rule == "unknown_order_status"
    cure = cure_of(status.unknown, vocabulary, "order_status") if orders else cure_of(status.unknown)
    if not status.unknown:
        return None, cure
    listed = ", ".join(f"{word!r} {n:,}" for word, n in list(status.unknown.items())[:5])
    message = RULE[rule].message.format(rows=counted(count), where=judged.typed.raw.name, **agreeing(count))
    return f"{message} ({listed})", cure


def table_count(judged: Judged, rows_used: int) -> TableCount:
    """Rows in, used (counted on the rows used, not by subtraction) and set aside by reason."""
    raw = judged.typed.raw
    reasons: dict[str, int] = {}
    for _, _, _, rule in raw.unreadable:
        reasons[rule] = reasons.get(rule, 0) + 1
    for rule, count in judged.counts.items():
        reasons[rule] = reasons.get(rule, 0) + count
    order = {rule.name: number for number, rule in enumerate(RULES)}
    reasons = dict(sorted(reasons.items(), key=lambda item: order.get(item[0], len(order))))
    return TableCount(judged.rows_in + len(raw.unreadable), rows_used, sum(reasons.values()), reasons)


def digest_parts(rows: ir.Table, only: Sequence[str] = ()) -> dict[str, ir.Scalar]:
    """Aggregates that change when the content (of all columns, or only of these) does, whatever the order of rows."""
    parts: dict[str, ir.Scalar] = {}
    # Numbered without our own marks, so that the same content in text and in typed columns is the same.
    names = [name for name in only or rows.columns if not name.startswith("_")]
    for number, name in enumerate(names):
        column = rows[name]
        kind = column.type()
        parts[f"d{number}n"] = column.count()
        if kind.is_integer():
            parts[f"d{number}s"] = (column % _PRIME).sum()
        elif kind.is_date():
            parts[f"d{number}s"] = (column.epoch_seconds() / 86_400).cast("int64").sum()
        elif kind.is_string() and name not in ("status", "transaction_status"):
            parts[f"d{number}s"] = column.length().sum()
            parts[f"d{number}a"], parts[f"d{number}b"] = column.min(), column.max()
        elif kind.is_floating():
            parts[f"d{number}a"], parts[f"d{number}b"] = column.min(), column.max()
    return parts


def digest(measured: Mapping[str, Any], rows_used: int) -> str:
    """The aggregates of `digest_parts` as one digest."""
    kept = {name: value for name, value in sorted(measured.items()) if name[0] == "d" and name[1].isdigit()}
    return hashlib.sha256(json.dumps([rows_used, kept], sort_keys=True, default=str).encode()).hexdigest()
