from __future__ import annotations

import pytest

from coterie.errors import UsageError
from coterie.settings import ReadSettings
from coterie.tables.config import load_settings, read_config


def config(folder, text):
    (folder / "coterie.toml").write_text(text, encoding="utf-8")
    return folder


def test_settings_beside_the_data(tmp_path):
    config(
        tmp_path,
        'date_order = "day-first"\nas_of = 2024-05-01\n[columns.transactions]\nCustomerID = "Member No"\n'
        '[files]\ntransactions = "x.csv"\n[status]\n"eingelöst" = "burnt"\n[segment]\nk = 5\npreset = "engagement"\n',
    )
    expected = ReadSettings(
        date_order="day-first",
        as_of="2024-05-01",
        columns={"transactions": {"customer_id": "Member No"}},
        files={"transactions": "x.csv"},
        status={"eingelöst": "burnt"},
    )
    (tmp_path / "book.xlsx").touch()
    for source in (tmp_path, str(tmp_path), tmp_path / "book.xlsx"):
        assert read_config(source) == (expected, {"k": 5, "preset": "engagement"})
    assert load_settings(tmp_path) == expected


def test_without_settings(tmp_path):
    for source in (tmp_path, tmp_path / "nowhere", {"transactions": None}):
        assert read_config(source) == (ReadSettings(), {})


def test_all_errors_at_once_each_with_its_key(tmp_path):
    config(
        tmp_path,
        'dateorder = "day-first"\ndecimal = ";"\nencoding = "utf-9"\ndelimiter = ";;"\n'
        '[columns.transaction]\nx = "y"\n[columns.customers]\ncity = "Ort"\n'
        '[status]\nopen = "opened"\n[segment]\nkk = 5\nk = "many"\n',
    )
    with pytest.raises(UsageError) as error:
        read_config(tmp_path)
    message = str(error.value)
    assert "\n" not in message
    for words in (
        "unknown key dateorder (did you mean date_order?)",
        "decimal = ';' is wrong",
        "encoding = 'utf-9' is not known",
        "delimiter = ';;' must be one character",
        "columns.transaction names no table (did you mean transactions?)",
        "columns.customers.city names no column of customers (did you mean city_id?)",
        "status.open = 'opened' is wrong",
        "unknown key segment.kk",
        "segment.k = 'many' is wrong",
    ):
        assert words in message


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"a = = 1", "not valid TOML"),
        (b"a = '\xff'", "not UTF-8"),
        (b"segment = 7", r"segment must be a table"),
        (b"columns = 7", "columns = 7 is wrong"),
        (b"[columns]\ncustomers = 7", "columns.customers = 7 is wrong"),
    ],
)
def test_what_is_no_configuration(tmp_path, content, words):
    (tmp_path / "coterie.toml").write_bytes(content)
    with pytest.raises(UsageError, match=words):
        read_config(tmp_path)
