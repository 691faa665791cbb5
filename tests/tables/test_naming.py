from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coterie.errors import DataError
from coterie.schema import BRANCHES, CUSTOMERS, GENDERS, TRANSACTIONS, Column
from coterie.settings import ReadSettings
from coterie.tables.advice import setting
from coterie.tables.naming import find_header, match_columns, unique_names, vocabulary

PLAIN = ReadSettings()


def found(spec, header, settings=PLAIN):
    matched = match_columns(spec, header, settings, "file.csv")
    return {name: header[at] for name, at in matched.columns.items()}


def test_names_whatever_their_case_spaces_and_underscores():
    header = ["TRANSACTION id", "Customer-ID", "transactiondate", "Transaction_Status", "Branch"]
    assert found(TRANSACTIONS, header) == {
        "transaction_id": "TRANSACTION id",
        "customer_id": "Customer-ID",
        "transaction_date": "transactiondate",
        "transaction_status": "Transaction_Status",
        "branch_id": "Branch",
    }


def test_a_bare_id_is_the_key_of_its_table():
    assert found(CUSTOMERS, ["ID", "name"]) == {"customer_id": "ID"}
    assert found(GENDERS, ["name", "id"]) == {"gender_id": "id", "gender_name": "name"}
    assert found(BRANCHES, ["id", "merchant"]) == {"branch_id": "id", "merchant_id": "merchant"}


def test_the_canonical_name_wins_over_a_synonym():
    matched = match_columns(CUSTOMERS, ["customer", "customer_id", "city"], PLAIN, "file.csv")
    assert matched.columns == {"customer_id": 1, "city_id": 2}
    assert matched.rest == (0,)


@pytest.mark.parametrize(
    ("header", "candidates"),
    [
        (["customer", "id"], "customer, id"),
        (["customer_id", "Customer ID"], "customer_id, Customer ID"),
        (["customer_id", "customer_id"], "customer_id, customer_id_2"),
    ],
)
def test_ambiguity_names_the_candidates_and_the_line_that_settles_it(header, candidates):
    with pytest.raises(DataError) as error:
        match_columns(CUSTOMERS, header, PLAIN, "file.csv")
    message = str(error.value)
    assert candidates in message
    line = message.split("in coterie.toml: ")[1]
    settings = ReadSettings.model_validate(tomllib.loads(line))
    assert match_columns(CUSTOMERS, header, settings, "file.csv").columns["customer_id"] == 0


def test_all_missing_columns_in_one_sentence_with_a_guess():
    with pytest.raises(DataError) as error:
        match_columns(TRANSACTIONS, ["custommer", "status", "x"], PLAIN, "shop.csv")
    message = str(error.value)
    for words in (
        "lacks its columns customer_id, transaction_date", "shop.csv", "custommer, status, x", "did you mean custommer?",
        'columns.transactions.customer_id = "custommer"',
    ):  # fmt: skip
        assert words in message


def test_a_setting_that_names_no_column():
    settings = ReadSettings(columns={"customers": {"customer_id": "membr"}})
    with pytest.raises(DataError, match=r"called 'membr'.*did you mean member\?"):
        match_columns(CUSTOMERS, ["member", "x"], settings, "file.csv")


@given(st.lists(st.sampled_from(["a", "A", "a_2", "", "b", "column_1"]), max_size=8))
def test_names_become_unique(header):
    names = unique_names(header)
    assert len({name.casefold() for name in names}) == len(header)
    assert all(names)


@given(st.text())
def test_a_name_survives_toml(name):
    keys = ["columns", "customers", "customer_id"]
    line = setting(keys, name.encode("utf-8", "replace").decode(), frames=False).removeprefix("in coterie.toml: ")
    assert tomllib.loads(line) == {"columns": {"customers": {"customer_id": name.encode("utf-8", "replace").decode()}}}


def test_the_header_is_the_row_that_names_most_columns():
    rows = [["City"], ["", ""], ["customer", "join_date", "city"], ["1", "2", "3"]]
    assert find_header(rows, vocabulary(PLAIN)) == 2
    assert find_header([["kunde", "ort"], ["1", "2"]], vocabulary(PLAIN)) == 0
    settings = ReadSettings(columns={"customers": {"customer_id": "kunde", "city_id": "ort"}})
    assert find_header([["Liste"], ["kunde", "ort"]], vocabulary(settings)) == 1


def test_every_name_of_the_contract_is_found_alone():
    def names(column: Column) -> tuple[str, ...]:
        return (column.name, *column.synonyms)

    for spec in (CUSTOMERS, TRANSACTIONS):
        required = [column.name for column in spec.columns if column.required]
        for column in spec.columns:
            for name in names(column):
                header = [other for other in required if other != column.name] + [name.upper()]
                assert found(spec, header)[column.name] == name.upper()


def test_settings_in_force_are_named_where_columns_are_missing():
    settings = ReadSettings(delimiter=";", encoding="cp1252")
    told = 'read with delimiter = ";" and encoding = "cp1252", as set'
    for label, there in (("shop.csv", True), ("shop.csv.gz", True), ("shop.parquet", False), ("frame shop", False)):
        with pytest.raises(DataError) as error:
            match_columns(TRANSACTIONS, ["a,b,c"], settings, label)
        assert (told in str(error.value)) is there
    with pytest.raises(DataError) as error:
        match_columns(TRANSACTIONS, ["a,b,c"], PLAIN, "shop.csv")
    assert "as set" not in str(error.value)
