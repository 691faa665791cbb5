"""Attributes as numbers, whatever their decimal mark."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from coterie.tables.numbers import NumberCounts, as_attribute, number_counts, number_plan


def read(checking: Any, cells: list[Any], decimal: Any = None) -> tuple[str, list[Any]]:
    """Kind of the attribute and its values; unreadable ones are "?"."""
    engine, table = checking.engine, pa.table({"what": cells})
    rows = engine.load(table.to_batches(), table.schema)
    counts = NumberCounts(**engine.collect(rows.aggregate(**number_counts(rows["what"]))).to_pylist()[0])
    plan = number_plan(rows["what"], counts, decimal)
    value, bad = as_attribute(rows["what"], plan)
    found = engine.collect(rows.select(value=value, bad=bad)).to_pylist()
    return "text" if plan.decimal is None else "number", ["?" if row["bad"] else row["value"] for row in found]


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        (["1", "2.5", "-3", "+4", "5e3", ".5"], [1, 2.5, -3, 4, 5000, 0.5]),
        (["1,5", "2,25", "3"], [1.5, 2.25, 3]),
        (["1,234", "1,234.5"], [1234, 1234.5]),
        (["1.234", "1.234,5"], [1234, 1234.5]),
        (["1,234", "2,345"], [1234, 2345]),
        (["1.234", "2.345"], [1.234, 2.345]),
        (["1 234", "12'345", "1\u00a0234\u00a0567"], [1234, 12345, 1234567]),
        (["1,234,567", "12"], [1234567, 12]),
        (["1.234.567", "1,5"], [1234567, 1.5]),
        ([" 7 ", "NULL", "", None], [7, None, None, None]),
        ([1.5, float("nan"), float("inf"), None], [1.5, None, None, None]),
    ],
)
def test_numbers(checking: Any, cells: list[Any], values: list[Any]) -> None:
    assert read(checking, cells) == ("number", values)


def test_the_setting_wins(checking: Any) -> None:
    assert read(checking, ["1,234", "2,345"], decimal=",") == ("number", [1.234, 2.345])
    assert read(checking, ["1.234", "2.345"], decimal=",") == ("number", [1234, 2345])


@pytest.mark.parametrize(
    "cells",
    [["007", "123"], ["a", "b"], ["1-2", "3-4"], ["1e999", "2"], ["", "-", "."], ["12 34", "1"], ["NaN", "inf"]],
)
def test_text_stays_text(checking: Any, cells: list[str]) -> None:
    kind, values = read(checking, cells)
    assert kind == "text"
    assert values == [None if cell in ("", "NaN") else cell for cell in cells]


def test_truth_values_are_text(checking: Any) -> None:
    assert read(checking, [True, False, None])[0] == "text"


def test_one_in_twenty_may_be_no_number(checking: Any) -> None:
    numbers = [str(n) for n in range(1, 20)]
    assert read(checking, [*numbers, "old"]) == ("number", [*map(float, numbers), "?"])
    assert read(checking, [*numbers, "old", "older"])[0] == "text"
