"""What the shop sold: the key figures, who brings the sales, and in what they lead."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from coterie.views import format as say
from coterie.views.charts.sales import buyers_of
from coterie.views.shop import everyone, filters_behind, metrics_of, named
from coterie.views.terms import anchor
from coterie.views.tokens import slot

if TYPE_CHECKING:
    from coterie.metrics.contract import Metrics, SegmentMetrics
    from coterie.views.contract import Drawings, ReportInput


@dataclass(frozen=True)
class Tile:
    """A key figure: what it is, the id of its definition, the number, and a line below it."""

    label: str
    term: str
    number: str
    line: str = ""


@dataclass(frozen=True)
class Row:
    """One segment in the table of the page, printed."""

    segment: int | None
    css: str
    name: str
    cells: tuple[tuple[str, str], ...]


def sales(result: ReportInput, drawings: Drawings) -> Mapping[str, Any] | None:
    """Key figures, share of sales, one row per segment, sales by what and where; left out without orders."""
    metrics = metrics_of(result)
    if metrics is None or metrics.sales is None or metrics.orders is None:
        return None
    if not metrics.orders:
        part = filters_behind(metrics).any
        return {"title": "Nothing was sold in these filters" if part else "Nothing has been sold yet",
                "lead": "They let no order through." if part else "There is no order in these data.", "tiles": (),
                "charts": (), "rows": (), "heads": (), "breakdowns": ()}  # fmt: skip
    own = tuple(_row(result, metrics, one) for one in buyers_of(metrics))
    # One segment alone is all of them.
    rows = own if filters_behind(metrics).any and len(own) == 1 else (_whole(metrics), *own)
    return {
        "title": _title(metrics),
        "lead": _lead(metrics),
        "tiles": _tiles(metrics),
        "charts": drawings["sales-share"],
        "rows": rows,
        "heads": tuple((label, anchor(term)) for label, term in _heads(metrics)),
        "breakdowns": tuple(one for name in _BREAKDOWNS for one in drawings[name]),
    }


_HEADS = (
    ("Customers", "Order, customer who bought"),
    ("Orders each", "Order, customer who bought"),
    ("Average order", "Average order value (AOV)"),
    ("Sales", "Sales, returns, revenue"),
    ("Bought again", "Repeat purchase rate"),
    ("Returns", "Return rate"),
)
"""Columns of the table: label, term; without returns the last one is left out."""
_BREAKDOWNS = ("sales-category", "sales-product", "sales-city", "sales-branch")


def _heads(metrics: Metrics) -> tuple[tuple[str, str], ...]:
    return _HEADS if metrics.returns else _HEADS[:-1]


def _title(metrics: Metrics) -> str:
    assert metrics.orders is not None
    people = say.plural(metrics.customers or 0, "customer")
    average = say.money(metrics.aov, metrics.currency)
    return f"{say.plural(metrics.orders, 'order')} of {average} on average, from {people}"


def _lead(metrics: Metrics) -> str:
    """What the sales hold and what they leave out."""
    parts = [f"{say.dates(metrics.first_day, metrics.as_of)}."]
    if metrics.returns:
        parts.append(
            f"Returns are not taken off the sales: net of them the revenue is"
            f" {say.money(metrics.revenue, metrics.currency)}."
        )
    apart = []
    if metrics.customers_returns_only:
        apart.append(f"{say.plural(metrics.customers_returns_only, 'customer')} with returns only")
    if metrics.customers_free_only:
        apart.append(f"{say.count(metrics.customers_free_only)} with free items only")
    if apart:
        parts.append(f"Not counted among the customers: {say.listing(apart)}.")
    return " ".join(parts)


def _tiles(metrics: Metrics) -> tuple[Tile, ...]:
    currency, customers, orders = metrics.currency, metrics.customers or 0, metrics.orders or 0
    sales = metrics.sales or 0.0
    repeat = metrics.repeat_purchase_rate
    again = round((repeat or 0.0) * customers)
    windows = {one.days: one.rate for one in metrics.repeat_within if one.rate is not None}
    days = 90 if 90 in windows else next(iter(windows), None)
    window = f"; within {days} days {say.share(windows[days])}" if days is not None else ""
    each = f"{say.plain(orders / customers, 1)} per customer" if customers else ""
    net = f"net of returns {say.money(metrics.net_aov, currency)}" if metrics.returns else "sales / orders"
    exact = say.money(sales, currency, exact=True)
    tiles = (
        Tile("Sales", anchor("Sales, returns, revenue"), say.money(sales, currency), exact if sales >= 1000 else ""),
        Tile("Orders", anchor("Order, customer who bought"), say.count(orders), each),
        Tile("Average order value", anchor("Average order value (AOV)"), say.money(metrics.aov, currency), net),
        Tile("Repeat purchase rate", anchor("Repeat purchase rate"), say.share(repeat, 1),
             f"{say.count(again)} bought more than once{window}"),
        Tile("Returns", anchor("Return rate"), say.money(metrics.returns or 0.0, currency),
             f"{say.share((metrics.returns or 0.0) / sales, 1)} of sales" if sales else ""),
    )  # fmt: skip
    # A tile that says nothing was returned where returns are simply not in the data would mislead.
    return tiles if metrics.returns else tiles[:-1]


def _row(result: ReportInput, metrics: Metrics, one: SegmentMetrics) -> Row:
    name = named(result, one.segment).removeprefix(f"{one.segment} ")
    figures = (one.buyers or 0, one.orders or 0, one.aov, one.sales, one.repeat_purchase_rate, one.return_rate)
    return Row(one.segment, slot(one.segment), name, _cells(metrics, *figures))


def _whole(metrics: Metrics) -> Row:
    rate = (metrics.returns or 0.0) / metrics.sales if metrics.sales else None
    repeat, people = metrics.repeat_purchase_rate, metrics.customers or 0
    cells = _cells(metrics, people, metrics.orders or 0, metrics.aov, metrics.sales, repeat, rate)
    return Row(None, "none", everyone(metrics), cells)


def _cells(
    metrics: Metrics,
    buyers: int,
    orders: int,
    aov: float | None,
    sales: float | None,
    repeat: float | None,
    returned: float | None,
) -> tuple[tuple[str, str], ...]:
    texts = (
        say.count(buyers),
        say.plain(orders / buyers, 1) if buyers else say.NOTHING,
        say.money(aov, metrics.currency),
        say.money(sales, metrics.currency),
        say.share(repeat),
        say.small_share(returned),
    )
    return tuple((label, text) for (label, _), text in zip(_heads(metrics), texts, strict=False))
