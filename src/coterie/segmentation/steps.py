"""The steps of the main job, in order. Each fills in its own part of the work and changes nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from coterie.actions import Grade, load_playbook, recommend
from coterie.clustering import (
    ALGORITHMS,
    Coordinate,
    Floats,
    Labels,
    Points,
    cluster,
    coordinate_labels,
    find_dependence,
    learn_scaling,
    refit_at,
    sample_points,
)
from coterie.errors import UsageError
from coterie.evidence import BESIDE, draw_sample, foresee, judge, look_at, select, unjudged
from coterie.features import FEATURES, SHOWN, Described, describe
from coterie.profiles import profile
from coterie.segmentation.compare import compare
from coterie.segmentation.contract import Step, Work
from coterie.segmentation.place import axis_names, place, space_of

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa

    from coterie.engines import Engine

T = TypeVar("T")


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


def select_features(work: Work) -> Work:
    """See which differences are real."""
    described = made(work.described)
    by_name = {entry.name: entry for entry in (*FEATURES, *described.features)}
    candidates = tuple(by_name[name] for name in described.clustered)
    work = replace(work, candidates=candidates)
    if not work.settings.evidence or not described.active:
        return work
    sample = draw_sample(work.tables, described, work.settings.seed)
    selection = select(
        sample.events,
        candidates,
        [by_name[name] for name in BESIDE],
        described.learned,
        asked=described.asked,
        seed=work.settings.seed,
    )
    left = [entry for entry in candidates if entry.name not in selection.kept]
    notes = tuple(f"{entry.label} is left out: customers differ in it by no more than luck." for entry in left)
    kept = _only(described, selection.kept)
    return replace(work, described=kept, sample=sample, selection=selection, notes=(*work.notes, *notes))


def scale_features(work: Work) -> Work:
    """Put features on one scale."""
    described, engine = made(work.described), work.tables.engine
    scaling = learn_scaling(engine, described, include_inactive=work.settings.include_inactive)
    space = engine.keep(space_of(described, scaling.coordinates, described.learned), order_by=("row",))
    described = _narrowed(described, scaling.coordinates)
    return replace(work, described=described, scaling=scaling, space=space, notes=(*work.notes, *scaling.notes))


def drop_dependent(work: Work) -> Work:
    """Look for features that say the same."""
    described, scaling, space = made(work.described), made(work.scaling), made(work.space)
    people = space if work.settings.include_inactive else space.filter(space.active)
    columns = axis_names(scaling.coordinates)
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
    renamed = dict(zip(axis_names(kept), (name for name in columns if name not in dropped), strict=True))
    narrow = space.select("row", "active", **{new: space[old] for new, old in renamed.items()})
    described = _narrowed(described, kept)
    return replace(work, described=described, scaling=replace(scaling, coordinates=kept), space=narrow)


def look_for_groups(work: Work) -> Work:
    """Look for separate groups."""
    if work.sample is None:
        return work
    described, coordinates = made(work.described), made(work.scaling).coordinates
    look = look_at(work.sample, described.features, coordinates, described.learned, work.settings.seed)
    return replace(work, look=look)


def find_segments(work: Work) -> Work:
    """Find the segments."""
    natural = work.look.natural if work.look else None
    settings, coordinates = work.settings, made(work.scaling).coordinates
    points = _points(work, coordinates) if coordinates else None
    if points is not None and len(points.x) > 1:
        activity = np.array([float(axis.activity) for axis in coordinates])
        low, high = settings.k_range
        found = cluster(
            points,
            ks=range(low, high + 1),
            asked=settings.k,
            seed=settings.seed,
            activity=activity,
            natural=natural,
            algorithm=work.algorithm,
        )
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
    described, space, centroids = made(work.described), made(work.space), made(work.centroids)
    rule = work.clustered.fit.rule if work.clustered else None
    inactive, engine = work.settings.include_inactive, work.tables.engine
    placed = place(described, space, centroids, include_inactive=inactive, engine=engine, rule=rule)
    return replace(work, assigned=work.tables.engine.keep(placed, order_by=("row",)))


def judge_segments(work: Work) -> Work:
    """Judge how real the segments are."""
    described, k = made(work.described), len(made(work.centroids))
    if work.sample is None or work.selection is None or work.look is None:
        reason = "Nobody has a coupon." if work.settings.evidence else "Not judged: evidence was switched off."
        return replace(work, evidence=unjudged(reason, k))
    if work.clustered is None:
        reason = "Cannot be judged: all customers are alike, and there is one segment."
        judged = replace(unjudged(reason, k), reliability=work.selection.reliability, differ=work.selection.differ)
        return replace(work, evidence=judged)
    evidence = judge(
        work.sample,
        work.candidates,
        work.selection,
        work.look,
        _segments_of(work.tables.engine, made(work.assigned), work.sample.rows),
        k,
        ks=tuple(one.k for one in work.clustered.choice.candidates),
        asked=described.asked,
        seed=work.settings.seed,
        cut=work.settings.cut,
        outcome=work.settings.outcome,
        refit=None if work.algorithm is ALGORITHMS[0] else refit_at(work.algorithm, k),
    )
    return replace(work, evidence=evidence)


def compare_ways(work: Work) -> Work:
    """Compare all ways to find groups."""
    if not work.settings.compare:
        return work
    if work.sample is None or work.look is None or work.clustered is None:
        why = (
            "evidence was switched off" if not work.settings.evidence else "there is nothing to tell customers apart by"
        )
        return replace(work, notes=(*work.notes, f"The ways to find groups were not compared: {why}."))
    coordinates, settings = made(work.scaling).coordinates, work.settings
    comparison, seconds = compare(
        work.look.space.z,
        len(made(work.centroids)),
        seed=settings.seed,
        activity=np.array([float(axis.activity) for axis in coordinates]),
        hills=work.look.hills.labels if work.look.hills else None,
        foresee=foresee(
            work.sample,
            work.candidates,
            asked=made(work.described).asked,
            seed=settings.seed,
            cut=settings.cut,
            outcome=settings.outcome,
        ),
        algorithms=ALGORITHMS if work.algorithm in ALGORITHMS else (*ALGORITHMS, work.algorithm),
        progress=work.progress,
    )
    return replace(work, comparison=comparison, compare_seconds=seconds)


def profile_segments(work: Work) -> Work:
    """Profile and name the segments."""
    differ = made(work.evidence).differ
    hardly = None if differ is None else not differ
    described, assigned = made(work.described), made(work.assigned)
    profiles = profile(work.tables, described, assigned, k=len(made(work.centroids)), hardly_differ=hardly)
    return replace(work, profiles=profiles)


def recommend_actions(work: Work) -> Work:
    """Decide what to do for each."""
    evidence = made(work.evidence)
    grades = None
    if evidence.customers:
        grades = {one.segment: Grade(one.kind, one.lasting) for one in evidence.verdict.segments}
    return replace(work, actions=recommend(made(work.profiles), load_playbook(work.settings.playbook), grades))


STEPS: tuple[Step, ...] = (
    describe_customers,
    select_features,
    scale_features,
    drop_dependent,
    look_for_groups,
    find_segments,
    place_customers,
    judge_segments,
    compare_ways,
    profile_segments,
    recommend_actions,
)


def made(value: T | None) -> T:
    """What an earlier step has made."""
    if value is None:
        raise ValueError("a step needs what no step before it has made; see STEPS for an order that works")
    return value


def _only(described: Described, names: Sequence[str]) -> Described:
    """The description with only these features clustered on, the others still there where they are shown."""
    shown = tuple(entry for entry in described.features if entry.name in (*names, *SHOWN))
    return replace(described, clustered=tuple(names), features=shown)


def _segments_of(engine: Engine, assigned: ir.Table, rows: Labels) -> Labels:
    """The segments of these rows of the described table, which are ascending."""
    import pyarrow as pa

    batch = pa.record_batch([pa.Array.from_buffers(pa.int64(), len(rows), [None, pa.py_buffer(rows)])], names=["drawn"])
    drawn = engine.load([batch], batch.schema)
    found = assigned.inner_join(drawn, assigned.row == drawn.drawn).select("row", "segment").order_by("row")
    return np.array(engine.collect(found)["segment"].to_pylist(), dtype=np.int64)


def _narrowed(described: Described, coordinates: Sequence[Coordinate]) -> Described:
    """The description with only the features that are really clustered on, and those always shown."""
    return _only(described, tuple(dict.fromkeys(axis.feature for axis in coordinates)))


def _listed(words: Sequence[str]) -> str:
    """Words as a person lists them: "a, b and c"."""
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def _points(work: Work, coordinates: Sequence[Coordinate]) -> Points:
    names, everyone = axis_names(coordinates), made(work.space)
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
    for at, name in enumerate(names):
        column = batch.column(name)
        values = np.frombuffer(column.buffers()[1], dtype=np.float64)
        matrix[:, at] = values[column.offset : column.offset + len(column)]
    return matrix
