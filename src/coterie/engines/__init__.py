"""Where the work is computed."""

from __future__ import annotations

from coterie.engines.contract import Engine, FileFormat, MalformedFile

__all__ = ["ENGINES", "Engine", "FileFormat", "MalformedFile", "open_engine"]

ENGINES: tuple[str, ...] = ("duckdb",)


def open_engine(name: str = "duckdb", *, memory: str | None = None) -> Engine:
    """Open the engine of that name; `memory` bounds what it may hold before it spills to disk ("4GB")."""
    if name not in ENGINES:
        raise ValueError(f"unknown engine {name!r}; there are {', '.join(ENGINES)}")
    from coterie.engines.duckdb import DuckDBEngine

    return DuckDBEngine(memory=memory)
