"""The catalogue: every feature there is, and which of them a data set allows."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from coterie.errors import DataError, UsageError
from coterie.features.attributes import attribute_feature
from coterie.features.breadth import BREADTH
from coterie.features.contract import Feature
from coterie.features.coupons import COUPONS
from coterie.features.people import PEOPLE
from coterie.features.presets import PRESETS, preset_named
from coterie.features.rhythm import RHYTHM

if TYPE_CHECKING:
    from coterie.tables.contract import Tables

FEATURES: tuple[Feature, ...] = (*COUPONS, *RHYTHM, *BREADTH, *PEOPLE)

SHOWN: tuple[str, ...] = (
    "transaction_count",
    "coupons_claimed",
    "coupons_burnt",
    "burn_rate",
    "recency",
    "tenure",
    "merchants_burnt_at",
)
"""Features every profile shows where the data allow, whatever was clustered on."""


def available(tables: Tables) -> dict[str, Feature]:
    """The features these tables allow, by name: the catalogue's, then the attributes of customers."""
    entries = (*FEATURES, *(attribute_feature(attribute) for attribute in tables.attributes))
    return {entry.name: entry for entry in entries if why_not(entry, tables) is None}


def why_not(feature: Feature, tables: Tables) -> str | None:
    """Why these tables do not allow the feature, as a sentence; None if they do."""
    missing = [need for need in feature.needs if need not in tables.columns]
    if missing:
        return f"It needs {' and '.join(missing)}."
    if feature.several and feature.several in tables.degenerate:
        return tables.degenerate[feature.several]
    return None


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
    kept = tuple(name for name in chosen.features if name in entries)
    catalogue = {entry.name: entry for entry in FEATURES}
    notes = tuple(
        f"{catalogue[name].label} is left out. {why_not(catalogue[name], tables)}"
        for name in chosen.features
        if name not in entries
    )
    if not kept:
        raise DataError(
            f"None of the features of preset {chosen.name!r} can be computed from this data: {' '.join(notes)}"
        )
    return kept, chosen.name, notes


def _unknown(what: str, name: str, known: Sequence[str], command: str) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    guess = f" Did you mean {near[0]!r}?" if near else ""
    return f"There is no {what} {name!r}.{guess} `{command}` lists them."
