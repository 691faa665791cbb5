from __future__ import annotations

import pytest

from coterie.errors import UsageError
from coterie.settings import ReadSettings
from coterie.tables.config import config_used, read_config


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


def test_without_settings(tmp_path):
    for source in (tmp_path, tmp_path / "nowhere", {"transactions": None}):
        assert read_config(source) == (ReadSettings(), {})


def test_which_file_is_used(tmp_path, monkeypatch):
    """Beside files, and for a database in the folder where the command is given: it has to be known afterwards."""
    address = "postgresql://ann@db.example.com/shop"
    monkeypatch.chdir(tmp_path)
    assert config_used(tmp_path) is None
    assert config_used(address) is None
    config(tmp_path, "")
    assert config_used(tmp_path) == tmp_path / "coterie.toml"
    assert config_used(address).resolve() == tmp_path / "coterie.toml"
    assert config_used({"transactions": None}) is None


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


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[segment]\nk = 2.5", "segment.k = 2.5 is wrong: it must be a whole number"),
        ("[segment]\nk = true", "segment.k = true is wrong: it must be a whole number"),
        ("[segment]\nseed = -1", "segment.seed = -1 is wrong: it must be 0 or more"),
        ("[segment]\nk_range = 5", "segment.k_range = 5 is wrong: it must be a pair of whole numbers such as [2, 10]"),
        ("[segment]\nk_range = [2]", "segment.k_range = [2] is wrong: it must be a pair of whole numbers"),
        ("[segment]\nk_range = [2, 3, 4]", "segment.k_range = [2, 3, 4] is wrong: it must be a pair of whole numbers"),
        ('[segment]\nk_range = ["a", "b"]', 'segment.k_range = ["a", "b"] is wrong: it must be a pair of whole'),
        ("[segment]\nfeatures = 3", "segment.features = 3 is wrong: it must be a list of texts"),
        ("[segment]\npreset = 3", "segment.preset = 3 is wrong: it must be a text in quotes"),
        ("[segment]\nevidence = 'perhaps'", "segment.evidence = 'perhaps' is wrong: it must be true or false"),
        ("[segment]\nplaybook = 3", "segment.playbook = 3 is wrong: it must be a path in quotes"),
        ("status = 7", "status = 7 is wrong: it must be a table, [status]"),
        ("columns.customers = 7", "columns.customers = 7 is wrong: it must be a table [section]"),
        ("[files]\ncustomers = 7", "files.customers = 7 is wrong: it must be a text in quotes"),
        ("as_of = 'May'", "as_of = 'May' is wrong: it must be a day such as 2026-01-31"),
        ("as_of = 2024-01-01T10:00:00", 'as_of = "2024-01-01 10:00:00" is wrong: it must be a day such as'),
        ("decimal = ';'", "decimal = ';' is wrong: it must be '.' or ','"),
        ("zzz = 1", "unknown key zzz; there are columns, files, status, order_status, keep_cancelled_orders"),
        ("[segment]\nzzz = 1", "unknown key segment.zzz; there are segment.preset, segment.features"),
    ],
)
def test_wrong_values_in_plain_words(tmp_path, text, words):
    with pytest.raises(UsageError) as error:
        read_config(config(tmp_path, text))
    message = str(error.value)
    assert words in message
    for jargon in ("valid", "dictionary", "tuple", "required", "input", "too short", "parse"):
        assert jargon not in message


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[status]\neingelöst = "burnt"', 'at line 2, column 7). Put the word in quotes: "eingelöst".'),
        ('[status]\nnot used = "claimed"', 'Put the word in quotes: "not used".'),
        ('[status]\nübrig = "claimed"', 'Put the word in quotes: "übrig".'),
        ('status = { "offen" = "claimed", eingelöst = "burnt" }', 'Put the word in quotes: "eingelöst".'),
        ("[columns.transactions]\ncustomer_id = Mitglied", 'Put a text in quotes, such as "member"'),
        ("a = = 1", "Correct that line."),
    ],
)
def test_words_without_quotes(tmp_path, text, words):
    with pytest.raises(UsageError) as error:
        read_config(config(tmp_path, text))
    assert words in str(error.value)
