"""Theme attributes: further columns of the customers table (age, income, tier), as features on request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coterie.features.aggregates import attribute_column
from coterie.features.contract import Feature
from coterie.features.people import ONE_HOT

if TYPE_CHECKING:
    from coterie.tables.contract import Attribute


def attribute_feature(attribute: Attribute) -> Feature:
    """The catalogue entry of one attribute column: a number as it is, a text as one column per value."""
    name = attribute.name
    number = attribute.kind == "number"
    return Feature(
        name=name,
        label=attribute.label,
        unit="",
        meaning=f"Column {name!r} of the customers table.",
        family="attributes",
        needs=(f"customers.{name}",),
        treatment="none" if number else "one-hot",
        express=lambda t, learned: t[attribute_column(name)],
        natural_scale=0.0 if number else 1.0,
        caution="" if number else ONE_HOT,
    )
