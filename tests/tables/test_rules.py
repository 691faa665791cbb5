"""The registry of rules and the books of rows."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from coterie.tables.contract import Problem, Quality, TableCount
from coterie.tables.quality import reconcile, to_json
from coterie.tables.rules import RULE, RULES
from coterie.tables.tell import agreeing

SOURCE = Path(__file__).resolve().parents[2] / "src" / "coterie" / "tables"
FIELDS = {"rows": "1 row", "where": "transactions", "column": "burn_date", "as_of": "2024-01-01", **agreeing(1)}


def test_names_are_unique_and_every_rule_describes_itself() -> None:
    assert len(RULE) == len(RULES)
    for rule in RULES:
        assert re.fullmatch(r"[a-z]+(_[a-z]+)*", rule.name)
        assert rule.title
        assert rule.finds.endswith(".")
        assert rule.effect
        assert not rule.cure or rule.cure.endswith(".")
        assert "{" not in rule.message.format(**FIELDS) + rule.cure.format(**FIELDS)
        assert rule.sets_aside or not rule.kept_in_rejects


def test_every_rule_told_anywhere_is_registered() -> None:
    told = set()
    for path in SOURCE.glob("*.py"):
        text = path.read_text(encoding="utf-8")
        told |= set(re.findall(r'(?:tell|Problem|Test)\(\s*"([a-z_]+)"', text))
    assert told <= set(RULE)
    assert len(told) > 15


@pytest.mark.parametrize(
    "count", [TableCount(5, 3, 1, {"a": 1}), TableCount(5, 4, 1, {"a": 2}), TableCount(5, 4, 1, {})]
)
def test_books_that_do_not_balance_are_a_bug(count: TableCount) -> None:
    with pytest.raises(AssertionError, match="transactions"):
        reconcile(Quality({"transactions": count}, ()))


def test_quality_as_json() -> None:
    problem = Problem("missing_date", "transactions", 1, "m", "e", examples=("x line 2: d empty",))
    quality = Quality({"transactions": TableCount(5, 4, 1, {"missing_date": 1})}, (problem,))
    reconcile(quality)
    shown = json.loads(json.dumps(to_json(quality)))
    assert shown["tables"]["transactions"] == {
        "rows_in": 5,
        "rows_used": 4,
        "rows_set_aside": 1,
        "reasons": {"missing_date": 1},
    }
    assert shown["problems"][0]["rule"] == "missing_date"
    assert shown["problems"][0]["count"] == 1
    assert shown["problems"][0]["examples"] == ["x line 2: d empty"]
