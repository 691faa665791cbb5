"""Pages that are parts of the report as they stand, in an order that answers one question."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from coterie.views.boards.parts import parts

if TYPE_CHECKING:
    from coterie.views.boards.contract import Look
    from coterie.views.contract import Drawings


def of_parts(
    title: str, empty: str, *names: str, whole: tuple[str, ...] = ()
) -> Callable[[Look, Drawings], Mapping[str, Any]]:
    """A page of these parts; where the result has none of them, the sentence that says why.

    Those of `whole` speak of all customers whatever is filtered, and are left out where anything is.
    """

    def value(look: Look, drawings: Drawings) -> Mapping[str, Any]:
        shown = parts(look, drawings, *names, *(() if look.filters.any else whole))
        return {"title": title, "parts": shown, "empty": empty}

    return value
