"""Raw tables as typed ones: ids, dates, statuses, attributes, each decided from all its values; nothing is judged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from coterie.schema import TableSpec, table_named
from coterie.tables.cells import says_nothing, text_of, to_strip, without_words
from coterie.tables.contract import Problem, RawTable
from coterie.tables.dates import DateColumn, as_date, decided, is_guess, look_at
from coterie.tables.ids import IdCounts, IdKind, as_id, id_counts, id_kind
from coterie.tables.numbers import NumberCounts, NumberPlan, as_attribute, number_counts, number_plan
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
    """

    raw: RawTable
    spec: TableSpec
    table: ir.Table
    filled: Mapping[str, int]
    rows: int
    notes: tuple[Problem, ...] = ()
    attributes: Mapping[str, NumberPlan] = field(default_factory=dict)
    status: StatusWords | None = None

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
    """What was counted in a table: rows, ids, attributes, texts as (filled, words for empty); columns not to strip."""

    rows: int
    ids: Mapping[str, IdCounts]
    numbers: Mapping[str, NumberCounts]
    bare: frozenset[str]
    texts: Mapping[str, tuple[int, int]]
    others: Mapping[str, int]


def _spec(raw: RawTable) -> TableSpec:
    spec = table_named(raw.name)
    if spec is None:
        raise ValueError(f"{raw.name!r} is no table of the contract")
    return spec


def _kind_of(spec: TableSpec, column: str, present: frozenset[str]) -> str:
    """id, text, date, status or number; a foreign key whose lookup table is absent holds the value itself."""
    entry = spec.column(column)
    if entry is None:
        return "number"
    if entry.kind == "id" and entry.refers_to in ("cities", "genders") and entry.refers_to not in present:
        return "text"
    return entry.kind


def _columns(raw: RawTable, spec: TableSpec) -> list[str]:
    return [column.name for column in spec.columns if column.name in raw.rows.columns] + list(raw.attributes)


def _count_cells(raw: RawTable, engine: Engine, present: frozenset[str]) -> _Counts:
    """One aggregate over the table for ids, attributes and texts, after one that tells what need not be stripped."""
    spec = _spec(raw)
    names = [name for name in _columns(raw, spec) if _kind_of(spec, name, present) != "status"]
    bare = _bare(raw, names, engine)
    wanted: dict[tuple[str, str, str], ir.IntegerScalar] = {}
    for name in names:
        column, kind = raw.rows[name], _kind_of(spec, name, present)
        if kind == "id":
            wanted |= {("id", name, part): value for part, value in id_counts(column, bare=name in bare).items()}
        elif kind == "number":
            wanted |= {
                ("number", name, part): value for part, value in number_counts(column, bare=name in bare).items()
            }
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
    )


def _bare(raw: RawTable, names: Sequence[str], engine: Engine) -> frozenset[str]:
    """The text columns in which no cell is empty text or has white space at an end."""
    texts = [name for name in names if raw.rows[name].type().is_string()]
    if not texts:
        return frozenset()
    packed = len(texts) < len(names)  # a file of text alone has text in every column
    wanted = {f"c{i}": to_strip(raw.rows[name], packed=packed) for i, name in enumerate(texts)}
    row = engine.collect(raw.rows.aggregate(**wanted)).to_pylist()[0]
    return frozenset(name for i, name in enumerate(texts) if not row[f"c{i}"])


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
    plans = {name: number_plan(rows[name], found, settings.decimal) for name, found in counts.numbers.items()}
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
        elif name in plans:
            values[name], bad = as_attribute(rows[name], plans[name], bare=bare)
            if not plans[name].typed:
                flags[BAD + name] = bad
        elif name in counts.texts:
            text = text_of(rows[name], bare=bare)
            values[name] = without_words(text) if counts.texts[name][1] else text
        else:
            status = look_at_status(engine, rows, name, settings.status)
            values[name] = as_status(rows[name], status)
            filled[name] = sum(status.rows.values()) + sum(status.unknown.values())
    table = rows.select(**values, **flags)
    if _is_dear(rows, dates, kinds, counts):
        table = engine.keep(table)
    return Typed(raw, spec, table, filled, counts.rows, _date_notes(raw, dates, settings), plans, status=status)


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
