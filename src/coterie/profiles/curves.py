"""The burn curve of each segment and of all customers."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from typing import TYPE_CHECKING

import ibis
import numpy as np

from coterie.features import kaplan_meier
from coterie.profiles.contract import BurnCurve

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from coterie.engines import Engine
    from coterie.profiles.figures import Key

Counts = dict[int, list[int]]
"""Day since claim -> coupons burnt on it, coupons last seen open on it."""


def burn_curves(engine: Engine, by_day: ir.Table, as_of: dt.date) -> Mapping[Key, BurnCurve]:
    """Kaplan-Meier on days to burn, by segment (None: all customers); absent where nothing was burnt on a known day.

    Open coupons are censored at as-of, expired ones stay at risk to the end, burnt ones without a date are left out.
    `by_day` is what `coupons_by_day` gives.
    """
    end = ibis.ifelse(by_day.status == "burnt", by_day.burnt_on, ibis.literal(as_of).cast("date"))
    dated = by_day.select("segment", "status", "coupons", days=end.delta(by_day.claimed_on, unit="day"))
    counted = (
        dated.filter(dated.days.notnull() & (dated.days >= 0))
        .group_by(["segment", "status", "days"])
        .aggregate(coupons=lambda rows: rows.coupons.sum())
    )
    by_key: dict[Key, Counts] = defaultdict(lambda: defaultdict(lambda: [0, 0]))
    never: dict[Key, int] = defaultdict(int)
    for row in engine.collect(counted).to_pylist():
        for key in (row["segment"], None):
            if row["status"] == "expired":
                never[key] += row["coupons"]
            else:
                by_key[key][row["days"]][0 if row["status"] == "burnt" else 1] += row["coupons"]
    curves = {key: _curve(counts, never[key]) for key, counts in by_key.items()}
    return {key: curve for key, curve in curves.items() if curve is not None}


def _curve(counts: Counts, never: int) -> BurnCurve | None:
    days = np.array(sorted(counts), dtype=np.int64)
    burnt = np.array([counts[day][0] for day in days], dtype=np.int64)
    censored = np.array([counts[day][1] for day in days], dtype=np.int64)
    if not burnt.any():
        return None
    share = np.asarray(kaplan_meier(days, burnt, censored, never).share)
    changes = np.flatnonzero(np.diff(share, prepend=0.0) > 0)
    steps = sorted({0, *changes.tolist(), len(share) - 1})
    plateau = float(share[-1])
    return BurnCurve(
        days=tuple(steps),
        share=tuple(float(share[step]) for step in steps),
        plateau=plateau,
        half_of_burns_within=_reached(share, plateau / 2),
        median=_reached(share, 0.5),
    )


def _reached(share: np.ndarray, level: float) -> int | None:
    """The first day on which the curve stands at the level; a hair of rounding does not count."""
    reached = share >= level - 1e-12
    return int(np.argmax(reached)) if reached.any() else None
