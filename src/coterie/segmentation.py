"""The main job: checked tables in; segments, names and advice out. The steps are one tuple, to read or to replace."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeVar

import ibis
import numpy as np

from coterie.actions import Action, load_playbook, recommend
from coterie.clustering import (
    Choice,
    Clustered,
    Coordinate,
    Points,
    Scaling,
    assign_nearest,
    cluster,
    coordinate_labels,
    find_dependence,
    learn_scaling,
    sample_points,
    standardise,
)
from coterie.errors import DataError, UsageError
from coterie.features import Described, Learned, describe
from coterie.profiles import Profiles, profile
from coterie.settings import Settings

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa

    from coterie.tables import Quality, Tables

MODEL_FORMAT = 1
NEVER_ACTIVE = 0
Floats = np.ndarray[tuple[int, int], np.dtype[np.float64]]
Progress = Callable[[str], None]
T = TypeVar("T")


@dataclass(frozen=True)
class Model:
    """All that was learned, enough to place any customer again; plain numbers and names, no code.

    Attributes:
        format: Version of this layout.
        preset: Name of the preset, "" where features were named one by one.
        features: Names of the features clustered on, as asked for.
        include_inactive: Customers without any event were clustered too.
        as_of: The day to whose end everything was known.
        seed, k: Of the run; k is 1 where all customers are alike.
        learned: Priors, burn curve, medians, levels.
        coordinates: Axes in order, with treatment and scaling.
        centroids: One row per segment 1..k, one number per coordinate.
        names, actions: Segment number (as text) -> name, -> action of the playbook.
    """

    format: int
    preset: str
    features: tuple[str, ...]
    include_inactive: bool
    as_of: dt.date
    seed: int
    k: int
    learned: Learned
    coordinates: tuple[Coordinate, ...]
    centroids: tuple[tuple[float, ...], ...]
    names: dict[str, str]
    actions: dict[str, str]


@dataclass(frozen=True)
class Work:
    """What the steps have found so far; each step returns a new one with its own part filled in."""

    tables: Tables
    settings: Settings
    progress: Progress = field(default=lambda stage: None)
    described: Described | None = None
    scaling: Scaling | None = None
    space: ir.Table | None = None
    clustered: Clustered | None = None
    centroids: Floats | None = None
    assigned: ir.Table | None = None
    profiles: Profiles | None = None
    actions: tuple[Action, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Result:
    """A finished segmentation: everything a report, a run folder or a caller needs; values only.

    Attributes:
        label: What to call the data in print.
        settings, seed, run_date, first_day, as_of: Of the run.
        customers, active: How many known, how many with an event.
        quality, choice, profiles, actions: As computed by their rooms; choice is None where all customers are alike.
        notes: Sentences for the method page.
        preset, clustered: What was clustered on.
        learned: What describing learned.
        model: All that `assign` needs.
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
    profiles: Profiles
    actions: tuple[Action, ...]
    notes: tuple[str, ...]
    preset: str
    clustered: tuple[str, ...]
    learned: Learned
    model: Model


@dataclass(frozen=True)
class Segmented:
    """A result with its tables still open in their engine: `assignments` is lazy, sorted by customer_id."""

    result: Result
    tables: Tables
    assignments: ir.Table


def segment(
    tables: Tables,
    settings: Settings | None = None,
    *,
    steps: Sequence[Step] | None = None,
    progress: Progress | None = None,
) -> Segmented:
    """Run the steps over checked tables.

    Raises UsageError for settings the data cannot meet (an unknown feature, k above the distinct customers) and
    DataError where the data cannot serve. `steps` replaces the tuple STEPS; `progress` is told each stage's name.
    """
    work = Work(tables, settings or Settings(), progress or (lambda stage: None))
    _check_settings(work.settings)
    for step in STEPS if steps is None else steps:
        work.progress(step.__doc__.partition("\n")[0].rstrip(".") if step.__doc__ else step.__name__)
        work = step(work)
    return _finish(work)


def describe_customers(work: Work) -> Work:
    """Describe every customer."""
    settings = work.settings
    described = describe(
        work.tables,
        preset=settings.preset,
        features=settings.features,
        include_inactive=settings.include_inactive,
    )
    return replace(work, described=described, notes=(*work.notes, *described.notes))


def scale_features(work: Work) -> Work:
    """Put features on one scale."""
    described, engine = _made(work.described), work.tables.engine
    scaling = learn_scaling(engine, described, include_inactive=work.settings.include_inactive)
    space = engine.keep(_space(described, scaling.coordinates, described.learned), order_by=("row",))
    return replace(work, scaling=scaling, space=space, notes=(*work.notes, *scaling.notes))


