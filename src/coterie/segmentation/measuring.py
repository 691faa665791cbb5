"""The steps that measure: the shop's numbers for all and per segment, and who was in which segment before."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from coterie.clustering import generator
from coterie.metrics import measure
from coterie.segmentation.contract import Work, made
from coterie.segmentation.flow import flow, flow_days, followed
from coterie.segmentation.model import model_of
from coterie.tables import load_columns

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from coterie.engines import Engine
    from coterie.features import Described

MOST = 20_000
"""Customers who are placed again on every earlier day: all, or as many drawn at random, whose shares differ from those
of all by 0.7 percentage points at the most, 95 times in 100."""
_FOLLOWED = 1958
"""Keeps this draw apart from others of the same seed."""


def measure_shop(work: Work) -> Work:
    """Measure the shop."""
    described, assigned = made(work.described), made(work.assigned)
    people = described.table.select("row", "customer_id").inner_join(assigned.select("row", "segment"), "row")
    segments = [entry.segment for entry in made(work.profiles).segments if entry.segment is not None]
    people = people.select("customer_id", "segment")
    lifetime = described.learned.lifetime
    return replace(work, metrics=measure(work.tables, people, segments, lifetime=lifetime, by_day=work.by_day))


def follow_segments(work: Work) -> Work:
    """Follow the segments back in time."""
    described, metrics = made(work.described), made(work.metrics)
    model, people, sample_of, notes = model_of(work), described.table, None, work.notes
    # Which days there is enough known of is a matter of the shop, not of those drawn.
    days = flow_days(model, work.tables, people, work.by_day)
    if described.customers > MOST:
        people, sample_of = drawn(work.tables.engine, described, MOST, work.settings.seed), described.customers
        note = (
            f"Who was in which segment before is told of {MOST:,} customers, drawn at random from {sample_of:,}: "
            "its counts are theirs, its shares hold for all."
        )
        notes = (*notes, note)
    found = flow(model, followed(model, work.tables, people), days)
    return replace(work, metrics=replace(metrics, flow=replace(found, sample_of=sample_of)), notes=notes)


def drawn(engine: Engine, described: Described, count: int, seed: int) -> ir.Table:
    """That many of the known customers as described, each as likely as any other."""
    rows = generator(seed, _FOLLOWED).choice(described.customers, count, replace=False, shuffle=False)
    picked: ir.Table = described.table.semi_join(load_columns(engine, {"row": rows}), "row")
    return picked
