"""All segments in one table: who, how many, coupons each, burn rate, later outcome, what to do first, evidence."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from coterie.views import format as say
from coterie.views.charts.later import UNTOLD
from coterie.views.grades import Grade, by_chance, grades, later_noun, later_of
from coterie.views.pages.opening import first_advice
from coterie.views.segments import burn_rate, clustered, coupons_each, with_coupons
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
    later: Lift
    first: str
    offer: str
    grades: tuple[Grade, ...]


def segments(result: ReportInput, drawings: Drawings) -> Mapping[str, Any]:
    """Every segment, "Never active" last."""
    rows = tuple(_rows(result))
    noun = say.upper_first(later_noun(result.evidence)) if any(row.later.dot is not None for row in rows) else ""
    graded = any(row.grades for row in rows)
    return {"title": _title(result), "lead": _lead(result), "rows": rows, "later": noun, "graded": graded,
            "notes": _notes(result, rows)}  # fmt: skip


_MEANS = (
    ("Natural", "a group that exists"),
    ("Reproducible", "a cut that comes back when customers are drawn again"),
    ("Constructed", "a cut that would fall elsewhere with other customers"),
    ("Lasting", "its difference went on after {}"),
    ("Not shown to last", "what came after {} does not tell it apart"),
)


def _notes(result: ReportInput, rows: tuple[Row, ...]) -> tuple[str, ...]:
    """What the words of the table mean, those that stand in it."""
    words = {one.word for row in rows for one in row.grades}
    day = say.date(result.evidence.foresight.cut) if result.evidence.foresight.cut else "an earlier day"
    means = dict(_MEANS)
    if result.evidence.differ is False:
        means["Constructed"] = "a cut through chance, even where it comes back"
    told = [f"{word}: {meaning.format(day)}" for word, meaning in means.items() if word in words]
    notes = [". ".join(told) + "."] if told else []
    if any(row.later.text == UNTOLD for row in rows):
        notes.append(f"{say.upper_first(UNTOLD)}: made on {day}, the segment would have held mostly other customers.")
    return tuple(notes)


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
    if _at(result) is not None:
        order = order.removesuffix(".") + (
            f"; the dot and its line show {later_noun(result.evidence)} against the average, with a 95% interval."
        )
    if by_chance(result):
        return f"{order} Segments cut along these figures differ in them even where chance alone made the figures."
    return order


def _rows(result: ReportInput) -> list[Row]:
    profiles, everyone = result.profiles.segments, result.profiles.all
    most = max((one.customers for one in profiles), default=1) or 1
    each = max((coupons_each(one) for one in profiles), default=0.0) or 1.0
    rates = max((burn_rate(one) or 0.0 for one in profiles), default=0.0) or 1.0
    return [_row(result, one, most, max(each, coupons_each(everyone)) * 1.08, rates * 1.08) for one in profiles]


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
        later=_lift(result, one),
        first=advice.short if advice else say.NOTHING,
        offer=advice.offer if advice else "",
        grades=grades(result.evidence, one.segment),
    )  # fmt: skip
