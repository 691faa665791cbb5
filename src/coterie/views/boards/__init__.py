"""Every page of the dashboard, in the order of its bar. The parts of the report stand on them as they are."""

from __future__ import annotations

from coterie.views.boards.contract import Board
from coterie.views.boards.customers import customer, customers
from coterie.views.boards.metrics import metrics
from coterie.views.boards.model import model
from coterie.views.boards.overview import overview
from coterie.views.boards.plain import of_parts
from coterie.views.boards.retention import retention
from coterie.views.boards.segments import segment, segments

OF_CUSTOMERS = ("segments", "cities", "genders")
OF_EVENTS = (*OF_CUSTOMERS, "branches", "merchants", "categories", "since", "until")
OF_OTHERS = OF_EVENTS[1:]
"""On pages of segments: all but the segments themselves."""
ALONE = ("segments",)

_BURNS = "How soon coupons are burnt is told of all customers alone: clear the filters to see it."
_TRENDS = of_parts(
    "Trends",
    "There are too few months in these data to tell how anything goes.",
    "trends",
    whole=("burns",),
    left_out=lambda look: _BURNS if look.result.profiles.all.coupons else "",
    too_little="Trends need two months with something in them. Choose more days, or clear another filter.",
)
_DATA = of_parts("Data", "Nothing is known of the data.", "quality")
_GLOSSARY = of_parts("Glossary", "", "glossary")

BOARDS: tuple[Board, ...] = (
    Board("overview", "Overview", "/", "How are we doing, and what is to be done first?", overview, filters=OF_EVENTS),
    Board("segments", "Segments", "/segments", "Who are our customers, and how do they differ?", segments,
          filters=OF_OTHERS),
    Board("segment", "Segment", "/segments/{segment}", "What is this segment like?", segment,
          filters=OF_OTHERS, hidden=True, under="segments"),
    Board("metrics", "Metrics", "/metrics", "How much of what, by whom and where?", metrics,
          frozenset({"sales"}), OF_EVENTS, ALONE),
    Board("trends", "Trends", "/trends", "How do customers, coupons and sales go over time?", _TRENDS,
          frozenset({"monthly", "sales"}), OF_EVENTS, ALONE),
    Board("retention", "Retention", "/retention", "Who comes back, and when?", retention,
          frozenset({"retention"}), OF_CUSTOMERS, ALONE),
    Board("customers", "Customers", "/customers", "Who are they, one by one?", customers,
          filters=OF_EVENTS, alone=ALONE),
    Board("customer", "Customer", "/customers/{customer}", "What has this customer done?", customer,
          hidden=True, under="customers"),
    Board("model", "Model", "/model", "How real are the segments, and how were they found?", model),
    Board("data", "Data", "/data", "What was in the data, and what was wrong with it?", _DATA),
    Board("glossary", "Glossary", "/glossary", "What do the words mean?", _GLOSSARY, hidden=True),
)  # fmt: skip

__all__ = ["BOARDS", "OF_CUSTOMERS", "OF_EVENTS", "Board"]
