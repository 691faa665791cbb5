"""Numbers in memory as a table of the engine."""

from __future__ import annotations

from typing import Any

import numpy as np

from coterie.tables import load_columns


def test_numbers_in_memory_become_a_table(checking: Any) -> None:
    rows = np.arange(10)[::-3]
    values = np.array([[0.5, np.nan], [-1.0, 9.0], [2.0, 9.0], [1e300, 9.0]])[:, 0]
    assert not rows.flags.c_contiguous
    assert not values.flags.c_contiguous
    table = load_columns(checking.engine, {"row": rows, "value": values, "small": rows.astype(np.int32)})
    assert [str(kind) for kind in table.schema().values()] == ["int64", "float64", "int64"]
    found = checking.engine.collect(table.order_by("row")).to_pydict()
    assert found == {"row": [0, 3, 6, 9], "value": [1e300, 2.0, -1.0, 0.5], "small": [0, 3, 6, 9]}
