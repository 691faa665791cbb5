"""The segments in the filters: how many customers of each are left, and what these add up to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

from coterie.views import format as say
from coterie.views.boards.query import address_of
from coterie.views.pages.sales import Tile
from coterie.views.shop import FEW, said
from coterie.views.terms import anchor
from coterie.views.tokens import slot

if TYPE_CHECKING:
    from coterie.explore.contract import Figures
    from coterie.profiles.contract import SegmentProfile
    from coterie.views.boards.contract import Look

OF_RUN = "What stands below is of all customers of the run, whatever is filtered."
LUCK = 0.05
"""How often, at most, luck alone may put any of the segments off its usual share: each has its part of it (Bonferroni).

The title names the one that is furthest off, so that a limit made for a single one would find too many.
"""

_HEADS = (
    ("active", "Active", "Active customer"),
    ("coupons", "Coupons", "Coupons (transactions)"),
    ("burn_rate", "Burn rate", "Burn rate"),
    ("orders", "Orders", "Order, customer who bought"),
    ("sales", "Sales", "Sales, returns, revenue"),
    ("aov", "Average order", "Average order value (AOV)"),
)
"""Field of `Figures`, head, term."""


@dataclass(frozen=True)
class Row:
    """One segment, printed; `segment` is None for all together. `customers` leads to their list where it leads."""

    segment: int | None
    css: str
    name: str
    customers: str
    of: str
    people: str
    share: str
    usual: str
    cells: tuple[tuple[str, str], ...]


def in_filters(look: Look) -> Mapping[str, Any] | None:
    """Every segment with what the filters let through of it; None without filters or raw tables."""
    found, whole = look.by_segment, look.figures
    if found is None or whole is None:
        return None
    heads = tuple(one for one in _HEADS if getattr(whole, one[0]) is not None)
    profiles = {one.segment: one for one in look.result.profiles.segments if one.segment is not None}
    rows = tuple(_row(look, profile, found[number], heads) for number, profile in profiles.items() if number in found)
    left = f"{say.count(whole.customers)} of {say.plural(whole.of, 'customer')}"
    return {
        "title": _title(look, found, whole),
        "lead": f"{left} {'is' if whole.customers == 1 else 'are'} in the filters. {OF_RUN}",
        "heads": tuple((label, anchor(term)) for _, label, term in heads),
        "rows": (_row(look, None, whole, heads), *rows) if whole.customers else (),
        "note": "Segments with too few customers in the filters are left out." if len(rows) < len(profiles) else "",
    }


def tiles_of_segment(look: Look) -> tuple[Tile, ...]:
    """The figures of one segment in the filters; nothing without filters or raw tables."""
    found, whole = look.by_segment, look.figures
    if look.segment is None or found is None or whole is None or look.segment not in found:
        return ()
    own = found[look.segment]
    first = Tile("Customers", anchor("Segment"), say.count(own.customers), f"of {say.count(own.of)}")
    told = [(name, label, term) for name, label, term in _HEADS if getattr(own, name) is not None]
    return (first, *(_tile(look, one, own, whole) for one in told))


def _tile(look: Look, head: tuple[str, str, str], own: Figures, whole: Figures) -> Tile:
    """Ratios beside those of all customers in the filters, counts as a part of theirs."""
    name, label, term = head
    value, all_of_it = getattr(own, name), getattr(whole, name)
    line = ""
    if name in ("burn_rate", "aov") and all_of_it is not None:
        line = f"{_cell(look, name, all_of_it)} of all in these filters"
    elif all_of_it:
        line = f"{say.share(value / all_of_it)} of all in these filters"
    return Tile(label, anchor(term), _cell(look, name, value), line)


def _title(look: Look, found: Mapping[int, Figures], whole: Figures) -> str:
    """Which segment is furthest from its usual share, among those that are off it by more than luck."""
    if not whole.customers:
        return "Nobody is left in these filters"
    apart, errors = [], NormalDist().inv_cdf(1 - LUCK / 2 / max(len(found), 1))
    for number, one in found.items():
        share, usual = one.customers / whole.customers, one.of / whole.of
        error: float = (usual * (1 - usual) / whole.customers) ** 0.5
        if abs(share - usual) > errors * error and say.share(share) != say.share(usual):
            apart.append((abs(share - usual), number, share, usual))
    if whole.customers < FEW:
        return f"{say.plural(whole.customers, 'customer')} in these filters"
    if not apart:
        return "Segments are about as large in these filters as among all customers"
    _, number, share, usual = max(apart)
    name = say.upper_first(said(look.result, number))
    return f"{name}: {say.share(share)} of these customers, {say.share(usual)} of all"


def _row(look: Look, profile: SegmentProfile | None, one: Figures, heads: tuple[tuple[str, str, str], ...]) -> Row:
    these, everybody = (look.figures.customers, look.figures.of) if look.figures is not None else (0, 0)
    number = profile.segment if profile is not None else None
    filters = look.filters if number is None else replace(look.filters, segments=(number,))
    return Row(
        segment=number,
        css="none" if number is None else slot(number),
        name=profile.name if profile is not None else "These customers",
        customers=say.count(one.customers),
        of=f"of {say.count(one.of)}",
        people=address_of("/customers", filters) if one.customers and not look.private else "",
        share=say.share(one.customers / these) if these else say.NOTHING,
        usual=f"· {say.share(one.of / everybody)} of all" if number is not None and everybody else "",
        cells=tuple((label, _cell(look, name, getattr(one, name))) for name, label, _ in heads),
    )


def _cell(look: Look, name: str, value: float | None) -> str:
    if value is None:
        return say.NOTHING
    if name in ("sales", "aov"):
        return say.money(value, look.result.profiles.currency)
    return say.share(value, 1) if name == "burn_rate" else say.count(value)
