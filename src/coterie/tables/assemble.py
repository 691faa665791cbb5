"""From the parts of a table to one `RawTable`: canonical names, attributes, one row set for all parts."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from coterie.engines import composes, found_as, named
from coterie.errors import DataError
from coterie.schema import TableSpec, key_of
from coterie.tables.advice import is_frame, setting
from coterie.tables.contract import Problem, RawTable
from coterie.tables.naming import Matched, listed, match_columns, unique_names
from coterie.tables.parquet import in_one
from coterie.tables.part import FILE, LINE, Cells, Part
from coterie.tables.together import together

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import ibis.expr.types as ir

    from coterie.engines import Engine
    from coterie.settings import ReadSettings

RESERVED = ("city", "gender", FILE, LINE)
OF_ORDERS = ("join_date", "city_id", "gender_id", "kind", "money", "ordered_on", "category", "merchant_id")
"""Names that no attribute may take: checked tables use them; those of orders have more."""


_Place = tuple[str, int]


@dataclass(frozen=True)
class _Loaded:
    part: Part
    matched: Matched
    cells: Cells


def assemble(spec: TableSpec, parts: Sequence[Part], engine: Engine, settings: ReadSettings) -> RawTable:
    """Match, load and join the parts of one table.

    Raises:
        DataError: Where a column is missing or ambiguous, or the parts do not have the same columns.
    """
    parts = in_one(parts, spec.name)
    matches = [match_columns(spec, part.header, settings, part.label) for part in parts]
    _agree(spec, parts, matches)
    findings: list[Problem] = []
    for part, matched in zip(parts, matches, strict=True):
        findings += _duplicate_headers(spec, part)
        findings += _unread(spec, part, matched)
    loaded = []
    called = _called(spec, parts)
    for part, matched, name in zip(parts, matches, called, strict=True):
        cells = part.load(engine, spec.name)
        found_as(engine, cells.rows, name, unique_names(part.header))
        findings += cells.findings
        loaded.append(_Loaded(part, matched, cells))
    attributes, notes = _attributes(spec, loaded, engine)
    findings += notes
    files = [label for part in parts for label in part.files]
    if len(files) > 1:
        findings.append(_split_note(spec, files))
    firsts = itertools.accumulate((len(part.files) for part in parts), initial=0)
    tables = [_select(spec, entry, attributes, first, engine) for first, entry in zip(firsts, loaded, strict=False)]
    as_spelt = spec.name == "orders" and settings.drop_duplicate_lines  # lines are compared before they are read
    if composes(engine) and not as_spelt:
        tables = [_stripped(table) for table in tables]
    tables = [named(engine, table, f"raw_{name}") for table, name in zip(tables, called, strict=True)]
    first, places = parts[0].header, _places(parts[0], matches[0])
    return RawTable(
        name=spec.name,
        rows=_together(tables),
        files=tuple(files),
        original={name: first[at] for name, at in matches[0].columns.items()}
        | {name: first[places[place]] for name, place in attributes.items()},
        attributes=tuple(attributes),
        findings=tuple(findings),
        unreadable=tuple(
            (entry.part.label, line, text, rule) for entry in loaded for line, text, rule in entry.cells.unreadable
        ),
        decimals=tuple(part.decimal for part in parts for _ in part.files),
    )


def _called(spec: TableSpec, parts: Sequence[Part]) -> list[str]:
    """What each part is called in a warehouse: as here; files of a folder, which are called anything, as the table."""
    folder = [part.file_format in ("csv", "parquet") and "/" in part.file for part in parts]
    return unique_names([spec.name if inside else part.name for part, inside in zip(parts, folder, strict=True)])


def _agree(spec: TableSpec, parts: Sequence[Part], matches: Sequence[Matched]) -> None:
    """Refuse parts whose columns differ from those of the first."""
    names = [
        set(matched.columns) | {key_of(part.header[at]) or f"column {at + 1}" for at in matched.rest if part.header[at]}
        for part, matched in zip(parts, matches, strict=True)
    ]
    shown = {key_of(name): name for part in parts for name in part.header}
    for part, found in zip(parts[1:], names[1:], strict=True):
        differences = []
        for whose, only in ((parts[0].label, names[0] - found), (part.label, found - names[0])):
            if only:
                differences.append(f"only {whose} has {listed(sorted(shown.get(name, name) for name in only))}")
        if differences:
            frames = is_frame(parts[0].label)
            line = setting(["files", spec.name], parts[0].name if frames else parts[0].file, frames=frames)
            raise DataError(
                f"Table {spec.name} is split over files whose columns differ: {'; '.join(differences)}. Give them the "
                f"same columns, or say which one is meant {line}"
            )


def _duplicate_headers(spec: TableSpec, part: Part) -> list[Problem]:
    """A note for names that stand in a header more than once (those of the contract were refused before)."""
    repeated = [
        (found, unique)
        for found, unique in zip(part.header, unique_names(part.header), strict=True)
        if found and found != unique
    ]
    if not repeated:
        return []
    return [
        Problem(
            "duplicate_header",
            spec.name,
            len(repeated),
            f"{part.label} has more than one column called {listed(dict.fromkeys(found for found, _ in repeated))}.",
            f"the later ones are called {listed(unique for _, unique in repeated)}",
            "Give every column its own name.",
            file=part.label,
            severity="note",
        )
    ]


def _unread(spec: TableSpec, part: Part, matched: Matched) -> list[Problem]:
    """A note for columns that no step uses."""
    names = [part.header[at] for at in matched.rest if part.header[at]]
    if spec.open_ended or not names:
        return []
    return [
        Problem(
            "unread_columns",
            spec.name,
            len(names),
            f"{part.label} has {_counted(len(names), 'further column')}: {listed(names)}.",
            "left unread",
            file=part.label,
            severity="note",
        )
    ]


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _split_note(spec: TableSpec, files: Sequence[str]) -> Problem:
    return Problem(
        "split_table",
        spec.name,
        len(files),
        f"Table {spec.name} is split over {len(files):,} files: {listed(files, 6)}.",
        "read as one table",
        severity="note",
    )


def _attributes(spec: TableSpec, loaded: Sequence[_Loaded], engine: Engine) -> tuple[dict[str, _Place], list[Problem]]:
    """Name -> place of each further column worth keeping; notes on those that are empty or nested."""
    first = loaded[0]
    places = [place for place in _places(first.part, first.matched) if place[0]] if spec.open_ended else []
    if not places:
        return {}, []
    own = [column.name for column in spec.columns] + list(RESERVED) + (list(OF_ORDERS) if spec.event else [])
    found = [first.part.header[at] for place, at in _places(first.part, first.matched).items() if place[0]]
    names = unique_names([*own, *found])[len(own) :]
    filled = dict.fromkeys(names, 0)
    nested = set()
    for entry in loaded:
        here = _places(entry.part, entry.matched)
        columns = {name: entry.cells.rows[f"c{here[place]}"] for name, place in zip(names, places, strict=True)}
        nested |= {name for name, column in columns.items() if column.type().is_nested() or column.type().is_binary()}
        flat = {name: column for name, column in columns.items() if name not in nested}
        for name, count in _filled(entry.cells.rows, flat, engine).items():
            filled[name] += count
    notes = [
        _left_out(spec, first.part, name, nested=name in nested) for name in names if name in nested or not filled[name]
    ]
    kept = {n: place for n, place in zip(names, places, strict=True) if n not in nested and filled[n]}
    return kept, notes


def _left_out(spec: TableSpec, part: Part, name: str, *, nested: bool) -> Problem:
    rule, what, effect = (
        ("unread_columns", "holds lists or bytes", "left unread")
        if nested
        else ("empty_column", "is empty in every row", "left out")
    )
    return Problem(
        rule,
        spec.name,
        1,
        f"Column {name} of {part.label} {what}.",
        effect,
        file=part.label,
        column=name,
        severity="note",
    )


def _places(part: Part, matched: Matched) -> dict[_Place, int]:
    """Where the columns outside the contract stand, by name and by how often the name came before."""
    places: dict[_Place, int] = {}
    for at in matched.rest:
        key = key_of(part.header[at])
        places[key, sum(known == key for known, _ in places)] = at
    return places


def _filled(rows: ir.Table, cells: dict[str, ir.Value], engine: Engine) -> dict[str, int]:
    """Cells with a value per column, in one query."""
    if not cells:
        return {}
    counts = {}
    for position, column in enumerate(cells.values()):
        value = column.strip().nullif("") if column.type().is_string() else column
        counts[f"n{position}"] = value.count()
    found = engine.collect(rows.aggregate(**counts)).to_pylist()[0]
    return {name: found[f"n{position}"] for position, name in enumerate(cells)}


def _select(spec: TableSpec, entry: _Loaded, attributes: Mapping[str, _Place], first: int, engine: Engine) -> ir.Table:
    """The part's rows under canonical names, with `_file`, from the number of its first file, and `_line`."""
    import ibis

    rows, places = entry.cells.rows, _places(entry.part, entry.matched)
    columns = {name: rows[f"c{at}"] for name, at in entry.matched.columns.items()}
    if entry.part.text:
        columns = _unescaped(spec, rows, columns, engine)
    columns |= {name: rows[f"c{places[place]}"] for name, place in attributes.items()}
    file = ibis.literal(first, type="int64")
    if len(entry.part.files) > 1:
        file = rows[FILE].cast("int64") + file
    return rows.select(**columns, **{FILE: file, LINE: rows[LINE].cast("int64")})


