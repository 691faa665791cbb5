"""Any measure by any dimension, as bars or over time; then sales as the report tells them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from coterie.explore.contract import FIELDS
from coterie.views import format as say
from coterie.views.boards.drawn import DrawnWhenAsked
from coterie.views.boards.measured import drawn_by_month, drawn_by_value
from coterie.views.boards.measures import LABELS, RATIOS
from coterie.views.boards.over_time import drawn_over_time
from coterie.views.boards.picks import Pick
from coterie.views.boards.plain import of_parts
from coterie.views.boards.query import address_of

if TYPE_CHECKING:
    from coterie.explore.contract import Told
    from coterie.views.boards.contract import Look
    from coterie.views.contract import Drawings, Drawn

_EMPTY = "There are no orders in these data: sales and order values cannot be told. Coupons stand under Trends."
ONE_MONTH = "All of it is in one month. Choose more days to see it over time."
_LEFT_OUT = "Lifetime value is told of all customers alone: clear the filters to see it."
TOO_FEW = "There are too few customers to tell it."
_parts = of_parts("Metrics", _EMPTY, "sales", whole=("lifetime",), left_out=lambda look: _LEFT_OUT)


def metrics(look: Look, drawings: Drawings) -> Mapping[str, Any]:
    """The measure chosen by the dimension chosen, and the parts of the report about sales."""
    told = look.told
    over_time = drawn_over_time(look, told) if told is not None and _several_months(look, told) else None
    charts = over_time.charts if over_time is not None else _bars(look, told)
    if isinstance(drawings, DrawnWhenAsked):
        for chart in charts:
            drawings.add(chart)
    return {
        **_parts(look, drawings),
        "charts": charts,
        "over_time": over_time,
        "why": (told.why or (ONE_MONTH if told.lines else TOO_FEW)) if told is not None else "",
        "measures": _measures(look, told) if told is not None else (),
        "dimensions": _dimensions(look, told) if told is not None else (),
        "ways": _ways(look, told) if told is not None else (),
        "more": _more(look, told) if told is not None and over_time is None else "",
    }


def _several_months(look: Look, told: Told) -> bool:
    return look.over_time and bool(told.lines) and len(told.lines[0].months) > 1


def _bars(look: Look, told: Told | None) -> tuple[Drawn, ...]:
    if told is None or not told.rows or (look.over_time and told.dimension != "month"):
        return ()
    return (drawn_by_month(look, told) if told.dimension == "month" else drawn_by_value(look, told),)


def _measures(look: Look, told: Told) -> tuple[Pick, ...]:
    known = look.figures
    sold, claimed = known is not None and known.orders is not None, known is not None and known.coupons is not None
    shown = [name for name, label in LABELS.items() if (sold if label.of == "lines" else claimed or label.of == "any")]
    return tuple(
        Pick(LABELS[name].label, _address(look, name, told.dimension), name == told.measure)
        for name in shown
    )  # fmt: skip


def _dimensions(look: Look, told: Told) -> tuple[Pick, ...]:
    there = [*(name for name, field in FIELDS.items() if field in look.choices.values), "month"]
    return tuple(Pick(name.capitalize(), _address(look, told.measure, name), name == told.dimension) for name in there)


def _ways(look: Look, told: Told) -> tuple[Pick, ...]:
    """As bars, or over time; months are the time themselves."""
    if told.dimension == "month":
        return ()
    return tuple(
        Pick(label, _address(look, told.measure, told.dimension, over_time=over), over == look.over_time)
        for label, over in (("As bars", False), ("Over time", True))
    )


def _address(look: Look, measure: str, dimension: str, *, over_time: bool | None = None) -> str:
    over = look.over_time if over_time is None else over_time
    return address_of("/metrics", look.filters, measure=measure, by=dimension, over="month" if over else None)


def _more(look: Look, told: Told) -> str:
    if not told.others:
        return ""
    # Privately those of few customers are among them, however much they have.
    fewer = "" if look.private else " with fewer events" if told.measure in RATIOS else " with less"
    return f"{say.plural(told.others, 'more value')}{fewer} {'is' if told.others == 1 else 'are'} not shown."
