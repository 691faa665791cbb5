"""The metrics page over time: a measure by the most important values of a dimension, month by month.

One chart of lines; where they would run through each other all the time, a small chart for each, the others in grey.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import TYPE_CHECKING, Any

from coterie.views import format as say
from coterie.views.boards.measures import LABELS, RATIOS, amount_axis, exactly, said
from coterie.views.boards.month_by_month import Stretch, continued, faded, line_name, of_lines, title_of
from coterie.views.charts.monthly import UNFINISHED, month_axis
from coterie.views.contract import ChartTable, Drawn, Key, Spec
from coterie.views.shop import month_name
from coterie.views.tokens import slot, var
from coterie.views.vega import chart, mark, tooltip

if TYPE_CHECKING:
    from coterie.explore.contract import Told
    from coterie.views.boards.contract import Look

HEIGHT, SMALL, STEP = 320, 130, 17
"""Pixels of the plot, of a small one, and of one name beside it."""
LETTERS = 22
"""Of a name beside its line."""
TANGLED = 0.12
"""Part of the steps from month to month in which two lines may cross, on average, to be drawn in one chart."""
FEWEST = 10
"""Events in a month that a ratio is drawn of; the table has all."""
_BARE = ("month", "place", "value", "opacity")
"""Of a row, what a line in grey needs."""
FAINT: Spec = {"field": "opacity", "type": "quantitative", "scale": None}


@dataclass(frozen=True)
class OverTime:
    """What is drawn: one chart, or a small one for each line below the title and what else is said of all."""

    title: str
    measure: str
    notes: tuple[str, ...]
    term: str
    charts: tuple[Drawn, ...]


def drawn_over_time(look: Look, told: Told) -> OverTime:
    """A line for each value that is told month by month."""
    label, months = LABELS[told.measure], of_lines(look, told)
    notes, told = (" ".join(_notes(told, months)),), continued(told, months)
    title, measure = title_of(look, told, months), f"{label.label} by {told.dimension} and month{label.of_day}"
    rows = _rows(look, told, months)
    if tangled([[row["value"] for row in rows if row["place"] == place] for place in range(len(told.lines))]):
        charts = tuple(_small(look, told, months, rows, place) for place in range(len(told.lines)))
        return OverTime(title, f"{measure}; each in colour, the others in grey", notes, label.term, charts)
    about = f"{measure}: {title}."
    spec = chart(about, rows, HEIGHT, _layers(look, told, months, rows))
    names = [line_name(look, told, line) for line in told.lines]
    keys = tuple(Key(_token(told, place), name) for place, name in enumerate(names))
    table = _table(look, told, months, range(len(names)))
    drawn = Drawn("measured", title, measure, about, spec, table, keys, notes=notes, terms=(label.term,))
    return OverTime(title, measure, notes, label.term, (drawn,))


def tangled(lines: Sequence[Sequence[float | None]]) -> bool:
    """Whether lines cross so often that nobody could follow one.

    Example:
        >>> tangled([[1, 2, 3], [2, 3, 4]]), tangled([[1, 2, None, 1], [2, 1, 2, 2]])
        (False, True)
    """
    crossed = steps = 0
    for one, other in combinations(lines, 2):
        both = [(a, b) for a, b in zip(one, other, strict=True) if a is not None and b is not None and a != b]
        crossed += sum((before[0] > before[1]) != (after[0] > after[1]) for before, after in pairwise(both))
        steps += max(len(both) - 1, 0)
    return crossed > TANGLED * steps


def _rows(look: Look, told: Told, months: Sequence[Stretch]) -> list[dict[str, Any]]:
    """A row for each line and month; a ratio of few events has no value, so that its line has a gap."""
    least = FEWEST if told.measure in RATIOS else 0
    return [
        {"month": f"{at.month:%Y-%m}", "label": month_name(at.month) + ("" if at.complete else ", not complete"),
         "name": line_name(look, told, line), "place": place, "token": var(_token(told, place)),
         "value": one.amount if one.events >= least else None, "text": said(look, told, one.amount),
         "events": say.count(one.events), "opacity": 1.0 if at.complete else UNFINISHED}
        for place, line in enumerate(told.lines)
        for at, one in zip(months, line.months, strict=True)
    ]  # fmt: skip


def _token(told: Told, place: int) -> str:
    """Segments have their own colour everywhere."""
    return slot(int(told.lines[place].value)) if told.dimension == "segment" else f"seg-{place + 1}"


def _table(look: Look, told: Told, months: Sequence[Stretch], places: Sequence[int]) -> ChartTable:
    lines = [told.lines[place] for place in places]
    body = (
        (month_name(at.month), *(exactly(look, told, line.months[row].amount) for line in lines),
         "yes" if at.complete else "no")
        for row, at in enumerate(months)
    )  # fmt: skip
    return ChartTable(("Month", *(line_name(look, told, line) for line in lines), "Complete"), tuple(body))


def _small(look: Look, told: Told, months: Sequence[Stretch], rows: list[dict[str, Any]], place: int) -> Drawn:
    """One line over those of the others in grey, on the scale of all."""
    label, line = LABELS[told.measure], told.lines[place]
    own = [row for row in rows if row["place"] == place and row["value"] is not None]
    last = next((row for row in reversed(own) if row["opacity"] == 1.0), own[-1] if own else None)
    measure = f"{last['label']}: {last['text']}" if last else f"Too few {label.events} in each month"
    about = f"{label.label} of {line_name(look, told, line)} by month. {measure}."
    x, y = _x(months), {"field": "value", **amount_axis(look, told)}
    y["axis"]["tickCount"] = 3
    whole = {"filter": "datum.opacity === 1"}
    others = {
        "transform": [whole],
        "mark": mark("line", strokeJoin="round", strokeWidth=1, stroke=var("ref")),
        "encoding": {"x": x, "y": y, "detail": {"field": "place"}},
    }
    mine = {"filter": f"datum.place === {place}"}
    bare = [row if row["place"] == place else {name: row[name] for name in _BARE} for row in rows]
    drawn = {
        "transform": [whole, mine],
        "mark": mark("line", strokeJoin="round", strokeWidth=2, stroke=var(_token(told, place))),
        "encoding": {"x": x, "y": y},
    }
    dots = {
        "transform": [mine],
        "mark": mark("point", size=14, filled=True, fill=var(_token(told, place))),
        "encoding": {"x": x, "y": y, "opacity": FAINT, "tooltip": _hints(told)},
    }
    return Drawn(f"measured-{place + 1}", line_name(look, told, line), measure, about,
                 chart(about, bare, SMALL, [others, drawn, dots]), _table(look, told, months, (place,)))  # fmt: skip


def _x(months: Sequence[Stretch], **scale: Any) -> Spec:
    """All months, also those of which nothing is drawn."""
    domain = [f"{one.month:%Y-%m}" for one in months]
    return month_axis(months) | {"scale": {"padding": 0.5, "domain": domain, **scale}}


def _hints(told: Told) -> list[Spec]:
    label = LABELS[told.measure]
    return tooltip(label="Month", name=told.dimension.capitalize(), text=label.label,
                   events=say.upper_first(label.events))  # fmt: skip


def _layers(look: Look, told: Told, months: Sequence[Stretch], rows: list[dict[str, Any]]) -> list[Spec]:
    reserve = f"(width < 420 ? 92 : {8 * LETTERS})"
    x = _x(months, rangeMax={"expr": f"width - {reserve}"})
    y = {"field": "value", **amount_axis(look, told)}
    own = {"stroke": {"field": "token", "type": "nominal", "scale": None}, "detail": {"field": "place"}}
    line = {
        "transform": [{"filter": "datum.opacity === 1"}],
        "mark": mark("line", strokeJoin="round", strokeWidth=2),
        "encoding": {"x": x, "y": y, **own},
    }
    dots = {
        "mark": mark("point", size=30 if len(months) <= 18 else 14, filled=True),
        "encoding": {"x": x, "y": y, "opacity": FAINT, "tooltip": _hints(told),
                     "fill": {"field": "token", "type": "nominal", "scale": None}},
    }  # fmt: skip
    names = {
        "data": {"values": _ends(rows)},
        "mark": mark("text", align="left", baseline="middle", fontWeight=600, limit={"expr": f"{reserve} - 12"}),
        "encoding": {"x": {"value": {"expr": f"width - {reserve} + 10"}}, "y": y,
                     "text": {"field": "name", "type": "nominal"},
                     "fill": {"field": "token", "type": "nominal", "scale": None}},
    }  # fmt: skip
    return [line, dots, names]


def _ends(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each name beside the end of its line, a line of text from the others."""
    known = [row for row in rows if row["value"] is not None]
    top = max((row["value"] for row in known), default=0.0) or 1.0
    whole = [row for row in known if row["opacity"] == 1.0]
    last = {row["place"]: row for row in (*known, *whole)}
    ends = sorted(last.values(), key=lambda row: row["value"])
    heights, step = list[float](), top * STEP / HEIGHT
    for row in ends:
        heights.append(max(row["value"], heights[-1] + step if heights else 0.0))
    above = top
    for place in reversed(range(len(heights))):
        heights[place] = min(heights[place], above)
        above = heights[place] - step
    return [{**row, "name": say.shortened(row["name"], LETTERS), "value": height} for row, height in
            zip(ends, heights, strict=True)]  # fmt: skip


def _notes(told: Told, months: Sequence[Stretch]) -> tuple[str, ...]:
    """What is left out, which months are faded and why, and when the lines of `told` have ended."""
    notes, events, own = list[str](), LABELS[told.measure].events, told.lines[0].months
    left = len(told.rows) + told.others - len(told.lines)
    if left > 0:
        notes.append(
            f"Drawn are the {say.word(len(told.lines))} values with most {events}; {say.plural(left, 'more value')} "
            f"{'is' if left == 1 else 'are'} not."
        )
    if told.measure in RATIOS:
        notes.append(f"Months with fewer than {FEWEST} {events} stand in the table alone.")
    if len(own) < len(months):
        notes.append(f"After {month_name(months[len(own) - 1].month)} there are no {events} in what is drawn.")
    return (*notes, *faded(told, months))
