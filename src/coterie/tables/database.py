"""A DuckDB file, or the database that is the engine: tables and views, read-only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coterie.engines import MalformedFile
from coterie.errors import DataError
from coterie.tables.part import LINE, Cells, Part, cell_names

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import ibis.expr.types as ir

    from coterie.engines import Engine, Relation


def database_parts(path: Path, label: str, engine: Engine) -> list[Part]:
    """The tables and views of a DuckDB file.

    Raises:
        DataError: Where it is no DuckDB file, is damaged, or holds no table.
    """
    try:
        tables = engine.attach(path)
    except MalformedFile as error:
        reason = str(error).splitlines()[0]
        raise DataError(f"{label} cannot be opened as a DuckDB file ({reason}). Check the file.") from error
    if not tables:
        raise DataError(f"{label} holds no tables. It needs at least a table transactions or orders.")
    return [_part(label, name, table) for name, table in tables.items()]


def relation_parts(engine: Engine, label: str) -> list[Part]:
    """The tables and views of a database that is itself the engine.

    Raises:
        UsageError: There is none, or we may not see them.
    """
    return [_relation_part(label, name, relation) for name, relation in engine.relations().items()]


def _relation_part(label: str, name: str, relation: Relation) -> Part:
    def load(_: Engine, __: str) -> Cells:
        return _cells(relation.open(), relation.columns)

    header = tuple(column.strip() for column in relation.columns)
    return Part(f"{label}, table {name}", name, header, load, "database", label)


def _part(label: str, name: str, table: ir.Table) -> Part:
    header = [column for column in table.columns if column != LINE]

    def load(_: Engine, __: str) -> Cells:
        return _cells(table, header)

    shown = f"{label}, table {name}"
    return Part(shown, name.rsplit(".", 1)[-1], tuple(column.strip() for column in header), load, "database", label)


def _cells(table: ir.Table, header: Sequence[str]) -> Cells:
    named = dict(zip(cell_names(len(header)), header, strict=True))
    return Cells(table.select(**{new: table[old] for new, old in named.items()}, **{LINE: table[LINE]}))
