"""Findings read as sentences, for one row and for many."""

from __future__ import annotations

import re

from coterie.tables.rules import RULES
from coterie.tables.tell import AGREEING, agreeing

CUSTOMERS = "customer_id,join_date\n1,2024-01-01\n1,2024-01-02\n2,2024-01-01\n2,2024-01-01\n3,nonsense\n"
TRANSACTIONS = (
    "customer_id,transaction_date,transaction_status\n1,2024-02-01,claimed\n9,2024-02-01,burnt\n,2024-02-02,x\n"
)


def test_sentences_of_one_row_and_of_several(checking):
    tables = checking(customers=CUSTOMERS, transactions=TRANSACTIONS)
    told = {(problem.table, problem.rule): problem for problem in tables.quality.problems}
    assert told["customers", "conflicting_rows"].message == (
        "2 rows of customers share their customer id with a different row."
    )
    assert told["customers", "conflicting_rows"].column == "customer_id"
    assert told["customers", "duplicate"].message == "1 row of customers is a copy of another row."
    assert told["customers", "unparsable_optional"].message == "In 1 row of customers the join date cannot be read."
    assert told["customers", "unparsable_optional"].examples == ("customers.csv line 6: join_date 'nonsense'",)
    assert told["transactions", "missing_customer_id"].message == "1 row of transactions has no customer id."


def test_every_rule_agrees_with_its_number_and_names_no_raw_column():
    fields = {"where": "transactions", "column": "burn date", "as_of": "2024-01-01"}
    for rule in RULES:
        one = rule.message.format(rows="1 row", **fields, **agreeing(1))
        many = rule.message.format(rows="2 rows", **fields, **agreeing(2))
        assert "_" not in one + many
        assert not set(re.findall(r"\w+", one)) & {"have", "are", "were", "their"}
        assert not set(re.findall(r"\w+", many)) & {"has", "was", "its", "shares", "lies", "names", "closes"}


def test_every_agreeing_word_differs():
    assert all(one != several for one, several in AGREEING.values())
