"""What every reader gives: a `Part` (one file, sheet or frame), its header known, its rows loaded on demand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

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
        rows: Columns `c0`, `c1`, … by position in the header, and `_line` (int64).
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
        load: Reads the rows into the engine; its second argument is the table that findings name.
        file_format: What kind of thing it is.
        file: Path inside the source; for a sheet, that of its workbook.
    """

    label: str
    name: str
    header: tuple[str, ...]
    load: Callable[[Engine, str], Cells]
    file_format: PartFormat
    file: str = ""

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
