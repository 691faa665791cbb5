"""What a segmentation is made of: the work so far, the model, the result."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from coterie.actions import Action
from coterie.clustering import (
    ALGORITHMS,
    Algorithm,
    Choice,
    Clustered,
    Coordinate,
    Cores,
    Floats,
    Mixture,
    Quintiles,
    Reach,
    Scaling,
)
from coterie.evidence import Evidence, Sample, Selection
from coterie.features import SHOWN, Described, Feature, Learned
from coterie.metrics import Metrics
from coterie.profiles import Profiles
from coterie.segmentation.compare import Comparison
from coterie.settings import Settings
from coterie.tables import Quality, Tables

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from coterie.evidence import Look

MODEL_FORMAT = 1
NEVER_ACTIVE = 0
FITS_NO_GROUP = -1
Progress = Callable[[str], None]


@dataclass(frozen=True)
class Model:
    """All that was learned, enough to place any customer again; plain numbers and names, no code.

    Attributes:
        format: Version of this layout.
        preset: Name of the preset, "" where features were named one by one.
        features: Names of the features clustered on, as asked for.
        attributes: Those of them that are columns of the customers table rather than catalogue entries.
        include_inactive: Customers without any event were clustered too.
        as_of: The day to whose end everything was known.
        seed, k: Of the run; k is 1 where all customers are alike.
        learned: Priors, burn curve, medians, levels.
        coordinates: Axes in order, with treatment and scaling.
        centroids: One row per segment 1..k, one number per coordinate.
        names, actions: Segment number (as text) -> name, -> action of the playbook.
        algorithm: Name of the way in which the segments were found.
        mixture, cores, reach, quintiles: The rule by which customers are placed, at most one of them; none for the
            nearest centroid.
    """

    format: int
    preset: str
    features: tuple[str, ...]
    attributes: tuple[str, ...]
    include_inactive: bool
    as_of: dt.date
    seed: int
    k: int
    learned: Learned
    coordinates: tuple[Coordinate, ...]
    centroids: tuple[tuple[float, ...], ...]
    names: dict[str, str]
    actions: dict[str, str]
    algorithm: str = "k-means"
    mixture: Mixture | None = None
    cores: Cores | None = None
    reach: Reach | None = None
    quintiles: Quintiles | None = None

    @property
    def needed(self) -> tuple[str, ...]:
        """The features that a customer must have to be placed, in the order of the axes."""
        return tuple(dict.fromkeys(axis.feature for axis in self.coordinates))

    @property
    def all_names(self) -> dict[str, str]:
        """`names`, and that of who fits no group: those it was made from may all have fitted, others need not."""
        return {str(FITS_NO_GROUP): "Fits no group", **self.names}

    @property
    def centroid_rows(self) -> Floats:
        """The centroids as (k, d); d is 0 where all customers are alike."""
        return np.array(self.centroids, dtype=np.float64).reshape(len(self.centroids), -1)

    @property
    def rule(self) -> Mixture | Cores | Reach | Quintiles | None:
        """How customers are placed; None for the nearest centroid."""
        return self.mixture or self.cores or self.reach or self.quintiles


@dataclass(frozen=True)
class Work:
    """What the steps have found so far; each step returns a new one with its own part filled in.

    `candidates` are the features to cluster on before any was left out; `sample`, `selection` and `look` stay None
    where nothing is judged, and `by_day`, the coupons of each segment by day, where there are none.
    """

    tables: Tables
    settings: Settings
    progress: Progress = field(default=lambda stage: None)
    algorithm: Algorithm = ALGORITHMS[0]
    described: Described | None = None
    scaling: Scaling | None = None
    space: ir.Table | None = None
    clustered: Clustered | None = None
    centroids: Floats | None = None
    assigned: ir.Table | None = None
    candidates: tuple[Feature, ...] = ()
    sample: Sample | None = None
    selection: Selection | None = None
    look: Look | None = None
    evidence: Evidence | None = None
    comparison: Comparison | None = None
    compare_seconds: Mapping[str, float] = field(default_factory=dict)
    by_day: ir.Table | None = None
    profiles: Profiles | None = None
    actions: tuple[Action, ...] = ()
    metrics: Metrics | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Result:
    """A finished segmentation: everything a report, a run folder or a caller needs; values only.

    Attributes:
        label: What to call the data in print.
        settings, seed, run_date, first_day, as_of: Of the run.
        customers, active: How many known, how many with an event.
        quality, choice, evidence, profiles, actions: As computed by their rooms; choice is None where all customers are
            alike.
        notes: Sentences for the method page.
        preset, clustered: What was clustered on.
        learned: What describing learned.
        model: All that `assign` needs.
        comparison: All ways to find groups side by side; None where that was not asked for.
        metrics: The shop's numbers; None where no step measured them.
        compare_seconds: Algorithm -> seconds it took; the only part that differs between two like runs.
    """

    label: str
    settings: Settings
    seed: int
    run_date: dt.date
    first_day: dt.date
    as_of: dt.date
    customers: int
    active: int
    quality: Quality
    choice: Choice | None
    evidence: Evidence
    profiles: Profiles
    actions: tuple[Action, ...]
    notes: tuple[str, ...]
    preset: str
    clustered: tuple[str, ...]
    learned: Learned
    model: Model
    comparison: Comparison | None = None
    compare_seconds: Mapping[str, float] = field(default_factory=dict)
    metrics: Metrics | None = None

    @property
    def all_known(self) -> bool:
        """Whether customers who joined after the last event are known: they are unless an as-of day was set."""
        people = self.quality.tables.get("customers")
        return people is None or "after_as_of" not in people.reasons


@dataclass(frozen=True)
class Segmented:
    """A result with its tables still open in their engine: `assignments` is kept there, sorted by customer_id."""

    result: Result
    tables: Tables
    assignments: ir.Table


Step = Callable[[Work], Work]
"""Takes the work so far and returns it with its own part filled in; its docstring's first line is shown as progress."""

T = TypeVar("T")


def made(value: T | None) -> T:
    """What an earlier step has made."""
    if value is None:
        raise ValueError("a step needs what no step before it has made; see STEPS for an order that works")
    return value


def only(described: Described, names: Sequence[str]) -> Described:
    """The description with only these features clustered on, the others still there where they are shown."""
    shown = tuple(entry for entry in described.features if entry.name in (*names, *SHOWN))
    return replace(described, clustered=tuple(names), features=shown)
