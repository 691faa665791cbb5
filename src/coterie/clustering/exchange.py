"""Move single points between clusters (Hartigan 1975): leaves local optima where Lloyd's algorithm is stuck.

It matters where few distinct points carry many customers each, as counts of coupons do.
"""

from __future__ import annotations

import numpy as np

from coterie.clustering.contract import Floats, Labels, Reals
from coterie.clustering.kmeans import Cloud, lines, squared_distances


def exchange(points: Cloud, centroids: Floats, steps: int) -> tuple[Floats, Floats]:
    """Improve several starts (s, k, d) by moving one point at a time, always the one that lowers inertia most.

    Moving a point of weight w from cluster a to b changes inertia by w W_b d_b^2 / (W_b + w) - w W_a d_a^2 / (W_a - w).
    A start ends when no move helps, or after `steps` moves.

    Returns:
        centroids (s, k, d), inertia (s,).
    """
    s, k, _ = centroids.shape
    x, weight = points.x, points.weight.astype(np.float64)
    weighted = points.x1 * weight[:, None]
    labels = _labels(points, centroids)
    sums = np.stack([_sums(weighted, label, k) for label in labels])
    total = float(weight @ points.squares)
    active = np.arange(s)
    for _ in range(steps):
        held = sums[active, :, -1:]
        middle = np.where(held > 0, sums[active, :, :-1] / np.where(held > 0, held, 1.0), centroids[active])
        change = squared_distances(points, middle)
        change *= weight * held / (held + weight)
        gain, point, target = _best_move(change, labels[active], held[..., 0], weight)
        moving = gain > 1e-12 * total
        active, point, target = active[moving], point[moving], target[moving]
        if active.size == 0:
            break
        sums[active, labels[active, point]] -= weighted[point]
        sums[active, target] += weighted[point]
        labels[active, point] = target
    sums = np.stack([_sums(weighted, label, k) for label in labels])
    held = sums[..., -1:]
    ended = np.where(held > 0, sums[..., :-1] / np.where(held > 0, held, 1.0), centroids)
    inertia = [float(weight @ np.square(x - c[label]).sum(axis=1)) for c, label in zip(ended, labels, strict=True)]
    return ended, np.array(inertia)


def _best_move(change: Reals, labels: Labels, held: Floats, weight: Floats) -> tuple[Floats, Labels, Labels]:
    """Most useful move of each start: what it saves, which point, to which cluster. `change` is what arriving costs."""
    each = np.arange(len(labels))
    own = labels[:, None, :]
    at_home = np.take_along_axis(change, own, axis=1)[:, 0]
    home = np.take_along_axis(held, labels, axis=1)
    left = home - weight
    # What leaving saves: the same distance with W / (W - w) for W / (W + w); a point alone in its cluster stays.
    alone = left <= 1e-9 * home
    saved = np.where(alone, 0.0, at_home * (home + weight) / np.where(alone, 1.0, left))
    np.put_along_axis(change, own, np.inf, axis=1)
    saved -= change.min(axis=1)
    point = saved.argmax(axis=1)
    return saved[each, point], point, change[each, :, point].argmin(axis=1)


def _labels(points: Cloud, centroids: Floats) -> Labels:
    s, k, d = centroids.shape
    score = lines(centroids).reshape(s * k, d + 1) @ points.x1.T
    labels: Labels = score.reshape(s, k, -1).argmin(axis=1)
    return labels


def _sums(weighted: Floats, label: Labels, k: int) -> Floats:
    return np.stack([np.bincount(label, weights=column, minlength=k) for column in weighted.T], axis=1)
