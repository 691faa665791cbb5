"""Where the work is computed."""

from __future__ import annotations

import re
from dataclasses import dataclass

from coterie.engines.address import (
    Address,
    is_address,
    is_catalogue,
    no_database,
    no_table_in_spark,
    parse_address,
    without_password,
)
from coterie.engines.borrowing import borrowed
from coterie.engines.choosing import engine_for
from coterie.engines.composing import (
    ComposingEngine,
    NoWord,
    RowsInOrder,
    composes,
    found_as,
    in_full,
    named,
    write_query,
)
from coterie.engines.contract import (
    CellKind,
    CsvLayout,
    Engine,
    FileFormat,
    Interrupted,
    MalformedFile,
    NoRoom,
    Relation,
)
from coterie.engines.dialects import DIALECTS, Dialect, dialect_named
from coterie.engines.one_file import write_here
from coterie.errors import UsageError

__all__ = [
    "DIALECTS",
    "ENGINES",
    "Address",
    "CellKind",
    "ComposingEngine",
    "CsvLayout",
    "Dialect",
    "Engine",
    "EngineEntry",
    "FileFormat",
    "Interrupted",
    "MalformedFile",
    "NoRoom",
    "NoWord",
    "Relation",
    "RowsInOrder",
    "borrowed",
    "composes",
    "dialect_named",
    "engine_for",
    "found_as",
    "in_full",
    "is_address",
    "is_catalogue",
    "named",
    "no_database",
    "no_table_in_spark",
    "open_engine",
    "parse_address",
    "without_password",
    "write_here",
    "write_query",
]


@dataclass(frozen=True)
class EngineEntry:
    """One engine: its name, and what it is for."""

    name: str
    meaning: str


ENGINES: tuple[EngineEntry, ...] = (
    EngineEntry("duckdb", "On this machine, in the process itself; spills to disk beyond its memory."),
    EngineEntry("postgres", "In a PostgreSQL database, where the tables are; chosen by an address postgresql://…."),
    EngineEntry("spark", "On all cores of this machine, or on a cluster at spark://host:port or sc://host:port."),
)


def open_engine(
    name: str = "duckdb", *, address: str | None = None, schema: str | None = None, memory: str | None = None
) -> Engine:
    """Open the engine of that name.

    Args:
        name: One of ENGINES.
        address: Of the database, or where Spark is: `local[*]`, `spark://host:port`, `sc://host:port`.
        schema: Of the database, where the tables are; for Spark the database of its catalogue.
        memory: What it may hold before it spills to disk ("4GB"): the embedded engine as a whole, a database for each
            step of a query.

    Raises:
        UsageError: There is no such engine, its library is missing, or it does not let us in; `memory` is no size.
    """
    if memory is not None and not re.fullmatch(r"\d+(\.\d+)?[KMGT]B", memory):
        raise UsageError(f"The memory {memory!r} is no size. Write it as 800MB or 4GB.")
    if name not in (entry.name for entry in ENGINES):
        raise UsageError(f"{name!r} is no engine. There are {', '.join(entry.name for entry in ENGINES)}.")
    if name == "postgres":
        try:
            from coterie.engines.postgres import PostgresEngine
        except ModuleNotFoundError as error:
            raise _not_installed("PostgreSQL", name, error) from None
        return PostgresEngine(address or "", schema=schema, memory=memory)
    if name == "spark":
        try:
            from coterie.engines.spark import SparkEngine

            return SparkEngine(address or "local[*]", database=schema, memory=memory)
        except ModuleNotFoundError as error:
            raise _not_installed("Spark", name, error) from None
    from coterie.engines.duckdb import DuckDBEngine

    return DuckDBEngine(memory=memory)


def _not_installed(what: str, extra: str, error: ModuleNotFoundError) -> UsageError:
    return UsageError(
        f"{what} needs the library {error.name}, which is not installed. Run: pip install 'coterie[{extra}]'."
    )
