"""The part of an address after "?": written into links by the pages, read by the server."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import get_args
from urllib.parse import urlencode

from coterie.errors import UsageError
from coterie.explore.contract import FIELDS, DimensionName, Filters, MeasureName, check_sort
from coterie.metrics.contract import Period
from coterie.views import format as say
from coterie.views.boards.contract import Search

TEXTS: Mapping[str, str] = {name: field for name, field in FIELDS.items() if name != "segment"}
"""Name in the address -> field of `Filters`, of those whose values are texts."""

NAMES = ("segment", *TEXTS, "since", "until")
"""Names of the filters, in the order in which they are written."""

FIND: Mapping[str, str] = {f"find-{name}": field for name, field in TEXTS.items()}
"""Name in the address of what is looked for among the values of a filter -> field of `Filters`."""

SEARCH = ("text", "sort", "descending", "page")
"""Names of how the customer list is looked at."""

MEASURED = ("measure", "by", "over")
"""Names of the measure and the dimension of the metrics page, and of what they are told over."""

PERIOD = "period"
"""Name of the period by which retention is told."""

TRIED = "k"
"""Name of the number of segments to be tried."""

COMPARE = "compare"
"""Name of the segments to be shown side by side."""

MOST_VALUES = 500
"""Values in one address; whoever ticks more means all of them."""

LONGEST = 500
"""Characters of one value."""

Params = Iterable[tuple[str, str]]
"""Name and value as they come in the address, a name as often as it has values."""


def filters_of(params: Params, *, others: Iterable[str] = ()) -> Filters:
    """The filters that an address asks for; `others` are names in it that mean something else to the page.

    An empty text stands for an empty cell (`UNKNOWN`); an empty number or day, as a form sends it, for none. Values
    that nobody has are no error.

    Raises:
        UsageError: A name is unknown, or a value is no number, no day or too long.

    Example:
        >>> filters_of([("segment", "2"), ("city", "Giza"), ("since", "2024-01-01")])
        Filters(segments=(2,), cities=('Giza',), ..., since=datetime.date(2024, 1, 1), until=None)
    """
    found = _collected(params, (*NAMES, *FIND, *others))
    days = {name: _day(name, found.get(name, [])) for name in ("since", "until")}
    if days["since"] and days["until"] and days["since"] > days["until"]:
        raise UsageError(f"The days end, on {days['until']}, before they begin, on {days['since']}. Swap them.")
    texts = {field: tuple(dict.fromkeys(found.get(name, []))) for name, field in TEXTS.items()}
    segments = _segments("segment", found.get("segment", []))
    return Filters(segments=segments, since=days["since"], until=days["until"], **texts)


def find_of(params: Params) -> Mapping[str, str]:
    """Field of `Filters` -> what is looked for among its values."""
    given = _collected(params, None)
    texts = {field: _once(name, given.get(name, [])).strip() for name, field in FIND.items()}
    return {field: text for field, text in texts.items() if text}


def without_effect(asked: Filters, known: Filters) -> tuple[str, ...]:
    """The sentence that names what an address asks for and the page does not know; none where it knows all.

    Example:
        >>> without_effect(Filters(cities=("Giza",), since=dt.date(2024, 1, 1)), Filters())
        ('Cities and days do not narrow this page.',)
    """
    names = [one.name for one in fields(asked) if getattr(asked, one.name) != getattr(known, one.name)]
    words = list(dict.fromkeys("days" if name in ("since", "until") else name for name in names))
    return (f"{say.upper_first(say.listing(words))} do not narrow this page.",) if words else ()


def compare_of(params: Params) -> tuple[int, ...]:
    """The segments to be shown side by side; empty for all. Raises UsageError for what is no segment's number."""
    return _segments(COMPARE, [value for name, value in params if name == COMPARE])


def measure_of(params: Params) -> tuple[MeasureName | None, DimensionName | None]:
    """The measure and the dimension that the metrics page is to show; None for what is not chosen.

    Raises:
        UsageError: There is no such measure or dimension.
    """
    measure, dimension = (_once(name, [value for one, value in params if one == name]) for name in MEASURED[:2])
    if measure and measure not in get_args(MeasureName):
        raise UsageError(f"{_shown(measure)} is not measured. Use one of {', '.join(get_args(MeasureName))}.")
    if dimension and dimension not in get_args(DimensionName):
        raise UsageError(f"Nothing is told by {_shown(dimension)}. Use one of {', '.join(get_args(DimensionName))}.")
    return measure or None, dimension or None  # type: ignore[return-value] # looked up above


def over_time(params: Params) -> bool:
    """Whether the measure is to be told over time. Raises UsageError for what it cannot be told over."""
    text = _once("over", [value for name, value in params if name == "over"])
    if text not in ("", "month"):
        raise UsageError(f"Nothing is told over {_shown(text)}. Use month, or leave it out.")
    return bool(text)


def tried_of(params: Params) -> int | None:
    """The number of segments to be tried; None where none is asked for. Raises UsageError for what cannot be tried."""
    text = _once(TRIED, [value for name, value in params if name == TRIED])
    if text and not re.fullmatch(r"[2-9]|10", text):
        raise UsageError(f"k={_shown(text)} cannot be tried here. Use a whole number from 2 to 10.")
    return int(text) if text else None


