"""What we know about a customer."""

from __future__ import annotations

from coterie.features.burn_curve import kaplan_meier
from coterie.features.catalogue import FEATURES, SHOWN, available
from coterie.features.contract import BurnCurveTable, Described, Feature, Learned
from coterie.features.describe import describe
from coterie.features.events import BURNT, EXPIRED, OPEN, Events, day_number, events_of
from coterie.features.in_memory import Aggregates, evaluate, learn_events, raw
from coterie.features.presets import PRESETS, Preset, preset_named

__all__ = [
    "BURNT",
    "EXPIRED",
    "FEATURES",
    "OPEN",
    "PRESETS",
    "SHOWN",
    "Aggregates",
    "BurnCurveTable",
    "Described",
    "Events",
    "Feature",
    "Learned",
    "Preset",
    "available",
    "day_number",
    "describe",
    "evaluate",
    "events_of",
    "kaplan_meier",
    "learn_events",
    "preset_named",
    "raw",
]
