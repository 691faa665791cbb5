"""What to do for each segment, as the playbook's rules say it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True)
class Grade:
    """How real a segment is, as evidence judged it; None where it could not be told.

    Attributes:
        kind: Groups that exist, cuts that come back every time, cuts that do not.
        lasting: What sets the segment apart was shown to last.
    """

    kind: Literal["natural", "reproducible", "constructed"] | None
    lasting: bool | None


@dataclass(frozen=True)
class Action:
    """One piece of advice for one segment.

    Attributes:
        segment, name, customers: For whom.
        action: Name of the playbook rule; stands in the customer list.
        offer: What they get, in a few words ("New ranges, early access"); "No coupon" where they get none.
        title: The advice as a headline ("Offer first, without a deeper discount").
        short: The headline in two or three words, for tables ("Offer first").
        why: One or two sentences with the segment's own numbers.
        channel, timing: Where and when.
        kpi: What to watch, and against what.
        coupon: Whether a coupon is part of it.
        gain: How much loyalty a coupon can gain here: "high", "some", "none", used for the ranking.
        priority: 1 is first; every segment has its own.
        primary: The segment's first advice; others are additions (regional, branch or partner offer).
        grade: Evidence grade of the segment; None while not judged.
        caution: Sentences that ask to mind returns or to test on a small group first, and why; "" where nothing calls
            for it.
    """

    segment: int
    name: str
    customers: int
    action: str
    offer: str
    title: str
    short: str
    why: str
    channel: str
    timing: str
    kpi: str
    coupon: bool
    gain: str
    priority: int
    primary: bool = True
    grade: str | None = None
    caution: str = ""


@dataclass(frozen=True)
class Condition:
    """What must hold of one fact: one of these levels, or a number in [at_least, under); both ends may be open."""

    fact: str
    levels: tuple[str, ...] = ()
    at_least: float | None = None
    under: float | None = None


@dataclass(frozen=True)
class PlaybookRule:
    """One rule of the playbook: for whom, under which conditions, and what to say.

    Attributes:
        name: As it stands in the customer list.
        audience: "segments" (those found by clustering) or "never-active".
        when: All must hold; none means always.
        lead: Dimension whose over-index must lead (city, branch, merchant, category); such a rule only adds to the
            first advice.
        texts: title, short, offer, why, channel, timing, kpi -> template.
        coupon, gain, priority: As in `Action`; priority orders rules of the same gain, small numbers first.
        needs: "coupons", "orders", which the segment must have for the rule to be tried: what was asked for, or what
            its conditions and sentences speak of.
        without: Of these it must have none.
    """

    name: str
    audience: str
    when: tuple[Condition, ...]
    lead: str | None
    texts: Mapping[str, str]
    coupon: bool
    gain: str
    priority: float
    needs: frozenset[str] = frozenset()
    without: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Playbook:
    """Rules in the order they are tried, a caution for customers who hardly differ, and where it was read from.

    `returns` is the template of the caution where much of what is sold comes back. `test_first` holds, by reason
    ("constructed", "not_lasting", "both", "alike"), the template of `Action.caution`.
    `else_rules` are those of ours that are tried where a playbook of somebody else has nothing that fits, such as one
    about coupons in a shop without any.
    """

    rules: tuple[PlaybookRule, ...]
    caution: str
    source: str
    test_first: Mapping[str, str] = field(default_factory=dict)
    else_rules: tuple[PlaybookRule, ...] = ()
    returns: str = ""
