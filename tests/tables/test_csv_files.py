from __future__ import annotations

import csv
import gzip
import io
import string
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from coterie.engines import open_engine
from coterie.errors import CoterieError, DataError
from coterie.settings import ReadSettings
from coterie.tables import csv_files
from coterie.tables.csv_bytes import inspect_bytes
from coterie.tables.csv_kinds import likely_kinds
from coterie.tables.csv_shape import find_shape
from coterie.tables.naming import vocabulary

if TYPE_CHECKING:
    from pathlib import Path

WORDS = vocabulary(ReadSettings())
HEADER = "customer_id,transaction_date,transaction_status\n"


@pytest.fixture(scope="module")
def engine():
    engine = open_engine()
    yield engine
    engine.close()


def cells(engine, loaded):
    """Every cell as text, and the line."""
    rows = loaded.rows.order_by("_line")
    content = engine.collect(rows.mutate(**{name: rows[name].cast("string") for name in rows.columns[:-1]})).to_pylist()
    return [tuple(row.values()) for row in content]


def both_routes(path: Path, engine):
    """What the fast route gives (None when it declines) and what the careful one gives."""
    found = inspect_bytes(path, path.name, None)
    shape = find_shape(found.head, WORDS)
    return (
        csv_files._fast(path, found, shape, engine),
        csv_files._careful(path, path.name, found, shape, engine, "transactions"),
    )


def fast(text: str | bytes, tmp_path, engine) -> bool:
    """Whether the fast route takes the file; its rows must be those of the careful one then."""
    path = tmp_path / "transactions.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    quick, careful = both_routes(path, engine)
    if quick is None:
        return False
    assert cells(engine, quick) == cells(engine, careful)
    assert careful.unreadable == ()
    return True


@pytest.mark.parametrize(
    ("text", "taken"),
    [
        (HEADER + "1,2,3\n4,5,6\n", True),
        (HEADER + "1,2,3\n4,5,6", True),
        (HEADER + "1,2,3\n\n\n", True),
        (HEADER.replace("\n", "\r\n") + "1,,3\r\n4,5,6\r\n", True),
        (b"\xef\xbb\xbf" + (HEADER + "1,2,é\n").encode(), True),
        ('"customer_id","transaction_date","transaction_status"\n"1","2,5",""\n"a""b",1,2\n', True),
        ("Shop export\n" + HEADER + "1,2,3\n", True),
        ("sep=;\n" + (HEADER + "1,2,3\n").replace(",", ";"), True),
        (HEADER + "1,2,3\n,,\n4,5,6\n", True),
        (HEADER + "1,2,3,,\n", True),
        (gzip.compress((HEADER + "1,2,3\n").encode(), mtime=0), True),
        (HEADER + "1,2,3\n\n4,5,6\n", False),
        (HEADER + '1,"2\n2",3\n4,5,6\n', False),
        (HEADER + '1,"2,3\n4,5,6\n', False),
        (HEADER + '1, "2",3\n', False),
        (HEADER + "1,2\n", False),
        (HEADER + "1,2,3,4\n", False),
        (HEADER + "1,2,3\r\n4,5,6\n", False),
        (HEADER.replace("\n", "\r") + "1,2,3\r4,5,6\r", False),
        (HEADER + "1,2,\0\n", False),
        ((HEADER + "1,2,é\n").encode("cp1252"), False),
        ((HEADER + "1,2,é\n").encode("utf-16"), False),
        ("customer_id\n1\n\n2\n", False),
    ],
)
def test_which_route_is_taken(text, taken, tmp_path, engine):
    assert fast(text, tmp_path, engine) is taken


def trimmed(row) -> tuple[str, ...]:
    """Blanks around a cell are not its value."""
    return tuple((value or "").strip(" ") for value in row)


