"""Reading: from a folder, workbook, database file or frames to the raw tables of the contract."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coterie.engines import is_address, parse_address
from coterie.errors import DataError, UsageError
from coterie.schema import TABLES, table_named
from coterie.tables.advice import is_frame
from coterie.tables.assemble import assemble
from coterie.tables.choose import Candidate, choose_tables
from coterie.tables.contract import Problem, RawSource
from coterie.tables.csv_files import csv_part
from coterie.tables.database import database_parts, relation_parts
from coterie.tables.discover import Found, file_name, find_files, found_file
from coterie.tables.excel import workbook_parts
from coterie.tables.frames import frame_parts
from coterie.tables.naming import did_you_mean, listed, vocabulary
from coterie.tables.parquet import parquet_part
from coterie.tables.rules import RULE
from coterie.tables.sold import holds_orders

if TYPE_CHECKING:
    from coterie.engines import Engine
    from coterie.settings import ReadSettings
    from coterie.tables.part import Part


def read_raw(source: str | Path | Mapping[str, Any], engine: Engine, settings: ReadSettings) -> RawSource:
    """Find the tables of the contract in a source and read them, every cell as it stands there.

    Args:
        source: A folder of CSV, Parquet and Excel files, one workbook, one DuckDB file, one file of transactions, the
            address of the database whose engine this is, or table name -> pandas, polars or Arrow frame.
        engine: Where the rows go.
        settings: Foreign names of files and columns, delimiter, encoding.

    Raises:
        UsageError: Where the source does not exist or is not a source.
        DataError: Where the data cannot serve: nothing to read, no table of transactions, a column missing or
            ambiguous, a file that is broken. One sentence each.
    """
    unread: list[str] = []
    if isinstance(source, Mapping):
        label, candidates = "frames", [_ready(part) for part in frame_parts(source)]
    elif isinstance(source, str) and is_address(source):
        label = parse_address(source).label
        candidates = [_ready(part) for part in relation_parts(engine, label)]
    else:
        path = _existing(source)
        label = path.resolve().name if path.is_dir() else found_file(path).name
        candidates, unread = _candidates(path, label, engine, settings)
    closed = [name for name in unread if file_name(Path(name))[1] == "database"]
    choice = choose_tables(candidates, settings, label, lambda part: holds_orders(part, engine, settings), closed)
    tables = []
    for spec in TABLES:
        if spec.name in choice.tables:
            try:
                tables.append(assemble(spec, choice.tables[spec.name], engine, settings))
            except OSError as error:
                raise DataError(f"{error.filename or label} cannot be read: {error.strerror or error}.") from error
    notes = _unrecognised([*unread, *choice.left])
    return RawSource(label, tuple(tables), (*notes, *choice.notes, *_password_shown(source)))


def _existing(source: str | Path) -> Path:
    path = Path(source).expanduser()
    try:
        exists = path.exists()
    except (OSError, ValueError):  # a name too long, or with a NUL character
        exists = False
    if not exists:
        raise UsageError(f"There is no file or folder {str(source)!r}. Check the path.")
    return path


def _candidates(path: Path, label: str, engine: Engine, settings: ReadSettings) -> tuple[list[Candidate], list[str]]:
    """What of this path may be a table, and the labels of what is not read at all."""
    try:
        files = find_files(path) if path.is_dir() else [found_file(path, only=True)]
        if not files:
            state = "holds no table" if any(path.iterdir()) else "is empty"
            raise DataError(f"Folder {label} {state}. Put the tables there as CSV, Parquet or Excel files.")
        candidates: list[Candidate] = []
        for found in files:
            candidates += _of_file(found, engine, settings, alone=not path.is_dir())
    except OSError as error:
        raise DataError(f"{error.filename or label} cannot be read: {error.strerror or error}.") from error
    opened = {candidate.file for candidate in candidates}
    return candidates, [found.label for found in files if found.label not in opened]


def _of_file(found: Found, engine: Engine, settings: ReadSettings, *, alone: bool) -> list[Candidate]:
    """The candidates of one file: itself, or its sheets or tables."""
    words = vocabulary(settings)
    if found.file_format == "excel":
        parts = workbook_parts(found.path, found.label, words)
        stem = found.name if len(parts) == 1 else ""
        return [_ready(part, folder=found.folder, stem=stem) for part in parts]
    if found.file_format == "database":
        # Among other files a database stays closed: which of its tables were meant cannot be told.
        return [_ready(part) for part in database_parts(found.path, found.label, engine)] if alone else []
    if found.file_format == "csv":
        text = functools.partial(csv_part, found.path, found.label, found.name, settings, words)
        opened = functools.partial(_with_partition, text, found)
    elif found.file_format == "parquet":
        opened = functools.partial(parquet_part, found.path, found.label, found.name, found.partition)
    else:
        return []
    once = functools.cache(_sentence(opened, found.label))
    return [Candidate(found.label, found.name, found.label, once, found.folder)]


def _with_partition(opened: Callable[[], Part], found: Found) -> Part:
    """The part with the columns that only the names of its folders hold."""
    part = opened()
    return part.beside(found.partition) if found.partition else part


def _ready(part: Part, folder: str = "", stem: str = "") -> Candidate:
    return Candidate(part.label, part.name, part.file, lambda: part, folder, stem)


def _sentence(opened: functools.partial[Part], label: str) -> functools.partial[Part]:
    """The same, with what the system refuses told as one sentence."""

    def guarded() -> Part:
        try:
            return opened()
        except OSError as error:
            raise DataError(f"{label} cannot be read: {error.strerror or error}.") from error

    return functools.partial(guarded)


def _password_shown(source: str | Path | Mapping[str, Any]) -> list[Problem]:
    """A warning where the address holds a password, which other users of the machine can read."""
    if not (isinstance(source, str) and is_address(source) and parse_address(source).has_password):
        return []
    rule = RULE["password_in_address"]
    message = "The address of the database holds its password, where others may read it."
    return [Problem(rule.name, "", 1, message, rule.effect, rule.cure, severity="note")]


def _unrecognised(labels: Sequence[str]) -> list[Problem]:
    """A note about what belongs to no table."""
    if not labels:
        return []
    known = [spec.name for spec in TABLES]
    near = [label for label in labels if did_you_mean(re.split(r"\W", label)[0], known) and not table_named(label)]
    cure = f"If {near[0]} should be read, name it under [files] in coterie.toml." if near else ""
    if near and is_frame(near[0]):
        cure = f"If {near[0]} should be read, give it under the name of its table."
    return [
        Problem(
            "unrecognised_file",
            "",
            len(labels),
            f"No table goes by the name of {listed(labels)}.",
            "left unread",
            cure,
            examples=tuple(labels[:3]),
            severity="note",
        )
    ]
