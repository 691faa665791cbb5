"""The least of an Excel workbook: one sheet of inline strings, numbers and dates, streamed into a zip file."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from coterie.errors import UsageError

if TYPE_CHECKING:
    import pyarrow as pa

MOST_ROWS = 1_048_576
"""Rows of an Excel sheet, the header among them."""

EXCEL_DAY_OF_1970 = 25_569
WRITTEN = (1980, 1, 1, 0, 0, 0)
"""Time stamp of every part, so that the same rows give the same bytes."""

HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"

PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{TYPE}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{TYPE}.worksheet+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{TYPE}.styles+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{OFFICE}/styles" Target="styles.xml"/></Relationships>',
    "xl/styles.xml": f'<styleSheet xmlns="{SHEET}"><fonts count="1"><font/></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    '</fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
    '<cellXfs count="2"><xf/><xf numFmtId="14" applyNumberFormat="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>',
}  # style 0: as is; style 1: number format 14, a date


class XlsxFile:
    """A workbook of one sheet, named after the file, with the column names in its first row."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self._name = path.stem
        self._zip = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=6)
        for name, content in PARTS.items():
            self._part(name, content)
        self._part(
            "xl/workbook.xml",
            f'<workbook xmlns="{SHEET}" xmlns:r="{OFFICE}"><sheets>'
            f'<sheet name="{escape(path.stem)}" sheetId="1" r:id="rId1"/></sheets></workbook>',
        )
        info = zipfile.ZipInfo("xl/worksheets/sheet1.xml", WRITTEN)
        info.compress_type = zipfile.ZIP_DEFLATED
        self._sheet = self._zip.open(info, "w", force_zip64=True)
        self._sheet.write(f'{HEAD}<worksheet xmlns="{SHEET}"><sheetData>'.encode())
        self._rows = 0
        self._append([[text_cell(name) for name in schema.names]])

    def _part(self, name: str, content: str) -> None:
        info = zipfile.ZipInfo(name, WRITTEN)
        info.compress_type = zipfile.ZIP_DEFLATED
        self._zip.writestr(info, HEAD + content)

    def _append(self, rows: list[list[str]]) -> None:
        self._rows += len(rows)
        refuse_if_too_long(self._name, self._rows - 1)
        self._sheet.write("".join(f"<row>{''.join(cells)}</row>" for cells in rows).encode())

    def write(self, rows: pa.Table) -> None:
        """Append the rows; a UsageError when the sheet is full."""
        columns = []
        for column in rows.columns:
            cell, values = cell_writer(column)
            columns.append(["<c/>" if value is None else cell(value) for value in values])
        self._append([list(cells) for cells in zip(*columns, strict=True)])

    def close(self) -> None:
        """Finish the workbook."""
        self._sheet.write(b"</sheetData></worksheet>")
        self._sheet.close()
        self._zip.close()


def refuse_if_too_long(table: str, rows: int) -> None:
    """Raise a UsageError if a sheet cannot hold so many rows under its header."""
    if rows >= MOST_ROWS:
        raise UsageError(
            f"An Excel sheet holds {MOST_ROWS - 1:,} rows under its header, and '{table}' has {rows:,} or more. "
            "Write fewer customers, or choose the format csv or parquet."
        )


def text_cell(text: str) -> str:
    """A cell of text; the space attribute keeps leading and trailing spaces."""
    return f'<c t="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is></c>'


def number_cell(value: float) -> str:
    """A cell of a number."""
    return f"<c><v>{value!r}</v></c>"


def date_cell(day: int) -> str:
    """A cell of a date, given in days from 1970-01-01."""
    return f'<c s="1"><v>{day + EXCEL_DAY_OF_1970}</v></c>'


def cell_writer(column: pa.ChunkedArray) -> tuple[Callable[[Any], str], list[Any]]:
    """How to write a column's cells, and its values in the form for that."""
    import pyarrow as pa

    if pa.types.is_date32(column.type):
        return date_cell, column.cast(pa.int32()).to_pylist()
    if pa.types.is_string(column.type):
        return text_cell, column.to_pylist()
    return number_cell, column.to_pylist()
