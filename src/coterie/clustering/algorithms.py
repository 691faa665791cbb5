"""The ways to find groups, for `--algorithm`, its help and the docs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from coterie.clustering.contract import Algorithm, Floats, Labeller
from coterie.clustering.hdbscan import refit_hdbscan, sweep_hdbscan
from coterie.clustering.kmeans import generator, nearest
from coterie.clustering.light import fit_each_weight
from coterie.clustering.mixture import refit_mixture, sweep_mixture
from coterie.clustering.own import Clusterer, own_algorithm
from coterie.clustering.rfm import RFM
from coterie.clustering.sweep import sweep
from coterie.clustering.ward import refit_ward, sweep_ward
from coterie.errors import UsageError


def refit_kmeans(x: Floats, k: int, seed: int) -> Labeller:
    """K-Means of rows (n, d) once, from a few starts; other rows belong to the nearest centroid."""
    centroids = fit_each_weight(x, np.ones((1, len(x))), min(k, len(x)), generator(seed, 73))[0]
    return lambda rows: nearest(rows, centroids)[0]


ALGORITHMS: tuple[Algorithm, ...] = (
    Algorithm(
        name="k-means",
        label="K-Means",
        meaning="Cuts customers into k groups of least squared distance to their centres.",
        sweep=sweep,
        refit=refit_kmeans,
    ),
    Algorithm(
        name="ward",
        label="Ward",
        meaning="Joins the most similar customers, then groups of them, until k are left; gives a family tree.",
        sweep=sweep_ward,
        refit=refit_ward,
        caution="The tree is grown from at most 5,000 customers; all others go to the nearest centre.",
    ),
    Algorithm(
        name="mixture",
        label="Gaussian mixture",
        meaning="Takes customers for k overlapping clouds, wide or narrow, and asks which each most likely belongs to.",
        sweep=sweep_mixture,
        refit=refit_mixture,
        caution="It takes a skewed crowd for several clouds, so more groups than one prove nothing.",
        by_rule=True,
    ),
    Algorithm(
        name="hdbscan",
        label="HDBSCAN",
        meaning="Finds regions dense with customers, as many as there are; customers between them fit no group.",
        sweep=sweep_hdbscan,
        refit=refit_hdbscan,
        caution="It finds nothing in one crowd, and takes many customers with the same counts for a group.",
        needs_k=False,
        by_rule=True,
    ),
)
"""Ways for any features; the first is the default."""

ON_ORDERS: tuple[Algorithm, ...] = (RFM,)
"""Ways for certain features of orders and no others: to be `bound` before use."""


def bound(algorithm: Algorithm, asked: Sequence[str], axes: Sequence[str]) -> Algorithm:
    """The algorithm as it stands for these features.

    Args:
        algorithm: Any; returned as it is where it takes any features.
        asked: Names of the features asked for.
        axes: Feature of each coordinate, those left out in which all customers are alike.

    Raises UsageError where it needs other features.
    """
    return algorithm if algorithm.bind is None else algorithm.bind(asked, axes)


def algorithm_named(wanted: str | Clusterer) -> Algorithm:
    """The algorithm of this name, or one made of the user's own clusterer; raises UsageError for any other."""
    if not isinstance(wanted, str):
        return own_algorithm(wanted)
    known = (*ALGORITHMS, *ON_ORDERS)
    found = next((one for one in known if one.name == wanted), None)
    if found is None:
        raise UsageError(f"There is no algorithm {wanted!r}. Choose from {', '.join(one.name for one in known)}.")
    return found
