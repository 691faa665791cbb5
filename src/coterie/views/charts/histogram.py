"""How many coupons the customers of a segment hold, or how many orders they placed, against all customers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from coterie.views import format as say
from coterie.views.contract import ChartTable, Drawn, Spec
from coterie.views.tokens import slot, var
from coterie.views.vega import chart, mark, tooltip

if TYPE_CHECKING:
    from coterie.profiles.contract import Bin, SegmentProfile
    from coterie.views.contract import ReportInput

HEIGHT = 200


@dataclass(frozen=True)
class Counted:
    """What is counted per customer: its noun, and the verb that goes with it."""

    noun: str
    verb: str

    @property
    def many(self) -> str:
        """At the head of a column or axis."""
        return say.upper_first(f"{self.noun}s")


COUPONS, ORDERS = Counted("coupon", "hold"), Counted("order", "placed")


def coupons(result: ReportInput) -> tuple[Drawn, ...]:
    """One histogram per segment that holds coupons; ticks are all customers."""
    everyone = result.profiles.all.coupons_histogram
    return tuple(
        _one(profile, profile.coupons_histogram, everyone, COUPONS)
        for profile in result.profiles.segments
        if profile.coupons and profile.coupons_histogram
    )


def orders(result: ReportInput) -> tuple[Drawn, ...]:
    """One histogram per segment that ordered; ticks are all customers."""
    everyone = result.profiles.all.orders_histogram
    return tuple(
        _one(profile, profile.orders_histogram, everyone, ORDERS)
        for profile in result.profiles.segments
        if profile.orders and profile.orders_histogram
    )


def _label(one: Bin, *, last: bool) -> str:
    if one.high <= one.low:
        return say.count(one.low)
    return f"{say.count(one.low)}+" if last else f"{say.count(one.low)}{say.EN_DASH}{say.count(one.high)}"


def _one(profile: SegmentProfile, held: tuple[Bin, ...], everyone: tuple[Bin, ...], what: Counted) -> Drawn:
    own = {one.low: one for one in held}
    bins = everyone or held
    rows = []
    for one in bins:
        mine = own.get(one.low)
        part = mine.share if mine else 0.0
        rows.append({"bin": _label(one, last=one is bins[-1] and len(bins) > 1), "share": part, "all": one.share,
                     "text": say.share(part), "count": say.count(mine.customers if mine else 0),
                     "all_text": say.share(one.share)})  # fmt: skip
    title = _title(held, what)
    about = f"{what.many} per customer of segment {profile.segment}, {profile.name}: {say.lower_first(title)}."
    table = ChartTable(
        (what.many, "Customers", "Share", "All customers"),
        tuple((str(row["bin"]), str(row["count"]), str(row["text"]), str(row["all_text"])) for row in rows),
    )
    return Drawn(
        f"{what.noun}s-{profile.segment}",
        title,
        f"Share of {say.plural(profile.customers, 'customer')}, segment {profile.segment} against all",
        about,
        chart(about, rows, HEIGHT, _layers(profile, rows, what)),
        table,
        segment=profile.segment,
    )


def _title(held: tuple[Bin, ...], what: Counted) -> str:
    """The shortest run of bins that holds more than half of the segment."""
    bins = list(held)
    total = sum(one.customers for one in bins)
    best: tuple[int, int] | None = None
    for first in range(len(bins)):
        held_here = 0
        for last in range(first, len(bins)):
            held_here += bins[last].customers
            if held_here * 2 > total:
                if best is None or last - first < best[1] - best[0]:
                    best = (first, last)
                break
    if best is None or total == 0:
        return f"{what.many} per customer"
    low, high = bins[best[0]].low, bins[best[1]].high
    if low == high:
        everyone = bins[best[0]].customers == total
        return f"{'All' if everyone else 'Most'} {what.verb} {say.plural(round(low), what.noun)}"
    if best[1] == len(bins) - 1 and bins[best[1]].high > bins[best[1]].low:
        return f"Most {what.verb} {say.count(low)} {what.noun}s or more"
    return f"Most {what.verb} {say.count(low)} to {say.count(high)} {what.noun}s"


def _word_place(rows: list[dict[str, Any]]) -> tuple[int, str]:
    """The tick that carries the words "all customers": as high as can be with nothing above it along the words."""
    reach = max(1, round(len(rows) * 0.22))
    for place in sorted(range(len(rows)), key=lambda one: -rows[one]["all"]):
        for align, beside in (
            ("left", rows[place : place + reach + 1]),
            ("right", rows[max(0, place - reach) : place + 1]),
        ):
            if len(beside) > reach and all(max(row["share"], row["all"]) <= rows[place]["all"] for row in beside):
                return place, align
    return 0, "left"


def _layers(profile: SegmentProfile, rows: list[dict[str, Any]], what: Counted) -> list[Spec]:
    x: Spec = {"field": "bin", "type": "nominal", "sort": None, "title": f"{what.many} per customer",
               "axis": {"labelAngle": 0, "labelOverlap": "parity", "labelSeparation": 6},
               "scale": {"paddingInner": 0.2, "paddingOuter": 0.1}}  # fmt: skip
    y: Spec = {"field": "share", "type": "quantitative", "title": None,
               "axis": {"format": ".0%", "tickCount": 4, "grid": True}, "scale": {"zero": True}}  # fmt: skip
    hints = tooltip(bin=what.many, count="Customers", text="Share", all_text="All customers")
    place, align = _word_place(rows)
    word = {
        "transform": [{"filter": {"field": "bin", "equal": rows[place]["bin"]}}],
        "mark": mark("text", align=align, baseline="bottom", dy=-5, fill=var("ink-2")),
        "encoding": {"x": {**x, "bandPosition": 0 if align == "left" else 1}, "y": {**y, "field": "all"},
                     "text": {"value": "all customers"}},
    }  # fmt: skip
    ticks = {
        "mark": mark("rule", strokeWidth=2, color=var("ink"), opacity=0.75),
        "encoding": {"x": {**x, "bandPosition": 0.05}, "x2": {"field": "bin", "bandPosition": 0.95},
                     "y": {**y, "field": "all"}},
    }  # fmt: skip
    bars = {
        "mark": mark("bar", fill=var(slot(profile.segment))),
        "encoding": {"x": x, "y": y, "tooltip": hints},
    }
    return [bars, ticks, word] if len(rows) > 1 else [bars, ticks]
