"""What the tests of reading share: small files to read, and what was read as plain Python values."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from coterie.engines import Engine, open_engine
from coterie.settings import ReadSettings
from coterie.tables.contract import RawSource, RawTable
from coterie.tables.raw import read_raw


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
        """Cells of these columns (all but `_file` when none is named) in the order of file and line."""
        found = self.table(raw, name).rows
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
