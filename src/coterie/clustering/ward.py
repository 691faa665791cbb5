"""Ward's hierarchical grouping (Ward 1963): join, again and again, the two groups whose union costs least inertia."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from coterie.clustering.contract import Fit, Floats, Labeller, Labels, Points
from coterie.clustering.drawn import draw_customers, group_means, renumbered, share_kept
from coterie.clustering.kmeans import nearest
from coterie.clustering.sweep import activity_order, fits_at
from coterie.rounding import round9

LEAVES = 30
"""Groups at the foot of a dendrogram."""


@dataclass(frozen=True)
class Join:
    """Two branches of a dendrogram that become one.

    Attributes:
        left, right: Where they stand from side to side, leaves at 0, 1, 2 …
        left_height, right_height: Where each of them was joined itself; 0 for a leaf.
        height: Where they join: the square root of twice the inertia that it costs.
        customers: Of both together.
    """

    left: float
    right: float
    left_height: float
    right_height: float
    height: float
    customers: int


@dataclass(frozen=True)
class Dendrogram:
    """The last joins of Ward's tree, lowest first; `leaves` are the customers of each group at its foot, in order."""

    leaves: tuple[int, ...]
    joins: tuple[Join, ...]


def ward_tree(x: Floats) -> Floats:
    """Ward's tree of rows (n, d), as scipy writes it: (n - 1, 4), joins from the lowest to the highest."""
    from scipy.cluster.hierarchy import linkage
    from scipy.spatial.distance import pdist

    tree: Floats = linkage(pdist(x), method="ward")
    return tree


def cut(tree: Floats, k: int) -> Labels:
    """Cut a tree into exactly k groups (n,), numbered from 0 by their first row.

    Example:
        >>> cut(ward_tree(np.array([[0.0], [0.1], [9.0], [9.1], [5.0]])), 2).tolist()
        [0, 0, 1, 1, 1]
    """
    n = len(tree) + 1
    up = np.arange(2 * n - 1)
    for join, (one, other) in enumerate(tree[: n - k, :2].astype(np.int64)):
        up[one] = up[other] = n + join
    for node in range(2 * n - 2, -1, -1):
        up[node] = up[up[node]]
    _, first, labels = np.unique(up[:n], return_index=True, return_inverse=True)
    place = np.empty(len(first), dtype=np.int64)
    place[np.argsort(first)] = np.arange(len(first))
    return place[labels]


def sweep_ward(points: Points, ks: tuple[int, ...], seed: int, activity: Floats | None = None) -> tuple[Fit, ...]:
    """One tree of at most 5,000 customers, cut at each k; all customers then belong to the nearest centroid.

    A k that leaves a segment without customers is left out.
    """
    x = draw_customers(points, seed)
    tree = ward_tree(x)
    groups: dict[int, tuple[Floats, Labels]] = {}
    for k in (k for k in ks if k <= len(x)):
        labels = cut(tree, k)
        centroids = group_means(x, labels, k)
        order = activity_order(centroids, activity)
        groups[k] = round9(centroids[order]), renumbered(labels, order)
    fits = fits_at(points, {k: centroids for k, (centroids, _) in groups.items()})
    return tuple(_with_kept(fit, x, groups) for fit in fits if fit.sizes.all())


def refit_ward(x: Floats, k: int, seed: int) -> Labeller:
    """Ward's groups of rows (n, d) once; other rows belong to the nearest centroid."""
    k = min(k, len(x))
    if len(x) < 2:
        return lambda rows: np.zeros(len(rows), dtype=np.int64)
    centroids = group_means(x, cut(ward_tree(x), k), k)
    return lambda rows: nearest(rows, centroids)[0]


def dendrogram(tree: Floats, leaves: int = LEAVES) -> Dendrogram:
    """The last joins of a tree as numbers for a chart: groups in an order in which no two branches cross."""
    n = len(tree) + 1
    leaves = min(leaves, n)
    first = n - leaves
    joins = {n + join: tree[join] for join in range(first, n - 1)}
    order = _walk(joins, 2 * n - 2)

    def customers(node: int) -> int:
        return 1 if node < n else int(tree[node - n, 3])

    def height(node: int) -> float:
        return float(tree[node - n, 2]) if node in joins else 0.0

    at: dict[int, float] = {node: float(place) for place, node in enumerate(order)}
    drawn = []
    for node, (one, other, high, _) in joins.items():
        left, right = sorted((int(one), int(other)), key=at.__getitem__)
        at[node] = (at[left] + at[right]) / 2.0
        drawn.append(Join(at[left], at[right], height(left), height(right), float(high), customers(node)))
    return Dendrogram(tuple(customers(node) for node in order), tuple(drawn))


def _walk(joins: Mapping[int, Sequence[float]], root: int) -> list[int]:
    """The leaves below the root from left to right."""
    order, waiting = [], [root]
    while waiting:
        node = waiting.pop()
        if node in joins:
            waiting += [int(joins[node][1]), int(joins[node][0])]
        else:
            order.append(node)
    return order


def _with_kept(fit: Fit, x: Floats, groups: Mapping[int, tuple[Floats, Labels]]) -> Fit:
    return replace(fit, kept=share_kept(x, groups[fit.k][1], fit.centroids, None))
