"""The points in which groups are looked for, and the same with their ties spread."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

    from coterie.clustering import Floats


@dataclass(frozen=True)
class Space:
    """Customers of the sample as points.

    Attributes:
        z: (n, d) treated and standardised, as they are clustered.
        smear: From random numbers to (n, d) treated columns whose ties are spread, in any units.
        tied: Some column has ties, so that one smear is not like another.
    """

    z: Floats
    smear: Callable[[np.random.Generator], Floats]
    tied: bool
