"""The segments side by side: size and averages, who they are made of, how they behave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from coterie.views import format as say
from coterie.views.charts.mixes import UNKNOWN, chosen, compared, label_of, leaders
from coterie.views.segments import amount, names, orders_only, with_coupons, with_orders

if TYPE_CHECKING:
    from coterie.profiles.contract import Mix
    from coterie.views.contract import Drawings, ReportInput


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
    low, high = min(profiles, key=lambda one: one.coupons_each), max(profiles, key=lambda one: one.coupons_each)
    text = f"From {say.plain(low.coupons_each, 1)} to {say.plain(high.coupons_each, 1)} coupons a customer"
    return {"title": text, "charts": charts}


def _orders_title(result: ReportInput) -> str:
    """How far sales per customer lie apart."""
    profiles = with_orders(result)
    if len(profiles) < 2:
        return "How many, and what they buy"
    low, high = (pick(profiles, key=lambda one: one.sales_each) for pick in (min, max))
    amounts = [amount(result, one.sales_each) for one in (low, high)]
    if amounts[0] == amounts[1]:
        return f"{amounts[0]} of sales a customer in every segment"
    return f"From {' to '.join(amounts)} of sales a customer"


def people(result: ReportInput, drawings: Drawings) -> Mapping[str, Any] | None:
    """What sets segments apart besides behaviour, most first; a dimension with nothing to compare gets its sentence."""
    ranked = compared(result)
    drawn = chosen(result)
    notes = [one.note or f"{label_of(one)} has one value only: nothing to compare."
             for one in result.profiles.all.mixes if len(one.rows) < 2]  # fmt: skip
    if not ranked and not notes:
        return None
    rest = [label_of(one) for one in ranked if one not in drawn]
    less = (
        f"Not drawn: {_in_a_row(rest)}. Segments hardly differ there, or over too many small values to see."
        if rest
        else ""
    )
    return {"title": _people_title(result, drawn), "charts": drawings["mix"], "notes": notes, "rest": less}


def _in_a_row(labels: Sequence[str]) -> str:
    return say.listing([say.lower_first(one) for one in labels])


def _people_title(result: ReportInput, shown: Sequence[Mix]) -> str:
    """The dimensions that stand out and where; else that none does, or that they are mostly unknown."""
    if not shown or len(result.profiles.segments) < 2:
        return "Who they are"
    leading = {label_of(one): found for one in shown if (found := leaders(result, one.dimension))}
    if leading:
        label, found = next(iter(leading.items()))
        where = names(found[:3]) if len(found) <= 3 else f"{say.word(len(found))} segments"
        if len(leading) > 1:
            return f"{say.upper_first(_in_a_row(list(leading)))} stand out in some segments"
        return f"{label} stands out in {where}"
    vague = [(one, row) for one in shown for row in one.rows if row.value == UNKNOWN and row.share > 0.5]
    if vague and len(vague) == len(shown):
        one, row = vague[0]
        return f"{label_of(one)} is unknown for {say.share(row.share)} of {one.unit}"
    which = say.upper_first(_in_a_row([label_of(one) for one in shown]))
    return f"{which}: no segment stands out"


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
