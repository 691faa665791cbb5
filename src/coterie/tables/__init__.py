"""Where data comes from, and whether it can be trusted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coterie.errors import UsageError
from coterie.settings import as_day
from coterie.tables.columns import load_columns
from coterie.tables.contract import Attribute, Problem, Quality, RawSource, RawTable, TableCount, Tables
from coterie.tables.known_at import first_known, known_at
from coterie.tables.purchases import in_sequence, orders_of
from coterie.tables.sample import write_shop
from coterie.tables.stacked import day_and_customer, stacked

if TYPE_CHECKING:
    from coterie.engines import Engine
    from coterie.settings import ReadSettings

__all__ = [
    "Attribute",
    "Problem",
    "Quality",
    "RawSource",
    "RawTable",
    "TableCount",
    "Tables",
    "day_and_customer",
    "first_known",
    "in_sequence",
    "known_at",
    "load_columns",
    "orders_of",
    "read",
    "stacked",
    "write_shop",
]


def read(
    source: str | Path | Mapping[str, Any],
    *,
    settings: ReadSettings | None = None,
    engine: Engine | None = None,
    memory: str | None = None,
    config: str | Path | None = None,
    as_of: dt.date | str | None = None,
    keep_later_joiners: bool = False,
) -> Tables:
    """Read and check a folder, workbook, database file or frames by table name.

    Args:
        source: Path of the folder or file, address of a database (`postgresql://…`), or table name -> pandas, polars or
            Arrow frame.
        settings: How to read; those of `coterie.toml` when not given.
        engine: Where the work is computed; by the source when not given.
        memory: What the engine may hold before it spills to disk ("4GB").
        config: The `coterie.toml` to use; by default the one beside the data, for a database that of this folder.
        as_of: Everything up to the end of this day is known ("2026-01-31" or a date); wins over the settings.
        keep_later_joiners: Who joined after a set as-of day is known all the same, without any event.

    Raises:
        UsageError: The source does not exist, or the settings are wrong.
        DataError: The data cannot serve.
    """
    from coterie.tables.check import check_tables
    from coterie.tables.config import read_config
    from coterie.tables.raw import read_raw

    if not isinstance(source, str | Path | Mapping):
        raise UsageError(
            f"The data are a {type(source).__name__}. Give a path, or frames by table name, such as "
            '{"transactions": frame}.'
        )
    beside, wishes = read_config(source, config)
    settings = beside if settings is None else settings
    settings = settings if as_of is None else settings.model_copy(update={"as_of": as_day(as_of, "as_of")})
    given = engine
    engine = _engine_for(source, memory) if engine is None else engine
    try:
        raw = read_raw(source, engine, settings)
        tables = check_tables(raw.tables, engine, settings, label=raw.label, keep_later_joiners=keep_later_joiners)
    except BaseException:
        if engine is not given:  # a connection, or space on disk, that nobody else would give back
            engine.close()
        raise
    problems = (*tables.quality.problems, *raw.findings)
    return replace(tables, quality=replace(tables.quality, problems=problems), segment_settings=wishes)


def _engine_for(source: str | Path | Mapping[str, Any], memory: str | None) -> Engine:
    """The engine where the source is: a database itself, else the embedded one."""
    from coterie.engines import is_address, open_engine, parse_address

    if not (isinstance(source, str) and is_address(source)):
        return open_engine(memory=memory)
    address = parse_address(source)
    return open_engine("postgres", address=address.server, schema=address.schema, memory=memory)
