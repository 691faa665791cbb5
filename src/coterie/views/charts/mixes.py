"""Who the segments are made of: gender and city, as stacked bars of the largest values and other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from coterie.views import format as say
from coterie.views.contract import ChartTable, Drawn, Key, Spec
from coterie.views.segments import mention, row_name
from coterie.views.tokens import var
from coterie.views.vega import chart, mark, row_axis, row_names, tooltip, wrapped

if TYPE_CHECKING:
    from coterie.profiles.contract import Mix, SegmentProfile
    from coterie.views.contract import ReportInput

SHOWN = 5
"""Values shown by name; the rest is other."""
ROW = 36
WORD = 34
"""Letters of a value's name in key and title."""
_TOKENS = ("h7", "h5", "h4", "h3", "h2")
OTHER, UNKNOWN = "Other", "Unknown"


def gender(result: ReportInput) -> tuple[Drawn, ...]:
    """Gender of the customers of each segment."""
    return _stacked(result, "gender")


def city(result: ReportInput) -> tuple[Drawn, ...]:
    """City of the customers of each segment, the largest by name."""
    return _stacked(result, "city")


def mix_of(profile: SegmentProfile, dimension: str) -> Mix | None:
    """That dimension of the segment, or None where the data do not have it."""
    return next((mix for mix in profile.mixes if mix.dimension == dimension), None)


def _stacked(result: ReportInput, dimension: str) -> tuple[Drawn, ...]:
    whole = mix_of(result.profiles.all, dimension)
    if whole is None or len(whole.rows) < 2:
        return ()
    known = sorted((row for row in whole.rows if row.value != OTHER), key=lambda row: -row.count)
    shown = [row.value for row in known[:SHOWN]]
    profiles = [result.profiles.all, *result.profiles.segments]
    shares = {row_name(one): _shares(mix_of(one, dimension), shown) for one in profiles}
    values = [*shown, OTHER] if any(row[-1] > 0.0005 for row in shares.values()) else shown
    tokens = ["ref" if value == UNKNOWN else token for value, token in zip(shown, _TOKENS, strict=False)]
    tokens += ["band"] * (len(values) - len(shown))
    rows = _rows(shares, values, tokens)
    title = _title(result, dimension, whole, shown[0])
    spec = chart(f"{whole.label} by segment as shares of customers. {title}.", rows, ROW * len(profiles), _layers())
    table = ChartTable(
        ("Segment", *values),
        tuple((name, *(say.share(share) for share in row[: len(values)])) for name, row in shares.items()),
    )
    keys = tuple(Key(token, say.shortened(value, WORD)) for token, value in zip(tokens, values, strict=True))
    measure = f"Share of customers by {whole.label.lower()}"
    if len(values) > len(shown):
        measure += f", the {say.word(len(shown))} largest and all other"
    return (Drawn(dimension, title, measure, spec["description"], spec, table, keys),)


def _title(result: ReportInput, dimension: str, whole: Mix, first: str) -> str:
    """A value that stands out beyond chance if there is one, else that there is none."""
    leading = [
        (row.over_index, row, one)
        for one in result.profiles.segments
        for row in getattr(mix_of(one, dimension), "rows", ())
        if row.leads
    ]
    if not leading:
        return f"{whole.label}: no segment stands out"
    _, row, one = max(leading, key=lambda found: found[0])
    against = f"{say.share(row.share)} {say.shortened(row.value, WORD)}, against {say.share(row.share_all)} of all"
    return f"{say.upper_first(mention(one))}: {against}"


def _rows(shares: dict[str, list[float]], values: list[str], tokens: list[str]) -> list[dict[str, Any]]:
    rows = []
    for name, parts in shares.items():
        start = 0.0
        for value, token, part in zip(values, tokens, parts, strict=False):
            rows.append({"row": wrapped(name), "name": name, "value": value, "from": start, "to": start + part,
                         "part": part, "share": say.share(part), "token": var(token),
                         "ink": var("on-deep" if token in ("h6", "h7") else "on-heat")})  # fmt: skip
            start += part
    return rows


def _shares(mix: Mix | None, shown: list[str]) -> list[float]:
    """Shares of the shown values, then of everything else."""
    found = {row.value: row.share for row in mix.rows} if mix is not None else {}
    parts = [found.get(value, 0.0) for value in shown]
    return [*parts, max(0.0, 1.0 - sum(parts)) if found else 0.0]


def _layers() -> list[Spec]:
    y = row_axis()
    x = {"field": "from", "type": "quantitative", "axis": None, "scale": {"domain": [0, 1], "nice": False}}
    bars = {
        "mark": mark("bar", height=20, cornerRadius=0, cornerRadiusEnd=0, stroke=var("paper"), strokeWidth=1.5),
        "encoding": {"y": y, "x": x, "x2": {"field": "to"},
                     "fill": {"field": "token", "type": "nominal", "scale": None},
                     "tooltip": tooltip(name="Segment", value="Value", share="Share")},
    }  # fmt: skip
    numbers = {
        "transform": [{"calculate": "(datum.from + datum.to) / 2", "as": "middle"}],
        "mark": mark("text", baseline="middle", fontSize=12,
                     opacity={"expr": "datum.part * width > 30 ? 1 : 0"}),
        "encoding": {"y": y, "x": {**x, "field": "middle"}, "text": {"field": "share", "type": "nominal"},
                     "fill": {"field": "ink", "type": "nominal", "scale": None}},
    }  # fmt: skip
    return [row_names(y), bars, numbers]
