"""What is sold, and where: sales by category, city, branch and product, with the segment that leads in each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from coterie.views import format as say
from coterie.views.charts.sales import buyers_of
from coterie.views.contract import ChartTable, Drawn, Spec
from coterie.views.shop import FEW, column_heads, metrics_of, named, said
from coterie.views.tokens import slot, var
from coterie.views.vega import NAME_WIDTH, bar_length, chart, mark, row_axis, tooltip, value_column, wrapped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coterie.metrics.contract import Breakdown, Metrics, Share
    from coterie.views.contract import ReportInput

SHOWN = 10
"""Values shown one by one; the rest is one bar."""
LEADS = 1.2
"""From this index on a segment leads in a value."""
LARGE = 1.5
"""The rest is drawn up to so many times the longest bar."""
ROW = 32
OTHER = "other"
INDEX_NOTE = (
    f"Index: share of the segment’s sales / share of all sales, from {say.ratio(LEADS)} on and with at least {FEW} of"
    " its customers behind it. It describes these sales and has no interval; a few large orders can make it."
)
_SALES_EDGE = "width - 74"


def category(result: ReportInput) -> tuple[Drawn, ...]:
    """Sales by category of product."""
    return _dimension(result, "category")


def city(result: ReportInput) -> tuple[Drawn, ...]:
    """Sales by the customer's city."""
    return _dimension(result, "city")


def branch(result: ReportInput) -> tuple[Drawn, ...]:
    """Sales by branch."""
    return _dimension(result, "branch")


def product(result: ReportInput) -> tuple[Drawn, ...]:
    """Sales by product."""
    return _dimension(result, "product")


def _dimension(result: ReportInput, dimension: str) -> tuple[Drawn, ...]:
    """One chart where the sales have several values in that dimension."""
    metrics = metrics_of(result)
    if metrics is None or not metrics.sales:
        return ()
    found = next((one for one in metrics.breakdowns if one.dimension == dimension), None)
    return (_one(result, metrics, found),) if found is not None and len(found.rows) > 1 else ()


def _one(result: ReportInput, metrics: Metrics, found: Breakdown) -> Drawn:
    label = found.label.lower()
    leaders = {row.value: _leader(metrics, found, row.value) for row in found.rows}
    named = [row for row in found.rows if row.value != OTHER]
    rows = [_row(result, metrics, row, leaders[row.value], place) for place, row in enumerate(named[:SHOWN])]
    rest = _rest(metrics, named[SHOWN:], [row for row in found.rows if row.value == OTHER])
    # What is left may be far more than any one value: its bar would shrink all others to nothing.
    large = rest is not None and rest["share"] > LARGE * max((row["share"] for row in rows), default=1.0)
    if rest is not None and not large:
        rows.append(rest)
    title = _title(result, found, leaders)
    about = f"Sales by {label}: {title}."
    measure = f"Sales by {label}, share of {say.money(metrics.sales, metrics.currency)}"
    notes = (
        [f"Not drawn: {say.lower_first(rest['label'])}, {rest['text']}, {rest['part']} of sales."]
        if large and rest
        else []
    )
    if any(leaders.values()):
        measure += ". At the right the segment with the highest index"
        notes.append(INDEX_NOTE)
    room = 10 + round(7.3 * max(len(row["text"]) for row in rows))
    spec = chart(about, rows, ROW * len(rows), _layers(room, leads=any(leaders.values())))
    return Drawn(
        f"sales-{found.dimension}",
        title,
        measure,
        about,
        spec,
        _table(result, metrics, found),
        notes=tuple(notes),
        terms=("Sales, returns, revenue", "Index of a category, city or product")[: 1 + any(leaders.values())],
    )


def _leader(metrics: Metrics, found: Breakdown, value: str) -> tuple[int, float] | None:
    """The segment whose share of the value is highest above that of all, if far enough above, of enough people."""
    best: tuple[int, float] | None = None
    for one in buyers_of(metrics):
        for row in _rows_of(one.breakdowns, found.dimension):
            if row.value != value or value == OTHER or row.index is None or row.customers < FEW:
                continue
            if row.index >= LEADS and (best is None or row.index > best[1]):
                best = (one.segment, row.index)
    return best


def _rows_of(known: tuple[Breakdown, ...], dimension: str) -> tuple[Share, ...]:
    return next((one.rows for one in known if one.dimension == dimension), ())


def _row(
    result: ReportInput, metrics: Metrics, row: Share, leader: tuple[int, float] | None, place: int
) -> dict[str, Any]:
    return {
        "row": str(place),
        "label": wrapped(row.value or "(none)"),
        "value": row.value,
        "share": row.share,
        "part": say.share(row.share),
        "text": say.money(row.sales, metrics.currency),
        "orders": say.count(row.orders),
        "customers": say.count(row.customers),
        "token": var("accent"),
        "leads": say.ratio(leader[1]) if leader else "",
        "number": str(leader[0]) if leader else "",
        "ink": var(f"on-{slot(leader[0])}") if leader else var("ink"),
        "leader": f"{named(result, leader[0])}, {say.ratio(leader[1])}" if leader else say.NOTHING,
        "dot": var(slot(leader[0])) if leader else "transparent",
    }


