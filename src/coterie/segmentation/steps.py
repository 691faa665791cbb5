"""The steps of the main job, in order. Each fills in its own part of the work and changes nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from coterie.actions import Grade, load_playbook, recommend
from coterie.clustering import (
    RFM_GRID,
    Coordinate,
    Points,
    Quintiles,
    Rule,
    bound,
    cluster,
    coordinate_labels,
    find_dependence,
    learn_scaling,
)
from coterie.errors import DataError, UsageError
from coterie.features import Described, describe
from coterie.profiles import Profiles, SegmentProfile, profile
from coterie.segmentation.contract import Step, Work, made, only
from coterie.segmentation.judging import compare_ways, judge_segments, look_for_groups, select_features
from coterie.segmentation.measuring import follow_segments, measure_shop
from coterie.segmentation.place import axis_names, place
from coterie.segmentation.points import kept_space, points_of
from coterie.tables import coupons_by_day, keep_by_rows


def describe_customers(work: Work) -> Work:
    """Describe every customer."""
    settings = work.settings
    described = describe(
        work.tables,
        preset=settings.preset,
        features=settings.features,
        include_inactive=settings.include_inactive,
    )
    if not described.active:
        raise DataError(
            f"Nobody in {work.tables.label} has an order or a coupon: its lines are returns and free items only. Give "
            "it lines with a positive amount too; segments are made of customers who bought something."
        )
    return replace(work, described=described, notes=(*work.notes, *described.notes))


def scale_features(work: Work) -> Work:
    """Put features on one scale."""
    described, engine = made(work.described), work.tables.engine
    scaling = learn_scaling(engine, described, include_inactive=work.settings.include_inactive)
    space = kept_space(engine, described, scaling.coordinates)
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


def find_segments(work: Work) -> Work:
    """Find the segments."""
    natural = work.look.natural if work.look else None
    settings, coordinates = work.settings, made(work.scaling).coordinates
    asked, axes = [entry.name for entry in work.candidates], [axis.feature for axis in coordinates]
    work = replace(work, algorithm=bound(work.algorithm, asked, axes))
    points = _points(work) if coordinates else None
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
            told=not (work.selection and work.selection.untold),
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
    placed = keep_by_rows(
        engine,
        lambda some: place(
            replace(described, table=some(described.table)),
            some(space),
            centroids,
            include_inactive=inactive,
            engine=engine,
            rule=rule,
        ),
        customers=described.customers,
    )
    return replace(work, assigned=placed)


def profile_segments(work: Work) -> Work:
    """Profile and name the segments."""
    differ = made(work.evidence).differ
    hardly = None if differ is None else not differ
    described, assigned = made(work.described), made(work.assigned)
    # Counted once for all that is told of days: curves here, months and sums when the shop is measured.
    by_day = coupons_by_day(work.tables, assigned) if work.tables.has_coupons else None
    k = len(made(work.centroids))
    profiles = profile(work.tables, described, assigned, k=k, hardly_differ=hardly, by_day=by_day)
    rule = work.clustered.fit.rule if work.clustered else None
    return replace(work, by_day=by_day, profiles=_grid_named(profiles, rule))


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
    measure_shop,
    recommend_actions,
    follow_segments,
)


def _narrowed(described: Described, coordinates: Sequence[Coordinate]) -> Described:
    """The description with only the features that are really clustered on, and those always shown."""
    return only(described, tuple(dict.fromkeys(axis.feature for axis in coordinates)))


def _grid_named(profiles: Profiles, rule: Rule | None) -> Profiles:
    """The profiles under the names of the grid, where it made the segments."""
    if not isinstance(rule, Quintiles):
        return profiles
    meaning = {entry.name: entry.meaning for entry in RFM_GRID}

    def renamed(one: SegmentProfile) -> SegmentProfile:
        if one.segment is None or one.segment < 1:
            return one
        name = rule.names[one.segment - 1]
        fits = one.headline.startswith(f"{one.name} ")
        headline = f"{name}{one.headline.removeprefix(one.name)}" if fits else f"{name}: {one.headline}"
        return replace(one, name=name, blurb=meaning[name], headline=headline)

    return replace(profiles, segments=tuple(map(renamed, profiles.segments)))


def _listed(words: Sequence[str]) -> str:
    """Words as a person lists them: "a, b and c"."""
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def _points(work: Work) -> Points:
    engine, everyone, settings = work.tables.engine, work.settings.include_inactive, work.settings
    return points_of(engine, made(work.space), made(work.described), include_inactive=everyone, seed=settings.seed)
