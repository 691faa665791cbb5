"""All customers as a bounded number of weighted points: identical ones grouped, else a lightweight coreset."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from coterie.clustering.contract import Floats, Points
from coterie.clustering.kmeans import generator
from coterie.clustering.luck import luck

if TYPE_CHECKING:
    import ibis.expr.types as ir

EXACT = 20_000
"""Up to so many customers nothing is sampled."""

GROUPED = 100_000
"""Most distinct points that are kept without sampling."""

CORESET = 20_000
"""Expected number of points of a coreset."""

UNIFORM = 100_000
"""Expected number of customers in the uniform sample beside a coreset."""

HELD = 64_000_000
"""Bytes of features that are held rather than read again."""

# Rows of them that are looked at together.
_PIECE = 250_000

CORE_LUCK, UNIFORM_LUCK = 11, 12
"""Purposes of the two draws."""

Number = TypeVar("Number", Floats, "ir.FloatingValue")


def sample_points(blocks: Callable[[], Iterator[Floats]], *, seed: int, customers: int | None = None) -> Points:
    """Read all customers once and keep them as weighted points.

    Identical customers are grouped, exactly, where there are at most 20,000 customers or where that leaves at most
    100,000 points and a tenth of the customers. Else a lightweight coreset (Bachem, Lucic & Krause 2018) of about
    20,000 points is drawn, and a uniform sample of about 100,000 customers beside it.

    Args:
        blocks: Streams standardised features as (m, d) float64 blocks, sorted by customer; may be called repeatedly.
            How the rows are cut into blocks does not matter.
        seed: Of the sampling.
        customers: How many rows the blocks hold; counted in a pass of its own when not given.

    Raises:
        ValueError: No customers, or a value that is not finite.
    """
    held = _in_memory(blocks, customers)
    stream = blocks if held is None else lambda: (held[low : low + _PIECE] for low in range(0, len(held), _PIECE))
    if customers is None:
        customers = sum(len(block) for block in stream())
    if customers == 0:
        raise ValueError("there are no customers to cluster")
    limit = most_groups(customers)
    sampler = _Sampler(customers, seed) if customers > EXACT else None
    groups = _Groups(limit)
    for block in stream():
        rows = _checked(block)
        groups.add(rows)
        if sampler is not None:
            sampler.add(rows)
    if sampler is None or groups.fit():
        return groups.points()
    return replace(sampler.points(), blocks=stream)


def most_groups(customers: int) -> int:
    """How many distinct points are kept before customers are sampled."""
    return EXACT if customers <= EXACT else min(GROUPED, customers // 10)


def chance_of(squares: Number, d: int, customers: int) -> Number:
    """The chance of being in the coreset, by the squared length of a customer's d coordinates; 1 where it is more.

    The features are standardised: mean 0, and the squared lengths of all customers sum to customers x d. Were they
    not, the weights would still be right, only less even.
    """
    return CORESET * ((0.5 + 0.5 * squares / d) / customers)


def coreset_points(core: Sequence[tuple[Floats, Floats]], uniform: Sequence[Floats], customers: int) -> Points:
    """Points of a coreset, drawn in parts with their weights, beside a uniform sample."""
    x, weight = (np.concatenate(columns) for columns in zip(*core, strict=True))
    return Points(
        x=x,
        weight=weight * (customers / weight.sum()),
        customers=customers,
        exact=False,
        uniform=np.concatenate(uniform),
    )


def group_points(x: Floats, weight: Floats | None = None) -> Points:
    """Make exact points of customers in memory: identical rows grouped, sorted by their values.

    Args:
        x: (n, d).
        weight: (n,) customers behind each row; 1 each when not given.

    Example:
        >>> points = group_points(np.array([[1.0], [0.0], [1.0]]))
        >>> points.x.tolist(), points.weight.tolist(), points.customers
        ([[0.0], [1.0]], [1.0, 2.0], 3)
    """
    rows = _checked(x)
    grouped, held = _group(rows, np.ones(len(rows)) if weight is None else np.asarray(weight, dtype=np.float64))
    return Points(x=grouped, weight=held, customers=round(float(held.sum())), exact=True)


def distinct(points: Points) -> int:
    """Count different customers (in a coreset: different points, at least as many customers differ)."""
    return len(points.x) if points.exact else len(_group(points.x, points.weight)[0])


def coreset(x: Floats, weight: Floats, size: int, seed: int) -> tuple[Floats, Floats]:
    """Thin out weighted points to about `size` for exploring; all of them where there are no more.

    Args:
        x: (n, d).
        weight: (n,).
        size: Expected number of points kept.
        seed: Of the drawing.

    Returns:
        Points and their weights, which sum to the same.
    """
    if len(x) <= size:
        return x, weight
    total = weight.sum()
    away = np.square(x - weight @ x / total).sum(axis=1)
    share = 0.5 / total + 0.5 * away / (weight @ away)
    chance = np.minimum(1.0, size * share * weight)
    kept = generator(seed, 10, size).random(len(chance)) < chance
    thinned = weight[kept] / chance[kept]
    return x[kept], thinned * (total / thinned.sum())


class _Groups:
    """Distinct rows with their counts, merged as they come; gives up, and forgets them, above a limit."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.parts: list[tuple[Floats, Floats]] = []
        self.waiting = 0
        self.given_up = False

    def add(self, rows: Floats) -> None:
        # Never more fingerprints than rows differ: most often the first rows show that these are too many.
        if self.given_up or _different(rows[: 2 * self.limit]) > self.limit:
            self.given_up = True
            return
        self.parts.append(_group(rows, np.ones(len(rows))))
        self.waiting += len(self.parts[-1][0])
        if self.waiting > 2 * self.limit:
            self.fit()

    def fit(self) -> bool:
        """Merge what has come; False where there are too many distinct rows."""
        if not self.given_up:
            x, weight = (np.concatenate(columns) for columns in zip(*self.parts, strict=True))
            self.parts = [_group(x, weight)]
            self.waiting = len(self.parts[0][0])
            self.given_up = self.waiting > self.limit
        if self.given_up:
            self.parts = []
        return not self.given_up

    def points(self) -> Points:
        self.fit()
        x, weight = self.parts[0]
        return Points(x=x, weight=weight, customers=round(float(weight.sum())), exact=True)


