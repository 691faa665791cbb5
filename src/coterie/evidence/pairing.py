"""Which segment found at the cut is which of the delivered ones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from coterie.clustering import Floats, Labels


@dataclass(frozen=True)
class Pairing:
    """One to one pairs of k delivered and k refitted segments.

    Attributes:
        refit: (k,) refitted segment, from 0, of each delivered one.
        overlap: (k,) customers in both / customers in either (Jaccard), 0..1.
    """

    refit: Labels
    overlap: Floats

    def delivered(self, refit: int) -> int:
        """The delivered segment, from 0, of a refitted one."""
        return int(np.flatnonzero(self.refit == refit)[0])


def pair(delivered: Labels, refit: Labels, k: int) -> Pairing:
    """Pair the segments so that the customers in both of a pair are as many as can be in all.

    Args:
        delivered: (n,) segment 0..k-1 that each customer would have been placed in; -1 for none.
        refit: (n,) the same of the refit.
        k: Segments on either side.

    Example:
        >>> found = pair(np.array([0, 0, 1, 1]), np.array([1, 1, 1, 0]), 2)
        >>> found.refit.tolist(), [round(float(value), 2) for value in found.overlap]
        ([1, 0], [0.67, 0.5])
    """
    from scipy.optimize import linear_sum_assignment

    there = (delivered >= 0) & (refit >= 0)
    both = np.bincount(delivered[there] * k + refit[there], minlength=k * k).reshape(k, k).astype(np.float64)
    sizes = [np.bincount(side[side >= 0], minlength=k) for side in (delivered, refit)]
    _, paired = linear_sum_assignment(both, maximize=True)
    shared = both[np.arange(k), paired]
    either = sizes[0] + sizes[1][paired] - shared
    return Pairing(np.asarray(paired, dtype=np.int64), np.where(either > 0, shared / np.maximum(either, 1), 0.0))