cell = st.text(alphabet=st.sampled_from("ab1 ,;\"\n\r\t|é#\\'-=" + "\u2028\x0b\x1c"), max_size=5)
table = st.lists(st.lists(cell, min_size=3, max_size=3), min_size=0, max_size=8)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(table=table, quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]), end=st.sampled_from(["\n", "\r\n"]))
def test_well_formed_files_come_back_as_written(table, quoting, end, tmp_path, engine):
    # Python's writer leaves a lone carriage return unquoted, which makes another file of it.
    assume(quoting == csv.QUOTE_ALL or not any("\r" in value for row in table for value in row))
    path = tmp_path / "transactions.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, quoting=quoting, lineterminator=end)
        writer.writerow(HEADER.strip().split(","))
        writer.writerows(table)
    quick, careful = both_routes(path, engine)
    expected = [trimmed(row) for row in table if any(value.strip(string.whitespace) for value in row)]
    assert [trimmed(row[:-1]) for row in cells(engine, careful)] == expected
    assert careful.unreadable == ()
    if quick is not None:
        assert cells(engine, quick) == cells(engine, careful)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    body=st.one_of(
        st.text(alphabet=st.sampled_from('a1,,,"\n\n\r ;é'), max_size=60),
        st.lists(st.text(alphabet=st.sampled_from('a1" é'), max_size=3), max_size=15).map(
            lambda pieces: "".join(piece + ",,\n"[at % 3] for at, piece in enumerate(pieces))
        ),
        st.text(max_size=40),
    )
)
@example(body='1,"a\n2,3,4\n5,6,7\n')
@example(body='1,2,"x\n')
@example(body='1,2,3\n"')
@example(body='"1,"2",3\n4,5,6\n')
@example(body='1,2,3"\n"4,5,6\n')
def test_the_routes_agree_and_nothing_is_lost_on_hostile_files(body, tmp_path, engine):
    path = tmp_path / "transactions.csv"
    path.write_text(HEADER + body, encoding="utf-8", newline="", errors="replace")
    quick, careful = both_routes(path, engine)
    found = cells(engine, careful)
    if quick is not None:
        assert cells(engine, quick) == found
        assert careful.unreadable == ()
    lines = [row[-1] for row in found] + [line for line, _, _ in careful.unreadable]
    assert len(lines) == len(set(lines))
    # Every sign that is not layout is in a row or in what was set aside.
    kept = "".join(value or "" for row in found for value in row[:-1]) + "".join(
        text for _, text, _ in careful.unreadable
    )
    signs = "a1é"
    assert sum(map(kept.count, signs)) == sum(map(body.count, signs))
    if '"' not in body:
        physical = io.StringIO(HEADER + body.replace("\0", ""), newline="").readlines()
        full = [
            number
            for number, line in enumerate(physical, 1)
            if line.replace(",", "").strip(string.whitespace) and number > 1
        ]
        assert sorted(lines) == full


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    content=st.one_of(st.binary(max_size=200), st.text(max_size=100).map(lambda text: (HEADER + text).encode("utf-16")))
)
def test_any_bytes_are_read_or_refused_in_one_sentence(content, tmp_path, engine):
    path = tmp_path / "transactions.csv"
    path.write_bytes(content)
    try:
        part = csv_files.csv_part(path, path.name, "transactions", ReadSettings(), WORDS)
        loaded = part.load(engine, "transactions")
    except CoterieError as error:
        refused = str(error)
        loaded = None
    if loaded is None:
        assert refused.startswith("transactions.csv")
        assert "\n" not in refused
    else:
        lines = [row[-1] for row in cells(engine, loaded)]
        assert lines == sorted(set(lines))


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_exports_of_anybody(reading, delimiter, encoding, end):
    lines = ["Customer ID,Date,Status,Coupon", "007,01.02.2024,claimed,Äpfel & Öl", "8,02.02.2024,burnt,Café"]
    text = end.join(line.replace(",", delimiter) for line in lines) + end
    reading.put(transactions=text.encode(encoding))
    raw = reading.read()
    assert reading.rows(raw) == [
        ("007", "01.02.2024", "claimed", "Äpfel & Öl", 2),
        ("8", "02.02.2024", "burnt", "Café", 3),
    ]
    assert reading.rules(raw) == ({"encoding_guessed": 1} if encoding == "cp1252" else {})


