"""Charts of a page, each drawn when it is asked for: a page shows few of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from coterie.views.charts import CHARTS

if TYPE_CHECKING:
    from coterie.views.contract import Drawn, ReportInput

_BY_NAME = {chart.name: chart for chart in CHARTS}


class DrawnWhenAsked(Mapping[str, "tuple[Drawn, ...]"]):
    """`Drawings` of a result that cost nothing until a page looks a chart up."""

    def __init__(self, result: ReportInput) -> None:
        self._result = result
        self._drawn: dict[str, tuple[Drawn, ...]] = {}

    def __getitem__(self, name: str) -> tuple[Drawn, ...]:
        if name not in self._drawn:
            self._drawn[name] = _BY_NAME[name].draw(self._result)
        return self._drawn[name]

    def __iter__(self) -> Iterator[str]:
        return iter(_BY_NAME)

    def __len__(self) -> int:
        return len(_BY_NAME)

    def add(self, chart: Drawn) -> None:
        """A chart that is of this page alone."""
        self._drawn[chart.name] = (chart,)

    @property
    def so_far(self) -> Iterator[Drawn]:
        """Every chart that was asked for."""
        return (chart for drawn in self._drawn.values() for chart in drawn)
