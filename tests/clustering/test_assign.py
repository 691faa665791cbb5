"""Assignment in the engine against numpy."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from coterie.clustering import assign_nearest, nearest_segment
from coterie.engines import open_engine


@pytest.mark.parametrize("k", [1, 2, 7])
def test_assignment_equals_numpy(k):
    draw = np.random.default_rng(k)
    x, centroids = draw.normal(size=(500, 3)), draw.normal(size=(k, 3))
    engine = open_engine()
    table = pa.table({"row": np.arange(500)} | {f"z{place}": x[:, place] for place in range(3)})
    placed = assign_nearest(engine.load(table.to_batches(), table.schema), ["z0", "z1", "z2"], centroids)
    found = engine.collect(placed.order_by("row")).to_pydict()
    alone = nearest_segment(engine.load(table.to_batches(), table.schema), ["z0", "z1", "z2"], centroids)
    assert alone.columns == (*table.column_names, "segment")
    assert engine.collect(alone.order_by("row"))["segment"].to_pylist() == found["segment"]
    distance = np.sort(np.linalg.norm(x[:, None] - centroids, axis=2), axis=1)
    nearest = np.linalg.norm(x[:, None] - centroids, axis=2).argmin(axis=1) + 1
    assert found["segment"] == nearest.tolist()
    np.testing.assert_allclose(found["distance"], distance[:, 0], rtol=1e-12)
    margin = np.ones(500) if k == 1 else (distance[:, 1] - distance[:, 0]) / (distance[:, 1] + distance[:, 0])
    np.testing.assert_allclose(found["margin"], margin, rtol=1e-9, atol=1e-12)
    order = np.linalg.norm(x[:, None] - centroids, axis=2).argsort(axis=1) + 1
    assert found["second"] == ([None] * 500 if k == 1 else order[:, 1].tolist())


def test_lowest_segment_wins_a_tie():
    engine = open_engine()
    table = pa.table({"row": [0, 1], "z0": [0.0, 5.0]})
    placed = assign_nearest(engine.load(table.to_batches(), table.schema), ["z0"], np.array([[1.0], [-1.0], [1.0]]))
    found = engine.collect(placed.order_by("row")).to_pydict()
    assert found["segment"] == [1, 1]
    assert found["margin"] == [0.0, 0.0]
    # In the middle segment 2 is as near as 1; beyond, segment 3 lies where 1 does.
    assert found["second"] == [2, 3]
