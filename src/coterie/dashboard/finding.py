"""What filters list beyond their most frequent values: what is chosen, and what is looked for by a text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from coterie.dashboard.answers import NotAnswered
from coterie.dashboard.looking import bare_look
from coterie.dashboard.private import without_rare, without_rare_found
from coterie.explore.contract import FIELDS, Choices, Filters, Found

if TYPE_CHECKING:
    from coterie.dashboard.opened import Opened
    from coterie.explore import Shop
    from coterie.views import Look


def with_options(opened: Opened, look: Look, find: Mapping[str, str]) -> Look:
    """The page with the names of what is chosen, however rare, and with the values that each text finds."""
    shop = opened.live_shop
    if shop is None:
        return look
    wanted = {name: text for name, text in find.items() if name in look.choices.values}
    found = {name: (text, _found(opened, shop, name, text)) for name, text in wanted.items()}
    return replace(look, choices=_with_chosen(opened, shop, look.choices, look.filters), find=found)


def options_look(opened: Opened, name: str, filters: Filters, find: Mapping[str, str], address: str) -> Look:
    """What the list of one filter shows. Raises NotAnswered where there is no such filter."""
    look = replace(bare_look(opened, address), filters=filters)
    if FIELDS.get(name) not in look.choices.values:
        raise NotAnswered(404, f"There is no filter {name[:40]!r} with values to choose from here.")
    return with_options(opened, look, {field: text for field, text in find.items() if field == FIELDS[name]})


def _found(opened: Opened, shop: Shop, name: str, text: str) -> Found:
    found = opened.ask(lambda: shop.found(name, text))
    return without_rare_found(found) if opened.private else found


def _with_chosen(opened: Opened, shop: Shop, choices: Choices, filters: Filters) -> Choices:
    chosen = opened.ask(lambda: shop.chosen(filters))
    known = {name: (*choices.values[name], *options) for name, options in chosen.items() if name in choices.values}
    others = {name: count - len(chosen.get(name, ())) for name, count in choices.others.items()}
    found = replace(choices, values={**choices.values, **known}, others=others)
    return without_rare(found) if opened.private and known else found
