"""What every engine can do. Rooms above speak Ibis expressions and these few verbs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

from coterie.errors import UsageError

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa

FileFormat = Literal["parquet", "csv"]
CellKind = Literal["int64", "date"]


@dataclass(frozen=True)
class Relation:
    """A table or view of a database: the names of its columns, and how to open it, with `_line` beside them."""

    columns: tuple[str, ...]
    open: Callable[[], ir.Table]


@dataclass(frozen=True)
class CsvLayout:
    """How a CSV file is laid out, and what its columns are to be called."""

    columns: tuple[str, ...]
    delimiter: str = ","
    quote: str = '"'
    """Empty where no cell is quoted."""

    skip: int = 1
    """Lines passed over first, the header among them."""

    kinds: Mapping[str, CellKind] = field(default_factory=dict)
    """Column -> the type its cells seem to have."""


class Engine(Protocol):
    """Where the work is computed. An engine owns its connection and closes it; results do not depend on row order."""

    name: str
    remote: bool
    """Customers stay where they are: only aggregates and bounded samples come to this process."""

    @property
    def writes_beside(self) -> bool:
        """Whether `write` may be called while another thread waits for a query; else one thing is done at a time."""
        ...

    def scan_csv(self, path: Path, layout: CsvLayout) -> ir.Table:
        """A well-formed UTF-8 CSV as text columns plus `_line` (file line of the row, from 1). Blank cells are NULL.

        A column of `layout.kinds` may be given as whole numbers or dates if the type spells every filled cell as it
        stands in the file: numbers of at most 15 digits, dates of the years 1900 to 2100. An engine may leave them
        text.
        Raises `MalformedFile` when any row does not fit; nothing is guessed.
        """
        ...

    def scan_parquet(self, paths: Sequence[Path], *, columns: Sequence[str]) -> ir.Table:
        """Parquet files of the same columns and types, renamed to these by position, plus `_line` (from 1).

        Several files have `_file` too, the place of the row's file among them (from 0).
        Raises `MalformedFile` when one is not a whole Parquet file.
        """
        ...

    def load(self, batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> ir.Table:
        """Arrow batches as a table of the engine."""
        ...

    def attach(self, path: Path) -> Mapping[str, ir.Table]:
        """The tables and views of a database file, opened read-only, each with `_line` (row number, from 1).

        A table is named by its schema too where two schemas have one of that name. Views that reach for other files
        are left out. Raises `MalformedFile` when it is not a database of this engine.
        """
        ...

    def relations(self) -> Mapping[str, Relation]:
        """The tables and views of the database that this engine is, by name.

        Raises:
            UsageError: There is none, or we may not see them.
        """
        ...

    def parse_dates(self, column: ir.StringColumn, formats: Sequence[str]) -> ir.DateColumn:
        """Text as dates by the first strptime format that fits; NULL where none does."""
        ...

    def keep(self, expression: ir.Table, *, order_by: Sequence[str] = ()) -> ir.Table:
        """The expression computed once and kept as a table of the engine, in this order."""
        ...

    def drop(self, kept: ir.Table) -> None:
        """Give back what `keep` or `load` made; nothing that reads it can be asked for any more."""
        ...

    def collect(self, expression: ir.Table) -> pa.Table:
        """The result in memory; for aggregates and bounded samples only."""
        ...

    def blocks(self, expression: ir.Table, rows: int = 250_000) -> Iterator[pa.RecordBatch]:
        """The result as a stream of record batches of at most that many rows."""
        ...

    def write(self, expression: ir.Table, path: Path, file_format: FileFormat) -> None:
        """The result streamed into one file, or by a cluster into a folder of parts, in the expression's order."""
        ...

    def check_publish(self, table: str, columns: Sequence[str]) -> None:
        """Whether `publish` could write this table, asked before any work; its columns begin with these.

        Raises:
            UsageError: It could not: there is no database, the table is another one, or we may not write.
        """
        ...

    def publish(self, expression: ir.Table, table: str) -> None:
        """The result as a table of the database itself, `schema.name`, in place of the one there; all of it or nothing.

        Raises:
            UsageError: A table of that name is there and has other columns, or we may not write.
        """
        ...

    def settle(self) -> None:
        """From now on queries may each see another state of the data, so that an engine that answers for days holds
        nothing of what it dropped; what is kept stays.
        """
        ...

    def interrupt_write(self) -> None:
        """End the `write` that goes on beside the queries, if any: it raises `Interrupted` there."""
        ...

    def interrupt(self) -> None:
        """End the query that another thread waits for, if any: it raises `Interrupted` there; nothing kept is lost."""
        ...

    def close(self) -> None:
        """Give back connection, memory and temporary files."""
        ...


class Interrupted(RuntimeError):
    """The query was ended by `interrupt`."""


class NoRoom(UsageError):
    """Memory or disk are too small for what is asked; less may be asked of it right after."""


class MalformedFile(Exception):
    """The engine's strict reader met a row it cannot read; the careful reader of room `tables` takes over."""
