"""Which files of a folder hold which tables: by name, by parts of a name, by `[files]`, or by their columns."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from coterie.schema import TableSpec, key_of, table_named

if TYPE_CHECKING:
    from collections.abc import Iterable

FORMATS = {
    ".csv": "csv", ".tsv": "csv", ".txt": "csv", ".tab": "csv", ".psv": "csv",
    ".parquet": "parquet", ".pq": "parquet", ".parq": "parquet",
    ".xlsx": "excel", ".xlsm": "excel", ".xls": "excel", ".xlsb": "excel", ".ods": "excel",
    ".duckdb": "database", ".db": "database", ".ddb": "database",
}  # fmt: skip
"""Ending of a file name -> how it is read."""

MAGIC = (
    (b"PAR1", 0, "parquet"),
    (b"PK\x03\x04", 0, "excel"),
    (b"\xd0\xcf\x11\xe0", 0, "excel"),
    (b"DUCK", 8, "database"),
)
"""First bytes, and where they stand, of files whose ending says nothing or the wrong thing."""

NO_PART = frozenset(
    "backup bak old copy tmp temp orig original draft summary report readme schema dictionary description "
    "sample test reject rejects".split()
)
"""Words behind a table's name that do not make a file a part of that table."""


@dataclass(frozen=True)
class Found:
    """One file of a source.

    Attributes:
        path: Where it is.
        label: Path inside the source, with slashes.
        name: File name without its endings.
        file_format: A value of `FORMATS`, or "" for files that are not read.
        folder: The sub-folder it lies in directly below the source ("" for the source itself).
        partition: Column and value of each folder on the way that is called `column=value`, as writers of large tables
            do; the file itself lacks these columns. The value is None where it was not known.
    """

    path: Path
    label: str
    name: str
    file_format: str
    folder: str = ""
    partition: tuple[tuple[str, str | None], ...] = ()


def file_name(path: Path) -> tuple[str, str]:
    """Name without endings, and format; `.gz` behind a CSV ending is passed over.

    Example:
        >>> file_name(Path("Transactions.CSV.gz"))
        ('Transactions', 'csv')
    """
    name, ending = path.stem, path.suffix.lower()
    if ending == ".gz":
        inner = Path(name)
        return (inner.stem, "csv") if FORMATS.get(inner.suffix.lower()) == "csv" else (name, "")
    return name, FORMATS.get(ending, "")


def find_files(folder: Path) -> list[Found]:
    """Every file of the folder and of its sub-folders that are named as a table, sorted; not hidden ones and ours."""
    files: list[Found] = []
    for entry in sorted(folder.iterdir()):
        if _ignored(entry.name):
            continue
        if entry.is_dir():
            if _made_by_us(entry):
                continue
            if table_of_name(entry.name) is None:
                files.append(Found(entry, entry.name + "/", entry.name, ""))
            else:
                files.extend(_below(folder, entry))
        else:
            files.append(found_file(entry))
    return files


def found_file(path: Path, *, only: bool = False) -> Found:
    """The file by its ending, or where that is wrong or missing by its first bytes; `only` takes the rest for text."""
    name, kind = file_name(path)
    with contextlib.suppress(OSError), path.open("rb") as file:
        start = file.read(12)
        if kind in ("", "csv"):
            kind = next((found for mark, at, found in MAGIC if start[at : at + len(mark)] == mark), kind)
    return Found(path, path.name, name, kind or ("csv" if only else ""))


def _below(folder: Path, entry: Path) -> Iterable[Found]:
    for root, folders, names in os.walk(entry):
        folders[:] = sorted(name for name in folders if not _ignored(name) and not _made_by_us(Path(root, name)))
        for file in sorted(names):
            if not _ignored(file):
                path = Path(root, file)
                partition = tuple(pair for name in Path(root).relative_to(entry).parts for pair in _partition(name))
                yield dataclasses.replace(
                    found_file(path),
                    label=path.relative_to(folder).as_posix(),
                    folder=entry.name,
                    partition=partition,
                )


def _partition(name: str) -> list[tuple[str, str | None]]:
    """Column and value of a folder such as `city_id=7`; special characters are written as %2F there."""
    column, equals, value = name.partition("=")
    if not (column and equals):
        return []
    return [(unquote(column), None if value in ("", "__HIVE_DEFAULT_PARTITION__") else unquote(value))]


def _ignored(name: str) -> bool:
    """Hidden files, Excel's lock files, markers of writers such as _SUCCESS, and our own settings."""
    return name.startswith((".", "~$", "_")) or name == "coterie.toml"


def _made_by_us(folder: Path) -> bool:
    """A run of ours, or what a sample shop tells about itself: neither holds a table, whatever the folder's name."""
    return _says(folder / "manifest.json", "product", "coterie") or (
        folder.name == "truth" and _says(folder / "shop.json", "made_by", "coterie sample")
    )


def _says(path: Path, key: str, value: str) -> bool:
    """Whether the file is a JSON object in which this key has this value."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(content, dict) and content.get(key) == value


def table_of_name(name: str) -> TableSpec | None:
    """The table that a file or sheet of this name holds, wholly or in part.

    Example:
        >>> [spec.name if spec else None for spec in map(table_of_name, ["Cities", "transactions-2024", "city_old"])]
        ['cities', 'transactions', None]
    """
    whole = table_named(name)
    if whole is not None:
        return whole
    if re.search(r"\(\d+\)\s*$", name):  # a browser's second download of the same file
        return None
    for cut in re.finditer(r"[\W_]+|(?<=[^\W\d_])(?=\d)", name):
        rest = re.split(r"[\W_]+", name[cut.end() :].casefold())
        if NO_PART & set(rest) or any(table_named(word) for word in rest):
            return None
        spec = table_named(name[: cut.start()])
        if spec is not None:
            return spec
    return None


def is_whole(name: str, spec: TableSpec) -> bool:
    """Whether the name is that of the table itself, not of a part of it."""
    return key_of(name) in {key_of(word) for word in (spec.name, *spec.words)}
