"""Who was in which segment when: the same model applied to earlier days, and who moved between them."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from coterie.views import format as say
from coterie.views.contract import ChartTable, Drawn, Key, Spec
from coterie.views.shop import cited_as, metrics_of, named
from coterie.views.tokens import slot, var
from coterie.views.vega import chart, mark, tooltip

if TYPE_CHECKING:
    from coterie.metrics.contract import Flow
    from coterie.views.contract import ReportInput

HEIGHT = 340
UNKNOWN = -2
"""In moves: not yet a customer."""
FINEST = 0.003
"""Moves of a smaller share of all are not drawn; the tooltip and the table count them."""
BEND = tuple((step / 12, 3 * (step / 12) ** 2 - 2 * (step / 12) ** 3) for step in range(13))
"""A band's way from one day to the next: across, up."""


def flow(result: ReportInput) -> tuple[Drawn, ...]:
    """Segment sizes on each day as stacked bars, and the customers who moved as bands between them."""
    metrics = metrics_of(result)
    found = metrics.flow if metrics is not None else None
    if found is None or len(found.days) < 2 or not any(found.moves):
        return ()
    order = _order(result, found)
    places, rows = _places(found, order), []
    for (place, segment), (low, high) in places.items():
        rows.append(_node(result, found, place, segment, low, high))
    bands = _bands(result, found, places, order)
    title = _title(result, found)
    about = f"Customers in each segment on {say.word(len(found.days))} days: {say.lower_first(title)}."
    first, last = say.date(found.days[0]), say.date(found.days[-1])
    measure = (
        f"Customers in each segment, the same model applied to what was known on {say.word(len(found.days))} days from"
        f" {first} to {last}. Bands are the customers who stayed or moved"
    )
    keys = [Key(slot(one), named(result, one)) for one in order]
    if any(move[1] == UNKNOWN for move in found.moves):
        keys.append(Key("ref", "not yet a customer"))
    spec = chart(about, rows, HEIGHT, _layers(found, bands))
    return (Drawn("flow", title, measure, about, spec, _table(result, found, order), tuple(keys),
                  notes=_notes(result, found), terms=("Segments over time",)),)  # fmt: skip


def _order(result: ReportInput, found: Flow) -> list[int]:
    """Segments from the axis upwards as the report lists them; those of earlier days alone come last."""
    known = [one.segment for one in result.profiles.segments if one.segment is not None]
    seen = {int(segment) for sizes in found.sizes for segment, number in sizes.items() if number}
    return [segment for segment in known if segment in seen] + sorted(seen - set(known))


def _places(found: Flow, order: list[int]) -> dict[tuple[int, int], tuple[float, float]]:
    """Where each bar stands: (day, segment) -> low and high, in customers; the first segment is on top."""
    places = {}
    for day, sizes in enumerate(found.sizes):
        low = 0.0
        coming = sum(number for at, start, _, number in found.moves if at == day and start == UNKNOWN)
        for segment in reversed(order):
            number = sizes.get(str(segment), 0)
            if number:
                places[day, segment] = (low, low + number)
                low += number
        if coming:
            places[day, UNKNOWN] = (low, low + coming)
    return places


def _node(result: ReportInput, found: Flow, day: int, segment: int, low: float, high: float) -> dict[str, Any]:
    total = sum(found.sizes[day].values())
    who = "Not yet a customer" if segment == UNKNOWN else named(result, segment)
    return {
        "day": day, "from": low, "to": high, "who": who, "date": say.date(found.days[day]),
        "count": say.count(high - low), "part": say.NOTHING if segment == UNKNOWN else say.share((high - low) / total),
        "token": var("ref" if segment == UNKNOWN else slot(segment)),
        "number": "" if segment == UNKNOWN else str(segment) if segment >= 0 else say.NOTHING,
        "ink": var("ink") if segment == UNKNOWN else var(f"on-{slot(segment)}"),
    }  # fmt: skip


def _bands(
    result: ReportInput, found: Flow, places: dict[tuple[int, int], tuple[float, float]], order: list[int]
) -> list[dict[str, Any]]:
    """Each band with the points along its lower and upper edge, stacked within the bars it joins."""
    rank = {segment: place for place, segment in enumerate([UNKNOWN, *order])}
    total = max(high for _, high in places.values())
    left: dict[tuple[int, int], float] = defaultdict(float)
    right: dict[tuple[int, int], float] = defaultdict(float)
    starts, ends = {}, {}
    moves = [move for move in found.moves if (move[0], move[1]) in places and (move[0] + 1, move[2]) in places]
    for move in sorted(moves, key=lambda one: (one[0], -rank[one[1]], -rank[one[2]])):
        starts[move] = places[move[0], move[1]][0] + left[move[0], move[1]]
        left[move[0], move[1]] += move[3]
    for move in sorted(moves, key=lambda one: (one[0], -rank[one[2]], -rank[one[1]])):
        ends[move] = places[move[0] + 1, move[2]][0] + right[move[0] + 1, move[2]]
        right[move[0] + 1, move[2]] += move[3]
    drawn = []
    for number, move in enumerate(moves):
        day, source, target, count = move
        if count < FINEST * total:
            continue
        low, rise = starts[move], ends[move] - starts[move]
        drawn.append({
                "day": [round(day + across, 3) for across, _ in BEND],
                "from": [round(low + rise * up, 1) for _, up in BEND],
                "to": [round(low + rise * up + count, 1) for _, up in BEND],
                "move": number, "token": var("ref" if source == UNKNOWN else slot(source)), "count": say.count(count),
                "source": "Not yet a customer" if source == UNKNOWN else named(result, source),
                "target": named(result, target), "stays": source == target,
                "between": say.dates(found.days[day], found.days[day + 1])})  # fmt: skip
    return drawn


