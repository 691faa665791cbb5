"""The playbook that the docs show is one: it loads as it stands, and each of its closing rules is needed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from coterie.actions import load_playbook
from coterie.errors import UsageError

PAGE = Path(__file__).resolve().parents[1] / "docs" / "playbook.md"


def shown() -> str:
    (block,) = re.findall(r"^```toml\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    return str(block)


def test_the_playbook_shown_loads_as_it_stands(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text(shown(), encoding="utf-8")
    rules = load_playbook(own).rules
    assert [(rule.name, rule.audience, bool(rule.when)) for rule in rules] == [
        ("win-back", "segments", True),
        ("as-usual", "segments", False),
        ("greet", "never-active", False),
    ]


@pytest.mark.parametrize(("left_out", "audience"), [(1, "segments"), (2, "never-active")])
def test_each_closing_rule_is_needed(tmp_path: Path, left_out: int, audience: str) -> None:
    rules = shown().split("[[rule]]")[1:]
    own = tmp_path / "own.toml"
    own.write_text("".join(f"[[rule]]{rule}" for at, rule in enumerate(rules) if at != left_out), encoding="utf-8")
    with pytest.raises(UsageError, match=f'Close it with a rule for audience = "{audience}"'):
        load_playbook(own)
