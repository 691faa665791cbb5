"""What we know about a customer."""

from __future__ import annotations

from coterie.features.bg_nbd import ALIKE, Histories, alive_probability, orders_if_alive, within_bounds
from coterie.features.burn_curve import kaplan_meier
from coterie.features.catalogue import FEATURES, SHOWN, available
from coterie.features.contract import BurnCurveTable, Described, Feature, Learned
from coterie.features.describe import describe
from coterie.features.events import BURNT, EXPIRED, OPEN, Events, day_number, events_of
from coterie.features.expected import EXPECTED, LOOKED_UP, delivered
from coterie.features.expressed import expressed
from coterie.features.histories import NOWHERE, GroupedHistories, grouped_histories, order_history
from coterie.features.in_memory import Aggregates, evaluate
from coterie.features.learn_in_memory import learn_events, raw
from coterie.features.lifetime import HORIZON, fit_lifetime, value_of_order
from coterie.features.lifetime_values import Lifetime
from coterie.features.order_events import Orders
from coterie.features.presets import PRESETS, Preset
from coterie.features.rfm import RFM_SCORES, cut_between
from coterie.tables import orders_of

__all__ = [
    "ALIKE",
    "BURNT",
    "EXPECTED",
    "EXPIRED",
    "FEATURES",
    "HORIZON",
    "LOOKED_UP",
    "NOWHERE",
    "OPEN",
    "PRESETS",
    "RFM_SCORES",
    "SHOWN",
    "Aggregates",
    "BurnCurveTable",
    "Described",
    "Events",
    "Feature",
    "GroupedHistories",
    "Histories",
    "Learned",
    "Lifetime",
    "Orders",
    "Preset",
    "alive_probability",
    "available",
    "cut_between",
    "day_number",
    "delivered",
    "describe",
    "evaluate",
    "events_of",
    "expressed",
    "fit_lifetime",
    "grouped_histories",
    "kaplan_meier",
    "learn_events",
    "order_history",
    "orders_if_alive",
    "orders_of",
    "raw",
    "value_of_order",
    "within_bounds",
]
