"""Ids: integers where all of them are, text where any is not."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from coterie.tables.ids import IdCounts, as_id, id_counts, id_kind

LARGEST = 2**63 - 1


def ids(checking: Any, *columns: Any) -> list[list[Any]]:
    """The cells of columns that hold the same kind of id, each of a table of its own."""
    engine, rows, counts = checking.engine, [], []
    for cells in columns:
        table = pa.table({"id": cells})
        rows.append(engine.load(table.to_batches(), table.schema))
        counts.append(IdCounts(**engine.collect(rows[-1].aggregate(**id_counts(rows[-1]["id"]))).to_pylist()[0]))
    kind = id_kind(counts)
    values = [table.select(id=as_id(table["id"], kind, count)) for table, count in zip(rows, counts, strict=True)]
    return [engine.collect(value)["id"].to_pylist() for value in values]


@pytest.mark.parametrize(
    ("cells", "wanted"),
    [
        (["1", " 2 ", "3.0"], [1, 2, 3]),
        ([1.0, 2.0, 7.0], [1, 2, 7]),
        ([Decimal(1), Decimal(2)], [1, 2]),
        ([str(LARGEST), "1"], [LARGEST, 1]),
        ([str(LARGEST + 1), "1"], [str(LARGEST + 1), "1"]),
        (pa.array([1, 2**63], pa.uint64()), ["1", str(2**63)]),
        (["007", "7"], ["007", "7"]),
        (["A1", "7.0", "null", " "], ["A1", "7.0", None, None]),
        ([1.5, 2.0], ["1.5", "2"]),
        (["-3", "0"], [-3, 0]),
        (["1e5", "2"], ["1e5", "2"]),
        ([True, False], ["true", "false"]),
        ([1.0, float("nan"), None], [1, None, None]),
        ([float("inf"), 1e300, 2.0], ["inf", "1e+300", "2"]),
        ([None, None], [None, None]),
    ],
)
def test_what_ids_become(checking: Any, cells: Any, wanted: list[Any]) -> None:
    assert ids(checking, cells) == [wanted]


@pytest.mark.parametrize(
    ("one", "other", "wanted"),
    [
        (["1", "2"], [1.0, 2.0], [[1, 2], [1, 2]]),
        ([1, 2], ["1", "A"], [["1", "2"], ["1", "A"]]),
        (["1.0", "2.0"], ["1", "A"], [["1", "2"], ["1", "A"]]),
        (["01", "2"], [1, 2], [["01", "2"], ["1", "2"]]),
    ],
)
def test_all_tables_agree_on_one_kind(checking: Any, one: list[Any], other: list[Any], wanted: list[list[Any]]) -> None:
    assert ids(checking, one, other) == wanted
