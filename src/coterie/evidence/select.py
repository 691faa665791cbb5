"""Which features to cluster on: those in which customers really differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from coterie.evidence.contract import ATTRIBUTE, Reliability
from coterie.evidence.reliability import judge_reliability
from coterie.features import Events, Feature, Learned

BESIDE = ("transaction_count", "burn_rate", "order_count", "aov")
"""Judged in every run whose data have them, clustered on or not: whether customers differ in how much they claim and
buy, in what they burn, and in what they spend on an order."""

FEWEST = 2
"""Real features below which all are kept, and whatever is found is called constructed."""


@dataclass(frozen=True)
class Selection:
    """The judged features, the names to cluster on, and whether enough of them are real to call a result so."""

    reliability: tuple[Reliability, ...]
    kept: tuple[str, ...]
    enough: bool

    @property
    def differ(self) -> bool | None:
        """Whether customers really differ in any behaviour; None where no feature could be judged."""
        known = [one.real for one in self.reliability if one.real is not None]
        return any(known) if known else None

    @property
    def untold(self) -> str:
        """Why nothing can be told of segments of these customers: no figure of theirs could be judged; else ""."""
        tried = [one for one in self.reliability if one.note != ATTRIBUTE]
        if self.differ is not None or not any(one.feature in self.kept for one in tried):
            return ""
        return (
            "Cannot be judged: no figure could be compared between halves of what a customer did, so it is not known "
            "whether customers differ at all."
        )


def select(
    events: Events,
    clustered: Sequence[Feature],
    beside: Sequence[Feature],
    learned: Learned,
    *,
    asked: bool,
    seed: int,
) -> Selection:
    """Judge the features and leave out those to be clustered on that are not real.

    Nothing is left out of what was asked for by name, nor where fewer than two features would remain. Of what was asked
    for one real feature is enough to call a result real.

    Args:
        events: Of the sample.
        clustered: To be clustered on, in order.
        beside: Judged too.
        learned: What describing learned.
        asked: The features, or their preset, were asked for by name.
        seed: Of all random choices.
    """
    names = tuple(entry.name for entry in clustered)
    extra = [entry for entry in beside if entry.name not in names]
    found = judge_reliability(events, [*clustered, *extra], learned, seed)
    real = tuple(one.feature for one in found if one.feature in names and one.real is not False)
    enough = len(real) >= (1 if asked else FEWEST)
    kept = names if asked or not enough else real
    return Selection(tuple(replace(one, used=one.feature in kept) for one in found), kept, enough)
