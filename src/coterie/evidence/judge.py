"""From a sample of customers and the segments they are in to the evidence of the run."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import TypeVar, cast

import numpy as np

from coterie.clustering import Coordinate, Floats, Labels, gap, standardise_values
from coterie.evidence.contract import CrowdSilhouette, Evidence, Foresight, Gap, Structure
from coterie.evidence.crowd import crowd_silhouettes
from coterie.evidence.foresight import judge_foresight
from coterie.evidence.hills import Hills, find_hills
from coterie.evidence.sample import Sample, values_of
from coterie.evidence.select import Selection, select
from coterie.evidence.smear import space_of
from coterie.evidence.space import Space
from coterie.evidence.stability import judge_stability
from coterie.evidence.structure import FEWEST, NATURAL, agreement_of, judge_structure
from coterie.evidence.verdict import give_verdict
from coterie.features import Aggregates, Events, Feature, Learned
from coterie.rounding import round9

T = TypeVar("T")
Refit = Callable[[Floats, int], Callable[[Floats], Labels]]
"""Finds groups among rows (n, d) with a seed and gives a function that places rows: labels from 0, -1 for none."""
Place = Callable[[Floats], Labels]
"""From rows (n, d) as they are clustered to the delivered segment of each, from 0; -1 for none."""


@dataclass(frozen=True)
class Look:
    """The shape of the crowd, looked at before it is cut into segments.

    Attributes:
        space: The sample as points.
        points: From customers of the sample, as known at any day, to their points (n, d) in the same coordinates.
        hills: Of its density; None where there are too few customers.
        agreement: Of K-Means with the hills; None for one hill.
        reason: Why there are no hills to tell of, or "".
    """

    space: Space
    points: Callable[[Sample], Floats]
    hills: Hills | None
    agreement: float | None
    reason: str = ""

    @property
    def natural(self) -> int | None:
        """How many groups there are that K-Means cuts along; None for none."""
        return self.hills.k if self.hills and self.agreement is not None and self.agreement >= NATURAL else None


def look_at(
    sample: Sample,
    features: Sequence[Feature],
    coordinates: Sequence[Coordinate],
    learned: Learned,
    seed: int,
    *,
    untold: str = "",
) -> Look:
    """Look for hills among the customers of the sample, in the coordinates that are clustered.

    `untold` is why nothing can be told of such customers, or "".
    """
    space = space_of(sample, features, coordinates, learned, Aggregates(sample.events, learned.burn_curve))
    axes = {axis.feature for axis in coordinates}
    clustered = [entry for entry in features if entry.name in axes]

    def points(some: Sample) -> Floats:
        values = values_of(some, clustered, Aggregates(some.events, learned.burn_curve), learned)
        return standardise_values(values, coordinates, learned)

    if sample.customers < FEWEST:
        few = (
            f"only {sample.customers} customers have {sample.events.a_noun}"
            if sample.customers > 1
            else "there is one customer"
        )
        return Look(space, points, None, None, f"Cannot be judged: {few}, and {FEWEST} are needed to see groups.")
    if not coordinates:
        return Look(space, points, None, None, "Cannot be judged: customers are alike in every feature.")
    if untold:
        return Look(space, points, None, None, untold)
    hills = find_hills(space, seed)
    return Look(space, points, hills, agreement_of(hills, space, seed))


def judge(
    sample: Sample,
    candidates: Sequence[Feature],
    selection: Selection,
    look: Look,
    labels: Labels,
    k: int,
    *,
    place: Place,
    ks: Sequence[int],
    asked: bool,
    seed: int,
    cut: dt.date | None = None,
    outcome: str | None = None,
    refit: Refit | None = None,
) -> Evidence:
    """Answer the four questions for segments that were found.

    Args:
        sample: The customers judged.
        candidates: Features to cluster on before any was left out.
        selection: How real each of them is.
        look: The shape of the crowd.
        labels: (n,) delivered segment of each customer of the sample, 1..k; -1 fits no group.
        k: How many segments were delivered.
        place: How customers are placed in them.
        ks: Numbers of segments to show gap and silhouette of one crowd for.
        asked: The features were asked for by name, so none is left out at the cut either.
        seed: Of all random choices.
        cut: Overrides foresight's own choice.
        outcome: The same.
        refit: How to find segments again, if not by K-Means.
    """
    structure = _structure(look, labels, ks, seed)
    stability = judge_stability(
        look.space.z,
        labels,
        k,
        refit=refit,
        seed=seed,
        natural=_natural(structure),
        untold=selection.untold,
        a_noun=sample.events.a_noun,
    )
    if not selection.enough or selection.differ is False:
        cuts = tuple(replace(one, grade="constructed" if one.grade else None) for one in stability.segments)
        stability = replace(stability, segments=cuts)
    ask = foresee(sample, candidates, look, asked=asked, seed=seed, cut=cut, outcome=outcome)
    foresight = ask(place, k, refit)
    evidence = Evidence(
        reliability=selection.reliability,
        structure=structure,
        stability=stability,
        foresight=foresight,
        verdict=give_verdict(
            structure, stability, foresight, k, differ=selection.differ, coupons=sample.events.has_coupons
        ),
        customers=sample.customers,
        differ=selection.differ,
    )
    return rounded(evidence)


def _structure(look: Look, labels: Labels, ks: Sequence[int], seed: int) -> Structure:
    """Whether there are groups, with gap and silhouette of one crowd to look at for the numbers of segments `ks`."""
    shown: tuple[Gap, ...] = ()
    crowd: tuple[CrowdSilhouette, ...] = ()
    if look.hills is not None:
        most = tuple(one for one in ks if one < len(np.unique(look.space.z, axis=0)))
        shown = tuple(Gap(*one) for one in gap(look.space.z, (1, *most), seed))
        crowd = crowd_silhouettes(look.space.z, most, seed)
    return judge_structure(look.hills, look.space, labels, look.agreement, shown, crowd, look.reason)


def _natural(structure: Structure) -> frozenset[int]:
    """The segments that are hills of their own."""
    shares = structure.shares or {}
    return frozenset(int(segment) for segment, share in shares.items() if structure.natural and share >= NATURAL)


def foresee(
    sample: Sample,
    candidates: Sequence[Feature],
    look: Look,
    *,
    asked: bool,
    seed: int,
    cut: dt.date | None = None,
    outcome: str | None = None,
) -> Callable[[Place, int, Refit | None], Foresight]:
    """Make the function that says whether segments last, from how customers are placed in them and found again."""

    def judged(place: Place, k: int, refit: Refit | None) -> Foresight:
        return judge_foresight(
            sample,
            tuple(candidates),
            lambda then: place(look.points(then)),
            k,
            seed=seed,
            cut=cut,
            outcome=outcome,
            prune=None if asked else _pruner(seed),
            refit=None if refit is None else lambda z, turn: refit(z, turn)(z),
        )

    return judged


def _pruner(
    seed: int,
) -> Callable[[Events, Learned, Aggregates, tuple[Feature, ...]], tuple[Feature, ...]]:
    """Leaves out at the cut what was not real by then."""

    def prune(
        events: Events, learned: Learned, aggregates: Aggregates, features: tuple[Feature, ...]
    ) -> tuple[Feature, ...]:
        kept = select(events, features, (), learned, asked=False, seed=seed).kept
        return tuple(entry for entry in features if entry.name in kept)

    return prune


def rounded(value: T) -> T:
    """The same value with its numbers at 9 significant digits."""
    if isinstance(value, float):
        return cast("T", round9(float(value)))
    if isinstance(value, tuple):
        return cast("T", tuple(rounded(one) for one in value))
    if isinstance(value, dict):
        return cast("T", {key: rounded(one) for key, one in value.items()})
    if is_dataclass(value) and not isinstance(value, type):
        changed = {one.name: rounded(getattr(value, one.name)) for one in fields(value)}
        return cast("T", replace(value, **changed))
    return value
