"""Small files to read, and what was read as plain Python values."""

from __future__ import annotations

from pathlib import Path

from coterie.engines import open_engine
from coterie.settings import ReadSettings
from coterie.tables.contract import RawSource
from coterie.tables.raw import read_raw

TRANSACTIONS = "customer_id,transaction_date,transaction_status\n1,2024-01-01,claimed\n2,2024-01-02,burnt\n"


def read(source, **settings) -> RawSource:
    """The source as read by an engine that lives as long as its tables."""
    return read_raw(source, open_engine(), ReadSettings(**settings))


def table(raw: RawSource, name: str = "transactions"):
    """The raw table of that name."""
    return next(entry for entry in raw.tables if entry.name == name)


def rows(raw: RawSource, name: str = "transactions", *columns: str) -> list[tuple]:
    """Cells of the wanted columns (all but `_file` by default), in the order of file and line."""
    found = table(raw, name).rows
    wanted = list(columns) or [column for column in found.columns if column != "_file"]
    content = found.order_by(["_file", "_line"]).to_pyarrow().to_pylist()
    return [tuple(row[column] for column in wanted) for row in content]


def rules(raw: RawSource, name: str = "transactions") -> dict[str, int]:
    """Rule -> count of what was found while reading the table."""
    return {finding.rule: finding.count for finding in table(raw, name).findings}


def put(folder: Path, **files: str) -> Path:
    """Write `name.csv` for each keyword."""
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8", newline="")
    return folder
