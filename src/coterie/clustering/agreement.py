"""How far two groupings of the same customers agree."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coterie.clustering.contract import Floats, Labels


def adjusted_rand(one: Labels, other: Labels) -> float:
    """Adjusted Rand index (Hubert & Arabie 1985): 1 for the same grouping, 0 on average for unrelated ones.

    Args:
        one: (n,) groups, numbered from 0.
        other: (n,) other groups of the same customers.

    Example:
        >>> adjusted_rand(np.array([0, 0, 1, 1]), np.array([1, 1, 0, 0]))
        1.0
    """
    both = _both(one, other, int(one.max()) + 1, int(other.max()) + 1)
    together, rows, columns = (_pairs(part) for part in (both, both.sum(axis=1), both.sum(axis=0)))
    chance = rows * columns / _pairs(np.array([len(one)])) if len(one) > 1 else 0.0
    most = (rows + columns) / 2
    return float((together - chance) / (most - chance)) if most != chance else 1.0


def jaccard_table(one: Labels, other: Labels, k_one: int, k_other: int) -> Floats:
    """Overlap of each group of one grouping with each of another: customers in both / in either, (k_one, k_other).

    Args:
        one: (n,) groups, numbered from 0; -1 for none.
        other: (n,) other groups of the same customers.
        k_one: How many groups there are.
        k_other: How many of the other.

    Example:
        >>> jaccard_table(np.array([0, 0, 1]), np.array([0, 1, 1]), 2, 2).round(2).tolist()
        [[0.5, 0.33], [0.0, 0.5]]
    """
    both = _both(one, other, k_one, k_other)
    sizes = np.bincount(one[one >= 0], minlength=k_one)
    others = np.bincount(other[other >= 0], minlength=k_other)
    either = sizes[:, None] + others - both
    return np.divide(both, either, out=np.zeros_like(both), where=either > 0)


def best_union(inside: NDArray[np.bool_], hills: Labels, k: int) -> float:
    """Best overlap (Jaccard) of some customers with a union of groups: at least one of them, and not all.

    Taking a group in raises the overlap as long as enough of it lies inside, so the best union is
    made of the first groups by that share; where that would be none or all of them, of any one, or of all but any one.

    Args:
        inside: (n,) the customers.
        hills: (n,) groups, 0..k-1.
        k: How many groups, at least 2; no union is proper with one, and the answer is 0.

    Example:
        >>> best_union(np.array([True, True, True, False]), np.array([0, 0, 1, 2]), 3)
        1.0
    """
    size = np.bincount(hills, minlength=k).astype(np.float64)
    hit = np.bincount(hills[inside], minlength=k).astype(np.float64)
    order = np.argsort(-hit / np.maximum(size, 1.0), kind="stable")
    first = np.zeros((k, k))
    first[:, order] = np.tril(np.ones((k, k)))
    unions = np.concatenate((first[:-1], np.eye(k), 1.0 - np.eye(k))) if k > 1 else np.zeros((1, k))
    both, taken = unions @ hit, unions @ size
    return float((both / np.maximum(inside.sum() + taken - both, 1.0)).max())


def _both(one: Labels, other: Labels, k_one: int, k_other: int) -> Floats:
    """Customers of each pair of groups, (k_one, k_other)."""
    there = (one >= 0) & (other >= 0)
    counts = np.bincount(one[there] * k_other + other[there], minlength=k_one * k_other)
    return counts.reshape(k_one, k_other).astype(np.float64)


def _pairs(counts: NDArray[np.generic]) -> float:
    """How many pairs of customers are in the same group."""
    sizes = counts.astype(np.float64)
    return float((sizes * (sizes - 1.0)).sum() / 2.0)
