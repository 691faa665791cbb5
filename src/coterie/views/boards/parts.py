"""Parts of the report on a page of the dashboard: the same values, the same templates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from coterie.views.pages import PAGES

if TYPE_CHECKING:
    from coterie.views.boards.contract import Look
    from coterie.views.contract import Drawings, Page

_BY_NAME = {page.name: page for page in PAGES}

Part = tuple["Page", Mapping[str, Any]]
"""A part of the report, and what its template prints."""


def parts(look: Look, drawings: Drawings, *names: str) -> tuple[Part, ...]:
    """The parts of these names that the result has something to tell of."""
    found = ((_BY_NAME[name], _BY_NAME[name].value(look.result, drawings)) for name in names)
    return tuple((page, value) for page, value in found if value is not None)
