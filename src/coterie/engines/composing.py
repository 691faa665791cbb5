"""An engine that composes: every look at the data goes to another engine, and how each table came about is kept.

What the checks compute on the way is real, so that they find out how the data are to be read. The tables they keep are
remembered with the expressions that they were made from, and these, taken together, are one query over the raw tables.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coterie.engines.contract import CsvLayout, Engine, FileFormat, Relation

if TYPE_CHECKING:
    import ibis.expr.operations as ops
    import ibis.expr.types as ir
    import pyarrow as pa

    from coterie.engines.dialects import Dialect, ParseDates

MOST_VALUES = 20_000
"""Rows of a table of numbers that may stand in a query."""


class RowsInOrder(Exception):
    """The result depends on the order of the rows of a raw table."""


class NoWord(Exception):
    """A dialect cannot say something; names it."""


@dataclass(frozen=True)
class Query:
    """The text of a query, and the raw tables that it reads."""

    text: str
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Source:
    """A raw table as it is found in the warehouse: its name, its schema if any, and its columns in order."""

    name: str
    schema: str | None
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Values:
    """The rows of a small table that we made ourselves."""

    rows: tuple[tuple[Any, ...], ...]


@dataclass(frozen=True)
class Made:
    """An expression, as its operation."""

    by: ops.Relation


@dataclass
class Origins:
    """Where the tables of the composing engine come from: operation -> origin, in the order of making; their names."""

    of: dict[ops.Relation, Source | Values | Made] = field(default_factory=dict)
    names: dict[ops.Relation, str] = field(default_factory=dict)


class ComposingEngine:
    """Another engine, whose tables remember their origins.

    Args:
        real: Computes; it is closed with this one.
        parse_dates: As of `Engine`, in the words of the dialect in which the query is to be written.
        schema: Where the raw tables are found, if it has to be said.
    """

    def __init__(self, real: Engine, *, parse_dates: ParseDates, schema: str | None = None) -> None:
        self._real = real
        self.schema = schema
        self._parse_dates = parse_dates
        self.name = real.name
        self.remote = real.remote
        self.origins = Origins()

    @property
    def writes_beside(self) -> bool:
        return self._real.writes_beside

    def found_as(self, rows: ir.Table, source: Source) -> None:
        """These rows, which columns c0, c1, …, `_line` and perhaps `_file` make up, are that raw table."""
        self.origins.of[rows.op()] = source

    def stands_for(self, rows: ir.Table, whole: ir.Table, name: str) -> None:
        """These rows were computed in a shorter way that the present data allow; `whole` is the rule."""
        if rows.op() != whole.op():
            self.origins.of[rows.op()] = Made(whole.op())
            self.origins.names[rows.op()] = name

    def call(self, rows: ir.Table, name: str) -> None:
        """Give the table a name in the query, as a step of its own."""
        self.origins.names[rows.op()] = name
        self.origins.of.setdefault(rows.op(), Made(rows.op()))

    def scan_csv(self, path: Path, layout: CsvLayout) -> ir.Table:
        # Text: other rows than those of today need not be numbers.
        return self._real.scan_csv(path, dataclasses.replace(layout, kinds={}))

    def scan_parquet(self, paths: Sequence[Path], *, columns: Sequence[str]) -> ir.Table:
        return self._real.scan_parquet(paths, columns=columns)

    def load(self, batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> ir.Table:
        seen: list[tuple[Any, ...]] = []

        def watched() -> Iterator[pa.RecordBatch]:
            for batch in batches:  # one row beyond the limit tells that there are too many
                few = batch.slice(0, MOST_VALUES + 1 - len(seen))
                seen.extend(tuple(row.values()) for row in few.to_pylist())
                yield batch

        loaded = self._real.load(watched(), schema)
        if len(seen) <= MOST_VALUES:
            self.origins.of[loaded.op()] = Values(tuple(seen))
        return loaded

    def attach(self, path: Path) -> Mapping[str, ir.Table]:
        return self._real.attach(path)

    def relations(self) -> Mapping[str, Relation]:
        return self._real.relations()

    def parse_dates(self, column: ir.StringColumn, formats: Sequence[str]) -> ir.DateColumn:
        return self._parse_dates(column, formats)

    def keep(self, expression: ir.Table, *, order_by: Sequence[str] = ()) -> ir.Table:
        kept = self._real.keep(expression, order_by=order_by)
        self.origins.of[kept.op()] = Made(expression.op())
        return kept

    def drop(self, kept: ir.Table) -> None:
        self._real.drop(kept)

    def collect(self, expression: ir.Table) -> pa.Table:
        return self._real.collect(expression)

    def blocks(self, expression: ir.Table, rows: int = 250_000) -> Iterator[pa.RecordBatch]:
        return self._real.blocks(expression, rows)

    def write(self, expression: ir.Table, path: Path, file_format: FileFormat) -> None:
        self._real.write(expression, path, file_format)

    def check_publish(self, table: str, columns: Sequence[str]) -> None:
        self._real.check_publish(table, columns)

    def publish(self, expression: ir.Table, table: str) -> None:
        self._real.publish(expression, table)

    def settle(self) -> None:
        self._real.settle()

    def interrupt_write(self) -> None:
        self._real.interrupt_write()

    def interrupt(self) -> None:
        self._real.interrupt()

    def close(self) -> None:
        self._real.close()


def write_query(engine: ComposingEngine, result: ir.Table, dialect: Dialect) -> Query:
    """One query from the raw tables to the result.

    Raises:
        RowsInOrder: The result depends on the order of rows.
        NoWord: The dialect has no word for something in it.
    """
    from coterie.engines.query import as_text, compose

    composed = compose(engine, result)
    return Query(as_text(composed, dialect), tuple(composed.sources))


def composes(engine: Engine) -> bool:
    """Whether a query is composed that outlives the present rows: no rule is left out because they do not need it."""
    return isinstance(engine, ComposingEngine)


def in_full(engine: Engine, rows: ir.Table, rule: Callable[[], ir.Table], name: str) -> ir.Table:
    """The rows as they are. In a query that is composed, the whole rule stands in their place, as a step of that name.

    The rule gives the same rows from the present data as the shorter way that these allowed, and columns of the same
    names and types; `_file` and `_line` may be of another of several equal rows.
    """
    if isinstance(engine, ComposingEngine):
        engine.stands_for(rows, rule(), name)
    return rows


def named(engine: Engine, rows: ir.Table, name: str) -> ir.Table:
    """The rows; in a query that is composed they are a step of that name."""
    if isinstance(engine, ComposingEngine):
        engine.call(rows, name)
    return rows


def found_as(engine: Engine, rows: ir.Table, name: str, columns: Sequence[str]) -> None:
    """Tell an engine that composes under which names a raw table and its columns are found where the query will run."""
    if isinstance(engine, ComposingEngine):
        engine.found_as(rows, Source(name, engine.schema, tuple(columns)))
