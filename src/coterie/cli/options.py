"""Arguments and options that several commands have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Data = Annotated[
    str,
    typer.Argument(
        metavar="DATA",
        help="Folder of CSV, Parquet or Excel files, one such file, a DuckDB file, postgresql://user@host/database, or "
        "catalogue:NAME of Spark.",
    ),
]
Memory = Annotated[
    str | None,
    typer.Option(
        metavar="SIZE",
        help="What the engine may hold before it spills to disk. Unless set: 600MB, beyond 25 million rows more, up to "
        "a quarter of the machine; a database or Spark what it sets for itself.",
    ),
]
Engine = Annotated[
    str | None,
    typer.Option(
        metavar="ENGINE",
        help="Where to compute: spark (on this machine), spark://host:port or sc://host:port.",
        show_default="where the data are",
    ),
]
Config = Annotated[
    Path | None, typer.Option(metavar="FILE", help="The coterie.toml to use.", show_default="the one beside the data")
]
WriteTo = Annotated[
    str | None,
    typer.Option("--write-to", metavar="TABLE", help="Write the list to schema.table of the database, not to a file."),
]
AsOf = Annotated[
    str | None,
    typer.Option("--as-of", metavar="DATE", help="Everything up to the end of this day is known."),
]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON on stdout.")]
Seed = Annotated[int, typer.Option(help="Of every random choice.", min=0)]
