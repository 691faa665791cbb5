"""All segments in one table: who, how many, what they hold or buy, what to do first, evidence.

With coupons: coupons each, burn rate, later outcome. With orders: orders each, AOV, share of sales, the last order.
With both, from either.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from coterie.views import format as say
from coterie.views.charts.later import UNTOLD
from coterie.views.grades import Grade, by_chance, grades, later_noun, later_of
from coterie.views.pages.opening import first_advice
from coterie.views.segments import amount, clustered, orders_only, with_both, with_coupons, with_orders
from coterie.views.tokens import slot

if TYPE_CHECKING:
    from coterie.profiles.contract import SegmentProfile
    from coterie.views.contract import Drawings, ReportInput


SAME = 1.05
"""Average orders are about the same up to this ratio of the largest to the smallest."""


@dataclass(frozen=True)
class Meter:
    """A printed value and its bar, in per cent of the column's scale; `tick` is all customers."""

    text: str
    length: float
    tick: float | None = None
    aside: str = ""
    drawn: bool = True


@dataclass(frozen=True)
class Lift:
    """A printed lift with its place and interval on the column's log axis, in per cent; `one` is the average."""

    text: str
    dot: float | None = None
    low: float | None = None
    high: float | None = None
    one: float = 50.0


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
    orders: Meter
    aov: Meter
    sales: Meter
    last: Meter
    later: Lift
    first: str
    offer: str
    grades: tuple[Grade, ...]


def segments(result: ReportInput, drawings: Drawings) -> Mapping[str, Any]:
    """Every segment, "Never active" last."""
    rows = tuple(_rows(result))
    columns = _columns(result, rows)
    return {"title": _title(result), "lead": _lead(result, columns), "rows": rows, "columns": columns,
            "graded": any(row.grades for row in rows), "notes": _notes(result, rows, columns)}  # fmt: skip


Columns = tuple[tuple[str, str], ...]
"""Head and the name of the row's field, from the customers to what they buy."""


def _columns(result: ReportInput, rows: tuple[Row, ...]) -> Columns:
    """What the events of the data can fill; there is room for six."""
    customers = ("Customers", "customers")
    bought = (("Orders each", "orders"), ("Average order", "aov"), ("Of all sales", "sales"))
    if orders_only(result):
        return (customers, *bought, ("Last order", "last"))
    held: Columns = (customers, ("Coupons each", "each"), ("Burn rate", "rate"))
    if with_both(result):
        held = (*held, bought[0], bought[2])
    if any(row.later.dot is not None for row in rows):
        return (*held, (say.upper_first(later_noun(result.evidence)), "later"))
    return held if with_both(result) else (*held, ("Of all burns", "burns"))


_MEANS = (
    ("Natural", "a group that exists"),
    ("Reproducible", "a cut that comes back when customers are drawn again"),
    ("Constructed", "a cut that would fall elsewhere with other customers"),
    ("Lasting", "its difference went on after {}"),
    ("Not shown to last", "what came after {} does not tell it apart"),
)


def _notes(result: ReportInput, rows: tuple[Row, ...], columns: Columns) -> tuple[str, ...]:
    """What the words of the table mean, those that stand in it."""
    words = {one.word for row in rows for one in row.grades}
    day = say.date(result.evidence.foresight.cut) if result.evidence.foresight.cut else "an earlier day"
    means = dict(_MEANS)
    if result.evidence.differ is False:
        means["Constructed"] = "a cut through chance, even where it comes back"
    told = [f"{word}: {meaning.format(day)}" for word, meaning in means.items() if word in words]
    notes = [". ".join(told) + "."] if told else []
    if _has(columns, "later") and any(row.later.text == UNTOLD for row in rows):
        notes.append(f"{say.upper_first(UNTOLD)}: of the segments made on {day}, none is like it.")
    if _has(columns, "last"):
        notes.append("Last order: half of the segment ordered more recently, counted to the last day known.")
    return tuple(notes)


def _has(columns: Columns, name: str) -> bool:
    return any(field == name for _, field in columns)


def _title(result: ReportInput) -> str:
    if orders_only(result):
        return _title_of_orders(result)
    profiles = with_coupons(result)
    rates = [rate for one in profiles if (rate := one.burn_rate) is not None]
    if len(profiles) < 2 or not rates:
        return "Who they are"
    if result.profiles.all.burnt == 0:
        low, high = min(profiles, key=lambda one: one.coupons_each), max(profiles, key=lambda one: one.coupons_each)
        return f"Coupons run from {_each(low)} to {_each(high)} each"
    lowest, highest = say.share(min(rates)), say.share(max(rates))
    if lowest == highest:
        return f"Every segment burns {lowest} of its coupons"
    bought = [one.orders_each for one in with_orders(result)] if with_both(result) else []
    ordered = f", orders from {say.plain(min(bought), 1)} to {say.plain(max(bought), 1)} each" if bought else ""
    return f"Burn rates run from {lowest} to {highest}{ordered}"


