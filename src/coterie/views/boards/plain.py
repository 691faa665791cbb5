"""Pages that are parts of the report as they stand, in an order that answers one question."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from coterie.views import format as say
from coterie.views.boards.parts import parts

if TYPE_CHECKING:
    from coterie.views.boards.contract import Look
    from coterie.views.contract import Drawings

NOTHING_LEFT = "Nothing is left in these filters. Clear one of them above."


def of_parts(
    title: str, empty: str, *names: str, whole: tuple[str, ...] = ()
) -> Callable[[Look, Drawings], Mapping[str, Any]]:
    """A page of these parts; where the result has none of them, the sentence that says why.

    Those of `whole` speak of all customers whatever is filtered, and are left out where anything is.
    """

    def value(look: Look, drawings: Drawings) -> Mapping[str, Any]:
        filtered = look.filters.any
        shown = () if _nothing_left(look) else parts(look, drawings, *names, *(() if filtered else whole))
        said = NOTHING_LEFT if filtered else empty
        return {"title": title, "parts": shown, "empty": said, "note": _filtered(look) if filtered else ""}

    return value


def _nothing_left(look: Look) -> bool:
    """The filters let no event through: the sentences of the report would speak of a shop without any."""
    metrics = look.result.metrics
    if not look.filters.any or metrics is None:
        return False
    claims = any(month.claims or month.burns or month.customers for month in metrics.monthly)
    cohorts = metrics.retention is not None and bool(metrics.retention.cohorts)
    return not (claims or cohorts or metrics.orders)


def _filtered(look: Look) -> str:
    """What words of the report mean on a part of the shop."""
    said = ["Filtered: “all customers” are those that the filters let through."]
    if look.filters.of_events:
        since = look.filters.since
        said.append("“New” means for the first time in what is chosen.")
        if since is not None:
            said.append(f"Burns of coupons claimed before {say.date(since)} are not counted.")
    return " ".join(said)
