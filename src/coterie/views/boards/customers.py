"""The customers one by one: the list with search and order, and the history of one of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from coterie.profiles.contract import BORDER
from coterie.views import format as say
from coterie.views.boards.query import address_of, pairs_of
from coterie.views.segments import amount
from coterie.views.tokens import slot

if TYPE_CHECKING:
    from coterie.explore.contract import Customer, Event
    from coterie.profiles.contract import SegmentProfile
    from coterie.views.boards.contract import Look, Search
    from coterie.views.contract import Drawings

COLUMNS = (
    ("customer_id", "Customer", True),
    ("segment", "Segment", True),
    ("city", "City", False),
    ("gender", "Gender", False),
    ("coupons", "Coupons", True),
    ("burnt", "Burnt", True),
    ("last_claimed", "Last claim", True),
    ("orders", "Orders", True),
    ("sales", "Sales", True),
    ("last_ordered", "Last order", True),
    ("margin", "Margin", True),
)
"""Field of `Customer`, head, and whether the list can be put in its order."""
ID, NAME = 80, 45
"""Letters of an id and of a name that are shown; the middle of longer ones is left out."""

KINDS = {
    "claimed": "Coupon claimed",
    "burnt": "Coupon burnt",
    "expired": "Coupon expired",
    "order": "Bought",
    "return": "Returned",
    "free": "Free item",
}


@dataclass(frozen=True)
class Head:
    """Head of a column: where it can be put in order, the address that does, and which way it is now."""

    name: str
    label: str
    address: str
    order: str


@dataclass(frozen=True)
class Row:
    """One customer, printed; `href` is the page of the customer, empty without raw tables."""

    customer_id: str
    href: str
    segment: int
    css: str
    name: str
    cells: tuple[tuple[str, str, bool], ...]


def customers(look: Look, drawings: Drawings) -> Mapping[str, Any]:
    """One page of the list, its heads, its neighbours and where it can be downloaded."""
    found = look.customers
    rows = found.rows if found is not None else ()
    shown = [entry for entry in COLUMNS if entry[0] in ("customer_id", "segment") or _told(rows, entry[0])]
    total, page, pages = (found.total, found.page, found.pages) if found else (0, 1, 1)
    return {
        "title": _title(look, total),
        "heads": tuple(_head(look, name, label, sortable=sortable) for name, label, sortable in shown),
        "rows": tuple(_row(look, one, [entry[0] for entry in shown[2:]]) for one in rows),
        "page": page,
        "pages": pages,
        "before": _at(look, replace(look.search, page=page - 1)) if page > 1 else "",
        "after": _at(look, replace(look.search, page=page + 1)) if page < pages else "",
        "said": f"Page {say.count(page)} of {say.count(pages)}",
        "csv": _file(look, "csv"),
        "parquet": _file(look, "parquet"),
        "search": look.search,
        "kept": _kept(look),
        "live": look.live,
    }


def customer(look: Look, drawings: Drawings) -> Mapping[str, Any]:
    """One customer: where they belong and how surely, what they add up to, what they did."""
    history = look.history
    if history is None:
        return {"title": "This customer is not in the data", "facts": (), "events": (), "why": "", "more": "",
                "segment": None, "css": "none", "name": ""}  # fmt: skip
    one = history.customer
    profile = _profile(look, one.segment)
    left = history.total - len(history.events)
    return {
        "title": f"Customer {say.shortened(one.customer_id, ID)}",
        "segment": one.segment,
        "css": slot(one.segment),
        "name": profile.name if profile else f"Segment {one.segment}",
        "why": _why(one, profile, by_centre=look.result.settings.algorithm in ("k-means", "ward")),
        "facts": _facts(look, one, history.join_date),
        "events": tuple(_event(look, event) for event in history.events),
        "more": f"{say.count(left)} older events are not shown." if left else "",
        "none": "No event is known of this customer." if look.live else "Start with --data to see what they did.",
    }


def _title(look: Look, total: int) -> str:
    people = say.plural(total, "customer")
    which = f" with “{say.shortened(look.search.text, 40)}”" if look.search.text else ""
    return f"{people}{which}{' in these filters' if look.filters.any else ''}"


def _told(rows: tuple[Customer, ...], name: str) -> bool:
    return any(getattr(row, name) is not None for row in rows)


def _head(look: Look, name: str, label: str, *, sortable: bool) -> Head:
    search = look.search
    now = search.sort == name
    order = ("descending" if search.descending else "ascending") if now else ""
    turned = replace(search, sort=name, descending=now and not search.descending, page=1)
    return Head(name, label, _at(look, turned) if sortable and look.live else "", order)


def _row(look: Look, one: Customer, names: list[str]) -> Row:
    profile = _profile(look, one.segment)
    name = profile.name if profile else f"Segment {one.segment}"
    heads = {field: label for field, label, _ in COLUMNS}
    cells = tuple((heads[field], _cell(look, one, field), field in ("city", "gender")) for field in names)
    href = f"/customers/{_quoted(one.customer_id)}" if look.live else ""
    return Row(say.shortened(one.customer_id, ID), href, one.segment, slot(one.segment), name, cells)


def _cell(look: Look, one: Customer, name: str) -> str:
    value = getattr(one, name)
    if value is None:
        return say.NOTHING
    if name in ("last_claimed", "last_ordered"):
        return say.date(value)
    if name == "sales":
        return amount(look.result, value)
    if name == "margin":
        return say.score(value)
    return say.count(value) if isinstance(value, int) else say.shortened(str(value), NAME)


def _why(one: Customer, profile: SegmentProfile | None, *, by_centre: bool) -> str:
    """Why they are in this segment, and how surely."""
    if one.segment < 0:
        return "Fits no group: far from what every segment has in common."
    if one.segment == 0:
        return "Never active: without any event there is nothing to place them by."
    text = profile.rule.text if profile is not None and profile.rule is not None else ""
    rule = f"The segment in plain words: {say.sentence(say.lower_first(text))}" if text else ""
    if one.margin is None:
        return rule
    sure = "close to the border with another segment" if one.margin < BORDER else "well inside"
    how = "Nearest to the centre of this segment" if by_centre else "Placed by the rule of the algorithm"
    return f"{how}, {sure} (margin {say.score(one.margin)}; 0 is the border). {rule}"


def _facts(look: Look, one: Customer, joined: Any) -> tuple[tuple[str, str], ...]:
    facts = [(label, _cell(look, one, name)) for name, label, _ in COLUMNS[2:-1] if getattr(one, name) is not None]
    return (*facts, *([("Joined", say.date(joined))] if joined else []))


def _event(look: Look, event: Event) -> tuple[str, str, str, str, str]:
    where = " · ".join(say.shortened(text, NAME) for text in (event.merchant, event.branch) if text)
    kind = KINDS.get(event.kind, event.kind)
    if event.kind == "burnt" and event.burnt_on is not None:
        kind = f"{kind} on {say.date(event.burnt_on)}"
    money = amount(look.result, event.amount) if event.amount is not None else ""
    return say.date(event.day), kind, say.shortened(event.what or "", 2 * NAME), where, money


def _profile(look: Look, segment: int) -> SegmentProfile | None:
    return next((one for one in look.result.profiles.segments if one.segment == segment), None)


def _at(look: Look, search: Search) -> str:
    sort = "" if search.sort == "customer_id" else search.sort
    page = search.page if search.page > 1 else None
    asked = {"text": search.text, "sort": sort, "descending": search.descending, "page": page}
    return address_of("/customers", look.filters, **asked)


def _file(look: Look, ending: str) -> str:
    return address_of(f"/customers.{ending}", look.filters, text=look.search.text)


def _kept(look: Look) -> tuple[tuple[str, str], ...]:
    """What a new search leaves as it is: filters and order, as names and values of the address."""
    return pairs_of(look.filters, sort=look.search.sort, descending=look.search.descending)


def _quoted(text: str) -> str:
    return quote(text, safe="")
