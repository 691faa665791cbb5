"""When coupons are burnt: the burn curve of all, of each segment against all, and coupons by month of claim."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from coterie.views import format as say
from coterie.views.contract import ChartTable, Drawn, Key, Spec
from coterie.views.segments import row_name
from coterie.views.tokens import slot, var
from coterie.views.vega import chart, mark, tooltip

if TYPE_CHECKING:
    from coterie.profiles.contract import BurnCurve, SegmentProfile
    from coterie.views.contract import ReportInput

HEIGHT = 220
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
    lines = [(row_name(one), var(slot(one.segment)), one.burn_curve) for one in segments if len(segments) > 1]
    lines.append(("All customers", var("none"), whole))
    about = f"Share of coupons burnt by day since claim: {say.lower_first(title)}; {_plateau(whole)}."
    return (
        Drawn("burn-curve", title, f"Coupons burnt by day since claim, Kaplan-Meier. {say.upper_first(_plateau(whole))}",
              about, _curves(about, lines, last), _table(lines, last)),
    )  # fmt: skip


def segment_burn_curve(result: ReportInput) -> tuple[Drawn, ...]:
    """The burn curve of one segment against all customers, for every segment with a burnt coupon."""
    whole = result.profiles.all.burn_curve
    if whole is None:
        return ()
    last, drawn = _last_day(whole), []
    for one in result.profiles.segments:
        if one.burn_curve is None:
            continue
        lines = [(one.name, var(slot(one.segment)), one.burn_curve), ("All customers", var("none"), whole)]
        title = _half(one.burn_curve, "Half of their burns come")
        about = f"{one.name}: {say.lower_first(title)}; {_plateau(one.burn_curve)}."
        drawn.append(
            Drawn(f"burn-curve-{one.segment}", title, "Coupons burnt by day since claim, Kaplan-Meier", about,
                  _curves(about, lines, last), _table(lines, last), segment=one.segment)
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
        for place, (year, number, total, burnt) in enumerate(monthly)
    ]  # fmt: skip
    top = max(rows, key=lambda row: row["all"])
    title = f"Most coupons were claimed in {top['label']}: {top['total']}"
    about = f"Coupons by month of claim. {title}, of which {top['of']} were burnt."
    table = ChartTable(
        ("Month of claim", "Coupons", "Burnt", "Burn rate"),
        tuple((row["label"], row["total"], row["of"], row["rate"]) for row in rows),
    )
    keys = (Key("band", "coupons"), Key("accent", "of which burnt"))
    spec = chart(about, rows, HEIGHT, _month_layers(len(rows)))
    return (Drawn("months", title, "Coupons by month of claim", about, spec, table, keys),)


def _month_layers(months: int) -> list[Spec]:
    labels = (
        "(width / " + str(months) + " < 30 ? substring(monthAbbrevFormat(toNumber(substring(datum.value, 5)) - 1), 0, 1)"
        " : monthAbbrevFormat(toNumber(substring(datum.value, 5)) - 1))"
    )
    first = "datum.index === 0 || substring(datum.value, 5) === '01'"
    axis = {"labelAngle": 0, "labelExpr": f"{first} ? [{labels}, substring(datum.value, 0, 4)] : {labels}",
            "labelOverlap": months > 26}  # fmt: skip
    x: Spec = {"field": "month", "type": "ordinal", "title": None, "axis": axis, "scale": {"paddingInner": 0.22}}
    y: Spec = {"field": "all", "type": "quantitative", "title": None, "axis": {"tickCount": 4, "grid": True}}
    hints = tooltip(label="Month", total="Coupons", of="Burnt", rate="Burn rate")
    return [
        {"mark": mark("bar", fill=var("band")), "encoding": {"x": x, "y": y, "tooltip": hints}},
        {"mark": mark("bar", fill=var("accent")), "encoding": {"x": x, "y": {**y, "field": "burnt"}, "tooltip": hints}},
    ]


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
        return f"most are never burnt, the curve ends at {say.share(curve.plateau)}"
    return f"the median is {say.plural(curve.median, 'day')}, the curve ends at {say.share(curve.plateau)}"


def _at(curve: BurnCurve, day: int) -> float:
    share = 0.0
    for known, value in zip(curve.days, curve.share, strict=True):
        if known > day:
            break
        share = value
    return share


def _curves(about: str, lines: list[tuple[str, str, BurnCurve]], last: int) -> Spec:
    """Step lines with their names at the end; names keep a distance so that they never overlap."""
    rows: list[dict[str, Any]] = []
    for name, token, curve in lines:
        before = None
        for day in range(last + 1):
            share = _at(curve, day)
            if share != before or day == last:
                rows.append({"day": day, "share": round(share, 5), "name": name, "token": token,
                             "text": say.share(share, 1)})  # fmt: skip
            before = share
    spec = chart(about, rows, HEIGHT, [])
    line = {
        "mark": mark("line", interpolate="step-after", strokeWidth=2),
        "encoding": {"x": _X, "y": _Y, "detail": {"field": "name", "type": "nominal"},
                     "stroke": {"field": "token", "type": "nominal", "scale": None}},
    }  # fmt: skip
    hover = {
        "mark": mark("point", opacity=0, size=120),
        "encoding": {"x": _X, "y": _Y, "tooltip": tooltip(name="Who", day="Day", text="Burnt")},
    }
    ends = [
        {"day": last, "share": share, "name": f"{name} {say.share(curve.plateau)}",
         "token": token if token != var("none") else var("ink-2")}
        for (name, token, curve), share in zip(lines, _label_heights(lines, last), strict=True)
    ]  # fmt: skip
    label = {
        "data": {"values": ends},
        "mark": mark("text", align="right", baseline="bottom", dy=-5, fontWeight=600, stroke=None),
        "encoding": {"x": _X, "y": _Y, "text": {"field": "name", "type": "nominal"},
                     "fill": {"field": "token", "type": "nominal", "scale": None}},
    }  # fmt: skip
    return {**spec, "layer": [line, hover, label]}


def _label_heights(lines: list[tuple[str, str, BurnCurve]], last: int) -> list[float]:
    """Heights of the names in units of y, from the lowest up, at least one line of text apart."""
    top = max(curve.plateau for _, _, curve in lines) or 1.0
    step = top * 18 / HEIGHT
    heights, floor = [0.0] * len(lines), -math.inf
    for place in sorted(range(len(lines)), key=lambda one: _at(lines[one][2], last)):
        floor = max(_at(lines[place][2], last), floor + step)
        heights[place] = floor
    return heights


def _table(lines: list[tuple[str, str, BurnCurve]], last: int) -> ChartTable:
    marks = sorted({0, 1, 3, 7, 14, 30, 60, 90, last} & set(range(last + 1)))
    head = ("Day", *(name for name, _, _ in lines))
    body = [(str(day), *(say.share(_at(curve, day), 1) for _, _, curve in lines)) for day in marks]
    return ChartTable(head, (*body, ("End", *(say.share(curve.plateau, 1) for _, _, curve in lines))))
