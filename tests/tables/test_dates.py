"""Dates as exports write them."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from coterie.tables.dates import as_date, decided, look_at

HEAD = "transaction_id,customer_id,transaction_date,transaction_status,burn_date"


def table_of(checking: Any, columns: dict[str, list[str]]) -> Any:
    import pyarrow as pa

    table = pa.table({name: pa.array([cell or None for cell in cells], pa.string()) for name, cells in columns.items()})
    table = table.append_column("_file", pa.array([0] * len(table), pa.int64()))
    return checking.engine.load(table.to_batches(), table.schema)


def parsed(checking: Any, columns: dict[str, list[str]], order: Any = None) -> dict[str, list[tuple[str | None, bool]]]:
    """Column -> what its cells became, and whether they are unreadable; each column is decided by itself."""
    rows = table_of(checking, columns)
    values = {}
    for number, name in enumerate(columns):
        looked = decided({name: look_at(checking.engine, rows, name)}, order)[name]
        values[f"d{number}"], values[f"b{number}"] = as_date(checking.engine, rows[name], looked, rows["_file"])
    found = checking.engine.collect(rows.select(**values)).to_pydict()
    return {
        name: [
            (None if day is None else day.isoformat(), bad)
            for day, bad in zip(found[f"d{n}"], found[f"b{n}"], strict=True)
        ]
        for n, name in enumerate(columns)
    }


SPELLINGS = [
    "2017-09-04", "2017/09/04", "2017.9.4", "20170904", "2017-09-04 23:59", "2017-09-04T23:59:59.123Z",
    "2017-09-04 23:59:59+02:00", "4 Sep 2017", "04-SEP-17", "4th September 2017", "Sep 4, 2017", "September 04 2017",
    "Mon, 4 Sep 2017", "Monday 4 September 2017 10:30", "42982", "42982.75", "20170904.0", "  2017-09-04 ",
    "20170904T101500", "20170904101500", "Sep 4 17",
]  # fmt: skip
NO_DATES = [
    "2023-02-29", "31/11/2023", "2023-13-01", "20231301", "0001-01-01", "3023-01-01", "yesterday", "1/2/3/4", "12:30", "2023-01",
    "99999", "Marble 4x 2017", "-1", "'2024-01-01",
]  # fmt: skip


def test_spellings_that_need_no_guess(checking: Any) -> None:
    alone = parsed(checking, {text: [text] for text in SPELLINGS})
    assert alone == {text: [("2017-09-04", False)] for text in SPELLINGS}
    together = parsed(checking, {"all": SPELLINGS})["all"]
    assert together == [("2017-09-04", False)] * len(SPELLINGS)


def test_the_empty_date_of_mysql_is_empty(checking: Any) -> None:
    beside = ["2024-01-01", "13/02/2024 10:00", "4 Sep 2017"]
    for text in ("0000-00-00", "0000-00-00 00:00:00", " 0000-00-00 00:00:00.000000"):
        for other in beside:
            assert parsed(checking, {"day": [text, other]})["day"][0] == (None, False)
            assert parsed(checking, {"day": [text, other]})["day"][1][0] is not None
    assert parsed(checking, {"day": ["0000-00-00", ""]})["day"] == [(None, False)] * 2


def test_what_is_no_date_is_unreadable(checking: Any) -> None:
    alone = parsed(checking, {text: [text, "2024-01-01"] for text in NO_DATES})
    assert alone == {text: [(None, True), ("2024-01-01", False)] for text in NO_DATES}
    assert parsed(checking, {"all": NO_DATES})["all"] == [(None, True)] * len(NO_DATES)


def test_words_for_empty_are_empty(checking: Any) -> None:
    words = ["", "NULL", "NaT", "n/a", "\\N", " none "]
    assert parsed(checking, {"all": [*words, "2024-01-01"]})["all"] == [(None, False)] * 6 + [("2024-01-01", False)]


@pytest.mark.parametrize(
    ("cells", "order", "wanted"),
    [
        (["13/02/2024", "01/02/2024"], None, ["2024-02-13", "2024-02-01"]),
        (["02/13/2024", "01/02/2024"], None, ["2024-02-13", "2024-01-02"]),
        (["13.2.24 8:05", "1.2.24 17:00"], None, ["2024-02-13", "2024-02-01"]),
        (["2-13-2024 8:05 PM", "1-2-2024 11:00 am"], None, ["2024-02-13", "2024-01-02"]),
        (
            ["13/02/2024", "1/2/24", "2024-02-03", "4 Feb 2024"],
            None,
            ["2024-02-13", "2024-02-01", "2024-02-03", "2024-02-04"],
        ),
        (["01/02/2024", "03/04/2024"], "month-first", ["2024-01-02", "2024-03-04"]),
        (["01/02/2024", "03/04/2024"], None, ["2024-02-01", "2024-04-03"]),
    ],
)
def test_day_or_month_first(checking: Any, cells: list[str], order: Any, wanted: list[str]) -> None:
    assert parsed(checking, {"d": cells}, order)["d"] == [(day, False) for day in wanted]


def problems(tables: Any) -> dict[str, Any]:
    return {p.rule: p for p in tables.quality.problems}


def test_an_ambiguous_column_is_guessed_and_reported(checking: Any) -> None:
    text = f"{HEAD}\n1,1,2024-01-01,burnt,01/02/2024\n2,1,2024-01-01,burnt,03/04/2024"
    tables = checking(transactions=text)
    assert tables.as_of == dt.date(2024, 4, 3)
    note = problems(tables)["ambiguous_dates"]
    assert (note.column, note.count, note.severity) == ("burn_date", 2, "note")
    assert "day-first" in note.message
    assert "date_order" in note.cure
    tables = checking(transactions=text, date_order="month-first")
    assert tables.as_of == dt.date(2024, 3, 4)
    assert "ambiguous_dates" not in problems(tables)


def test_another_column_of_the_table_decides(checking: Any) -> None:
    text = f"{HEAD}\n1,1,01/25/2024,burnt,02/03/2024\n2,1,01/02/2024,claimed,"
    tables = checking(transactions=text)
    assert tables.as_of == dt.date(2024, 2, 3)
    assert "ambiguous_dates" not in problems(tables)


def test_a_mixed_column_follows_the_majority(checking: Any) -> None:
    cells = ["13/02/2024", "14/02/2024", "02/15/2024", "01/02/2024"]
    text = "\n".join([HEAD, *(f"{n},1,2024-01-01,burnt,{cell}" for n, cell in enumerate(cells))])
    tables = checking(transactions=text)
    found = problems(tables)
    assert found["mixed_dates"].count == 1
    assert found["unparsable_optional"].count == 1
    assert found["unparsable_optional"].examples == ("transactions.csv line 4: burn_date '02/15/2024'",)
    assert tables.as_of == dt.date(2024, 2, 14)


def test_more_shapes_than_are_looked_at(checking: Any) -> None:
    noise = ["x" * (n % 40 + 1) + "y" * (n // 40) for n in range(700)]
    found = parsed(checking, {"d": [*noise, "2024-02-01", "13/02/2024", "null"]})["d"]
    assert found[-3:] == [("2024-02-01", False), ("2024-02-13", False), (None, False)]
    assert found[:-3] == [(None, True)] * 700
