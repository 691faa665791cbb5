"""Numbers of customers in memory that understand what feature expressions ask of them."""

from __future__ import annotations

from typing import Any

import numpy as np


class Column(np.ndarray[Any, np.dtype[np.float64]]):
    """Numbers of customers, NaN where NULL, with the few words of Ibis that feature expressions use."""

    def nullif(self, value: float) -> Column:
        """NULL where equal to the value."""
        return np.where(self == value, np.nan, self).view(Column)

    def cast(self, kind: str) -> Column:
        """The same numbers: in memory all are floats."""
        del kind
        return self.astype(np.float64).view(Column)

    def fill_null(self, value: float) -> Column:
        """The value where NULL."""
        return np.where(np.isnan(self), value, self).view(Column)
