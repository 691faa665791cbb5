"""Are there groups, or one crowd cut into pieces?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coterie.clustering import adjusted_rand, best_union, cloud, generator, lloyd, nearest, spread_out
from coterie.evidence.contract import Structure
from coterie.evidence.paths import paths_between

if TYPE_CHECKING:
    from coterie.clustering import Labels
    from coterie.evidence.contract import CrowdSilhouette, Gap
    from coterie.evidence.hills import Hills
    from coterie.evidence.space import Space

NATURAL = 0.8
"""Agreement of K-Means with the hills from which groups are natural."""
FEWEST = 200
"""Customers under which hills are not looked for."""
_STARTS = 10


def agreement_of(hills: Hills, space: Space, seed: int) -> float | None:
    """Adjusted Rand index of K-Means at as many groups as hills (10 starts, ties not spread) with the hills."""
    if hills.k < 2:
        return None
    points = cloud(space.z, np.ones(len(space.z)))
    starts = spread_out(points, _STARTS, hills.k, generator(seed, 41))
    ended, inertia = lloyd(points, starts, iterations=100, tolerance=1e-6)
    labels, _ = nearest(space.z, ended[int(inertia.argmin())])
    return adjusted_rand(labels, hills.labels)


def judge_structure(
    hills: Hills | None,
    space: Space,
    labels: Labels,
    agreement: float | None,
    gap: tuple[Gap, ...],
    crowd: tuple[CrowdSilhouette, ...],
    reason: str = "",
) -> Structure:
    """Answer whether there are groups; without hills every figure is null, and `reason` says why.

    Args:
        hills: Of the n customers of the sample, or None where they were not looked for.
        space: Their points.
        labels: (n,) delivered segment of each, from 1; -1 fits no group.
        agreement: Of K-Means with the hills.
        gap: Shown beside.
        crowd: Shown beside.
        reason: Why it cannot be told.
    """
    if hills is None:
        return Structure((), None, None, (), (), reason, customers=len(space.z))
    segments = np.unique(labels[labels > 0]).tolist() if hills.k >= 2 else []
    return Structure(
        hills=hills.hills,
        k_hills=hills.k,
        agreement=agreement,
        gap=gap,
        silhouette_crowd=crowd,
        reason=reason,
        customers=len(space.z),
        natural=hills.k >= 2 and agreement is not None and agreement >= NATURAL,
        tau=hills.tau,
        paths=paths_between(hills, labels),
        shares={str(one): best_union(labels == one, hills.labels, hills.k) for one in segments},
    )
