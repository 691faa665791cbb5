"""CSV files: the engine's own reader where the file is plain, the careful one wherever anything is unusual."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import ibis

from coterie.engines import CsvLayout, MalformedFile
from coterie.errors import DataError
from coterie.tables.cells import is_blank
from coterie.tables.contract import Problem
from coterie.tables.csv_bytes import CsvBytes, inspect_bytes
from coterie.tables.csv_careful import Oddities, careful_batches
from coterie.tables.csv_kinds import likely_kinds
from coterie.tables.csv_shape import CsvShape, find_shape
from coterie.tables.part import Cells, Part, cell_names
from coterie.tables.tell import agreeing, counted

if TYPE_CHECKING:
    from pathlib import Path

    import ibis.expr.types as ir

    from coterie.engines import Engine
    from coterie.settings import ReadSettings
    from coterie.tables.naming import Vocabulary

ENCODING_NAMES = {"cp1252": "Windows-1252", "utf-8": "UTF-8", "utf-16-le": "UTF-16", "utf-16-be": "UTF-16"}


def csv_part(path: Path, label: str, name: str, settings: ReadSettings, words: Vocabulary) -> Part:
    """A CSV file (comma, semicolon, tab or pipe; gzip or not) with its header found.

    Raises:
        DataError: Where it is empty, has no header, or is a broken archive.
    """
    found = inspect_bytes(path, label, settings.encoding)
    shape = find_shape(found.head, words, settings.delimiter)
    if not any(shape.header):
        raise DataError(f"{label} has no header: it holds nothing but blank lines. Export it again with its rows.")

    def load(engine: Engine, table: str) -> Cells:
        cells = _fast(path, found, shape, engine)
        if cells is None and engine.remote:  # the careful reader would take every row through this process
            raise _not_plain(label, engine)
        cells = cells or _careful(path, label, found, shape, engine, table)
        notes = _layout_notes(label, table, found, shape)
        return dataclasses.replace(cells, findings=(*notes, *cells.findings))

    return Part(label, name, shape.header, load, "csv", label, "," if shape.delimiter == ";" else None)


def _fast(path: Path, found: CsvBytes, shape: CsvShape, engine: Engine) -> Cells | None:
    """The rows through the engine's strict reader, or None where only the careful one can be trusted.

    Every line must have become one row: then no quoted newline and no blank line moved the line numbers.
    """
    if not (found.plain and shape.simple and not found.spaced_quotes and len(shape.header) > 1):
        return None
    names = cell_names(len(shape.header))
    layout = CsvLayout(
        tuple(names),
        delimiter=shape.delimiter,
        quote='"' if found.quotes else "",
        skip=shape.skip,
        kinds=likely_kinds(found.head, shape),
    )
    try:
        rows = engine.scan_csv(path, layout)
    except MalformedFile:
        return None
    # Cell by cell, so that a row is left alone at its first filled one.
    blank: ir.BooleanValue = ibis.literal(True)
    for name in reversed(names):
        cell = rows[name]
        empty = is_blank(cell) if cell.type().is_string() else cell.isnull()
        blank = ibis.cases((empty, blank), else_=False)
    counts = engine.collect(rows.aggregate(rows=rows.count(), blank=blank.sum())).to_pylist()[0]
    if counts["rows"] != found.lines - shape.skip:
        return None
    return Cells(rows.filter(~blank) if counts["blank"] else rows)


def _not_plain(label: str, engine: Engine) -> DataError:
    return DataError(
        f"Reading {label} cannot run on the engine {engine.name}: it is not plain CSV (UTF-8, a header of two columns "
        "or more in its first line, then one row a line with a cell for each column). Repair the file, write it as "
        "Parquet, or leave out --engine."
    )


def _careful(path: Path, label: str, found: CsvBytes, shape: CsvShape, engine: Engine, table: str) -> Cells:
    odd = Oddities()
    schema, batches = careful_batches(path, label, shape, found.encoding, odd)
    rows = engine.load(batches, schema)
    return Cells(rows, tuple(_oddity_findings(label, table, len(shape.header), odd)), tuple(odd.unreadable))


def _layout_notes(label: str, table: str, found: CsvBytes, shape: CsvShape) -> list[Problem]:
    notes = []
    if found.guessed:
        name = ENCODING_NAMES.get(found.encoding, found.encoding)
        notes.append(
            Problem(
                "encoding_guessed",
                table,
                1,
                f"{label} is not UTF-8.",
                f"read as {name}",
                'If letters look wrong, set encoding in coterie.toml, such as encoding = "cp1250".',
                file=label,
                severity="note",
            )
        )
    return notes


def _oddity_findings(label: str, table: str, width: int, odd: Oddities) -> list[Problem]:
    findings = []
    if odd.short:
        findings.append(
            Problem(
                "short_row",
                table,
                odd.short,
                f"{counted(odd.short)} of {label} {agreeing(odd.short)['have']} fewer cells than its header ({width}).",
                "row kept, the missing cells are empty",
                "Export the file again if cells were lost.",
                file=label,
                examples=tuple(f"{label} line {line}" for line in odd.short_lines),
            )
        )
    if odd.undecodable:
        findings.append(
            Problem(
                "undecodable",
                table,
                odd.undecodable,
                f"{counted(odd.undecodable, 'line')} of {label} {agreeing(odd.undecodable)['hold']} broken characters.",
                "each replaced by the sign \ufffd",
                "Export the file again as UTF-8, or set encoding in coterie.toml.",
                file=label,
            )
        )
    if odd.nul:
        findings.append(
            Problem(
                "nul_character",
                table,
                odd.nul,
                f"{counted(odd.nul, 'line')} of {label} {agreeing(odd.nul)['hold']} NUL characters.",
                "left out",
                file=label,
            )
        )
    for rule, what in UNREADABLE.items():
        lines = [(line, text) for line, text, found in odd.unreadable if found == rule]
        if lines:
            findings.append(
                Problem(
                    rule,
                    table,
                    len(lines),
                    f"{counted(len(lines))} of {label} {what.format(**agreeing(len(lines)))}.",
                    "set aside, kept in rejects",
                    "Correct these lines or export the file again.",
                    file=label,
                    examples=tuple(f"{label} line {line}: {text[:80]}" for line, text in lines[:3]),
                )
            )
    return findings


UNREADABLE = {
    "ragged_row": "{have} more cells than the header",
    "open_quote": "{open} a quote that is never closed",
    "unreadable_row": "cannot be split into cells",
}
"""Rule -> what is wrong with rows that could not be split into cells."""
