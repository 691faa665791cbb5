"""A result written by this process, block by block, as one file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from coterie.engines.contract import Engine, FileFormat


def write_here(engine: Engine, expression: ir.Table, path: Path, file_format: FileFormat) -> None:
    """Write the result to one file, also that of an engine whose workers write parts; one block is held at a time."""
    import pyarrow.parquet as pq
    from pyarrow import csv

    from coterie.engines.arrow_types import schema_of  # needs Ibis, which who only asks for help does not have

    schema = schema_of(expression.schema())
    writer = (
        pq.ParquetWriter(path, schema, compression="zstd")
        if file_format == "parquet"
        else csv.CSVWriter(path, schema, write_options=csv.WriteOptions(quoting_style="needed"))
    )
    with writer:
        for block in engine.blocks(expression):
            writer.write_batch(block)
