"""Who brings the sales: each segment's share of them beside its share of customers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coterie.views import format as say
from coterie.views.contract import ChartTable, Drawn, Spec
from coterie.views.shop import FEW, column_heads, metrics_of, named, said
from coterie.views.tokens import slot, var
from coterie.views.vega import bar_length, chart, fill, mark, row_axis, row_names, tooltip, value_column, wrapped

if TYPE_CHECKING:
    from coterie.metrics.contract import Metrics, SegmentMetrics
    from coterie.views.contract import ReportInput

ROW = 38
_SALES_EDGE = "width - (width < 260 ? 46 : 152)"
_INDEX_EDGE = "width"


def sales_share(result: ReportInput) -> tuple[Drawn, ...]:
    """Share of sales per segment, with a tick at its share of customers, and the index of the two."""
    metrics = metrics_of(result)
    segments = buyers_of(metrics)
    if metrics is None or not metrics.sales or len(segments) < 2:
        return ()
    buyers = sum(one.buyers or 0 for one in segments)
    rows = [
        {"row": wrapped(named(result, one.segment)), "name": named(result, one.segment),
         "share": one.sales_share or 0.0, "people": (one.buyers or 0) / buyers, "text": say.share(one.sales_share),
         "people_text": say.share((one.buyers or 0) / buyers),
         "index": say.ratio(one.sales_index if (one.buyers or 0) >= FEW else None),
         "sales": say.money(one.sales, metrics.currency), "count": say.count(one.buyers or 0),
         "token": var(slot(one.segment))}
        for one in segments
    ]  # fmt: skip
    title = _title(result, segments, buyers)
    about = f"Share of sales and of customers per segment: {title}."
    table = ChartTable(
        ("Segment", "Sales", "Share of sales", "Customers who bought", "Share of customers", "Sales index"),
        tuple((str(row["name"]), str(row["sales"]), str(row["text"]), str(row["count"]), str(row["people_text"]),
               str(row["index"])) for row in rows),
    )  # fmt: skip
    measure = (
        f"Share of {say.money(metrics.sales, metrics.currency)} of sales; the tick is the share of"
        f" {say.count(buyers)} customers who bought. Index: share of sales / share of"
        f" customers who bought, a description without an interval, from {FEW} customers on"
    )
    return (Drawn("sales-share", title, measure, about, chart(about, rows, ROW * len(rows), _layers()), table,
                  terms=("Sales share, sales index",)),)  # fmt: skip


def buyers_of(metrics: Metrics | None) -> tuple[SegmentMetrics, ...]:
    """The segments in which somebody bought something."""
    if metrics is None:
        return ()
    return tuple(one for one in metrics.segments if one.buyers and one.sales is not None)


def _title(result: ReportInput, segments: tuple[SegmentMetrics, ...], buyers: int) -> str:
    """The segment that brings most for its size, where it brings much; else the one that brings most."""
    many = [one for one in segments if (one.buyers or 0) >= FEW] or segments
    strong = [one for one in many if (one.sales_share or 0.0) >= 0.1 and one.sales_index is not None]
    top = max(strong or many, key=lambda one: (one.sales_index or 0.0, one.sales or 0.0))
    who, part = said(result, top.segment), say.share((top.buyers or 0) / buyers)
    return f"{say.upper_first(who)}: {part} of customers, {say.share(top.sales_share)} of sales"


def _layers() -> list[Spec]:
    y = row_axis()
    length = bar_length("share", 200, 92)
    hints = tooltip(
        name="Segment", sales="Sales", text="Share of sales", people_text="Share of customers", index="Index"
    )
    ticks = {
        "mark": mark("tick", thickness=2, size=20, color=var("ink"), opacity=1),
        "encoding": {"y": y, "x": {**length, "field": "people"}},
    }
    return [
        row_names(y),
        {"mark": mark("bar", height=14), "encoding": {"y": y, "x": length, "fill": fill(), "tooltip": hints}},
        ticks,
        value_column("text", y, edge=_SALES_EDGE, bold=True),
        value_column("people_text", y, 66, wide_only=True),
        value_column("index", y, edge=_INDEX_EDGE, bold=True),
        *column_heads(
            (("Sales", _SALES_EDGE, False), ("Customers", "width - 66", True), ("Index", _INDEX_EDGE, False))
        ),
    ]
