"""Whether there are groups: how dense customers are on the way from one segment to the next; the gap statistic."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from coterie.views import format as say
from coterie.views.contract import ChartTable, Drawn, Spec
from coterie.views.segments import clustered, mention
from coterie.views.tokens import slot, var
from coterie.views.vega import chart, mark, tooltip

if TYPE_CHECKING:
    from coterie.evidence.contract import Gap, Path
    from coterie.views.contract import ReportInput

HEIGHT, GAP_HEIGHT = 128, 216
FLAT = 0.05
"""A drop of log density that is none to speak of."""
MOST = 8
"""So many ways are drawn, those with the deepest passes."""
_TICKS = (1.0, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.001)


def paths(result: ReportInput) -> tuple[Drawn, ...]:
    """The density profile along the densest way between neighbouring segments, with its pass; one scale for all."""
    found = result.evidence.structure
    shown, tau = deepest(result), found.tau
    if not shown or tau is None:
        return ()
    # The scale always reaches the line from which a pass would be a gap, or flat ways would look deep.
    floor = min(min(*one.density, _limit(one, tau)) for one in shown) - 0.4
    top = max(0.25, max(max(one.density) for one in shown) + 0.15)
    named = {one.segment: mention(one) for one in clustered(result)}
    return tuple(_drawn(one, tau, (floor, top), named) for one in shown)


def deepest(result: ReportInput) -> list[Path]:
    """The ways that are drawn, by their segments; where there are many, those with the deepest passes."""
    found = [one for one in result.evidence.structure.paths if len(one.density) > 1]
    chosen = sorted(found, key=lambda one: -one.drop)[:MOST]
    return sorted(chosen, key=lambda one: (one.one, one.other))


def sparser(drop: float) -> str:
    """A drop of log density as words: how many times sparser customers get."""
    return f"{say.ratio(math.exp(drop)).removesuffix(say.TIMES)} times sparser"


def _limit(path: Path, tau: float) -> float:
    return min(path.density[0], path.density[-1]) - tau


def _drawn(path: Path, tau: float, ends: tuple[float, float], named: dict[int | None, str]) -> Drawn:
    gap = path.drop >= tau
    rows: list[dict[str, Any]] = [{"at": at, "density": math.exp(log), "text": say.share(math.exp(log))}
            for at, log in zip(path.position, path.density, strict=True)]  # fmt: skip
    low = min(range(len(path.density)), key=lambda place: path.density[place])
    title = f"{path.one} to {path.other}: {'a gap' if gap else 'no gap'}"
    one, other = named.get(path.one, f"segment {path.one}"), named.get(path.other, f"segment {path.other}")
    between = sparser(path.drop) + " between" if path.drop > FLAT else "no sparser between"
    # Names that are only numbers stand in the title already.
    bare = one == f"segment {path.one}" and other == f"segment {path.other}"
    measure = say.upper_first(between) if bare else f"{say.upper_first(one)} to {other}: {between}"
    about = f"Density of customers on the way from segment {path.one} to segment {path.other}: {between}."
    spec = chart(
        about,
        rows,
        HEIGHT,
        _layers(path, rows[low], math.exp(_limit(path, tau)), (math.exp(ends[0]), math.exp(ends[1])), gap=gap),
    )
    marks = sorted({0, len(rows) // 4, len(rows) // 2, 3 * len(rows) // 4, len(rows) - 1, low})
    table = ChartTable(
        ("Along the way", "Density, of the denser end"),
        tuple((say.share(rows[place]["at"]) + (" (the pass)" if place == low else ""),
               say.share(rows[place]["density"], 1)) for place in marks),
    )  # fmt: skip
    return Drawn(f"path-{path.one}-{path.other}", title, measure, about, spec, table)


def _layers(path: Path, low: dict[str, Any], limit: float, domain: tuple[float, float], *, gap: bool) -> list[Spec]:
    x: Spec = {"field": "at", "type": "quantitative", "axis": None,
               "scale": {"domain": [-0.07, 1.07], "nice": False}}  # fmt: skip
    ticks = [tick for tick in _TICKS if tick >= domain[0]]
    ticks = ticks if len(ticks) <= 4 else [tick for tick in ticks if tick in (1.0, 0.1, 0.01, 0.001)]
    y: Spec = {"field": "density", "type": "quantitative", "title": None,
               "scale": {"type": "log", "domain": list(domain), "nice": False},
               "axis": {"grid": True, "values": ticks, "format": ".1~%"}}  # fmt: skip
    edge = {
        "data": {"values": [{"density": limit}]},
        "mark": mark("rule", strokeWidth=2, color=var("ref")),
        "encoding": {"y": y},
    }
    line = {"mark": mark("line", color=var("ink"), strokeJoin="round"), "encoding": {"x": x, "y": y}}
    ends = [{"at": path.position[0], "density": math.exp(path.density[0]), "n": str(path.one)},
            {"at": path.position[-1], "density": math.exp(path.density[-1]), "n": str(path.other)}]  # fmt: skip
    dots = []
    for end, segment in zip(ends, (path.one, path.other), strict=True):
        token = slot(segment)
        data = {"data": {"values": [end]}}
        dots += [
            {**data, "mark": mark("point", size=230, shape="square", fill=var(token), opacity=1),
             "encoding": {"x": x, "y": y}},
            {**data, "mark": mark("text", fontSize=11, fontWeight=600, baseline="middle", dy=0.5,
                                  fill=var(f"on-{token}")),
             "encoding": {"x": x, "y": y, "text": {"field": "n", "type": "nominal"}}},
        ]  # fmt: skip
    at = {"data": {"values": [low]}}
    ring = {**at, "mark": mark("point", size=60, filled=True, fill=var("accent" if gap else "paper"), strokeWidth=1.5,
                               stroke=var("accent" if gap else "ink")),
            "encoding": {"x": x, "y": y, "tooltip": tooltip(text="At the pass")}}  # fmt: skip
    inner = 0 < low["at"] < 1 and path.drop > FLAT
    return [edge, line, *([ring] if inner else []), *dots]


def gap(result: ReportInput) -> tuple[Drawn, ...]:
    """The gap statistic over k with its standard error; the k it would take is ringed and does not decide."""
    found = result.evidence.structure.gap
    if len(found) < 3:
        return ()
    k = result.choice.k if result.choice is not None else None
    would = takes(found)
    rows = [{"k": one.k, "gap": one.gap, "low": one.gap - one.se, "high": one.gap + one.se, "text": say.score(one.gap),
             "se": say.plain(one.se, 3), "would": one.k == would, "chosen": one.k == k} for one in found]  # fmt: skip
    title = f"The gap statistic would take {say.word(would or 0)}"
    if would is None or would == 1:
        title = "The gap statistic sees one group" if would else "The gap statistic keeps rising and settles on none"
    about = f"Gap statistic over the number of groups: {say.lower_first(title)}."
    measure = "How much tighter the groups are than an even spread, with standard error; higher is tighter"
    measure += ". Ring: what it would take" if would is not None else ""
    spec = chart(about, rows, GAP_HEIGHT, _gap_layers(ring=would is not None))
    table = ChartTable(("k", "Gap", "Standard error"),
                       tuple((str(one.k), say.plain(one.gap, 3), say.plain(one.se, 3)) for one in found))  # fmt: skip
    note = (
        "It decides nothing: beside an even spread, skewed customers without groups look tight too,"
        " in two to five cases of ten."
    )
    return (Drawn("gap", title, measure, about, spec, table, notes=(note,), terms=("Gap statistic",)),)


def takes(found: tuple[Gap, ...]) -> int | None:
    """The smallest k whose gap is at least the next one's less its standard error (Tibshirani et al. 2001)."""
    ordered = sorted(found, key=lambda one: one.k)
    pairs = pairwise(ordered)
    return next((one.k for one, after in pairs if one.gap >= after.gap - after.se), None)


