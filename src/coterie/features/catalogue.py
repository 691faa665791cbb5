"""The catalogue: every feature there is, and which of them a data set allows."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from coterie.errors import DataError, UsageError
from coterie.features.attributes import attribute_feature
from coterie.features.breadth import BREADTH
from coterie.features.contract import Feature
from coterie.features.coupons import COUPONS
from coterie.features.expected import EXPECTED
from coterie.features.orders import ORDERS
from coterie.features.people import PEOPLE
from coterie.features.presets import PRESETS, Preset, preset_named
from coterie.features.rfm import RFM
from coterie.features.rhythm import RHYTHM, as_told

if TYPE_CHECKING:
    from coterie.tables.contract import Tables

EVENT_TABLES = ("transactions", "orders")

FEATURES: tuple[Feature, ...] = (*COUPONS, *ORDERS, *RFM, *EXPECTED, *RHYTHM, *BREADTH, *PEOPLE)

SHOWN: tuple[str, ...] = (
    "transaction_count",
    "coupons_claimed",
    "coupons_burnt",
    "burn_rate",
    "order_count",
    "total_spend",
    "aov",
    "return_rate",
    "recency",
    "order_recency",
    "tenure",
    "merchants_burnt_at",
    "categories_bought",
)
"""Features every profile shows where the data allow, whatever was clustered on (see `shown`)."""


def available(tables: Tables) -> dict[str, Feature]:
    """The features these tables allow, by name: the catalogue's, then the attributes of customers.

    Labels and meanings tell of the events there are. An attribute that has the name of a feature is not among them.
    """
    coupons, orders = tables.has_coupons, tables.has_orders
    told = (as_told(entry, coupons=coupons, orders=orders) for entry in FEATURES if why_not(entry, tables) is None)
    entries = {entry.name: entry for entry in told}
    taken = {entry.name for entry in FEATURES}
    more = (attribute_feature(attribute) for attribute in tables.attributes if attribute.name not in taken)
    return entries | {entry.name: entry for entry in more if why_not(entry, tables) is None}


def shown(tables: Tables) -> frozenset[str]:
    """Those of `SHOWN` that say something of their own: with orders only, recency is the recency of orders."""
    both = tables.has_coupons and tables.has_orders
    return frozenset(SHOWN if both else (name for name in SHOWN if name != "order_recency"))


def why_not(feature: Feature, tables: Tables) -> str | None:
    """Why these tables do not allow the feature, as a sentence; None if they do."""
    missing = [need for need in feature.needs if not _there(need, tables)]
    if missing:
        return f"It needs {' and '.join(missing)}."
    if feature.several and feature.several in tables.degenerate:
        return tables.degenerate[feature.several]
    return None


def _there(need: str, tables: Tables) -> bool:
    """Whether an event table or an optional column is there."""
    match need:
        case "transactions":
            return tables.has_coupons
        case "orders":
            return tables.has_orders
    return need in tables.columns


def choose_features(
    tables: Tables, preset: str | None, names: Sequence[str] | None
) -> tuple[tuple[str, ...], str, tuple[str, ...]]:
    """The features to cluster on, the preset they come from ("" for none), and notes on what was left out.

    Raises UsageError for an unknown name, with the nearest known one, and DataError where nothing is left.
    """
    entries = available(tables)
    if names is not None:
        known = (*(entry.name for entry in FEATURES), *(attribute.name for attribute in tables.attributes))
        for name in names:
            if name not in known:
                raise UsageError(_unknown("feature", name, known, "coterie features"))
            if name not in entries:
                entry = next(
                    entry for entry in (*FEATURES, *map(attribute_feature, tables.attributes)) if entry.name == name
                )
                raise DataError(f"Feature {name!r} cannot be computed from this data. {why_not(entry, tables)}")
        return tuple(dict.fromkeys(names)), "", ()
    chosen = preset_named(preset or PRESETS[0].name)
    if chosen is None:
        raise UsageError(_unknown("preset", str(preset), tuple(entry.name for entry in PRESETS), "coterie features"))
    kept, notes = _of_preset(chosen, tables, entries)
    if not kept:
        raise DataError(
            f"None of the features of preset {chosen.name!r} can be computed from this data: {' '.join(notes)}"
        )
    return kept, chosen.name, notes


def _of_preset(
    preset: Preset, tables: Tables, entries: Mapping[str, Feature]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Its features that the data allow, and notes on the others.

    A feature of an event table that is not there is no loss worth a note where the preset draws on what there is.
    """
    absent = {table for table in EVENT_TABLES if not _there(table, tables)}
    if absent & set(preset.needs):
        fitting = [one.name for one in PRESETS if not absent & set(one.needs)]
        raise DataError(
            f"Preset {preset.name!r} needs {' and '.join(preset.needs)}, and this data has no "
            f"{' and no '.join(sorted(absent))} table. Presets that fit: {', '.join(fitting)}."
        )
    catalogue = {entry.name: entry for entry in FEATURES}
    left = [catalogue[name] for name in preset.features if name not in entries]
    told = [entry for entry in left if not {need.split(".")[0] for need in entry.needs} & absent]
    notes = tuple(f"{entry.label} is left out. {why_not(entry, tables)}" for entry in told)
    return tuple(name for name in preset.features if name in entries), notes


def _unknown(what: str, name: str, known: Sequence[str], command: str) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    guess = f" Did you mean {near[0]!r}?" if near else ""
    return f"There is no {what} {name!r}.{guess} `{command}` lists them."
