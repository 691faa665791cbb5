"""The named grid of recency, frequency and monetary scores: every one of the 125 cells has exactly one name.

The names are Coterie's own choice among those in use. Scores are relative, so they say how customers stand among those
of this shop, and no more: recently, often and much are a score of 4 or 5, where more customers stand below than above;
long ago, seldom and little are 1 or 2, where fewer do; 3 is the usual.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

FIFTHS = 5
Cell = tuple[int, int, int]
"""Recency, frequency and monetary score, each 1..5, 5 best."""
Box = tuple[tuple[int, int], tuple[int, int], tuple[int, int]]
"""Lowest and highest of each of the three scores."""

_ANY, _LOW, _UP_TO_3, _3, _HIGH = (1, 5), (1, 2), (1, 3), (3, 3), (4, 5)


@dataclass(frozen=True)
class GridName:
    """One name of the grid.

    Attributes:
        name: In plain marketing English.
        meaning: One line, true of every cell that has the name.
        boxes: Where it holds; boxes of all names overlap nowhere and leave no cell out.
    """

    name: str
    meaning: str
    boxes: tuple[Box, ...]

    def holds(self, cell: Cell) -> bool:
        """Whether a cell has this name."""
        return any(
            all(low <= score <= high for score, (low, high) in zip(cell, box, strict=True)) for box in self.boxes
        )


RFM_GRID: tuple[GridName, ...] = (
    GridName(
        "Champions",
        "Ordered recently, order often and spend much.",
        ((_HIGH, _HIGH, _HIGH),),
    ),
    GridName(
        "Loyal",
        "Order often, and the last order is recent or not long ago.",
        ((_HIGH, _HIGH, _UP_TO_3), (_3, _HIGH, _ANY)),
    ),
    GridName(
        "Cannot lose",
        "Ordered often and spent much, but the last order is long ago.",
        ((_LOW, _HIGH, _HIGH),),
    ),
    GridName(
        "Big spenders",
        "Spent much without ordering often; the last order is recent or not long ago.",
        (((3, 5), _UP_TO_3, _HIGH),),
    ),
    GridName(
        "Promising",
        "Ordered recently, a usual number of times, and did not spend much.",
        ((_HIGH, _3, _UP_TO_3),),
    ),
    GridName(
        "New or occasional",
        "Ordered recently but seldom, and did not spend much: they are new, or come now and then.",
        ((_HIGH, _LOW, _UP_TO_3),),
    ),
    GridName(
        "At risk",
        "Ordered often or spent much, not both, and the last order is long ago.",
        ((_LOW, _HIGH, _UP_TO_3), (_LOW, _UP_TO_3, _HIGH)),
    ),
    GridName(
        "Needs attention",
        "Neither order often nor spend much, and the last order is neither recent nor long ago.",
        ((_3, _UP_TO_3, _UP_TO_3),),
    ),
    GridName(
        "Hibernating",
        "Neither ordered often nor spent much, and the last order is long ago.",
        (((2, 2), _UP_TO_3, _UP_TO_3),),
    ),
    GridName(
        "Lost",
        "Neither ordered often nor spent much, and the last order is among those longest ago.",
        (((1, 1), _UP_TO_3, _UP_TO_3),),
    ),
)
"""By descending value: the mean of the three scores over the cells of a name falls from each to the next."""


def cells() -> Iterator[Cell]:
    """All 125 cells, from (1, 1, 1) to (5, 5, 5), monetary value counting fastest."""
    scores = range(1, FIFTHS + 1)
    return ((r, f, m) for r in scores for f in scores for m in scores)


def grid_place(cell: Cell) -> int:
    """Place in the grid of the name of a cell.

    Example:
        >>> RFM_GRID[grid_place((5, 1, 2))].name
        'New or occasional'
    """
    return next(place for place, entry in enumerate(RFM_GRID) if entry.holds(cell))
