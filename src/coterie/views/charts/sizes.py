"""How many customers each segment holds, and what they hold on average."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from coterie.views import format as say
from coterie.views.contract import ChartTable, Drawn, Spec
from coterie.views.segments import amount, mention, row_name, with_coupons, with_orders
from coterie.views.shop import column_heads
from coterie.views.tokens import slot, var
from coterie.views.vega import bar_length, chart, fill, mark, row_axis, row_names, tooltip, value_column, wrapped

if TYPE_CHECKING:
    from coterie.profiles.contract import SegmentProfile
    from coterie.views.contract import ReportInput

ROW = 36
_ALL_EDGE = "width - (width < 260 ? 42 : 94)"


def sizes(result: ReportInput) -> tuple[Drawn, ...]:
    """Customers per segment, with their share of all known customers."""
    segments = result.profiles.segments
    if not segments:
        return ()
    rows = [
        {"row": wrapped(row_name(one)), "name": row_name(one), "customers": one.customers,
         "count": say.count(one.customers), "share": say.share(one.share), "token": var(slot(one.segment))}
        for one in segments
    ]  # fmt: skip
    largest = max(segments, key=lambda one: one.customers)
    if len(segments) == 1:
        title = f"One segment, {say.plural(result.customers, 'customer')}"
    else:
        title = f"{say.upper_first(mention(largest))} is the largest, {say.share(largest.share)} of customers"
        if mention(largest) == say.lower_first(largest.name):
            title = f"{largest.name}: the largest segment, {say.share(largest.share)} of customers"
    y = row_axis()
    bars = {
        "mark": mark("bar", height=12),
        "encoding": {"y": y, "x": bar_length("customers", 96, 92), "fill": fill(),
                     "tooltip": tooltip(name="Segment", count="Customers", share="Share")},
    }  # fmt: skip
    layers = [row_names(y), bars, value_column("count", y, 46, bold=True), value_column("share", y)]
    spec = chart(f"Customers per segment. {title}.", rows, ROW * len(rows), layers)
    body = tuple((str(row["name"]), str(row["count"]), str(row["share"])) for row in rows)
    table = ChartTable(("Segment", "Customers", "Share"), body)
    measure = f"Customers per segment and share of all {say.count(result.customers)}"
    return (Drawn("sizes", title, measure, spec["description"], spec, table, terms=("Segment",)),)


def averages(result: ReportInput) -> tuple[Drawn, ...]:
    """What a customer of each segment holds and buys on average: coupons, and orders with their sales."""
    return (*_coupons(result), *_orders(result))


def _coupons(result: ReportInput) -> tuple[Drawn, ...]:
    """Coupons (transactions), open and burnt coupons per customer of each segment: all pale, burnt solid."""
    segments = with_coupons(result)
    if not segments:
        return ()
    everyone = result.profiles.all
    rows = [
        {"row": wrapped(row_name(one)), "name": row_name(one), "each": one.coupons_each,
         "burnt": one.burnt_each, "token": var(slot(one.segment)),
         "t": say.plain(one.coupons_each, 1), "o": say.plain(one.open_each, 1), "b": _burnt(one),
         "rate": say.share(one.burn_rate)}
        for one in segments
    ]  # fmt: skip
    most, hottest = max(segments, key=lambda one: one.coupons_each), max(segments, key=lambda one: one.burnt_each)
    each = f"{say.plain(most.coupons_each, 1)} each"
    title = f"Most coupons per customer: {mention(most)}, {each}" if len(segments) > 1 else f"Coupons: {each}"
    if everyone.burnt == 0:
        title += ", none burnt"
    elif hottest is most:
        title += f", {say.plain(most.burnt_each, 1)} of them burnt"
    else:
        title += f"; most burns: {mention(hottest)}, {say.plain(hottest.burnt_each, 1)} each"
    spec = chart(f"Coupons per customer by segment. {title}.", rows, ROW * len(rows), _average_layers())
    table = ChartTable(
        ("Segment", "Coupons (transactions)", "Claimed, still open", "Burnt", "Burn rate"),
        tuple((str(row["name"]), str(row["t"]), str(row["o"]), str(row["b"]), str(row["rate"])) for row in rows),
    )
    measure = (
        "Average per customer: all coupons (transactions) in pale, the burnt ones among them in full colour. "
        f"All customers: {say.plain(everyone.coupons_each, 1)}, {say.plain(everyone.burnt_each, 1)} burnt"
    )
    terms = ("Coupons (transactions)", "Claimed, open", "Burnt")
    return (Drawn("averages", title, measure, spec["description"], spec, table, terms=terms),)


def _orders(result: ReportInput) -> tuple[Drawn, ...]:
    """Sales per customer as bars, with orders per customer and AOV beside them, all sums over sums."""
    segments = with_orders(result)
    if not segments:
        return ()
    everyone = result.profiles.all
    rows: list[dict[str, Any]] = [
        {"row": wrapped(row_name(one)), "name": row_name(one), "each": one.sales_each, "token": var(slot(one.segment)),
         "orders": say.plain(one.orders_each, 1), "aov": amount(result, one.aov),
         "sales": amount(result, one.sales_each)}
        for one in segments
    ]  # fmt: skip
    most, dearest = max(segments, key=lambda one: one.sales_each), max(segments, key=lambda one: one.aov or 0.0)
    top = amount(result, most.sales_each)
    title = f"Most sales per customer: {mention(most)}, {top}" if len(segments) > 1 else f"Sales: {top} each"
    if dearest is not most:
        title += f"; largest orders: {mention(dearest)}, {amount(result, dearest.aov)}"
    spec = chart(f"Sales per customer by segment. {title}.", rows, ROW * len(rows), _sales_layers())
    heads = ("Segment", "Orders each", "Average order", "Sales each")
    table = ChartTable(heads, tuple((r["name"], r["orders"], r["aov"], r["sales"]) for r in rows))
    measure = (
        "Average per customer: sales as bars, beside orders and the average order value. "
        f"All customers: {say.plain(everyone.orders_each, 1)} orders of {amount(result, everyone.aov)},"
        f" {amount(result, everyone.sales_each)}"
    )
    return (Drawn("averages-orders", title, measure, spec["description"], spec, table),)


def _sales_layers() -> list[Spec]:
    y = row_axis()
    hints = tooltip(name="Segment", orders="Orders each", aov="Average order", sales="Sales each")
    edge = "width - (width < 260 ? 72 : 142)"
    columns = [("Sales", "width", False), ("Average", "width - 72", True), ("Orders", edge, False)]
    return [
        row_names(y),
        {"mark": mark("bar", height=12),
         "encoding": {"y": y, "x": bar_length("each", 190, 120), "fill": fill(), "tooltip": hints}},
        value_column("orders", y, edge=edge),
        value_column("aov", y, 72, wide_only=True),
        value_column("sales", y, 0, bold=True),
        *column_heads(columns),
    ]  # fmt: skip


def _burnt(profile: SegmentProfile) -> str:
    """Burnt coupons per customer, with a second decimal where one would call a little nothing."""
    value = profile.burnt_each
    return say.plain(value, 2 if 0 < value < 0.05 else 1)


def _average_layers() -> list[Spec]:
    y = row_axis()
    hints = tooltip(name="Segment", t="Coupons", o="Open", b="Burnt", rate="Burn rate")
    length = bar_length("each", 136, 84)
    solid = {**length, "field": "burnt"}
    columns = [("Burnt", "width", False), ("Open", "width - 46", True), ("All", _ALL_EDGE, False)]
    return [
        row_names(y),
        {"mark": mark("bar", height=12, opacity=0.38), "encoding": {"y": y, "x": length, "fill": fill()}},
        {"mark": mark("bar", height=12), "encoding": {"y": y, "x": solid, "fill": fill()}},
        {"mark": mark("bar", height=24, opacity=0),
         "encoding": {"y": y, "x": length, "fill": fill(), "tooltip": hints}},
        value_column("t", y, edge=_ALL_EDGE, bold=True),
        value_column("o", y, 46, wide_only=True),
        value_column("b", y, 0, bold=True),
        *column_heads(columns),
    ]  # fmt: skip
