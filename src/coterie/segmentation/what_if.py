"""What if there were another number of segments: K-Means for every k on the weighted sample, beside the run's own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from coterie.clustering import (
    Clustered,
    Fit,
    Floats,
    Labels,
    Points,
    cluster,
    coordinate_labels,
    full_pass,
    placed,
)
from coterie.clustering.contract import Tally
from coterie.engines import borrowed
from coterie.segmentation.assigning import described_for
from coterie.segmentation.contract import FITS_NO_GROUP, Model
from coterie.segmentation.points import kept_space, points_of

if TYPE_CHECKING:
    from coterie.tables import Tables

APART = 0.5
"""Standard deviations from the mean of all customers from which a group is said to be above or below it."""
Inside = np.ndarray[tuple[Any, ...], np.dtype[np.bool_]]
"""Whether each point is in a group."""
TOLD = 3
"""Traits told of a group, and segments that it comes from."""


@dataclass(frozen=True)
class Trait:
    """In what a group lies off the mean of all customers, in standard deviations of the treated feature."""

    label: str
    away: float


@dataclass(frozen=True)
class Group:
    """One group of a trial.

    Attributes:
        number: From 1, the most active first.
        share: Of the customers clustered.
        traits: The strongest first, at most three.
        of_segments: (segment of the run, part of the group's customers who are in it), the largest first.
    """

    number: int
    share: float
    traits: tuple[Trait, ...]
    of_segments: tuple[tuple[int, float], ...]


@dataclass(frozen=True)
class Trial:
    """K-Means at one k: its scores as in `Choice`, and its groups."""

    k: int
    silhouette: float | None
    stability: float | None
    groups: tuple[Group, ...]


Through = Callable[[Callable[[], Any]], Any]
"""Does a piece of work that asks the engine, and gives what it gives."""


def what_if(
    model: Model,
    tables: Tables,
    *,
    low: int = 2,
    high: int = 10,
    through: Through = lambda work: work(),
    in_the_end: Callable[[Callable[[], None]], object] = lambda give_back: give_back(),
) -> Mapping[int, Trial]:
    """Trials by k, from the customers as they are now in the coordinates of the model; {} where all are alike.

    Scores of the k of a K-Means run are those that its report shows, as long as the data are the same.

    Args:
        model: Of the run.
        tables: Checked tables with what the model needs.
        low: The least number of groups to try.
        high: The largest; those above the number of different customers are left out.
        through: For each piece of work that asks the engine; all else is computed in this process alone.
        in_the_end: Has the tables dropped that were made in the engine, also where a piece of work was not done.

    Raises:
        DataError, UsageError: As of `assign`.
    """
    if not model.coordinates:
        return {}
    with borrowed(tables.engine, in_the_end) as engine:
        points, labels = through(lambda: _drawn(model, tables.on(engine)))
        if len(points.x) < 2:
            return {}
        activity = np.array([float(axis.activity) for axis in model.coordinates])
        found = cluster(
            _meeting(points, through), ks=range(low, high + 1), asked=None, seed=model.seed, activity=activity
        )
    now = placed(points.x, model.centroid_rows, model.rule)
    return {k: _trial(found, fit, points, now, labels) for k, fit in found.fits.items()}


def _drawn(model: Model, tables: Tables) -> tuple[Points, list[str]]:
    """The weighted sample that the main job would draw, and the labels of its coordinates."""
    described = described_for(model, tables, expected=False)
    space = kept_space(tables.engine, described, model.coordinates)
    points = points_of(tables.engine, space, described, include_inactive=model.include_inactive, seed=model.seed)
    return points, coordinate_labels(model.coordinates, described.features)


def _meeting(points: Points, through: Through) -> Points:
    """The points; where they are not all customers, these are met again in the engine, and through that alone."""

    def tally(chosen: Mapping[int, Floats]) -> dict[int, Tally]:
        found: dict[int, Tally] = through(lambda: full_pass(points, chosen))
        return found

    return points if points.exact else replace(points, tally=tally)


def _trial(found: Clustered, fit: Fit, points: Points, now: Labels, labels: list[str]) -> Trial:
    scored = next(one for one in found.choice.candidates if one.k == fit.k)
    own = placed(points.x, fit.centroids, None)
    groups = tuple(_group(number, fit, own == number - 1, points.weight, now, labels) for number in range(1, fit.k + 1))
    return Trial(fit.k, scored.silhouette, scored.stability, groups)


def _group(
    number: int,
    fit: Fit,
    inside: Inside,
    weight: Floats,
    now: Labels,
    labels: list[str],
) -> Group:
    away = sorted(zip(labels, fit.centroids[number - 1], strict=True), key=lambda one: -abs(one[1]))
    traits = tuple(Trait(label, float(value)) for label, value in away[:TOLD] if abs(value) >= APART)
    held = weight[inside]
    total = float(held.sum())
    parts = {int(label): float(held[now[inside] == label].sum()) / total for label in np.unique(now[inside])}
    ranked = sorted(parts.items(), key=lambda one: (-one[1], one[0]))
    of_segments = tuple((label + 1 if label >= 0 else FITS_NO_GROUP, part) for label, part in ranked)
    return Group(number, float(fit.sizes[number - 1]) / float(fit.sizes.sum()), traits, of_segments)
