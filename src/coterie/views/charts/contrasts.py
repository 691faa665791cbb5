"""Feature contrasts as a heat map: how many times the mean of all customers each segment's mean is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from coterie.views import format as say
from coterie.views.contract import ChartTable, Drawn, Spec
from coterie.views.segments import clustered, feature_label, feature_value, mention, row_name, shown_features
from coterie.views.tokens import var
from coterie.views.vega import chart, mark, row_axis, row_names, tooltip, wrapped

if TYPE_CHECKING:
    from coterie.profiles.contract import SegmentProfile
    from coterie.views.contract import ReportInput

BORDERS = (0.25, 0.55, 0.85, 1.25, 2.05, 4.05)
"""Between seven steps of colour; they lie between printed values, so equal numbers have equal colour."""
ROW = 34
NAMES = 214
"""Pixels left of the map: the feature's label and the mean of all customers."""


def contrasts(result: ReportInput) -> tuple[Drawn, ...]:
    """Each segment's mean against all customers, feature by feature."""
    segments = clustered(result)
    if len(segments) < 2:
        return ()
    names = list(dict.fromkeys(name for one in segments for name, _ in shown_features(one)))
    rows = [cell for name in names if (cells := _cells(result, name, segments)) for cell in cells]
    if not rows:
        return ()
    features = len({row["row"] for row in rows})
    columns = [_column(one, len(segments)) for one in segments]
    title = _title(rows)
    about = f"Mean of each segment / mean of all customers, for {say.plural(features, 'feature')}. {title}."
    spec = chart(about, rows, ROW * features, _layers(columns, rows))
    measure = "Mean per customer / mean of all customers; 1× is the average, a deeper colour is more"
    width = _width(len(segments))
    return (Drawn("contrasts", title, measure, about, spec, _table(rows, segments), min_width=width,
                  terms=("Contrast", "Differs by construction")),)  # fmt: skip


def _cells(result: ReportInput, name: str, segments: tuple[SegmentProfile, ...]) -> list[dict[str, Any]]:
    """One row of the map: the mean of all customers first, then a contrast per segment; empty where none is defined."""
    figures = [(one, one.features[name]) for one in segments if name in one.features]
    if not any(figure.contrast is not None for _, figure in figures):
        return []
    label = feature_label(result, name)
    everyone = feature_value(result, name, figures[0][1].all_mean)
    cells = []
    for one, figure in figures:
        if figure.contrast is None:
            continue
        step = sum(figure.contrast >= border for border in BORDERS) + 1
        cells.append({"row": wrapped(label), "feature": label, "column": _column(one, len(segments)),
                      "text": say.ratio(figure.contrast),
                      "contrast": figure.contrast, "token": var(f"h{step}"), "name": row_name(one), "who": mention(one),
                      "ink": var("on-deep" if step >= 6 else "on-heat"),
                      "mean": feature_value(result, name, figure.mean), "all": everyone})  # fmt: skip
    return cells


def _column(profile: SegmentProfile, segments: int) -> str:
    return wrapped(row_name(profile), 22 if segments <= 4 else 16) if segments <= 6 else str(profile.segment)


def _width(segments: int) -> int:
    return NAMES + (100 if segments <= 6 else 56) * segments


def _title(rows: list[dict[str, Any]]) -> str:
    """The largest contrast above the average."""
    top = max(rows, key=lambda row: row["contrast"])
    return f"Largest contrast: {say.lower_first(top['feature'])} of {top['who']}, {top['text']} the average"


def _table(rows: list[dict[str, Any]], segments: tuple[SegmentProfile, ...]) -> ChartTable:
    columns = [_column(one, len(segments)) for one in segments]
    names = list(dict.fromkeys(row["feature"] for row in rows))
    cell = {(row["feature"], row["column"]): row["text"] for row in rows}
    cell |= {(row["feature"], "All"): row["all"] for row in rows}
    return ChartTable(
        ("Feature", "All", *(row_name(one) for one in segments)),
        tuple((name, *(cell.get((name, column), say.NOTHING) for column in ["All", *columns])) for name in names),
    )


def _layers(columns: list[str], rows: list[dict[str, Any]]) -> list[Spec]:
    tall = any("\n" in column for column in columns)
    axis = {"orient": "top", "domain": False, "labels": False, "minExtent": 38 if tall else 24}
    x = {"field": "column", "type": "nominal", "sort": columns, "title": None, "axis": axis,
         "scale": {"domain": columns}}  # fmt: skip
    y = row_axis(NAMES)
    hints = tooltip(feature="Feature", name="Segment", mean="Mean", all="All customers", text="Contrast")
    cells = {
        "mark": mark("rect", stroke=var("paper"), strokeWidth=2),
        "encoding": {"x": x, "y": y, "fill": {"field": "token", "type": "nominal", "scale": None},
                     "tooltip": hints},
    }  # fmt: skip
    numbers = {
        "mark": mark("text", fontSize=13),
        "encoding": {"x": x, "y": y, "text": {"field": "text", "type": "nominal"},
                     "fill": {"field": "ink", "type": "nominal", "scale": None}},
    }  # fmt: skip
    every = {one["row"]: one["all"] for one in rows}
    means = {
        "data": {"values": [{"row": row, "all": text} for row, text in every.items()]},
        "mark": mark("text", align="right", fontSize=13, fill=var("ink-2")),
        "encoding": {"x": {"value": -14}, "y": y, "text": {"field": "all", "type": "nominal"}},
    }
    heads = {
        "transform": [{"aggregate": [], "groupby": ["column"]},
                      {"calculate": "split(datum.column, '\\n')", "as": "lines"}],
        "mark": mark("text", baseline="bottom", lineHeight=14, fill=var("ink-2"),
                     dy={"expr": "length(datum.lines) > 1 ? -22 : -8"}, limit={"expr": f"width / {len(columns)} - 4"}),
        "encoding": {"x": x, "y": {"value": 0}, "text": {"field": "lines", "type": "nominal"}},
    }  # fmt: skip
    head = {
        "data": {"values": [{"head": "All"}]},
        "mark": mark("text", align="right", baseline="bottom", dy=-8, fill=var("ink-2")),
        "encoding": {"x": {"value": -14}, "y": {"value": 0}, "text": {"field": "head", "type": "nominal"}},
    }
    return [row_names(y, NAMES), cells, numbers, means, heads, head]
