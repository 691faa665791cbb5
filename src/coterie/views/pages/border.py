"""Who of a segment sits on its border: how many, towards which segment, and in what they differ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from coterie.views import format as say
from coterie.views.segments import cited, feature_label, feature_unit

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
    border = getattr(one, "border", None)
    if border is None or not border.customers:
        return None
    other = next((peer for peer in result.profiles.segments if peer.segment == border.neighbour), None)
    verb = "sits" if border.customers == 1 else "sit"
    who = f"{say.plural(border.customers, 'customer')}, {say.share(border.share)} of the segment, {verb} on its border"
    text = f"{who}, nearly as close to another segment as to their own"
    if other is not None:
        text += f", {'' if border.customers == 1 else 'most of them '}to {cited(other)}"
    rows = []
    for name, (own, others) in border.features.items():
        unit = feature_unit(result, name)
        row = (feature_label(result, name), say.quantity(own, unit), say.quantity(others, unit))
        if row[1] != row[2]:
            rows.append(row)
    return OnBorder(f"{text}.", tuple(rows[:SHOWN]))
