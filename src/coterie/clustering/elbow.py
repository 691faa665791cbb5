"""The knee of inertia over k (Satopaa, Albrecht, Irwin & Raghavan 2011, "Kneedle")."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def elbow(ks: Sequence[int], inertia: Sequence[float], sensitivity: float = 1.0) -> int | None:
    """Find the k at which inertia stops falling steeply; None where there is no knee or fewer than three k.

    Both axes are scaled to 0..1; a knee is a local maximum of (fall so far - way so far) after which that difference
    drops by `sensitivity` mean steps before it rises to another maximum. The most pronounced knee is taken.

    Args:
        ks: Ascending.
        inertia: One per k.
        sensitivity: How pronounced the knee must be.

    Example:
        >>> elbow([2, 3, 4, 5, 6], [100.0, 40.0, 10.0, 8.0, 7.0])
        4
        >>> elbow([2, 3, 4, 5], [40.0, 30.0, 20.0, 10.0]) is None
        True
    """
    x, y = np.asarray(ks, dtype=np.float64), np.asarray(inertia, dtype=np.float64)
    if len(x) < 3 or not y.max() > y.min():
        return None
    way = (x - x[0]) / (x[-1] - x[0])
    above = (y.max() - y) / (y.max() - y.min()) - way
    step = sensitivity * float(np.mean(np.diff(way)))
    knees = []
    peaks = [i for i in range(1, len(x) - 1) if above[i] > above[i - 1] and above[i] >= above[i + 1]]
    for number, peak in enumerate(peaks):
        until = peaks[number + 1] if number + 1 < len(peaks) else len(x)
        if above[peak + 1 : until].min() < above[peak] - step:
            knees.append(peak)
    return int(ks[max(knees, key=lambda i: float(above[i]))]) if knees else None
