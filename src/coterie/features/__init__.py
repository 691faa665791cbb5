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
    "FEATURES",
    "PRESETS",
    "SHOWN",
    "BurnCurveTable",
    "Described",
    "Feature",
    "Learned",
    "Preset",
    "available",
    "describe",
    "kaplan_meier",
    "preset_named",
]