def test_short_and_ragged_rows_open_quotes_blanks_and_nul(reading):
    reading.put(
        transactions="customer_id,date,status,coupon\n"
        "1,2024-01-01,claimed\n"
        "\n"
        "2,2024-01-01,claimed,a,b\n"
        "3,2024-01-01,claimed,x\0y,\n"
        " , ,\n"
        '4,2024-01-01,claimed,"two\nlines"\n'
        '5,2024-01-01,claimed,"never closed\n'
        "6,2024-01-01,claimed,z\n"
    )
    raw = reading.read()
    assert reading.rows(raw, "customer_id", "coupon_name", "_line") == [
        ("1", None, 2),
        ("3", "xy", 5),
        ("4", "two\nlines", 7),
        ("6", "z", 10),
    ]
    assert reading.table(raw).unreadable == (
        ("transactions.csv", 4, "2,2024-01-01,claimed,a,b", "ragged_row"),
        ("transactions.csv", 9, '5,2024-01-01,claimed,"never closed', "open_quote"),
    )
    assert reading.rules(raw) == {"short_row": 1, "nul_character": 1, "ragged_row": 1, "open_quote": 1}
    short = next(finding for finding in reading.table(raw).findings if finding.rule == "short_row")
    assert short.examples == ("transactions.csv line 2",)


def test_a_quote_that_never_closes_costs_one_row_only(reading):
    good = "".join(f"{number},2024-01-01,claimed\n" for number in range(1000))
    reading.put(transactions=HEADER + '"x,2024-01-01,claimed\n' + good)
    raw = reading.read()
    assert len(reading.rows(raw)) == 1000
    assert [row[1] for row in reading.table(raw).unreadable] == [2]


def test_decimal_commas_and_text_full_of_delimiters(reading):
    reading.put(
        transactions=reading.TRANSACTIONS,
        customers="customer_id;income;note\n1;1.234,50;a, b, c, d, e\n2;3,20;f, g, h, i\n",
    )
    raw = reading.read()
    assert reading.rows(raw, "customer_id", "income", "note", name="customers") == [
        ("1", "1.234,50", "a, b, c, d, e"),
        ("2", "3,20", "f, g, h, i"),
    ]


def test_blanks_before_quotes(reading):
    reading.put(transactions='"customer_id", "date", "status"\n"1", "2024-01-01", "a, b"\n')
    assert reading.rows(reading.read()) == [("1", "2024-01-01", "a, b", 2)]


def test_a_title_above_the_header(reading):
    reading.put(transactions="Coupons;;\nexported 2024-01-01;;\n\ncustomer;date;status\n1;2024-01-01;claimed\n")
    raw = reading.read()
    assert reading.rows(raw) == [("1", "2024-01-01", "claimed", 5)]


def test_one_column(reading):
    reading.put(transactions=reading.TRANSACTIONS, customers="customer_id\n1\n\n2\n")
    assert reading.rows(reading.read(), name="customers") == [("1", 2), ("2", 4)]


def test_duplicate_header_of_the_contract_is_ambiguous(reading):
    reading.put(transactions="customer_id,customer_id,date,status\n1,1,2024-01-01,claimed\n")
    with pytest.raises(DataError, match=r'columns.transactions.customer_id = "customer_id"'):
        reading.read()
    raw = reading.read(columns={"transactions": {"customer_id": "customer_id_2"}})
    assert reading.rules(raw) == {"duplicate_header": 1, "unread_columns": 1}


def test_settings_win_over_what_is_found(reading):
    reading.put(transactions=HEADER.replace(",", "~").encode("cp1250") + "1~2024-01-01~Łódź\n".encode("cp1250"))
    raw = reading.read(delimiter="~", encoding="cp1250")
    assert reading.rows(raw) == [("1", "2024-01-01", "Łódź", 2)]


