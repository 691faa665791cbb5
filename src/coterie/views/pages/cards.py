"""One card per segment: the finding, the advice, contrasts, rule, histograms, burn curve, mix, typical customers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from coterie.views import format as say
from coterie.views.charts.mixes import label_of
from coterie.views.grades import Grade, detailed
from coterie.views.pages.border import OnBorder, on_border
from coterie.views.pages.glossary import anchors
from coterie.views.pages.leads import lead
from coterie.views.segments import (
    clustered,
    feature_interval,
    feature_label,
    feature_own,
    feature_unit,
    feature_value,
    orders_only,
    shown_features,
    with_both,
)
from coterie.views.tokens import slot

if TYPE_CHECKING:
    from coterie.actions.contract import Action
    from coterie.profiles.contract import FeatureFigure, Mix, MixRow, PlainRule, SegmentProfile
    from coterie.views.contract import Drawings, Drawn, ReportInput

CONTRASTS = 7
MIX_ROWS = 3
WEAK = 0.6
"""Below this precision a plain rule finds more of others than it may."""
_THRESHOLD = re.compile(
    r"\b(?:at least|at most|more than|fewer than|less than|under|over) (?:\d[\d.,]*%?|one|two|three)(?: days ago)?"
    r"|\d[\d,.]* \w+ at most\b"
    r"|\d[\d,.]*%? (?:to \d[\d,.]*%?(?: days ago)?|(?:days ago )?or (?:more|fewer|less|earlier|later))\b"
)


@dataclass(frozen=True)
class Contrast:
    """One feature of the card: own mean with interval, mean of all, contrast, and where the segment stands among all.

    `own`, `all` and `others` are positions on the strip, 0..100.
    """

    label: str
    term: str
    mean: str
    interval: str
    everyone: str
    contrast: str
    own: float
    all: float
    others: tuple[float, ...]
    by_construction: bool


@dataclass(frozen=True)
class Card:
    """Everything that is printed of one segment."""

    profile: SegmentProfile
    css: str
    place: str
    lead: str
    grades: tuple[Grade, ...]
    advice: Action | None
    priority: str
    more: tuple[Action, ...]
    contrasts: tuple[Contrast, ...]
    alone: bool
    among: str
    drawn_in: str
    rule: tuple[tuple[str, bool], ...]
    rule_worth: str
    histograms: tuple[Drawn, ...]
    curve: Drawn | None
    mixes: tuple[Mix, ...]
    mixes_rest: str
    border: OnBorder | None
    typical_head: tuple[str, ...]
    typical: tuple[tuple[str, ...], ...]


def cards(result: ReportInput, drawings: Drawings) -> Mapping[str, Any] | None:
    """All segments, "Never active" last."""
    found = tuple(_card(result, one, drawings) for one in result.profiles.segments)
    return {"cards": found} if found else None


def _card(result: ReportInput, one: SegmentProfile, drawings: Drawings) -> Card:
    own = sorted(
        (action for action in result.actions if action.segment == one.segment), key=lambda action: action.priority
    )
    advice = next((action for action in own if action.primary), None)
    segments = len(clustered(result))
    number = f"Segment {one.segment} of {segments}" if (one.segment or 0) > 0 else "Outside the segments"
    if len(result.profiles.segments) == 1:
        number = "The only segment"
    head, typical = _typical(result, one)
    telling, rest = _mixes(one)
    return Card(
        profile=one,
        css=slot(one.segment),
        place=f"{number} · {say.plural(one.customers, 'customer')} · {say.share(one.share, 1 if one.share < 1 else 0)}",
        lead=lead(result, one),
        grades=detailed(result.evidence, one.segment),
        advice=advice,
        priority=f"{advice.priority} of {len(result.profiles.segments)}" if advice else "",
        more=tuple(action for action in own if action is not advice),
        contrasts=_contrasts(result, one),
        alone=segments < 2,
        among=f"Among the {say.word(segments)}",
        drawn_in=_drawn_in(result, one),
        rule=_marked(one.rule),
        rule_worth=_worth(one.rule),
        histograms=tuple(found for name in ("coupons", "orders") if (found := _own(drawings[name], one)) is not None),
        curve=_own(drawings["segment-burn-curve"], one) if one.share < 1 else None,
        mixes=telling,
        mixes_rest=rest,
        border=on_border(result, one),
        typical_head=head,
        typical=typical,
    )


def _own(drawn: tuple[Drawn, ...], one: SegmentProfile) -> Drawn | None:
    return next((chart for chart in drawn if chart.segment == one.segment), None)


def _told(result: ReportInput, one: SegmentProfile) -> list[tuple[str, FeatureFigure]]:
    """The features of the card, the leading ones first; returns only where something was returned."""
    shown = [(name, figure) for name, figure in shown_features(one)
             if name != "return_rate" or result.profiles.all.returns]  # fmt: skip
    return shown[: CONTRASTS + 2 if with_both(result) else CONTRASTS]


def _contrasts(result: ReportInput, one: SegmentProfile) -> tuple[Contrast, ...]:
    peers, known = clustered(result), anchors(result)
    found = []
    for name, figure in _told(result, one):
        if one.segment == 0 and (figure.mean == 0 or figure.by_construction):
            continue  # nothing was claimed, so these are zero or the prior by definition
        unit = feature_unit(result, name)
        others = [peer.features[name].mean for peer in peers if peer is not one and name in peer.features]
        at = _scale([*others, figure.mean, figure.all_mean])
        label = feature_label(result, name)
        found.append(
            Contrast(
                label=f"{label}, {unit}" if unit in ("days", "per year") and unit not in label.lower() else label,
                term=known.get(name, ""),
                mean=feature_value(result, name, figure.mean),
                interval=feature_interval(result, name, figure.low, figure.high) if figure.high > figure.low else "",
                everyone=feature_value(result, name, figure.all_mean),
                contrast=say.ratio(figure.contrast),
                own=at(figure.mean),
                all=at(figure.all_mean),
                others=tuple(at(value) for value in others),
                by_construction=figure.by_construction,
            )
        )
    return tuple(found)


def _drawn_in(result: ReportInput, one: SegmentProfile) -> str:
    """Which of the figures are estimates, drawn towards the average where little is known of a customer."""
    names = [name for name, _ in _told(result, one)]
    drawn = [name for name in names if "drawn towards" in result.profiles.features.get(name, {}).get("meaning", "")]
    if not drawn or one.segment == 0:
        return ""
    which = say.upper_first(say.listing([say.lower_first(feature_label(result, name)) for name in drawn]))
    verb = "are estimates" if len(drawn) > 1 else "is an estimate"
    events = "orders" if orders_only(result) else "coupons or orders" if with_both(result) else "coupons"
    return f"{which} {verb}, drawn towards the average of all where a customer has few {events}."


def _scale(values: list[float]) -> Any:
    low, high = min(values), max(values)

    def at(value: float) -> float:
        return 50.0 if high <= low else round(6 + 88 * (value - low) / (high - low), 2)

    return at


def _marked(rule: PlainRule | None) -> tuple[tuple[str, bool], ...]:
    """The rule in stretches, its thresholds marked."""
    if rule is None:
        return ()
    text, parts, end = rule.text.rstrip("."), [], 0
    for found in _THRESHOLD.finditer(text):
        parts += [(text[end : found.start()], False), (found[0], True)]
        end = found.end()
    return tuple(part for part in (*parts, (text[end:] + ".", False)) if part[0])


def _worth(rule: PlainRule | None) -> str:
    if rule is None:
        return ""
    worth = f"Finds {say.share(rule.coverage)} of the segment."
    if rule.precision < WEAK:
        return (
            f"{worth} Only {say.share(rule.precision)} of those it finds belong to it: use the customer list instead."
        )
    return f"{worth} {say.share(rule.precision)} of those it finds belong to it."


def _mixes(one: SegmentProfile) -> tuple[tuple[Mix, ...], str]:
    """Dimensions in which something stands out, cut to their strongest rows; one sentence for all others."""
    telling, silent = [], []
    for mix in one.mixes:
        if any(row.leads for row in mix.rows):
            rows = sorted(mix.rows, key=lambda row: (not row.leads, -row.over_index))[:MIX_ROWS]
            telling.append(type(mix)(mix.dimension, label_of(mix), mix.unit, tuple(rows)))
        elif len(mix.rows) > 1:
            silent.append(label_of(mix))
    if not silent:
        return tuple(telling), ""
    which = say.listing([silent[0], *(say.lower_first(label) for label in silent[1:])])
    return tuple(telling), f"{which}: nothing stands out beyond chance."


def mix_row(row: MixRow) -> tuple[str, ...]:
    """A row of the mix table: value, count of total, shares, over-index."""
    counts = (say.count(row.count), f"of {say.count(row.total)}")
    return (row.value, *counts, say.share(row.share), say.share(row.share_all), say.score(row.over_index))


def _typical(result: ReportInput, one: SegmentProfile) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Up to three customers nearest to the centre, by the features that a marketer knows."""
    if not one.typical:
        return (), ()
    wished = ("order_count", "total_spend", "recency", "aov", "tenure") if orders_only(result) else (
        "transaction_count", "coupons_burnt", "recency", "tenure")  # fmt: skip
    known = [name for name in wished if name in one.typical[0]]
    names = known[:3] or [name for name in one.typical[0] if name != "customer_id"][:3]
    rows = tuple(
        (str(customer.get("customer_id")), *(_own_value(result, name, customer.get(name)) for name in names))
        for customer in one.typical[:3]
    )
    last = "Last order" if orders_only(result) else "Last seen" if with_both(result) else "Last claim"
    heads = {"recency": last, "coupons_burnt": "Burnt", "transaction_count": "Coupons"}
    return ("Customer", *(heads.get(name, feature_label(result, name)) for name in names)), rows


def _own_value(result: ReportInput, name: str, value: float | str | None) -> str:
    text = feature_own(result, name, value)
    if name == "recency" and isinstance(value, int | float):
        return "on the last day" if value == 0 else f"{say.plural(round(value), 'day')} ago"
    return text
