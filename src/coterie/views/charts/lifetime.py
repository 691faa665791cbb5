"""What is to be expected of each segment: orders, value, and whether its customers are still there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from coterie.views import format as say
from coterie.views.contract import ChartTable, Drawn, Spec
from coterie.views.dots import LETTERS, ROW, position, rows_of_dots
from coterie.views.shop import EVERYONE, cited_as, column_heads, metrics_of, money_axis, named, said
from coterie.views.tokens import slot, var
from coterie.views.vega import bar_length, chart, fill, mark, row_axis, row_names, tooltip, value_column, wrapped

if TYPE_CHECKING:
    from collections.abc import Callable

    from coterie.metrics.contract import LifetimeValue, SegmentValue
    from coterie.views.contract import ReportInput

_ALIVE_EDGE = "width - (width < 260 ? 58 : 92)"


def known(result: ReportInput) -> LifetimeValue | None:
    """The lifetime value where there is a model of orders with something to show."""
    metrics = metrics_of(result)
    found = metrics.lifetime_value if metrics is not None else None
    if found is None or found.bg_nbd is None or not found.segments:
        return None
    return found


def whole_of(found: LifetimeValue) -> SegmentValue | None:
    """The figures of all customers."""
    return next((one for one in found.segments if one.segment is None), None)


def ahead(found: LifetimeValue) -> str:
    """The horizon in words: "26 weeks"."""
    return say.plural(found.horizon, found.time_unit)


def orders_text(value: float) -> str:
    """Orders per customer: two decimals under ten, else one."""
    return say.plain(value, 2 if abs(value) < 9.995 else 1)


def expected_orders(result: ReportInput) -> tuple[Drawn, ...]:
    """Orders per customer over the horizon, per segment, with the interval of the mean."""
    found = known(result)
    if found is None:
        return ()
    rows = [
        _row(result, one, one.expected_orders, one.expected_orders_low, one.expected_orders_high,
             orders_text(one.expected_orders),
             f"{orders_text(one.expected_orders_low)} to {orders_text(one.expected_orders_high)}")
        for one in found.segments
    ]  # fmt: skip
    title = _best(result, found, [(one, one.expected_orders) for one in found.segments], orders_text, " orders each")
    measure = f"Orders per customer expected in the next {ahead(found)} (BG/NBD); lines are 95% intervals of the mean"
    return (_dots("expected-orders", title, measure, rows, "Orders per customer", {}),)


def expected_value(result: ReportInput) -> tuple[Drawn, ...]:
    """Sales per customer over the horizon, per segment, with the interval of the mean."""
    found, metrics = known(result), metrics_of(result)
    if found is None or metrics is None:
        return ()
    currency, rows, values = metrics.currency, [], []

    def text(value: float) -> str:
        return say.money(value, currency, rough=True)

    for one in found.segments:
        low, high = one.expected_value_low, one.expected_value_high
        if one.expected_value is None or low is None or high is None:
            continue
        # The value beside it carries the currency.
        between = f"{say.money(low, None, rough=True)} to {say.money(high, None, rough=True)}"
        rows.append(_row(result, one, one.expected_value, low, high, text(one.expected_value), between))
        values.append((one, one.expected_value))
    if not rows:
        return ()

    title = _best(result, found, values, text, " each")
    measure = (
        f"Sales per customer expected in the next {ahead(found)} (BG/NBD, Gamma-Gamma); lines are 95% intervals of the"
        " mean"
    )
    return (_dots("expected-value", title, measure, rows, "Sales per customer", money_axis(currency)),)


def _best(
    result: ReportInput,
    found: LifetimeValue,
    values: list[tuple[SegmentValue, float]],
    text: Callable[[float], str],
    unit: str,
) -> str:
    """The segment of which most is expected, beside the average."""
    own = [(value, one.segment) for one, value in values if one.segment is not None]
    everyone = next((value for one, value in values if one.segment is None), None)
    if not own:
        return f"{text(everyone or 0.0)}{unit} in the next {ahead(found)}"
    value, segment = max(own, key=lambda one: one[0])
    more = f"{say.upper_first(said(result, segment))}: {text(value)}{unit} in the next {ahead(found)}"
    return more if everyone is None or len(own) < 2 else f"{more}, {text(everyone)} on average"


def _row(
    result: ReportInput, one: SegmentValue, value: float, low: float, high: float, text: str, between: str
) -> dict[str, Any]:
    name = EVERYONE if one.segment is None else named(result, one.segment)
    return {"row": wrapped(name, LETTERS), "name": name, "value": value, "low": low, "high": high, "text": text,
            "between": between, "customers": say.count(one.customers), "token": var(slot(one.segment))}  # fmt: skip


def _dots(name: str, title: str, measure: str, rows: list[dict[str, Any]], label: str, axis: Spec) -> Drawn:
    top = max(row["high"] for row in rows)
    spread, value = (14 + 6.7 * max(len(row[field]) for row in rows) for field in ("between", "text"))
    x = position((0, top * 1.05 or 1), reserve=round(spread + value + 8), narrow=round(value + 8), title=label, **axis)
    hints = tooltip(name="Segment", text=label, between="95% interval", customers="Customers")
    layers = rows_of_dots(x, hints)
    for layer in layers:
        if layer.get("encoding", {}).get("text", {}).get("field") == "text":
            layer["encoding"]["x"] = {"value": {"expr": f"width - (width < 260 ? 0 : {round(spread)})"}}
    about = f"{label} expected per segment: {say.lower_first(title)}."
    table = ChartTable(
        ("Segment", label, "95% interval", "Customers"),
        tuple((row["name"], row["text"], row["between"], row["customers"]) for row in rows),
    )
    return Drawn(name, title, measure, about, chart(about, rows, ROW * len(rows), layers), table,
                 terms=("Lifetime value, expected orders",))  # fmt: skip


def alive(result: ReportInput) -> tuple[Drawn, ...]:
    """Mean probability of still being a customer, and how many who bought more than once are at risk."""
    found = known(result)
    if found is None:
        return ()
    rows: list[dict[str, Any]] = []
    for one in found.segments:
        if one.alive is None or one.at_risk is None:
            return ()
        name = EVERYONE if one.segment is None else named(result, one.segment)
        rows.append({"row": wrapped(name), "name": name, "alive": one.alive, "text": say.share(one.alive),
                     "risk": say.count(one.at_risk), "customers": say.count(one.customers),
                     "token": var(slot(one.segment))})  # fmt: skip
    y = row_axis()
    length = bar_length("alive", 150, 100, domainMax=1)
    hints = tooltip(name="Segment", text="Still a customer", risk="At risk", customers="Customers")
    layers = [
        row_names(y),
        {"mark": mark("bar", height=14), "encoding": {"y": y, "x": length, "fill": fill(), "tooltip": hints}},
        value_column("text", y, edge=_ALIVE_EDGE, bold=True),
        value_column("risk", y),
        *column_heads((("Alive", _ALIVE_EDGE, False), ("At risk", "width", False))),
    ]
    title = _alive_title(result, found)
    about = f"Probability of still being a customer per segment: {say.lower_first(title)}."
    measure = (
        "Mean probability of still being a customer (BG/NBD). At risk: customers who bought more than once and are more"
        " likely gone than not"
    )
    table = ChartTable(
        ("Segment", "Still a customer", "At risk", "Customers"),
        tuple((row["name"], row["text"], row["risk"], row["customers"]) for row in rows),
    )
    note = (
        "In this model customers leave only after a repeat order: who bought once counts as still a customer for"
        " certain, however long ago it was. So compare segments of those who bought again."
    )
    return (Drawn("alive", title, measure, about, chart(about, rows, 36 * len(rows), layers), table, notes=(note,),
                  terms=("Probability alive, at risk",)),)  # fmt: skip


def _alive_title(result: ReportInput, found: LifetimeValue) -> str:
    whole = whole_of(found)
    own = [one for one in found.segments if one.segment is not None]
    risks = {one.segment: one.at_risk or 0 for one in found.segments}
    total = risks[None] if whole is not None else sum(risks.values())
    if not total:
        return "Nobody who bought more than once is more likely gone than not"
    worst = max(own, key=lambda one: risks[one.segment], default=None)
    start = f"{say.plural(total, 'customer')} at risk"
    if worst is None or len(own) < 2:
        return start
    return f"{start}, {say.count(risks[worst.segment])} of them in {cited_as(result, worst.segment)}"