def _title_of_orders(result: ReportInput) -> str:
    """How far orders per customer and AOV lie apart, or the one of them that does."""
    profiles = with_orders(result)
    if len(profiles) < 2:
        return "Who they are"
    counts = sorted(one.orders_each for one in profiles)
    amounts = sorted(one.aov or 0.0 for one in profiles)
    low, high = (say.plain(value, 1) for value in (counts[0], counts[-1]))
    least, most = (amount(result, value) for value in (amounts[0], amounts[-1]))
    alike = amounts[-1] < SAME * amounts[0]
    if low == high:
        return "Every segment orders as often" if alike else f"Average orders run from {least} to {most}"
    if alike:
        return f"Orders run from {low} to {high} each, of about the same value"
    return f"Orders run from {low} to {high} each, average orders from {least} to {most}"


def _each(profile: SegmentProfile) -> str:
    return say.plain(profile.coupons_each, 1)


def _lead(result: ReportInput, columns: Columns) -> str:
    if len(result.profiles.segments) < 2:
        return "All customers in one segment."
    order = "Ordered by engagement, the most active first. The tick marks all customers."
    if _has(columns, "later"):
        order = order.removesuffix(".") + (
            f"; the dot and its line show {later_noun(result.evidence)} against the average, with a 95% interval."
        )
    if by_chance(result):
        return f"{order} Segments cut along these figures differ in them even where chance alone made the figures."
    return order


def _rows(result: ReportInput) -> list[Row]:
    profiles, everyone = result.profiles.segments, result.profiles.all
    most = max((one.customers for one in profiles), default=1) or 1
    each = max((one.coupons_each for one in profiles), default=0.0) or 1.0
    rates = max((one.burn_rate or 0.0 for one in profiles), default=0.0) or 1.0
    return [_row(result, one, most, max(each, everyone.coupons_each) * 1.08, rates * 1.08) for one in profiles]


def _of_all(result: ReportInput, one: SegmentProfile, value: float | None, text: str, measure: Any) -> Meter:
    """A figure with a bar on the scale of all segments, and the tick of all customers; no bar where it has none."""
    if value is None or not one.orders:
        return Meter(say.NOTHING, 0.0, drawn=False)
    everyone = measure(result.profiles.all)
    top = 1.08 * max(everyone or 0.0, *(measure(other) or 0.0 for other in result.profiles.segments)) or 1.0
    return Meter(text, 100 * value / top, 100 * (everyone or 0.0) / top)


def _last(profile: SegmentProfile) -> float | None:
    """Median days since the last order."""
    figure = profile.features.get("order_recency") or profile.features.get("recency")
    return figure.median if figure is not None else None


def _at(result: ReportInput) -> tuple[float, float] | None:
    """The ends of the log axis of lifts; None without any."""
    known = [later_of(result.evidence, one.segment) for one in clustered(result)]
    ends = [end for one in known if one and one.lift is not None for end in (one.low, one.high, one.lift) if end]
    return (min(0.8, *ends) / 1.1, max(1.25, *ends) * 1.1) if ends else None


def _lift(result: ReportInput, one: SegmentProfile) -> Lift:
    axis, found = _at(result), later_of(result.evidence, one.segment)
    if axis is None or found is None or found.lift is None:
        return Lift(say.NOTHING if axis is None or not (one.segment or 0) > 0 else UNTOLD)
    low, high = math.log(axis[0]), math.log(axis[1])

    def place(value: float | None) -> float | None:
        if value is None:
            return None
        return round(5 + 90 * (math.log(max(value, axis[0])) - low) / (high - low), 2)

    return Lift(say.ratio(found.lift), place(found.lift), place(found.low), place(found.high), place(1.0) or 50.0)


def _ago(days: float | None) -> str:
    if days is None:
        return say.NOTHING
    return "on the last day" if round(days) == 0 else f"{say.plural(round(days), 'day')} ago"


def _row(result: ReportInput, one: SegmentProfile, most: int, each: float, rates: float) -> Row:
    everyone, rate, advice = result.profiles.all, one.burn_rate, first_advice(result, one.segment)
    return Row(
        segment=one.segment,
        css=slot(one.segment),
        name=one.name,
        blurb=one.blurb,
        customers=Meter(say.count(one.customers), 100 * one.customers / most, aside=say.share(one.share)),
        each=Meter(_each(one) if one.coupons else say.NOTHING, 100 * one.coupons_each / each,
                   100 * everyone.coupons_each / each, drawn=one.coupons > 0),
        rate=Meter(say.share(rate), 100 * (rate or 0.0) / rates, 100 * (everyone.burn_rate or 0.0) / rates,
                   drawn=rate is not None),
        burns=Meter(say.share(one.share_of_burns) if everyone.burnt and one.coupons else say.NOTHING,
                    100 * one.share_of_burns, drawn=one.coupons > 0),
        orders=_of_all(result, one, one.orders_each, say.plain(one.orders_each, 1), lambda other: other.orders_each),
        aov=_of_all(result, one, one.aov, amount(result, one.aov), lambda other: other.aov),
        sales=Meter(say.share(one.sales_share if one.orders else None), 100 * one.sales_share,
                    drawn=one.orders > 0),
        last=_of_all(result, one, _last(one), _ago(_last(one)), _last),
        later=_lift(result, one),
        first=advice.short if advice else say.NOTHING,
        offer=advice.offer if advice else "",
        grades=grades(result.evidence, one.segment),
    )  # fmt: skip
