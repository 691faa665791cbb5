"""The bar of filters: what may be chosen, what is chosen, how many customers are left."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

from coterie.explore.contract import Filters
from coterie.views import format as say
from coterie.views.boards.query import NAMES, query_of

if TYPE_CHECKING:
    from coterie.explore.contract import Option
    from coterie.views.boards.contract import Board, Look

LISTED = 200
"""Values of a filter that are listed, most frequent first; who looks for another finds it in the customer list."""

LABELS = {
    "segments": ("segment", "Segment"),
    "cities": ("city", "City"),
    "genders": ("gender", "Gender"),
    "branches": ("branch", "Branch"),
    "merchants": ("merchant", "Merchant"),
    "categories": ("category", "Category"),
}
"""Field of `Filters` -> its name in the address, and what it is called."""


@dataclass(frozen=True)
class Choice:
    """One box to tick."""

    value: str
    label: str
    count: str
    chosen: bool


@dataclass(frozen=True)
class Filter:
    """One filter: its boxes, and in words what is chosen. `without` is the address with this filter cleared."""

    name: str
    label: str
    said: str
    active: bool
    choices: tuple[Choice, ...]
    more: str
    without: str


@dataclass(frozen=True)
class Days:
    """The filter of days: what is set, and between which days there are events."""

    since: str
    until: str
    first: str
    last: str
    said: str
    active: bool
    without: str


@dataclass(frozen=True)
class Bar:
    """The whole bar; `clear` is the address without any filter, `kept` what else the address says of the page."""

    filters: tuple[Filter, ...]
    days: Days | None
    found: str
    clear: str
    any: bool
    kept: tuple[tuple[str, str], ...] = ()


def bar(board: Board, look: Look) -> Bar | None:
    """The filters that this page has and the data can fill; None where there are none."""
    offered = [name for name in (board.filters if look.live else board.alone) if name in look.choices.values]
    filters = tuple(_filter(name, look) for name in offered)
    days = _days(look) if "since" in board.filters and look.live else None
    if not filters and days is None:
        return None
    return Bar(filters, days, _found(look), _address(look, Filters()), look.filters.any, _kept(look))


def _filter(name: str, look: Look) -> Filter:
    options, chosen = look.choices.values[name], {str(value) for value in getattr(look.filters, name)}
    known = {option.value for option in options}
    # What is chosen stays to be seen, and to be cleared, also where it is rare or in no row at all.
    shown = [option for at, option in enumerate(options) if at < LISTED or option.value in chosen]
    choices = [Choice(one.value, one.label, say.count(one.count), one.value in chosen) for one in shown]
    choices += [Choice(value, value, say.count(0), True) for value in sorted(chosen - known)]
    more = len(options) - len(shown)
    param, label = LABELS[name]
    return Filter(
        param,
        label,
        _said(options, chosen),
        bool(chosen),
        tuple(choices),
        f"and {say.count(more)} rarer ones" if more else "",
        _without(look, name, ()),
    )


def _said(options: tuple[Option, ...], chosen: set[str]) -> str:
    """In words: "All 293", the one that is chosen, or "Giza and 2 more"."""
    if not chosen:
        return f"All {say.count(len(options))}"
    labels = [option.label for option in options if option.value in chosen]
    labels += sorted(chosen - {option.value for option in options})
    first = say.shortened(labels[0], 28)
    return first if len(labels) == 1 else f"{first} and {len(labels) - 1} more"


def _days(look: Look) -> Days:
    filters, choices = look.filters, look.choices
    since, until = filters.since or choices.first_day, filters.until or choices.last_day
    return Days(
        since=filters.since.isoformat() if filters.since else "",
        until=filters.until.isoformat() if filters.until else "",
        first=choices.first_day.isoformat(),
        last=choices.last_day.isoformat(),
        said=say.dates(since, until) if since <= until else f"{say.date(since)} to {say.date(until)}",
        active=bool(filters.since or filters.until),
        without=_address(look, replace(filters, since=None, until=None)),
    )


def _found(look: Look) -> str:
    if look.figures is None:
        return ""
    return f"{say.count(look.figures.customers)} of {say.plural(look.figures.of, 'customer')}"


def _without(look: Look, name: str, value: tuple[str, ...]) -> str:
    changed: Any = {name: value}
    return _address(look, replace(look.filters, **changed))


def _kept(look: Look) -> tuple[tuple[str, str], ...]:
    """What the address says beside filters: measure and dimension, search and order; the list begins anew."""
    query = parse_qsl(look.address.partition("?")[2], keep_blank_values=True)
    return tuple((name, text) for name, text in query if name not in (*NAMES, "page") and text)


def _address(look: Look, filters: Filters) -> str:
    query = "&".join(part for part in (query_of(filters), urlencode(_kept(look))) if part)
    return f"{_path(look)}?{query}" if query else _path(look)


def _path(look: Look) -> str:
    return look.address.partition("?")[0]
