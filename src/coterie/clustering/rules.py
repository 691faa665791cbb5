"""How customers are placed where it is not by the nearest centroid: by likelihood, nearest core, reach or scores.

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

# Rows whose distances to the 125 cells of a grid are held at once.
_STEP = 4_096


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


@dataclass(frozen=True)
class Quintiles:
    """The cell of the grid of recency, frequency and monetary scores, each from 1 to 5, 5 best.

    Attributes:
        axes: Column of recency, of frequency, of monetary value; -1 where all customers are alike in it, who then all
            have the middle score, 3.
        cuts: For each of the three the four ascending cuts of its column, none where there is no column. More than a
            cut is the better score, for recency (the time since) the worse; a value on it lies below it.
        cells: (125,) segment, from 1, of each cell from (1, 1, 1) to (5, 5, 5), monetary score counting fastest.
        names: (k,) name in the grid of each segment.
    """

    axes: tuple[int, int, int]
    cuts: Rows
    cells: tuple[int, ...]
    names: tuple[str, ...]

    def place(self, x: Floats, centroids: Floats) -> Placed:
        """Distance is to the segment's centroid.

        Margin is b / (1 + b), with b how far it is to the nearest customer there could be in another segment, which is
        the second; 1 where there is no other segment.
        """
        labels = np.array(self.cells)[self.cell_of(x)] - 1
        distance = np.sqrt(squared_lengths(x - centroids[labels]))
        away, second = np.empty(len(x)), np.empty(len(x), dtype=np.int64)
        for low in range(0, len(x), _STEP):
            part = slice(low, low + _STEP)
            away[part], second[part] = self._nearest_other(x[part], labels[part])
        alone = np.isinf(away)
        margin = np.divide(away, 1.0 + away, out=np.ones(len(x)), where=~alone)
        return Placed(labels, distance, margin, np.where(alone, -1, second))

    def scores(self, x: Floats) -> Labels:
        """Recency, frequency and monetary score of each row, (n, 3)."""
        out = np.full((len(x), 3), 3, dtype=np.int64)
        for place, (axis, cuts) in enumerate(zip(self.axes, self.cuts, strict=True)):
            if axis >= 0:
                beyond = np.searchsorted(np.array(cuts), x[:, axis], side="left")
                out[:, place] = 5 - beyond if place == 0 else 1 + beyond
        return out

    def cell_of(self, x: Floats) -> Labels:
        """Place of each row's cell among the 125."""
        scores = self.scores(x) - 1
        return 25 * scores[:, 0] + 5 * scores[:, 1] + scores[:, 2]

    def _nearest_other(self, x: Floats, labels: Labels) -> tuple[Floats, Labels]:
        """Distance from each row to the nearest cell of another segment, endless where there is none, and which."""
        recency, frequency, monetary = (self._to_scores(x, place) for place in range(3))
        squares = recency[:, :, None, None] + frequency[:, None, :, None]
        flat = (squares + monetary[:, None, None, :]).reshape(len(x), 125)
        segments = np.array(self.cells) - 1
        flat[segments == labels[:, None]] = np.inf
        nearest = flat.argmin(axis=1)
        return np.sqrt(flat[np.arange(len(x)), nearest]), segments[nearest]

    def _to_scores(self, x: Floats, place: int) -> Floats:
        """Squared distance of each row to each of the five scores of one of the three, (n, 5)."""
        if self.axes[place] < 0:
            out = np.full((len(x), 5), np.inf)
            out[:, 2] = 0.0
            return out
        edges = np.array([-np.inf, *self.cuts[place], np.inf])
        value = x[:, self.axes[place], None]
        short = np.maximum(np.maximum(edges[:-1] - value, value - edges[1:]), 0.0)
        short[:, edges[:-1] >= edges[1:]] = np.inf  # a score that no value has
        squares: Floats = short * short
        return squares[:, ::-1] if place == 0 else squares


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
