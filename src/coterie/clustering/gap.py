"""The gap statistic: is inertia lower than that of customers spread evenly?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from coterie.clustering.contract import Floats
from coterie.clustering.kmeans import generator
from coterie.clustering.light import fit_each_k

CUSTOMERS = 1_000
"""Most customers that are compared."""


def gap(
    x: Floats, ks: Sequence[int], seed: int, draws: int = 20, most: int = CUSTOMERS
) -> tuple[tuple[int, float, float], ...]:
    """Compare the log of inertia at each k with its mean over even references (Tibshirani, Walther & Hastie 2001).

    The references are uniform on the box of the principal axes. Skewed crowds without groups have gaps too: it is
    shown, and decides nothing.

    Args:
        x: (n, d) customers; of more than `most`, so many are drawn with equal chances.
        ks: Numbers of clusters. A k of as many as there are different customers, or more, is left out.
        seed: Of drawing and of K-Means.
        draws: References, B.
        most: Customers compared.

    Returns:
        (k, gap, s) for each k, where s = sd sqrt(1 + 1/B) is the standard error with that of the simulation.
    """
    few = x
    if len(x) > most:
        few = x[np.sort(generator(seed, 50).choice(len(x), most, replace=False))]
    differ = len(np.unique(few, axis=0)) if len(few) else 0
    ks = [k for k in ks if 1 <= k < differ]
    if not ks:
        return ()
    own = _log_inertia(few, ks, generator(seed, 52))
    references = enumerate(evenly(few, draws, seed))
    others = np.array([_log_inertia(even, ks, generator(seed, 53, i)) for i, even in references])
    gaps = others.mean(axis=0) - own
    errors = others.std(axis=0) * np.sqrt(1.0 + 1.0 / draws)
    return tuple((k, float(g), float(s)) for k, g, s in zip(ks, gaps, errors, strict=True))


def evenly(x: Floats, draws: int, seed: int) -> Iterator[Floats]:
    """Draw as many points as x (n, d), uniform on the box of its principal axes, in their coordinates."""
    rng = generator(seed, 51)
    centred = x - x.mean(axis=0)
    along = centred @ np.linalg.svd(centred, full_matrices=False)[2].T
    low, high = along.min(axis=0), along.max(axis=0)
    for _ in range(draws):
        yield low + (high - low) * rng.random(along.shape)


def k_by_gap(found: Sequence[tuple[int, float, float]]) -> int | None:
    """Smallest k whose gap is at least that of k + 1 less its standard error; None where there is none.

    Args:
        found: (k, gap, s) as `gap` gives them, with k from 1 without holes.

    Example:
        >>> k_by_gap([(1, 0.2, 0.1), (2, 0.5, 0.1), (3, 0.55, 0.1)])
        2
    """
    by_k = {k: (g, s) for k, g, s in found}
    for k in sorted(by_k):
        after = by_k.get(k + 1)
        if after is not None and by_k[k][0] >= after[0] - after[1]:
            return k
    return None


def _log_inertia(x: Floats, ks: Sequence[int], rng: np.random.Generator) -> Floats:
    fits = fit_each_k(x, ks, rng)
    return np.log([fits[k][1] for k in ks])
