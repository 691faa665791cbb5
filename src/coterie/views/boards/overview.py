"""The first page: the verdict, the figures of now beside those of before, the segments, what to do first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from coterie.views import format as say
from coterie.views.boards.measures import SAME, days_to_burn
from coterie.views.boards.parts import parts
from coterie.views.pages.sales import Tile
from coterie.views.terms import anchor

if TYPE_CHECKING:
    from coterie.explore.contract import Compared, Figures
    from coterie.views.boards.contract import Look
    from coterie.views.contract import Drawings

WHOLE = "Verdict, segments and sizes below are of all customers of the run, whatever is filtered."


def overview(look: Look, drawings: Drawings) -> Mapping[str, Any]:
    """Verdict and questions of the run; with raw tables the figures of the days looked at, against those before."""
    compared = look.compared
    opening = parts(look, drawings, "opening")[0]
    return {
        "opening": opening[1],
        "tiles": _tiles(look, compared) if compared else (),
        "period": _period(look, compared) if compared else "",
        "parts": parts(look, drawings, "segments", "size"),
        "note": WHOLE if look.filters.any else "",
    }


def _period(look: Look, compared: Compared) -> str:
    days = (compared.until - compared.since).days + 1
    where = "In these filters, " if look.filters.any else ""
    now = f"{where}{say.dates(compared.since, compared.until)} ({say.plural(days, 'day')})"
    if compared.before is None:
        return f"{now}. The data do not reach back to as many days before."
    return f"{now}, change against the {say.plural(days, 'day')} before."


def _tiles(look: Look, compared: Compared) -> tuple[Tile, ...]:
    now, before, currency = compared.now, compared.before, look.result.profiles.currency
    ripe = _ripe(look, compared)
    unripe = "" if ripe or not now.coupons else "so far: many of them may still be burnt"
    tiles = [
        _tile("Active customers", "Active customer", now.active, before, "active"),
        _tile("Coupons claimed", "Coupons (transactions)", now.coupons, before, "coupons"),
        _tile("Of these burnt", "Burnt", now.burnt, before if ripe else None, "burnt", unripe),
        _rate(now, before if ripe else None, unripe),
        _tile("Orders", "Order, customer who bought", now.orders, before, "orders"),
        _money("Sales", "Sales, returns, revenue", now.sales, before, "sales", currency),
        _money("Average order value", "Average order value (AOV)", now.aov, before, "aov", currency),
    ]
    return tuple(tile for tile in tiles if tile is not None)


def _ripe(look: Look, compared: Compared) -> bool:
    """Whether the youngest coupons looked at have had the time in which most burns come.

    Younger ones beside older ones would look as if customers burnt less than before.
    """
    return (look.choices.last_day - compared.until).days >= days_to_burn(look.result)


def _tile(
    label: str, term: str, value: int | None, before: Figures | None, name: str, otherwise: str = ""
) -> Tile | None:
    if value is None:
        return None
    return Tile(label, anchor(term), say.count(value), _change(value, before, name, say.count) or otherwise)


def _money(
    label: str, term: str, value: float | None, before: Figures | None, name: str, currency: str | None
) -> Tile | None:
    if value is None:
        return None
    return Tile(
        label,
        anchor(term),
        say.money(value, currency),
        _change(value, before, name, lambda number: say.money(number, currency)),
    )


def _rate(now: Figures, before: Figures | None, otherwise: str) -> Tile | None:
    if now.burn_rate is None:
        return None
    then = before.burn_rate if before is not None else None
    line = otherwise if then is None else f"{say.share(then, 1)} before"
    return Tile("Burn rate", anchor("Burn rate"), say.share(now.burn_rate, 1), line)


def _change(value: float, before: Figures | None, name: str, said: Any) -> str:
    """As in "12% more than 1,204 before"; nothing where there is nothing to compare with."""
    then = getattr(before, name) if before is not None else None
    if then is None:
        return ""
    if not then:
        return f"{said(0)} before"
    change = value / then - 1
    if abs(change) < SAME:
        return f"as before ({said(then)})"
    return f"{say.share(abs(change))} {'more' if change > 0 else 'less'} than {said(then)} before"