def test_one_broken_character_does_not_spoil_a_utf8_file(reading):
    lines = [f"{number},2024-01-01,größe".encode() for number in range(50)]
    reading.put(transactions=HEADER.encode() + b"\n".join(lines) + b"\n51,2024-01-01,gr\xc3\n")
    raw = reading.read()
    assert reading.rows(raw, "transaction_status")[0] == ("größe",)
    assert reading.rules(raw) == {"undecodable": 1}


def test_broken_and_expanding_archives(reading, monkeypatch):
    packed = gzip.compress((HEADER + "1,2,3\n" * 1000).encode())
    reading.put_as("transactions.csv.gz", packed[:-12])
    with pytest.raises(DataError, match=r"transactions.csv.gz is a broken gzip file"):
        reading.read()
    reading.put_as("transactions.csv.gz", packed)
    monkeypatch.setattr("coterie.tables.csv_bytes.EXPANSION_BYTES", 1000)
    monkeypatch.setattr("coterie.tables.csv_bytes.EXPANSION_RATIO", 5)
    with pytest.raises(DataError, match=r"not trusted"):
        reading.read()


def test_a_line_without_end_is_refused(reading, monkeypatch):
    monkeypatch.setattr("coterie.tables.csv_careful.LONGEST_LINE", 1000)
    reading.put(transactions=HEADER + '1,"' + "x" * 5000 + '",3\n')
    monkeypatch.setattr(csv_files, "_fast", lambda *_: None)
    with pytest.raises(DataError, match=r"transactions.csv line 2 is longer than 1,000"):
        reading.read()


def test_a_file_of_rows_that_do_not_fit_is_refused(reading, monkeypatch):
    monkeypatch.setattr("coterie.tables.csv_careful.MOST_UNREADABLE", 10)
    reading.put(transactions=HEADER + "1,2,3,4\n" * 50)
    with pytest.raises(DataError, match=r"set delimiter in coterie.toml"):
        reading.read()


SPELLINGS = ["7", "-7", "007", "-0", "+7", "7.0", " 7", "1e3", "1_0", "0x7", "999999999999999", "1000000000000000"]
DAYS = ["2024-01-05", "1900-01-01", "2100-12-31", "1899-12-31", "2101-01-01", "0000-00-00", "2024-1-5", "2024/01/05"]
DAYS += ["2024-01-05 00:00", "2024-02-30", " 2024-01-05", "2024-01-05 (BC)", "infinity", "x", "null", "'=1", " ", '"a"']


@pytest.mark.parametrize("late", [*SPELLINGS, *DAYS])
def test_cells_are_typed_only_where_nothing_of_their_text_is_lost(late, tmp_path, engine):
    number, day = late in ("7", "-7", "999999999999999"), late in ("2024-01-05", "1900-01-01", "2100-12-31")
    path = tmp_path / "transactions.csv"
    body = "1,2024-01-05,3\n,,\n" * 10_000
    path.write_text(f"{HEADER}{body}{late},2024-01-06,4\n2,{late},5\n,,6\n", encoding="utf-8", newline="")
    quick, careful = both_routes(path, engine)
    assert cells(engine, quick) == cells(engine, careful)
    types = [str(kind) for kind in quick.rows.schema().types]
    assert types == ["int64" if number else "string", "date" if day else "string", "int64", "int64"]


def test_the_first_lines_say_which_columns_may_be_typed():
    text = "a,b,c,d,e,f,g\n1,2024-01-05,01,,x,2024-1-5,1.0\n-20,,2,,5,2024-01-05,2\n"
    assert likely_kinds(text, find_shape(text, WORDS)) == {"c0": "int64", "c1": "date"}


@pytest.mark.parametrize("text", [HEADER, HEADER + '1,"2,3\n', HEADER + "1,2\n1,2,3,4\n", "\n\n"])
def test_odd_heads_have_no_wrong_kinds(text):
    assert set(likely_kinds(text, find_shape(text, WORDS))) <= {"c0", "c1", "c2"}
