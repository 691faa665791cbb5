"""Raw tables as typed ones: ids, dates, statuses, attributes, each decided from all its values; nothing is judged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from coterie.schema import ORDER_STATUS_WORDS, ORDERS, STATUS_WORDS, TableSpec, table_named
from coterie.tables.cells import says_nothing, text_of, to_strip, without_words
from coterie.tables.contract import Problem, RawTable
from coterie.tables.dates import DateColumn, as_date, decided, is_guess, look_at
from coterie.tables.ids import IdCounts, IdKind, as_id, id_counts, id_kind
from coterie.tables.money import MoneyWords, bare_number, look_at_money, unusual
from coterie.tables.numbers import (
    NumberCounts,
    NumberPlan,
    as_attribute,
    as_number,
    decimal_marks,
    measure_counts,
    number_counts,
    number_plan,
)
from coterie.tables.status import StatusWords, as_status, look_at_status
from coterie.tables.tell import in_words, tell

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from coterie.engines import Engine
    from coterie.settings import ReadSettings

BAD = "_bad_"
"""Prefix of the boolean column that tells an unreadable cell from an empty one."""


@dataclass(frozen=True)
class Typed:
    """A table whose cells are understood.

    Attributes:
        raw: Where it comes from.
        spec: Its entry in the contract.
        table: `_file`, `_line`, the columns of the contract that are there (typed, NULL where empty or unreadable), the
            attributes, and `_bad_<column>` for each column that holds unreadable cells.
        filled: Column -> filled cells.
        rows: Rows of the table.
        notes: What was guessed on the way.
        attributes: Attribute -> how it was read.
        status: The words of the status column.
        currencies: Signs and codes of currencies in the cells of money -> cells.
    """

    raw: RawTable
    spec: TableSpec
    table: ir.Table
    filled: Mapping[str, int]
    rows: int
    notes: tuple[Problem, ...] = ()
    attributes: Mapping[str, NumberPlan] = field(default_factory=dict)
    status: StatusWords | None = None
    currencies: Mapping[str, int] = field(default_factory=dict)

    def has(self, column: str) -> bool:
        """Whether the column is there and not wholly empty."""
        return self.filled.get(column, 0) > 0

    def is_full(self, column: str) -> bool:
        """Whether every cell of the column is filled, and those that are can be read."""
        return self.filled.get(column, 0) == self.rows and self.bad_name(column) is None

    def bad_name(self, column: str) -> str | None:
        """The boolean column that marks the unreadable cells of this one, or None where there are none."""
        return BAD + column if BAD + column in self.table.columns else None


def cast_tables(raws: Sequence[RawTable], engine: Engine, settings: ReadSettings) -> dict[str, Typed]:
    """Understand every cell: ids are decided over all tables that share them, everything else column by column."""
    tables = {raw.name: raw for raw in raws}
    counts = {raw.name: _count_cells(raw, engine, frozenset(tables)) for raw in raws}
    kinds = _id_kinds(counts)
    return {name: _cast(raw, engine, settings, counts[name], kinds) for name, raw in tables.items()}


@dataclass(frozen=True)
class _Counts:
    """What was counted in a table.

    Rows, ids, numbers, texts as (filled, words for empty), columns not to strip, money and what stands beside it.
    """

    rows: int
    ids: Mapping[str, IdCounts]
    numbers: Mapping[str, NumberCounts]
    bare: frozenset[str]
    texts: Mapping[str, tuple[int, int]]
    others: Mapping[str, int]
    money: Mapping[str, MoneyWords]


def _spec(raw: RawTable) -> TableSpec:
    spec = table_named(raw.name)
    if spec is None:
        raise ValueError(f"{raw.name!r} is no table of the contract")
    return spec


def _kind_of(spec: TableSpec, column: str, present: frozenset[str]) -> str:
    """A kind of the contract, or "attribute"; a foreign key whose lookup table is absent holds the value itself."""
    entry = spec.column(column)
    if entry is None:  # one of orders is understood when there is one value per customer left
        return "text" if spec.event else "attribute"
    if entry.kind == "id" and entry.refers_to in ("cities", "genders") and entry.refers_to not in present:
        return "text"
    return entry.kind


def _columns(raw: RawTable, spec: TableSpec) -> list[str]:
    return [column.name for column in spec.columns if column.name in raw.rows.columns] + list(raw.attributes)


def _count_cells(raw: RawTable, engine: Engine, present: frozenset[str]) -> _Counts:
    """One aggregate over the table for ids, attributes and texts, after one that tells what need not be stripped."""
    spec = _spec(raw)
    names = [name for name in _columns(raw, spec) if _kind_of(spec, name, present) != "status"]
    kinds = {name: _kind_of(spec, name, present) for name in names}
    bare, strange = _bare(raw, names, engine, money=[name for name in names if kinds[name] == "money"])
    money = {name: look_at_money(engine, raw.rows, name) for name in strange}
    wanted: dict[tuple[str, str, str], ir.IntegerScalar] = {}
    for name in names:
        column, kind = raw.rows[name], kinds[name]
        if kind == "id":
            wanted |= {("id", name, part): value for part, value in id_counts(column, bare=name in bare).items()}
        elif kind == "attribute":
            wanted |= {
                ("number", name, part): value for part, value in number_counts(column, bare=name in bare).items()
            }
        elif kind in ("number", "money"):
            number = bare_number(column, money[name]) if name in money else column
            counted = measure_counts(number, bare=name in bare and name not in money)
            wanted |= {("number", name, part): value for part, value in counted.items()}
        elif kind == "text":
            text = text_of(column, bare=name in bare)
            wanted[("text", name, "filled")] = text.count()
            wanted[("text", name, "words")] = says_nothing(text).sum().fill_null(0)
        else:
            text = text_of(column, bare=name in bare) if column.type().is_string() else column
            wanted[("other", name, "filled")] = text.count()
    keys = list(wanted)
    counts = {f"c{i}": wanted[key] for i, key in enumerate(keys)}
    row = engine.collect(raw.rows.aggregate(rows=raw.rows.count(), **counts)).to_pylist()[0]
    parts: dict[tuple[str, str], dict[str, int]] = {}
    for i, (kind, name, part) in enumerate(keys):
        parts.setdefault((kind, name), {})[part] = int(row[f"c{i}"] or 0)
    texts = {name: found for (kind, name), found in parts.items() if kind == "text"}
    return _Counts(
        rows=int(row["rows"]),
        bare=bare,
        ids={name: IdCounts(**found) for (kind, name), found in parts.items() if kind == "id"},
        numbers={name: NumberCounts(**found) for (kind, name), found in parts.items() if kind == "number"},
        texts={name: (found["filled"], found["words"]) for name, found in texts.items()},
        others={name: found["filled"] for (kind, name), found in parts.items() if kind == "other"},
        money=money,
    )


def _bare(
    raw: RawTable, names: Sequence[str], engine: Engine, *, money: Sequence[str]
) -> tuple[frozenset[str], list[str]]:
    """The text columns in which no cell is empty text or has white space at an end, and the columns of money in which a
    cell holds more than a number.
    """
    texts = [name for name in names if raw.rows[name].type().is_string()]
    if not texts:
        return frozenset(), []
    packed = len(texts) < len(names)  # a file of text alone has text in every column
    wanted = {f"c{i}": to_strip(raw.rows[name], packed=packed) for i, name in enumerate(texts)}
    wanted |= {f"m{i}": unusual(raw.rows[name]) for i, name in enumerate(texts) if name in money}
    row = engine.collect(raw.rows.aggregate(**wanted)).to_pylist()[0]
    bare = frozenset(name for i, name in enumerate(texts) if not row[f"c{i}"])
    return bare, [name for i, name in enumerate(texts) if row.get(f"m{i}")]


def _id_kinds(counts: Mapping[str, _Counts]) -> dict[str, IdKind]:
    """Id column -> integer or text, over all tables that hold it."""
    domains: dict[str, list[IdCounts]] = {}
    for table in counts.values():
        for name, found in table.ids.items():
            domains.setdefault(name, []).append(found)
    return {name: id_kind(found) for name, found in domains.items()}


def _cast(raw: RawTable, engine: Engine, settings: ReadSettings, counts: _Counts, kinds: Mapping[str, IdKind]) -> Typed:
    spec, rows = _spec(raw), raw.rows
    dates = {c.name: look_at(engine, rows, c.name) for c in spec.columns if c.kind == "date" and c.name in rows.columns}
    dates = decided(dates, settings.date_order)
    plans, numbers = _numbers(raw, spec, counts, settings)
    status: StatusWords | None = None
    filled = _filled(counts)
    values: dict[str, ir.Value] = {"_file": rows["_file"], "_line": rows["_line"]}
    flags: dict[str, ir.Value] = {}
    for name in _columns(raw, spec):
        bare = name in counts.bare
        if name in counts.ids:
            values[name] = as_id(rows[name], kinds[name], counts.ids[name], bare=bare)
        elif name in dates:
            values[name], bad = as_date(engine, rows[name], dates[name], bare=bare)
            if not dates[name].typed or dates[name].outside:
                flags[BAD + name] = bad
        elif name in numbers:
            values[name], unread = numbers[name]
            if unread is not None:
                flags[BAD + name] = unread
        elif name in counts.texts:
            text = text_of(rows[name], bare=bare)
            values[name] = without_words(text) if counts.texts[name][1] else text
        else:
            status = _look_at_status(engine, rows, name, settings, of_orders=spec is ORDERS)
            values[name] = as_status(rows[name], status)
            if spec is ORDERS and status.unknown:
                flags[BAD + name] = text_of(rows[name]).notnull() & values[name].isnull()
            filled[name] = sum(status.rows.values()) + sum(status.unknown.values())
    values |= _of_orders(rows, whole=filled.get("order_id", 0) == counts.rows) if spec is ORDERS else {}
    table = rows.select(**values, **flags)
    if _is_dear(rows, dates, kinds, counts):
        table = engine.keep(table)
    notes = _date_notes(raw, dates, settings)
    return Typed(raw, spec, table, filled, counts.rows, notes, plans, status, _currencies(counts))


def _look_at_status(
    engine: Engine, rows: ir.Table, name: str, settings: ReadSettings, *, of_orders: bool
) -> StatusWords:
    if of_orders:
        return look_at_status(engine, rows, name, settings.order_status, ORDER_STATUS_WORDS)
    return look_at_status(engine, rows, name, settings.status, STATUS_WORDS)


def _numbers(
    raw: RawTable, spec: TableSpec, counts: _Counts, settings: ReadSettings
) -> tuple[dict[str, NumberPlan], dict[str, tuple[ir.Value, ir.BooleanValue | None]]]:
    """How each attribute is read; and per column of numbers its values, and which cells could not be read if any."""
    rows, found = raw.rows, counts.numbers
    plans = {
        name: number_plan(rows[name], found[name], settings.decimal) for name in found if spec.column(name) is None
    }
    values: dict[str, tuple[ir.Value, ir.BooleanValue | None]] = {}
    for name, plan in plans.items():
        value, bad = as_attribute(rows[name], plan, bare=name in counts.bare)
        values[name] = value, None if plan.typed else bad
    measures = {name: found[name] for name in found if name not in plans}
    marks = decimal_marks(measures, settings.decimal)
    for name, measure in measures.items():
        number = bare_number(rows[name], counts.money[name]) if name in counts.money else rows[name]
        values[name] = as_number(number, measure, marks[name])
    return plans, values


def _currencies(counts: _Counts) -> dict[str, int]:
    """Signs and codes of currencies beside amounts -> cells."""
    found: dict[str, int] = {}
    for words in counts.money.values():
        for sign, cells in words.currencies.items():
            found[sign] = found.get(sign, 0) + cells
    return found


def _of_orders(rows: ir.Table, *, whole: bool) -> dict[str, ir.Value]:
    """What only the cells as they stand can tell of an order line.

    `_same` is equal for identical lines (and hardly ever for others); `_time` is the moment as written, where some line
    has no order_id to say which order it belongs to.
    """
    import ibis

    cells = {name: rows[name] for name in rows.columns if name not in ("_file", "_line")}
    same = ibis.struct(cells).hash()
    values: dict[str, ir.Value] = {"_same": same}
    if not whole:
        values["_time"] = text_of(rows["order_date"])
    return values


def _is_dear(rows: ir.Table, dates: Mapping[str, DateColumn], kinds: Mapping[str, IdKind], counts: _Counts) -> bool:
    """Whether cells have to be parsed from text at every use, so that the typed table is worth keeping."""
    parsed = [*dates, *(name for name in counts.ids if kinds[name] == "int64"), *counts.numbers]
    return any(rows[name].type().is_string() for name in parsed)


def _filled(counts: _Counts) -> dict[str, int]:
    """Filled cells by column; those of the status are counted with its words."""
    filled = {name: found.filled - found.words for name, found in counts.ids.items()}
    filled |= {name: found.filled - found.words for name, found in counts.numbers.items()}
    filled |= {name: found - words for name, (found, words) in counts.texts.items()}
    return filled | dict(counts.others)


def _date_notes(raw: RawTable, dates: Mapping[str, DateColumn], settings: ReadSettings) -> tuple[Problem, ...]:
    notes = []
    for name, column in dates.items():
        shown = f"The {in_words(name)}"
        if is_guess(name, dates, settings.date_order):
            message = (
                f"{shown} of {raw.name} could be day-first or month-first in all its {column.numeric:,} cells; "
                f"it was read {column.order}"
            )
            notes.append(tell("ambiguous_dates", raw, column.numeric, column=name, message=message))
        elif column.evidence == "mixed" and settings.date_order is None:
            message = (
                f"{shown} of {raw.name} mixes dates that are only possible day-first ({column.first_large:,}) with "
                f"others only possible month-first ({column.second_large:,}); it was read {column.order}"
            )
            lost = min(column.first_large, column.second_large)
            notes.append(tell("mixed_dates", raw, lost, column=name, message=message))
    return tuple(notes)
