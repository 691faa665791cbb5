"""RFM the classic way: recency, orders and sales scored from 1 to 5, and the names of the grid as segments.

A score is the fifth in which the middle of a value's equals lies: with p the share of customers who are worse plus half
the share of those alike, it is 1 + floor(5 p). The features `rfm_recency`, `rfm_frequency` and `rfm_monetary` are the
same scores; treatments and standardising keep the order of values, so it makes no difference where the cuts are taken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from coterie.clustering.contract import Algorithm, Fit, Floats, Labeller, Labels, Points
from coterie.clustering.drawn import fit_by, group_means
from coterie.clustering.rfm_grid import FIFTHS, RFM_GRID, cells, grid_place
from coterie.clustering.rules import Quintiles
from coterie.errors import UsageError
from coterie.features import cut_between
from coterie.rounding import round9

RECENCY, FREQUENCY, MONETARY = ("order_recency", "recency"), ("order_count",), ("total_spend",)
"""Features that stand for each of the three, one each."""

_PLACE = np.array([grid_place(cell) for cell in cells()], dtype=np.int64)
_CELLS = np.array(list(cells()), dtype=np.int64)

# How far from a border of fifths it is looked for among all customers, by a sample of them: six standard errors.
_AROUND = 0.01


def bind_rfm(asked: Sequence[str], axes: Sequence[str]) -> Algorithm:
    """The algorithm for coordinates in this order.

    Args:
        asked: Features asked for: recency, order_count and total_spend, in any order, and no other.
        axes: Feature of each coordinate; one in which all customers are alike is missing, and gets the middle score.

    Raises UsageError for other features.
    """
    roles = [[name for name in asked if name in role] for role in (RECENCY, FREQUENCY, MONETARY)]
    if len(asked) != len(roles) or any(len(role) != 1 for role in roles) or not set(axes) <= set(asked):
        found = ", ".join(asked) or "nothing"
        raise UsageError(
            f"RFM scores recency, order_count and total_spend and nothing else, and customers are described by {found} "
            "here. Use `--preset rfm`."
        )
    places = [list(axes).index(role[0]) if role[0] in axes else -1 for role in roles]
    columns = (places[0], places[1], places[2])

    def sweep(points: Points, ks: tuple[int, ...], seed: int, activity: Floats | None = None) -> tuple[Fit, ...]:
        return (_fit(points, columns),)

    def refit(x: Floats, k: int, seed: int) -> Labeller:
        return _labeller(x, columns, len(axes))

    return replace(RFM, sweep=sweep, refit=refit)


def _fit(points: Points, columns: tuple[int, int, int]) -> Fit:
    cuts = tuple(_cuts(points, column, better=place > 0) for place, column in enumerate(columns))
    everywhere = Quintiles(columns, cuts, tuple(range(1, len(_PLACE) + 1)), ())
    places = _PLACE[everywhere.cell_of(points.x)]
    there = np.unique(places)
    if len(there) < 2:
        raise UsageError(
            f"RFM puts all of these customers under one name, {RFM_GRID[there[0]].name!r}: they differ too little in "
            "recency, orders and sales. To cut them into segments all the same, use k-means."
        )
    rule = replace(everywhere, cells=_nearest_present(there), names=tuple(RFM_GRID[place].name for place in there))
    labels = np.searchsorted(there, places)
    centroids = round9(group_means(points.x, labels, len(there), points.weight))
    return replace(fit_by(points, centroids, rule, 1.0), kept=None)


def _nearest_present(there: Labels) -> tuple[int, ...]:
    """Segment, from 1, of each of the 125 cells; a cell whose name nobody had goes with the nearest that somebody had.

    Nearest by steps of the scores; of equally near names the one of least value, which flatters nobody.
    """
    steps = np.abs(_CELLS[:, None, :] - _CELLS[None, :, :]).sum(axis=2)
    away = np.stack([steps[:, place == _PLACE].min(axis=1) for place in there], axis=1)
    last = len(there) - away[:, ::-1].argmin(axis=1)
    return tuple(last.tolist())


def _labeller(x: Floats, columns: tuple[int, int, int], width: int) -> Labeller:
    """How rows are placed in the grid by the cuts of these, each name at its place; -1 where columns are missing."""
    if len(x) == 0 or x.shape[1] != width:
        return lambda rows: np.full(len(rows), -1, dtype=np.int64)
    sample = Points(x=x, weight=np.ones(len(x)), customers=len(x), exact=True)
    cuts = tuple(_cuts(sample, column, better=place > 0) for place, column in enumerate(columns))
    rule = Quintiles(columns, cuts, tuple(range(1, len(_PLACE) + 1)), ())
    return lambda rows: _PLACE[rule.cell_of(rows)]


def _cuts(points: Points, column: int, *, better: bool) -> tuple[float, ...]:
    """The ascending cuts of one column, over all customers; () for no column. `better`: more of it is."""
    if column < 0:
        return ()
    sign = 1.0 if better else -1.0
    if points.blocks is None:
        borders = _borders(_tallied(sign * points.x[:, column], points.weight))
    else:
        borders = _borders_of_all(points, points.blocks, column, sign)
    cuts = [cut_between(under, over) for under, over in borders]
    return tuple(cuts) if better else tuple(0.0 - cut for cut in reversed(cuts))


@dataclass(frozen=True)
class _Tally:
    """Values in ascending order, customers who have each, how many have a lower one than all of these, and all."""

    values: Floats
    held: Floats
    below: float
    everyone: float


def _tallied(values: Floats, weight: Floats) -> _Tally:
    found, place = np.unique(values, return_inverse=True)
    held = np.bincount(place, weights=weight, minlength=len(found)).astype(np.float64)
    return _Tally(found, held, 0.0, float(held.sum()))


def _middles(held: Floats | Labels) -> Floats:
    """Customers below each value and half of those who have it."""
    return np.asarray(np.cumsum(held) - held / 2.0, dtype=np.float64)


Border = tuple[float | None, float | None]
"""The highest value under a border of fifths and the lowest over it."""


def _border(tally: _Tally, fifth: int) -> Border:
    over = FIFTHS * (tally.below + _middles(tally.held)) >= fifth * tally.everyone
    first = int(over.argmax()) if over.any() else len(over)
    under = float(tally.values[first - 1]) if first > 0 else None
    return under, float(tally.values[first]) if first < len(over) else None


def _borders(tally: _Tally) -> list[Border]:
    return [_border(tally, fifth) for fifth in range(1, FIFTHS)]


def _borders_of_all(points: Points, blocks: Callable[[], Iterator[Floats]], column: int, sign: float) -> list[Border]:
    """The borders among all customers, in one pass that keeps only values near those of the sample."""
    drawn = points.x if points.uniform is None else points.uniform
    weight = points.weight if points.uniform is None else np.ones(len(drawn))
    sample = _tallied(sign * drawn[:, column], weight)
    share = _middles(sample.held) / sample.everyone
    near = [_span(sample.values, share, fifth / FIFTHS) for fifth in range(1, FIFTHS)]
    below = [0.0] * len(near)
    kept: list[list[tuple[Floats, Labels]]] = [[] for _ in near]
    everyone = 0
    for block in blocks():
        values = sign * block[:, column]
        everyone += len(values)
        for place, (low, high) in enumerate(near):
            below[place] += float((values < low).sum())
            kept[place].append(np.unique(values[(values >= low) & (values <= high)], return_counts=True))
    borders = []
    for place, parts in enumerate(kept):
        merged = _tallied(*(np.concatenate(columns).astype(np.float64) for columns in zip(*parts, strict=True)))
        borders.append(_border(replace(merged, below=below[place], everyone=float(everyone)), place + 1))
    return borders


def _span(values: Floats, share: Floats, at: float) -> tuple[float, float]:
    """Between which values of all customers a border lies, by the shares at which a sample's values stand."""
    low, high = values[share < at - _AROUND], values[share >= at + _AROUND]
    return float(low[-1]) if len(low) else -np.inf, float(high[0]) if len(high) else np.inf


def _needs_names(points: Points, ks: tuple[int, ...], seed: int, activity: Floats | None = None) -> tuple[Fit, ...]:
    raise UsageError("RFM scores recency, order_count and total_spend: use `--preset rfm`.")


def _no_group(x: Floats, k: int, seed: int) -> Labeller:
    return lambda rows: np.full(len(rows), -1, dtype=np.int64)


RFM = Algorithm(
    name="rfm",
    label="RFM grid",
    meaning="Scores recency, orders and sales from 1 to 5 by fifths of the customers, and names each combination.",
    sweep=_needs_names,
    refit=_no_group,
    caution="Its borders are where a fifth of the customers ends, whether there is a gap between customers or not.",
    needs_k=False,
    bind=bind_rfm,
    whole=True,
    by_rule=True,
)
"""To be bound to the coordinates before it can be used; its segments are numbered by the value of their names."""
