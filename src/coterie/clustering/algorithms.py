"""The ways to find groups, for `--algorithm`, its help and the docs."""

from __future__ import annotations

from coterie.clustering.contract import Algorithm
from coterie.clustering.sweep import sweep

ALGORITHMS: tuple[Algorithm, ...] = (
    Algorithm(
        name="k-means",
        label="K-Means",
        meaning="Cuts customers into k groups of least squared distance to their centres.",
        sweep=sweep,
    ),
)
"""The first is the default."""
