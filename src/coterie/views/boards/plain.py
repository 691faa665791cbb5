"""Pages that are parts of the report as they stand, in an order that answers one question."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from coterie.views.boards.parts import parts

if TYPE_CHECKING:
    from coterie.views.boards.contract import Look
    from coterie.views.contract import Drawings

NOTHING_LEFT = "Nothing is left in these filters. Clear one of them above."
TOO_LITTLE = "Too little is left in these filters to tell it. Clear one of them above."


def of_parts(
    title: str,
    empty: str,
    *names: str,
    whole: tuple[str, ...] = (),
    left_out: Callable[[Look], str] = lambda look: "",
    nothing: str = NOTHING_LEFT,
    too_little: str = TOO_LITTLE,
) -> Callable[[Look, Drawings], Mapping[str, Any]]:
    """A page of these parts; where the result has none of them, a sentence that says why.

    Args:
        title: Of the page without any part.
        empty: Why there is none in the data at all.
        names: The parts.
        whole: Parts that speak of all customers whatever is filtered, left out where anything is.
        left_out: The sentence that says so; "" where nothing is.
        nothing: What is said where the filters let no event through.
        too_little: What is said where they let too few through.
    """

    def value(look: Look, drawings: Drawings) -> Mapping[str, Any]:
        filtered, none_left = look.filters.any, _nothing_left(look)
        shown = () if none_left else parts(look, drawings, *names, *(() if filtered else whole))
        hidden = look.private and look.figures is not None and look.figures.customers > 0
        said = (TOO_LITTLE if hidden else nothing) if none_left else too_little if filtered else empty
        return {"title": title, "parts": shown, "empty": said, "note": left_out(look) if filtered and shown else ""}

    return value


def _nothing_left(look: Look) -> bool:
    """The filters let no event through: the sentences of the report would speak of a shop without any."""
    metrics = look.result.metrics
    if not look.filters.any or metrics is None:
        return False
    claims = any(month.claims or month.burns or month.customers for month in metrics.monthly)
    cohorts = metrics.retention is not None and bool(metrics.retention.cohorts)
    return not (claims or cohorts or metrics.orders)
