"""Feature contrasts as a heat map: how many times the mean of all customers each segment's mean is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from coterie.views import format as say
from coterie.views.contract import ChartTable, Drawn, Spec
from coterie.views.segments import clustered, feature_label, feature_unit, row_name, shown_features
from coterie.views.tokens import var
from coterie.views.vega import NAME_WIDTH, chart, mark, row_names, tooltip

if TYPE_CHECKING:
    from coterie.profiles.contract import SegmentProfile
    from coterie.views.contract import ReportInput

BORDERS = (0.25, 0.55, 0.85, 1.25, 2.05, 4.05)
"""Between seven steps of colour; they lie between printed values, so equal numbers have equal colour."""
ROW = 34


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
    spec = chart(about, rows, ROW * features, _layers(["All", *columns], len(segments)))
    measure = "Mean per customer / mean of all customers; 1× is the average, a deeper colour is more"
    return (
        Drawn("contrasts", title, measure, about, spec, _table(rows, segments), min_width=_width(len(segments))),
    )


def _cells(result: ReportInput, name: str, segments: tuple[SegmentProfile, ...]) -> list[dict[str, Any]]:
    """One row of the map: the mean of all customers first, then a contrast per segment; empty where none is defined."""
    figures = [(one, one.features[name]) for one in segments if name in one.features]
    if not any(figure.contrast is not None for _, figure in figures):
        return []
    unit, label = feature_unit(result, name), feature_label(result, name)
    everyone = say.quantity(figures[0][1].all_mean, unit)
    all_cell = {"row": label, "column": "All", "text": everyone, "contrast": None, "token": "transparent",
                "ink": var("ink-2"), "mean": everyone, "all": everyone}  # fmt: skip
    cells = [all_cell]
    for one, figure in figures:
        if figure.contrast is None:
            continue
        step = sum(figure.contrast >= border for border in BORDERS) + 1
        cells.append({"row": label, "column": _column(one, len(segments)), "text": say.ratio(figure.contrast),
                      "contrast": figure.contrast, "token": var(f"h{step}"), "name": row_name(one),
                      "ink": var("on-deep" if step >= 6 else "on-heat"),
                      "mean": say.quantity(figure.mean, unit), "all": everyone})  # fmt: skip
    return cells


def _column(profile: SegmentProfile, segments: int) -> str:
    return row_name(profile) if segments <= 6 else str(profile.segment)


def _width(segments: int) -> int:
    return NAME_WIDTH + 60 + (92 if segments <= 6 else 56) * segments


def _title(rows: list[dict[str, Any]]) -> str:
    """The largest contrast above the average."""
    top = max((row for row in rows if row["contrast"] is not None), key=lambda row: row["contrast"])
    return f"Largest contrast: {say.lower_first(top['row'])} of {top['name']}, {top['text']} the average"


def _table(rows: list[dict[str, Any]], segments: tuple[SegmentProfile, ...]) -> ChartTable:
    columns = [_column(one, len(segments)) for one in segments]
    names = list(dict.fromkeys(row["row"] for row in rows))
    cell = {(row["row"], row["column"]): row["text"] for row in rows}
    return ChartTable(
        ("Feature", "All", *(row_name(one) for one in segments)),
        tuple((name, *(cell.get((name, column), say.NOTHING) for column in ["All", *columns])) for name in names),
    )


def _layers(columns: list[str], segments: int) -> list[Spec]:
    axis = {"orient": "top", "domain": False, "labelAngle": 0, "labelFontSize": 12, "labelPadding": 8,
            "labelLimit": max(52, 800 // (segments + 1)), "labelOverlap": False}  # fmt: skip
    x = {"field": "column", "type": "nominal", "sort": columns, "title": None, "axis": axis,
         "scale": {"domain": columns}}  # fmt: skip
    hints = tooltip(row="Feature", column="Segment", mean="Mean", all="All customers", text="Contrast")
    cells = {
        "mark": mark("rect", stroke=var("paper"), strokeWidth=2),
        "encoding": {"x": x, "y": row_names(), "fill": {"field": "token", "type": "nominal", "scale": None},
                     "tooltip": hints},
    }  # fmt: skip
    numbers = {
        "mark": mark("text", fontSize=13),
        "encoding": {"x": x, "y": row_names(), "text": {"field": "text", "type": "nominal"},
                     "fill": {"field": "ink", "type": "nominal", "scale": None}},
    }  # fmt: skip
    return [cells, numbers]
