"""Learned numbers keep nine significant digits, so that a model in JSON and a model in memory are the same model."""

from __future__ import annotations

from typing import TYPE_CHECKING, overload

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


@overload
def round9(value: float) -> float: ...
@overload
def round9(value: NDArray[np.float64]) -> NDArray[np.float64]: ...
def round9(value: float | NDArray[np.float64]) -> float | NDArray[np.float64]:
    """Round to 9 significant decimal digits; minus zero becomes zero. Meant for the few numbers a model learns.

    Goes through decimal text, so that the result is the float nearest to the decimal that a file would hold.

    Example:
        >>> round9(1 / 3)
        0.333333333
        >>> round9(np.array([123456789.987, -0.0])).tolist()
        [123456790.0, 0.0]
    """
    if isinstance(value, np.ndarray):
        flat = [float(f"{number:.9g}") + 0.0 for number in value.ravel().tolist()]
        return np.array(flat, dtype=np.float64).reshape(value.shape)
    return float(f"{value:.9g}") + 0.0
