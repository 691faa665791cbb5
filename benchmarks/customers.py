"""The standardised features on which the customers of given files are clustered, for benchmarks of single parts."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from coterie.api import sample
from coterie.clustering import Floats
from coterie.segmentation.contract import Work, made
from coterie.segmentation.place import axis_names, matrix
from coterie.segmentation.steps import describe_customers, drop_dependent, scale_features, select_features
from coterie.settings import Settings
from coterie.tables import read


def features(source: str | Path) -> Floats:
    """Features (n, d) of all active customers of a folder or file, in their order."""
    work = Work(read(source), Settings(evidence=False))
    for step in (describe_customers, select_features, scale_features, drop_dependent):
        work = step(work)
    space, names = made(work.space), axis_names(made(work.scaling).coordinates)
    ordered = space.filter(space.active).order_by("row").select(*names)
    return np.concatenate([matrix(batch, names) for batch in work.tables.engine.blocks(ordered)])


def each(sources: Sequence[str], customers: int) -> list[tuple[str, Floats]]:
    """Label and features of each source; of a sample shop of so many customers where there is none."""
    if sources:
        return [(Path(source).name, features(source)) for source in sources]
    with tempfile.TemporaryDirectory(prefix="coterie-bench-") as folder:
        sample(f"{folder}/shop", customers=customers)
        return [(f"sample shop, {customers:,}", features(f"{folder}/shop"))]
