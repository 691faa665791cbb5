"""Where data comes from, and whether it can be trusted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coterie.errors import UsageError
from coterie.settings import as_day
from coterie.tables.by_rows import Some, in_ranges, keep_by_rows
from coterie.tables.columns import load_columns
from coterie.tables.contract import Attribute, Problem, Quality, RawSource, RawTable, TableCount, Tables
from coterie.tables.coupon_days import coupons_by_day, with_segment
from coterie.tables.known_at import known_at
from coterie.tables.purchases import in_sequence, orders_of
from coterie.tables.spreadsheet import is_formula, spreadsheet_safe
from coterie.tables.stacked import day_and_customer, stacked
from coterie.tables.together import together

if TYPE_CHECKING:
    from coterie.engines import Dialect, Engine
    from coterie.settings import ReadSettings
    from coterie.tables.sample import write_shop

__all__ = [
    "Attribute",
    "Problem",
    "Quality",
    "RawSource",
    "RawTable",
    "Some",
    "Source",
    "TableCount",
    "Tables",
    "coupons_by_day",
    "day_and_customer",
    "in_ranges",
    "in_sequence",
    "is_formula",
    "keep_by_rows",
    "known_at",
    "load_columns",
    "orders_of",
    "read",
    "spreadsheet_safe",
    "stacked",
    "together",
    "with_segment",
    "write_shop",
]

Source = str | Path | Mapping[str, Any] | Tables
"""Where data are: a path or an address, frames, or tables read before."""


def __getattr__(name: str) -> Any:
    """`write_shop`, imported when it is asked for: whoever reads a shop does not make one."""
    if name != "write_shop":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from coterie.tables.sample import write_shop

    return write_shop


def read(
    source: str | Path | Mapping[str, Any],
    *,
    settings: ReadSettings | None = None,
    engine: Engine | str | None = None,
    memory: str | None = None,
    config: str | Path | None = None,
    as_of: dt.date | str | None = None,
    keep_later_joiners: bool = False,
    dialect: Dialect | None = None,
) -> Tables:
    """Read and check a folder, workbook, database file or frames by table name.

    Args:
        source: Path of the folder or file, address of a database (`postgresql://…`), or table name -> pandas, polars or
            Arrow frame. With Spark also `catalogue:NAME`, a database of its catalogue.
        settings: How to read; those of `coterie.toml` when not given.
        engine: Where the work is computed: an engine, or what one is called (`spark`, `spark://host:port`,
            `sc://host:port`, `duckdb`); by the source when not given.
        memory: What the engine may hold before it spills to disk ("4GB").
        config: The `coterie.toml` to use; by default the one beside the data, for a database that of this folder.
        as_of: Everything up to the end of this day is known ("2026-01-31" or a date); wins over the settings.
        keep_later_joiners: Who joined after a set as-of day is known all the same, without any event.
        dialect: The engine also composes, for a query in this dialect of SQL, how the tables are read.

    Raises:
        UsageError: The source does not exist, or the settings are wrong.
        DataError: The data cannot serve.
    """
    from coterie.engines import engine_for
    from coterie.tables.check import check_tables
    from coterie.tables.config import config_used, read_config
    from coterie.tables.raw import read_raw

    if not isinstance(source, str | Path | Mapping):
        raise UsageError(
            f"The data are a {type(source).__name__}. Give a path, or frames by table name, such as "
            '{"transactions": frame}.'
        )
    used = config_used(source, config)
    beside, wishes = read_config(source, used)
    settings = beside if settings is None else settings
    settings = settings if as_of is None else settings.model_copy(update={"as_of": as_day(as_of, "as_of")})
    given = engine
    engine = engine_for(source, engine, memory) if engine is None or isinstance(engine, str) else engine
    engine = engine if dialect is None else _composing(engine, source, dialect)
    try:
        raw = read_raw(source, engine, settings)
        tables = check_tables(raw.tables, engine, settings, label=raw.label, keep_later_joiners=keep_later_joiners)
    except BaseException:
        if engine is not given:  # a connection, or space on disk, that nobody else would give back
            engine.close()
        raise
    problems = (*tables.quality.problems, *raw.findings)
    return replace(
        tables,
        quality=replace(tables.quality, problems=problems),
        segment_settings=wishes,
        reading=settings,
        source=_where(source),
        config=None if used is None else str(used.resolve()),
    )


def _where(source: str | Path | Mapping[str, Any]) -> str | None:
    """Where the data can be found again: a full path, or an address without its password; None for frames."""
    from coterie.engines import is_address, without_password

    if isinstance(source, Mapping):
        return None
    return without_password(str(source)) if is_address(source) else str(Path(source).expanduser().resolve())


def _composing(engine: Engine, source: str | Path | Mapping[str, Any], dialect: Dialect) -> Engine:
    """The engine, remembering how every table came about."""
    from coterie.engines import ComposingEngine, is_address, parse_address

    schema = parse_address(str(source)).schema if is_address(source) else None
    return ComposingEngine(engine, parse_dates=dialect.parse_dates(engine), schema=schema)
