"""How k was chosen: inertia with its elbow, silhouette with its interval, stability of the weakest segment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from coterie.views import format as say
from coterie.views.contract import ChartTable, Drawn, Spec
from coterie.views.tokens import var
from coterie.views.vega import chart, mark, tooltip

if TYPE_CHECKING:
    from coterie.clustering.contract import Candidate, Choice
    from coterie.evidence.contract import CrowdSilhouette
    from coterie.views.contract import ReportInput

STABLE = 0.75
HEIGHT = 216
_X: Spec = {
    "field": "k",
    "type": "ordinal",
    "title": "Number of segments, k",
    "axis": {"labelAngle": 0},
    "scale": {"type": "point", "padding": 0.5},
}


def inertia(result: ReportInput) -> tuple[Drawn, ...]:
    """Inertia over k; the elbow, if there is one, is marked and does not decide."""
    choice = result.choice
    if choice is None or len(choice.candidates) < 2:
        return ()
    values = [(one, one.inertia, say.plain(one.inertia, 0 if one.inertia >= 100 else 1)) for one in choice.candidates]
    rows = [_row(choice, *value) for value in values]
    elbow = choice.elbow
    title = "No clear elbow" if elbow is None else f"The elbow is at {say.word(elbow)}"
    layers = [_chosen_line(), _line(zero=True), *_dots(choice, rows, zero=True)]
    if elbow is not None and elbow != choice.k:
        # Below the curve, except where the line of the chosen k runs there.
        above = choice.k == elbow - 1
        label = mark("text", align="left" if above else "right", dx=11 if above else -9, dy=-9 if above else 13,
                     fontSize=12, fill=var("ink-2"))  # fmt: skip
        ring = mark("point", size=170, filled=False, strokeWidth=1.5, stroke=var("ink-3"))
        at = {"transform": [{"filter": f"datum.k === {elbow}"}]}
        encoding = {"x": _X, "y": _y(zero=True)}
        layers += [{**at, "mark": ring, "encoding": encoding},
                   {**at, "mark": label, "encoding": {**encoding, "text": {"value": "elbow"}}}]  # fmt: skip
    about = f"Inertia falls from {values[0][2]} at k = {values[0][0].k} to {values[-1][2]} at k = {values[-1][0].k}"
    spec = chart(f"{about}; {say.lower_first(title)}.", rows, HEIGHT, layers)
    table = ChartTable(("k", "Inertia"), tuple((str(one.k), text) for one, _, text in values))
    return (
        Drawn(
            "inertia",
            title,
            "Inertia: spread within segments, on the clustered figures",
            spec["description"],
            spec,
            table,
            terms=("Inertia", "Elbow"),
        ),
    )


def silhouette(result: ReportInput) -> tuple[Drawn, ...]:
    """Silhouette over k with its 95 % interval where it was estimated."""
    choice = result.choice
    scored = [one for one in choice.candidates if one.silhouette is not None] if choice else []
    if choice is None or len(scored) < 2:
        return ()
    estimated = any(_spread(one) for one in scored)
    rows = [
        _row(choice, one, one.silhouette or 0.0, say.score(one.silhouette))
        | {"low": one.silhouette_low if _spread(one) else None, "high": one.silhouette_high if _spread(one) else None}
        for one in scored
    ]
    best = max(scored, key=lambda one: one.silhouette or 0.0)
    crowds = _crowds(result, {one.k for one in scored})
    title = _against_crowd(result) or f"The silhouette is highest at {say.word(best.k)}"
    interval = {
        "transform": [{"filter": "isValid(datum.low)"}],
        "mark": mark("rule", strokeWidth=3, color=var("ref"), opacity=1),
        "encoding": {"x": _X, "y": {**_y(), "field": "low"}, "y2": {"field": "high"}},
    }
    band = _band(list(crowds.values())) if crowds else []
    layers = [*band, _chosen_line(), *([interval] if estimated else []), _line(), *_dots(choice, rows)]
    measure = "Silhouette (1 is far apart) with 95% interval" if estimated else "Silhouette (1 is far apart), exact"
    measure += ". Grey: one crowd, no groups" if crowds else ""
    about = f"Silhouette over the number of segments, highest at {say.word(best.k)}: {say.score(best.silhouette)}."
    spec = chart(about, rows, HEIGHT, layers)
    head = ("k", "Silhouette", "95% interval" if estimated else "Interval", *(("In one crowd",) if crowds else ()))
    table = ChartTable(
        head,
        tuple(
            (str(one.k), say.score(one.silhouette),
             f"{say.score(one.silhouette_low)} to {say.score(one.silhouette_high)}" if _spread(one) else "exact",
             *((say.between(crowds[one.k].low, crowds[one.k].high) if one.k in crowds else say.NOTHING,)
               if crowds else ()))
            for one in scored
        ),
    )  # fmt: skip
    return (Drawn("silhouette", title, measure, spec["description"], spec, table, terms=("Silhouette", "One crowd")),)


NEAR = 0.1
"""A silhouette less than this above that of one crowd is not much above it."""


def _crowds(result: ReportInput, ks: set[int]) -> dict[int, CrowdSilhouette]:
    return {one.k: one for one in result.evidence.structure.silhouette_crowd if one.k in ks}


def _against_crowd(result: ReportInput) -> str:
    """Where the silhouette of the chosen k lies beside that of one crowd; empty where that is not known."""
    choice = result.choice
    if choice is None:
        return ""
    own = next((one.silhouette for one in choice.candidates if one.k == choice.k), None)
    crowd = _crowds(result, {choice.k}).get(choice.k)
    if own is None or crowd is None:
        return ""
    if own <= crowd.high:
        return "No higher than one crowd" if own >= crowd.low else "Lower than one crowd"
    return "Above one crowd, but not by much" if own - crowd.mean < NEAR else "Clearly above one crowd"


def _band(crowds: list[CrowdSilhouette]) -> list[Spec]:
    """The grey band of one crowd: 5 to 95 % of its draws."""
    rows = [{"k": one.k, "low": one.low, "high": one.high} for one in sorted(crowds, key=lambda one: one.k)]
    at = {"x": _X, "y": {**_y(), "field": "low"}, "y2": {"field": "high"}}
    look = (
        mark("area", color=var("band"), opacity=1) if len(rows) > 1 else mark("rule", strokeWidth=14, color=var("band"))
    )
    return [{"data": {"values": rows}, "mark": look, "encoding": at}]


def stability(result: ReportInput) -> tuple[Drawn, ...]:
    """The weakest segment's overlap with itself when customers are drawn again, over k."""
    choice = result.choice
    scored = [one for one in choice.candidates if one.stability is not None] if choice else []
    if choice is None or len(scored) < 2:
        return ()
    rows = [_row(choice, one, one.stability or 0.0, say.score(one.stability)) for one in scored]
    own = next((one.stability for one in scored if one.k == choice.k), None)
    right, base = _free_corner(choice, [one.stability or 0.0 for one in scored])
    reference = {
        "data": {"values": [{"stable": STABLE}]},
        "encoding": {"y": {"field": "stable", "type": "quantitative"}},
        "layer": [
            {"mark": mark("rule", strokeWidth=1, color=var("line-2"))},
            {
                "mark": mark("text", align="right" if right else "left", baseline=base, dy=4 if base == "top" else -4,
                             fill=var("ink-2")),
                "encoding": {"x": {"value": {"expr": "width" if right else "4"}},
                             "text": {"value": f"firm from {STABLE}"}},
            },
        ],
    }  # fmt: skip
    title = _stability_title(choice, own, judged=not result.evidence.stability.reason.startswith("Cannot"))
    spec = chart(
        f"{title}: the weakest segment overlaps {say.score(own)} at k = {choice.k}; firm starts at {STABLE}.",
        rows, HEIGHT, [reference, _chosen_line(), _line(), *_dots(choice, rows)],
    )  # fmt: skip
    table = ChartTable(
        ("k", "Weakest overlap", "Smallest segment"),
        tuple((str(one.k), say.score(one.stability), say.share(one.smallest_share)) for one in scored),
    )
    measure = "Overlap of the weakest segment with itself when customers are drawn again"
    if result.evidence.stability.ari is not None:
        measure += "; drawn less often than in “Evidence”, so rougher"
    return (Drawn("stability", title, measure, spec["description"], spec, table, terms=("Overlap, stability",)),)


