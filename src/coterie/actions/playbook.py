"""Reads a playbook from TOML and refuses, in one sentence, whatever could not be carried out."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any, NoReturn

from coterie.actions.contract import Condition, Playbook, PlaybookRule
from coterie.actions.facts import FACTS, FIELDS, LEAD_FIELDS, OF_COUPONS, OF_ORDERS
from coterie.actions.templates import fields_in, unknown_fields
from coterie.errors import UsageError
from coterie.profiles import LEVELS

OURS = "playbook.toml"
TEXTS = ("title", "short", "offer", "why", "channel", "timing", "kpi")
AUDIENCES = ("segments", "never-active")
"""Those found by clustering, and those without any coupon."""
LEADS = ("city", "branch", "merchant", "category")
EVENTS = ("coupons", "orders")
GAINS = ("high", "some", "none")
TEST_FIRST = ("constructed", "not_lasting", "both", "alike")
"""Why to test on a small group first: cut from a crowd, not shown to last, both, or customers who hardly differ."""
KEYS = ("name", "audience", "when", "lead", "needs", "without", "coupon", "gain", "priority", *TEXTS)
REQUIRED = ("name", "coupon", "gain", "priority", *TEXTS)


@dataclass(frozen=True)
class _Place:
    """Where in which file something stands, for the sentence of an error."""

    source: str
    part: str

    def wrong(self, key: str, found: str, right: str) -> NoReturn:
        raise UsageError(f"{self.source}, {self.part}: {key} {found}. {right}")


def load_playbook(path: Path | None) -> Playbook:
    """Read a playbook, or the one that comes with Coterie for None.

    Args:
        path: A TOML file with `[[rule]]` tables, tried from top to bottom; the first that fits gives the advice.

    Raises:
        UsageError: The file cannot be read, or a rule has an unknown key, fact, level or field, or lacks one, or no
            rule without conditions closes the list. The sentence names file, rule, key and what would be right.

    Example:
        >>> load_playbook(None).rules[-1].name
        'merchant-deal'
    """
    ours = tomllib.loads((resources.files("coterie.actions") / OURS).read_text("utf-8"))
    if path is None:
        return _playbook(ours, OURS)
    try:
        content = tomllib.loads(_read(path))
    except tomllib.TOMLDecodeError as error:
        raise UsageError(
            f"{path.name} is not valid TOML: {error}. Correct it there, or leave --playbook out."
        ) from error
    return _playbook(content, path.name, _playbook(ours, OURS))


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise UsageError(f"The playbook {path} cannot be read: {reason}. Give --playbook a TOML file.") from error


def _playbook(content: Mapping[str, Any], source: str, otherwise: Playbook | None = None) -> Playbook:
    """Checked; what it does not say of returns or of testing first, or has no rule for, is said by `otherwise`."""
    unknown = sorted(set(content) - {"rule", "caution", "returns", "test_first"})
    if unknown:
        raise UsageError(
            f"{source}: {unknown[0]} is not known at the top. "
            "Only caution, returns, [test_first] and [[rule]] stand there."
        )
    entries, caution = content.get("rule"), content.get("caution", "")
    if not isinstance(entries, list) or not entries or not all(isinstance(entry, dict) for entry in entries):
        raise UsageError(f"{source} has no rules. Give each a [[rule]] table, as in the playbook of Coterie itself.")
    if not isinstance(caution, str):
        raise UsageError(f"{source}: caution is not text. Give it a sentence in quotes.")
    rules = tuple(_rule(entry, source, number) for number, entry in enumerate(entries, start=1))
    _check_whole(rules, source)
    test_first = _test_first(content.get("test_first", {}), source)
    returns = _template(content, "returns", FIELDS, _Place(source, "the top")) if "returns" in content else ""
    if otherwise is None:
        return Playbook(rules, caution.strip(), source, test_first, returns=returns)
    else_rules = tuple(rule for rule in otherwise.rules if rule.lead is None)
    reasons = {**otherwise.test_first, **test_first}
    return Playbook(rules, caution.strip(), source, reasons, else_rules, returns or otherwise.returns)


def _test_first(entry: object, source: str) -> dict[str, str]:
    place = _Place(source, "[test_first]")
    if not isinstance(entry, dict):
        place.wrong("it", "is not a table", f"Give it some of {', '.join(TEST_FIRST)}.")
    for key in entry:
        if key not in TEST_FIRST:
            place.wrong(key, "is not a reason", f"There are {', '.join(TEST_FIRST)}.")
    return {key: _template(entry, key, FIELDS, place) for key in entry}


def _check_whole(rules: tuple[PlaybookRule, ...], source: str) -> None:
    names = [rule.name for rule in rules]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise UsageError(f"{source} has two rules named {twice[0]}. Give each its own name.")
    for audience in AUDIENCES:
        if not any(rule.audience == audience and not rule.when and rule.lead is None for rule in rules):
            raise UsageError(
                f'{source} leaves some segments without advice. Close it with a rule for audience = "{audience}" '
                "without when and lead, which fits whatever is left."
            )


def _rule(entry: Mapping[str, Any], source: str, number: int) -> PlaybookRule:
    name = entry.get("name")
    place = _Place(source, f"rule {name if isinstance(name, str) and name else number}")
    for key in entry:
        if key not in KEYS:
            place.wrong(key, "is not a key of a rule", f"There are {', '.join(KEYS)}.")
    for key in REQUIRED:
        if key not in entry:
            place.wrong(key, "is missing", "Every rule needs it.")
    lead = _one_of(entry, "lead", LEADS, place) if "lead" in entry else None
    audience = _one_of(entry, "audience", AUDIENCES, place) if "audience" in entry else "segments"
    if lead is not None and audience != "segments":
        place.wrong("lead", "stands in a rule for never-active customers", "They have no coupons: leave it out.")
    coupon, priority = entry["coupon"], entry["priority"]
    if not isinstance(coupon, bool):
        place.wrong("coupon", f"is {coupon!r}", "It is true or false.")
    if isinstance(priority, bool) or not isinstance(priority, int | float):
        place.wrong("priority", f"is {priority!r}", "It is a number; 1 comes before 2.")
    fields = [*FIELDS, *(LEAD_FIELDS if lead is not None else ())]
    texts = {key: _template(entry, key, fields, place) for key in TEXTS}
    when = _conditions(entry.get("when", {}), place)
    without = _events(entry, "without", place)
    needs = _events(entry, "needs", place) or _spoken_of(when, texts)
    if needs & without:
        place.wrong("without", f"is {entry['without']!r}", "A rule that speaks of them cannot do without them.")
    return PlaybookRule(
        name=_text(entry, "name", place),
        audience=audience,
        when=when,
        lead=lead,
        texts=texts,
        coupon=coupon,
        gain=_one_of(entry, "gain", GAINS, place),
        priority=float(priority),
        needs=needs,
        without=without,
    )


def _events(entry: Mapping[str, Any], key: str, place: _Place) -> frozenset[str]:
    value = entry.get(key, [])
    if not isinstance(value, list) or not all(event in EVENTS for event in value):
        place.wrong(key, f"is {value!r}", f"It is a list of some of {', '.join(EVENTS)}.")
    return frozenset(value)


def _spoken_of(when: tuple[Condition, ...], texts: Mapping[str, str]) -> frozenset[str]:
    """The events that conditions and sentences speak of: without them they would be empty words."""
    names = {condition.fact for condition in when}.union(*(fields_in(text) for text in texts.values()))
    found = {"coupons": names & OF_COUPONS, "orders": names & OF_ORDERS}
    return frozenset(event for event, spoken in found.items() if spoken)


def _text(entry: Mapping[str, Any], key: str, place: _Place) -> str:
    value = entry[key]
    if not isinstance(value, str) or not value.strip():
        place.wrong(key, "is empty or not text", "Give it words in quotes.")
    return str(value).strip()


def _template(entry: Mapping[str, Any], key: str, known: Collection[str], place: _Place) -> str:
    text = _text(entry, key, place)
    try:
        unknown = unknown_fields(text, known)
    except ValueError as error:
        place.wrong(key, f"cannot be filled: {error}", "Write fields as {burn_rate}, and a brace itself as {{.")
    if unknown:
        place.wrong(key, f"holds the unknown field {{{unknown[0]}}}", f"There are {', '.join(known)}.")
    return text


def _one_of(entry: Mapping[str, Any], key: str, allowed: tuple[str, ...], place: _Place) -> str:
    value = entry[key]
    if value not in allowed:
        place.wrong(key, f"is {value!r}", f"It is one of {', '.join(allowed)}.")
    return str(value)


def _conditions(when: object, place: _Place) -> tuple[Condition, ...]:
    if not isinstance(when, dict):
        place.wrong("when", "is not a table", 'Write it as { activity = ["high"], burn_rate = { under = 0.1 } }.')
    return tuple(_condition(fact, wanted, place) for fact, wanted in when.items())


def _condition(fact: str, wanted: object, place: _Place) -> Condition:
    key = f"when.{fact}"
    if fact in LEVELS:
        allowed = LEVELS[fact]
        if not isinstance(wanted, list) or not wanted or not all(level in allowed for level in wanted):
            place.wrong(key, f"is {wanted!r}", f"It is a list of some of {', '.join(allowed)}.")
        return Condition(fact, levels=tuple(wanted))
    if fact not in FACTS:
        place.wrong(key, "is not a fact", f"There are {', '.join([*LEVELS, *FACTS])}.")
    numbers = isinstance(wanted, dict) and wanted and set(wanted) <= {"at_least", "under"}
    if not isinstance(wanted, dict) or not numbers or not all(_is_number(value) for value in wanted.values()):
        place.wrong(key, f"is {wanted!r}", "Write it as { at_least = 0.2 } or { under = 0.5 }, or both.")
    return Condition(fact, at_least=wanted.get("at_least"), under=wanted.get("under"))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
