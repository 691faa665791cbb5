"""Calinski-Harabasz and Davies-Bouldin, from the sums that a fit holds; the silhouette has its own file."""

from __future__ import annotations

import numpy as np

from coterie.clustering.contract import Fit


def calinski_harabasz(fit: Fit) -> float | None:
    """Spread between segments over spread within, each per degree of freedom (Calinski & Harabasz 1974).

    None for one segment, for as many segments as customers, and where nothing varies within.
    """
    assert fit.within is not None
    assert fit.means is not None
    customers, within = float(fit.sizes.sum()), float(fit.within.sum())
    if fit.k < 2 or customers <= fit.k or within <= 0.0:
        return None
    overall = fit.sizes @ fit.means / customers
    between = float(fit.sizes @ np.square(fit.means - overall).sum(axis=1))
    return between / (fit.k - 1) / (within / (customers - fit.k))


def davies_bouldin(fit: Fit) -> float | None:
    """Mean over segments of the worst (reach of one + reach of other) / distance of their means; lower is better.

    As Davies & Bouldin 1979 with exponents 1, so as in scikit-learn. None for one segment.
    """
    assert fit.reach is not None
    assert fit.means is not None
    if fit.k < 2:
        return None
    apart = np.sqrt(np.square(fit.means[:, None, :] - fit.means[None, :, :]).sum(axis=2))
    np.fill_diagonal(apart, np.inf)
    if not (apart > 0).all():
        return None
    return float(((fit.reach[:, None] + fit.reach[None, :]) / apart).max(axis=1).mean())
