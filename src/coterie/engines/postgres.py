"""A PostgreSQL server: every query runs there; results come through COPY. The only file that knows psycopg."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ibis
import psycopg
from ibis.backends.sql.datatypes import PostgresType

from coterie.engines.contract import FileFormat
from coterie.engines.postgres_sql import quoted, sql_of

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa


class PostgresEngine:
    """One session of a PostgreSQL server, in one transaction, so that all queries see the same state of the data."""

    name = "postgres"
    remote = True

    def __init__(self, address: str, *, schema: str | None = None) -> None:
        self._connection = psycopg.connect(address, autocommit=False, application_name="coterie")
        self._run("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        # Just-in-time compiling takes longer than our queries; see also TimeZone in the embedded engine.
        self._run("SET LOCAL jit = off")
        self._run("SET LOCAL TimeZone = 'UTC'")
        self._schema = schema or "public"
        self._names = (f"_coterie_{number}" for number in itertools.count())

    def tables(self) -> Mapping[str, ir.Table]:
        query = (
            "SELECT c.relname, c.relkind::text, a.attname, format_type(a.atttypid, a.atttypmod) "
            "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped "
            "WHERE n.nspname = %s AND c.relkind IN ('r', 'p', 'v', 'm', 'f') ORDER BY c.relname, a.attnum"
        )
        found: dict[str, Any] = {}
        for table, rows in itertools.groupby(self._rows(query, [self._schema]), key=lambda row: row[0]):
            columns = list(rows)
            found[table] = self._numbered(table, columns[0][1], [(name, spelt) for _, _, name, spelt in columns])
        return found

    def _numbered(self, table: str, kind: str, columns: Sequence[tuple[str, str]]) -> ir.Table:
        name = next(self._names)
        types = {column: _type(spelt) for column, spelt in columns if column.casefold() != "_line"}
        place = "(ctid::text::point)"
        line = f"({place}[0]::bigint * 65536 + {place}[1]::bigint)" if kind in ("r", "m") else "row_number() OVER ()"
        listed = ", ".join(
            f"CAST({quoted(column)} AS {_spelt(kept)}) AS {quoted(column)}" for column, kept in types.items()
        )
        source = f"{quoted(self._schema)}.{quoted(table)}"
        self._run(f"CREATE TEMP VIEW {name} AS SELECT {listed}, {line} AS _line FROM {source}")
        return ibis.table({**types, "_line": "int64"}, name=name)

    def load(self, batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> ir.Table:
        name = next(self._names)
        shape = _shape(schema)
        columns = ", ".join(f"{quoted(column)} {_spelt(kind)}" for column, kind in shape.items())
        self._run(f"CREATE TEMP TABLE {name} ({columns})")
        with self._connection.cursor() as cursor, cursor.copy(f"COPY {name} FROM STDIN") as copy:
            for batch in batches:
                for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                    copy.write_row(row)
        return ibis.table(shape, name=name)

    def parse_dates(self, column: ir.StringColumn, formats: Sequence[str]) -> ir.DateColumn:
        branches = []
        for spelt in formats:
            pattern, order = _date_pattern(spelt)
            branches.append((column.re_search(pattern), _make_date(column, pattern, order)))
        return ibis.cases(*branches, else_=ibis.null("date"))

    def keep(self, expression: ir.Table, *, order_by: Sequence[str] = ()) -> ir.Table:
        name = next(self._names)
        if order_by:
            expression = expression.order_by(list(order_by))
        self._run(f"CREATE TEMP TABLE {name} AS {sql_of(expression)}")
        self._run(f"ANALYZE {name}")
        return ibis.table(expression.schema(), name=name)

    def collect(self, expression: ir.Table) -> pa.Table:
        import pyarrow as pa

        schema = _arrow(expression.schema())
        rows = self._rows(sql_of(expression))
        columns = list(zip(*rows, strict=True)) or [()] * len(schema)
        return pa.table([pa.array(column, kind) for column, kind in zip(columns, schema.types, strict=True)], schema)

    def blocks(self, expression: ir.Table, rows: int = 250_000) -> Iterator[pa.RecordBatch]:
        import pyarrow as pa

        schema = _arrow(expression.schema())
        with self._connection.cursor(name=next(self._names)) as cursor:
            cursor.execute(sql_of(expression))
            while found := cursor.fetchmany(rows):
                arrays = [
                    pa.array(column, kind) for column, kind in zip(zip(*found, strict=True), schema.types, strict=True)
                ]
                yield pa.record_batch(arrays, schema=schema)

    def write(self, expression: ir.Table, path: Path, file_format: FileFormat) -> None:
        import pyarrow.parquet as pq
        from pyarrow import csv

        schema = _arrow(expression.schema())
        writer = pq.ParquetWriter(path, schema) if file_format == "parquet" else csv.CSVWriter(path, schema)
        with writer:
            for batch in self.blocks(expression):
                writer.write_batch(batch)

    def close(self) -> None:
        self._connection.close()

    def _run(self, query: str) -> None:
        with self._connection.cursor() as cursor:
            cursor.execute(query)

    def _rows(self, query: str, values: Sequence[Any] | None = None) -> list[tuple[Any, ...]]:
        import os
        import time

        t = time.perf_counter()
        with self._connection.cursor() as cursor:
            cursor.execute(query, values)
            r = cursor.fetchall()
        if os.environ.get("PGT"):
            print(f"{time.perf_counter() - t:.2f}", query[:150].replace("\n", " "))
        return r


def _type(spelt: str) -> Any:
    if spelt.startswith(("numeric", "money")):
        return ibis.dtype("float64")
    try:
        kind = PostgresType.from_string(spelt)
    except Exception:
        kind = ibis.dtype("string")
    return ibis.dtype("string") if kind.is_unknown() or kind.is_uuid() else kind


def _spelt(kind: Any) -> str:
    return PostgresType.to_string(kind)


def _arrow(shape: Any) -> pa.Schema:
    """The Arrow types of columns of ours."""
    import pyarrow as pa

    def of(kind: Any) -> pa.DataType:
        if kind.is_timestamp():
            return pa.timestamp("us")
        if kind.is_decimal():
            return pa.float64()
        if kind.is_null():
            return pa.null()
        if kind.is_array():
            return pa.list_(of(kind.value_type))
        return pa.type_for_alias(str(kind.copy(nullable=True)) if not kind.is_date() else "date32")

    return pa.schema([(name, of(kind)) for name, kind in shape.items()])


def _shape(schema: pa.Schema) -> Any:
    names = {"date32[day]": "date", "double": "float64", "bool": "boolean"}
    return ibis.schema({column.name: names.get(str(column.type), str(column.type)) for column in schema})