def _rest(metrics: Metrics, more: Sequence[Share], other: Sequence[Share]) -> dict[str, Any] | None:
    """One row for all values that are not shown by name; None where all are."""
    rest = [*more, *other]
    if not rest:
        return None
    name = "All other" if other else f"{say.count(len(more))} more"
    part = sum(row.share for row in rest)
    return {"row": "rest", "label": name, "value": name, "share": part, "part": say.share(part),
            "text": say.money(sum(row.sales for row in rest), metrics.currency), "orders": say.NOTHING,
            "customers": say.NOTHING, "token": var("ref"), "leads": "", "number": "", "ink": var("ink"),
            "leader": say.NOTHING, "dot": "transparent"}  # fmt: skip


def _title(result: ReportInput, found: Breakdown, leaders: dict[str, tuple[int, float] | None]) -> str:
    """Where a segment leads most, else what sells most."""
    named = [row for row in found.rows if row.value != OTHER] or list(found.rows[:1])
    leading = [(lead[1], row, lead[0]) for row in named[:SHOWN] if (lead := leaders[row.value])]
    first = f"{say.upper_first(_called(found, named[0].value))}: {say.share(named[0].share)} of sales"
    if not leading:
        return f"{first}; no segment stands out" if len(leaders) > 1 else first
    index, row, segment = max(leading, key=lambda one: one[0])
    who = said(result, segment)
    verb = "leads" if who.startswith("segment ") else "lead"
    return f"{first}; {who} {verb} in {_called(found, row.value)}, {say.ratio(index)}"


def _called(found: Breakdown, value: str) -> str:
    """The value within a sentence; a bare number says what it is the number of."""
    return f"{found.label.lower()} {value}" if value.isdecimal() else say.shortened(value, 40)


def _table(result: ReportInput, metrics: Metrics, found: Breakdown) -> ChartTable:
    segments = buyers_of(metrics)
    index = {(one.segment, row.value): row.index if row.customers >= FEW else None for one in segments
             for row in _rows_of(one.breakdowns, found.dimension)}  # fmt: skip
    own = [one.segment for one in segments if any(key[0] == one.segment for key in index)]
    head = (found.label, "Sales", "Share", "Orders", "Customers", *(f"Index in {named(result, one)}" for one in own))
    body = tuple(
        (row.value or "(none)", say.money(row.sales, metrics.currency, exact=True), say.share(row.share, 1),
         say.count(row.orders), say.count(row.customers), *(say.ratio(index.get((one, row.value))) for one in own))
        for row in found.rows
    )  # fmt: skip
    return ChartTable(head, body)


def _layers(room: int, *, leads: bool) -> list[Spec]:
    y = row_axis()
    length = bar_length("share", room + (74 if leads else 0))
    edge = _SALES_EDGE if leads else "width"
    hints = tooltip(value="Sales of", text="Sales", part="Share", orders="Orders", customers="Customers")
    if leads:
        hints += tooltip(leader="Leads")
    names = {
        "transform": [{"calculate": "split(datum.label, '\\n')", "as": "lines"}],
        "mark": mark("text", align="left", baseline="middle", fontSize=13, lineHeight=15, limit=NAME_WIDTH - 8,
                     dy={"expr": "length(datum.lines) > 1 ? -7 : 0"}),
        "encoding": {"x": {"value": -NAME_WIDTH}, "y": y, "text": {"field": "lines", "type": "nominal"}},
    }  # fmt: skip
    token = {"field": "token", "type": "nominal", "scale": None}
    bars = {"mark": mark("bar", height=12), "encoding": {"y": y, "x": length, "fill": token, "tooltip": hints}}
    layers: list[Spec] = [names, bars, value_column("text", y, edge=edge, bold=True)]
    if not leads:
        return layers
    dots = {
        "mark": mark("point", shape="square", filled=True, size=256, opacity=1),
        "encoding": {"y": y, "x": {"value": {"expr": f"{_SALES_EDGE} + 22"}},
                     "fill": {"field": "dot", "type": "nominal", "scale": None}},
    }  # fmt: skip
    numbers = {
        "mark": mark("text", fontSize=11, fontWeight=600, baseline="middle"),
        "encoding": {"y": y, "x": {"value": {"expr": f"{_SALES_EDGE} + 22"}},
                     "text": {"field": "number", "type": "nominal"},
                     "fill": {"field": "ink", "type": "nominal", "scale": None}},
    }  # fmt: skip
    heads = column_heads((("Sales", _SALES_EDGE, False), ("Leads", "width", False)))
    return [*layers, dots, numbers, value_column("leads", y), *heads]
