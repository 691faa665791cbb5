"""Who the segments are and what they buy: each dimension as stacked bars of its largest values and other."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from coterie.views import format as say
from coterie.views.contract import ChartTable, Drawn, Key, Spec
from coterie.views.segments import clustered, mention, row_name
from coterie.views.shop import FEW
from coterie.views.tokens import var
from coterie.views.vega import chart, mark, row_axis, row_names, tooltip, wrapped

if TYPE_CHECKING:
    from coterie.profiles.contract import Mix, MixRow, SegmentProfile
    from coterie.views.contract import ReportInput

SHOWN = 5
"""Values shown by name; the rest is other."""
ROW = 36
WORD = 34
"""Letters of a value's name in key and title."""
_TOKENS = ("h7", "h5", "h4", "h3", "h2")
OTHER, UNKNOWN = "Other", "Unknown"
FEWEST, MOST = 2, 4
"""Dimensions drawn: those that differ by segment, the first ones where none does."""
NONE = 1e-9
"""Shares that are nothing but rounding."""
LEAST = 0.25
"""Share of the values shown by name under which a dimension is not drawn."""


def mix(result: ReportInput) -> tuple[Drawn, ...]:
    """One chart per dimension, the one that differs most by segment first."""
    names = _names(result)
    return tuple(_stacked(result, one, names[one.dimension]) for one in chosen(result))


def chosen(result: ReportInput) -> tuple[Mix, ...]:
    """What differs most, up to four; what they buy in any case; an even number, as they stand two by two."""
    ranked = [one for one in compared(result) if _seen(result, one)]
    differ = sum(strength(result, one) > 0 for one in ranked)
    found = list(ranked[: min(max(differ, FEWEST), MOST)])
    bought = [one for one in ranked if one.dimension == "category" and one not in found]
    found = [*found[: MOST - len(bought)], *bought]
    found += [one for one in ranked if one not in found][: len(found) % 2]
    return tuple(one for one in ranked if one in found)


def _seen(result: ReportInput, whole: Mix) -> bool:
    """Whether a picture shows it: not where nearly everything would be other and nothing stands out."""
    named = sorted((row.share for row in whole.rows if row.value != OTHER), reverse=True)[:SHOWN]
    return sum(named) >= LEAST or bool(_leads(result, whole.dimension))


def compared(result: ReportInput) -> tuple[Mix, ...]:
    """The dimensions with several values, those that differ most first; of equals those with fewer values."""
    known = [one for one in result.profiles.all.mixes if len(one.rows) > 1]
    return tuple(sorted(known, key=lambda one: (-strength(result, one), len(one.rows))))


def strength(result: ReportInput, whole: Mix) -> float:
    """How much the segments differ in a dimension, whatever its number of values: 0 no more than by chance, 1 wholly.

    Cramer's V with the bias taken off (Bergsma 2013), each customer counted once however many lines they have.
    """
    profiles = [one for one in clustered(result) if mix_of(one, whole.dimension) is not None]
    values = [row.value for row in whole.rows if row.value != OTHER]
    shares = [_shares(mix_of(one, whole.dimension), values) for one in profiles]
    people = sum(one.customers for one in profiles)
    if len(profiles) < 2 or people < 2:
        return 0.0
    weights = [one.customers / people for one in profiles]
    means = [sum(weight * row[at] for weight, row in zip(weights, shares, strict=True)) for at in range(len(shares[0]))]
    phi = sum(
        weight * (part - mean) ** 2 / mean
        for weight, row in zip(weights, shares, strict=True)
        for part, mean in zip(row, means, strict=True)
        if mean > NONE
    )
    rows, columns = len(profiles), sum(mean > NONE for mean in means)
    left = max(0.0, phi - (rows - 1) * (columns - 1) / (people - 1))
    least = min(size - (size - 1) ** 2 / (people - 1) for size in (rows, columns)) - 1
    return (left / least) ** 0.5 if least > 0 else 0.0


def mix_of(profile: SegmentProfile, dimension: str) -> Mix | None:
    """That dimension of the segment, or None where the data do not have it."""
    return next((mix for mix in profile.mixes if mix.dimension == dimension), None)


def label_of(mix: Mix) -> str:
    """The dimension as a person reads it, also where it is a column of the shop's own."""
    return say.upper_first(mix.label.replace("_", " "))


def _names(result: ReportInput) -> dict[str, str]:
    """Names of the charts by dimension: safe as files, each once, whatever the shop calls its columns."""
    names: dict[str, str] = {}
    for one in result.profiles.all.mixes:
        slug = "-".join(["mix", *re.findall(r"[a-z0-9]+", one.dimension.casefold())])
        names[one.dimension] = f"{slug}-{len(names) + 1}" if slug in names.values() or slug == "mix" else slug
    return names