def _gap_layers(*, ring: bool) -> list[Spec]:
    x: Spec = {"field": "k", "type": "ordinal", "title": "Number of groups, k", "axis": {"labelAngle": 0},
               "scale": {"type": "point", "padding": 0.5}}  # fmt: skip
    y: Spec = {"field": "gap", "type": "quantitative", "title": None, "axis": {"tickCount": 4, "grid": True},
               "scale": {"zero": False, "padding": 14}}  # fmt: skip
    at = {"x": x, "y": y}
    hints = tooltip(k="k", text="Gap", se="Standard error")
    dots = {"mark": mark("point", size=52, filled=True, fill=var("paper"), stroke=var("ink"), strokeWidth=1.5),
            "encoding": {**at, "tooltip": hints}}  # fmt: skip
    chosen = {"transform": [{"filter": "datum.chosen"}], "mark": mark("point", size=120, fill=var("accent")),
              "encoding": {**at, "tooltip": hints}}  # fmt: skip
    rule = {"transform": [{"filter": "datum.would"}],
            "mark": mark("point", size=190, filled=False, stroke=var("accent"), strokeWidth=2),
            "encoding": at}  # fmt: skip
    dotted = {"transform": [{"filter": "datum.chosen"}],
              "mark": mark("rule", strokeDash=[2, 3], strokeWidth=1.5, color=var("accent")),
              "encoding": {"x": x}}  # fmt: skip
    spread = {"mark": mark("rule", strokeWidth=3, color=var("ref")),
              "encoding": {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}}}  # fmt: skip
    line = {"mark": mark("line", color=var("ink")), "encoding": at}
    return [dotted, spread, line, dots, chosen, *([rule] if ring else [])]
