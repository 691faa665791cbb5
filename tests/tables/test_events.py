"""Event logs: recognised, and read right when asked to."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from coterie.errors import DataError

HEAD = "transaction_id,customer_id,transaction_date,transaction_status,coupon_name,branch_id"
BY_COUPON = f"""{HEAD}
1,1,2024-01-01,claimed,A,
2,1,2024-01-05,burnt,A,7
3,1,2024-01-02,claimed,B,
4,2,2024-01-03,claimed,A,
5,2,2024-01-04,burnt,A,8
6,2,2024-01-09,claimed,C,
7,2,2024-01-11,expired,C,"""
BY_ID = f"""{HEAD}
1,1,2024-01-01,claimed,A,
1,1,2024-01-05,burnt,A,7
2,1,2024-01-02,claimed,B,
3,2,2024-01-03,claimed,A,
3,2,2024-01-04,burnt,A,8
4,2,2024-01-09,claimed,C,
4,2,2024-01-11,expired,C,"""


def coupons(tables: Any) -> list[tuple[Any, ...]]:
    found = tables.engine.collect(tables.coupons).to_pylist()
    return sorted(
        (
            r["customer_id"],
            r["coupon_name"],
            r["claimed_on"].day,
            r["status"],
            r["burnt_on"] and r["burnt_on"].day,
            r["branch_id"],
        )
        for r in found
    )


WANTED = [
    (1, "A", 1, "burnt", 5, 7),
    (1, "B", 2, "claimed", None, None),
    (2, "A", 3, "burnt", 4, 8),
    (2, "C", 9, "expired", None, None),
]


def found(tables: Any, rule: str) -> Any:
    return next((p for p in tables.quality.problems if p.rule == rule), None)


@pytest.mark.parametrize(("text", "count"), [(BY_COUPON, 2), (BY_ID, 2)])
def test_an_event_log_is_recognised_and_reported(checking: Any, text: str, count: int) -> None:
    note = found(checking(transactions=text), "event_log")
    assert note.count == count
    assert note.severity == "note"
    assert 'status_meaning = "event"' in note.cure


def test_one_transaction_id_per_claim_and_burn_contradicts_itself_when_read_as_states(checking: Any) -> None:
    tables = checking(transactions=BY_ID)
    assert dict(tables.quality.tables["transactions"].reasons) == {"conflicting_rows": 6}


@pytest.mark.parametrize("text", [BY_COUPON, BY_ID])
def test_read_as_events_a_claim_and_its_burn_are_one_coupon(checking: Any, text: str) -> None:
    tables = checking(transactions=text, status_meaning="event")
    assert coupons(tables) == WANTED
    count = tables.quality.tables["transactions"]
    assert (count.rows_in, count.rows_used, count.rows_set_aside) == (7, 7, 0)
    assert tables.as_of == dt.date(2024, 1, 9)
    assert found(tables, "event_log").effect.startswith("read as events")


def test_the_second_claim_goes_with_the_second_burn(checking: Any) -> None:
    text = f"""{HEAD}
    1,1,2024-01-01,claimed,A,
    2,1,2024-01-05,claimed,A,
    3,1,2024-01-03,burnt,A,
    4,1,2024-01-09,burnt,A,"""
    assert coupons(checking(transactions=text, status_meaning="event")) == [
        (1, "A", 1, "burnt", 3, None), (1, "A", 5, "burnt", 9, None),
    ]  # fmt: skip


def test_cancellations_take_their_claim_with_them_and_lone_burns_are_set_aside(checking: Any) -> None:
    text = f"{BY_COUPON}\n8,3,2024-01-01,claimed,A,\n9,3,2024-01-02,cancelled,A,\n10,3,2024-01-05,burnt,Z,"
    tables = checking(transactions=text, status_meaning="event")
    assert coupons(tables) == WANTED
    count = tables.quality.tables["transactions"]
    assert (count.rows_in, count.rows_used) == (10, 7)
    assert dict(count.reasons) == {"burn_without_claim": 1, "cancelled": 2}
    rejected = tables.engine.collect(tables.rejects["transactions"]).to_pylist()
    assert sorted((row["transaction_id"], row["_reason"]) for row in rejected) == [
        ("10", "burn_without_claim"), ("8", "cancelled"), ("9", "cancelled"),
    ]  # fmt: skip


def test_a_burn_after_the_as_of_leaves_the_coupon_open(checking: Any) -> None:
    tables = checking(transactions=BY_COUPON, status_meaning="event", as_of=dt.date(2024, 1, 4))
    assert coupons(tables) == [
        (1, "A", 1, "claimed", None, None),
        (1, "B", 2, "claimed", None, None),
        (2, "A", 3, "burnt", 4, 8),
    ]
    assert dict(tables.quality.tables["transactions"].reasons) == {"after_as_of": 3}


def test_copies_of_an_event_collapse_within_its_status(checking: Any) -> None:
    tables = checking(transactions=BY_ID + "\n1,1,2024-01-05,burnt,A,7", status_meaning="event")
    assert dict(tables.quality.tables["transactions"].reasons) == {"duplicate": 1}
    assert coupons(tables) == WANTED


def test_a_table_of_states_is_no_event_log(checking: Any) -> None:
    head = "transaction_id,customer_id,transaction_date,transaction_status,coupon_name,burn_date"
    lines = [f"{2 * n},{n},2024-01-01,claimed,A,\n{2 * n + 1},{n},2024-01-02,burnt,A,2024-01-20" for n in range(1, 9)]
    assert found(checking(transactions="\n".join([head, *lines])), "event_log") is None


def test_events_need_something_that_pairs_them(checking: Any) -> None:
    text = "customer_id,transaction_date,transaction_status\n1,2024-01-01,claimed\n1,2024-01-02,burnt"
    with pytest.raises(DataError, match="needs a coupon_name"):
        checking(transactions=text, status_meaning="event")


def test_a_burn_before_its_claim_is_kept_with_its_day_unknown(checking: Any) -> None:
    text = f"{HEAD}\n1,1,2024-01-05,claimed,A,\n2,1,2024-01-03,burnt,A,7\n3,2,2024-01-01,claimed,B,"
    tables = checking(transactions=text, status_meaning="event")
    assert coupons(tables) == [(1, "A", 5, "burnt", None, 7), (2, "B", 1, "claimed", None, None)]
    assert [one.rule for one in tables.quality.problems if one.severity != "note"] == ["burn_before_claim"]
