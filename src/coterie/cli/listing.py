"""What `coterie features` prints, read from the catalogue."""

from __future__ import annotations

from typing import Any

from coterie.cli.terminal import table
from coterie.features import FEATURES, PRESETS


def feature_list() -> dict[str, Any]:
    """Features and presets as plain values."""
    return {
        "features": [
            {
                "name": entry.name,
                "label": entry.label,
                "unit": entry.unit,
                "family": entry.family,
                "meaning": entry.meaning,
                "needs": entry.needs,
                "treatment": entry.treatment,
                "caution": entry.caution,
            }
            for entry in FEATURES
        ],
        "presets": [
            {"name": entry.name, "meaning": entry.meaning, "features": entry.features, "caution": entry.caution}
            for entry in PRESETS
        ],
    }


def print_features() -> None:
    """Two tables: features by family, and presets."""
    for family in dict.fromkeys(entry.family for entry in FEATURES):
        rows = [
            (entry.name, entry.unit, " ".join(filter(None, (entry.meaning, entry.caution, _needs(entry.needs)))))
            for entry in FEATURES
            if entry.family == family
        ]
        table(family.capitalize(), (("Name", "left"), ("Unit", "left"), ("Meaning", "left")), rows)
        print()
    print("Any further column of the customers table is a feature under its own name.")
    print()
    presets = [
        (
            entry.name,
            " ".join(filter(None, (entry.meaning, entry.caution))) + f"\nFeatures: {', '.join(entry.features)}.",
        )
        for entry in PRESETS
    ]
    table("Presets", (("Name", "left"), ("Meaning", "left")), presets)


def _needs(columns: tuple[str, ...]) -> str:
    """What the data must have for it, as a sentence; empty where every shop has it."""
    return f"Needs {' and '.join(columns)}." if columns else ""
