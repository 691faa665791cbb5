"""Every rule with rows made by hand, counted by hand."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pyarrow as pa
import pytest

from coterie.errors import DataError
from coterie.tables.contract import Problem, Tables

HEAD = "transaction_id,customer_id,transaction_date,transaction_status,coupon_name,burn_date,branch_id"
GOOD = f"""{HEAD}
1,1,2024-01-01,claimed,A,,
2,1,2024-01-02,burnt,B,2024-02-01,7
3,2,2024-01-03,expired,A,,"""
CUSTOMERS = "customer_id,join_date,city_id,gender_id\n1,2023-01-01,10,1\n2,2023-01-01,11,2\n3,,,"


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def rows(tables: Tables, name: str = "coupons", *columns: str) -> list[tuple[Any, ...]]:
    table = getattr(tables, name)
    found = tables.engine.collect(table).to_pylist()
    wanted = columns or table.columns
    return sorted((tuple(row[column] for column in wanted) for row in found), key=str)


def problems(tables: Tables, table: str | None = None) -> dict[str, int]:
    """Rule -> count, without the note on branches."""
    found = [p for p in tables.quality.problems if p.rule not in ("branch_reading", "degenerate_dimension")]
    return {p.rule: p.count for p in found if table is None or p.table == table}


def problem(tables: Tables, rule: str, table: str = "transactions") -> Problem:
    return next(p for p in tables.quality.problems if p.rule == rule and p.table == table)


def reasons(tables: Tables, table: str = "transactions") -> dict[str, int]:
    return dict(tables.quality.tables[table].reasons)


def test_clean_rows_become_typed_coupons(checking: Any) -> None:
    tables = checking(transactions=GOOD)
    assert rows(tables) == [
        (1, 1, day("2024-01-01"), "claimed", None, None, "A", None, None),
        (2, 1, day("2024-01-02"), "burnt", day("2024-02-01"), None, "B", 7, None),
        (3, 2, day("2024-01-03"), "expired", None, None, "A", None, None),
    ]
    assert problems(tables) == {}
    assert tables.quality.tables["transactions"].rows_used == 3
    assert (tables.first_day, tables.as_of) == (day("2024-01-01"), day("2024-02-01"))
    assert tables.rejects == {}
    assert rows(tables, "customers") == []
    assert "transactions.burn_date" in tables.columns
    assert "transactions.expiry_date" not in tables.columns


@pytest.mark.parametrize(
    ("rule", "line", "example"),
    [
        ("missing_key", ",1,2024-01-05,claimed,A,,", "transactions.csv line 5: transaction_id empty"),
        ("missing_customer_id", "9,,2024-01-05,claimed,A,,", "transactions.csv line 5: customer_id empty"),
        ("missing_customer_id", "9,NULL,2024-01-05,claimed,A,,", "transactions.csv line 5: customer_id 'NULL'"),
        ("missing_date", "9,1,,claimed,A,,", "transactions.csv line 5: transaction_date empty"),
        ("unparsable_date", "9,1,2024-02-31,claimed,A,,", "transactions.csv line 5: transaction_date '2024-02-31'"),
        ("unparsable_date", "9,1,1850-01-01,claimed,A,,", "transactions.csv line 5: transaction_date '1850-01-01'"),
        ("unknown_status", "9,1,2024-01-05,brunt,A,,", "transactions.csv line 5: transaction_status 'brunt'"),
        ("unknown_status", "9,1,2024-01-05,,A,,", "transactions.csv line 5: transaction_status empty"),
        ("cancelled", "9,1,2024-01-05,Cancelled,A,,", "transactions.csv line 5: transaction_status 'Cancelled'"),
    ],
)
def test_a_row_is_set_aside_for_one_reason_and_kept(checking: Any, rule: str, line: str, example: str) -> None:
    tables = checking(transactions=f"{GOOD}\n{line}")
    count = tables.quality.tables["transactions"]
    assert (count.rows_in, count.rows_used, count.rows_set_aside) == (4, 3, 1)
    assert reasons(tables) == {rule: 1}
    assert problems(tables) == {rule: 1}
    assert problem(tables, rule).examples == (example,)
    (reject,) = tables.engine.collect(tables.rejects["transactions"]).to_pylist()
    assert (reject["_file"], reject["_line"], reject["_reason"]) == ("transactions.csv", 5, rule)
    cells = line.split(",")
    assert [reject[name] for name in HEAD.split(",")] == [cell or None for cell in cells]
    assert reject["_value"] == (cells[HEAD.split(",").index(reject["_column"])] or None)


def test_the_first_reason_wins(checking: Any) -> None:
    tables = checking(transactions=f"{GOOD}\n,,,,,,x\n8,,bad,brunt,,,\n9,1,bad,brunt,,,\n10,1,2024-01-01,brunt,,,")
    assert reasons(tables) == {"missing_key": 1, "missing_customer_id": 1, "unparsable_date": 1, "unknown_status": 1}


def test_an_unknown_status_gets_a_suggestion(checking: Any) -> None:
    tables = checking(transactions=f"{GOOD}\n8,1,2024-01-05,brunt,A,,\n9,1,2024-01-05,brunt,A,,")
    found = problem(tables, "unknown_status")
    assert "'brunt' 2" in found.message
    assert found.cure.endswith('in coterie.toml: [status] "brunt" = "burnt"')


def test_status_words_of_the_settings(checking: Any) -> None:
    tables = checking(
        transactions=f"{GOOD}\n9,1,2024-01-05, EIN geloest ,A,2024-01-06,", status={"eingeloest": "burnt"}
    )
    assert problems(tables) == {}
    assert (9, "burnt") in rows(tables, "coupons", "transaction_id", "status")


def test_copies_collapse_and_conflicts_leave(checking: Any) -> None:
    more = "1,1,2024-01-01,open,A,,\n 1.0,1.0,2024/01/01,claimed,A,,\n8,2,2024-01-04,claimed,A,,\n8,2,2024-01-05,claimed,A,,"
    tables = checking(transactions=f"{GOOD}\n{more}")
    assert reasons(tables) == {"conflicting_rows": 2, "duplicate": 2}
    assert rows(tables, "coupons", "transaction_id") == [(1,), (2,), (3,)]
    rejected = tables.engine.collect(tables.rejects["transactions"]).to_pylist()
    assert sorted((row["_line"], row["_reason"]) for row in rejected) == [
        (7, "conflicting_rows"),
        (8, "conflicting_rows"),
    ]
    assert problem(tables, "duplicate").examples[0] == "transactions.csv line 5: transaction_id '1'"


def test_a_row_that_cannot_be_used_contradicts_nobody(checking: Any) -> None:
    tables = checking(transactions=f"{GOOD}\n1,1,nonsense,claimed,A,,")
    assert reasons(tables) == {"unparsable_date": 1}


def test_a_copy_of_a_cancelled_row_is_a_copy(checking: Any) -> None:
    tables = checking(transactions=f"{GOOD}\n9,1,2024-01-05,cancelled,A,,\n9,1,2024-01-05,cancelled,A,,")
    assert reasons(tables) == {"duplicate": 1, "cancelled": 1}


def test_an_empty_cell_differs_from_a_filled_one(checking: Any) -> None:
    tables = checking(transactions=f"{GOOD}\n1,1,2024-01-01,claimed,,,")
    assert reasons(tables) == {"conflicting_rows": 2}


def test_without_a_key_nothing_collapses(checking: Any) -> None:
    text = "customer_id,transaction_date,transaction_status\n1,2024-01-01,claimed\n1,2024-01-01,claimed"
    tables = checking(transactions=text)
    assert tables.quality.tables["transactions"].rows_used == 2
    assert problems(tables) == {}


@pytest.mark.parametrize("kind", ["ids far apart", "text ids"])
def test_keys_of_any_kind_are_compared(checking: Any, kind: str) -> None:
    ids = ["-5", "123456789012345678", "0", "-5"] if kind == "ids far apart" else ["a", "b", "007", "a"]
    lines = [f"{key},1,2024-01-0{n + 1 if key != ids[0] else 1},claimed,A,," for n, key in enumerate(ids)]
    tables = checking(transactions="\n".join([HEAD, *lines]))
    assert reasons(tables) == {"duplicate": 1}


def test_facts_about_burns(checking: Any) -> None:
    lines = [
        "4,1,2024-01-10,burnt,A,2024-01-09,",  # before the claim
        "5,1,2024-01-10,burnt,A,,",  # without date
        "6,1,2024-01-10,burnt,A,rubbish,",  # unreadable, not without date
        "7,1,2024-01-10,claimed,A,2024-01-20,",  # open with a date
        "8,1,2024-01-10,expired,A,2024-01-20,",  # expired with a date
        "9,1,2024-01-10,burnt,A,2024-01-10,",  # the same day is fine
    ]
    tables = checking(transactions="\n".join([GOOD, *lines]))
    assert problems(tables) == {
        "burn_before_claim": 1,
        "burnt_without_date": 1,
        "unparsable_optional": 1,
        "burn_date_without_burn": 2,
    }
    assert tables.quality.tables["transactions"].rows_used == 9
    shown = {row[0]: row[1:] for row in rows(tables, "coupons", "transaction_id", "status", "burnt_on")}
    assert shown[4] == shown[5] == shown[6] == ("burnt", None)
    assert shown[7] == ("claimed", None)
    assert shown[8] == ("expired", None)
    assert shown[9] == ("burnt", day("2024-01-10"))
    assert problem(tables, "burn_before_claim").examples == (
        "transactions.csv line 5: transaction_date '2024-01-10', burn_date '2024-01-09'",
    )


def test_what_other_tables_do_not_hold_is_unknown(checking: Any) -> None:
    tables = checking(
        customers=f"{CUSTOMERS}\n4,2023-05-05,99,88",
        cities="city_id,city_name\n10,Cairo\n11,Giza",
        genders="gender_id,gender_name\n1,Male\n2,Female",
        branches="branch_id,merchant_id\n7,70\n8,79",
        merchants="merchant_id,merchant_name\n70,Bakery",
        transactions=f"{GOOD}\n4,55,2024-01-10,burnt,A,2024-01-11,99\n5,4,2023-01-10,claimed,A,,",
    )
    assert problems(tables, "transactions") == {"orphan_customer": 1, "orphan_branch": 1, "claim_before_join": 1}
    assert problems(tables, "customers") == {"orphan_city": 1, "orphan_gender": 1}
    assert problems(tables, "branches") == {"orphan_merchant": 1}
    assert rows(tables, "customers") == [
        (1, day("2023-01-01"), "Cairo", "Male"),
        (2, day("2023-01-01"), "Giza", "Female"),
        (3, None, None, None),
        (4, day("2023-05-05"), None, None),
    ]
    assert rows(tables, "coupons", "transaction_id", "customer_id", "branch_id", "merchant_id") == [
        (1, 1, None, None), (2, 1, 7, 70), (3, 2, None, None), (4, 55, None, None), (5, 4, None, None),
    ]  # fmt: skip
    assert tables.names["merchant"] == {"70": "Bakery"}


def test_a_customer_whose_rows_contradict_is_no_orphan(checking: Any) -> None:
    customers = "customer_id,join_date\n1,2023-01-01\n1,2023-01-02\n2,2023-01-01\n,2023-01-01\n2,2023-01-01"
    tables = checking(customers=customers, transactions=GOOD)
    assert reasons(tables, "customers") == {"missing_key": 1, "conflicting_rows": 2, "duplicate": 1}
    assert problems(tables, "transactions") == {}
    assert rows(tables, "customers", "customer_id") == [(2,)]


def test_without_lookup_tables_the_cell_is_the_value(checking: Any) -> None:
    tables = checking(customers="customer_id,city_id,gender_id\n1, Cairo ,F\n2,007,", transactions=GOOD)
    assert rows(tables, "customers", "city", "gender") == [("007", None), ("Cairo", "F")]
    assert "customers.gender_id" in tables.columns


def test_a_set_as_of_forgets_what_came_later(checking: Any) -> None:
    text = f"{HEAD},expiry_date\n1,1,2024-01-01,burnt,A,2024-01-20,,\n2,1,2024-01-02,expired,A,,,2024-01-15\n3,2,2024-01-11,claimed,A,,,"
    customers = "customer_id,join_date\n1,2023-01-01\n2,2024-01-11"
    tables = checking(customers=customers, transactions=text, as_of=day("2024-01-10"))
    assert reasons(tables) == {"after_as_of": 1}
    assert problems(tables) == {"after_as_of": 1, "burn_after_as_of": 1, "expiry_after_as_of": 1}
    assert rows(tables, "coupons", "transaction_id", "status", "burnt_on") == [
        (1, "claimed", None),
        (2, "claimed", None),
    ]
    assert tables.as_of == day("2024-01-10")
    assert reasons(tables, "customers") == {"after_as_of": 1}
    assert tables.rejects == {}
    assert "2024-01-10" in problem(tables, "after_as_of").message
    later = checking(customers=customers, transactions=text, as_of=day("2024-01-20"))
    assert problems(later) == {}
    assert rows(later, "coupons", "transaction_id", "status") == [(1, "burnt"), (2, "expired"), (3, "claimed")]


def test_an_as_of_on_the_day_itself_knows_the_day(checking: Any) -> None:
    tables = checking(transactions=GOOD, as_of=day("2024-01-03"))
    assert tables.quality.tables["transactions"].rows_used == 3


def test_attributes(checking: Any) -> None:
    customers = "customer_id,age,income,tier,code\n1,30,1 200,gold,007\n2,41.5,900,gold,008\n3,,,basic,009"
    tables = checking(customers=customers, transactions=GOOD)
    assert [(a.name, a.kind, a.values) for a in tables.attributes] == [
        ("age", "number", ()), ("income", "number", ()), ("tier", "text", ("gold", "basic")),
        ("code", "text", ("007", "008", "009")),
    ]  # fmt: skip
    assert rows(tables, "customers", "customer_id", "age", "income", "tier") == [
        (1, 30.0, 1200.0, "gold"), (2, 41.5, 900.0, "gold"), (3, None, None, "basic"),
    ]  # fmt: skip


def test_an_attribute_that_is_nearly_always_a_number_loses_the_rest(checking: Any) -> None:
    lines = "\n".join(f"{n},{n}" for n in range(1, 40))
    tables = checking(customers=f"customer_id,age\n{lines}\n40,old", transactions=GOOD)
    assert problem(tables, "unparsable_optional", "customers").column == "age"
    assert problems(tables, "customers") == {"unparsable_optional": 1}
    assert tables.attributes[0].kind == "number"


def test_typed_columns_stay_lazy_and_right(checking: Any) -> None:
    transactions = pa.table(
        {
            "transaction_id": pa.array([1.0, 2.0, None]),
            "customer_id": pa.array([5, 6, 7], pa.int32()),
            "transaction_date": pa.array(
                [dt.datetime.fromisoformat("2024-01-01T23:59"), dt.datetime.fromisoformat("2024-01-02"), None],
                pa.timestamp("ns"),
            ),
            "transaction_status": pa.array(["open", "USED", "open"]).dictionary_encode(),
            "burn_date": pa.array(
                [None, dt.datetime(2024, 1, 31, 23, tzinfo=dt.UTC), None], pa.timestamp("us", "Asia/Tokyo")
            ),
        }
    )
    tables = checking(typed={"transactions": transactions})
    assert rows(tables, "coupons", "transaction_id", "customer_id", "claimed_on", "status", "burnt_on") == [
        (1, 5, day("2024-01-01"), "claimed", None), (2, 6, day("2024-01-02"), "burnt", day("2024-01-31")),
    ]  # fmt: skip
    assert reasons(tables) == {"missing_key": 1}


def test_text_ids_keep_their_zeros_everywhere(checking: Any) -> None:
    transactions = GOOD.replace("3,2,", "3,02,")
    tables = checking(customers="customer_id,age\n1,30\n02,40", transactions=transactions)
    assert {row[0] for row in rows(tables, "coupons", "customer_id")} == {"1", "02"}
    assert problems(tables) == {}


def test_degenerate_dimensions(checking: Any) -> None:
    tables = checking(
        customers="customer_id,city_id,gender_id\n1,Unknown,F\n2,Unknown,M",
        transactions="\n".join(
            [HEAD, *(f"{n},{n % 2 + 1},2024-01-01,claimed,offer {n},,{n % 3}" for n in range(1, 21))]
        ),
    )
    assert dict(tables.degenerate) == {
        "city": "There is one city only (Unknown), so cities cannot be compared.",
        "coupon_name": "Nearly every coupon has a coupon name of its own, so coupon names cannot be compared.",
    }


def test_what_the_branch_means(checking: Any) -> None:
    assert checking(transactions=GOOD).branch_reading == "burning"
    issuing = checking(transactions=GOOD.replace("claimed,A,,", "claimed,A,,7"))
    assert issuing.branch_reading == "issuing"
    assert "1 of 1 open coupon has one" in problem(issuing, "branch_reading").message
    assert (
        checking(transactions="customer_id,transaction_date,transaction_status\n1,2024-01-01,open").branch_reading
        is None
    )


def test_rows_that_could_not_be_split_count_as_rows_in(checking: Any) -> None:
    from coterie.settings import ReadSettings
    from coterie.tables.check import check_tables

    raw = checking.raw(
        "transactions", checking.arrow(GOOD), unreadable=(("transactions.csv", 9, "a,b,c", "ragged_row"),)
    )
    tables = check_tables([raw], checking.engine, ReadSettings(), label="shop")
    count = tables.quality.tables["transactions"]
    assert (count.rows_in, count.rows_used, dict(count.reasons)) == (4, 3, {"ragged_row": 1})
    (reject,) = tables.engine.collect(tables.rejects["transactions"]).to_pylist()
    assert (reject["_line"], reject["_value"], reject["_reason"]) == (9, "a,b,c", "ragged_row")


def test_the_fingerprint_follows_the_content_not_the_order(checking: Any) -> None:
    head, *lines = GOOD.splitlines()
    turned = "\n".join([head, *reversed(lines)])
    first = checking(transactions=GOOD).fingerprint["transactions"]
    assert checking(transactions=turned).fingerprint["transactions"] == first
    assert checking(transactions=GOOD.replace("2024-02-01", "2024-02-02")).fingerprint["transactions"] != first
    assert checking(transactions=GOOD.replace("3,2,", "3,4,")).fingerprint["transactions"] != first


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (HEAD, "No row of transactions of shop could be used: it has no rows."),
        (
            f"{HEAD}\n1,,2024-01-01,claimed,A,,",
            "missing customer id 1 (such as transactions.csv line 2: customer_id empty)",
        ),
        (
            f"{HEAD}\n1,1,2024-01-01,geklaut,A,,",
            "No status of transactions.csv is known: transaction_status holds 'geklaut' (1)",
        ),
    ],
)
def test_data_that_cannot_serve(checking: Any, text: str, sentence: str) -> None:
    with pytest.raises(DataError) as caught:
        checking(transactions=text)
    assert sentence in str(caught.value)


def test_no_transactions_table(checking: Any) -> None:
    with pytest.raises(DataError, match="no transactions table"):
        checking(customers="customer_id\n1")


def test_an_as_of_day_before_the_first_claim_names_both_days(checking):
    rows = "customer_id,transaction_date,transaction_status\n1,2024-03-02,claimed\n2,2024-03-05,burnt\n"
    with pytest.raises(DataError) as error:
        checking(transactions=rows, as_of="2024-03-01")
    assert str(error.value) == (
        "The as-of day 2024-03-01 lies before the first claim of shop, 2024-03-02, so nothing was known then. "
        "Set a day from 2024-03-02 on, or leave it out."
    )
    with pytest.raises(DataError, match=r"first claim of shop that can be used, 2024-03-02"):
        checking(transactions=rows + "3,2024-02-01,nonsense\n", as_of="2024-03-01")
