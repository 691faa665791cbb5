"""Frequency against burn rate: where customers lie, counted in cells, one small picture per segment on one scale."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from coterie.views import format as say
from coterie.views.contract import ChartTable, Drawn, Spec
from coterie.views.segments import burn_rate, coupons_each, with_coupons
from coterie.views.tokens import slot, var
from coterie.views.vega import chart, mark, tooltip

if TYPE_CHECKING:
    from coterie.profiles.contract import DensityCell, SegmentProfile
    from coterie.views.contract import ReportInput

HEIGHT = 150
_STEPS = (0.25, 0.45, 0.7, 1.0)
"""Opacity of a cell by its share of the segment."""
_BORDERS = (0.01, 0.03, 0.08)


def density(result: ReportInput) -> tuple[Drawn, ...]:
    """Cells of coupons per customer and burn rate; all customers lie behind in grey."""
    cells = result.profiles.density
    if len({(cell.x0, cell.y0) for cell in cells}) < 2:
        return ()
    drawn = []
    for profile in with_coupons(result):
        own = [cell for cell in cells if cell.segment == profile.segment]
        if own:
            drawn.append(_one(profile, own, cells))
    return tuple(drawn)


def _one(profile: SegmentProfile, own: list[DensityCell], cells: tuple[DensityCell, ...]) -> Drawn:
    total = sum(cell.customers for cell in own)
    rows = [_row(cell, total) for cell in sorted(own, key=lambda cell: -cell.customers)]
    behind = sorted({(cell.x0, cell.x1, cell.y0, cell.y1) for cell in cells})
    rate = burn_rate(profile)
    title = f"{profile.segment} {profile.name}" if profile.segment else profile.name
    measure = f"{say.plain(coupons_each(profile), 1)} coupons each, {say.share(rate)} burnt"
    densest = max(own, key=lambda cell: cell.customers)
    about = (
        f"{profile.name}: coupons per customer against burn rate; "
        f"most often {_span(densest)} with a burn rate of {_rates(densest)}."
    )
    grey = {
        "data": {"values": [dict(zip(("x0", "x1", "y0", "y1"), one, strict=True)) for one in behind]},
        "mark": mark("rect", fill=var("grid"), stroke=var("grid"), strokeWidth=0.6),
        "encoding": _places(cells),
    }
    top = {
        "mark": mark("rect", fill=var(slot(profile.segment)), stroke=var("paper"), strokeWidth=1),
        "encoding": {
            **_places(cells),
            "fillOpacity": {"field": "share", "type": "quantitative", "legend": None,
                            "scale": {"type": "threshold", "domain": list(_BORDERS), "range": list(_STEPS)}},
            "tooltip": tooltip(span="Coupons", rates="Burn rate", count="Customers", text="Of the segment"),
        },
    }  # fmt: skip
    table = ChartTable(
        ("Coupons", "Burn rate", "Customers", "Of the segment"),
        tuple((row["span"], row["rates"], row["count"], row["text"]) for row in rows[:40]),
    )
    name = f"density-{profile.segment}"
    return Drawn(name, title, measure, about, chart(about, rows, HEIGHT, [grey, top]), table, segment=profile.segment)


def _row(cell: DensityCell, total: int) -> dict[str, Any]:
    part = cell.customers / total if total else 0.0
    return {"x0": cell.x0, "x1": cell.x1, "y0": cell.y0, "y1": cell.y1, "share": part, "text": say.share(part),
            "count": say.count(cell.customers), "span": _span(cell), "rates": _rates(cell)}  # fmt: skip


def _span(cell: DensityCell) -> str:
    low, high = round(cell.x0), round(cell.x1) - 1
    return say.plural(low, "coupon") if high <= low else f"{say.count(low)} to {say.count(high)} coupons"


def _rates(cell: DensityCell) -> str:
    return f"{say.share(cell.y0).removesuffix('%')} to {say.share(min(cell.y1, 1.0))}"


def _places(cells: tuple[DensityCell, ...]) -> Spec:
    right, left = max(cell.x1 for cell in cells), min(cell.x0 for cell in cells)
    top = max(1.0, *(cell.y1 for cell in cells))
    return {
        "x": {"field": "x0", "type": "quantitative", "title": "Coupons",
              "scale": {"domain": [left, right], "nice": False, "zero": False},
              "axis": {"tickCount": 4, "tickMinStep": 1, "format": ",d"}},
        "x2": {"field": "x1"},
        "y": {"field": "y0", "type": "quantitative", "title": "Burn rate",
              "scale": {"domain": [0, top], "nice": False},
              "axis": {"values": [0, 0.5, 1], "format": "%", "grid": True, "titleAngle": 0, "titleAlign": "left",
                       "titleAnchor": "end", "titleBaseline": "bottom", "titleX": -36, "titleY": -9}},
        "y2": {"field": "y1"},
    }  # fmt: skip