class _Sampler:
    """Coreset and uniform sample in one pass, by an independent draw for each customer in order (Poisson sampling)."""

    def __init__(self, customers: int, seed: int) -> None:
        self.customers, self.seed = customers, seed
        self.seen = 0
        self.core: list[tuple[Floats, Floats]] = []
        self.uniform: list[Floats] = []

    def add(self, rows: Floats) -> None:
        places = np.arange(self.seen, self.seen + len(rows), dtype=np.int64)
        self.seen += len(rows)
        chance = np.minimum(1.0, chance_of(np.einsum("ij,ij->i", rows, rows), rows.shape[1], self.customers))
        kept = luck(places, self.seed, CORE_LUCK) < chance
        self.core.append((rows[kept], 1.0 / chance[kept]))
        self.uniform.append(rows[luck(places, self.seed, UNIFORM_LUCK) * self.customers < UNIFORM])

    def points(self) -> Points:
        return coreset_points(self.core, self.uniform, self.customers)


def _in_memory(blocks: Callable[[], Iterator[Floats]], customers: int | None) -> Floats | None:
    """All customers (n, d), where they are so few that later passes need not read them again; else None."""
    found: list[Floats] = []
    size = 0
    for block in blocks():
        size += block.nbytes
        if size > HELD or (customers or 0) * block.nbytes > HELD * len(block):
            return None
        found.append(block)
    return np.concatenate(found) if found else np.empty((0, 1))


def _checked(block: Floats) -> Floats:
    rows = np.ascontiguousarray(block, dtype=np.float64)
    if rows.ndim != 2:
        raise ValueError(f"features must come as rows and columns, not as an array of {rows.ndim} dimensions")
    if not np.isfinite(rows).all():
        raise ValueError("a feature value is missing or not finite; fill it before clustering")
    return rows + 0.0  # minus zero equals zero, but its bits differ


def _group(x: Floats, weight: Floats) -> tuple[Floats, Floats]:
    """Distinct rows sorted by their values, and the sum of weight of each."""
    order = np.argsort(_fingerprint(x), kind="stable")
    rows = x[order]
    fresh = np.ones(len(rows), dtype=bool)
    fresh[1:] = (rows[1:] != rows[:-1]).any(axis=1)
    first = np.flatnonzero(fresh)
    held = np.add.reduceat(weight[order], first) if len(first) else weight[:0]
    rows = rows[first]
    sort = np.lexsort(rows.T[::-1])
    rows, held = rows[sort], held[sort]
    # Two different rows with one fingerprint may alternate: neighbours that are equal after all are joined here.
    twins = (rows[1:] == rows[:-1]).all(axis=1)
    if twins.any():
        first = np.flatnonzero(np.concatenate([[True], ~twins]))
        rows, held = rows[first], np.add.reduceat(held, first)
    return rows, held


def _different(x: Floats) -> int:
    """Different fingerprints: at most as many as different rows."""
    marks = np.sort(_fingerprint(x))
    return len(marks) and 1 + int(np.count_nonzero(marks[1:] != marks[:-1]))


def _fingerprint(x: Floats) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    """One 64-bit number per row, equal for equal rows (the mixer of splitmix64 over the columns)."""
    mixed = np.zeros(len(x), dtype=np.uint64)
    for column in x.T:
        mixed ^= np.ascontiguousarray(column).view(np.uint64)
        mixed += np.uint64(0x9E3779B97F4A7C15)
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        mixed ^= mixed >> np.uint64(31)
    return mixed
