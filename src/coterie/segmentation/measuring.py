"""The steps that measure: the shop's numbers for all and per segment, and who was in which segment before."""

from __future__ import annotations

from dataclasses import replace

from coterie.metrics import measure
from coterie.segmentation.contract import Work, made
from coterie.segmentation.flow import flow
from coterie.segmentation.model import model_of

MOST = 200_000
"""Customers up to whom every earlier day is placed again; more would take longer than all else."""


def measure_shop(work: Work) -> Work:
    """Measure the shop."""
    described, assigned = made(work.described), made(work.assigned)
    people = described.table.select("row", "customer_id").inner_join(assigned.select("row", "segment"), "row")
    segments = [entry.segment for entry in made(work.profiles).segments if entry.segment is not None]
    return replace(work, metrics=measure(work.tables, people.select("customer_id", "segment"), segments))


def follow_segments(work: Work) -> Work:
    """Follow the segments back in time."""
    if made(work.described).customers > MOST:
        note = f"Who was in which segment before is not shown for more than {MOST:,} customers."
        return replace(work, notes=(*work.notes, note))
    return replace(work, metrics=replace(made(work.metrics), flow=flow(model_of(work), work.tables)))
