"""When coupons are burnt: the burn curve of all, of each segment against all, and coupons by month of claim."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, TypeAlias

from coterie.views import format as say
from coterie.views.contract import ChartTable, Drawn, Key, Spec
from coterie.views.segments import row_name
from coterie.views.tokens import slot, var
from coterie.views.vega import chart, mark, tooltip

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coterie.profiles.contract import BurnCurve, SegmentProfile
    from coterie.views.contract import ReportInput

HEIGHT = 220
PLOT = 230
"""Pixels of plot width that names at the lines are judged by."""
EVERYONE = "All customers"
Line: TypeAlias = "tuple[str, str, BurnCurve]"
"""Name, colour token and curve."""
_X: Spec = {
    "field": "day",
    "type": "quantitative",
    "title": "Days since the coupon was claimed",
    "scale": {"nice": False},
    "axis": {"tickCount": 6},
}
_Y: Spec = {
    "field": "share",
    "type": "quantitative",
    "title": None,
    "scale": {"zero": True},
    "axis": {"format": ".0%", "tickCount": 4, "grid": True},
}


def burn_curve(result: ReportInput) -> tuple[Drawn, ...]:
    """Kaplan-Meier share of coupons burnt by day since claim, all customers and every segment that burns."""
    whole = result.profiles.all.burn_curve
    if whole is None:
        return ()
    segments = [one for one in result.profiles.segments if one.burn_curve is not None]
    last = _last_day(whole)
    title = _half(whole, "Half of all burns come")
    lines = [*(_line_of(one) for one in segments if len(segments) > 1), (EVERYONE, var("none"), whole)]
    about = f"Share of coupons burnt by day since claim: {say.lower_first(title)}; {_plateau(whole)}."
    keys = tuple(Key(token.removeprefix("var(--").removesuffix(")"), name) for name, token, _ in lines)
    if len(lines) <= 2:
        keys = ()
    measure = f"Coupons burnt by day since claim, Kaplan-Meier. {say.upper_first(_plateau(whole))}"
    spec, table = _curves(about, lines, last), _table(lines, last)
    return (Drawn("burn-curve", title, measure, about, spec, table, keys, terms=("Burn curve",)),)


def segment_burn_curve(result: ReportInput) -> tuple[Drawn, ...]:
    """The burn curve of one segment against all customers, for every segment with a burnt coupon."""
    whole = result.profiles.all.burn_curve
    if whole is None:
        return ()
    last, drawn = _last_day(whole), []
    for one in result.profiles.segments:
        if one.burn_curve is None:
            continue
        lines = [_line_of(one), (EVERYONE, var("none"), whole)]
        title = _half(one.burn_curve, "Half of their burns come")
        about = f"{one.name}: {say.lower_first(title)}; {_plateau(one.burn_curve)}."
        drawn.append(
            Drawn(f"burn-curve-{one.segment}", title, "Coupons burnt by day since claim, Kaplan-Meier", about,
                  _curves(about, lines, last), _table(lines, last), segment=one.segment, terms=("Burn curve",))
        )  # fmt: skip
    return tuple(drawn)


def months(result: ReportInput) -> tuple[Drawn, ...]:
    """Coupons by month of claim, and how many of them were burnt since."""
    monthly = result.profiles.monthly
    if len(monthly) < 2:
        return ()
    rows: list[dict[str, Any]] = [
        {"month": f"{year}-{number:02d}", "label": f"{say.month(number)} {year}", "all": total, "burnt": burnt,
         "short": say.month(number), "year": str(year) if place == 0 or number == 1 else "",
         "total": say.count(total), "of": say.count(burnt), "rate": say.share(burnt / total if total else None)}
        for place, (year, number, total, burnt) in enumerate(_without_gaps(monthly))
    ]  # fmt: skip
    top = max(rows, key=lambda row: row["all"])
    title = f"The busiest month was {top['label']}: {top['total']} coupons"
    about = f"Coupons by month of claim. {title}, of which {top['of']} were burnt."
    table = ChartTable(
        ("Month of claim", "Coupons", "Burnt", "Burn rate"),
        tuple((row["label"], row["total"], row["of"], row["rate"]) for row in rows),
    )
    keys = (Key("ref", "coupons"), Key("accent", "of which burnt"))
    spec = chart(about, rows, HEIGHT, _month_layers(len(rows)))
    return (
        Drawn(
            "months",
            title,
            "Coupons by month of claim; those of the last weeks may still be burnt",
            about,
            spec,
            table,
            keys,
            terms=("Coupons (transactions)",),
        ),
    )


def _without_gaps(monthly: Sequence[tuple[int, int, int, int]]) -> list[tuple[int, int, int, int]]:
    """Every month from the first to the last; those without a coupon count 0."""
    known = {(year, number): (total, burnt) for year, number, total, burnt in monthly}
    first, last = (12 * year + number - 1 for year, number in (min(known), max(known)))
    months = [(step // 12, step % 12 + 1) for step in range(first, last + 1)]
    return [(*month, *known.get(month, (0, 0))) for month in months]


def _month_layers(months: int) -> list[Spec]:
    """Months by name, as one letter where narrow; over more than 18 months only the years are written."""
    name = "monthAbbrevFormat(toNumber(substring(datum.value, 5)) - 1)"
    short = f"(width / {months} < 30 ? substring({name}, 0, 1) : {name})"
    year = "substring(datum.value, 0, 4)"
    new_year = "substring(datum.value, 5) === '01'"
    text = f"datum.index === 0 || {new_year} ? [{short}, {year}] : {short}"
    if months > 18:
        text = f"{new_year} ? {year} : ''"
    axis = {"labelAngle": 0, "labelExpr": text, "labelOverlap": False, "labelAlign": "center"}
    x: Spec = {"field": "month", "type": "ordinal", "title": None, "axis": axis, "scale": {"paddingInner": 0.22}}
    y: Spec = {"field": "all", "type": "quantitative", "title": None, "axis": {"tickCount": 4, "grid": True}}
    hints = tooltip(label="Month", total="Coupons", of="Burnt", rate="Burn rate")
    return [
        {"mark": mark("bar", fill=var("ref")), "encoding": {"x": x, "y": y, "tooltip": hints}},
        {"mark": mark("bar", fill=var("accent")), "encoding": {"x": x, "y": {**y, "field": "burnt"}, "tooltip": hints}},
    ]


def _line_of(profile: SegmentProfile) -> Line:
    assert profile.burn_curve is not None
    return row_name(profile), var(slot(profile.segment)), profile.burn_curve


def _last_day(curve: BurnCurve) -> int:
    """Where the picture ends: nearly everything that will be burnt is burnt; a round number of days."""
    reached = next((day for day, share in zip(curve.days, curve.share, strict=True) if share >= 0.985 * curve.plateau),
                   curve.days[-1])  # fmt: skip
    return max(10, math.ceil(reached / 10) * 10)


def _half(curve: BurnCurve, start: str) -> str:
    within = curve.half_of_burns_within
    if within is None:
        return "Few coupons are burnt"
    if within == 0:
        return f"{start} on the day of the claim"
    return f"{start} within {say.plural(within, 'day')}"


def _plateau(curve: BurnCurve) -> str:
    if curve.median is None:
        return f"most stay unburnt, the curve ends at {say.share(curve.plateau)}"
    return f"the median is {say.plural(curve.median, 'day')}, the curve ends at {say.share(curve.plateau)}"


def _at(curve: BurnCurve, day: int) -> float:
    share = 0.0
    for known, value in zip(curve.days, curve.share, strict=True):
        if known > day:
            break
        share = value
    return share


def _curves(about: str, lines: list[Line], last: int) -> Spec:
    """Step lines, named at their end: two lines by name within the plot, more or close ones by number at its right."""
    rows: list[dict[str, Any]] = []
    for name, token, curve in lines:
        before = None
        for day in range(last + 1):
            share = _at(curve, day)
            if share != before or day == last:
                rows.append({"day": day, "share": round(share, 5), "name": name, "token": token,
                             "text": say.share(share, 1)})  # fmt: skip
            before = share
    beside = len(lines) > 2 or _close(lines, last) or _crosses(lines, last)
    x = {**_X, "scale": {"nice": False, "rangeMax": {"expr": "width - 62"}}} if beside else _X
    line = {
        "mark": mark("line", interpolate="step-after", strokeWidth=2),
        "encoding": {"x": x, "y": _Y, "detail": {"field": "name", "type": "nominal"},
                     "stroke": {"field": "token", "type": "nominal", "scale": None}},
    }  # fmt: skip
    hover = {
        "mark": mark("point", opacity=0, size=120),
        "encoding": {"x": x, "y": _Y, "tooltip": tooltip(name="Who", day="Day", text="Burnt")},
    }
    names = _names_beside(lines, last) if beside else _names_within(lines, last)
    layers = [
        {**one, "encoding": {"x": x, "y": _Y, "text": {"field": "name", "type": "nominal"},
                             "fill": {"field": "token", "type": "nominal", "scale": None}}}
        for one in names
    ]  # fmt: skip
    return chart(about, rows, HEIGHT, [line, hover, *layers])


def _end(name: str, token: str, share: float, last: int) -> dict[str, Any]:
    return {"day": last, "share": share, "name": name, "token": token if token != var("none") else var("ink-2")}


def _close(lines: list[Line], last: int) -> bool:
    """Whether two lines end so near to each other that names between them would touch them."""
    ends = sorted(_at(curve, last) for _, _, curve in lines)
    return len(ends) == 2 and ends[1] - ends[0] < 0.2 * ends[1]


def _crosses(lines: list[Line], last: int) -> bool:
    """Whether the upper of two lines would run through the name above the end of the lower one."""
    if len(lines) != 2:
        return False
    low, high = sorted(lines, key=lambda one: _at(one[2], last))
    top = max(_at(high[2], last), 1e-9)
    reach = min(0.95, 6.6 * len(f"{low[0]} {say.share(low[2].plateau)}") / PLOT)
    return _at(high[2], round(last * (1 - reach))) < _at(low[2], last) + top * 28 / HEIGHT


def _names_within(lines: list[Line], last: int) -> list[Spec]:
    """Each name above the end of its line."""
    ends = [_end(f"{name} {say.share(curve.plateau)}", token, _at(curve, last), last) for name, token, curve in lines]
    return [{"data": {"values": ends}, "mark": mark("text", align="right", baseline="bottom", dy=-5, fontWeight=600)}]


def _names_beside(lines: list[Line], last: int) -> list[Spec]:
    """Number (or All) and plateau at the right of each line's end, at least one line of text apart."""
    top = max(curve.plateau for _, _, curve in lines) or 1.0
    step, floor, ends = top * 17 / HEIGHT, -math.inf, []
    for name, token, curve in sorted(lines, key=lambda one: _at(one[2], last)):
        floor = max(_at(curve, last), floor + step)
        number = "All" if name == EVERYONE else name.split(" ", 1)[0]
        ends.append(_end(f"{number}: {say.share(curve.plateau)}", token, floor, last))
    look = mark("text", align="left", baseline="middle", dx=8, fontWeight=600)
    return [{"data": {"values": ends}, "mark": look}]


def _table(lines: list[Line], last: int) -> ChartTable:
    marks = sorted({0, 1, 3, 7, 14, 30, 60, 90, last} & set(range(last + 1)))
    head = ("Day", *(name for name, _, _ in lines))
    body = [(str(day), *(say.share(_at(curve, day), 1) for _, _, curve in lines)) for day in marks]
    return ChartTable(head, (*body, ("End", *(say.share(curve.plateau, 1) for _, _, curve in lines))))
