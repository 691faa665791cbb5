"""Parquet files, read lazily by the engine in their own types; any number of one kind in one go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from coterie.engines import MalformedFile
from coterie.errors import DataError
from coterie.tables.part import FILE, Cells, Part, cell_names

if TYPE_CHECKING:
    from pathlib import Path

    import ibis.expr.types as ir

    from coterie.engines import Engine

_COUNTED = {"file_row_number", "file_index"}
"""Names, in any case, by which DuckDB counts files and rows; files that have such columns are read by themselves."""

Folders = Sequence[tuple[str, str | None]]
"""Column and cell of each folder that is named as `city_id=7`."""


@dataclass(frozen=True)
class _File:
    path: Path
    label: str
    cells: tuple[str | None, ...]
    """Of the columns that only the names of its folders hold."""


@dataclass(frozen=True)
class _Kind:
    """What files share that are read in one go: columns, with their types, and those of their folders."""

    columns: tuple[str, ...]
    types: tuple[str, ...]
    folders: tuple[str, ...]


@dataclass(frozen=True)
class ParquetPart(Part):
    """One or more Parquet files of the same columns and types."""

    sources: tuple[_File, ...] = field(kw_only=True)
    kind: _Kind = field(kw_only=True)

    @property
    def files(self) -> tuple[str, ...]:
        return tuple(file.label for file in self.sources)

    @property
    def shared(self) -> _Kind | None:
        """What other files may share with it; None where it has to be read by itself."""
        return None if _COUNTED & {column.casefold() for column in self.kind.columns} else self.kind


def parquet_part(path: Path, label: str, name: str, folders: Folders = ()) -> Part:
    """A Parquet file, with the columns that only its folders hold; only its footer is read here.

    Raises:
        DataError: Where it is not a whole Parquet file.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        schema = pq.read_schema(path)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise DataError(_broken(label)) from error
    own = {column.strip().casefold() for column in schema.names}
    added = [(column, cell) for column, cell in folders if column.casefold() not in own]
    kind = _Kind(tuple(schema.names), tuple(map(str, schema.types)), tuple(column for column, _ in added))
    return _part((_File(path, label, tuple(cell for _, cell in added)),), name, kind)


def in_one(parts: Sequence[Part], name: str) -> list[Part]:
    """The parts of a table, those that are Parquet files of one kind as one part of this name."""
    kinds: dict[_Kind | int, list[Part]] = {}
    for place, part in enumerate(parts):
        kinds.setdefault((isinstance(part, ParquetPart) and part.shared) or place, []).append(part)
    return [same[0] if len(same) == 1 else _joined(same, name) for same in kinds.values()]


def _joined(parts: Sequence[Part], name: str) -> ParquetPart:
    several = [part for part in parts if isinstance(part, ParquetPart)]
    return _part(tuple(file for part in several for file in part.sources), name, several[0].kind)


def _part(files: tuple[_File, ...], name: str, kind: _Kind) -> ParquetPart:
    def load(engine: Engine, _: str) -> Cells:
        return Cells(_beside(_scanned(files, kind, engine), files, kind, engine))

    header = (*(column.strip() for column in kind.columns), *kind.folders)
    label = files[0].label
    return ParquetPart(label, name, header, load, "parquet", label, sources=files, kind=kind)


def _scanned(files: Sequence[_File], kind: _Kind, engine: Engine) -> ir.Table:
    columns = cell_names(len(kind.columns))
    try:
        return engine.scan_parquet([file.path for file in files], columns=columns)
    except MalformedFile as error:
        for file in files:
            try:
                engine.scan_parquet([file.path], columns=columns)
            except MalformedFile:
                raise DataError(_broken(file.label)) from error
        raise DataError(f"The files from {files[0].label} on cannot be read as one table: {error}.") from error


def _beside(rows: ir.Table, files: Sequence[_File], kind: _Kind, engine: Engine) -> ir.Table:
    """The rows with the columns of their folders."""
    import ibis
    import pyarrow as pa

    names = cell_names(len(kind.columns) + len(kind.folders))[len(kind.columns) :]
    if len({file.cells for file in files}) == 1:
        constant = {name: ibis.literal(cell, "string") for name, cell in zip(names, files[0].cells, strict=True)}
        return rows.mutate(**constant)
    schema = pa.schema([(FILE, pa.int64()), *((name, pa.string()) for name in names)])
    cells = [{FILE: place, **dict(zip(names, file.cells, strict=True))} for place, file in enumerate(files)]
    listed = engine.load([pa.RecordBatch.from_pylist(cells, schema=schema)], schema)
    return rows.inner_join(listed, FILE).select(*rows.columns, *names)


def _broken(label: str) -> str:
    return f"{label} is not a whole Parquet file: it is damaged, cut short or of another format. Write it again."
