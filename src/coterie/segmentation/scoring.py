"""One customer placed by a saved model from feature values alone, without tables or engine."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from coterie.clustering import Column, Floats, standardise_values
from coterie.errors import UsageError
from coterie.segmentation.contract import FITS_NO_GROUP, Model

Value = float | int | str | None
"""Of a feature: a number, a text, or None where it is unknown."""

LARGEST = 1e15
"""No figure of a customer is beyond this; numbers beyond it would be lost in the squares of distances."""

_TEXTS = ("one-hot", "code")


@dataclass(frozen=True)
class Scored:
    """Where a customer stands; the fields are as in the customer list."""

    segment: int
    name: str
    distance: float
    margin: float
    action: str


def takes_text(model: Model, feature: str) -> bool:
    """Whether the values of a feature are texts, not numbers."""
    return any(axis.feature == feature and axis.treatment in _TEXTS for axis in model.coordinates)


def score_customer(model: Model, values: Mapping[str, Value]) -> Scored:
    """Place a customer with these feature values as `assign` would, who was active at least once.

    Args:
        model: Of a run.
        values: Every feature of `Model.needed`; None where it is unknown, for which the model's own stand-in is taken.
            Other features of the model may be there, and count for nothing.

    Raises:
        UsageError: A feature is missing or not the model's, or a value is none that it could have.
    """
    _check(model, values)
    columns = {name: _column(model, name, values[name]) for name in model.needed}
    x = standardise_values(columns, model.coordinates, model.learned) if columns else np.zeros((1, 0))
    centroids = model.centroid_rows
    segment, distance, margin = _nearest(x[0], centroids) if model.rule is None else _by_rule(model, x, centroids)
    key = str(segment)
    return Scored(segment, model.all_names.get(key, ""), distance, margin, model.actions.get(key, ""))


def _check(model: Model, values: Mapping[str, Value]) -> None:
    wanted = model.needed
    missing = [name for name in wanted if name not in values]
    if missing:
        raise UsageError(f"{', '.join(missing)} {_is(missing)} missing. The model needs {', '.join(wanted)}.")
    unknown = [name for name in values if name not in {*wanted, *model.features}]
    if unknown:
        shown = ", ".join(name[:40] if name.isprintable() else repr(name)[:40] for name in unknown[:5])
        raise UsageError(f"{shown} {_is(unknown)} not of this model. It takes {', '.join(wanted)}.")


def _is(names: Sequence[str]) -> str:
    return "is" if len(names) == 1 else "are"


def _column(model: Model, name: str, value: Value) -> Column:
    """One value as the column that the model's treatment takes."""
    if takes_text(model, name):
        if value is not None and not isinstance(value, str):
            raise UsageError(f"{name} is {value}, and the model knows it as a text. Give a text, or null.")
        return np.array([value], dtype=object)
    if value is None:
        return np.array([np.nan])
    if isinstance(value, str | bool):
        raise UsageError(f"{name} is {str(value)[:40]!r}, and the model knows it as a number. Give a number, or null.")
    _check_range(model, name, value)
    return np.array([float(value)])


def _check_range(model: Model, name: str, value: float) -> None:
    """Refuse a number that the feature cannot have."""
    if abs(value) > LARGEST:
        raise UsageError(f"{name} is beyond {LARGEST:.0e}, which no customer has. Check its unit.")
    if math.isnan(value):
        raise UsageError(f"{name} is not a number. Give a number, or null.")
    treatment = next(axis.treatment for axis in model.coordinates if axis.feature == name)
    told = {
        "log": (value > 0, "more than 0"),
        "log1p": (value > -1, "more than -1"),
        "logit": (0 < value < 1, "between 0 and 1, and neither of them"),
    }
    fits, range_ = told.get(treatment, (True, ""))
    if not fits:
        raise UsageError(f"{name} is {value}, and must be {range_}.")


def _nearest(x: Floats, centroids: Floats) -> tuple[int, float, float]:
    """Segment, distance and margin by the nearest centroid; the lowest segment wins ties, as in the engine."""
    if not len(x):
        return 1, 0.0, 1.0
    apart = np.sqrt(_squares(x, centroids))
    best = int(apart.argmin())
    if len(apart) == 1:
        return 1, float(apart[0]), 1.0
    near, far = float(apart[best]), float(np.delete(apart, best).min())
    return best + 1, near, (far - near) / (near + far) if near + far > 0 else 0.0


def _squares(x: Floats, centroids: Floats) -> Floats:
    """Squared distance to each centroid, summed column by column as the engine does."""
    total = np.zeros(len(centroids))
    for column, value in enumerate(x):
        total += (value - centroids[:, column]) ** 2
    return total


def _by_rule(model: Model, x: Floats, centroids: Floats) -> tuple[int, float, float]:
    assert model.rule is not None
    found = model.rule.place(x, centroids)
    label = int(found.labels[0])
    return label + 1 if label >= 0 else FITS_NO_GROUP, float(found.distance[0]), float(found.margin[0])