def _stripped(raw: ir.Table) -> ir.Table:
    """The cells without spaces around them, once for all that is done with them."""
    texts = [name for name, kind in raw.schema().items() if kind.is_string()]
    return raw.mutate(**{name: raw[name].strip().nullif("") for name in texts})


def _unescaped(spec: TableSpec, rows: ir.Table, columns: dict[str, ir.Value], engine: Engine) -> dict[str, ir.Value]:
    """Ids without the apostrophe that Coterie's own CSV puts before = + - @ (spreadsheets take those for formulas)."""
    ids = {c.name: columns[c.name] for c in spec.columns if c.kind == "id" and c.name in columns}
    ids = {name: column for name, column in ids.items() if column.type().is_string()}
    if not ids:
        return columns
    marked = {name: column.startswith("'").sum() for name, column in ids.items()}
    found = engine.collect(rows.aggregate(**marked)).to_pylist()[0]
    changed = {name: column.re_replace(r"^'([=+@-])", r"\1") for name, column in ids.items() if found[name]}
    return columns | changed


def _together(tables: Sequence[ir.Table]) -> ir.Table:
    """All rows, columns by name; where the parts disagree on a type, as text."""
    if len(tables) == 1:
        return tables[0]
    names = tables[0].columns
    mixed = [name for name in names if len({str(table[name].type().copy(nullable=True)) for table in tables}) > 1]
    same = [
        table.select(**{name: table[name].cast("string") if name in mixed else table[name] for name in names})
        for table in tables
    ]
    return together(same)