def _layers(found: Flow, bands: list[dict[str, Any]]) -> list[Spec]:
    last = len(found.days) - 1
    dates = [say.date(day).rsplit(" ", 1) for day in found.days]
    x = {"field": "day", "type": "quantitative", "title": None,
         "scale": {"domain": [0, last], "nice": False, "range": [14, {"expr": "width - 14"}]},
         "axis": {"values": list(range(last + 1)), "labelExpr": f"{dates}[datum.value]", "grid": False,
                  "domain": False, "labelAlign": "center", "labelOverlap": "parity"}}  # fmt: skip
    y = {"field": "from", "type": "quantitative", "title": None, "scale": {"domainMin": 0, "nice": False},
         "axis": {"tickCount": 4, "grid": True}}  # fmt: skip
    fill = {"field": "token", "type": "nominal", "scale": None}
    flows = {
        "data": {"values": bands},
        "transform": [{"flatten": ["day", "from", "to"]}],
        "mark": mark("area", opacity={"expr": "datum.stays ? 0.22 : 0.42"}),
        "encoding": {"x": x, "y": y, "y2": {"field": "to"}, "fill": fill,
                     "detail": [{"field": "move", "type": "nominal"}, {"field": "stays", "type": "nominal"}],
                     "tooltip": tooltip(source="From", target="To", count="Customers", between="Between")},
    }  # fmt: skip
    bars = {
        "mark": mark("bar", size=24, cornerRadius=0, cornerRadiusEnd=0, stroke=var("paper"), strokeWidth=1),
        "encoding": {"x": x, "y": y, "y2": {"field": "to"}, "fill": fill,
                     "tooltip": tooltip(who="Segment", date="On", count="Customers", part="Share")},
    }  # fmt: skip
    numbers = {
        "transform": [{"calculate": "(datum.from + datum.to) / 2", "as": "middle"}],
        "mark": mark("text", fontSize=12, fontWeight=600, baseline="middle",
                     opacity={"expr": "abs(scale('y', datum.to) - scale('y', datum.from)) < 13 ? 0 : 1"}),
        "encoding": {"x": x, "y": {**y, "field": "middle"}, "text": {"field": "number", "type": "nominal"},
                     "fill": {"field": "ink", "type": "nominal", "scale": None}},
    }  # fmt: skip
    return [flows, bars, numbers]


def stayed(found: Flow, day: int) -> float | None:
    """Share of the customers known on that day who are in the same segment on the next one."""
    known = [(start, end, number) for at, start, end, number in found.moves if at == day and start != UNKNOWN]
    total = sum(number for *_, number in known)
    return sum(number for start, end, number in known if start == end) / total if total else None


def _title(result: ReportInput, found: Flow) -> str:
    """How many kept their segment over the last stretch, and the largest way out of one."""
    day = len(found.days) - 2
    part = stayed(found, day)
    if part is None:
        return "Nobody was a customer before the last day"
    start = f"{say.share(part)} kept their segment from {say.date(found.days[day])} to {say.date(found.days[day + 1])}"
    moved = [move for move in found.moves if move[0] == day and move[1] not in (UNKNOWN, move[2])]
    if not moved:
        return start
    _, source, target, number = max(moved, key=lambda one: one[3])
    way = f"from {cited_as(result, source)} to {cited_as(result, target)}"
    if found.sample_of is None:
        return f"{start}; the largest move: {say.count(number)} {way}"
    return f"{start}; the largest move: {say.share(number / sum(found.sizes[day].values()))} {way}"


def _notes(result: ReportInput, found: Flow) -> tuple[str, ...]:
    note = "On earlier days less was known of everybody: part of what moves is knowledge, not behaviour."
    if any(not sizes for sizes in found.sizes):
        note = "On days without a bar nobody was a customer yet."
    if found.sample_of is None:
        return (note,)
    followed = say.count(sum(found.sizes[-1].values()))
    drawn = f"{followed} customers, drawn at random from {say.count(found.sample_of)}, were followed"
    return (note, f"{drawn}: counts are theirs, shares hold for all.")


def _table(result: ReportInput, found: Flow, order: list[int]) -> ChartTable:
    head = ("Segment", *(say.date(day) for day in found.days))
    body = [(named(result, one), *(say.count(sizes.get(str(one), 0)) for sizes in found.sizes)) for one in order]
    kept = [say.share(stayed(found, day)) for day in range(len(found.days) - 1)]
    body.append(("Kept their segment since the day before it", say.NOTHING, *kept))
    for source, target in sorted({(move[1], move[2]) for move in found.moves if move[1] not in (UNKNOWN, move[2])}):
        numbers = [
            sum(m[3] for m in found.moves if m[:3] == (day, source, target))
            for day, _ in enumerate(pairwise(found.days))
        ]
        body.append((f"From {named(result, source)} to {named(result, target)}", say.NOTHING, *map(say.count, numbers)))
    return ChartTable(head, tuple(body))
