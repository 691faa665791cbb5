from __future__ import annotations

import datetime as dt

import numpy as np
import openpyxl
import pyarrow as pa
import pytest
from python_calamine import CalamineWorkbook

from coterie.errors import UsageError
from coterie.tables.sample import xlsx
from coterie.tables.sample.columns import dates, numbers, words

TABLE = pa.table(
    {
        "id": numbers(np.array([1, 2, 3]), pa.int64()),
        "share": numbers(np.array([0.1, -1e-9, 1e15]), pa.float64()),
        "day": dates(np.array([0, 58, 1095]), np.array([False, True, False])),
        "text": words((" two  spaces ", "<b>&\"'", "Zoë")),
    }
)


@pytest.fixture
def workbook(tmp_path):
    file = xlsx.XlsxFile(tmp_path / "things.xlsx", TABLE.schema)
    file.write(TABLE.slice(0, 2))
    file.write(TABLE.slice(2))
    file.close()
    return tmp_path / "things.xlsx"


def test_openpyxl_reads_every_cell(workbook):
    book = openpyxl.load_workbook(workbook)
    rows = [
        tuple(cell.date() if isinstance(cell, dt.datetime) else cell for cell in row) for row in book["things"].values
    ]

    assert book.sheetnames == ["things"]
    assert rows == [
        ("id", "share", "day", "text"),
        (1, 0.1, dt.date(2022, 1, 1), " two  spaces "),
        (2, -1e-9, None, "<b>&\"'"),
        (3, 1e15, dt.date(2024, 12, 31), "Zoë"),
    ]


def test_calamine_reads_every_cell(workbook):
    rows = CalamineWorkbook.from_path(str(workbook)).get_sheet_by_name("things").to_python()

    assert rows == [
        ["id", "share", "day", "text"],
        [1.0, 0.1, dt.date(2022, 1, 1), " two  spaces "],
        [2.0, -1e-9, "", "<b>&\"'"],
        [3.0, 1e15, dt.date(2024, 12, 31), "Zoë"],
    ]


def test_a_full_sheet_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(xlsx, "MOST_ROWS", 3)
    file = xlsx.XlsxFile(tmp_path / "things.xlsx", TABLE.schema)
    file.write(TABLE.slice(0, 2))
    with pytest.raises(UsageError, match="An Excel sheet holds 2 rows under its header"):
        file.write(TABLE.slice(2))
    file.close()