def drop_dependent(work: Work) -> Work:
    """Look for features that say the same."""
    described, scaling, space = _made(work.described), _made(work.scaling), _made(work.space)
    people = space if work.settings.include_inactive else space.filter(space.active)
    columns = _axis_names(scaling.coordinates)
    # The columns of one category always sum to one; that is no news.
    measures = [name for name, axis in zip(columns, scaling.coordinates, strict=True) if axis.level is None]
    found = find_dependence(work.tables.engine, people, measures)
    labels = dict(zip(columns, coordinate_labels(scaling.coordinates, described.features), strict=True))
    fate = "it is kept, because it was asked for by name, and counts twice" if described.asked else "it is left out"
    said = [(labels[measures[one.place]], [labels[measures[at]] for at in one.follows_from]) for one in found]
    notes = (f"{label} follows exactly from {_listed(others)}; {fate}." for label, others in said)
    work = replace(work, notes=(*work.notes, *notes))
    if described.asked or not found:
        return work
    dropped = {measures[one.place] for one in found}
    kept = tuple(axis for name, axis in zip(columns, scaling.coordinates, strict=True) if name not in dropped)
    renamed = dict(zip(_axis_names(kept), (name for name in columns if name not in dropped), strict=True))
    narrow = space.select("row", "active", **{new: space[old] for new, old in renamed.items()})
    return replace(work, scaling=replace(scaling, coordinates=kept), space=narrow)


def find_segments(work: Work) -> Work:
    """Find the segments."""
    settings, coordinates = work.settings, _made(work.scaling).coordinates
    points = _points(work, coordinates) if coordinates else None
    if points is not None and len(points.x) > 1:
        activity = np.array([float(axis.activity) for axis in coordinates])
        low, high = settings.k_range
        found = cluster(points, ks=range(low, high + 1), asked=settings.k, seed=settings.seed, activity=activity)
        centroids = found.fits[found.choice.k].centroids
        return replace(work, clustered=found, centroids=centroids, notes=(*work.notes, *found.notes))
    if settings.k is not None:
        raise UsageError(
            f"k = {settings.k} asks for more segments than there are different customers (1): "
            "all customers are alike in every feature. Leave k out to get them as one segment."
        )
    note = "All customers are alike in every feature, so they are one segment."
    return replace(work, centroids=np.zeros((1, len(coordinates))), notes=(*work.notes, note))


def place_customers(work: Work) -> Work:
    """Place every customer."""
    described, space, centroids = _made(work.described), _made(work.space), _made(work.centroids)
    placed = _place(described, space, centroids, include_inactive=work.settings.include_inactive)
    return replace(work, assigned=work.tables.engine.keep(placed, order_by=("row",)))


def profile_segments(work: Work) -> Work:
    """Profile and name the segments."""
    profiles = profile(work.tables, _made(work.described), _made(work.assigned), k=len(_made(work.centroids)))
    return replace(work, profiles=profiles)


def recommend_actions(work: Work) -> Work:
    """Decide what to do for each."""
    return replace(work, actions=recommend(_made(work.profiles), load_playbook(work.settings.playbook)))


Step = Callable[[Work], Work]
STEPS: tuple[Step, ...] = (
    describe_customers,
    scale_features,
    drop_dependent,
    find_segments,
    place_customers,
    profile_segments,
    recommend_actions,
)


def assign(model: Model, tables: Tables) -> ir.Table:
    """The assignments of these tables' customers by a saved model, without learning anything; sorted by customer_id.

    Columns as in the run folder: customer_id, segment, name, distance, margin, action. Everything after `tables.as_of`
    is unknown to it. Raises DataError where the data lack a feature of the model.
    """
    asked = model.features if not model.preset else None
    described = describe(
        tables,
        preset=model.preset or None,
        features=asked,
        include_inactive=model.include_inactive,
        learned=model.learned,
    )
    lacking = sorted({axis.feature for axis in model.coordinates} - {entry.name for entry in described.features})
    if lacking:
        raise DataError(
            f"The model needs {', '.join(lacking)}, which cannot be computed from this data. "
            "Give it tables with the columns the model was made from."
        )
    space = tables.engine.keep(_space(described, model.coordinates, model.learned), order_by=("row",))
    centroids = np.array(model.centroids, dtype=np.float64).reshape(len(model.centroids), -1)
    placed = _place(described, space, centroids, include_inactive=model.include_inactive)
    return _list(placed, model.names, model.actions)


# --- parts of the steps ---------------------------------------------------------------------------------------------


def _made(value: T | None) -> T:
    """What an earlier step has made."""
    if value is None:
        raise ValueError("a step needs what no step before it has made; see STEPS for an order that works")
    return value


