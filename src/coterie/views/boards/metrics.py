"""Any measure by any dimension, as bars or over time; then sales as the report tells them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from coterie.views import format as say
from coterie.views.boards.drawn import DrawnWhenAsked
from coterie.views.boards.measured import LABELS, drawn_by_month, drawn_by_value
from coterie.views.boards.plain import of_parts
from coterie.views.boards.query import query_of

if TYPE_CHECKING:
    from coterie.explore.contract import Told
    from coterie.views.boards.contract import Look
    from coterie.views.contract import Drawings, Drawn

DIMENSIONS = {
    "segment": "Segment",
    "city": "City",
    "gender": "Gender",
    "branch": "Branch",
    "merchant": "Merchant",
    "category": "Category",
    "month": "Month",
}
_EMPTY = "There are no orders in these data: sales and order values cannot be told. Coupons stand under Trends."
_parts = of_parts("Metrics", _EMPTY, "sales", whole=("lifetime",))


@dataclass(frozen=True)
class Pick:
    """One word that can be picked."""

    label: str
    address: str
    here: bool


def metrics(look: Look, drawings: Drawings) -> Mapping[str, Any]:
    """The measure chosen by the dimension chosen, and the parts of the report about sales."""
    told = look.told
    chart = _chart(look, told) if told is not None and told.rows else None
    if chart is not None and isinstance(drawings, DrawnWhenAsked):
        drawings.add(chart)
    return {
        **_parts(look, drawings),
        "chart": chart,
        "why": told.why if told is not None else "",
        "measures": _measures(look, told) if told is not None else (),
        "dimensions": _dimensions(look, told) if told is not None else (),
        "more": _more(told) if told is not None else "",
    }


def _chart(look: Look, told: Told) -> Drawn:
    return drawn_by_month(look, told) if told.dimension == "month" else drawn_by_value(look, told)


def _measures(look: Look, told: Told) -> tuple[Pick, ...]:
    known = look.figures
    sold, claimed = known is not None and known.orders is not None, known is not None and known.coupons is not None
    shown = [name for name, label in LABELS.items() if (sold if label.of == "lines" else claimed or label.of == "any")]
    return tuple(
        Pick(LABELS[name].label, _address(look, name, told.dimension), name == told.measure)
        for name in shown
    )  # fmt: skip


def _dimensions(look: Look, told: Told) -> tuple[Pick, ...]:
    fields = {"segment": "segments", "city": "cities", "gender": "genders", "branch": "branches",
              "merchant": "merchants", "category": "categories"}  # fmt: skip
    there = [name for name in DIMENSIONS if name == "month" or fields[name] in look.choices.values]
    return tuple(Pick(DIMENSIONS[name], _address(look, told.measure, name), name == told.dimension) for name in there)


def _address(look: Look, measure: str, dimension: str) -> str:
    return f"/metrics?{query_of(look.filters, measure=measure, by=dimension)}"


def _more(told: Told) -> str:
    if not told.others:
        return ""
    fewer = "with fewer events" if told.measure in ("burn_rate", "aov") else "with less"
    return f"{say.plural(told.others, 'more value')} {fewer} are not shown."
