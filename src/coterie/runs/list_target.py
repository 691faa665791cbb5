"""Where a customer list may be written, found out before any work."""

from __future__ import annotations

from pathlib import Path

from coterie.engines import is_address, is_catalogue, no_database, no_table_in_spark, open_engine, parse_address
from coterie.errors import UsageError
from coterie.runs.one_file import check_file_target
from coterie.segmentation import LISTED
from coterie.tables import Source, Tables


def check_list_target(target: Path, data: Source) -> None:
    """Refuse a file for the customer list that is of another kind, in no folder, or would harm a run or the data."""
    place = target.resolve()
    if target.suffix.lower() not in (".parquet", ".csv"):
        raise UsageError(f"{target} is neither .parquet nor .csv. Name the file with one of these endings.")
    if place.is_dir() and not all(
        entry.name.lstrip("._").startswith(("part-", "SUCCESS")) for entry in place.iterdir()
    ):
        raise UsageError(f"{target} is a folder that holds other things than a customer list. Choose another place.")
    if (
        place.exists()
        and isinstance(data, str | Path)
        and not is_address(data)
        and Path(data).resolve() in (place, *place.parents)
    ):
        raise UsageError(f"{target} is one of the files to read; it would be overwritten. Choose another place.")
    check_file_target(target)


def check_write_to(data: Source, table: str) -> None:
    """Refuse, before any work, a table in which the customer list of these data could not be written."""
    if isinstance(data, Tables):
        data.engine.check_publish(table, LISTED)
        return
    if is_catalogue(data):
        raise no_table_in_spark(table)
    if not (isinstance(data, str) and is_address(data)):
        raise no_database(table)
    address = parse_address(data)
    engine = open_engine("postgres", address=address.server, schema=address.schema)
    try:
        engine.check_publish(table, LISTED)
    finally:
        engine.close()