def _listed(words: Sequence[str]) -> str:
    """Words as a person lists them: "a, b and c"."""
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def _check_settings(settings: Settings) -> None:
    low, high = settings.k_range
    if settings.k is not None and settings.k < 2:
        raise UsageError(f"k = {settings.k} makes no segments. Give 2 or more, or leave it out to have k chosen.")
    if low < 2 or high < low:
        raise UsageError(f"The range of k is {low} to {high}. It must start at 2 or more and not end before it starts.")


def _axis_names(coordinates: Sequence[Coordinate]) -> tuple[str, ...]:
    return tuple(f"z{place}" for place in range(len(coordinates)))


def _space(described: Described, coordinates: Sequence[Coordinate], learned: Learned) -> ir.Table:
    """row, active and one float64 column per coordinate, narrow, for the passes over all customers."""
    values = standardise(described.table, coordinates, learned)
    axes = dict(zip(_axis_names(coordinates), values, strict=True))
    return described.table.select("row", "active", **axes)


def _points(work: Work, coordinates: Sequence[Coordinate]) -> Points:
    names, everyone = _axis_names(coordinates), _made(work.space)
    space = everyone if work.settings.include_inactive else everyone.filter(everyone.active)
    ordered = space.order_by("row").select(*names)
    engine = work.tables.engine

    def blocks() -> Iterator[Floats]:
        for batch in engine.blocks(ordered):
            yield _matrix(batch, names)

    return sample_points(blocks, seed=work.settings.seed)


def _matrix(batch: pa.RecordBatch, names: Sequence[str]) -> Floats:
    """The float64 columns of a batch as (m, d); straight from their buffers, which does not load pandas."""
    matrix = np.empty((batch.num_rows, len(names)))
    for place, name in enumerate(names):
        column = batch.column(name)
        values = np.frombuffer(column.buffers()[1], dtype=np.float64)
        matrix[:, place] = values[column.offset : column.offset + len(column)]
    return matrix


def _place(described: Described, space: ir.Table, centroids: Floats, *, include_inactive: bool) -> ir.Table:
    """The described table with segment, distance and margin; customers without any event are segment 0."""
    names = tuple(name for name in space.columns if name.startswith("z"))
    if names:
        near = assign_nearest(space, names, centroids).select("row", "segment", "distance", "margin")
    else:
        zero = space.row.cast("float64") * 0.0
        near = space.select("row", segment=ibis.literal(1, "int64"), distance=zero, margin=zero + 1.0)
    joined = described.table.inner_join(near, "row")
    if include_inactive:
        return joined
    return joined.mutate(
        segment=ibis.ifelse(joined.active, joined.segment, NEVER_ACTIVE),
        distance=ibis.ifelse(joined.active, joined.distance, ibis.null("float64")),
        margin=ibis.ifelse(joined.active, joined.margin, ibis.null("float64")),
    )


def _list(placed: ir.Table, names: dict[str, str], actions: dict[str, str]) -> ir.Table:
    """customer_id, segment, name, distance, margin, action: one row per known customer, sorted."""

    def said(what: dict[str, str]) -> ir.Value:
        return placed.segment.cases(*((int(segment), text) for segment, text in what.items()), else_="")

    return placed.select(
        "customer_id", "segment", name=said(names), distance=placed.distance, margin=placed.margin, action=said(actions)
    ).order_by("customer_id")


def _finish(work: Work) -> Segmented:
    described, profiles, centroids = _made(work.described), _made(work.profiles), _made(work.centroids)
    names = {str(entry.segment): entry.name for entry in profiles.segments}
    primary = {str(action.segment): action.action for action in work.actions if action.primary}
    model = Model(
        format=MODEL_FORMAT,
        preset=described.preset,
        features=described.clustered,
        include_inactive=work.settings.include_inactive,
        as_of=work.tables.as_of,
        seed=work.settings.seed,
        k=len(centroids),
        learned=described.learned,
        coordinates=_made(work.scaling).coordinates,
        centroids=tuple(tuple(float(value) for value in row) for row in centroids),
        names=names,
        actions=primary,
    )
    result = Result(
        label=work.tables.label,
        settings=work.settings,
        seed=work.settings.seed,
        run_date=dt.datetime.now().astimezone().date(),
        first_day=work.tables.first_day,
        as_of=work.tables.as_of,
        customers=described.customers,
        active=described.active,
        quality=work.tables.quality,
        choice=work.clustered.choice if work.clustered else None,
        profiles=profiles,
        actions=work.actions,
        notes=work.notes,
        preset=described.preset,
        clustered=described.clustered,
        learned=described.learned,
        model=model,
    )
    return Segmented(result, work.tables, _list(_made(work.assigned), names, primary))
