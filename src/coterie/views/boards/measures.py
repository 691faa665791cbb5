"""What can be measured on the metrics page: in which words, with which unit, as a page prints it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from coterie.views import format as say
from coterie.views.shop import money_axis, named
from coterie.views.tokens import slot, var

if TYPE_CHECKING:
    from coterie.explore.contract import Line, Told, Value
    from coterie.views.boards.contract import Look
    from coterie.views.contract import ReportInput, Spec

RATIOS = ("burn_rate", "aov")
"""Measures that divide: of few events they say nothing, and they do not add up."""
BURNS = ("burnt", "burn_rate")
"""Measures that young coupons have too little of."""
SAME = 0.005
"""Changes smaller than this are none."""
MOST_BURNT = 0.9
"""Part of all burns that coupons must have had the time for before their burns are set beside those of others."""


@dataclass(frozen=True)
class Label:
    """How a measure is called, what its unit is, which events tell it and which term defines it."""

    label: str
    unit: Literal["count", "share", "money"]
    of: Literal["coupons", "lines", "any"]
    term: str

    @property
    def events(self) -> str:
        """What the events are called."""
        return {"coupons": "coupons", "lines": "order lines", "any": "events"}[self.of]

    @property
    def of_day(self) -> str:
        """Whose month it is that the measure is told by."""
        return {"coupons": " of the claim", "lines": " of the order", "any": ""}[self.of]


LABELS: Mapping[str, Label] = {
    "customers": Label("Active customers", "count", "any", "Active customer"),
    "coupons": Label("Coupons", "count", "coupons", "Coupons (transactions)"),
    "burnt": Label("Burnt coupons", "count", "coupons", "Burnt"),
    "burn_rate": Label("Burn rate", "share", "coupons", "Burn rate"),
    "orders": Label("Orders", "count", "lines", "Order, customer who bought"),
    "sales": Label("Sales", "money", "lines", "Sales, returns, revenue"),
    "aov": Label("Average order value", "money", "lines", "Average order value (AOV)"),
}


def name_of(look: Look, told: Told, one: Value | Line) -> str:
    """What the value of a dimension is called: segments with their number."""
    return named(look.result, int(one.value)) if told.dimension == "segment" else one.label


def colour_of(told: Told, one: Value | Line, otherwise: str = "accent") -> str:
    """The colour of a segment is its own everywhere."""
    return var(slot(int(one.value)) if told.dimension == "segment" else otherwise)


def exactly(look: Look, told: Told, value: float | None) -> str:
    """As in a table, which is what a download holds: amounts with all their digits."""
    if LABELS[told.measure].unit == "money" and value is not None:
        return say.money(value, look.result.profiles.currency, exact=True)
    return said(look, told, value)


def said(look: Look, told: Told, value: float | None) -> str:
    """An amount of the measure as a sentence has it."""
    unit = LABELS[told.measure].unit
    if value is None:
        return say.NOTHING
    if unit == "money":
        return say.money(value, look.result.profiles.currency)
    return say.share(value, 1) if unit == "share" else say.count(value)


def amount_axis(look: Look, told: Told) -> Spec:
    """The axis of its amounts, from 0."""
    unit, currency = LABELS[told.measure].unit, look.result.profiles.currency
    axis = money_axis(currency) if unit == "money" else {"format": ".0%"} if unit == "share" else {}
    return {"type": "quantitative", "title": None, "scale": {"zero": True, "nice": True},
            "axis": {"tickCount": 4, "grid": True, **axis}}  # fmt: skip


def days_to_burn(result: ReportInput) -> int:
    """Days that coupons need until most of their burns have come; 0 where that is not known."""
    curve = result.profiles.all.burn_curve
    if curve is None or not curve.share:
        return 0
    parts = zip(curve.days, curve.share, strict=True)
    return next(day for day, share in parts if share >= MOST_BURNT * curve.share[-1])