def _stability_title(choice: Choice, own: float | None, *, judged: bool) -> str:
    """What the chosen k is; without a claim that segments come back where evidence says it cannot tell."""
    chosen, rule = say.word(choice.k), next((one for one in choice.candidates if one.k == choice.k_by_rule), None)
    holds = own is not None and own >= STABLE
    rule_holds = rule is not None and (rule.stability or 0.0) >= STABLE
    if not judged:
        return f"At {chosen}, the weakest overlaps {say.score(own)}"
    if rule_holds and not holds:
        return f"{say.upper_first(say.word(choice.k_by_rule))} holds, {chosen} does not"
    return f"At {chosen}, all segments come back" if holds else f"At {chosen}, not all segments come back"


def _free_corner(choice: Choice, values: list[float]) -> tuple[bool, str]:
    """Where the word at the line is out of the way of curve and values: at the right or left end, below or above."""
    ends = {True: values[-3:], False: values[:3]}
    marked = {one.k: one.stability for one in choice.candidates if one.k in (choice.k, choice.k_by_rule)}
    # A value printed at a dot close to the line runs to the right of it.
    near = any(abs((value or 0.0) - STABLE) < 0.12 and k > choice.candidates[0].k + 2 for k, value in marked.items())
    right = not near and min(abs(value - STABLE) for value in ends[True]) >= min(
        abs(value - STABLE) for value in ends[False]
    )
    return right, "top" if sum(ends[right]) / len(ends[right]) > STABLE else "bottom"


