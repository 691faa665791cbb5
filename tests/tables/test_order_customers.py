"""What is told of customers of orders, counted by hand."""

from __future__ import annotations

from typing import Any

import pytest

HEAD = "order_id,customer_id,order_date,amount"


def told(checking: Any, rows: list[str], **settings: Any) -> dict[str, Any]:
    tables = checking(orders="\n".join([HEAD, *rows]), **settings)
    return {problem.rule: problem for problem in tables.quality.problems}


def test_orders_whose_numbers_may_have_started_anew(checking: Any) -> None:
    rows = [
        "1,1,2024-01-01,5", "1,1,2024-02-01,5",  # 31 days apart
        "2,1,2024-01-01,5", "2,1,2024-02-02,5",  # 32 days apart
        "3,1,2024-01-01,5", "3,2,2024-12-01,5",  # two customers
        "4,1,2024-01-01,5", "4,1,2024-12-01,-5",  # a return
    ]  # fmt: skip
    found = told(checking, rows)["distant_lines"]
    assert (found.count, found.severity, found.share) == (1, "note", 1 / 5)
    assert found.message.startswith("1 order of 5 has lines more than 31 days apart, as if order numbers started anew")
    assert "distant_lines" not in told(checking, rows[:2] + rows[4:])


@pytest.mark.parametrize(("others", "own", "is_told"), [(300, 101, True), (300, 100, False), (500, 101, False)])
def test_a_customer_with_a_large_part_of_all_orders(checking: Any, others: int, own: int, is_told: bool) -> None:
    rows = [f"{n},c{n},2024-01-01,5" for n in range(others)] + [f"g{n},guest,2024-01-02,5" for n in range(own)]
    found = told(checking, rows).get("frequent_customer")
    assert (found is not None) == is_told
    if found is not None:
        assert (found.count, found.effect) == (own, "kept as one customer")
        assert "Customer guest has 101 of 401 orders (25%)" in found.message


def test_emails_that_differ_in_case_only(checking: Any) -> None:
    emails = ["a@x.com", "A@x.com", "b@x.com", "c@X.com", "C@x.com", "c@x.com", "D", "d"]
    rows = [f"{n},{email},2024-01-01,5" for n, email in enumerate(emails)]
    assert told(checking, rows)["email_case"].count == 5
    assert "email_case" not in told(checking, rows[2:4] + rows[6:])


@pytest.mark.parametrize(("as_of", "is_told"), [("2025-01-03", True), ("2025-01-02", False), (None, False)])
def test_an_as_of_day_far_after_the_data(checking: Any, as_of: str | None, is_told: bool) -> None:
    rows = ["1,1,2023-06-01,5", "2,1,2024-01-02,5"]
    assert ("far_as_of" in told(checking, rows, as_of=as_of)) == is_told


def test_amounts_beyond_what_can_be_counted(checking: Any) -> None:
    head = "order_id,customer_id,order_date,price,quantity"
    rows = [
        "1,1,2024-01-01,100000000000,1",
        "2,1,2024-01-02,100000000001,1",
        "3,1,2024-01-03,1e10,1e10",
        "4,1,2024-01-04,x,1",
    ]
    tables = checking(orders="\n".join([head, *rows]))
    assert tables.quality.tables["orders"].reasons == {"unparsable_amount": 1, "too_large_amount": 2}
    found = {problem.rule: problem for problem in tables.quality.problems}["too_large_amount"]
    assert found.revenue is None
    assert "more than 100,000,000,000" in found.message


def test_a_column_that_is_the_same_in_all_lines(checking: Any) -> None:
    rows = [f"{n},{n % 3},2024-01-0{n + 1},5,France,{n}" for n in range(6)]
    tables = checking(orders="\n".join([f"{HEAD},Country,note", *rows]))
    found = [problem.message for problem in tables.quality.problems if problem.rule == "unread_columns"]
    assert found == [
        "orders.csv has 1 further column that does not describe customers: note.",
        "orders.csv has 1 further column that is the same in all lines: Country.",
    ]


def test_shares_of_sales_that_hang_on_a_note(checking: Any) -> None:
    found = told(checking, ["1,1,2024-01-01,5", "1,1,2024-01-01,5", "2,1,2024-01-02,90"])
    assert found["identical_lines"].share == 0.05
    rows = [f"{n},1,2024-01-{n + 1:02d},{amount}" for n in range(10) for amount in (4, 4)]
    found = told(checking, [*rows, "99,1,2024-01-31,20"])
    assert found["repeated_totals"].share == 0.8
