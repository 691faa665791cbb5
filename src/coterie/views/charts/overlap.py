"""Whether the same segments would come back: overlap of each segment with itself, beside one crowd."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coterie.views import format as say
from coterie.views.contract import ChartTable, Drawn, Spec
from coterie.views.dots import LETTERS, NAMES, ROW, line_at, position, rows_of_dots
from coterie.views.grades import FIRM, firm, loose, overlap_text, stability_of
from coterie.views.segments import clustered, row_name
from coterie.views.tokens import slot, var
from coterie.views.vega import chart, mark, row_axis, tooltip, wrapped

if TYPE_CHECKING:
    from coterie.views.contract import ReportInput

CLEAR = 0.05
"""A mean overlap less than this above that of one crowd is no better."""


def overlap(result: ReportInput) -> tuple[Drawn, ...]:
    """Mean overlap of each segment with itself when refitted; a grey tick for the like of it in one crowd."""
    rows = []
    for one in clustered(result):
        found = stability_of(result.evidence, one.segment)
        if found is not None and found.jaccard is not None:
            rows.append({"row": wrapped(row_name(one), LETTERS), "name": row_name(one), "value": found.jaccard,
                         "crowd": found.jaccard_crowd, "text": overlap_text(found.jaccard),
                         "crowd_text": say.score(found.jaccard_crowd), "token": var(slot(one.segment)),
                         "grade": say.upper_first(found.grade or "not judged")})  # fmt: skip
    if not rows:
        return ()
    values = [value for row in rows for value in (row["value"], row["crowd"]) if isinstance(value, float)]
    x = position((max(0.0, min(0.55, *values) - 0.06), 1.0), reserve=56, narrow=44, format=".1f",
                 title="Overlap (Jaccard), 1 is identical")  # fmt: skip
    hints = tooltip(name="Segment", text="Overlap", crowd_text="One crowd", grade="Grade")
    # Names come first: they hold every row, and so give the rows their order.
    names, *dots = rows_of_dots(x, hints, interval=False)
    layers = [names, line_at(FIRM, x), _word(x), _crowd(x), *dots]
    title = _title(result)
    about = f"Overlap of each segment with itself when customers are drawn again: {say.lower_first(title)}."
    measure = f"Mean overlap over {say.count(result.evidence.stability.refits)} refits on customers drawn again."
    if any(row["crowd"] is not None for row in rows):
        measure += " Grey tick: one crowd without groups."
    table = ChartTable(
        ("Segment", "Overlap", "In one crowd", "Grade"),
        tuple((str(row["name"]), str(row["text"]), str(row["crowd_text"]), str(row["grade"])) for row in rows),
    )
    spec = chart(about, rows, ROW * len(rows), layers)
    terms = ("Overlap, stability", "One crowd", "Adjusted Rand index")
    return (Drawn("overlap", title, measure, about, spec, table, notes=_notes(result), terms=terms),)


def _crowd(x: Spec) -> Spec:
    return {
        "transform": [{"filter": "isValid(datum.crowd)"}],
        "mark": mark("tick", thickness=3, size=18, color=var("none"), opacity=0.75),
        "encoding": {"x": {**x, "field": "crowd"}, "y": row_axis(NAMES)},
    }


def _word(x: Spec) -> Spec:
    return {
        "data": {"values": [{"value": FIRM, "word": f"firm from {FIRM}"}]},
        "mark": mark("text", baseline="bottom", dy=-4, fill=var("ink-2")),
        "encoding": {"x": x, "y": {"value": 0}, "text": {"field": "word", "type": "nominal"}},
    }


def _title(result: ReportInput) -> str:
    holds, shifts = firm(result.evidence), loose(result.evidence)
    crowd = ", as in one crowd" if _no_better(result) else ""
    if not shifts:
        return f"Every segment would come back{crowd}"
    if not holds:
        return "No segment would come back as it is"
    rest = say.numbered(shifts).removeprefix("segments ").removeprefix("segment ")
    return f"{say.upper_first(say.numbered(holds))} would come back{crowd}; {rest} would shift"


def _no_better(result: ReportInput) -> bool:
    """Simulated customers without groups come back about as well."""
    known = [(one.jaccard, one.jaccard_crowd) for one in result.evidence.stability.segments]
    pairs = [(own, crowd) for own, crowd in known if own is not None and crowd is not None]
    return bool(pairs) and sum(own - crowd for own, crowd in pairs) / len(pairs) < CLEAR


def _notes(result: ReportInput) -> tuple[str, ...]:
    """What the figure means for how firm the borders are, and that it is no proof of groups."""
    found = result.evidence.stability
    if found.n is None:
        return ()
    crowd = f"; one crowd reaches {say.score(found.ari_crowd)}" if found.ari_crowd is not None else ""
    whole = f" All together: adjusted Rand index {say.score(found.ari)}{crowd}." if found.ari is not None else ""
    return (f"Drawn from {say.plural(found.n, 'customer')}; overlaps grow with that number.{whole}",)
