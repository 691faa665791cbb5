"""Spark: the same expressions on a cluster, or on all cores of this machine. The only room that knows pyspark."""

from __future__ import annotations

import contextlib
import itertools
import re
import weakref
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ibis
import ibis.expr.datatypes as dt
import pyspark  # noqa: F401  # whoever opens this engine is told where it is missing

from coterie.engines.address import no_table_in_spark
from coterie.engines.arrow_types import ibis_schema, schema_of
from coterie.engines.contract import CsvLayout, FileFormat, MalformedFile, Relation
from coterie.engines.portable import parse_dates
from coterie.engines.spark_lines import line_of_file, numbered, numbered_by_file, place_of
from coterie.engines.spark_session import open_session
from coterie.engines.spark_sql import as_read, column_type, quoted, sql_of, stream
from coterie.engines.spark_told import REFUSALS, told, unreadable
from coterie.engines.spark_write import check_parts, plain
from coterie.engines.stopping import Stopping
from coterie.errors import CoterieError, UsageError

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa


class SparkEngine:
    """Spark behind the contract of `Engine`: what is kept is spread over its workers and made again where one is lost.

    Args:
        address: `local[*]` (this machine), `spark://host:port` (a cluster) or `sc://host:port` (Spark Connect).
        database: Of Spark's catalogue, where `relations` are; files are read without one.
        memory: What Spark may hold ("4GB"): in all on this machine, in each executor of a cluster.

    Raises:
        UsageError: There is no Java, nobody answers at the address, or the memory cannot be set from here.
    """

    name = "spark"
    remote = True
    writes_beside = False

    def __init__(self, address: str = "local[*]", *, database: str | None = None, memory: str | None = None) -> None:
        self._session = open_session(address, memory)
        self._give_back = weakref.finalize(self, self._session.close)
        self._give_back.atexit = self._session.connect  # else Spark ends with this process
        self._spark: Any = self._session.spark
        self._address, self._database = address, database or "default"
        self._kept: dict[str, Any] = {}
        self._names = (f"_coterie_{number}" for number in itertools.count())
        self._stopping = Stopping()

    def relations(self) -> Mapping[str, Relation]:
        with self._told():
            databases = sorted(row[0] for row in self._spark.sql("SHOW DATABASES").collect())
            if self._database not in databases:
                raise UsageError(
                    f"Spark's catalogue at {self._address} has no database {self._database}; there are "
                    f"{', '.join(databases)}. Name one of them, such as catalogue:{databases[0]}."
                )
            tables = self._spark.sql(f"SHOW TABLES IN {quoted(self._database)}").collect()
            found = {}
            for table in sorted(row["tableName"] for row in tables if not row["isTemporary"]):
                frame = self._spark.table(f"{quoted(self._database)}.{quoted(table)}")
                columns = {name: name for name in frame.columns if name.casefold() != "_line"}
                found[table] = Relation(tuple(columns), partial(self._opened, frame, columns))
        if not found:
            raise UsageError(
                f"Database {self._database} of Spark's catalogue at {self._address} holds no table; there are "
                f"databases {', '.join(databases)}. Name one as catalogue:NAME."
            )
        return found

    def scan_csv(self, path: Path, layout: CsvLayout) -> ir.Table:
        if layout.skip != 1:
            raise MalformedFile("there are lines above its header")
        with _malformed(), self._told():
            rows = self._spark.read.csv(
                _pattern(path),
                schema=", ".join(f"{quoted(name)} STRING" for name in layout.columns),
                sep=layout.delimiter,
                quote=layout.quote,
                escape=layout.quote,
                header=True,
                mode="FAILFAST",
                unescapedQuoteHandling="RAISE_ERROR",
            )
            cells = [f"nullif({quoted(name)}, '') AS {quoted(name)}" for name in layout.columns]
            framed = line_of_file(rows, cells, layout.skip, self._session.hold)
            return self._named(framed, dict.fromkeys(layout.columns, dt.string))

    def scan_parquet(self, paths: Sequence[Path], *, columns: Sequence[str]) -> ir.Table:
        with _malformed():
            with self._told():
                rows = self._spark.read.parquet(*map(_pattern, paths))
                there = rows.columns
            if len(there) != len(columns):
                raise MalformedFile("its columns are not those of its footer")
            return self._opened(rows, dict(zip(there, columns, strict=True)), paths=paths)

    def _opened(self, rows: Any, columns: Mapping[str, str], *, paths: Sequence[Path] = ()) -> ir.Table:
        """A table or files under a name of ours, its columns in types that expressions know, and `_line`."""
        with self._told():
            there = {field.name: column_type(field.dataType.simpleString()) for field in rows.schema.fields}
            cells = [as_read(old, there[old], new) for old, new in columns.items()]
            types = {new: there[old] for old, new in columns.items()}
            if len(paths) > 1:
                return self._named(numbered_by_file(self._spark, rows, cells, paths), {**types, "_file": dt.int64})
            return self._named(numbered(self._spark, rows, cells, self._session.hold, one_file=bool(paths)), types)

    def _named(self, frame: Any, types: Mapping[str, Any]) -> ir.Table:
        name = next(self._names)
        frame.createOrReplaceTempView(name)
        return ibis.table({**types, "_line": "int64"}, name=name)

    def attach(self, path: Path) -> Mapping[str, ir.Table]:
        raise UsageError(
            f"{path.name} is a DuckDB file, which the engine spark cannot read. Leave --engine out, or write its "
            "tables as Parquet files."
        )

    def load(self, batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> ir.Table:
        name, rows = next(self._names), plain(batches, schema)
        with self._told():
            self._spark.createDataFrame(rows).createOrReplaceTempView(name)
        return ibis.table(ibis_schema(rows.schema), name=name)

    def parse_dates(self, column: ir.StringColumn, formats: Sequence[str]) -> ir.DateColumn:
        return parse_dates(column, formats)

    def keep(self, expression: ir.Table, *, order_by: Sequence[str] = ()) -> ir.Table:
        name = next(self._names)
        with self._told():
            held = self._kept[name] = self._session.hold(self._spark.sql(sql_of(expression)))
            held.createOrReplaceTempView(name)
        return ibis.table(expression.schema(), name=name)

    def drop(self, kept: ir.Table) -> None:
        name = kept.get_name()
        with self._told():
            self._spark.catalog.dropTempView(name)
            if name in self._kept:  # what was loaded is a view alone
                self._session.release(self._kept.pop(name))

    def collect(self, expression: ir.Table) -> pa.Table:
        with self._told():
            return self._spark.sql(sql_of(expression)).toArrow().cast(schema_of(expression.schema()))

    def blocks(self, expression: ir.Table, rows: int = 250_000) -> Iterator[pa.RecordBatch]:
        """Part by part, each computed when it is asked for: what is held at once is one part there, one block here."""
        import pyarrow as pa

        schema = schema_of(expression.schema())
        with self._told():
            found = stream(self._spark.sql(sql_of(expression)), expression.schema())
        while True:
            with self._told():
                block = list(itertools.islice(found, rows))
            if not block:
                return
            yield pa.record_batch(list(map(pa.array, zip(*block, strict=True), schema.types)), schema=schema)

    def write(self, expression: ir.Table, path: Path, file_format: FileFormat) -> None:
        """A folder of parts, which the workers write themselves, in the expression's order by the parts' names."""
        rows = self.collect(expression.aggregate(n=expression.count()))["n"][0].as_py()
        place = f"file://{path.resolve()}"
        with self._told():
            frame = self._spark.sql(sql_of(expression))
            if file_format == "parquet":
                frame.write.parquet(place, compression="zstd")
            else:
                frame.write.csv(
                    place,
                    header=True,
                    escape='"',
                    emptyValue="",
                    ignoreLeadingWhiteSpace=False,
                    ignoreTrailingWhiteSpace=False,
                )
        check_parts(path, file_format, rows, self._address)

    def check_publish(self, table: str, columns: Sequence[str]) -> None:
        raise no_table_in_spark(table)

    def publish(self, expression: ir.Table, table: str) -> None:
        raise no_table_in_spark(table)

    def settle(self) -> None:
        """Nothing: it has no transactions."""

    def interrupt_write(self) -> None:
        """Nothing: it is in the turn of all else, and `interrupt` ends it."""

    def interrupt(self) -> None:
        self._stopping.begin()
        with contextlib.suppress(*REFUSALS):  # a server that is gone answers nothing
            self._spark.interruptAll()  # of this session alone

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        """What Spark refuses is one sentence; so is being told to stop."""
        with self._stopping.told(CoterieError, *REFUSALS), told(self._address):
            yield

    def close(self) -> None:
        self._give_back()


@contextlib.contextmanager
def _malformed() -> Iterator[None]:
    """What cannot be read is the file's fault, not Spark's."""
    try:
        yield
    except CoterieError as error:
        if unreadable(error):
            raise MalformedFile(error.sentence) from error
        raise


def _pattern(path: Path) -> str:
    """A path of a disk as Spark reads it: nothing in it is a wildcard."""
    return "file://" + re.sub(r"([\[\]{}*?\\])", r"\\\1", place_of(path))
