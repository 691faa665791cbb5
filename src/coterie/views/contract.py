"""What the views need of a result, what a chart and a page are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from coterie.actions.contract import Action
    from coterie.clustering.contract import Choice
    from coterie.evidence.contract import Evidence
    from coterie.features.contract import Learned
    from coterie.metrics.contract import Metrics
    from coterie.profiles.contract import Profiles
    from coterie.segmentation.compare import Comparison
    from coterie.settings import Settings
    from coterie.tables.contract import Quality

Spec = dict[str, Any]
"""A Vega-Lite specification, ready for JSON."""


class ReportInput(Protocol):
    """A finished segmentation, as far as report and charts look at it. Nothing here is changed.

    `choice` is None when all customers are alike; `evidence` holds reasons where nothing was judged, `comparison` is
    None where algorithms were not compared; `clustered` holds feature names; `notes` are sentences for the method page;
    `metrics` are the shop's numbers, None where they were not computed.
    """

    @property
    def label(self) -> str: ...
    @property
    def settings(self) -> Settings: ...
    @property
    def run_date(self) -> dt.date: ...
    @property
    def seed(self) -> int: ...
    @property
    def first_day(self) -> dt.date: ...
    @property
    def as_of(self) -> dt.date: ...
    @property
    def customers(self) -> int: ...
    @property
    def active(self) -> int: ...
    @property
    def quality(self) -> Quality: ...
    @property
    def choice(self) -> Choice | None: ...
    @property
    def evidence(self) -> Evidence: ...
    @property
    def comparison(self) -> Comparison | None: ...
    @property
    def profiles(self) -> Profiles: ...
    @property
    def actions(self) -> tuple[Action, ...]: ...
    @property
    def notes(self) -> tuple[str, ...]: ...
    @property
    def preset(self) -> str: ...
    @property
    def clustered(self) -> tuple[str, ...]: ...
    @property
    def learned(self) -> Learned: ...
    @property
    def metrics(self) -> Metrics | None: ...


@dataclass(frozen=True)
class Key:
    """One entry of the key under a chart's title: a colour token and the word it stands for."""

    token: str
    word: str


@dataclass(frozen=True)
class ChartTable:
    """The numbers of a chart as printed text: column heads and rows, for "show as table". The first column is text."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Drawn:
    """One chart, ready to be shown anywhere.

    Attributes:
        name: Unique within a report, safe as a file name and an HTML id.
        title: The finding, computed from the data.
        measure: The line below the title: measure, unit, number of customers or coupons.
        description: One sentence for those who do not see the picture.
        spec: Vega-Lite without config; colours are tokens such as `var(--seg-1)`.
        table: The same numbers as text.
        keys: What colours mean, where the marks cannot say it themselves.
        segment: For charts of one segment, else None.
        min_width: Pixels under which the chart scrolls sideways instead of shrinking; 0 for never.
        notes: Sentences below the picture: what was left out of it, what else to know.
        terms: Terms of the glossary (`terms.py`) that define its figures; a mark beside the measure shows them.
    """

    name: str
    title: str
    measure: str
    description: str
    spec: Spec
    table: ChartTable
    keys: tuple[Key, ...] = ()
    segment: int | None = None
    min_width: int = 0
    notes: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()


@dataclass(frozen=True)
class Chart:
    """A registry entry: what the chart is called, what it shows, and how it is drawn.

    `draw` gives no chart where the data have nothing to show, one, or one per segment (or value).
    """

    name: str
    label: str
    about: str
    draw: Callable[[ReportInput], tuple[Drawn, ...]]


Drawings = Mapping[str, tuple[Drawn, ...]]
"""Chart name -> what was drawn for it; a page picks from here, so that each chart is drawn once."""


@dataclass(frozen=True)
class Page:
    """A registry entry: one part of the report, a value that its template prints.

    Attributes:
        name: Also the id of its section and the name of its template.
        label: In the contents; empty for parts that are not listed there.
        about: What a reader finds there.
        value: From the result and its drawn charts to the names the template uses; None leaves the part out.
        shop: Tells of the shop and its data rather than of the segments: the second group of the contents.
    """

    name: str
    label: str
    about: str
    value: Callable[[ReportInput, Drawings], Mapping[str, Any] | None]
    shop: bool = False
