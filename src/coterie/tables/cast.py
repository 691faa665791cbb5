"""Raw tables as typed ones: ids, dates, statuses, attributes, each decided from all its values; nothing is judged."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from coterie.engines import named
from coterie.schema import ORDER_STATUS_WORDS, ORDERS, STATUS_WORDS, TableSpec
from coterie.tables.cell_counts import CellCounts, columns_of, count_cells, spec_of
from coterie.tables.cells import text_of, without_words
from coterie.tables.contract import Problem, RawTable
from coterie.tables.dates import DateColumn, as_date, decided, look_at
from coterie.tables.ids import IdCounts, IdKind, as_id, id_kind
from coterie.tables.marks import find_marks
from coterie.tables.money import bare_number
from coterie.tables.numbers import (
    LARGEST,
    NumberPlan,
    as_attribute,
    as_number,
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
    counts = {raw.name: count_cells(raw, engine, frozenset(tables)) for raw in raws}
    kinds = _id_kinds(counts)
    return {name: _cast(raw, engine, settings, counts[name], kinds) for name, raw in tables.items()}


def _id_kinds(counts: Mapping[str, CellCounts]) -> dict[str, IdKind]:
    """Id column -> integer or text, over all tables that hold it."""
    domains: dict[str, list[IdCounts]] = {}
    for table in counts.values():
        for name, found in table.ids.items():
            domains.setdefault(name, []).append(found)
    return {name: id_kind(found) for name, found in domains.items()}


def _cast(
    raw: RawTable, engine: Engine, settings: ReadSettings, counts: CellCounts, kinds: Mapping[str, IdKind]
) -> Typed:
    spec, rows = spec_of(raw), raw.rows
    dates = {c.name: look_at(engine, rows, c.name) for c in spec.columns if c.kind == "date" and c.name in rows.columns}
    dates = decided(dates, settings.date_order)
    plans, numbers, guessed = _numbers(raw, spec, engine, counts, settings)
    status: StatusWords | None = None
    filled = counts.filled
    values: dict[str, ir.Value] = {"_file": rows["_file"], "_line": rows["_line"]}
    flags: dict[str, ir.Value] = {}
    for name in columns_of(raw, spec):
        bare = name in counts.bare
        if name in counts.ids:
            values[name] = as_id(rows[name], kinds[name], counts.ids[name], bare=bare)
        elif name in dates:
            values[name], bad = as_date(engine, rows[name], dates[name], rows["_file"], bare=bare)
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
    table = named(engine, table, f"{raw.name}_read")
    notes = (*_date_notes(raw, dates, settings), *guessed)
    return Typed(raw, spec, table, filled, counts.rows, notes, plans, status, counts.currencies)


def _look_at_status(
    engine: Engine, rows: ir.Table, name: str, settings: ReadSettings, *, of_orders: bool
) -> StatusWords:
    if of_orders:
        return look_at_status(engine, rows, name, settings.order_status, ORDER_STATUS_WORDS)
    return look_at_status(engine, rows, name, settings.status, STATUS_WORDS)


def _numbers(
    raw: RawTable, spec: TableSpec, engine: Engine, counts: CellCounts, settings: ReadSettings
) -> tuple[dict[str, NumberPlan], dict[str, tuple[ir.Value, ir.BooleanValue | None]], tuple[Problem, ...]]:
    """How each attribute is read; per column of numbers its values, and which cells could not be read if any; guesses.

    Amounts have no limit here: what is more than can be counted is told as such.
    """
    rows, found = raw.rows, counts.numbers
    plans = {
        name: number_plan(rows[name], found[name], settings.decimal) for name in found if spec.column(name) is None
    }
    values: dict[str, tuple[ir.Value, ir.BooleanValue | None]] = {}
    for name, plan in plans.items():
        value, bad = as_attribute(rows[name], plan, bare=name in counts.bare)
        values[name] = value, None if plan.typed else bad
    measures = {}
    for name in (name for name in found if name not in plans):
        text = rows[name].type().is_string() and name not in counts.bare
        number = text_of(rows[name]) if text else rows[name]
        measures[name] = bare_number(rows[name], counts.money[name]) if name in counts.money else number
    money = {column.name for column in spec.columns if column.kind == "money"}
    marks = find_marks(engine, raw, measures, found, money, counts.currencies, settings.decimal)
    for name, number in measures.items():
        files = marks.commas.get(name, frozenset())
        some = 0 < len(files) < len(raw.files)
        comma = rows["_file"].isin(sorted(files)) if some else bool(files)
        most = math.inf if name in money else LARGEST
        values[name] = as_number(number, found[name], has_comma=comma, most=most)
    return plans, values, marks.notes


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


def _is_dear(rows: ir.Table, dates: Mapping[str, DateColumn], kinds: Mapping[str, IdKind], counts: CellCounts) -> bool:
    """Whether cells have to be parsed from text at every use, so that the typed table is worth keeping."""
    parsed = [*dates, *(name for name in counts.ids if kinds[name] == "int64"), *counts.numbers]
    return any(rows[name].type().is_string() for name in parsed)


def _date_notes(raw: RawTable, dates: Mapping[str, DateColumn], settings: ReadSettings) -> tuple[Problem, ...]:
    """What was guessed of each column of dates, in each file where there are several."""
    notes = []
    for name, column in dates.items():
        for file, found in sorted(column.files.items()):
            order = "month-first" if file in column.month_first else "day-first"
            shown = f"The {in_words(name)} of {raw.name if len(raw.files) == 1 else raw.files[file]}"
            if file in column.guessed:
                message = f"{shown} could be day-first or month-first in all its {found.numeric:,} cells; it was read"
                notes.append(tell("ambiguous_dates", raw, found.numeric, column=name, message=f"{message} {order}"))
            elif found.evidence == "mixed" and settings.date_order is None:
                message = (
                    f"{shown} mixes dates that are only possible day-first ({found.first_large:,}) with "
                    f"others only possible month-first ({found.second_large:,}); it was read {order}"
                )
                lost = min(found.first_large, found.second_large)
                notes.append(tell("mixed_dates", raw, lost, column=name, message=message))
    return tuple(notes)
