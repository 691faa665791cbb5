"""The embedded engine: DuckDB, out of core, one process. The only file that knows duckdb."""

from __future__ import annotations

import contextlib
import errno
import itertools
import re
import weakref
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import ibis

from coterie.engines.address import no_database
from coterie.engines.contract import CsvLayout, FileFormat, Interrupted, MalformedFile, NoRoom, Relation
from coterie.engines.csv_sql import BUFFER_BYTES, LOST, as_cells, which_same
from coterie.engines.duckdb_memory import MemoryLimit
from coterie.engines.spill import SpillFolder
from coterie.errors import CoterieError, DataError, UsageError

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa


@ibis.udf.scalar.builtin(name="try_strptime", signature=(("string", "array<string>"), "timestamp"))
def _try_strptime(text, formats): ...  # type: ignore[no-untyped-def]


class DuckDBEngine:
    """DuckDB behind the contract of `Engine`; extensions are never downloaded, temporary files are its own."""

    name = "duckdb"
    remote = False
    writes_beside = True

    def __init__(self, *, memory: str | None = None) -> None:
        spill = SpillFolder()
        self._remove_spill = weakref.finalize(self, spill.remove)
        settings = {
            "temp_directory": str(spill.path),
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
        }
        # A database file rather than memory: tables kept are packed on disk (a tenth of their size), so that the limit
        # is left to the queries, and are read twice as fast as Parquet.
        self._ibis = ibis.duckdb.connect(str(spill.path / "kept.duckdb"), **settings)
        self._connection: duckdb.DuckDBPyConnection = self._ibis.con
        self._memory = MemoryLimit(self._connection, machine=self._setting("memory_limit"), given=memory)
        self._connection.execute("SET enable_progress_bar = false")
        self._connection.execute(_DAYS)
        # DuckDB 2.0.0 breaks off with an internal error where the first meets `rowid` below ORDER BY … LIMIT. The
        # second groups events by customer before it joins them with customers: nearly as many groups as events.
        self._connection.execute("SET disabled_optimizers = 'late_materialization,partial_aggregate_pushdown'")
        self._names = (f"_t{number}" for number in itertools.count())
        self._writing: duckdb.DuckDBPyConnection | None = None

    def scan_csv(self, path: Path, layout: CsvLayout) -> ir.Table:
        name, kinds, quote = next(self._names), layout.kinds, _text(layout.quote)
        types = ", ".join(f"{_text(column)}: 'VARCHAR'" for column in layout.columns)
        source = (
            f"read_csv({_file(path)}, auto_detect=false, header=false, delim={_text(layout.delimiter)}, "
            f"quote={quote}, escape={quote}, skip={layout.skip}, compression={_text(_compression(path))}, "
            f"columns={{{types}}}, strict_mode=true, nullstr='', max_line_size=16777216, buffer_size={BUFFER_BYTES})"
        )
        try:
            try:
                rows = self._create(name, as_cells(source, layout.columns, kinds))
            except duckdb.InvalidInputException as error:
                if LOST not in str(error):
                    raise
                same = self._connection.execute(which_same(source, kinds)).fetchall()[0]
                kinds = {column: kind for (column, kind), fits in zip(kinds.items(), same, strict=True) if fits}
                rows = self._create(name, as_cells(source, layout.columns, kinds))
        except _UNREADABLE as error:
            raise MalformedFile(str(error)) from error
        self._memory.grow(rows)
        raw = self._ibis.table(name)
        # A table made from one file keeps its order. Blank lines and quoted newlines would move the line; the caller
        # counts lines and takes no table that has fewer rows.
        return raw.mutate(_line=raw.rowid() + (layout.skip + 1))

    def scan_parquet(self, paths: Sequence[Path], *, columns: Sequence[str]) -> ir.Table:
        name = next(self._names)
        files = f"[{', '.join(_file(path) for path in paths)}]"
        scan = f"read_parquet({files}, hive_partitioning=false"
        file = ", file_index::BIGINT AS _file" if len(paths) > 1 else ""
        renamed = ", ".join(_quoted(column) for column in columns)
        try:
            found = self._connection.execute(f"DESCRIBE SELECT * FROM {scan})").fetchall()
            counted = "file_row_number" in (row[0].casefold() for row in found)
            ((rows,),) = self._connection.execute(
                f"SELECT sum(num_rows)::BIGINT FROM parquet_file_metadata({files})"
            ).fetchall()
            if counted:  # a column of the file's own; its rows are counted by a window instead
                query = f"SELECT *, row_number() OVER () AS _line FROM {scan}) AS t({renamed})"
            else:
                source = f"{scan}, file_row_number=true) AS t({renamed}, _row)"
                query = f"SELECT * EXCLUDE (_row), _row + 1 AS _line{file} FROM {source}"
            self._connection.execute(f"CREATE VIEW {name} AS {query}")
        except _UNREADABLE as error:
            raise MalformedFile(str(error)) from error
        self._memory.grow(rows)
        return self._ibis.table(name)

    def load(self, batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> ir.Table:
        import pyarrow as pa

        name, source = next(self._names), next(self._names)
        failed: list[CoterieError | OSError] = []

        def watched() -> Iterator[pa.RecordBatch]:
            try:
                yield from batches
            except (CoterieError, OSError) as error:
                failed.append(error)
                raise

        self._connection.register(source, pa.RecordBatchReader.from_batches(schema, watched()))
        try:
            self._memory.grow(self._create(name, f"SELECT * FROM {source}"))
        except duckdb.Error as error:
            # What is raised while the engine calls back comes out of it as an error of its own.
            if failed:
                raise failed[0] from None
            if "KeyboardInterrupt" in str(error):
                raise KeyboardInterrupt from None
            raise
        finally:
            self._connection.unregister(source)
        return self._ibis.table(name)

    def attach(self, path: Path) -> Mapping[str, ir.Table]:
        catalog = next(self._names)
        try:
            views = self._views(path)
            self._connection.execute(f"ATTACH {_text(str(path))} AS {catalog} (READ_ONLY)")
            rows = self._connection.execute(
                "SELECT schema_name, table_name, estimated_size FROM duckdb_tables() "
                "WHERE database_name = ? AND NOT internal",
                [catalog],
            ).fetchall()
            found = {(schema, table): self._base_table(catalog, schema, table) for schema, table, _ in sorted(rows)}
            self._memory.grow(sum(size for _, _, size in rows))
        except duckdb.Error as error:
            raise MalformedFile(str(error)) from error
        found |= views
        names = [table for _, table in found]
        return {
            table if names.count(table) == 1 else f"{schema}.{table}": rows
            for (schema, table), rows in sorted(found.items(), key=lambda item: item[0])
        }

    def _base_table(self, catalog: str, schema: str, table: str) -> ir.Table:
        name = next(self._names)
        source = f"{catalog}.{_quoted(schema)}.{_quoted(table)}"
        own = [row[0] for row in self._connection.execute(f"DESCRIBE {source}").fetchall()]
        kept = [column for column in own if column.casefold() != "_line"]
        # Renamed by position, so that a column called rowid does not hide the number of the row.
        alias = ", ".join(f"k{position}" for position in range(len(own)))
        select = ", ".join(f"k{own.index(column)} AS {_quoted(column)}" for column in kept)
        self._connection.execute(
            f"CREATE VIEW {name} AS SELECT {select}{', ' if kept else ''}rowid + 1 AS _line FROM {source} AS t({alias})"
        )
        return self._ibis.table(name)

    def _views(self, path: Path) -> dict[tuple[str, str], ir.Table]:
        """The views of a database file, each computed once by a connection that can reach no other file."""
        views = {}
        with duckdb.connect(str(path), read_only=True, config={"enable_external_access": "false"}) as other:
            rows = other.execute(
                "SELECT schema_name, view_name FROM duckdb_views() "
                "WHERE NOT internal AND database_name = current_database()"
            ).fetchall()
            for schema, view in sorted(rows):
                try:
                    source = f"{_quoted(schema)}.{_quoted(view)}"
                    own = [row[0] for row in other.execute(f"DESCRIBE {source}").fetchall()]
                    kept = "".join(f"{_quoted(column)}, " for column in own if column.casefold() != "_line")
                    query = f"SELECT {kept}row_number() OVER () AS _line FROM {source}"
                    reader = other.sql(query).to_arrow_reader(100_000)
                    views[schema, view] = self.load(reader, reader.schema)
                except duckdb.PermissionException:
                    continue  # it reads other files, which a file from a stranger may not
        return views

    def relations(self) -> Mapping[str, Relation]:
        raise UsageError(
            "The address is that of a database, which the engine duckdb does not reach. Leave the engine out."
        )

    def parse_dates(self, column: ir.StringColumn, formats: Sequence[str]) -> ir.DateColumn:
        return _try_strptime(column, list(formats)).date()

    def keep(self, expression: ir.Table, *, order_by: Sequence[str] = ()) -> ir.Table:
        name = next(self._names)
        if order_by:
            expression = expression.order_by(list(order_by))
        with _damage_told():
            self._create(name, self._as_promised(expression))
        return self._ibis.table(name)

    def drop(self, kept: ir.Table) -> None:
        self._connection.execute(f"DROP TABLE {_quoted(kept.get_name())}")

    def _as_promised(self, expression: ir.Table) -> str:
        """SQL whose columns have the types the expression says; a bare 0 is 32 bits wide for DuckDB, a sum 128."""
        query, mapper = self._sql(expression), self._ibis.compiler.type_mapper
        columns, exact = [], True
        for name, spelt, *_ in self._connection.execute(f"DESCRIBE {query}").fetchall():
            promised = expression[name].type()
            if mapper.from_string(spelt).copy(nullable=True) == promised.copy(nullable=True):
                columns.append(_quoted(name))
            else:
                exact = False
                columns.append(f"CAST({_quoted(name)} AS {mapper.to_string(promised)}) AS {_quoted(name)}")
        return query if exact else f"SELECT {', '.join(columns)} FROM ({query})"

    def collect(self, expression: ir.Table) -> pa.Table:
        import pyarrow as pa

        with _damage_told():
            result = self._connection.sql(self._sql(expression)).to_arrow_table()
        # A sum of integers comes as a 128-bit decimal, a constant such as 1.0 as a small one; all of ours fit 64 bits.
        return result.cast(pa.schema([_plain(column) for column in result.schema]))

    def blocks(self, expression: ir.Table, rows: int = 250_000) -> Iterator[pa.RecordBatch]:
        with _damage_told(), self._beside() as cursor:
            yield from cursor.sql(self._sql(expression)).to_arrow_reader(rows)

    @contextlib.contextmanager
    def _beside(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A second connection to what is kept, so that the first answers meanwhile; it begins without settings."""
        cursor = self._connection.cursor()
        try:
            cursor.execute(_DAYS)
            yield cursor
        finally:
            cursor.close()

    def write(self, expression: ir.Table, path: Path, file_format: FileFormat) -> None:
        options = "FORMAT parquet, COMPRESSION zstd" if file_format == "parquet" else "FORMAT csv, HEADER true"
        with _damage_told(), self._beside() as cursor:
            self._writing = cursor
            try:
                cursor.execute(f"COPY ({self._sql(expression)}) TO {_text(str(path))} ({options})")
            except duckdb.IOException as error:
                if str(path) not in str(error) or "no space left" in str(error).lower():
                    raise
                raise OSError(errno.EIO, str(error).rsplit(": ", 1)[-1], str(path)) from error
            finally:
                self._writing = None

    def check_publish(self, table: str, columns: Sequence[str]) -> None:
        raise no_database(table)

    def publish(self, expression: ir.Table, table: str) -> None:
        raise no_database(table)

    def settle(self) -> None:
        """Nothing: each query is a transaction of its own."""

    def interrupt_write(self) -> None:
        writing = self._writing
        if writing is not None:
            with contextlib.suppress(duckdb.Error):  # closed just now
                writing.interrupt()

    def interrupt(self) -> None:
        self._connection.interrupt()

    def close(self) -> None:
        self._connection.close()
        self._remove_spill()

    def _create(self, name: str, query: str) -> int:
        """Keep what a query gives as a table; how many rows."""
        with _room_told():
            ((rows,),) = self._connection.execute(f"CREATE TABLE {name} AS {query}").fetchall()
        return int(rows)

    def _setting(self, name: str) -> str:
        ((value,),) = self._connection.execute(f"SELECT current_setting({_text(name)})").fetchall()
        return str(value)

    def _sql(self, expression: ir.Table) -> str:
        # Not pretty, and of tables bound to this connection: a quarter faster than `ibis.to_sql`.
        return str(self._ibis.compile(expression))


_DAYS = "SET TimeZone = 'UTC'"
"""Timestamps with a zone are days in UTC everywhere, whatever the zone of this machine."""
_UNREADABLE = (
    duckdb.InvalidInputException,
    duckdb.ConversionException,
    duckdb.IOException,
    duckdb.SerializationException,
    duckdb.NotSupportedError,
    duckdb.CatalogException,
    duckdb.BinderException,
)
"""What DuckDB raises about a file that it cannot read."""


@contextlib.contextmanager
def _room_told() -> Iterator[None]:
    """Too little memory, and a full disk, are one sentence each; so is being told to stop."""
    try:
        yield
    except duckdb.InterruptException as error:
        raise Interrupted(str(error)) from error
    except duckdb.Error as error:
        if re.search("temp_directory|no space left|quota exceeded", str(error), flags=re.IGNORECASE):
            raise NoRoom(
                "The disk is full, where the engine writes or keeps what its memory does not hold. Free some space, or "
                "allow more memory, such as --memory 4GB."
            ) from error
        if not isinstance(error, duckdb.OutOfMemoryException):
            raise
        held = re.search(r"/([\d.]+ \w+) used", str(error))
        raise NoRoom(
            f"The engine needs more memory than it may hold{f' ({held[1]})' if held else ''}. Allow more with --memory."
        ) from error


@contextlib.contextmanager
def _damage_told() -> Iterator[None]:
    """Files read lazily show damage in their midst only when it is reached: one sentence then too."""
    try:
        with _room_told():
            yield
    except (duckdb.Error, OSError) as error:
        first = str(error).splitlines()[0].rstrip(".")
        if re.search(r"failed to read file|parquet file|corrupt", first, flags=re.IGNORECASE) is None:
            raise
        raise DataError(f"A file of the data is damaged in its midst ({first}). Write it again.") from error


def _compression(path: Path) -> str:
    with path.open("rb") as file:
        return "gzip" if file.read(2) == b"\x1f\x8b" else "none"


def _file(path: Path) -> str:
    """A path as an SQL string literal, in which nothing is a wildcard."""
    return _text(re.sub(r"([\[*?])", r"[\1]", str(path)))


def _quoted(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def _text(value: str) -> str:
    """A value as an SQL string literal."""
    return "'" + value.replace("'", "''") + "'"


def _plain(column: pa.Field) -> pa.Field:
    """The field of a decimal as one of 64-bit integers or floats."""
    import pyarrow as pa

    if not pa.types.is_decimal(column.type):
        return column
    return column.with_type(pa.int64() if column.type.scale == 0 else pa.float64())
