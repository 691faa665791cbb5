from __future__ import annotations

import datetime as dt
import zipfile
from pathlib import Path

import openpyxl
import pytest

from coterie.errors import DataError

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
HEADER = ["Customer ID", "Transaction Date", "Status", "Coupon"]


def workbook(path: Path, **sheets: list[list]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def test_cells_are_canonical_text(reading):
    path = workbook(
        reading.folder / "book.xlsx",
        Transactions=[
            HEADER,
            [7, dt.date(2024, 5, 11), "claimed", "a"],
            ["007", dt.datetime.fromisoformat("2024-05-11 13:30"), "burnt", None],
            [2.5, dt.datetime.fromisoformat("2024-05-12 00:00"), " burnt ", True],
            [None, None, None, None],
            [12345678901234, "11.05.2024", "claimed", ""],
        ],
    )
    raw = reading.read(path)
    assert raw.label == "book"
    assert reading.table(raw).files == ("book.xlsx, sheet Transactions",)
    assert reading.rows(raw) == [
        ("7", "2024-05-11", "claimed", "a", 2),
        ("007", "2024-05-11 13:30:00", "burnt", None, 3),
        ("2.5", "2024-05-12", "burnt", "true", 4),
        ("12345678901234", "11.05.2024", "claimed", None, 6),
    ]


def test_a_title_and_an_empty_margin_are_looked_past(reading):
    rows = [
        ["", "Coupons of the shop"],
        [],
        ["", "status: final", "id of export: 7"],
        ["", *HEADER],
        ["", 1, "2024-01-01", "claimed"],
    ]
    path = workbook(reading.folder / "book.xlsx", transactions=rows)
    assert reading.rows(reading.read(path)) == [("1", "2024-01-01", "claimed", None, 5)]


def test_a_workbook_of_one_sheet_is_named_by_its_file(reading):
    workbook(reading.folder / "transactions.xlsx", Sheet1=[HEADER, [1, "2024-01-01", "claimed"]])
    workbook(reading.folder / "city.xlsx", Tabelle1=[["ID", "Name"], [1, "Rome"]], Leer=[])
    raw = reading.read()
    assert [table.files[0] for table in raw.tables] == ["city.xlsx, sheet Tabelle1", "transactions.xlsx, sheet Sheet1"]


def test_workbooks_as_parts(reading):
    for year in (2023, 2024):
        path = reading.folder / f"transactions-{year}.xlsx"
        workbook(path, transactions=[HEADER, [year, f"{year}-01-01", "claimed"]])
    assert reading.rows(reading.read(), "customer_id") == [("2023",), ("2024",)]


def test_sheets_as_parts_and_sheets_of_no_table(reading):
    sheets = {f"transactions {month}": [HEADER, [month, "2024-01-01", "claimed"]] for month in (1, 2)}
    raw = reading.read(workbook(reading.folder / "book.xlsx", **sheets, Pivot=[["Sum", 7]]))
    assert reading.rows(raw, "customer_id") == [("1",), ("2",)]
    assert "book.xlsx, sheet Pivot" in raw.findings[0].message


def test_a_sheet_may_be_named_by_the_settings(reading):
    path = workbook(reading.folder / "book.xlsx", Export=[HEADER, [1, "2024-01-01", "claimed"]], Other=[HEADER])
    raw = reading.read(path, files={"transactions": "export"})
    assert reading.table(raw).files == ("book.xlsx, sheet Export",)


@pytest.mark.parametrize(
    "content", [b"PK\x03\x04 and no more", b"not a workbook", b"", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" * 100]
)
def test_broken_workbooks(reading, content):
    reading.put_as("transactions.xlsx", content)
    with pytest.raises(DataError, match=r"transactions.xlsx") as error:
        reading.read()
    assert "\n" not in str(error.value)


def test_a_cut_workbook(reading):
    path = workbook(
        reading.folder / "transactions.xlsx", transactions=[HEADER] + [[n, "2024-01-01", "claimed"] for n in range(99)]
    )
    whole = path.read_bytes()
    for size in (len(whole) // 2, len(whole) - 5):
        path.write_bytes(whole[:size])
        with pytest.raises(DataError, match=r"cannot be read as a workbook"):
            reading.read()


def test_a_damaged_sheet(reading):
    path = workbook(reading.folder / "transactions.xlsx", transactions=[HEADER, [1, "2024-01-01", "claimed"]])
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    members["xl/worksheets/sheet1.xml"] = b"<worksheet><sheetData><row r='1'><c r='A1' t='s'><v>9999"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    with pytest.raises(DataError, match=r"transactions.xlsx"):
        reading.read()


def test_a_workbook_with_a_password(reading):
    # What Excel writes then: a compound file that holds a stream of this name.
    reading.put_as(
        "transactions.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le")
    )
    with pytest.raises(DataError, match=r"protected by a password"):
        reading.read()


def test_an_empty_workbook(reading):
    path = workbook(reading.folder / "book.xlsx", transactions=[])
    with pytest.raises(DataError, match=r"no sheet with anything in it"):
        reading.read(path)


def test_a_workbook_that_unpacks_without_end(reading, monkeypatch):
    monkeypatch.setattr("coterie.tables.excel.RATIO_FROM", 100_000)
    path = workbook(reading.folder / "book.xlsx", transactions=[HEADER])
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/zeros", bytes(20_000_000))
    with pytest.raises(DataError, match=r"not trusted"):
        reading.read(path)


@pytest.mark.skipif(
    not (DATA / "coupons-1000.xlsx").is_file(), reason="the reference data is not beside the repository"
)
def test_reference_workbook_by_an_independent_reader(reading):
    raw = reading.read(DATA / "coupons-1000.xlsx")
    book = openpyxl.load_workbook(DATA / "coupons-1000.xlsx", read_only=True)
    sheet = list(book["transactions"].values)[1:]
    book.close()

    def text(cell):
        return None if cell is None else cell.date().isoformat() if isinstance(cell, dt.datetime) else str(cell)

    assert [row[:-1] for row in reading.rows(raw)] == [tuple(map(text, row)) for row in sheet]
    assert reading.rules(raw, "customers") == {"empty_column": 1}
    assert reading.table(raw, "customers").attributes == ()
    assert {table.name: len(reading.rows(raw, name=table.name)) for table in raw.tables} == {
        "customers": 1000, "genders": 2, "cities": 20, "merchants": 20, "branches": 10, "transactions": 5000,
    }  # fmt: skip