def _stacked(result: ReportInput, whole: Mix, name: str) -> Drawn:
    leads = _leads(result, whole.dimension)
    shown = _largest(whole, leads[0][0].value if leads else None)
    profiles = [one for one in (result.profiles.all, *result.profiles.segments)
                if getattr(mix_of(one, whole.dimension), "rows", ())]  # fmt: skip
    parts = {row_name(one): _shares(mix_of(one, whole.dimension), shown) for one in profiles}
    values = [*shown, OTHER] if any(row[-1] > 0.0005 for row in parts.values()) else shown
    tokens = ["ref" if value == UNKNOWN else token for value, token in zip(shown, _TOKENS, strict=False)]
    tokens += ["band"] * (len(values) - len(shown))
    indexes = {row_name(one): _indexes(one, whole.dimension) for one in profiles}
    rows = _rows(parts, indexes, values, tokens)
    label, title = label_of(whole), _title(result, whole, leads)
    about = f"{label} by segment as shares of {whole.unit}. {title}."
    table = ChartTable(
        ("Segment", *values),
        tuple((who, *(_cell(part, indexes[who].get(value)) for part, value in zip(row, values, strict=False)))
              for who, row in parts.items()),
    )  # fmt: skip
    keys = tuple(Key(token, say.shortened(value, WORD)) for token, value in zip(tokens, values, strict=True))
    measure = f"Share of {whole.unit} by {say.lower_first(label)}"
    if len(values) > len(shown):
        measure += f", {say.word(len(shown))} by name and all other"
    spec = chart(about, rows, ROW * len(profiles), _layers())
    return Drawn(name, title, measure, about, spec, table, keys, terms=("Over-index",))


def _largest(whole: Mix, leading: str | None) -> list[str]:
    """The largest values, among them the one that stands out most."""
    known = sorted((row for row in whole.rows if row.value != OTHER), key=lambda row: -row.count)
    shown = [row.value for row in known[:SHOWN]]
    if leading is not None and leading not in shown and any(row.value == leading for row in known):
        shown[-1] = leading
    return shown


def _leads(result: ReportInput, dimension: str) -> list[tuple[MixRow, SegmentProfile]]:
    """What stands out beyond chance, the highest over-index first."""
    found = [(row, one) for one in result.profiles.segments for row in getattr(mix_of(one, dimension), "rows", ())]
    return sorted((one for one in found if one[0].leads), key=lambda one: -one[0].over_index)


def leaders(result: ReportInput, dimension: str) -> list[SegmentProfile]:
    """The segments in which a value of that dimension stands out beyond chance."""
    held = {one.segment for _, one in _leads(result, dimension)}
    return [one for one in result.profiles.segments if one.segment in held]


def _title(result: ReportInput, whole: Mix, leads: list[tuple[MixRow, SegmentProfile]]) -> str:
    """What stands out; else how far apart segments lie in what differs beyond chance, or that nothing does."""
    label = label_of(whole)
    if leads:
        row, one = leads[0]
        against = f"{say.share(row.share)} {say.shortened(row.value, WORD)}, against {say.share(row.share_all)} of all"
        return f"{say.upper_first(mention(one))}: {against}"
    known = [found for one in clustered(result) if one.customers >= FEW
             and (found := mix_of(one, whole.dimension)) is not None and found.rows]  # fmt: skip
    beyond = {row.value for found in known for row in found.rows if row.over_index_low > 1} - {OTHER, UNKNOWN}
    ranges = [(min(shares), max(shares), value) for value in sorted(beyond)
              if (shares := [_shares(found, [value])[0] for found in known])]  # fmt: skip
    if not ranges:
        return f"{label}: no segment stands out"
    low, high, value = max(ranges, key=lambda one: one[1] - one[0])
    return f"{label}: {say.shortened(value, WORD)} from {say.share(low)} to {say.share(high)} of a segment"


def _cell(share: float, index: float | None) -> str:
    return say.share(share) if index is None else f"{say.share(share)} ({say.ratio(index)})"


def _indexes(profile: SegmentProfile, dimension: str) -> dict[str, float]:
    """Over-index by value; none for all customers, nor where too few customers stand behind it."""
    found = mix_of(profile, dimension)
    if profile.segment is None or found is None or profile.customers < FEW:
        return {}
    return {row.value: row.over_index for row in found.rows if row.value != OTHER and row.share_all > 0}


def _rows(
    shares: dict[str, list[float]], indexes: dict[str, dict[str, float]], values: list[str], tokens: list[str]
) -> list[dict[str, Any]]:
    rows = []
    for name, parts in shares.items():
        start = 0.0
        for value, token, part in zip(values, tokens, parts, strict=False):
            rows.append({"row": wrapped(name), "name": name, "value": value, "from": start, "to": start + part,
                         "part": part, "share": say.share(part), "token": var(token),
                         "index": say.ratio(indexes[name].get(value)),
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
    hints = tooltip(name="Segment", value="Value", share="Share", index="Over-index")
    bars = {
        "mark": mark("bar", height=20, cornerRadius=0, cornerRadiusEnd=0, stroke=var("paper"), strokeWidth=1.5),
        "encoding": {"y": y, "x": x, "x2": {"field": "to"},
                     "fill": {"field": "token", "type": "nominal", "scale": None}, "tooltip": hints},
    }  # fmt: skip
    numbers = {
        "transform": [{"calculate": "(datum.from + datum.to) / 2", "as": "middle"}],
        "mark": mark("text", baseline="middle", fontSize=12, clip=True,
                     opacity={"expr": "datum.part * width > 30 ? 1 : 0"}),
        "encoding": {"y": y, "x": {**x, "field": "middle"}, "text": {"field": "share", "type": "nominal"},
                     "fill": {"field": "ink", "type": "nominal", "scale": None}},
    }  # fmt: skip
    return [row_names(y), bars, numbers]
