from __future__ import annotations

import gzip
import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from coterie.engines import MalformedFile
from coterie.errors import DataError, UsageError

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"


def test_a_folder_of_csv_files(reading):
    reading.put(
        transactions=reading.TRANSACTIONS, cities="ID;Name\n1;Köln\n", customers="Customer ID\tCity\tage\n1\t1\t33\n"
    )
    raw = reading.read()
    assert raw.label == "shop"
    assert [table.name for table in raw.tables] == ["customers", "cities", "transactions"]
    assert raw.findings == ()
    assert reading.rows(raw) == [("1", "2024-01-01", "claimed", 2), ("2", "2024-01-02", "burnt", 3)]
    assert reading.rows(raw, name="cities") == [("1", "Köln", 2)]
    customers = reading.table(raw, "customers")
    assert customers.attributes == ("age",)
    assert customers.original == {"customer_id": "Customer ID", "city_id": "City", "age": "age"}
    assert reading.rows(raw, name="customers") == [("1", "1", "33", 2)]


def test_mixed_formats_in_one_folder(reading):
    reading.put(transactions=reading.TRANSACTIONS)
    pq.write_table(pa.table({"ID": [1, 2], "NAME": ["a", "b"]}), reading.folder / "Genders.PARQUET")
    reading.put_as("cities.csv.gz", gzip.compress(b"city_id,city_name\n7,Rome\n"))
    raw = reading.read()
    assert reading.rows(raw, name="genders") == [(1, "a", 1), (2, "b", 2)]
    assert reading.rows(raw, name="cities") == [("7", "Rome", 2)]


@pytest.mark.parametrize(
    "names",
    [
        ("transactions-1.csv", "transactions-2.csv"),
        ("transactions_2023.csv", "transactions_2024.csv"),
        ("transactions.csv", "transactions 2.csv"),
        ("transactions/a.csv", "transactions/deep/b.csv"),
        ("Coupons-north.csv", "Coupons-south.csv"),
    ],
)
def test_split_tables(reading, names):
    first, second = names
    reading.put_as(first, reading.TRANSACTIONS)
    reading.put_as(second, "transaction_status,customer_id,transaction_date\nclaimed,3,2024-02-01\n")
    raw = reading.read()
    ids = reading.rows(raw, "customer_id")
    assert sorted(ids) == [("1",), ("2",), ("3",)]
    assert sorted(reading.table(raw).files) == sorted(names)
    assert reading.rules(raw) == {"split_table": 2}
    index = reading.table(raw).files.index(second)
    assert [row for row in reading.rows(raw, "_file", "customer_id", "_line") if row[1] == "3"] == [(index, "3", 2)]


def test_parts_of_different_types_are_joined_as_text(reading):
    reading.put_as("transactions-1.csv", reading.TRANSACTIONS)
    table = pa.table({"customer_id": ["x7"], "transaction_date": ["2024-01-01"], "transaction_status": ["burnt"]})
    pq.write_table(table, reading.folder / "transactions-2.parquet")
    assert reading.rows(reading.read(), "customer_id") == [("1",), ("2",), ("x7",)]


def _coupons(reading, name, ids, days=("2024-01-01",), status="claimed", **more):
    """A Parquet file of coupons, a day each."""
    rows = {"customer_id": ids, "transaction_date": list(days) * len(ids), "transaction_status": [status] * len(ids)}
    path = reading.folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(rows | {name: cells[: len(ids)] for name, cells in more.items()}), path)


