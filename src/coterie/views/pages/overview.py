"""The segments side by side: size and averages, who they are made of, how they behave."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from coterie.views import format as say
from coterie.views.charts.mixes import UNKNOWN, mix_of
from coterie.views.segments import amount, coupons_each, names, orders_only, sales_each, with_coupons, with_orders

if TYPE_CHECKING:
    from coterie.profiles.contract import SegmentProfile
    from coterie.views.contract import Drawings, Drawn, ReportInput


def size(result: ReportInput, drawings: Drawings) -> Mapping[str, Any] | None:
    """Segment sizes and what a customer of each holds on average."""
    charts = drawings["sizes"] + drawings["averages"]
    if not charts:
        return None
    if orders_only(result):
        return {"title": _orders_title(result), "charts": charts}
    profiles = with_coupons(result)
    if len(profiles) < 2:
        return {"title": "How many, and what they hold", "charts": charts}
    low, high = min(profiles, key=coupons_each), max(profiles, key=coupons_each)
    text = f"From {say.plain(coupons_each(low), 1)} to {say.plain(coupons_each(high), 1)} coupons a customer"
    return {"title": text, "charts": charts}


def _orders_title(result: ReportInput) -> str:
    """How far sales per customer lie apart."""
    profiles = with_orders(result)
    if len(profiles) < 2:
        return "How many, and what they buy"
    low, high = (pick(profiles, key=sales_each) for pick in (min, max))
    amounts = [amount(result, sales_each(one)) for one in (low, high)]
    if amounts[0] == amounts[1]:
        return f"{amounts[0]} of sales a customer in every segment"
    return f"From {' to '.join(amounts)} of sales a customer"


def people(result: ReportInput, drawings: Drawings) -> Mapping[str, Any] | None:
    """Gender and city; a dimension with nothing to compare gets its sentence instead of a picture."""
    charts: list[Drawn] = []
    notes: list[str] = []
    for dimension in ("gender", "city"):
        mix = mix_of(result.profiles.all, dimension)
        if mix is None:
            continue
        drawn = next(iter(drawings[dimension]), None)
        if drawn is not None:
            charts.append(drawn)
        else:
            notes.append(mix.note or f"{mix.label} has one value only: nothing to compare.")
    if not charts and not notes:
        return None
    return {"title": _people_title(result), "charts": charts, "notes": notes}


def _people_title(result: ReportInput) -> str:
    """The dimension that stands out and where; else that none does, or that it is mostly unknown."""
    everyone = (mix_of(result.profiles.all, dimension) for dimension in ("gender", "city"))
    compared = [mix for mix in everyone if mix is not None and len(mix.rows) > 1]
    if not compared or len(result.profiles.segments) < 2:
        return "Gender and city"
    leading = {mix.label: found for mix in compared if (found := _leaders(result, mix.dimension))}
    if leading:
        label, found = next(iter(leading.items()))
        where = names(found[:3]) if len(found) <= 3 else f"{say.word(len(found))} segments"
        if len(leading) > 1:
            return f"{say.upper_first(say.listing([one.lower() for one in leading]))} stand out in some segments"
        return f"{label} stands out in {where}"
    vague = [(mix, row) for mix in compared for row in mix.rows if row.value == UNKNOWN and row.share > 0.5]
    if vague and len(vague) == len(compared):
        mix, row = vague[0]
        return f"{mix.label} is unknown for {say.share(row.share)} of customers"
    which = say.upper_first(say.listing([mix.label.lower() for mix in compared]))
    return f"{which}: no segment stands out"


def _leaders(result: ReportInput, dimension: str) -> list[SegmentProfile]:
    """The segments in which a value of that dimension stands out beyond chance."""
    found = ((one, mix_of(one, dimension)) for one in result.profiles.segments)
    return [one for one, mix in found if mix is not None and any(row.leads for row in mix.rows)]


def behaviour(result: ReportInput, drawings: Drawings) -> Mapping[str, Any] | None:
    """Frequency against burn rate, or orders against their value, in cells, and the contrasts of all features."""
    small, bought, heat = drawings["density"], drawings["orders-density"], drawings["contrasts"]
    if not small and not bought and not heat:
        return None
    return {
        "title": _orders_density_title(result) if orders_only(result) else _density_title(result),
        "density": small,
        "bought": bought,
        "contrasts": heat,
    }


def _orders_density_title(result: ReportInput) -> str:
    """How many of those who bought did so once."""
    once = result.profiles.all.one_time_share
    if not once:
        return "How often they order, for how much"
    if once == 1:
        return "Nobody has ordered twice yet"
    who = say.one_in(once, "buyer") if once >= 0.3 else f"{say.share(once)} of buyers"
    return f"{say.upper_first(who)} {'has' if who.startswith('one ') else 'have'} ordered once"


def _density_title(result: ReportInput) -> str:
    cells = result.profiles.density
    total = sum(cell.customers for cell in cells)
    # The lowest cells hold everybody who burns nothing or next to nothing.
    low = sum(cell.customers for cell in cells if cell.y0 <= 0)
    if total == 0 or low == 0 or result.profiles.all.burnt == 0:
        return "How often they claim, how much they burn"
    top = max(cell.y1 for cell in cells if cell.y0 <= 0)
    part = low / total
    who = say.one_in(part) if part >= 1 / 3 else f"{say.share(part)} of customers"
    verb = "burns" if who.startswith("one ") else "burn"
    return f"{say.upper_first(who)} {verb} less than {say.share(top)} of their coupons"
