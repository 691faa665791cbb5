"""A PostgreSQL server: every query runs there, results come through COPY. The only room that knows psycopg."""

from __future__ import annotations

import contextlib
import io
import itertools
import weakref
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ibis
import psycopg
from psycopg import errors
from psycopg.conninfo import conninfo_to_dict

from coterie.engines.arrow_types import ibis_schema, schema_of
from coterie.engines.contract import CsvLayout, FileFormat, Relation
from coterie.engines.one_file import write_here
from coterie.engines.postgres_dates import parse_dates
from coterie.engines.postgres_sql import column_as, column_type, quoted, spelt, sql_of
from coterie.engines.postgres_target import Target
from coterie.engines.postgres_told import Server, connection_refused, told
from coterie.engines.stopping import Stopping
from coterie.errors import UsageError

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa

_STORED, _COMPUTED = ("r", "m"), ("v", "p", "f")  # kinds of relations whose rows have a place of their own, and others


class PostgresEngine:
    """One session in one transaction, so that all queries see the same state of the data; it needs no right to write.

    Once it is settled each query is a transaction of its own; what was kept stays.

    Args:
        address: `postgresql://user@host:port/database`; what it leaves out comes from PGHOST, PGUSER, PGPASSWORD and
            the password file, as for every client of PostgreSQL.
        schema: Where the tables are; "public" if None.
        memory: What one step of a query may hold before it spills to the server's disk ("64MB").

    Raises:
        UsageError: The address is none, or the server does not let us in.
    """

    name = "postgres"
    remote = True
    writes_beside = False

    def __init__(self, address: str, *, schema: str | None = None, memory: str | None = None) -> None:
        self.server = _server(address)
        self._schema = schema or "public"
        self._names = (f"_coterie_{number}" for number in itertools.count())
        try:
            self._connection = psycopg.connect(address, application_name="coterie", client_encoding="utf8")
        except psycopg.OperationalError as error:
            raise connection_refused(self.server, error) from None
        # Whoever forgets to close it holds locks in the database only as long as this value lives.
        self._give_back = weakref.finalize(self, self._connection.close)
        self._stopping = Stopping()
        self._around = _IN_ONE
        # Compiling takes longer than our queries do; days are those of UTC everywhere; between two we may think.
        for setting in (
            "TRANSACTION ISOLATION LEVEL REPEATABLE READ",
            "jit = off",
            # It takes what a chain of checks leaves for one row, and then compares thousands with millions.
            "enable_nestloop = off",
            "TimeZone = 'UTC'",
            "idle_in_transaction_session_timeout = 0",
            "idle_session_timeout = 0",
            f"work_mem = '{memory or '64MB'}'",
        ):
            with told(self.server):
                self._connection.execute(f"SET {setting}")

    def relations(self) -> Mapping[str, Relation]:
        query = (
            # Rows of a table with children stand in several tables, and two of them in the same place.
            "SELECT c.relname, CASE WHEN c.relhassubclass THEN 'p' ELSE c.relkind::text END, a.attname, "
            "format_type(a.atttypid, a.atttypmod) "
            "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped "
            "WHERE n.nspname = %s AND c.relkind = ANY(%s) ORDER BY c.relname, a.attnum"
        )
        rows = self._fetch(query, [self._schema, [*_STORED, *_COMPUTED]])
        if not rows:
            there = ", ".join(name for (name,) in self._fetch(_SCHEMAS)) or "no schema"
            raise UsageError(
                f"Schema {self._schema} of {self.server} holds no table; there are tables in {there}. Name a schema "
                "with ?schema= at the end of the address."
            )
        found = {}
        for table, columns in itertools.groupby(rows, key=lambda row: row[0]):
            listed = list(columns)
            types = {name: column_type(kind) for _, _, name, kind in listed if name.casefold() != "_line"}
            found[table] = Relation(tuple(types), partial(self._opened, table, listed[0][1], types))
        return found

    def _opened(self, table: str, kind: str, types: Mapping[str, Any]) -> ir.Table:
        """The relation under a name of ours, its columns in types that expressions know, and `_line`.

        Rows of a table are numbered by where they are stored, which costs nothing while nobody asks and cannot change
        within our transaction; a row takes 28 bytes of its page at the least. Other relations have no such place: they
        are computed once and kept.
        """
        name = next(self._names)
        listed = "".join(f"{column_as(column, as_)}, " for column, as_ in types.items())
        source = f"{quoted(self._schema)}.{quoted(table)}"
        if kind in _STORED:
            page = "(current_setting('block_size')::bigint / 28)"
            line = f"(ctid::text::point)[0]::bigint * {page} + (ctid::text::point)[1]::bigint"
            self._run(f"CREATE TEMP VIEW {name} AS SELECT {listed}{line} AS _line FROM {source}")
        else:
            rows = f"SELECT {listed}row_number() OVER () AS _line FROM {source}"
            self._run(f"CREATE TEMP TABLE {name} AS {rows}; ANALYZE {name}")
        return ibis.table({**types, "_line": "int64"}, name=name)

    def scan_csv(self, path: Path, layout: CsvLayout) -> ir.Table:
        raise self._no_files(path)

    def scan_parquet(self, paths: Sequence[Path], *, columns: Sequence[str]) -> ir.Table:
        raise self._no_files(paths[0])

    def attach(self, path: Path) -> Mapping[str, ir.Table]:
        raise self._no_files(path)

    def _no_files(self, path: Path) -> UsageError:
        return UsageError(f"{path.name} is a file, which {self.server} cannot read. Read it without naming an engine.")

    def load(self, batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> ir.Table:
        name = next(self._names)
        shape = ibis_schema(schema)
        columns = ", ".join(f"{quoted(column)} {spelt(kind)}" for column, kind in shape.items())
        # All of them first: they may come from a query of ours, and a connection does one thing at a time.
        batches = list(batches)
        with self._asked() as cursor:
            cursor.execute(f"CREATE TEMP TABLE {name} ({columns})")
            with cursor.copy(f"COPY {name} FROM STDIN") as copy:
                for batch in batches:
                    for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                        copy.write_row(row)
            return _known(cursor, name, shape)

    def parse_dates(self, column: ir.StringColumn, formats: Sequence[str]) -> ir.DateColumn:
        return parse_dates(column, formats)

    def keep(self, expression: ir.Table, *, order_by: Sequence[str] = ()) -> ir.Table:
        name = next(self._names)
        if order_by:
            expression = expression.order_by(list(order_by))
        query = f"CREATE TEMP TABLE {name} AS {sql_of(expression)}"
        with self._asked() as cursor:
            cursor.execute(query)
            return _known(cursor, name, expression.schema())

    def drop(self, kept: ir.Table) -> None:
        name = kept.get_name()
        ((kind,),) = self._fetch("SELECT relkind::text FROM pg_class WHERE oid = to_regclass(%s)", [name])
        self._run(f"DROP {'VIEW' if kind == 'v' else 'TABLE'} {name}")

    def collect(self, expression: ir.Table) -> pa.Table:
        import pyarrow as pa

        schema = schema_of(expression.schema())
        if not any(pa.types.is_nested(column.type) for column in schema):
            return pa.Table.from_batches(self.blocks(expression), schema)
        # Lists do not come through COPY as such; only a few rows of quantiles have any.
        columns = list(zip(*self._fetch(sql_of(expression)), strict=True)) or [()] * len(schema)
        arrays = [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)]
        return pa.table(arrays, schema=schema)

    def blocks(self, expression: ir.Table, rows: int = 250_000) -> Iterator[pa.RecordBatch]:
        import pyarrow as pa
        from pyarrow import csv

        schema = schema_of(expression.schema())
        with self._copied(f"COPY ({sql_of(expression)}) TO STDOUT (FORMAT csv)") as stream:
            if not stream.peek(1):
                return
            reader = csv.open_csv(
                stream,
                csv.ReadOptions(column_names=schema.names, block_size=_BLOCK),
                csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False),  # one NULL alone is such a line
                csv.ConvertOptions(
                    column_types=schema,
                    null_values=[""],
                    true_values=["t"],
                    false_values=["f"],
                    strings_can_be_null=True,
                    quoted_strings_can_be_null=False,
                ),
            )
            for batch in reader:
                for first in range(0, batch.num_rows, rows):
                    yield pa.record_batch(batch.slice(first, rows).columns, schema=schema)

    @contextmanager
    def _copied(self, query: str) -> Iterator[io.BufferedReader]:
        with self._asked() as cursor, cursor.copy(query) as copy:
            yield io.BufferedReader(_Stream(copy), _BLOCK)

    def write(self, expression: ir.Table, path: Path, file_format: FileFormat) -> None:
        write_here(self, expression, path, file_format)

    def check_publish(self, table: str, columns: Sequence[str]) -> None:
        self._target(table).check(self._fetch, columns)

    def publish(self, expression: ir.Table, table: str) -> None:
        columns = {name: spelt(kind) for name, kind in expression.schema().items()}
        statements = self._target(table).replaced(self._fetch, columns, sql_of(expression))
        with self._asked() as cursor:
            for statement in statements:
                cursor.execute(statement)
        with told(self.server):
            self._connection.commit()

    def _target(self, table: str) -> Target:
        schema, _, name = table.rpartition(".")
        return Target(self.server, table, schema or self._schema, name)

    def settle(self) -> None:
        # Locks and files of what is dropped are given back at the end of a transaction alone.
        with told(self.server):
            self._connection.commit()
            self._connection.autocommit = True
        self._around = _EACH

    def interrupt_write(self) -> None:
        """Nothing: it is in the turn of all else, and `interrupt` ends it."""

    def interrupt(self) -> None:
        self._stopping.begin()
        with contextlib.suppress(psycopg.Error):  # a server that is gone answers nothing
            self._connection.cancel_safe(timeout=5)

    def close(self) -> None:
        self._give_back()

    @contextmanager
    def _asked(self) -> Iterator[psycopg.Cursor[Any]]:
        """A cursor whose queries, where one fails or is stopped, leave the session and all it keeps as they were."""
        begin, back, end = self._around
        with told(self.server), self._stopping.told(errors.QueryCanceled), self._connection.cursor() as cursor:
            try:
                cursor.execute(begin)
                yield cursor
                cursor.execute(end)
            except BaseException:
                with contextlib.suppress(psycopg.Error):  # gone with its connection
                    self._connection.execute(back)
                raise

    def _run(self, query: str) -> None:
        with self._asked() as cursor:
            cursor.execute(query)

    def _fetch(self, query: str, values: Sequence[Any] | Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
        with self._asked() as cursor:
            return cursor.execute(query, values).fetchall()


_IN_ONE = ("SAVEPOINT asked", "ROLLBACK TO SAVEPOINT asked; RELEASE SAVEPOINT asked", "RELEASE SAVEPOINT asked")
_EACH = ("BEGIN", "ROLLBACK", "COMMIT")
"""What is said before queries, after one that failed, and after those that did not."""
_BLOCK = 4 << 20
_NARROW, _SHORT = 4, 4096
"""Columns and rows of a table that is spelt out."""
_SCHEMAS = (
    "SELECT DISTINCT schemaname FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1"
)


def _known(cursor: psycopg.Cursor[Any], name: str, shape: ibis.Schema) -> ir.Table:
    """The temporary table, known to the planner; a short and narrow one as a view that spells its rows out.

    A query that reads a temporary table runs in one process; one that reads a view may use all that the server has.
    """
    cursor.execute(f"ANALYZE {name}")
    if len(shape) <= _NARROW and not any(kind.is_nested() for kind in shape.values()):
        columns = ", ".join(map(quoted, shape))
        # Spelt by the server itself, so that each value comes back as it was.
        cells = ", ".join(f"%L::{spelt(kind)}" for kind in shape.values())
        rows = cursor.execute(f"SELECT format('({cells})', {columns}) FROM {name} LIMIT {_SHORT + 1}").fetchall()
        if 0 < len(rows) <= _SHORT:
            values = ", ".join(row for (row,) in rows)
            cursor.execute(f"DROP TABLE {name}")
            cursor.execute(f"CREATE TEMP VIEW {name} AS SELECT * FROM (VALUES {values}) AS kept({columns})")
    return ibis.table(shape, name=name)


class _Stream(io.RawIOBase):
    """What COPY sends, as a file to read."""

    def __init__(self, copy: psycopg.Copy) -> None:
        super().__init__()
        self._copy = copy
        self._left = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._left:
            self._left = memoryview(self._copy.read())
        count = min(len(buffer), len(self._left))
        buffer[:count] = self._left[:count]
        self._left = self._left[count:]
        return count


def _server(address: str) -> Server:
    try:
        parts = conninfo_to_dict(address)
    except psycopg.ProgrammingError:
        raise UsageError(
            "The address of the database cannot be read. Write it as postgresql://user@host:5432/database."
        ) from None
    user = str(parts.get("user") or "")
    return Server(str(parts.get("host") or "this machine"), str(parts.get("dbname") or user), user)