def test_parquet_files_of_one_kind_are_read_in_one_go(reading, monkeypatch):
    """Rows keep their file and line; files of other types, or other folders' columns, are kinds of their own."""
    _coupons(reading, "transactions/a b.parquet", [1, 2])
    _coupons(reading, "transactions/b%20[1].parquet", ["x", "y"])
    _coupons(reading, "transactions/c.parquet", [3])
    _coupons(reading, "transactions/d/d.parquet", [4, 5, 6])
    _coupons(reading, "transactions/branch_id=7/e.parquet", [7])
    scanned = []
    engine = type(reading.engine)
    monkeypatch.setattr(engine, "scan_parquet", _noted(engine.scan_parquet, scanned))
    with pytest.raises(DataError, match=r"differ: only transactions/branch_id=7/e\.parquet has branch_id"):
        reading.read()
    (reading.folder / "transactions/branch_id=7/e.parquet").unlink()
    raw = reading.read()
    assert [[path.name for path in paths] for paths in scanned] == [
        ["a b.parquet", "c.parquet", "d.parquet"],
        ["b%20[1].parquet"],
    ]
    files = reading.table(raw).files
    found = {(files[file], line): key for file, line, key in reading.rows(raw, "_file", "_line", "customer_id")}
    assert found == {
        ("transactions/a b.parquet", 1): "1",
        ("transactions/a b.parquet", 2): "2",
        ("transactions/c.parquet", 1): "3",
        ("transactions/d/d.parquet", 1): "4",
        ("transactions/d/d.parquet", 2): "5",
        ("transactions/d/d.parquet", 3): "6",
        ("transactions/b%20[1].parquet", 1): "x",
        ("transactions/b%20[1].parquet", 2): "y",
    }
    assert reading.rules(raw) == {"split_table": 4}


def _noted(function, seen):
    def call(engine, paths, **named):
        seen.append(paths)
        return function(engine, paths, **named)

    return call


def test_the_folders_of_many_parquet_files_hold_columns(reading):
    for branch, ids in (("7", [1, 2]), ("8", [3]), ("__HIVE_DEFAULT_PARTITION__", [4])):
        _coupons(reading, f"transactions/branch_id={branch}/part-0.parquet", ids)
    _coupons(reading, "transactions/branch_id=7/part-1.parquet", [5])
    raw = reading.read()
    files = reading.table(raw).files
    found = {(key, branch, files[file]) for key, branch, file in reading.rows(raw, "customer_id", "branch_id", "_file")}
    assert found == {
        (1, "7", "transactions/branch_id=7/part-0.parquet"),
        (2, "7", "transactions/branch_id=7/part-0.parquet"),
        (3, "8", "transactions/branch_id=8/part-0.parquet"),
        (4, None, "transactions/branch_id=__HIVE_DEFAULT_PARTITION__/part-0.parquet"),
        (5, "7", "transactions/branch_id=7/part-1.parquet"),
    }


@pytest.mark.parametrize("column", ["file_row_number", "File_Row_Number", "File_Index"])
def test_a_column_called_as_the_engine_counts_files(reading, monkeypatch, column):
    """Such files are read each by itself."""
    reading.put(transactions=reading.TRANSACTIONS)
    for number in range(3):
        rows = pa.table({"customer_id": [number], "age": [20 + number], column: [50 + number]})
        pq.write_table(rows, reading.folder / f"customers-{number}.parquet")
    scanned = []
    engine = type(reading.engine)
    monkeypatch.setattr(engine, "scan_parquet", _noted(engine.scan_parquet, scanned))
    raw = reading.read()
    assert [len(paths) for paths in scanned] == [1, 1, 1]
    names = reading.table(raw, "customers").attributes
    assert names == ("age", column)
    rows = sorted(reading.rows(raw, "customer_id", "_file", "_line", *names, name="customers"))
    assert rows == [(0, 0, 1, 20, 50), (1, 1, 1, 21, 51), (2, 2, 1, 22, 52)]


def test_one_of_many_parquet_files_that_is_damaged_is_named(reading, monkeypatch):
    """Where its footer is whole; and all of them where each can be read alone."""
    for number in range(3):
        _coupons(reading, f"transactions-{number}.parquet", [number])
    engine = type(reading.engine)
    real = engine.scan_parquet

    def broken(which):
        def scan(engine, paths, **named):
            if len(paths) > 1 or paths[0].name == which:
                raise MalformedFile("its end is missing")
            return real(engine, paths, **named)

        return scan

    monkeypatch.setattr(engine, "scan_parquet", broken("transactions-1.parquet"))
    with pytest.raises(DataError, match=r"^transactions-1\.parquet is not a whole Parquet file"):
        reading.read()
    monkeypatch.setattr(engine, "scan_parquet", broken(None))
    told = r"^The files from transactions-0\.parquet on cannot be read as one table: its end is missing\."
    with pytest.raises(DataError, match=told):
        reading.read()


