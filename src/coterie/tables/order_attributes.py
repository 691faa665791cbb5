"""Further columns of orders that describe customers, such as their country: recognised, and one value per customer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import ibis

from coterie.schema import CUSTOMERS, key_of
from coterie.tables.cells import text_of
from coterie.tables.contract import Attribute, Problem, RawTable
from coterie.tables.customers import MOST_VALUES
from coterie.tables.first_lines import first_lines
from coterie.tables.naming import listed
from coterie.tables.numbers import NumberCounts, as_attribute, number_counts, number_plan
from coterie.tables.tell import counted, tell

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from coterie.engines import Engine
    from coterie.tables.cast import Typed

STEADY, KNOWN_STEADY = 0.05, 0.5
"""At most this share of the customers with several days (but one customer always) may have several values.

The second holds for columns whose name says that they describe customers.
"""

DESCRIBING = frozenset(
    ("country", "region", "state", "province", "city", "postcode", "zip", "zipcode", "gender", "sex", "age", "language")
)

FEW_CUSTOMERS = 10
OF_THEIR_OWN = 0.9
"""From this share of distinct values on, nearly every customer has one of their own (a name, an address)."""


def recognised(raw: RawTable, engine: Engine, taken: Sequence[str]) -> RawTable:
    """The raw orders with those of their further columns that describe customers; the others are noted as unread.

    Args:
        raw: The orders, every further column an attribute.
        engine: Where they are.
        taken: Columns of the customers table, which knows better.
    """
    keys = {key_of(name) for name in taken}
    for column in (CUSTOMERS.column(name) for name in taken):
        keys |= set() if column is None else {key_of(word) for word in column.synonyms}
    asked = [name for name in raw.attributes if key_of(raw.original.get(name, name)) not in keys]
    steady = _steady(raw, engine, asked) if asked else []
    unread = [name for name in raw.attributes if name not in steady]
    same = _same(first_lines(raw.rows, raw), engine, unread)
    same = _same(raw.rows, engine, same)
    others = [name for name in unread if name not in same]
    notes = [
        _unread(raw, names, what)
        for names, what in (
            (others, f"{'does' if len(others) == 1 else 'do'} not describe customers"),
            (same, f"{'is' if len(same) == 1 else 'are'} the same in all lines"),
        )
        if names
    ]
    return replace(raw, attributes=tuple(steady), findings=(*raw.findings, *notes))


def _unread(raw: RawTable, names: Sequence[str], what: str) -> Problem:
    message = f"{raw.files[0]} has {counted(len(names), 'further column')} that {what}: " + listed(
        raw.original.get(name, name) for name in names
    )
    file = raw.files[0] if len(raw.files) == 1 else None
    return Problem("unread_columns", raw.name, len(names), f"{message}.", "left unread", file=file, severity="note")


def _same(rows: ir.Table, engine: Engine, names: Sequence[str]) -> list[str]:
    """Those of the columns that have one value, and no other, in every line."""
    if not names:
        return []
    cells = {name: text_of(rows[name]) for name in names}
    wanted: dict[str, ir.Scalar] = {"rows": rows.count()}
    for i, cell in enumerate(cells.values()):
        wanted |= {f"n{i}": cell.count(), f"same{i}": cell.min() == cell.max()}
    row = engine.collect(rows.aggregate(**wanted)).to_pylist()[0]
    return [name for i, name in enumerate(names) if row["rows"] and row[f"n{i}"] == row["rows"] and row[f"same{i}"]]


def _steady(raw: RawTable, engine: Engine, names: Sequence[str]) -> list[str]:
    some = first_lines(raw.rows, raw)
    cells = {f"a{i}": text_of(some[name]) for i, name in enumerate(names)}
    some = some.select(who=some["customer_id"], day=some["order_date"].cast("string"), **cells)
    some = some.filter(some["who"].notnull())
    per: dict[str, ir.Scalar] = {}
    for cell in cells:
        per |= {f"{cell}_low": some[cell].min(), f"{cell}_high": some[cell].max()}
    customers = some.group_by("who").aggregate(often=some["day"].min() != some["day"].max(), **per)
    wanted: dict[str, ir.Scalar] = {}
    for cell in cells:
        low, high = customers[f"{cell}_low"], customers[f"{cell}_high"]
        wanted |= {
            f"{cell}_n": low.count(),
            f"{cell}_often": (customers["often"] & low.notnull()).sum().fill_null(0),
            f"{cell}_varies": (customers["often"] & (low != high)).sum().fill_null(0),
            f"{cell}_distinct": low.nunique(),
            f"{cell}_several": low.min() != high.max(),
        }
    row = engine.collect(customers.aggregate(**wanted)).to_pylist()[0]
    steady = []
    for i, name in enumerate(names):
        found = {part: row[f"a{i}_{part}"] for part in ("n", "often", "varies", "distinct", "several")}
        own = found["n"] >= FEW_CUSTOMERS and found["distinct"] >= OF_THEIR_OWN * found["n"]
        if found["several"] and not own and _is_steady(name, raw, int(found["varies"]), int(found["often"])):
            steady.append(name)
    return steady


def _is_steady(name: str, raw: RawTable, varies: int, often: int) -> bool:
    known = key_of(raw.original.get(name, name)) in DESCRIBING
    return varies <= max((KNOWN_STEADY if known else STEADY) * often, 1 if often > 1 else 0)


@dataclass(frozen=True)
class Described:
    """What orders tell of their customers.

    Attributes:
        rows: One row per customer with the attributes, and city and gender where they are `known`.
        attributes: What they are.
        known: "city", "gender" or both.
        notes: To be told.
    """

    rows: ir.Table
    attributes: tuple[Attribute, ...]
    known: frozenset[str]
    notes: tuple[Problem, ...]


def _place_of(label: str) -> str | None:
    """City or gender where the column is called so."""
    key = key_of(label)
    columns = {"city": CUSTOMERS.column("city_id"), "gender": CUSTOMERS.column("gender_id")}
    return next(
        (name for name, one in columns.items() if one is not None and key in {key_of(word) for word in one.synonyms}),
        None,
    )


def describe_by_orders(typed: Typed, used: ir.Table, engine: Engine) -> Described | None:
    """Each customer's most frequent value of each attribute, of equally frequent ones the alphabetically first."""
    names = typed.raw.attributes
    if not names:
        return None
    rows = used.select("customer_id").distinct()
    attributes, notes = [], []
    known: set[str] = set()
    shown = {name: typed.raw.original.get(name, name) for name in names}
    notes.append(
        tell("customer_attribute", typed.raw, len(names),
             message=f"{listed(shown.values())} of {typed.raw.name} {'describes' if len(names) == 1 else 'describe'} "
                     "customers")
    )  # fmt: skip
    for name in names:
        values, varied = _most_frequent(used, name, engine)
        place = _place_of(shown[name])
        if place is not None and place not in known:
            known.add(place)
            rows = _with(rows, values, place)
        else:
            attribute, values = _understood(values, name, shown[name], engine)
            attributes.append(attribute)
            rows = _with(rows, values, name)
        if varied:
            message = f"{counted(varied, 'customer')} {'has' if varied == 1 else 'have'} more than one {shown[name]}"
            notes.append(tell("attribute_varies", typed.raw, varied, column=name, message=message))
    return Described(engine.keep(rows), tuple(attributes), frozenset(known), tuple(notes))


