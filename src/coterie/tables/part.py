"""What every reader gives: a `Part` (one file, sheet or frame), its header known, its rows loaded on demand."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import ibis.expr.types as ir

    from coterie.engines import Engine
    from coterie.tables.contract import Problem

PartFormat = Literal["csv", "excel", "parquet", "database", "frame"]

LINE = "_line"
FILE = "_file"


@dataclass(frozen=True)
class Cells:
    """The rows of one part.

    Attributes:
        rows: Columns `c0`, `c1`, … by position in the header, and `_line` (int64); `_file` (int64, from 0) where the
            part is several files.
        findings: What was met while reading.
        unreadable: (line, text, rule) of each row that could not be split into cells.
    """

    rows: ir.Table
    findings: tuple[Problem, ...] = ()
    unreadable: tuple[tuple[int, str, str], ...] = ()


@dataclass(frozen=True)
class Part:
    """One file, sheet, database table or frame, before it is matched to the contract.

    Attributes:
        label: As shown to people, such as "coupons.xlsx, sheet cities".
        name: What may name its table, such as "cities".
        header: Column names as found, stripped, in order; "" where a column has none.
        read: Reads the rows into the engine; its second argument is the table that findings name.
        file_format: What kind of thing it is.
        file: Path inside the source; for a sheet, that of its workbook.
        decimal: The decimal mark that its layout speaks for: a comma where semicolons part the cells, a point in a
            workbook, whose numbers we spell ourselves.
    """

    label: str
    name: str
    header: tuple[str, ...]
    read: Callable[[Engine, str], Cells]
    file_format: PartFormat
    file: str = ""
    decimal: Literal[".", ","] | None = None
    _loaded: dict[Engine, Cells] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def files(self) -> tuple[str, ...]:
        """What to call each file that it is read from."""
        return (self.label,)

    def load(self, engine: Engine, table: str) -> Cells:
        """The rows, read into an engine once however often they are asked for; their findings name this table."""
        if engine not in self._loaded:
            self._loaded[engine] = self.read(engine, table)
        cells = self._loaded[engine]
        return replace(cells, findings=tuple(replace(found, table=table) for found in cells.findings))

    def beside(self, cells: Sequence[tuple[str, str | None]]) -> Part:
        """The same part with columns that have one cell for all its rows; none that its header has already."""
        own = {name.casefold() for name in self.header}
        added = [(name, cell) for name, cell in cells if name.casefold() not in own]

        def read(engine: Engine, table: str) -> Cells:
            import ibis

            found = self.load(engine, table)
            names = cell_names(len(self.header) + len(added))[len(self.header) :]
            constant = {name: ibis.literal(cell, "string") for name, (_, cell) in zip(names, added, strict=True)}
            return replace(found, rows=found.rows.mutate(**constant))

        return replace(self, header=(*self.header, *(name for name, _ in added)), read=read)

    @property
    def text(self) -> bool:
        """Whether its cells are text that somebody else's program wrote."""
        return self.file_format == "csv"


def cell_names(count: int) -> list[str]:
    """Names of the columns of `Cells.rows`, by position.

    Example:
        >>> cell_names(3)
        ['c0', 'c1', 'c2']
    """
    return [f"c{position}" for position in range(count)]
