"""The customers table: keys checked, city and gender looked up, attributes understood."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import ibis

from coterie.tables.cast import Typed
from coterie.tables.contract import Attribute
from coterie.tables.judge import Judged, Test, judge
from coterie.tables.lookups import reference

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from coterie.engines import Engine

MOST_VALUES = 200


@dataclass(frozen=True)
class Findings:
    """Rows kept, with a flag per rule that may fit them: (rule, column) -> boolean column of `rows`."""

    rows: ir.Table
    flags: Mapping[tuple[str, str], str]


def judge_customers(typed: Typed, engine: Engine, as_of: dt.date | None) -> Judged:
    """Rows without an id are set aside, copies collapsed; who joined after a set as-of is not known yet."""
    late = []
    if as_of is not None and typed.has("join_date"):
        late.append(Test("after_as_of", "join_date", lambda t: (t["join_date"] > as_of).fill_null(False)))
    return judge(
        typed,
        engine,
        [Test("missing_key", "customer_id", lambda t: t["customer_id"].isnull(), never=typed.is_full("customer_id"))],
        late,
        key="customer_id",
    )


def resolve_customers(judged: Judged, lookups: Mapping[str, Judged]) -> Findings:
    """City and gender as names; a value that its lookup table does not hold becomes unknown and is flagged."""
    rows, flags = judged.used, {}
    typed = judged.typed
    for column, table, name, rule in (
        ("city_id", "cities", "city", "orphan_city"),
        ("gender_id", "genders", "gender", "orphan_gender"),
    ):
        if column not in rows.columns:
            rows = rows.mutate(**{name: ibis.null("string")})
        elif table not in lookups:
            rows = rows.mutate(**{name: rows[column].cast("string")})
        else:
            rows = _looked_up(rows, lookups[table], column, name, rule)
            flags[(rule, column)] = f"_is_{rule}"
    for column in ("join_date", *typed.raw.attributes):
        bad = typed.bad_name(column)
        if bad is not None:
            flags[("unparsable_optional", column)] = bad
    if "join_date" not in rows.columns:
        rows = rows.mutate(join_date=ibis.null("date"))
    return Findings(rows, flags)


def _looked_up(rows: ir.Table, lookup: Judged, column: str, name: str, rule: str) -> ir.Table:
    """Left join to the names; a row without a name is called by its id."""
    key, label = lookup.typed.spec.columns[0].name, lookup.typed.spec.columns[1].name
    there = reference(lookup, label)
    own = there[key].cast("string")
    named = there.select(
        _key=there[key], _name=ibis.coalesce(there[label], own) if label in there.columns else own, _here=there["_here"]
    )
    joined = rows.left_join(named, rows[column] == named["_key"])
    return joined.select(
        *[rows[c] for c in rows.columns],
        **{name: joined["_name"], f"_is_{rule}": joined[column].notnull() & joined["_here"].isnull()},
    )


def attributes_of(judged: Judged, engine: Engine) -> tuple[Attribute, ...]:
    """The attributes that hold anything, with the distinct values of the textual ones."""
    typed, found = judged.typed, []
    for name in typed.raw.attributes:
        if not typed.has(name):
            continue
        label = typed.raw.original.get(name, name)
        if typed.attributes[name].decimal is not None:
            found.append(Attribute(name, label, "number"))
            continue
        values = judged.used.filter(judged.used[name].notnull()).group_by(name).aggregate(n=lambda t: t.count())
        rows = engine.collect(values.order_by([ibis.desc("n"), name]).limit(MOST_VALUES)).to_pylist()
        found.append(Attribute(name, label, "text", tuple(row[name] for row in rows)))
    return tuple(found)


def public_customers(findings: Findings, attributes: tuple[Attribute, ...]) -> ir.Table:
    """customer_id, join_date, city, gender and the attributes."""
    rows = findings.rows
    return rows.select("customer_id", "join_date", "city", "gender", *[attribute.name for attribute in attributes])


def no_customers(like: ir.Table) -> ir.Table:
    """An empty customers table whose ids are of the type of these rows."""
    null = ibis.null("string")
    return like.limit(0).select("customer_id", join_date=ibis.null("date"), city=null, gender=null)
