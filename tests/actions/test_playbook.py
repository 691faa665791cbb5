"""The playbook that ships, and every way in which another one can be wrong: one sentence each, with file and rule."""

from __future__ import annotations

import re

import pytest

from coterie.actions import load_playbook
from coterie.errors import UsageError

RULE = """
name = "all"
coupon = true
gain = "some"
priority = 1
title = "Title"
short = "Short"
offer = "Offer"
why = "They burn {burn_rate}."
channel = "App"
timing = "Now"
kpi = "Burns"
"""
CLOSING = f'[[rule]]{RULE}\n[[rule]]{RULE.replace("all", "never")}audience = "never-active"\n'


def read(tmp_path, text):
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return load_playbook(path)


def test_ours_has_all_that_is_asked_for():
    playbook = load_playbook(None)
    names = {rule.name for rule in playbook.rules}
    assert names >= {
        "loyalty-reward",
        "perks-without-coupon",
        "pause-and-remind",
        "easier-redemption",
        "introduction",
        "win-back",
        "regional-offer",
        "branch-deal",
        "merchant-deal",
        "leave-alone",
        "welcome",
    }
    assert {rule.lead for rule in playbook.rules if rule.lead} == {"city", "branch", "merchant", "category"}
    for rule in playbook.rules:
        if rule.texts["offer"].startswith("No "):
            assert not rule.coupon
        assert "holdout" in rule.texts["kpi"] or not rule.coupon


def test_ours_names_no_gender_and_sells_nothing_as_a_cause():
    for rule in load_playbook(None).rules:
        words = set(re.findall(r"[a-z']+", " ".join(rule.texts.values()).lower()))
        assert not words & {
            "male",
            "female",
            "men",
            "women",
            "man",
            "woman",
            "gender",
            "he",
            "she",
            "his",
            "her",
            "him",
        }
        assert not words & {"guarantees", "boosts", "boost", "will"}


def test_another_one_is_read(tmp_path):
    when = 'when = { activity = ["high"], burn_rate = { at_least = 0.2, under = 0.5 } }\n'
    playbook = read(tmp_path, f'caution = "Careful."\n[[rule]]{RULE.replace("all", "first")}{when}{CLOSING}')
    assert [rule.name for rule in playbook.rules] == ["first", "all", "never"]
    assert playbook.source == "mine.toml"
    assert playbook.caution == "Careful."
    levels, numbers = playbook.rules[0].when
    assert (levels.fact, levels.levels) == ("activity", ("high",))
    assert (numbers.fact, numbers.at_least, numbers.under) == ("burn_rate", 0.2, 0.5)


def test_what_it_does_not_say_of_testing_first_is_said_in_our_words(tmp_path):
    ours = load_playbook(None).test_first
    assert set(ours) == {"constructed", "not_lasting", "both", "alike"}
    assert all("test on a small group first" in text.lower() for text in ours.values())
    own = read(tmp_path, f'[test_first]\nboth = "Only with {{test_group}}."\n{CLOSING}').test_first
    assert own == {**ours, "both": "Only with {test_group}."}
    assert read(tmp_path, CLOSING).test_first == ours