def test_orders_called_transactions_are_recognised_in_one_go(reading, monkeypatch):
    for number in range(3):
        _coupons(reading, f"transactions/{number}.parquet", [number], status="completed", amount=[5.0])
    scanned = []
    engine = type(reading.engine)
    monkeypatch.setattr(engine, "scan_parquet", _noted(engine.scan_parquet, scanned))
    raw = reading.read()
    assert [len(paths) for paths in scanned] == [3]
    assert len(reading.rows(raw, "customer_id", name="orders")) == 3


def test_many_parts(reading):
    for number in range(40):
        reading.put_as(f"transactions-{number}.csv", f"customer_id,date,status\n{number},2024-01-01,claimed\n")
    raw = reading.read()
    assert sorted(int(row[0]) for row in reading.rows(raw, "customer_id")) == list(range(40))


def test_parts_whose_columns_differ_are_refused(reading):
    reading.put_as("transactions-1.csv", "customer_id,date,status,branch\n1,2024-01-01,claimed,4\n")
    reading.put_as("transactions-2.csv", "customer_id,date,status,expiry\n1,2024-01-01,claimed,4\n")
    with pytest.raises(DataError) as error:
        reading.read()
    for word in ("transactions-1.csv", "transactions-2.csv", "branch_id", "expiry_date", "files.transactions"):
        assert word in str(error.value)


@pytest.mark.parametrize(
    ("names", "line"),
    [
        (("customers.csv", "customers.txt"), 'files.customers = "customers.csv"'),
        (("customers.csv", "clients.csv"), 'files.customers = "clients.csv"'),
        (("customers/a.csv", "customers.csv"), 'files.customers = "customers"'),
        (("customers-1.csv", "customers-1.txt"), 'files.customers = "customers-1.csv"'),
        (("customers/1.csv", "customers/1.txt"), 'files.customers = "customers"'),
    ],
)
def test_the_same_table_twice_is_refused_with_the_line_that_settles_it(reading, names, line):
    reading.put(transactions=reading.TRANSACTIONS)
    for name in names:
        reading.put_as(name, "customer_id\n1\n")
    with pytest.raises(DataError) as error:
        reading.read()
    assert line in str(error.value)


def test_files_setting_chooses(reading):
    reading.put(transactions=reading.TRANSACTIONS, customers="customer_id\n1\n", members="customer_id\n1\n2\n")
    raw = reading.read(files={"customers": "members.csv"})
    assert reading.table(raw, "customers").files == ("members.csv",)
    assert [finding.rule for finding in raw.findings] == ["unrecognised_file"]
    assert "customers.csv" in raw.findings[0].message


def test_files_setting_takes_a_pattern(reading):
    reading.put_as("export-a.csv", reading.TRANSACTIONS)
    reading.put_as("export-b.csv", reading.TRANSACTIONS)
    raw = reading.read(files={"transactions": "export-*.csv"})
    assert reading.table(raw).files == ("export-a.csv", "export-b.csv")


def test_files_setting_that_names_nothing(reading):
    reading.put(transactions=reading.TRANSACTIONS, members="customer_id\n1\n")
    with pytest.raises(DataError, match=r"customers is 'membres.csv'.*did you mean members"):
        reading.read(files={"customers": "membres.csv"})


def test_files_of_no_table_are_noted_and_hidden_ones_passed_over(reading):
    reading.put(transactions=reading.TRANSACTIONS, notes="a,b\n1,2\n", customers_backup="x\n1\n")
    for name in (".hidden.csv", "~$transactions.xlsx", "coterie.toml", "_SUCCESS", "transactions (1).csv", "logo.png"):
        reading.put_as(name, b"")
    (reading.folder / "runs").mkdir()
    raw = reading.read()
    assert [finding.count for finding in raw.findings] == [5]
    message = raw.findings[0].message
    for name in ("notes.csv", "customers_backup.csv", "transactions (1).csv", "logo.png", "runs/"):
        assert name in message
    assert reading.table(raw).files == ("transactions.csv",)


