from __future__ import annotations

import csv
import hashlib
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from python_calamine import CalamineWorkbook

from coterie.errors import UsageError
from coterie.tables.sample import make_shop, write, write_shop, xlsx

FORMATS = ("csv", "parquet", "xlsx")
NAMES = ("branches", "cities", "customers", "genders", "merchants", "orders", "transactions")


def digests(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def as_text(value: object) -> str:
    """A cell as CSV would show it."""
    return "" if value is None else str(int(value) if isinstance(value, float) and value.is_integer() else value)


def cells(path: Path) -> list[list[str]]:
    """Header and rows of a table file, read by somebody else's reader."""
    if path.suffix == ".csv":
        with path.open(newline="", encoding="utf-8") as stream:
            rows = list(csv.reader(stream))
    elif path.suffix == ".parquet":
        table = pq.read_table(path)
        rows = [table.column_names, *zip(*(column.to_pylist() for column in table.columns), strict=True)]
    else:
        rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
    return [[as_text(cell) for cell in row] for row in rows]


@pytest.mark.parametrize("file_format", FORMATS)
@pytest.mark.parametrize("dirt", [False, True])
def test_same_arguments_same_bytes(tmp_path, file_format, dirt):
    options = {"customers": 80, "seed": 2, "file_format": file_format, "dirt": dirt, "orders": True}
    first, again = (digests(write_shop(tmp_path / name, **options)) for name in ("a", "b"))

    assert first == again
    names = {f"{name}.{file_format}" for name in NAMES} | {"truth/groups.csv", "truth/shop.json"}
    assert set(first) == names | ({"truth/dirt.json"} if dirt else set())


@pytest.mark.parametrize("file_format", FORMATS)
def test_the_files_hold_the_shop_in_memory(tmp_path, file_format):
    write_shop(tmp_path / "shop", customers=90, seed=3, separation="wide", file_format=file_format, orders=True)
    shop = make_shop(customers=90, seed=3, separation="wide", orders=True)

    for name in NAMES:
        table = shop.tables[name]
        rows = zip(*(column.to_pylist() for column in table.columns), strict=True)
        wanted = [table.column_names, *([as_text(cell) for cell in row] for row in rows)]
        assert cells(tmp_path / "shop" / f"{name}.{file_format}") == wanted
    assert cells(tmp_path / "shop" / "truth" / "groups.csv")[1:] == [
        [as_text(customer), group] for customer, group in zip(*shop.truth.to_pydict().values(), strict=True)
    ]


def test_the_truth_says_how_the_shop_was_made(tmp_path):
    truth = json.loads((write_shop(tmp_path / "shop", customers=50, seed=4) / "truth" / "shop.json").read_text("utf-8"))

    assert (truth["customers"], truth["seed"], truth["separation"]) == (50, 4, "realistic")
    assert truth["coupons"] == len((tmp_path / "shop" / "transactions.csv").read_text("utf-8").splitlines()) - 1
    assert truth["design"]["city_effect"] == ["Loyal redeemers", "Belmora", 3.0]
    assert sum(truth["shares"].values()) == pytest.approx(1)


def test_row_groups_do_not_hang_on_the_weeks(tmp_path):
    write_shop(tmp_path / "shop", customers=100, file_format="parquet")

    assert pq.ParquetFile(tmp_path / "shop" / "transactions.parquet").num_row_groups == 1


def test_an_earlier_sample_is_replaced_whole(tmp_path):
    write_shop(tmp_path / "shop", customers=20, dirt=True)
    write_shop(tmp_path / "shop", customers=20, file_format="parquet")
    write_shop(tmp_path / "fresh", customers=20, file_format="parquet")

    assert digests(tmp_path / "shop") == digests(tmp_path / "fresh")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["fresh", "shop"]


def test_an_empty_folder_is_filled(tmp_path):
    (tmp_path / "shop").mkdir()

    assert (write_shop(tmp_path / "shop", customers=5) / "customers.csv").exists()


@pytest.mark.parametrize("ours_too", [False, True])
def test_a_folder_with_anything_else_is_left_alone(tmp_path, ours_too):
    folder = tmp_path / "shop"
    folder.mkdir()
    if ours_too:
        write_shop(folder, customers=5)
    (folder / "thesis.txt").write_text("years of work")
    before = digests(folder)

    with pytest.raises(UsageError, match=r"not of a sample shop, such as 'thesis\.txt', and is left as it is"):
        write_shop(folder, customers=5)

    assert digests(folder) == before
    assert [path.name for path in tmp_path.iterdir()] == ["shop"]


def test_a_foreign_marker_opens_no_door(tmp_path):
    (tmp_path / "truth").mkdir()
    (tmp_path / "truth" / "shop.json").write_text('["files"]')

    with pytest.raises(UsageError, match="not of a sample shop"):
        write_shop(tmp_path, customers=5)


def test_a_file_is_no_folder(tmp_path):
    (tmp_path / "shop").write_text("x")

    with pytest.raises(UsageError, match=r"is a file\. Name a folder for the sample shop"):
        write_shop(tmp_path / "shop", customers=5)


def test_a_place_below_a_file_is_refused_in_one_sentence(tmp_path):
    (tmp_path / "file").write_text("x")

    with pytest.raises(UsageError, match=r"The sample shop cannot be written to '.*': .*\. Choose another folder\."):
        write_shop(tmp_path / "file" / "shop", customers=5)


def test_an_interrupted_writer_leaves_nothing_behind(tmp_path, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(write, "write_truth", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_shop(tmp_path / "shop", customers=5)

    assert list(tmp_path.iterdir()) == []


def test_unknown_format_and_too_long_a_sheet_are_refused(tmp_path, monkeypatch):
    with pytest.raises(UsageError, match=r"The format 'ods' is unknown\. Choose one of: csv, parquet, xlsx\."):
        write_shop(tmp_path / "shop", file_format="ods")
    monkeypatch.setattr(xlsx, "MOST_ROWS", 100)
    with pytest.raises(UsageError, match="An Excel sheet holds 99 rows under its header, and 'transactions' has"):
        write_shop(tmp_path / "shop", customers=50, file_format="xlsx")

    assert list(tmp_path.iterdir()) == []
