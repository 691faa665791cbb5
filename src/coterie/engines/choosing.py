"""Which engine computes: the one asked for, else the one where the source is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from coterie.engines.address import is_address, is_catalogue, parse_address
from coterie.errors import UsageError

if TYPE_CHECKING:
    from coterie.engines.contract import Engine

_SPARK = re.compile(r"spark|local(-cluster)?(\[.*\])?|spark://.+|sc://.+")


def engine_for(source: object, asked: str | None, memory: str | None) -> Engine:
    """The engine for a source.

    Args:
        source: Path, frames by table name, address of a database, or `catalogue:NAME`.
        asked: `duckdb`, `spark` (on this machine), or where Spark is: `spark://host:port`, `sc://host:port`.
        memory: What it may hold ("4GB").

    Raises:
        UsageError: There is no such engine, it cannot be used for this source, or it does not open.
    """
    from coterie.engines import open_engine

    spark = asked is not None and _SPARK.fullmatch(asked) is not None
    address = parse_address(source) if isinstance(source, str) and is_address(source) else None
    if is_catalogue(source) and not spark:
        raise UsageError(
            f"{source} is a database of Spark's catalogue. Say which Spark: --engine spark, --engine spark://host:port "
            "or --engine sc://host:port."
        )
    if asked is not None and address is not None and not is_catalogue(source) and asked != "postgres":
        raise UsageError(f"The tables of {address.label} stay in that database, which computes. Leave --engine out.")
    if spark:
        where = None if asked == "spark" else asked
        return open_engine("spark", address=where, schema=address.schema if address else None, memory=memory)
    if address is not None:
        return open_engine("postgres", address=address.server, schema=address.schema, memory=memory)
    if asked == "postgres":
        raise UsageError("PostgreSQL is chosen by the address of the data: postgresql://user@host/database.")
    return open_engine(asked or "duckdb", memory=memory)
