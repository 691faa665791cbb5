"""From features to coordinates: treatment, median for undefined values, standardising; constants are left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import ibis
import numpy as np
from numpy.typing import NDArray

from coterie.clustering.contract import Floats
from coterie.features import Described, Feature, Learned
from coterie.rounding import round9

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from coterie.engines import Engine

CONSTANT = 1e-4
"""A spread under this part of the natural scale is no difference between customers (see definitions)."""
OTHER = "other"
Column = NDArray[Any]
"""Numbers (float64, NaN where undefined) or texts (objects, None where unknown) of customers in memory."""


@dataclass(frozen=True)
class Coordinate:
    """One axis of the space that is clustered: (treated(value) - mean) / sd.

    Attributes:
        feature: Catalogue name.
        level: The value a one-hot column stands for; None otherwise.
        treatment: As in the catalogue.
        fill: Stands in for an undefined value, before treatment (for codes, after).
        mean, sd: Of the treated column over the clustered customers; sd is that of the population.
        activity: As in the catalogue.
    """

    feature: str
    level: str | None
    treatment: str
    fill: float
    mean: float
    sd: float
    activity: int


@dataclass(frozen=True)
class Scaling:
    """The coordinates in order, sentences on what was left out or filled, and values filled per feature."""

    coordinates: tuple[Coordinate, ...]
    notes: tuple[str, ...]
    filled: dict[str, int]


def learn_scaling(engine: Engine, described: Described, *, include_inactive: bool) -> Scaling:
    """Mean and sd of every treated column over the customers to cluster; constant ones are dropped with a note."""
    chosen = {entry.name: entry for entry in described.features}
    draft = [axis for name in described.clustered for axis in _axes(chosen[name], described.learned)]
    basis = described.table if include_inactive else described.table.filter(described.table.active)
    figures = _figures(engine, basis, draft, described.learned)
    kept: list[Coordinate] = []
    for place, axis in enumerate(draft):
        mean, sd = round9(figures[f"mean{place}"] or 0.0), round9(figures[f"sd{place}"] or 0.0)
        feature = chosen[axis.feature]
        scale = feature.natural_scale or abs(mean)
        if sd <= 0 or sd < CONSTANT * scale or axis.feature in described.learned.alike:
            continue
        kept.append(Coordinate(axis.feature, axis.level, axis.treatment, axis.fill, mean, sd, axis.activity))
    left = {axis.feature for axis in kept}
    notes = [
        f"{_begin(chosen[name].label)} is left out: customers do not differ in it."
        for name in described.clustered
        if name not in left
    ]
    filled = {name: int(figures[f"null {name}"] or 0) for name in described.clustered if figures.get(f"null {name}")}
    for name, count in filled.items():
        noun = "customer" if count == 1 else "customers"
        notes.append(f"{_begin(chosen[name].label)} is unknown for {count:,} {noun}: the median stands in.")
    return Scaling(tuple(kept), tuple(notes), filled)


def standardise(table: ir.Table, coordinates: Sequence[Coordinate], learned: Learned) -> list[ir.Value]:
    """The coordinates of each customer as float64 expressions over the described table."""
    return [(_treated(table, axis, learned) - axis.mean) / axis.sd for axis in coordinates]


def coordinate_labels(coordinates: Sequence[Coordinate], features: Sequence[Feature]) -> list[str]:
    """What to call each coordinate in a sentence, at its beginning."""
    labels = {entry.name: _begin(entry.label) for entry in features}
    return [f"{labels[axis.feature]}: {axis.level}" if axis.level else labels[axis.feature] for axis in coordinates]


def learn_scaling_of(
    features: Sequence[Feature], values: Mapping[str, Column], learned: Learned
) -> tuple[tuple[Coordinate, ...], Floats]:
    """As `learn_scaling` and `standardise`, for customers in memory: the coordinates kept, and the points (n, d).

    Args:
        features: Entries to cluster on, in order.
        values: Feature -> (n,) numbers, NaN where undefined, or texts, None where unknown.
        learned: Medians, levels and `alike` of these customers.
    """
    kept: list[Coordinate] = []
    columns: list[Floats] = []
    for feature in features:
        for axis in _axes(feature, learned):
            treated = treat(values[feature.name], axis, learned)
            mean, sd = round9(float(treated.mean())), round9(float(treated.std()))
            if sd > 0 and sd >= CONSTANT * (feature.natural_scale or abs(mean)) and feature.name not in learned.alike:
                kept.append(replace(axis, mean=mean, sd=sd))
                columns.append((treated - mean) / sd)
    rows = len(next(iter(values.values()))) if values else 0
    return tuple(kept), np.stack(columns, axis=1) if columns else np.zeros((rows, 0))


def standardise_values(values: Mapping[str, Column], coordinates: Sequence[Coordinate], learned: Learned) -> Floats:
    """As `standardise`, for customers in memory: (n, d)."""
    columns = [(treat(values[axis.feature], axis, learned) - axis.mean) / axis.sd for axis in coordinates]
    rows = len(next(iter(values.values()))) if values else 0
    return np.stack(columns, axis=1) if columns else np.zeros((rows, 0))


def treat(values: Column, axis: Coordinate, learned: Learned) -> Floats:
    """One treated column, not yet standardised, of customers in memory."""
    if axis.treatment in ("one-hot", "code"):
        return _treated_texts(values, axis, learned.levels[axis.feature])
    column = np.where(np.isnan(values.astype(np.float64)), axis.fill, values.astype(np.float64))
    match axis.treatment:
        case "log":
            return np.log(column)
        case "log1p":
            return np.log(column + 1.0)
        case "logit":
            return np.log(column / (1.0 - column))
    return column


def _treated_texts(values: Column, axis: Coordinate, levels: Sequence[str]) -> Floats:
    if axis.treatment == "code":
        codes = {level: float(place) for place, level in enumerate(levels)}
        return np.array([codes.get(value, axis.fill) for value in values])
    named = {level for level in levels if level != OTHER}
    if axis.level == OTHER and len(named) < len(levels):
        return np.array([float(value is not None and value not in named) for value in values])
    return np.array([float(value == axis.level) for value in values])


def _begin(label: str) -> str:
    """A label at the beginning of a sentence."""
    return label[:1].upper() + label[1:]


def _axes(feature: Feature, learned: Learned) -> list[Coordinate]:
    if feature.treatment == "one-hot":
        levels = learned.levels[feature.name]
        # Two values are one column of 0 and 1; a second one would say the same again.
        shown = levels[1:] if len(levels) == 2 else levels
        return [Coordinate(feature.name, level, "one-hot", 0.0, 0.0, 1.0, 0) for level in shown]
    fill = learned.medians.get(feature.name, 0.0)
    if feature.treatment == "code":
        fill = float((len(learned.levels[feature.name]) - 1) // 2)
    return [Coordinate(feature.name, None, feature.treatment, fill, 0.0, 1.0, feature.activity)]


def _treated(table: ir.Table, axis: Coordinate, learned: Learned) -> ir.Value:
    value = table[axis.feature]
    if axis.treatment == "one-hot":
        levels = learned.levels[axis.feature]
        named = [level for level in levels if level != OTHER]
        other = axis.level == OTHER and len(named) < len(levels)
        hit = value.notin(named) & value.notnull() if other else value == axis.level
        return ibis.ifelse(hit, 1.0, 0.0)
    if axis.treatment == "code":
        codes = [(level, float(place)) for place, level in enumerate(learned.levels[axis.feature])]
        return value.cases(*codes, else_=axis.fill).cast("float64") if codes else ibis.literal(axis.fill)
    value = ibis.coalesce(value, axis.fill)
    match axis.treatment:
        case "none":
            return value
        case "log":
            return value.ln()
        case "log1p":
            return (value + 1.0).ln()
        case "logit":
            return (value / (1.0 - value)).ln()
    raise ValueError(f"unknown treatment {axis.treatment!r}")


def _figures(engine: Engine, basis: ir.Table, draft: Sequence[Coordinate], learned: Learned) -> dict[str, float | None]:
    """Mean and sd of each treated column and the number of undefined values of each feature, in one query."""
    treated = basis.mutate(**{f"v{place}": _treated(basis, axis, learned) for place, axis in enumerate(draft)})
    wanted: dict[str, ir.Value] = {}
    for place in range(len(draft)):
        wanted[f"mean{place}"] = treated[f"v{place}"].mean()
        wanted[f"sd{place}"] = treated[f"v{place}"].std(how="pop")
    for name in {axis.feature for axis in draft}:
        wanted[f"null {name}"] = treated[name].isnull().sum()
    return engine.collect(treated.aggregate(**wanted)).to_pylist()[0] if wanted else {}