def test_links_are_followed_and_broken_ones_noted(reading, tmp_path):
    real = tmp_path / "elsewhere.csv"
    real.write_text(reading.TRANSACTIONS)
    (reading.folder / "transactions.csv").symlink_to(real)
    (reading.folder / "gone.csv").symlink_to(tmp_path / "nowhere.csv")
    raw = reading.read()
    assert len(reading.rows(raw)) == 2
    assert "gone.csv" in raw.findings[0].message


def test_a_broken_link_named_as_a_table_is_one_sentence(reading, tmp_path):
    (reading.folder / "transactions.csv").symlink_to(tmp_path / "nowhere.csv")
    with pytest.raises(DataError, match=r"transactions.csv cannot be read"):
        reading.read()


def test_transactions_are_known_by_their_columns(reading):
    reading.put_as("export-7.csv", reading.TRANSACTIONS)
    raw = reading.read()
    assert reading.table(raw).files == ("export-7.csv",)
    assert [finding.rule for finding in raw.findings] == ["table_by_columns"]


def test_two_files_with_the_columns_of_transactions(reading):
    reading.put(first=reading.TRANSACTIONS, second=reading.TRANSACTIONS)
    with pytest.raises(DataError, match=r'files.transactions = "first.csv"'):
        reading.read()


def test_a_spark_folder_of_numbered_parts(reading):
    for number in range(3):
        reading.put_as(f"part-0000{number}-ab{number}.csv", reading.TRANSACTIONS)
    raw = reading.read()
    assert len(reading.rows(raw)) == 6


def test_a_single_file(reading):
    path = reading.put_as("january.csv", reading.TRANSACTIONS)
    reading.put(customers="customer_id\n1\n")
    raw = reading.read(str(path))
    assert raw.label == "january"
    assert [table.name for table in raw.tables] == ["transactions"]


def test_content_wins_over_a_wrong_ending(reading):
    table = pa.table({"customer_id": [7], "transaction_date": ["2024-01-01"], "transaction_status": ["burnt"]})
    pq.write_table(table, reading.folder / "transactions.csv")
    assert reading.rows(reading.read(), "customer_id") == [("7",)]


@pytest.mark.parametrize("source", [Path("nowhere"), "no\0where", "x" * 5000, "postgresql://user@host/base"])
def test_missing_path(reading, source):
    with pytest.raises(UsageError) as error:
        reading.read(source)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({}, ["Folder shop is empty"]),
        ({"transactions": ""}, ["transactions.csv is empty (0 bytes)"]),
        ({"transactions": "\n\n \n"}, ["transactions.csv has no header"]),
        ({"customers": "customer_id\n1\n"}, ["no table of transactions", "customers.csv"]),
        (
            {"transactions": "customer,day,state\n1,2,3\n"},
            ["transaction_date", "transactions.csv", "customer, day, state", "columns.transactions.transaction_date ="],
        ),
        (
            {"orders": "customer_id,order_date,cost\n1,2024-01-01,5\n"},
            ["orders lacks its column amount (or price and quantity)", "columns.orders.amount ="],
        ),
        (
            {"lines": "customer,amount\n1,5\n"},
            ["orders lacks its column order_date", "columns.orders.order_date ="],
        ),
        (
            dict.fromkeys(("transactions", "orders"), "customer_id,date,amount\n1,2024-01-01,5\n"),
            ["orders is there 2 times: orders.csv, transactions.csv", "files.orders"],
        ),
        (
            dict.fromkeys(("north", "south"), "customer_id,date,amount\n1,2024-01-01,5\n"),
            ["2 files with the columns of orders: north.csv, south.csv", "files.orders"],
        ),
    ],
)
def test_what_cannot_serve_is_one_sentence(reading, files, words):
    reading.put(**files)
    with pytest.raises(DataError) as error:
        reading.read()
    assert "\n" not in str(error.value)
    for word in words:
        assert word in str(error.value)


