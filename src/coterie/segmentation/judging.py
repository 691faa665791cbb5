"""The steps that ask how real it is: before segments are made, and of those that were."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from coterie.clustering import ALGORITHMS, ON_ORDERS, Algorithm, Labels, bound, placed, refit_at
from coterie.errors import UsageError
from coterie.evidence import BESIDE, draw_sample, foresee, judge, look_at, select, unjudged
from coterie.features import FEATURES
from coterie.segmentation.compare import compare
from coterie.segmentation.contract import Work, made, only

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from coterie.engines import Engine
    from coterie.settings import Settings


def select_features(work: Work) -> Work:
    """See which differences are real."""
    described = made(work.described)
    by_name = {entry.name: entry for entry in (*FEATURES, *described.features)}
    candidates = tuple(by_name[name] for name in described.clustered)
    work = replace(work, candidates=candidates)
    if not work.settings.evidence or not described.active:
        return work
    there = {entry.name for entry in described.features}
    sample = draw_sample(work.tables, described, work.settings.seed)
    selection = select(
        sample.events,
        candidates,
        [by_name[name] for name in BESIDE if name in there],
        described.learned,
        asked=described.asked,
        seed=work.settings.seed,
    )
    left = [entry for entry in candidates if entry.name not in selection.kept]
    notes = tuple(f"{entry.label} is left out: customers differ in it by no more than luck." for entry in left)
    kept = only(described, selection.kept)
    return replace(work, described=kept, sample=sample, selection=selection, notes=(*work.notes, *notes))


def look_for_groups(work: Work) -> Work:
    """Look for separate groups."""
    if work.sample is None:
        return work
    described, coordinates = made(work.described), made(work.scaling).coordinates
    look = look_at(
        work.sample,
        described.features,
        coordinates,
        described.learned,
        work.settings.seed,
        untold=work.selection.untold if work.selection else "",
    )
    return replace(work, look=look)


def judge_segments(work: Work) -> Work:
    """Judge how real the segments are."""
    described, centroids = made(work.described), made(work.centroids)
    k = len(centroids)
    if work.sample is None or work.selection is None or work.look is None:
        reason = (
            "Nobody has a coupon or an order." if work.settings.evidence else "Not judged: evidence was switched off."
        )
        return replace(work, evidence=unjudged(reason, k), notes=(*work.notes, *_unused(work.settings)))
    if work.clustered is None:
        reason = "Cannot be judged: all customers are alike, and there is one segment."
        judged = replace(unjudged(reason, k), reliability=work.selection.reliability, differ=work.selection.differ)
        return replace(work, evidence=judged)
    rule = work.clustered.fit.rule
    evidence = judge(
        work.sample,
        work.candidates,
        work.selection,
        work.look,
        _segments_of(work.tables.engine, made(work.assigned), work.sample.rows),
        k,
        place=lambda rows: placed(rows, centroids, rule),
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
            work.look,
            asked=made(work.described).asked,
            seed=settings.seed,
            cut=settings.cut,
            outcome=settings.outcome,
        ),
        algorithms=_ways(work),
        progress=work.progress,
    )
    return replace(work, comparison=comparison, compare_seconds=seconds)


def _ways(work: Work) -> tuple[Algorithm, ...]:
    """All ways to find groups among these features, and the one asked for."""
    asked = [entry.name for entry in work.candidates]
    axes = [axis.feature for axis in made(work.scaling).coordinates]
    ways = list(ALGORITHMS)
    for way in ON_ORDERS:
        with contextlib.suppress(UsageError):  # made for other features
            ways.append(bound(way, asked, axes))
    known = {way.name for way in ways}
    return (*ways, *(() if work.algorithm.name in known else (work.algorithm,)))


def _unused(settings: Settings) -> tuple[str, ...]:
    """What was asked of the fourth question, where it is not asked."""
    asked = [name for name, given in (("cut", settings.cut), ("outcome", settings.outcome)) if given is not None]
    if settings.evidence or not asked:
        return ()
    what = f"The {' and the '.join(asked)} asked for {'were' if len(asked) > 1 else 'was'} not used"
    return (f"{what}: evidence was switched off.",)


def _segments_of(engine: Engine, assigned: ir.Table, rows: Labels) -> Labels:
    """The segments of these rows of the described table, which are ascending."""
    import pyarrow as pa

    batch = pa.record_batch([pa.Array.from_buffers(pa.int64(), len(rows), [None, pa.py_buffer(rows)])], names=["drawn"])
    drawn = engine.load([batch], batch.schema)
    found = assigned.inner_join(drawn, assigned.row == drawn.drawn).select("row", "segment").order_by("row")
    return np.array(engine.collect(found)["segment"].to_pylist(), dtype=np.int64)
