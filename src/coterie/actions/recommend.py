"""Gives every segment the first advice that fits, adds what an over-index leads to, and ranks all of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from coterie.actions.contract import Action, Condition, Playbook, PlaybookRule
from coterie.actions.facts import facts_of, fields_of, lead_fields_of
from coterie.actions.templates import filled
from coterie.profiles import MixRow, Profiles, SegmentProfile

GAINS = ("high", "some", "none")


@dataclass(frozen=True)
class _Ranked:
    """An action with the priority its rule gives it."""

    action: Action
    base: float


def recommend(profiles: Profiles, playbook: Playbook) -> tuple[Action, ...]:
    """Advise on every segment: exactly one first advice each, and additions where an over-index leads.

    Ranked by where a coupon gains most loyalty (gain, then the rule's priority, then size); additions follow the
    first advices. Priorities are 1, 2, 3 ... and the result is in that order. An addition is given only to segments
    that get a coupon at all.
    """
    first = [_Ranked(*_primary(profile, profiles, playbook)) for profile in profiles.segments]
    added = [
        _Ranked(*extra)
        for profile, ranked in zip(profiles.segments, first, strict=True)
        if ranked.action.coupon
        for extra in _additions(profile, profiles, playbook)
    ]
    ordered = [*sorted(first, key=_rank), *sorted(added, key=_rank)]
    return tuple(replace(ranked.action, priority=place) for place, ranked in enumerate(ordered, start=1))


def _rank(ranked: _Ranked) -> tuple[int, float, int, int]:
    action = ranked.action
    return GAINS.index(action.gain), ranked.base, -action.customers, action.segment


def _primary(profile: SegmentProfile, profiles: Profiles, playbook: Playbook) -> tuple[Action, float]:
    # Customers without coupons may also have been clustered, when that was asked for.
    audience = "never-active" if profile.segment == 0 or not profile.coupons else "segments"
    facts = facts_of(profile, profiles)
    rule = next(
        rule
        for rule in playbook.rules
        if rule.lead is None and rule.audience == audience and _fits(rule.when, facts, profile.levels)
    )
    return _action(rule, profile, fields_of(profile, profiles), _caution(profiles, playbook)), rule.priority


def _additions(profile: SegmentProfile, profiles: Profiles, playbook: Playbook) -> list[tuple[Action, float]]:
    """At most one per rule: of the values that lead, the one most certain to."""
    if profile.segment is None or profile.segment <= 0:
        return []
    facts, found = facts_of(profile, profiles), []
    for rule in playbook.rules:
        leading = _leading(profile, rule.lead) if rule.lead is not None else None
        if leading is not None and _fits(rule.when, facts, profile.levels):
            fields = fields_of(profile, profiles) | lead_fields_of(*leading)
            found.append((replace(_action(rule, profile, fields, ""), primary=False), rule.priority))
    return found


def _leading(profile: SegmentProfile, dimension: str) -> tuple[MixRow, str] | None:
    """The value of a dimension that most certainly leads, with the unit of its shares."""
    rows = [(row, mix.unit) for mix in profile.mixes if mix.dimension == dimension for row in mix.rows if row.leads]
    return max(rows, key=lambda found: found[0].over_index_low, default=None)


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


def _caution(profiles: Profiles, playbook: Playbook) -> str:
    return playbook.caution if profiles.hardly_differ else ""


def _action(rule: PlaybookRule, profile: SegmentProfile, fields: Mapping[str, str], caution: str) -> Action:
    texts = {key: filled(template, fields) for key, template in rule.texts.items()}
    if caution and profile.coupons:
        texts["why"] = f"{filled(caution, fields)} {texts['why']}"
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
