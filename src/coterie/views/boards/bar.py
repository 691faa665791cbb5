"""The bar of filters: what may be chosen, what is chosen, how many customers are left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from coterie.explore.contract import NAME_OF, Filters, Option
from coterie.views import format as say
from coterie.views.boards.query import FIND, NAMES, address_of

if TYPE_CHECKING:
    from coterie.explore.contract import Found
    from coterie.views.boards.contract import Board, Look

LISTED = 50
"""Values of a filter that are listed, most frequent first; the others are found by a text."""
FEW = 12
"""Values that are overlooked at once: of more, one can be looked for."""
LETTERS = 64
"""Of a value that are shown; names that differ at their end stay apart."""


NONE = "no value"


@dataclass(frozen=True)
class Choice:
    """One box to tick."""

    value: str
    label: str
    count: str
    chosen: bool


@dataclass(frozen=True)
class Filter:
    """One filter: its boxes, and in words what is chosen.

    Attributes:
        choices: Those that are listed, or that the text finds; what is chosen besides comes first.
        more: What is not listed, or not found.
        without: The address with this filter cleared.
        find: The text looked for; None where there are few values.
    """

    name: str
    label: str
    said: str
    active: bool
    choices: tuple[Choice, ...]
    more: str
    without: str
    find: str | None = None


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
    filters = tuple(filter_of(name, look) for name in offered)
    days = _days(look) if "since" in board.filters and look.live else None
    if not filters and days is None:
        return None
    return Bar(filters, days, _found(look), _address(look, Filters()), look.filters.any, _kept(look))


def filter_of(name: str, look: Look) -> Filter:
    """One filter: what is listed of it, or what the text finds that is looked for."""
    options, chosen = look.choices.values[name], tuple(str(value) for value in getattr(look.filters, name))
    others = look.choices.others.get(name, 0)
    text, found = look.find.get(name, ("", None))
    known = {option.value: option for option in options}
    shown = found.options if found is not None else options[:LISTED]
    listed = {option.value for option in shown}
    # What is chosen stays to be seen, and to be cleared, also where it is rare or in no row at all.
    kept = [known.get(value) or Option(value, value or NONE, 0) for value in sorted(set(chosen) - listed)]
    param = NAME_OF[name]
    label = param.capitalize()
    left = found.others if found is not None else len(options) + others - len(shown)
    return Filter(
        param,
        label,
        _said(known, chosen, len(options) + others),
        bool(chosen),
        tuple(_choice(one, chosen) for one in (*kept, *shown)),
        _more(left, found),
        _without(look, name, ()),
        text if len(options) + others > FEW else None,
    )


def _choice(one: Option, chosen: Sequence[str]) -> Choice:
    return Choice(one.value, say.shortened(one.label, LETTERS), say.count(one.count), one.value in chosen)


def _more(left: int, found: Found | None) -> str:
    """What is not listed."""
    if found is not None and not found.options:
        return "Nothing is called so."
    if not left:
        return ""
    rest = f"{say.count(left)} more" if found is not None else say.plural(left, "rarer one")
    return f"and {rest}: type more of the name" if found is not None else f"and {rest}: type part of a name above"


def _said(known: Mapping[str, Option], chosen: Sequence[str], of: int) -> str:
    """In words: "All 293", the one that is chosen, or "Giza and 2 more"."""
    if not chosen:
        return f"All {say.count(of)}"
    labels = [option.label for value, option in known.items() if value in chosen]
    labels += sorted(value or NONE for value in chosen if value not in known)
    first = say.shortened(labels[0], 34)
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
    return tuple((name, text) for name, text in query if name not in (*NAMES, *FIND, "page") and text)


def _address(look: Look, filters: Filters) -> str:
    """The address of this page in other filters; what else it says stays."""
    kept: dict[str, list[str]] = {}
    for name, text in _kept(look):
        kept.setdefault(name, []).append(text)
    return address_of(look.address.partition("?")[0], filters, **kept)
