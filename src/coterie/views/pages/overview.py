"""The segments side by side: size and averages, who they are made of, how they behave."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from coterie.views import format as say
from coterie.views.charts.mixes import mix_of
from coterie.views.segments import coupons_each, names, with_coupons

if TYPE_CHECKING:
    from coterie.views.contract import Drawings, Drawn, ReportInput


def size(result: ReportInput, drawings: Drawings) -> Mapping[str, Any] | None:
    """Segment sizes and what a customer of each holds on average."""
    charts = drawings["sizes"] + drawings["averages"]
    if not charts:
        return None
    profiles = with_coupons(result)
    if len(profiles) < 2:
        return {"title": "How many, and what they hold", "charts": charts}
    low, high = min(profiles, key=coupons_each), max(profiles, key=coupons_each)
    text = f"From {say.plain(coupons_each(low), 1)} to {say.plain(coupons_each(high), 1)} coupons a customer"
    return {"title": text, "charts": charts}


def people(result: ReportInput, drawings: Drawings) -> Mapping[str, Any] | None:
    """Gender and city; a dimension with nothing to compare gets its sentence instead of a picture."""
    parts: list[tuple[str, Drawn | None, str]] = []
    for dimension in ("gender", "city"):
        mix = mix_of(result.profiles.all, dimension)
        if mix is None:
            continue
        drawn = next(iter(drawings[dimension]), None)
        note = mix.note or ("" if drawn else f"{mix.label} has one value only: nothing to compare.")
        parts.append((mix.label, drawn, note))
    if not parts:
        return None
    return {"title": _people_title(result), "parts": parts}


def _people_title(result: ReportInput) -> str:
    leading = [
        one
        for one in result.profiles.segments
        for mix in one.mixes
        if mix.dimension in ("gender", "city") and any(row.leads for row in mix.rows)
    ]
    everyone = (mix_of(result.profiles.all, dimension) for dimension in ("gender", "city"))
    compared = [mix.label for mix in everyone if mix is not None and len(mix.rows) > 1]
    if not compared:
        return "Gender and city do not tell segments apart"
    which = say.upper_first(say.listing([label.lower() for label in compared]))
    verb = "differ" if len(compared) > 1 else "differs"
    if leading:
        distinct = {one.segment: one for one in leading}
        return f"{which} {verb} in {names([*distinct.values()][:3])}"
    return f"{which} {verb} little between segments"


def behaviour(result: ReportInput, drawings: Drawings) -> Mapping[str, Any] | None:
    """Frequency against burn rate in cells, and the contrasts of all features."""
    small, heat = drawings["density"], drawings["contrasts"]
    if not small and not heat:
        return None
    return {
        "title": _density_title(result),
        "density": small,
        "contrasts": heat,
    }


def _density_title(result: ReportInput) -> str:
    cells = result.profiles.density
    total = sum(cell.customers for cell in cells)
    # The lowest cells hold everybody who burns nothing or next to nothing.
    low = sum(cell.customers for cell in cells if cell.y0 <= 0)
    if total == 0 or result.profiles.all.burnt == 0:
        return "How they differ"
    top = max((cell.y1 for cell in cells if cell.y0 <= 0), default=0.0)
    if low / total < 1 / 3:
        return f"Only {say.share(low / total)} of customers burn less than {say.share(top)} of their coupons"
    return f"{say.upper_first(say.one_in(low / total))} burn less than {say.share(top)} of their coupons"
