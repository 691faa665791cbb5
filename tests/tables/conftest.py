"""What the tests of reading share: small files to read, and what was read as plain Python values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from coterie.engines import Engine, open_engine
from coterie.schema import table_named
from coterie.settings import ReadSettings
from coterie.tables.check import check_tables
from coterie.tables.contract import RawSource, RawTable, Tables
from coterie.tables.raw import read_raw

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Reading:
    """Writes files into a folder of its own and reads them."""

    TRANSACTIONS = "customer_id,transaction_date,transaction_status\n1,2024-01-01,claimed\n2,2024-01-02,burnt\n"

    def __init__(self, folder: Path, engine: Engine) -> None:
        self.folder, self.engine = folder, engine

    def put(self, **files: str | bytes) -> Path:
        """Write `<name>.csv` for each keyword; the folder."""
        for name, content in files.items():
            self.put_as(f"{name}.csv", content)
        return self.folder

    def put_as(self, name: str, content: str | bytes) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def read(self, source: Any = None, **settings: Any) -> RawSource:
        return read_raw(self.folder if source is None else source, self.engine, ReadSettings(**settings))

    @staticmethod
    def table(raw: RawSource, name: str = "transactions") -> RawTable:
        return next(entry for entry in raw.tables if entry.name == name)

    def rows(self, raw: RawSource, *columns: str, name: str = "transactions") -> list[tuple[Any, ...]]:
        """Cells of these columns (all but `_file` when none is named) in the order of file and line.

        Those of text files as they stand there, whether the engine holds them as text or not.
        """
        table = self.table(raw, name)
        found = table.rows
        if all("csv" in label for label in table.files):
            found = found.mutate(**{cell: found[cell].cast("string") for cell in found.columns if cell[0] != "_"})
        wanted = list(columns) or [column for column in found.columns if column != "_file"]
        content = self.engine.collect(found.order_by(["_file", "_line"])).to_pylist()
        return [tuple(row[column] for column in wanted) for row in content]

    def rules(self, raw: RawSource, name: str = "transactions") -> dict[str, int]:
        """Rule -> count of what was found while reading the table."""
        return {finding.rule: finding.count for finding in self.table(raw, name).findings}


@pytest.fixture
def reading(tmp_path: Path) -> Iterator[Reading]:
    engine = open_engine()
    folder = tmp_path / "shop"
    folder.mkdir()
    yield Reading(folder, engine)
    engine.close()


class Checking:
    """Checks tables given as text: the header and one row per line, cells parted by commas, blank ones empty."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def __call__(self, *, typed: dict[str, Any] | None = None, **tables: str) -> Tables:
        """The checked tables; `typed` are Arrow tables, and keywords that are settings are used as such."""
        settings = {name: tables.pop(name) for name in list(tables) if name in ReadSettings.model_fields}
        raws = [self.raw(name, self.arrow(text)) for name, text in tables.items()]
        raws += [self.raw(name, table) for name, table in (typed or {}).items()]
        return check_tables(raws, self.engine, ReadSettings(**settings), label="shop")

    @staticmethod
    def arrow(text: str) -> pa.Table:
        """The table with every cell as text."""
        header, *lines = [line.strip() for line in text.strip().splitlines()]
        rows = [line.split(",") for line in lines]
        columns = {name: [row[at] or None for row in rows] for at, name in enumerate(header.split(","))}
        return pa.table({name: pa.array(cells, pa.string()) for name, cells in columns.items()})

    def raw(self, name: str, table: pa.Table, **more: Any) -> RawTable:
        """The Arrow table as a table that was read from `<name>.csv`, rows counted from line 2."""
        spec = table_named(name)
        assert spec is not None
        attributes = tuple(column for column in table.column_names if spec.column(column) is None)
        table = table.append_column("_file", pa.array([0] * len(table), pa.int64()))
        table = table.append_column("_line", pa.array(range(2, len(table) + 2), pa.int64()))
        rows = self.engine.load(table.to_batches(), table.schema)
        original = {column: column for column in table.column_names if not column.startswith("_")}
        return RawTable(name, rows, (f"{name}.csv",), original, attributes if spec.open_ended else (), **more)


@pytest.fixture(scope="session")
def checking() -> Iterator[Checking]:
    """Checks small tables given as text, all in one engine."""
    engine = open_engine()
    yield Checking(engine)
    engine.close()
