"""Some thousand customers for the algorithms that take no weights, and how many of them fit where they were put."""

from __future__ import annotations

import numpy as np

from coterie.clustering.contract import Fit, Floats, Labels, Placed, Points, Rule
from coterie.clustering.kmeans import generator, nearest
from coterie.clustering.rules import Reach
from coterie.rounding import round9

MOST = 5_000
"""Most customers that such an algorithm is fitted on."""


def draw_customers(points: Points, seed: int, most: int = MOST) -> Floats:
    """Draw at most `most` customers from weighted points, each customer as likely as any other: rows (m, d).

    A point that stands for many customers may be drawn as often; all customers where there are no more. Systematic:
    every point gets its expected number rounded up or down (Madow 1949).
    """
    if points.exact and points.customers <= most:
        return np.repeat(points.x, np.rint(points.weight).astype(np.int64), axis=0)
    ends = np.cumsum(points.weight)
    at = (np.arange(most) + generator(seed, 70).random()) * (ends[-1] / most)
    drawn: Floats = points.x[np.minimum(np.searchsorted(ends, at, side="right"), len(ends) - 1)]
    return drawn


def placed(x: Floats, centroids: Floats, rule: Rule | None) -> Labels:
    """Segment of each row (n, d) from 0, -1 for no group, by a rule (None: the nearest centroid)."""
    return nearest(x, centroids)[0] if rule is None else rule.place(x, centroids).labels


def group_means(x: Floats, labels: Labels, k: int, weight: Floats | None = None) -> Floats:
    """Means (k, d) of the rows of each group 0..k-1; every group holds a row."""
    inside = labels >= 0
    held = None if weight is None else weight[inside]
    total = np.bincount(labels[inside], weights=held, minlength=k)
    columns = [
        np.bincount(labels[inside], weights=column[inside] if held is None else column[inside] * held, minlength=k)
        for column in x.T
    ]
    out: Floats = np.stack(columns, axis=1) / total[:, None]
    return out


def share_kept(x: Floats, labels: Labels, centroids: Floats, rule: Rule | None) -> float:
    """Share of the rows that the rule places where the algorithm put them, numbered alike."""
    return float((placed(x, centroids, rule) == labels).mean())


def fit_by(points: Points, centroids: Floats, rule: Rule, kept: float) -> Fit:
    """The fit of a rule, its sums over the weighted points."""
    found: Placed = rule.place(points.x, centroids)
    k, inside = len(centroids), found.labels >= 0
    x, labels, weight = points.x[inside], found.labels[inside], points.weight[inside]
    held: Floats = np.bincount(labels, weights=weight, minlength=k).astype(np.float64)
    filled = np.where(held > 0, held, 1.0)
    middle = group_means(x, labels, k, weight) if held.all() else centroids
    away = np.square(x - centroids[labels]).sum(axis=1)
    spread = np.square(x - middle[labels]).sum(axis=1)
    return Fit(
        k=k,
        centroids=centroids,
        inertia=float(weight @ away),
        sizes=np.rint(held).astype(np.int64),
        within=np.bincount(labels, weights=weight * spread, minlength=k).astype(np.float64),
        reach=np.bincount(labels, weights=weight * np.sqrt(away), minlength=k) / filled,
        means=middle,
        rule=rule,
        kept=kept,
    )


def renumbered(labels: Labels, order: Labels) -> Labels:
    """Labels after the groups were put in this order; -1 stays."""
    place = np.empty(len(order) + 1, dtype=np.int64)
    place[order] = np.arange(len(order))
    place[-1] = -1
    return place[labels]


def reach_of(x: Floats, labels: Labels, centroids: Floats) -> Reach:
    """Every segment reaches as far as its farthest member; a hair more, so that rounding leaves nobody out."""
    inside = labels >= 0
    away = np.sqrt(np.square(x[inside] - centroids[labels[inside]]).sum(axis=1))
    farthest = np.zeros(len(centroids))
    np.maximum.at(farthest, labels[inside], away)
    return Reach(tuple(round9(np.maximum(farthest * (1.0 + 1e-8), 1e-9)).tolist()))