def _most_frequent(used: ir.Table, name: str, engine: Engine) -> tuple[ir.Table, int]:
    """customer_id and value, and how many customers have several."""
    filled = used.filter(used[name].notnull())
    counts = filled.group_by("customer_id", value=filled[name]).aggregate(n=filled.count())
    order = ibis.window(group_by="customer_id", order_by=[ibis.desc("n"), "value"])
    ranked = engine.keep(counts.mutate(_rank=ibis.row_number().over(order)))
    varied = engine.collect(ranked.aggregate(n=(ranked["_rank"] == 1).sum().fill_null(0))).to_pylist()[0]["n"]
    return ranked.filter(ranked["_rank"] == 0).select("customer_id", "value"), int(varied)


def _with(rows: ir.Table, values: ir.Table, name: str) -> ir.Table:
    there = values.select(_key=values["customer_id"], _value=values["value"])
    joined = rows.left_join(there, rows["customer_id"] == there["_key"])
    return joined.select(*[rows[column] for column in rows.columns], **{name: joined["_value"]})


def _understood(values: ir.Table, name: str, label: str, engine: Engine) -> tuple[Attribute, ir.Table]:
    """The attribute, and its values as numbers where they are numbers."""
    found = engine.collect(values.aggregate(**number_counts(values["value"]))).to_pylist()[0]
    plan = number_plan(values["value"], NumberCounts(**{part: int(count or 0) for part, count in found.items()}), None)
    if plan.decimal is not None:
        number, _ = as_attribute(values["value"], plan)
        return Attribute(name, label, "number"), values.mutate(value=number)
    counts = values.group_by("value").aggregate(n=values.count()).order_by([ibis.desc("n"), "value"])
    rows = engine.collect(counts.limit(MOST_VALUES)).to_pylist()
    return Attribute(name, label, "text", tuple(row["value"] for row in rows)), values


def with_attributes(customers: ir.Table | None, described: Described, attributes: Sequence[Attribute]) -> ir.Table:
    """The customers table with what orders tell; customers met only there have a row of their own."""
    rows, new = described.rows, [attribute.name for attribute in described.attributes]
    nothing: dict[str, ir.Value] = {"join_date": ibis.null("date"), "city": ibis.null("string")}
    nothing |= {"gender": ibis.null("string")}
    told = {name: rows[name] for name in (*new, *sorted(described.known))}
    if customers is None:
        return rows.select("customer_id", **{**nothing, **told})
    there = rows.select(_key=rows["customer_id"], **{f"_{name}": value for name, value in told.items()})
    joined = customers.left_join(there, customers["customer_id"] == there["_key"])
    values = {name: customers[name] for name in customers.columns} | {name: joined[f"_{name}"] for name in told}
    for attribute in attributes:
        nothing[attribute.name] = ibis.null("float64" if attribute.kind == "number" else "string")
    met = rows.anti_join(customers, "customer_id")
    others = met.select("customer_id", **{**nothing, **{name: met[name] for name in told}})
    known = joined.select(**values)
    return known.union(others.select(*known.columns))
