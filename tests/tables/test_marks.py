"""The decimal mark of every file by its own cells; where they tell nothing, a guess that is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import openpyxl
import pytest

from coterie.settings import ReadSettings
from coterie.tables import Tables, read

if TYPE_CHECKING:
    from pathlib import Path

HEAD = ("order_id", "customer_id", "order_date", "amount")


def put(folder: Path, name: str, cells: list[str], delimiter: str = ",", more: str = "", first: int = 1) -> None:
    """One order per cell; cells are quoted where the delimiter asks for it."""
    head = [*HEAD, *(["currency"] if more else [])]
    rows = [
        [str(n), str(n), f"2024-01-{n:02d}", f'"{cell}"' if delimiter in cell else cell, *([more] if more else [])]
        for n, cell in enumerate(cells, first)
    ]
    text = "\n".join(delimiter.join(row) for row in [head, *rows])
    (folder / f"{name}.csv").write_text(text + "\n", encoding="utf-8")


def amounts(tables: Tables) -> list[float]:
    assert tables.lines is not None
    found = tables.engine.collect(tables.lines).to_pylist()
    return [row["money"] / 10_000 for row in sorted(found, key=lambda row: row["ordered_on"])]


def guesses(tables: Tables) -> list[Any]:
    return [problem for problem in tables.quality.problems if problem.rule == "ambiguous_decimal"]


@pytest.mark.parametrize(
    ("cells", "delimiter", "currency", "read_as"),
    [
        (["979", "2.423", "1.050"], ";", "", [979, 2423, 1050]),
        (["979", "2.423", "1.050"], ",", "", [979, 2423, 1050]),
        (["2.423", "1.050"], ";", "", [2423, 1050]),
        (["2.423", "1.050"], ",", "", [2.423, 1.05]),
        (["2.423", "1.050"], ",", "EUR", [2423, 1050]),
        (["2.423", "1.050"], ";", "USD", [2.423, 1.05]),
        (["Rp 150.000", "Rp 75.000"], ",", "", [150_000, 75_000]),
        (["2.423 €", "1.050 €"], ",", "", [2423, 1050]),
        (["150,000", "75,000"], ";", "JPY", [150_000, 75_000]),
        (["2,423", "1,050"], ",", "", [2423, 1050]),
        (["2,423", "1,050"], ";", "", [2.423, 1.05]),
        (["2,423", "979"], ";", "", [2423, 979]),
        (["12.345", "1.050"], ";", "KWD", [12.345, 1.05]),
    ],
)
def test_what_may_be_thousands_is_guessed_and_told(
    tmp_path: Path, cells: list[str], delimiter: str, currency: str, read_as: list[float]
) -> None:
    put(tmp_path, "orders", cells, delimiter, currency)
    tables = read(tmp_path)
    assert amounts(tables) == read_as
    (told,) = guesses(tables)
    marked = [cell for cell in cells if "." in cell or "," in cell]
    assert (told.severity, told.column, told.count) == ("note", "amount", len(marked))
    whole = read_as[cells.index(marked[0])] >= 1000
    assert told.message.endswith("thousands." if whole else "decimals.")
    assert "decimal =" in told.cure
    for decimal, thousands in ((".", ","), (",", ".")):
        set_so = read(tmp_path, settings=ReadSettings(decimal=decimal))
        assert guesses(set_so) == []
        plain = [cell.strip("Rp €").replace(thousands, "").replace(",", ".") for cell in cells]
        assert amounts(set_so) == [float(cell) for cell in plain]


@pytest.mark.parametrize(
    ("cells", "read_as"),
    [
        (["2.423", "1.05"], [2.423, 1.05]),
        (["2.423", "1.050,00"], [2423, 1050]),
        (["2.423", "0.500"], [2.423, 0.5]),
        (["2.423", "1234.567"], [2.423, 1234.567]),
        (["2.423", "1.234.567"], [2423, 1_234_567]),
        (["5", "7"], [5, 7]),
    ],
)
def test_one_sure_cell_decides(tmp_path: Path, cells: list[str], read_as: list[float]) -> None:
    put(tmp_path, "orders", cells)
    tables = read(tmp_path)
    assert amounts(tables) == read_as
    assert guesses(tables) == []


def test_each_file_has_its_own_mark(tmp_path: Path) -> None:
    put(tmp_path, "orders-2024", ["10,50", "20,75", "1.234,00"], ";")
    put(tmp_path, "orders-2025", ["12.500", "30.25"], ",", first=11)
    tables = read(tmp_path)
    assert amounts(tables) == [10.5, 20.75, 1234, 12.5, 30.25]
    assert guesses(tables) == []


def test_a_file_that_tells_nothing_follows_the_others_and_says_so(tmp_path: Path) -> None:
    put(tmp_path, "orders-2024", ["10,50", "20,75"], ";")
    put(tmp_path, "orders-2025", ["12.500", "30.250"], ";", first=11)
    tables = read(tmp_path)
    assert amounts(tables) == [10.5, 20.75, 12_500, 30_250]
    (told,) = guesses(tables)
    assert "orders-2025.csv" in told.message


def test_numbers_of_a_workbook_have_a_point(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "orders"
    for row in [list(HEAD), ["1", "1", "2024-01-01", 979], ["2", "1", "2024-01-02", 2.423]]:
        sheet.append(row)
    book.save(tmp_path / "shop.xlsx")
    assert amounts(read(tmp_path / "shop.xlsx")) == [979, 2.423]


def test_each_file_has_its_own_order_of_dates(tmp_path: Path) -> None:
    head = "order_id,customer_id,order_date,amount"
    (tmp_path / "orders-1.csv").write_text(f"{head}\n1,1,13/02/2024,5\n2,2,03/04/2024,5\n")
    (tmp_path / "orders-2.csv").write_text(f"{head}\n3,1,02/14/2025,5\n4,2,03/04/2025,5\n")
    tables = read(tmp_path)
    assert tables.lines is not None
    found = {row["order_id"]: str(row["ordered_on"]) for row in tables.engine.collect(tables.lines).to_pylist()}
    assert found == {"1": "2024-02-13", "2": "2024-04-03", "3": "2025-02-14", "4": "2025-03-04"}
    assert not {"ambiguous_dates", "mixed_dates"} & {problem.rule for problem in tables.quality.problems}
    (tmp_path / "orders-3.csv").write_text(f"{head}\n5,1,05/06/2025,5\n")
    (told,) = [problem for problem in read(tmp_path).quality.problems if problem.rule == "ambiguous_dates"]
    assert "orders-3.csv" in told.message
    assert told.count == 1
