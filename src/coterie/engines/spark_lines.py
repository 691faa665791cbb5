"""Numbers of rows that stay the same when a lost worker's rows are read again, which Spark itself does not promise."""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from coterie.engines.spark_sql import quoted

Hold = Callable[[Any], Any]

_SCHEME = "^file:/+"
_WITHIN = (1 << 33) - 1
"""Spark numbers the rows of each part from part * 2^33."""


def line_of_file(rows: Any, cells: Sequence[str], skip: int, hold: Hold) -> Any:
    """The cells of a CSV file with `_line`, the line of the file; every line is a row.

    Rows are numbered within parts of the file, which are the same when they are read again, because how the file was
    parted is held with them; with the rows of the parts before, that makes the line.
    """
    held = hold(rows.selectExpr(*cells, "monotonically_increasing_id() AS _at"))
    counts = held.selectExpr("shiftright(_at, 33) AS part").groupBy("part").count().toArrow().to_pylist()
    number = {int(row["part"]): int(row["count"]) for row in counts}
    before = list(itertools.accumulate((number.get(part, 0) for part in range(max(number, default=0) + 1)), initial=0))
    offset = f"element_at(array({', '.join(f'{count}L' for count in before)}), CAST(shiftright(_at, 33) + 1 AS INT))"
    names = [quoted(name) for name in held.columns if name != "_at"]
    return held.selectExpr(*names, f"{offset} + (_at & {_WITHIN}L) + {skip + 1}L AS _line")


def numbered(spark: Any, rows: Any, cells: Sequence[str], hold: Hold, *, one_file: bool) -> Any:
    """The cells of a table or file with `_line`: by where a row is stored, or what it holds where that is not told."""
    from pyspark.errors import AnalysisException

    try:
        stored = rows.selectExpr(*cells, "_metadata.file_path AS _of", "_metadata.row_index + 1L AS _line")
        stored.schema  # noqa: B018  # Connect asks only now
    except AnalysisException:
        return _by_content(rows, cells, hold)
    return stored.drop("_of") if one_file else _by_place(spark, rows, stored)


def place_of(path: Path) -> str:
    """The full path of a file as it is given, so that a link is a file of its own."""
    return os.path.abspath(path)  # noqa: PTH100  # `absolute` leaves .. in it, `resolve` follows links


def numbered_by_file(spark: Any, rows: Any, cells: Sequence[str], paths: Sequence[Path]) -> Any:
    """The cells of several Parquet files with `_line` and `_file`, the place of their file among the paths."""
    import pyarrow as pa

    places = {place_of(path): place for place, path in enumerate(paths)}
    # As Spark spells them, in an order of its own; and not as `_metadata`, which has file:/ where this has file:///.
    files = [re.sub(_SCHEME, "/", file) for file in rows.inputFiles()]
    of = pa.table({"_of": files, "_file": pa.array([places[unquote(file)] for file in files], pa.int64())})
    path = f"regexp_replace(_metadata.file_path, '{_SCHEME}', '/') AS _of"
    stored = rows.selectExpr(*cells, path, "_metadata.row_index + 1L AS _line")
    names = [quoted(name) for name in stored.columns if name != "_of"]
    return stored.join(spark.createDataFrame(of).hint("broadcast"), "_of").selectExpr(*names, "_file")


def _by_place(spark: Any, rows: Any, stored: Any) -> Any:
    """Rows numbered within their Parquet file, files in the order of their paths."""
    import pyarrow as pa

    names = [quoted(name) for name in stored.columns if name not in ("_of", "_line")]
    found = rows.selectExpr("_metadata.file_path AS _of").distinct().toArrow()
    files = sorted(found["_of"].to_pylist())
    if len(files) < 2:
        return stored.selectExpr(*names, "_line")
    places = pa.table({"_of": files, "_first": pa.array([at << 33 for at in range(len(files))], pa.int64())})
    joined = stored.join(spark.createDataFrame(places).hint("broadcast"), "_of")
    return joined.selectExpr(*names, "_first + _line AS _line")


def _by_content(rows: Any, cells: Sequence[str], hold: Hold) -> Any:
    """Rows of a view numbered by a hash of their cells; equal ones by a count, for either may be which.

    Two rows of n share a number by chance once in 2^63 / n^2 runs (10 million rows: 90,000). Nothing follows unless one
    of them is set aside, which takes the other with it: then the check's sums of rows do not add up and stop the run.
    """
    framed = rows.selectExpr(*cells)
    names = [quoted(name) for name in framed.columns]
    row = f"xxhash64(to_json(struct({', '.join(names)})))"
    counted = framed.selectExpr(*names, f"{row} AS _row").selectExpr(
        *names, "_row", "row_number() OVER (PARTITION BY _row ORDER BY _row) AS _copy"
    )
    return hold(counted.selectExpr(*names, f"xxhash64(_row, _copy) & {(1 << 62) - 1}L AS _line"))