def period_of(params: Params) -> Period | None:
    """The period by which retention is to be told; None where none is chosen. Raises UsageError for an unknown one."""
    text = _once(PERIOD, [value for name, value in params if name == PERIOD])
    if text and text not in get_args(Period):
        raise UsageError(f"Retention is not told by {_shown(text)}. Use one of {', '.join(get_args(Period))}.")
    return text or None  # type: ignore[return-value] # looked up above


def search_of(params: Params) -> Search:
    """How the customer list is to be looked at.

    Raises:
        UsageError: The order or the page is none that there could be.

    Example:
        >>> search_of([("text", "ann"), ("sort", "sales"), ("descending", "1")])
        Search(text='ann', sort='sales', descending=True, page=1)
    """
    found = {name: _once(name, values) for name, values in _collected(params, None).items() if name in SEARCH}
    sort = found.get("sort") or "customer_id"
    check_sort(sort)
    descending = found.get("descending") or "0"
    if descending not in ("0", "1"):
        raise UsageError(f"descending={_shown(descending)} says neither yes nor no. Use 1 or 0.")
    page = found.get("page") or "1"
    if not re.fullmatch(r"[1-9][0-9]{0,8}", page):
        raise UsageError(f"page={_shown(page)} is no page. Use a whole number from 1.")
    return Search(found.get("text", ""), sort, descending == "1", int(page))


def address_of(path: str, filters: Filters, /, **more: object) -> str:
    """The address of a page in these filters; `more` as in `pairs_of`.

    Example:
        >>> address_of("/customers", Filters(segments=(1,)), sort="sales", text="")
        '/customers?segment=1&sort=sales'
    """
    query = query_of(filters, **more)
    return f"{path}?{query}" if query else path


def query_of(filters: Filters, /, **more: object) -> str:
    """What `filters_of` reads as these filters, without the "?"; "" where nothing is left out. `more` as in `pairs_of`.

    Example:
        >>> query_of(Filters(segments=(1, 2), cities=("Gizeh & Kairo",)), page=3, text="")
        'segment=1&segment=2&city=Gizeh+%26+Kairo&page=3'
    """
    return urlencode(pairs_of(filters, **more))


def pairs_of(filters: Filters, /, **more: object) -> tuple[tuple[str, str], ...]:
    """Name and value of all that `query_of` writes, as hidden fields of a form give them too.

    `more` are further names: a tuple gives each of its values, True is 1, and what is None, False or "" is left out.

    Example:
        >>> pairs_of(Filters(cities=("Giza", "")), descending=True)
        (('city', 'Giza'), ('city', ''), ('descending', '1'))
    """
    pairs: list[tuple[str, str]] = [("segment", str(number)) for number in filters.segments]
    pairs += [(name, value) for name, field in TEXTS.items() for value in getattr(filters, field)]
    days = (("since", filters.since), ("until", filters.until))
    pairs += [(name, day.isoformat()) for name, day in days if day is not None]
    for name, value in more.items():
        values = value if isinstance(value, tuple | list) else (value,)
        pairs += [(name, "1" if one is True else str(one)) for one in values if one not in (None, False, "")]
    return tuple(pairs)


def _collected(params: Params, known: Iterable[str] | None) -> dict[str, list[str]]:
    """Name -> its values; every name must be known, unless all are."""
    names = None if known is None else tuple(known)
    found: dict[str, list[str]] = {}
    for place, (name, value) in enumerate(params):
        if place >= MOST_VALUES:
            raise UsageError(f"The address has more than {MOST_VALUES} values. Leave a filter out to choose all of it.")
        if names is not None and name not in names:
            raise UsageError(f"The address asks for {_shown(name)}, which is no filter. Use {', '.join(NAMES)}.")
        if len(value) > LONGEST:
            raise UsageError(f"A value of {_shown(name)} has {len(value):,} characters. Use at most {LONGEST}.")
        if "\0" in value:
            raise UsageError(f"A value of {_shown(name)} holds a character that no text has. Leave it out.")
        found.setdefault(name, []).append(value)
    return found


def _segments(name: str, values: Iterable[str]) -> tuple[int, ...]:
    """Numbers of segments, each once, in the order asked for."""
    numbers = []
    for value in values:
        if value and not re.fullmatch(r"-1|[0-9]{1,6}", value):
            raise UsageError(
                f"{name}={_shown(value)} is no segment. Use its number: 1 and up, 0 for those never active, -1 for "
                "those who fit no group."
            )
        numbers += [int(value)] if value else []
    return tuple(dict.fromkeys(numbers))


def _day(name: str, values: list[str]) -> dt.date | None:
    text = _once(name, values)
    if not text:
        return None
    try:
        # Other forms that Python reads, such as 20240101, would make two addresses of one page.
        return dt.date.fromisoformat(text if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text) else "")
    except ValueError:
        raise UsageError(f"{name}={_shown(text)} is no day. Write it as 2024-01-31.") from None


def _once(name: str, values: list[str]) -> str:
    if len(values) > 1:
        raise UsageError(f"The address has {name} {len(values)} times. Give it once.")
    return values[0] if values else ""


def _shown(text: str) -> str:
    """A text from the address, short and in quotes."""
    return repr(text if len(text) <= 40 else f"{text[:40]}…")
