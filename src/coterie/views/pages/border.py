"""Who of a segment sits on its border: how many, towards which segment, and in what they differ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from coterie.views import format as say
from coterie.views.segments import cited, feature_label, feature_value

if TYPE_CHECKING:
    from coterie.profiles.contract import SegmentProfile
    from coterie.views.contract import ReportInput

SHOWN = 3
"""Features in which the two are compared."""


@dataclass(frozen=True)
class OnBorder:
    """The sentence and the comparison: rows of feature, mean on the border, mean of the segment's others."""

    text: str
    rows: tuple[tuple[str, str, str], ...]


def on_border(result: ReportInput, one: SegmentProfile) -> OnBorder | None:
    """None where the run has no borders, or nobody sits on this one."""
    border = one.border
    if border is None or not border.customers:
        return None
    verb, whose = ("sits", "its") if border.customers == 1 else ("sit", "their")
    text = (
        f"{say.plural(border.customers, 'customer')}, {say.share(border.share)} of the segment, {verb} on its border,"
    )
    text += f" nearly as close to another segment as to {whose} own"
    other = next((peer for peer in result.profiles.segments if peer.segment == border.neighbour), None)
    if other is not None:
        many = border.towards == border.customers
        which = "all " if many else f"{say.count(border.towards)} of them "
        text += f", {'' if border.customers == 1 else which}next to {cited(other)}"
    rows = []
    for name, figure in border.features.items():
        own, others = (feature_value(result, name, value) for value in (figure.border, figure.rest))
        row = (feature_label(result, name), own, others)
        if row[1] != row[2]:
            rows.append(row)
    return OnBorder(f"{text}.", tuple(rows[:SHOWN]))
