"""Sales in the days around a coupon's claim: described, not caused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coterie.views import format as say
from coterie.views.contract import ChartTable, Drawn, Key, Spec
from coterie.views.shop import metrics_of, money_axis
from coterie.views.tokens import var
from coterie.views.vega import chart, mark, tooltip

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coterie.metrics.contract import CouponDay
    from coterie.views.contract import ReportInput

HEIGHT = 230


def around_coupons(result: ReportInput) -> tuple[Drawn, ...]:
    """Sales per customer and day, before and after a claim, with the mean of either side."""
    metrics = metrics_of(result)
    days = metrics.around_coupons if metrics is not None else ()
    before = [one for one in days if one.day < 0]
    after = [one for one in days if one.day > 0]
    if metrics is None or not before or not after or not any(one.sales_per_customer for one in days):
        return ()
    currency = metrics.currency
    rows = [
        {"day": one.day, "value": one.sales_per_customer, "text": say.money(one.sales_per_customer, currency),
         "customers": say.count(one.customers), "when": _when(one.day),
         "token": var("ref" if one.day < 0 else "accent")}
        for one in days
    ]  # fmt: skip
    low, high = mean(before), mean(after)
    title = _title(low, high, len(before), len(after), currency)
    about = f"Sales per customer and day around a claim, described, not caused: {say.lower_first(title)}."
    measure = (
        "Described, not caused. Sales per customer and day, by days from the claim of a coupon;"
        " lines are the means of either side"
    )
    note = (
        "Who claims a coupon may be about to buy anyway. What a coupon changes is seen only against customers who, by"
        " chance, get none (holdout)."
    )
    table = ChartTable(
        ("Day", "Sales per customer and day", "Customers"),
        tuple((_when(one.day), say.money(one.sales_per_customer, currency), say.count(one.customers)) for one in days),
    )
    means = [(before, low, "ink-2"), (after, high, "ink")]
    spec = chart(about, rows, HEIGHT, _layers(means, currency))
    keys = (Key("ref", "before the claim"), Key("accent", "from the claim on"))
    return (Drawn("around-coupons", title, measure, about, spec, table, keys, notes=(note,),
                  terms=("Sales around a coupon",)),)  # fmt: skip


def mean(days: Sequence[CouponDay]) -> float:
    """Sales per customer and day over several days: sum over sum."""
    people = sum(one.customers for one in days)
    return sum(one.sales_per_customer * one.customers for one in days) / people if people else 0.0


def _when(day: int) -> str:
    if day == 0:
        return "Day of the claim"
    return f"{say.plural(abs(day), 'day')} {'before' if day < 0 else 'after'}"


def _title(low: float, high: float, before: int, after: int, currency: str | None) -> str:
    first, then = say.money(low, currency), say.money(high, currency)
    return f"{first} per customer and day in the {before} days before a claim, {then} in the {after} after it"


def _layers(means: list[tuple[list[CouponDay], float, str]], currency: str | None) -> list[Spec]:
    x = {"field": "day", "type": "quantitative", "title": "Days from the claim", "scale": {"nice": False, "padding": 8},
         "axis": {"tickCount": 7, "labelExpr": "(datum.value > 0 ? '+' : '') + datum.label"}}  # fmt: skip
    y = {"field": "value", "type": "quantitative", "title": None, "scale": {"domainMin": 0},
         "axis": {"tickCount": 4, "grid": True, **money_axis(currency)}}  # fmt: skip
    bars = {
        "mark": mark("bar", width={"expr": "max(1, width / (domain('x')[1] - domain('x')[0] + 1) - 2)"}),
        "encoding": {"x": x, "y": y, "fill": {"field": "token", "type": "nominal", "scale": None},
                     "tooltip": tooltip(when="Day", text="Sales per customer", customers="Customers")},
    }  # fmt: skip
    lines: list[Spec] = [
        {
            "data": {"values": [{"day": days[0].day, "end": days[-1].day, "value": value}]},
            "mark": mark("rule", strokeWidth=2, color=var(token)),
            "encoding": {"x": x, "x2": {"field": "end"}, "y": y},
        }
        for days, value, token in means
    ]
    return [bars, *lines]