def test_header_only_lookup_and_events(reading):
    reading.put(transactions="customer_id,date,status\n", cities="city_id,city_name")
    raw = reading.read()
    assert reading.rows(raw) == []
    assert reading.rows(raw, name="cities") == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(reading):
    reading.put_as("transactions.csv", reading.TRANSACTIONS).chmod(0)
    with pytest.raises(DataError, match=r"transactions.csv cannot be read"):
        reading.read()


@pytest.mark.parametrize("content", [b"PAR1 and then nothing", b"", b"hello"])
def test_broken_parquet(reading, content):
    reading.put_as("transactions.parquet", content)
    with pytest.raises(DataError, match=r"transactions.parquet is not a whole Parquet file"):
        reading.read()


def test_cut_parquet(reading):
    path = reading.folder / "transactions.parquet"
    pq.write_table(pa.table({"customer_id": list(range(1000))}), path)
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(DataError, match=r"not a whole Parquet file"):
        reading.read()


def test_parquet_types_and_odd_names(reading):
    table = pa.table(
        {
            "Customer_ID": pa.array(["007", "008"]).dictionary_encode(),
            "date": pa.array([0, 1], pa.timestamp("us", tz="UTC")),
            "status": ["claimed", "burnt"],
            "_line": [5, 6],
            "file_row_number": [5, 6],
            "tags": [["a"], []],
            "Ünnütz": ["x", "y"],
        }
    )
    pq.write_table(table, reading.folder / "transactions.parquet")
    raw = reading.read()
    assert reading.rows(raw, "customer_id", "transaction_status", "_line") == [
        ("007", "claimed", 1),
        ("008", "burnt", 2),
    ]
    assert reading.rules(raw) == {"unread_columns": 4}


def test_attributes_of_customers(reading):
    reading.put(
        transactions=reading.TRANSACTIONS,
        customers="customer_id,City,city_id,Age, tier ,tier,empty,\n1,Rome,4,30,gold,2,,\n2,Rome,4,,gold,,,\n",
    )
    raw = reading.read()
    customers = reading.table(raw, "customers")
    assert customers.attributes == ("City_2", "Age", "tier", "tier_2")
    assert customers.original["tier_2"] == "tier"
    assert reading.rows(raw, "city_id", "City_2", "Age", "tier", "tier_2", name="customers") == [
        ("4", "Rome", "30", "gold", "2"),
        ("4", "Rome", None, "gold", None),
    ]
    assert reading.rules(raw, "customers") == {"duplicate_header": 1, "empty_column": 1}


def test_nested_columns_of_customers_are_left_out(reading):
    reading.put(transactions=reading.TRANSACTIONS)
    pq.write_table(
        pa.table({"id": [1], "tags": [["a"]], "raw": [b"x"], "age": [3]}), reading.folder / "customers.parquet"
    )
    raw = reading.read()
    assert reading.table(raw, "customers").attributes == ("age",)
    assert [finding.column for finding in reading.table(raw, "customers").findings] == ["tags", "raw"]


def test_attributes_in_another_order_in_each_part(reading):
    reading.put(transactions=reading.TRANSACTIONS)
    reading.put_as("customers-1.csv", "id,age,tier\n1,30,gold\n")
    reading.put_as("customers-2.csv", "tier,id,age\nblue,2,40\n")
    raw = reading.read()
    assert reading.rows(raw, "customer_id", "age", "tier", name="customers") == [
        ("1", "30", "gold"),
        ("2", "40", "blue"),
    ]


def test_ids_made_safe_for_spreadsheets_are_restored(reading):
    reading.put(transactions="customer_id,date,status,coupon\n'=1+1,2024-01-01,claimed,'+x\n'a,2024-01-01,claimed,\n")
    assert reading.rows(reading.read(), "customer_id", "coupon_name") == [("=1+1", "'+x"), ("'a", None)]


