"""The grid covers every cell exactly once, and what each name says is true of its scores."""

from __future__ import annotations

import itertools

import pytest

from coterie.clustering.rfm_grid import RFM_GRID, cells, grid_place

ALL = list(itertools.product(range(1, 6), repeat=3))
TRUE = {
    "Champions": lambda r, f, m: r >= 4 and f >= 4 and m >= 4,
    "Loyal": lambda r, f, m: r >= 3 and f >= 4,
    "Cannot lose": lambda r, f, m: r <= 2 and f >= 4 and m >= 4,
    "Big spenders": lambda r, f, m: r >= 3 and f <= 3 and m >= 4,
    "Promising": lambda r, f, m: r >= 4 and f == 3 and m <= 3,
    "New or occasional": lambda r, f, m: r >= 4 and f <= 2 and m <= 3,
    "At risk": lambda r, f, m: r <= 2 and (f >= 4) != (m >= 4),
    "Needs attention": lambda r, f, m: r == 3 and f <= 3 and m <= 3,
    "Hibernating": lambda r, f, m: r == 2 and f <= 3 and m <= 3,
    "Lost": lambda r, f, m: r == 1 and f <= 3 and m <= 3,
}
"""What the line under each name says, in scores: recent, often and much are 4 or 5, long ago and seldom 1 or 2."""


def test_the_cells_are_all_125():
    assert list(cells()) == ALL
    assert len(set(ALL)) == 125


@pytest.mark.parametrize("cell", ALL)
def test_every_cell_has_one_name_and_it_is_true(cell):
    holding = [entry.name for entry in RFM_GRID if entry.holds(cell)]
    assert len(holding) == 1
    assert RFM_GRID[grid_place(cell)].name == holding[0]
    assert TRUE[holding[0]](*cell)


def test_boxes_lie_within_the_grid_and_every_name_has_a_line():
    assert [entry.name for entry in RFM_GRID] == list(TRUE)
    assert all(1 <= low <= high <= 5 for entry in RFM_GRID for box in entry.boxes for low, high in box)
    assert all(entry.meaning.endswith(".") and len(entry.meaning) < 110 for entry in RFM_GRID)


def test_names_stand_by_descending_value():
    own = [[sum(cell) for cell in ALL if entry.holds(cell)] for entry in RFM_GRID]
    means = [sum(scores) / len(scores) for scores in own]
    assert means == sorted(means, reverse=True)
    assert (means[0], means[-1]) == (13.5, 5.0)
