"""The main job: checked tables in; segments, names and advice out. The steps are one tuple, to read or to replace."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

from coterie.clustering import Algorithm, algorithm_named
from coterie.errors import UsageError
from coterie.evidence import outcome_named, unjudged
from coterie.features import delivered
from coterie.segmentation.as_sql import QUERY_BEGINS, model_as_sql
from coterie.segmentation.assigning import assign
from coterie.segmentation.compare import Comparison, compare
from coterie.segmentation.contract import (
    MODEL_FORMAT,
    Model,
    Progress,
    Result,
    Segmented,
    Step,
    Work,
    made,
)
from coterie.segmentation.judging import compare_ways
from coterie.segmentation.model import model_of
from coterie.segmentation.place import LISTED, customer_list, refuse_rule
from coterie.segmentation.scoring import Scored, score_customer, takes_text
from coterie.segmentation.steps import STEPS
from coterie.segmentation.what_if import Trial, what_if
from coterie.settings import Settings
from coterie.tables import keep_by_rows

MOST = 50
"""Segments that may be asked for."""

if TYPE_CHECKING:
    from coterie.tables import Tables

__all__ = [
    "LISTED",
    "MODEL_FORMAT",
    "QUERY_BEGINS",
    "STEPS",
    "Comparison",
    "Model",
    "Result",
    "Scored",
    "Segmented",
    "Step",
    "Trial",
    "Work",
    "assign",
    "compare",
    "model_as_sql",
    "score_customer",
    "segment",
    "takes_text",
    "what_if",
]


def segment(
    tables: Tables,
    settings: Settings | None = None,
    *,
    algorithm: Algorithm | None = None,
    steps: Sequence[Step] | None = None,
    progress: Progress | None = None,
) -> Segmented:
    """Run the steps over checked tables.

    Raises UsageError for settings the data cannot meet (an unknown feature, k above the distinct customers) and
    DataError where the data cannot serve. `algorithm` is a way to find groups that is not in the registry;
    `steps` replaces the tuple STEPS; `progress` is told each stage's name.
    """
    settings = settings or Settings()
    way = algorithm or algorithm_named(settings.algorithm)
    work = Work(tables, settings, progress or (lambda stage: None), algorithm=way)
    _check_settings(work.settings)
    if way.by_rule:
        refuse_rule(tables.engine, way.label)
    for step in _usual(work.settings) if steps is None else steps:
        work.progress(step.__doc__.partition("\n")[0].rstrip(".") if step.__doc__ else step.__name__)
        work = step(work)
    return _finish(work)


def _usual(settings: Settings) -> tuple[Step, ...]:
    return STEPS if settings.compare else tuple(step for step in STEPS if step is not compare_ways)


def _check_settings(settings: Settings) -> None:
    outcome_named(settings.outcome)
    low, high = settings.k_range
    if (settings.k or high) > MOST:
        raise UsageError(
            f"k = {settings.k or high} is more than anybody can tell apart, name and serve. Ask for {MOST} or fewer."
        )
    if settings.k is not None and settings.k < 2:
        raise UsageError(f"k = {settings.k} makes no segments. Give 2 or more, or leave it out to have k chosen.")
    if low < 2 or high < low:
        raise UsageError(f"The range of k is {low} to {high}. It must start at 2 or more and not end before it starts.")


def _finish(work: Work) -> Segmented:
    described, profiles, centroids = made(work.described), made(work.profiles), made(work.centroids)
    model = model_of(work)
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
        comparison=work.comparison,
        compare_seconds=dict(work.compare_seconds),
        evidence=work.evidence or unjudged("Not judged: the steps of this run do not.", len(centroids)),
        profiles=profiles,
        actions=work.actions,
        notes=work.notes,
        preset=described.preset,
        clustered=described.clustered,
        learned=described.learned,
        model=model,
        metrics=work.metrics,
    )
    more = [entry.name for entry in delivered(work.tables, model.learned.lifetime)]
    assigned = made(work.assigned)
    listed = keep_by_rows(
        work.tables.engine,
        lambda some: customer_list(some(assigned), model.names, model.actions, more),
        customers=described.customers,
        order_by="customer_id",
    )
    # The embedded engine alone reads a table in the order it was kept in.
    ordered = listed.order_by("customer_id") if work.tables.engine.remote else listed
    return Segmented(result, work.tables, ordered)
