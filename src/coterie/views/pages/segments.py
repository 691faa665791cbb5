"""All segments in one table: who, how many, coupons each, burn rate, share of burns, what to do first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from coterie.views import format as say
from coterie.views.pages.opening import first_advice
from coterie.views.segments import burn_rate, coupons_each, with_coupons
from coterie.views.tokens import slot

if TYPE_CHECKING:
    from coterie.profiles.contract import SegmentProfile
    from coterie.views.contract import Drawings, ReportInput


@dataclass(frozen=True)
class Meter:
    """A printed value and its bar, in per cent of the column's scale; `tick` is all customers."""

    text: str
    length: float
    tick: float | None = None
    aside: str = ""
    drawn: bool = True


@dataclass(frozen=True)
class Row:
    """One segment of the table."""

    segment: int | None
    css: str
    name: str
    blurb: str
    customers: Meter
    each: Meter
    rate: Meter
    burns: Meter
    first: str
    offer: str


def segments(result: ReportInput, drawings: Drawings) -> Mapping[str, Any]:
    """Every segment, "Never active" last."""
    return {"title": _title(result), "lead": _lead(result), "rows": tuple(_rows(result))}


def _title(result: ReportInput) -> str:
    profiles = with_coupons(result)
    rates = [rate for one in profiles if (rate := burn_rate(one)) is not None]
    if len(profiles) < 2 or not rates:
        return "Who they are"
    if result.profiles.all.burnt == 0:
        low, high = min(profiles, key=coupons_each), max(profiles, key=coupons_each)
        return f"Coupons run from {_each(low)} to {_each(high)} each"
    lowest, highest = say.share(min(rates)), say.share(max(rates))
    if lowest == highest:
        return f"Every segment burns {lowest} of its coupons"
    return f"Burn rates run from {lowest} to {highest}"


def _each(profile: SegmentProfile) -> str:
    return say.plain(coupons_each(profile), 1)


def _lead(result: ReportInput) -> str:
    if len(result.profiles.segments) < 2:
        return "All customers in one segment."
    order = "Ordered by engagement, the most active first. The tick marks all customers."
    if result.profiles.hardly_differ:
        return f"{order} Segments cut along these figures differ in them even where chance alone made the figures."
    return order


def _rows(result: ReportInput) -> list[Row]:
    profiles, everyone = result.profiles.segments, result.profiles.all
    most = max((one.customers for one in profiles), default=1) or 1
    each = max((coupons_each(one) for one in profiles), default=0.0) or 1.0
    rates = max((burn_rate(one) or 0.0 for one in profiles), default=0.0) or 1.0
    return [_row(result, one, most, max(each, coupons_each(everyone)) * 1.08, rates * 1.08) for one in profiles]


def _row(result: ReportInput, one: SegmentProfile, most: int, each: float, rates: float) -> Row:
    everyone, rate, advice = result.profiles.all, burn_rate(one), first_advice(result, one.segment)
    return Row(
        segment=one.segment,
        css=slot(one.segment),
        name=one.name,
        blurb=one.blurb,
        customers=Meter(say.count(one.customers), 100 * one.customers / most, aside=say.share(one.share)),
        each=Meter(_each(one) if one.coupons else say.NOTHING, 100 * coupons_each(one) / each,
                   100 * coupons_each(everyone) / each, drawn=one.coupons > 0),
        rate=Meter(say.share(rate), 100 * (rate or 0.0) / rates, 100 * (burn_rate(everyone) or 0.0) / rates,
                   drawn=rate is not None),
        burns=Meter(say.share(one.share_of_burns) if everyone.burnt and one.coupons else say.NOTHING,
                    100 * one.share_of_burns, drawn=one.coupons > 0),
        first=advice.short if advice else say.NOTHING,
        offer=advice.offer if advice else "",
    )  # fmt: skip
