"""Customers made up as columns: crowds without groups, and groups planted as Gaussian clouds."""

from __future__ import annotations

import numpy as np

from families.contract import Floats, Points

APART = 8.0
"""Distance between any two centres of clouds that stand wide apart, in standard deviations of a cloud."""
MODERATE = 5.0
SMALL = 0.03
"""Share of the one small group."""
DIMENSIONS = 4


def gaussian(rng: np.random.Generator, n: int, draw: int) -> Points:
    """Independent columns, 2 to 6 of them by turns."""
    return Points(rng.normal(size=(n, _columns(draw))))


def cube(rng: np.random.Generator, n: int, draw: int) -> Points:
    """Independent uniform columns, 2 to 6 of them by turns."""
    return Points(rng.random((n, _columns(draw))))


def log_normal(rng: np.random.Generator, n: int, draw: int) -> Points:
    """Three correlated log-normal columns, as they are: a long tail."""
    return Points(np.exp(_correlated(rng, n, 3, 0.3)))


def log_normal_logged(rng: np.random.Generator, n: int, draw: int) -> Points:
    """Log-normal values as the product treats such: log(1 + value)."""
    return Points(np.log1p(10.0 * np.exp(_correlated(rng, n, 3, 0.3))))


def rounded(rng: np.random.Generator, n: int, draw: int) -> Points:
    """Three columns rounded to whole numbers: about seven values each."""
    return Points(np.round(1.5 * _correlated(rng, n, 3, 0.3)))


def banana(rng: np.random.Generator, n: int, draw: int) -> Points:
    """A bent crowd: the second column is the square of the first, with noise; a third is noise."""
    along = rng.normal(size=n)
    return Points(np.stack([along, along**2 + 0.5 * rng.normal(size=n), rng.normal(size=n)], axis=1))


def near_collinear(rng: np.random.Generator, n: int, draw: int) -> Points:
    """Three columns that say almost the same."""
    return Points(rng.normal(size=(n, 1)) + 0.05 * rng.normal(size=(n, 3)))


def quintiles(rng: np.random.Generator, n: int, draw: int) -> Points:
    """Scores 1 to 5, by fifths, of three correlated Gaussian columns."""
    rank = _correlated(rng, n, 3, 0.3).argsort(axis=0).argsort(axis=0)
    return Points(np.floor(5.0 * rank / n) + 1.0)


def wide_equal(rng: np.random.Generator, n: int, draw: int) -> Points:
    """Two to five round clouds by turns, every two centres 8 standard deviations apart."""
    return _clouds(rng, _equal(n, _groups(draw)), APART)


def wide_unequal(rng: np.random.Generator, n: int, draw: int) -> Points:
    """The same in random sizes, each at least a tenth."""
    return _clouds(rng, _unequal(rng, n, _groups(draw)), APART)


def wide_small(rng: np.random.Generator, n: int, draw: int) -> Points:
    """The same with one group of 3 %."""
    small = round(SMALL * n)
    return _clouds(rng, [*_equal(n - small, _groups(draw) - 1), small], APART)


def moderate(rng: np.random.Generator, n: int, draw: int) -> Points:
    """Two to five round clouds by turns, every two centres 5 standard deviations apart."""
    return _clouds(rng, _equal(n, _groups(draw)), MODERATE)


def wide_noise(rng: np.random.Generator, n: int, draw: int) -> Points:
    """Wide clouds with four columns more that say nothing of them, as spread out as the clouds together."""
    found = wide_equal(rng, n, draw)
    return Points(np.concatenate([found.x, found.x.std() * rng.normal(size=(n, 4))], axis=1), found.group)


def _columns(draw: int) -> int:
    return 2 + draw % 5


def _groups(draw: int) -> int:
    """2 to 5 groups by turns."""
    return 2 + draw % 4


def _correlated(rng: np.random.Generator, n: int, d: int, correlation: float) -> Floats:
    """Standard Gaussian columns, each two of them with this correlation."""
    shared = rng.normal(size=(n, 1))
    return correlation**0.5 * shared + (1.0 - correlation) ** 0.5 * rng.normal(size=(n, d))


def _equal(n: int, groups: int) -> list[int]:
    return [n // groups + (place < n % groups) for place in range(groups)]


def _unequal(rng: np.random.Generator, n: int, groups: int) -> list[int]:
    """Sizes at random, each at least a tenth of n."""
    free = n - groups * (n // 10)
    cuts = np.sort(rng.integers(0, free + 1, groups - 1))
    return [int(part) + n // 10 for part in np.diff([0, *cuts, free])]


def _clouds(rng: np.random.Generator, sizes: list[int], apart: float) -> Points:
    """Round clouds of unit spread, every two centres equally far apart, turned at random in four dimensions."""
    corners = np.eye(len(sizes)) * apart / 2**0.5
    corners -= corners.mean(axis=0)
    _, _, axes = np.linalg.svd(corners)
    centres = np.zeros((len(sizes), DIMENSIONS))
    flat = corners @ axes[: len(sizes) - 1].T
    centres[:, : flat.shape[1]] = flat
    turn, _ = np.linalg.qr(rng.normal(size=(DIMENSIONS, DIMENSIONS)))
    group = rng.permutation(np.repeat(np.arange(len(sizes)), sizes))
    return Points((centres @ turn)[group] + rng.normal(size=(len(group), DIMENSIONS)), group)
