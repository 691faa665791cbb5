"""The steps that measure: the shop's numbers for all and per segment, and who was in which segment before."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from coterie.clustering import generator
from coterie.metrics import measure
from coterie.segmentation.contract import Work, made
from coterie.segmentation.flow import flow, flow_days
from coterie.segmentation.model import model_of
from coterie.tables import load_columns

if TYPE_CHECKING:
    from coterie.features import Described
    from coterie.tables import Tables

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
    return replace(work, metrics=measure(work.tables, people, segments, lifetime=described.learned.lifetime))


def follow_segments(work: Work) -> Work:
    """Follow the segments back in time."""
    described, metrics = made(work.described), made(work.metrics)
    model = model_of(work)
    if described.customers <= MOST:
        return replace(work, metrics=replace(metrics, flow=flow(model, work.tables)))
    # Which days there is enough known of is a matter of the shop, not of those drawn.
    days = flow_days(model, work.tables)
    found = flow(model, drawn(work.tables, described, MOST, work.settings.seed), days)
    note = (
        f"Who was in which segment before is told of {MOST:,} customers, drawn at random from {described.customers:,}: "
        "its counts are theirs, its shares hold for all."
    )
    metrics = replace(metrics, flow=replace(found, sample_of=described.customers))
    return replace(work, metrics=metrics, notes=(*work.notes, note))


def drawn(tables: Tables, described: Described, count: int, seed: int) -> Tables:
    """The tables of that many of the known customers, each as likely as any other, kept in the engine."""
    engine = tables.engine
    rows = generator(seed, _FOLLOWED).choice(described.customers, count, replace=False, shuffle=False)
    picked = load_columns(engine, {"row": rows})
    people = engine.keep(described.table.semi_join(picked, "row").select("customer_id"))
    customers, coupons = (
        engine.keep(each.semi_join(people, "customer_id")) for each in (tables.customers, tables.coupons)
    )
    lines = None if tables.lines is None else engine.keep(tables.lines.semi_join(people, "customer_id"))
    return replace(tables, customers=customers, coupons=coupons, lines=lines)
