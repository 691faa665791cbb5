"""How customers are placed where it is not by the nearest centroid: by likelihood, by the nearest core, within reach.

Each rule is plain numbers, as they stand in model.json. Sums run over columns one by one, never as a matrix product, so
that a row gets the same bits in whatever block it comes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from coterie.clustering.contract import Floats, Labels, Placed

Row = tuple[float, ...]
Rows = tuple[Row, ...]

MOST_CORES = 5_000
"""Most cores of a model."""


@dataclass(frozen=True)
class Mixture:
    """The likeliest component of a Gaussian mixture.

    Attributes:
        weights: (k,) share of each component.
        means: (k, d).
        precisions: (k, d, d) upper triangles U with U U' the inverse of the covariance, as in scikit-learn.
    """

    weights: Row
    means: Rows
    precisions: tuple[Rows, ...]

    def place(self, x: Floats, centroids: Floats) -> Placed:
        """Distance is to the segment's centroid; margin is (p1 - p2) / (p1 + p2) of the two likeliest components."""
        likely = self.log_likelihood(x)
        labels = likely.argmax(axis=1).astype(np.int64)
        distance = np.sqrt(squared_lengths(x - centroids[labels]))
        if likely.shape[1] == 1:
            return Placed(labels, distance, np.ones(len(x)), np.full(len(x), -1, dtype=np.int64))
        rows = np.arange(len(x))
        best = likely[rows, labels]
        likely[rows, labels] = -np.inf
        second = likely.argmax(axis=1).astype(np.int64)
        return Placed(labels, distance, np.tanh((best - likely[rows, second]) / 2.0), second)

    def log_likelihood(self, x: Floats) -> Floats:
        """Log of weight times density of each component at each row, (n, k), up to a constant they all share."""
        out = np.empty((len(x), len(self.weights)))
        for place, (weight, mean, factor) in enumerate(zip(*self._arrays, strict=True)):
            away = x - mean
            squares = np.zeros(len(x))
            for column in range(x.shape[1]):
                step = np.zeros(len(x))
                for row in range(column + 1):
                    step += away[:, row] * factor[row, column]
                squares += step * step
            out[:, place] = np.log(weight) + np.log(np.diag(factor)).sum() - squares / 2.0
        return out

    @cached_property
    def _arrays(self) -> tuple[Floats, Floats, Floats]:
        return np.array(self.weights), np.array(self.means), np.array(self.precisions)


@dataclass(frozen=True)
class Cores:
    """The nearest core whose segment reaches so far; who is out of reach of all fits no group.

    Attributes:
        points: (m, d) cores: customers that the segments were found among, different ones.
        segments: (m,) segment of each, from 1.
        radii: (k,) how far the cores of each segment reach.
    """

    points: Rows
    segments: tuple[int, ...]
    radii: Row

    def place(self, x: Floats, centroids: Floats) -> Placed:
        """Distance is to the nearest core.

        Margin is (d2 - d1) / (d1 + d2), with d2 to the nearest core of another segment; 1 where there is no other, 0
        for those who fit no group.
        """
        apart = np.stack([tree.query(x, workers=-1)[0] for tree in self._trees], axis=1)
        rows = np.arange(len(x))
        reached = np.where(apart <= np.array(self.radii), apart, np.inf)
        labels: Labels = reached.argmin(axis=1).astype(np.int64)
        fits = np.isfinite(reached[rows, labels])
        near = np.where(fits, apart[rows, labels], apart.min(axis=1))
        labels = np.where(fits, labels, apart.argmin(axis=1))
        margin, second = _margin(apart, labels)
        # A nearer core whose segment does not reach so far leaves the customer on the border, not beyond it.
        margin = np.where(fits, np.maximum(margin, 0.0), 0.0)
        return Placed(np.where(fits, labels, -1), near, margin, np.where(fits, second, -1))

    @cached_property
    def _trees(self) -> list[Any]:
        from scipy.spatial import cKDTree

        points, segments = np.array(self.points), np.array(self.segments)
        return [cKDTree(points[segments == segment]) for segment in range(1, len(self.radii) + 1)]


@dataclass(frozen=True)
class Reach:
    """The nearest centroid, unless it is farther away than its segment reaches: then no group.

    Attributes:
        radii: (k,).
    """

    radii: Row

    def place(self, x: Floats, centroids: Floats) -> Placed:
        """Distance and margin are as for the nearest centroid; the margin of those who fit no group is 0."""
        apart = np.sqrt(np.stack([squared_lengths(x - centroid) for centroid in centroids], axis=1))
        labels = apart.argmin(axis=1).astype(np.int64)
        distance = apart[np.arange(len(x)), labels]
        margin, second = _margin(apart, labels)
        fits = distance <= np.array(self.radii)[labels]
        return Placed(np.where(fits, labels, -1), distance, np.where(fits, margin, 0.0), np.where(fits, second, -1))


AnyRule = Mixture | Cores | Reach


def _margin(apart: Floats, labels: Labels) -> tuple[Floats, Labels]:
    """(second - own) / (second + own) of distances to each segment (n, k), and which the second is; changes `apart`."""
    rows = np.arange(len(labels))
    if apart.shape[1] == 1:
        return np.ones(len(labels)), np.full(len(labels), -1, dtype=np.int64)
    near = apart[rows, labels]
    apart[rows, labels] = np.inf
    second = apart.argmin(axis=1).astype(np.int64)
    far = apart[rows, second]
    total = near + far
    return np.divide(far - near, total, out=np.zeros(len(labels)), where=total > 0), second


def squared_lengths(x: Floats) -> Floats:
    """Squared length of each row, summed from the first column to the last."""
    total = np.zeros(len(x))
    for column in x.T:
        total += column * column
    return total


def rows_of(x: Floats) -> Rows:
    """An array (n, d) as plain numbers."""
    return tuple(tuple(row) for row in x.tolist())