WRONG = {
    "testing first, no table": (f"test_first = 3\n{CLOSING}", "[test_first]: it is not a table. Give it some of"),
    "testing first, unknown reason": (
        f'[test_first]\nbad = "Careful."\n{CLOSING}',
        "[test_first]: bad is not a reason. There are constructed, not_lasting, both, alike",
    ),
    "testing first, unknown field": (
        f'[test_first]\nboth = "On {{few}}."\n{CLOSING}',
        "[test_first]: both holds the unknown field {few}",
    ),
    "testing first, empty": (f'[test_first]\nboth = ""\n{CLOSING}', "[test_first]: both is empty or not text"),
    "not TOML": ("[[rule", "mine.toml is not valid TOML"),
    "empty": ("", "mine.toml has no rules"),
    "unknown at the top": (f"rules = 1\n{CLOSING}", "rules is not known at the top"),
    "unknown key": (
        f'{CLOSING}[[rule]]{RULE}colour = "red"\n',
        "rule all: colour is not a key of a rule. There are name",
    ),
    "missing key": (CLOSING.replace('title = "Title"\n', "", 1), "rule all: title is missing"),
    "empty text": (CLOSING.replace('"Offer"', '" "', 1), "rule all: offer is empty or not text"),
    "text as number": (CLOSING.replace('"Offer"', "3", 1), "rule all: offer is empty or not text"),
    "unknown field": (
        CLOSING.replace("{burn_rate}", "{burnrate}", 1),
        "holds the unknown field {burnrate}. There are name",
    ),
    "attribute": (CLOSING.replace("{burn_rate}", "{name.__class__}", 1), "unknown field {name.__class__}"),
    "index": (CLOSING.replace("{burn_rate}", "{name[0]}", 1), "unknown field {name[0]}"),
    "positional": (CLOSING.replace("{burn_rate}", "{}", 1), "unknown field {}"),
    "format": (CLOSING.replace("{burn_rate}", "{burn_rate:>9999999}", 1), "carries a format"),
    "conversion": (CLOSING.replace("{burn_rate}", "{burn_rate!r}", 1), "carries a format"),
    "open brace": (CLOSING.replace("{burn_rate}", "{burn_rate", 1), "cannot be filled"),
    "lead field without lead": (CLOSING.replace("{burn_rate}", "{value}", 1), "unknown field {value}"),
    "gender lead": (
        f'{CLOSING}[[rule]]{RULE}lead = "gender"\n',
        "lead is 'gender'. It is one of city, branch, merchant",
    ),
    "gender fact": (f'{CLOSING}[[rule]]{RULE}when = {{ gender = ["Male"] }}\n', "when.gender is not a fact"),
    "unknown level": (f'{CLOSING}[[rule]]{RULE}when = {{ activity = ["huge"] }}\n', "some of low, usual, high"),
    "level not listed": (f'{CLOSING}[[rule]]{RULE}when = {{ activity = "high" }}\n', "when.activity is 'high'"),
    "number as level": (f"{CLOSING}[[rule]]{RULE}when = {{ burn_rate = 0.2 }}\n", "Write it as { at_least = 0.2 }"),
    "unknown comparison": (f"{CLOSING}[[rule]]{RULE}when = {{ burn_rate = {{ over = 1 }} }}\n", "when.burn_rate is"),
    "text as number in when": (
        f'{CLOSING}[[rule]]{RULE}when = {{ burn_rate = {{ under = "1" }} }}\n',
        "when.burn_rate is",
    ),
    "when not a table": (f"{CLOSING}[[rule]]{RULE}when = 3\n", "when is not a table"),
    "coupon": (CLOSING.replace("coupon = true", 'coupon = "yes"', 1), "coupon is 'yes'. It is true or false"),
    "gain": (CLOSING.replace('"some"', '"huge"', 1), "gain is 'huge'. It is one of high, some, none"),
    "priority": (CLOSING.replace("priority = 1", 'priority = "1"', 1), "priority is '1'. It is a number"),
    "audience": (CLOSING.replace('"never-active"', '"nobody"'), "audience is 'nobody'"),
    "lead for never active": (f'{CLOSING.rstrip()}\nlead = "city"\n', "They have no coupons"),
    "two of one name": (f"[[rule]]{RULE}{CLOSING}", "two rules named all"),
    "nothing for the rest": (f"[[rule]]{RULE}", 'Close it with a rule for audience = "never-active"'),
    "caution": (f"caution = 3\n{CLOSING}", "caution is not text"),
    "rule without a name": (CLOSING.replace('name = "all"\n', "", 1), "rule 1: name is missing"),
    "rules not tables": ("rule = [1, 2]", "mine.toml has no rules"),
}


@pytest.mark.parametrize("case", WRONG)
def test_one_sentence_says_what_is_wrong(tmp_path, case):
    text, expected = WRONG[case]
    with pytest.raises(UsageError) as error:
        read(tmp_path, text)
    assert expected in error.value.sentence
    assert error.value.sentence.startswith("mine.toml")
    assert "\n" not in error.value.sentence


def test_a_file_that_cannot_be_read(tmp_path):
    with pytest.raises(UsageError, match="cannot be read: No such file"):
        load_playbook(tmp_path / "absent.toml")
    (tmp_path / "latin.toml").write_bytes(b"caution = '\xff'")
    with pytest.raises(UsageError, match="not UTF-8"):
        load_playbook(tmp_path / "latin.toml")
