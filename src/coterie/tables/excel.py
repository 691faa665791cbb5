"""Workbooks: each sheet a part, each cell its canonical text. The only file that knows calamine."""

from __future__ import annotations

import datetime as dt
import zipfile
import zlib
from typing import TYPE_CHECKING, Any, TypeVar

from coterie.errors import DataError
from coterie.tables.columns import text_column, whole_column
from coterie.tables.naming import HEADER_ROWS, Vocabulary, find_header
from coterie.tables.part import LINE, Cells, Part, cell_names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import pyarrow as pa

    from coterie.engines import Engine

EXPANSION_BYTES = 2 << 30
EXPANSION_RATIO = 200
RATIO_FROM = 100 << 20
"""A workbook is refused when it unpacks to more than 2 GB, or to more than 200 times its size and over 100 MB."""

BATCH_ROWS = 50_000
T = TypeVar("T")


def workbook_parts(path: Path, label: str, words: Vocabulary) -> list[Part]:
    """The sheets of a workbook that hold anything, headers found below whatever title stands above them.

    Raises:
        DataError: Where the file is not a workbook, is broken, protected by a password, or grows beyond all reason.
    """
    from python_calamine import CalamineWorkbook, SheetTypeEnum

    _check_archive(path, label)
    workbook = _guarded(lambda: CalamineWorkbook.from_path(str(path)), label)
    names = [sheet.name for sheet in workbook.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet]
    parts = []
    for name in names:
        part = _sheet_part(workbook, name, label, words)
        if part is not None:
            parts.append(part)
    if not parts:
        raise DataError(f"{label} has no sheet with anything in it. Save the workbook again with its tables.")
    return parts


def _sheet_part(workbook: Any, name: str, label: str, words: Vocabulary) -> Part | None:
    sheet = _guarded(lambda: workbook.get_sheet_by_name(name), label)
    shown = f"{label}, sheet {name}"
    head = [
        (line, [_text(cell) for cell in row])
        for line, row in enumerate(_guarded(lambda: _rows(sheet, HEADER_ROWS * 3), shown), start=1)
    ]
    head = [(line, cells) for line, cells in head if any(cells)]
    if not head:
        return None
    line, cells = head[find_header([cells for _, cells in head], words)]
    header = tuple(cell.strip() for cell in cells)
    while header and not header[-1]:
        header = header[:-1]

    def load(engine: Engine, _: str) -> Cells:
        rows = _guarded(lambda: _rows(sheet, None), shown)
        width = max(len(header), len(rows[0]) if rows else 0)
        schema, batches = _batches(rows, line, width)
        return Cells(engine.load(batches, schema))

    return Part(shown, name, header, load, "excel", label, ".")


def _rows(sheet: Any, limit: int | None) -> list[list[Any]]:
    """Rows of the sheet from its row 1, its empty top and left included."""
    return sheet.to_python(skip_empty_area=False, nrows=limit)  # type: ignore[no-any-return]


def _batches(rows: list[list[Any]], header_line: int, width: int) -> tuple[pa.Schema, Iterator[pa.RecordBatch]]:
    """Rows below the header as text; rows without any cell are left out."""
    import pyarrow as pa

    schema = pa.schema([*((name, pa.string()) for name in cell_names(width)), (LINE, pa.int64())])

    def batches() -> Iterator[pa.RecordBatch]:
        for start in range(header_line, len(rows), BATCH_ROWS):
            block = [
                (line, cells)
                for line, row in enumerate(rows[start : start + BATCH_ROWS], start=start + 1)
                if any(cells := [_text(cell) for cell in row])
            ]
            if not block:
                continue
            columns = [text_column(column) for column in zip(*(cells for _, cells in block), strict=True)]
            lines = whole_column([line for line, _ in block])
            yield pa.RecordBatch.from_arrays([*columns, lines], schema=schema)

    return schema, batches()


def _text(cell: Any) -> str:
    """A cell as text: whole floats without a point, dates and times as ISO, booleans as true and false.

    Example:
        >>> [_text(cell) for cell in (7.0, 2.5, True, dt.date(2024, 5, 11), " x ", "")]
        ['7', '2.5', 'true', '2024-05-11', 'x', '']
    """
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e18 else repr(cell)
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat() if cell.time() == dt.time() else cell.isoformat(sep=" ")
    if isinstance(cell, dt.date | dt.time):
        return cell.isoformat()
    return str(cell)


def _guarded(read: Callable[[], T], label: str) -> T:
    """What `read` gives; what calamine raises about the file becomes one sentence."""
    from python_calamine import CalamineError, PasswordError

    try:
        return read()
    except PasswordError as error:
        raise DataError(_protected(label)) from error
    except (CalamineError, OSError, ValueError) as error:
        raise DataError(_broken(label, str(error))) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # how a panic of calamine's Rust code arrives; it has no own base
            raise
        raise DataError(_broken(label, "its content is damaged")) from error


def _check_archive(path: Path, label: str) -> None:
    """Unpack the workbook once without keeping anything: it must be whole, and of a bounded size."""
    with path.open("rb") as file:
        start = file.read(8)
    if not start:
        raise DataError(f"{label} is empty (0 bytes). Save the workbook again.")
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        if path.suffix.lower() != ".xls" and "EncryptedPackage".encode("utf-16-le") in path.read_bytes():
            raise DataError(_protected(label))
        return
    if not start.startswith(b"PK"):
        raise DataError(
            f"{label} is not an Excel workbook: it does not begin like one. Save it again as .xlsx; if it is text, "
            "give it the ending .csv."
        )
    packed, size = max(1, path.stat().st_size), 0
    try:
        with zipfile.ZipFile(path) as archive:
            for member in archive.infolist():
                if member.flag_bits & 1:
                    raise DataError(_protected(label))
                with archive.open(member) as stream:
                    while chunk := stream.read(1 << 20):
                        size += len(chunk)
                        if size > EXPANSION_BYTES or (size > RATIO_FROM and size > EXPANSION_RATIO * packed):
                            raise DataError(
                                f"{label} unpacks to far more than its size ({packed:,} bytes), which is not trusted. "
                                "Save its tables as CSV."
                            )
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
        raise DataError(_broken(label, str(error))) from error


def _protected(label: str) -> str:
    return f"{label} is protected by a password. Save it without one and try again."


def _broken(label: str, reason: str) -> str:
    return f"{label} cannot be read as a workbook ({reason.rstrip('.')}). Save it again as .xlsx or as CSV."
