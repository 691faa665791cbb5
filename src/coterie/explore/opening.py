"""From checked tables, or the customer list of a run, to a shop that can be asked."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

from coterie.engines import open_engine
from coterie.errors import UsageError
from coterie.explore.narrow import listed, narrowed
from coterie.explore.shop import Shop

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from coterie.tables import Tables


def open_shop(tables: Tables, assigned: ir.Table) -> Shop:
    """A shop to be asked; customers and events are put into narrow tables of the engine first.

    Args:
        tables: Checked tables; their engine is closed with the shop.
        assigned: customer_id of every customer known to the tables, segment, margin and perhaps name, in their engine.
    """
    return Shop(narrowed(tables, assigned))


def open_list(path: Path, *, first_day: dt.date = dt.date.min, as_of: dt.date = dt.date.max) -> Shop:
    """The customer list of a run alone, where there are no raw tables: it knows ids and segments.

    Args:
        path: Parquet file with customer_id, segment, margin and name.
        first_day: Day to be told as the first of the data.
        as_of: Day to be told as the last.

    Raises:
        UsageError: The file is no customer list.
    """
    names = _columns_of(path)
    engine = open_engine()
    try:
        rows = engine.scan_parquet([path], columns=names)
        return Shop(listed(engine, rows, first_day, as_of))
    except BaseException:
        engine.close()
        raise


def _columns_of(path: Path) -> list[str]:
    """The columns of a customer list."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        names: list[str] = pq.read_schema(path).names
    except (pa.ArrowInvalid, OSError) as error:
        raise UsageError(
            f"{path} is no Parquet file that can be read. Give the assignments.parquet of a run."
        ) from error
    if lacking := sorted({"customer_id", "segment", "margin"} - set(names)):
        raise UsageError(f"{path} has no column {', '.join(lacking)}. Give the assignments.parquet of a run.")
    return names
