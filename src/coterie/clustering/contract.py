"""What every algorithm accepts and returns: weighted points in, a fit of numbered centres out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]
Reals = NDArray[np.floating[Any]]
"""In double or in single precision."""


@dataclass(frozen=True)
class Tally:
    """Sums over the customers of each cluster: of (x, 1), (k, d + 1); of squared and plain distances to it, (k,)."""

    sums: Floats
    squared: Floats
    distance: Floats


@dataclass(frozen=True)
class Points:
    """A bounded weighted sample of customers in treated, standardised features.

    Attributes:
        x: (n, d) float64, in an order that does not depend on row order.
        weight: (n,) how many customers each point stands for; they sum to `customers`.
        customers: How many customers there are.
        exact: Each customer is exactly one of the points (identical customers grouped), nothing was sampled.
        blocks: Streams all customers as (m, d) float64 blocks, for full passes; None where `exact`, and where they do
            not stream.
        uniform: (at most some 100,000, d) customers drawn with equal chances (all, if there are no more), for scores
            that need single customers; None where `exact`.
    """

    x: Floats
    weight: Floats
    customers: int
    exact: bool
    blocks: Callable[[], Iterator[Floats]] | None = None
    uniform: Floats | None = None
    tally: Callable[[Mapping[int, Floats]], dict[int, Tally]] | None = None


@dataclass(frozen=True)
class Placed:
    """Where customers stand.

    Attributes:
        labels: (n,) segment from 0; -1 fits no group.
        distance: (n,) to the segment's centroid (or nearest core), 0 or more.
        margin: (n,) 0 on a border, 1 where no other segment comes near.
        second: (n,) the next best segment from 0; -1 where there is none.
    """

    labels: Labels
    distance: Floats
    margin: Floats
    second: Labels


class Rule(Protocol):
    """How customers are placed where that is not by the nearest centroid: plain numbers, rounded to 9 digits.

    `place` looks at each row by itself: where it stands among others changes no bit of its answer.
    """

    def place(self, x: Floats, centroids: Floats) -> Placed:
        """Place rows (n, d) among the segments of these centroids (k, d)."""
        ...


@dataclass(frozen=True)
class Fit:
    """One clustering at one k: centroids (k, d), exact inertia on all customers, customers per segment (k,).

    Under a rule other than the nearest centroid, distances are to a customer's own centroid, customers who fit no group
    are left out of all sums, and where points are a sample the sums are estimates from it.

    Attributes:
        k: Number of segments.
        centroids: (k, d), rounded to 9 significant digits; row j belongs to segment j + 1.
        inertia: Sum of squared distances of all customers to their nearest centroid.
        sizes: (k,) customers of each segment.
        within: (k,) sum of squared distances of each segment's customers to their own mean; None where not computed.
        reach: (k,) mean distance of each segment's customers to the centroid; None where not computed.
        means: (k, d) means of each segment's customers, which Lloyd's algorithm makes nearly the centroids.
        rule: How customers are placed; None for the nearest centroid.
        kept: Share of the customers an algorithm was fitted on that the rule places where the algorithm put them; None
            where the two are the same.
    """

    k: int
    centroids: Floats
    inertia: float
    sizes: Labels
    within: Floats | None = None
    reach: Floats | None = None
    means: Floats | None = None
    rule: Rule | None = None
    kept: float | None = None


@dataclass(frozen=True)
class Candidate:
    """The scores of one k, as they stand in choice.json; None where a score is undefined."""

    k: int
    inertia: float
    silhouette: float | None
    silhouette_low: float | None
    silhouette_high: float | None
    calinski_harabasz: float | None
    davies_bouldin: float | None
    stability: float | None
    smallest_share: float


@dataclass(frozen=True)
class Choice:
    """The delivered k, why, what the rule alone would take, the knee of inertia (None: no clear elbow), all scores."""

    k: int
    reason: str
    k_by_rule: int
    elbow: int | None
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True)
class Clustered:
    """The chosen k with its reason and the fit of every k that was tried.

    Attributes:
        choice: The delivered k and the candidates.
        fits: k -> fit, segments numbered by descending activity.
        labels: k -> (n,) segment of each point from 0, where the points are exact; else None.
        notes: Sentences on what was left out.
    """

    choice: Choice
    fits: Mapping[int, Fit]
    labels: Mapping[int, Labels] | None
    notes: tuple[str, ...] = ()

    @property
    def fit(self) -> Fit:
        """The fit of the delivered k."""
        return self.fits[self.choice.k]


Sweep = Callable[[Points, tuple[int, ...], int, Floats | None], tuple[Fit, ...]]
"""(points, ks, seed, activity) -> a fit of every k, segments numbered by descending activity."""

Labeller = Callable[[Floats], Labels]
"""Rows (n, d) -> segment from 0, or -1 for no group; numbered as they come."""

Refit = Callable[[Floats, int, int], Labeller]
"""(rows, k, seed) -> how that fit places rows: what resampling and looking back need, so a light fit will do."""


@dataclass(frozen=True)
class Algorithm:
    """One way to find groups.

    Attributes:
        name: For `--algorithm`.
        label, meaning: For people.
        sweep: Fits every k that can be had; a k that leaves a segment empty is left out. Without `needs_k` it passes
            over `ks` and gives one fit.
        refit: The same once, on rows in memory; never raises for rows that hold no group, but gives -1.
        caution: What to know before using it, as a sentence; "" for nothing.
        needs_k: Takes the number of segments; else it finds its own.
        bind: For an algorithm that must know what each column is: makes it of the features asked for, by name, and the
            feature of each coordinate; raises UsageError where they are not what it needs. None where any will do.
        whole: Fitted on all customers, not on some thousand of them.
        by_rule: Always places customers by a rule of its own rather than by the nearest centre.
    """

    name: str
    label: str
    meaning: str
    sweep: Sweep
    refit: Refit
    caution: str = ""
    needs_k: bool = True
    bind: Callable[[Sequence[str], Sequence[str]], Algorithm] | None = None
    whole: bool = False
    by_rule: bool = False
