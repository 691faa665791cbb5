"""A shop looked at live: figures, months, lists and single customers of whatever a filter lets through."""

from __future__ import annotations

from coterie.explore.contract import (
    UNKNOWN,
    Choices,
    Compared,
    Customer,
    Customers,
    DimensionName,
    Event,
    Figures,
    Filters,
    Found,
    History,
    Line,
    MeasureName,
    Option,
    Sort,
    Theme,
    Told,
    Value,
)
from coterie.explore.opening import open_list, open_shop
from coterie.explore.remembered import Unremembered
from coterie.explore.shop import Shop

__all__ = [
    "UNKNOWN",
    "Choices",
    "Compared",
    "Customer",
    "Customers",
    "DimensionName",
    "Event",
    "Figures",
    "Filters",
    "Found",
    "History",
    "Line",
    "MeasureName",
    "Option",
    "Shop",
    "Sort",
    "Theme",
    "Told",
    "Unremembered",
    "Value",
    "open_list",
    "open_shop",
]
