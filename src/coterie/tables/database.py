"""A DuckDB file: its tables and views, read-only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coterie.engines import MalformedFile
from coterie.errors import DataError
from coterie.tables.part import LINE, Cells, Part, cell_names

if TYPE_CHECKING:
    from pathlib import Path

    import ibis.expr.types as ir

    from coterie.engines import Engine


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


def _part(label: str, name: str, table: ir.Table) -> Part:
    header = [column for column in table.columns if column != LINE]
    named = dict(zip(cell_names(len(header)), header, strict=True))

    def load(_: Engine, __: str) -> Cells:
        return Cells(table.select(**{new: table[old] for new, old in named.items()}, **{LINE: table[LINE]}))

    shown = f"{label}, table {name}"
    return Part(shown, name.rsplit(".", 1)[-1], tuple(column.strip() for column in header), load, "database", label)
