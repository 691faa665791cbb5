"""Where customers lie, counted in cells, one small picture per segment on one scale.

Frequency against burn rate; with orders, their number against their average value.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from coterie.views import format as say
from coterie.views.contract import ChartTable, Drawn, Spec
from coterie.views.segments import EXACT, with_coupons, with_orders
from coterie.views.tokens import slot, var
from coterie.views.vega import chart, mark, tooltip

if TYPE_CHECKING:
    from coterie.profiles.contract import DensityCell, SegmentProfile
    from coterie.views.contract import ReportInput

HEIGHT = 150
_STEPS = (0.25, 0.45, 0.7, 1.0)
"""Opacity of a cell by its share of the segment."""
_BORDERS = (0.01, 0.03, 0.08)
_DEPTH: Spec = {
    "field": "share",
    "type": "quantitative",
    "legend": None,
    "scale": {"type": "threshold", "domain": list(_BORDERS), "range": list(_STEPS)},
}


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
    rate = profile.burn_rate
    title = f"{profile.segment} {profile.name}" if profile.segment else profile.name
    measure = f"{say.plain(profile.coupons_each, 1)} coupons each, {say.share(rate)} burnt"
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
            "fillOpacity": _DEPTH,
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


def orders_density(result: ReportInput) -> tuple[Drawn, ...]:
    """Cells of orders per customer and AOV, one row and column for each step; all customers lie behind in grey."""
    cells = result.profiles.orders_density
    if len({(cell.x0, cell.y0) for cell in cells}) < 2:
        return ()
    grid, drawn = Grid.of(cells, result.profiles.currency), []
    for profile in with_orders(result):
        own = [cell for cell in cells if cell.segment == profile.segment]
        if own:
            drawn.append(_orders_of(profile, own, grid))
    return tuple(drawn)


@dataclass(frozen=True)
class Grid:
    """Steps of both axes: each is one cell wide, since they widen by ratios; where customers are, and the currency."""

    across: tuple[float, ...]
    up: tuple[float, ...]
    held: tuple[tuple[int, int], ...]
    currency: str | None

    @classmethod
    def of(cls, cells: tuple[DensityCell, ...], currency: str | None) -> Grid:
        """The steps that occur, from the least to the greatest."""
        across = tuple(sorted({edge for cell in cells for edge in (cell.x0, cell.x1)}))
        up = tuple(sorted({edge for cell in cells for edge in (cell.y0, cell.y1)}))
        held = sorted({(across.index(cell.x0), up.index(cell.y0)) for cell in cells})
        return cls(across, up, tuple(held), currency)

    def amounts(self, cell: DensityCell) -> str:
        """The step of AOV in words: "£10 to 15"."""
        low, high = (_amount(edge) for edge in (cell.y0, cell.y1))
        sign = say.currency_sign(self.currency)
        if cell.y0 <= 0:
            return f"under {sign}{high}"
        return f"{sign}{low} and more" if cell.y1 >= self.up[-1] else f"{sign}{low} to {high}"

    def orders(self, cell: DensityCell) -> str:
        """The step of orders in words: "3 to 4 orders"."""
        low, high = round(cell.x0), round(cell.x1) - 1
        return say.plural(low, "order") if high <= low else f"{say.count(low)} to {say.count(high)} orders"

    def axes(self) -> Spec:
        """Positions count steps; what is written below is where the step starts."""
        across = json.dumps([say.count(edge) for edge in self.across])
        sign = say.currency_sign(self.currency)
        up = json.dumps(["0", *(f"{sign}{_amount(edge)}" for edge in self.up[1:])])
        columns, rows = len(self.across) - 1, len(self.up) - 1
        step = max(1, math.ceil((rows - 1) / 3))
        return {
            "x": {"field": "x", "type": "quantitative", "title": "Orders",
                  "scale": {"domain": [0, columns], "nice": False},
                  "axis": {"values": list(range(0, columns, max(1, math.ceil(columns / 5)))),
                           "labelExpr": f"{across}[datum.value]"}},
            "x2": {"field": "x2"},
            "y": {"field": "y", "type": "quantitative", "title": "Average order",
                  "scale": {"domain": [0, rows], "nice": False},
                  "axis": {"values": list(range(1, rows, step)), "labelExpr": f"{up}[datum.value]", "grid": True,
                           "titleAngle": 0, "titleAlign": "left", "titleAnchor": "end", "titleBaseline": "bottom",
                           "titleX": -36, "titleY": -9, "minExtent": 34}},
            "y2": {"field": "y2"},
        }  # fmt: skip


def _amount(value: float) -> str:
    """A round amount of the axis, without its currency: 7.5, 20, 1.3k."""
    if value >= 1000:
        return say.money(value, None)
    return say.plain(value) if float(value).is_integer() or value >= 100 else say.plain(value, 1 if value >= 10 else 2)


def _orders_of(profile: SegmentProfile, own: list[DensityCell], grid: Grid) -> Drawn:
    total = sum(cell.customers for cell in own)
    rows: list[dict[str, Any]] = []
    for cell in sorted(own, key=lambda cell: -cell.customers):
        x, y = grid.across.index(cell.x0), grid.up.index(cell.y0)
        part = cell.customers / total if total else 0.0
        rows.append({"x": x, "x2": x + 1, "y": y, "y2": y + 1, "share": part, "text": say.share(part),
                     "count": say.count(cell.customers), "span": grid.orders(cell),
                     "amounts": grid.amounts(cell)})  # fmt: skip
    title = f"{profile.segment} {profile.name}" if profile.segment else profile.name
    average = say.money(profile.aov, grid.currency, exact=(profile.aov or 0.0) < EXACT)
    measure = f"{say.plain(profile.orders_each, 1)} orders each, {average} an order"
    about = (
        f"{profile.name}: orders per customer against average order value; "
        f"most often {rows[0]['span']} of {rows[0]['amounts']}."
    )
    grey = {
        "data": {"values": [{"x": x, "x2": x + 1, "y": y, "y2": y + 1} for x, y in grid.held]},
        "mark": mark("rect", fill=var("grid"), stroke=var("grid"), strokeWidth=0.6),
        "encoding": grid.axes(),
    }
    top = {
        "mark": mark("rect", fill=var(slot(profile.segment)), stroke=var("paper"), strokeWidth=1),
        "encoding": {
            **grid.axes(),
            "fillOpacity": _DEPTH,
            "tooltip": tooltip(span="Orders", amounts="Average order", count="Customers", text="Of the segment"),
        },
    }
    table = ChartTable(
        ("Orders", "Average order", "Customers", "Of the segment"),
        tuple((row["span"], row["amounts"], row["count"], row["text"]) for row in rows[:40]),
    )
    spec = chart(about, rows, HEIGHT, [grey, top])
    return Drawn(f"orders-density-{profile.segment}", title, measure, about, spec, table, segment=profile.segment)