def test_columns_setting(reading):
    reading.put(transactions="member,when,what,id\n1,2024-01-01,claimed,9\n")
    columns = {"customer_id": "Member", "transaction_date": "when", "transaction_status": "what"}
    raw = reading.read(columns={"transactions": columns})
    assert reading.rows(raw, "customer_id", "transaction_date", "transaction_status", "transaction_id") == [
        ("1", "2024-01-01", "claimed", "9")
    ]


@pytest.mark.skipif(not (DATA / "dunnhumby").is_dir(), reason="the reference data is not beside the repository")
def test_reference_tables_by_an_independent_reader(reading):
    import csv

    raw = reading.read(DATA / "dunnhumby")
    with (DATA / "dunnhumby" / "transactions.csv").open(newline="") as file:
        expected = [tuple(cell or None for cell in row.values()) for row in csv.DictReader(file)]
    found = [row[:-1] for row in reading.rows(raw)]
    assert found == expected
    assert len(found) == 7208
    assert all(not table.findings and not table.unreadable for table in raw.tables)


def test_what_coterie_wrote_is_passed_over(reading):
    reading.put(transactions=reading.TRANSACTIONS, customers="customer_id\n1\n2\n")
    for name in ("customers", "transactions", "run", "customers.previous"):  # runs, whatever they are called
        reading.put_as(f"{name}/manifest.json", '{"product": "coterie"}')
        reading.put_as(f"{name}/assignments.csv", "customer_id,segment\n1,1\n")
    reading.put_as("truth/shop.json", '{"made_by": "coterie sample"}')
    raw = reading.read()
    assert [table.name for table in raw.tables] == ["customers", "transactions"]
    assert reading.table(raw).files == ("transactions.csv",)
    assert raw.findings == ()


def test_folders_of_others_are_not_taken_for_ours(reading):
    reading.put(transactions=reading.TRANSACTIONS)
    reading.put_as("web/manifest.json", '{"product": "shop"}')
    reading.put_as("app/manifest.json", "[" * 20_000)
    reading.put_as("truth/shop.json", '{"made_by": "somebody"}')
    assert reading.read().findings[0].examples == ("app/", "truth/", "web/")


def test_a_folder_with_a_run_alone_holds_no_table(reading):
    reading.put_as("run/manifest.json", '{"product": "coterie"}')
    with pytest.raises(DataError, match="Folder shop holds no table"):
        reading.read()


@pytest.mark.parametrize("beside", [False, True])
def test_a_database_among_other_files_is_named(reading, beside):
    reading.put_as("transactions.duckdb", b"not a database")
    if beside:
        reading.put(customers="customer_id\n1\n")
    with pytest.raises(DataError, match=r"transactions.duckdb stayed closed: .* such as shop/transactions.duckdb\."):
        reading.read()


def test_columns_that_only_the_names_of_folders_hold(reading):
    """As Spark and others write large tables: `city_id=7/part-0.csv` has no column city_id of its own."""
    reading.put(transactions=reading.TRANSACTIONS)
    reading.put_as("customers/city_id=7/Joined%20On=2024-01-02/a.csv", "customer_id,age\n1,33\n2,40\n")
    reading.put_as("customers/city_id=__HIVE_DEFAULT_PARTITION__/b.csv", "customer_id,age,joined on\n3,50,2024-03-04\n")
    # A column of the file's own comes before one of a folder's name.
    reading.put_as("customers/city_id=8/c.csv", "customer_id,city_id,age,Joined On\n4,9,60,\n")
    raw = reading.read()
    table = reading.table(raw, "customers")
    assert table.original == {
        "customer_id": "customer_id", "city_id": "city_id", "join_date": "Joined On", "age": "age"
    }  # fmt: skip
    rows = reading.rows(raw, "customer_id", "city_id", "join_date", "age", name="customers")
    assert sorted(rows) == [
        ("1", "7", "2024-01-02", "33"),
        ("2", "7", "2024-01-02", "40"),
        ("3", None, "2024-03-04", "50"),
        ("4", "9", None, "60"),
    ]
