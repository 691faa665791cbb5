from __future__ import annotations

import re
from collections.abc import Iterator

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coterie.engines import Engine, open_engine
from coterie.tables import is_formula, spreadsheet_safe

SCHEMA = pa.schema([("row", pa.int64()), ("cell", pa.string())])
DANGEROUS = "=+-@\t\r\n"


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    engine = open_engine()
    yield engine
    engine.close()


def through(engine: Engine, cells: list[str | None]) -> tuple[list[str | None], list[str | None], int]:
    """The cells made safe, these made exact again, and how many are dangerous."""
    batch = pa.RecordBatch.from_pydict({"row": list(range(len(cells))), "cell": cells}, schema=SCHEMA)
    table = engine.load([batch], SCHEMA)
    found = engine.collect(table.select("row", safe=spreadsheet_safe(table.cell)).order_by("row"))["safe"].to_pylist()
    count = engine.collect(table.aggregate(n=is_formula(table.cell).sum().fill_null(0)))["n"][0].as_py()
    return found, [None if cell is None else unguarded(cell) for cell in found], count


def unguarded(cell: str) -> str:
    """As a reader of the list takes one apostrophe away."""
    return re.sub(rf"^'(?='*[{re.escape(DANGEROUS)}])", "", cell)


def test_cells_that_would_run_get_an_apostrophe(engine: Engine) -> None:
    cells = ["=1+1", "+49 30", "-5", "@sum", "\tx", "\rx", "\n=x", "Ann", "", None, "1-2", "O'Neil", "'quoted'", " =x"]
    safe, exact, count = through(engine, cells)
    assert safe[:7] == ["'=1+1", "'+49 30", "'-5", "'@sum", "'\tx", "'\rx", "'\n=x"]
    assert safe[7:] == cells[7:]
    assert exact == cells
    assert count == 7


def test_cells_that_look_guarded_already_come_back_exactly(engine: Engine) -> None:
    cells = ["'=x", "''=x", "'", "''"]
    safe, exact, count = through(engine, cells)
    assert safe == ["''=x", "'''=x", "'", "''"]
    assert exact == cells
    assert count == 2


@given(cells=st.lists(st.none() | st.text("'" + DANGEROUS + "aä0 ", max_size=5), max_size=30))
def test_no_safe_cell_begins_like_a_formula_and_all_come_back(engine: Engine, cells: list[str | None]) -> None:
    safe, exact, count = through(engine, cells)
    assert exact == cells
    assert not [cell for cell in safe if cell and cell[0] in DANGEROUS]
    assert count == sum(one != other for one, other in zip(safe, cells, strict=True))
