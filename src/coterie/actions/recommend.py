"""Gives every segment the first advice that fits, adds what an over-index leads to, and ranks all of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from coterie.actions.contract import Action, Condition, Grade, Playbook, PlaybookRule
from coterie.actions.facts import facts_of, fields_of, lead_fields_of
from coterie.actions.templates import filled
from coterie.profiles import MixRow, Profiles, SegmentProfile

Grades = Mapping[int, Grade] | None

GAINS = ("high", "some", "none")
COUPONS = frozenset({"coupons"})
MUCH_RETURNED = 0.3
"""Returns over sales from which a first advice that does not ask for them carries a caution."""


@dataclass(frozen=True)
class _Ranked:
    """An action with the priority its rule gives it."""

    action: Action
    base: float


def recommend(profiles: Profiles, playbook: Playbook, grades: Mapping[int, Grade] | None = None) -> tuple[Action, ...]:
    """Advise on every segment: exactly one first advice each, and additions where an over-index leads.

    Ranked by where a coupon gains most loyalty (gain, then the rule's priority, then size); additions follow the
    first advices. Priorities are 1, 2, 3 ... and the result is in that order. An addition that is a coupon is given
    only to segments that get a coupon at all. Rules that speak of coupons are tried only for customers who have some,
    those of orders only for customers who ordered (for "Never active": where anybody did).

    With `grades` (segment number -> grade), each action carries its segment's; those on a segment that is constructed
    or not lasting carry a caution as well. "Never active" (0) is placed by rule and has neither.

    Where returns are a large part of sales, a first advice that does not ask for them carries a caution, and its gain
    is not "high".
    """
    first = [_Ranked(*_primary(profile, profiles, playbook, grades)) for profile in profiles.segments]
    added = [
        _Ranked(*extra)
        for profile, ranked in zip(profiles.segments, first, strict=True)
        for extra in _additions(profile, profiles, playbook, grades)
        if ranked.action.coupon or not extra[0].coupon
    ]
    ordered = [*sorted(first, key=_rank), *sorted(added, key=_rank)]
    return tuple(replace(ranked.action, priority=place) for place, ranked in enumerate(ordered, start=1))


def _rank(ranked: _Ranked) -> tuple[int, float, int, int]:
    action = ranked.action
    return GAINS.index(action.gain), ranked.base, -action.customers, action.segment


def _primary(profile: SegmentProfile, profiles: Profiles, playbook: Playbook, grades: Grades) -> tuple[Action, float]:
    # Customers without coupons may also have been clustered, when that was asked for.
    active = profile.segment != 0 and bool(profile.coupons or profile.orders)
    audience = "segments" if active else "never-active"
    facts, events = facts_of(profile, profiles), _events(profile if active else profiles.all) or COUPONS
    rule = next(
        rule
        for rule in (*playbook.rules, *playbook.else_rules)
        if rule.lead is None
        and rule.audience == audience
        and _speaks_of(rule, events)
        and _fits(rule.when, facts, profile.levels)
    )
    fields = fields_of(profile, profiles)
    action = _graded(_action(rule, profile, fields), profile, profiles, playbook, grades)
    # Once is enough: the caution of the grade says the same where there is one.
    if profiles.hardly_differ and playbook.caution and active and not action.caution:
        action = replace(action, why=f"{filled(playbook.caution, fields)} {action.why}")
    return _minding_returns(action, rule, facts, filled(playbook.returns, fields)), rule.priority


def _minding_returns(action: Action, rule: PlaybookRule, facts: Mapping[str, float], caution: str) -> Action:
    """The action with a caution, and no high gain, where much of sales comes back and the rule does not ask for it."""
    asked = any(condition.fact in ("returns", "return_rate") for condition in rule.when)
    if asked or facts.get("return_rate", 0.0) < MUCH_RETURNED:
        return action
    gain = "some" if action.gain == "high" else action.gain
    return replace(action, gain=gain, caution=" ".join(part for part in (caution, action.caution) if part))


def _additions(
    profile: SegmentProfile, profiles: Profiles, playbook: Playbook, grades: Grades
) -> list[tuple[Action, float]]:
    """At most one per rule: of the values that lead, the one most certain to."""
    if profile.segment is None or profile.segment <= 0:
        return []
    facts, events, found = facts_of(profile, profiles), _events(profile), []
    for rule in playbook.rules:
        leading = _leading(profile, rule.lead) if rule.lead is not None else None
        if leading is not None and _speaks_of(rule, events) and _fits(rule.when, facts, profile.levels):
            fields = fields_of(profile, profiles) | lead_fields_of(*leading)
            action = replace(_action(rule, profile, fields), primary=False)
            found.append((_graded(action, profile, profiles, playbook, grades), rule.priority))
    return found


def _leading(profile: SegmentProfile, dimension: str) -> tuple[MixRow, str] | None:
    """The value of a dimension that most certainly leads, with the unit of its shares."""
    rows = [(row, mix.unit) for mix in profile.mixes if mix.dimension == dimension for row in mix.rows if row.leads]
    return max(rows, key=lambda found: found[0].over_index_low, default=None)


def _events(profile: SegmentProfile) -> frozenset[str]:
    """What these customers have, as rules may need it."""
    return frozenset({name for name, number in (("coupons", profile.coupons), ("orders", profile.orders)) if number})


def _speaks_of(rule: PlaybookRule, events: frozenset[str]) -> bool:
    return rule.needs <= events and not rule.without & events


def _fits(when: tuple[Condition, ...], facts: Mapping[str, float], levels: Mapping[str, str]) -> bool:
    return all(_holds(condition, facts, levels) for condition in when)


def _holds(condition: Condition, facts: Mapping[str, float], levels: Mapping[str, str]) -> bool:
    if condition.levels:
        return levels.get(condition.fact) in condition.levels
    value = facts.get(condition.fact)
    if value is None:
        return False
    above = condition.at_least is None or value >= condition.at_least
    return above and (condition.under is None or value < condition.under)


def _graded(action: Action, profile: SegmentProfile, profiles: Profiles, playbook: Playbook, grades: Grades) -> Action:
    """The action with the grade of its segment, and the caution that follows from it."""
    grade = grades.get(profile.segment) if grades and profile.segment else None
    if grade is None:
        return action
    reason = _why_to_test(grade, alike=profiles.hardly_differ)
    template = playbook.test_first.get(reason, "")
    return replace(action, grade=grade.kind, caution=filled(template, fields_of(profile, profiles)))


def _why_to_test(grade: Grade, *, alike: bool) -> str:
    """Key of the playbook's sentence, or "" where evidence carries the segment or nothing was judged."""
    constructed, fleeting = grade.kind == "constructed", grade.lasting is False
    if not constructed and not fleeting:
        return ""
    if alike:
        return "alike"
    return "both" if constructed and fleeting else "constructed" if constructed else "not_lasting"


def _action(rule: PlaybookRule, profile: SegmentProfile, fields: Mapping[str, str]) -> Action:
    texts = {key: filled(template, fields) for key, template in rule.texts.items()}
    return Action(
        segment=profile.segment if profile.segment is not None else 0,
        name=profile.name,
        customers=profile.customers,
        action=rule.name,
        offer=texts["offer"],
        title=texts["title"],
        short=texts["short"],
        why=texts["why"],
        channel=texts["channel"],
        timing=texts["timing"],
        kpi=texts["kpi"],
        coupon=rule.coupon,
        gain=rule.gain,
        priority=0,
    )