def _spread(one: Candidate) -> bool:
    low, high = one.silhouette_low, one.silhouette_high
    return low is not None and high is not None and high - low > 1e-9


def _row(choice: Choice, one: Candidate, value: float, text: str) -> dict[str, Any]:
    role = "chosen" if one.k == choice.k else "rule" if one.k == choice.k_by_rule else ""
    return {"k": one.k, "value": value, "text": text, "role": role}


def _y(*, zero: bool = False) -> Spec:
    axis = {"tickCount": 4, "grid": True}
    scale = {"zero": True} if zero else {"zero": False, "padding": 14}
    return {"field": "value", "type": "quantitative", "title": None, "scale": scale, "axis": axis}


def _line(*, zero: bool = False) -> Spec:
    return {"mark": mark("line", color=var("ink")), "encoding": {"x": _X, "y": _y(zero=zero)}}


def _chosen_line() -> Spec:
    return {
        "transform": [{"filter": "datum.role === 'chosen'"}],
        "mark": mark("rule", strokeDash=[2, 3], strokeWidth=1.5, color=var("accent")),
        "encoding": {"x": _X},
    }


def _dots(choice: Choice, rows: list[dict[str, Any]], *, zero: bool = False) -> list[Spec]:
    """Hollow dots, the chosen k filled with its value, the rule's choice ringed where it is another."""
    encoding = {"x": _X, "y": _y(zero=zero), "tooltip": tooltip(k="k", text="Value")}
    hollow = mark("point", size=52, filled=True, fill=var("paper"), stroke=var("ink"), strokeWidth=1.5)
    layers: list[Spec] = [{"mark": hollow, "encoding": encoding}]
    full = mark("point", size=120, filled=True, fill=var("accent"), opacity=1)
    layers += _labelled(rows, "chosen", encoding, full, 600, zero=zero)
    if choice.k_by_rule != choice.k:
        ring = mark("point", size=170, filled=False, stroke=var("accent"), strokeWidth=2)
        layers += _labelled(rows, "rule", encoding, ring, 400, zero=zero)
    return layers


def _labelled(
    rows: list[dict[str, Any]], role: str, encoding: Spec, look: Spec, weight: int, *, zero: bool = False
) -> list[Spec]:
    """The dot of that role with its value, on the side of the dot that the line leaves free."""
    place = next((place for place, row in enumerate(rows) if row["role"] == role), None)
    if place is None:
        return []
    last = place == len(rows) - 1
    neighbour = rows[place - 1 if last else place + 1]["value"] if len(rows) > 1 else 0.0
    # At the foot of a picture there is no room below a dot.
    foot = zero and rows[place]["value"] < 0.1 * max(row["value"] for row in rows)
    below = neighbour > rows[place]["value"] and not foot
    text = mark("text", align="right" if last else "left", dx=-9 if last else 9, dy=14 if below else -11, fontSize=13,
                fontWeight=weight, fill=var("accent"))  # fmt: skip
    words = rows[place]["text"] + (", by rule" if role == "rule" else "")
    only = {"transform": [{"filter": f"datum.role === '{role}'"}]}
    return [
        {**only, "mark": look, "encoding": encoding},
        {**only, "mark": text, "encoding": {**encoding, "text": {"value": words}}},
    ]
