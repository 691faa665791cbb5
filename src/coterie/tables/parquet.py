"""Parquet files, read lazily by the engine in their own types."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coterie.engines import MalformedFile
from coterie.errors import DataError
from coterie.tables.part import Cells, Part, cell_names

if TYPE_CHECKING:
    from pathlib import Path

    from coterie.engines import Engine


def parquet_part(path: Path, label: str, name: str) -> Part:
    """A Parquet file; only its footer is read here.

    Raises:
        DataError: Where it is not a whole Parquet file.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        header = pq.read_schema(path).names
    except (pa.ArrowException, OSError, ValueError) as error:
        raise DataError(_broken(label)) from error

    def load(engine: Engine, _: str) -> Cells:
        try:
            return Cells(engine.scan_parquet(path, columns=cell_names(len(header))))
        except MalformedFile as error:
            raise DataError(_broken(label)) from error

    return Part(label, name, tuple(column.strip() for column in header), load, "parquet", label)


def _broken(label: str) -> str:
    return f"{label} is not a whole Parquet file: it is damaged, cut short or of another format. Write it again."
