"""How real the segments are and how they were found; and what another number of them would look like."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from coterie.views import format as say
from coterie.views.boards.parts import parts
from coterie.views.tokens import slot

if TYPE_CHECKING:
    from coterie.clustering.contract import Choice
    from coterie.segmentation import Trial
    from coterie.segmentation.what_if import Group
    from coterie.views.boards.contract import Look
    from coterie.views.contract import Drawings

KS = range(2, 11)
TOO_FEW = "Groups of too few customers are left out."
SOME = 0.05
"""A smaller part of a group is not told of."""


@dataclass(frozen=True)
class Row:
    """One group of the trial, printed: `of` are segment, colour and part."""

    number: int
    share: str
    traits: str
    of: tuple[tuple[int, str, str], ...]


def model(look: Look, drawings: Drawings) -> Mapping[str, Any]:
    """Choosing k, a trial of another k, where the segments lie, evidence, other algorithms, method."""
    trial = (look.trials or {}).get(look.k or 0)
    tried = look.live and look.result.choice is not None
    compared = look.result.comparison is not None
    # Contrasts, the last of that part, stand on the page of the segments.
    lie = tuple((page, {**value, "contrasts": ()}) for page, value in parts(look, drawings, "behaviour")
                if value["density"] or value["bought"])  # fmt: skip
    return {
        "parts": parts(look, drawings, "choice"),
        "rest": (*lie, *parts(look, drawings, "evidence", "comparison")),
        "method": parts(look, drawings, "method"),
        "offline": look.result.choice is not None and not look.live,
        "alone": look.result.choice is not None and not compared,
        "ks": tuple((k, f"/model?k={k}#what-if", k == look.k) for k in KS) if tried else (),
        "title": _title(look, trial),
        "lead": _lead(look, trial) if trial else "",
        "rows": tuple(_row(one) for one in trial.groups) if trial else (),
        "few": TOO_FEW if trial is not None and len(trial.groups) < trial.k else "",
    }


def _title(look: Look, trial: Trial | None) -> str:
    if trial is not None:
        return f"What {say.word(trial.k)} groups would be"
    if look.k is not None:
        return f"There are not {say.word(look.k)} groups to be found: too few customers differ"
    return "What if there were another number of segments?"


def _lead(look: Look, trial: Trial) -> str:
    """The scores beside those of the run's own k."""
    scores = []
    if trial.silhouette is not None:
        scores.append(f"silhouette {say.score(trial.silhouette)}")
    if trial.stability is not None:
        scores.append(f"overlap of the weakest group, drawn again, {say.score(trial.stability)}")
    own = look.result.choice
    chosen = f" {_own(look, own)}" if own is not None and own.k != trial.k else " So it is in the run."
    return f"K-Means on the customers as they are now: {say.listing(scores)}.{chosen}" if scores else chosen.strip()


def _own(look: Look, own: Choice) -> str:
    """The number of the run, with its scores where they are of the same algorithm."""
    mine = next((one for one in own.candidates if one.k == own.k), None)
    text = f"The run has {say.word(own.k)}"
    if mine is None or look.result.settings.algorithm != "k-means" or mine.silhouette is None:
        return f"{text}."
    overlap = f" and {say.score(mine.stability)}" if mine.stability is not None else ""
    return f"{text}, with {say.score(mine.silhouette)}{overlap}."


def _row(one: Group) -> Row:
    of = tuple((segment, slot(segment), say.share(part)) for segment, part in one.of_segments if part >= SOME)
    return Row(one.number, say.share(one.share), _traits(one), of)


def _traits(one: Group) -> str:
    """As in "Above average: orders a year (1.2). Below: burn rate (0.8)", the side of the strongest first.

    Labels may hold commas, so that semicolons part them.
    """
    sides: dict[str, list[str]] = {}
    for trait in one.traits:
        text = f"{say.lower_first(trait.label)} ({say.plain(abs(trait.away), 1)})"
        sides.setdefault("above" if trait.away > 0 else "below", []).append(text)
    if not sides:
        return "Near the average in everything"
    (first, told), *rest = sides.items()
    text = f"{say.upper_first(first)} average: {'; '.join(told)}"
    return text + "".join(f". {say.upper_first(side)}: {'; '.join(other)}" for side, other in rest)
