"""Whether customers really differ: split-half reliability per feature, with its interval."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coterie.evidence.contract import NOT_APPLICABLE
from coterie.views import format as say
from coterie.views.contract import ChartTable, Drawn
from coterie.views.dots import LETTERS, ROW, line_at, position, rows_of_dots
from coterie.views.segments import feature_label, feature_said, orders_only
from coterie.views.tokens import var
from coterie.views.vega import chart, tooltip, wrapped

if TYPE_CHECKING:
    from coterie.evidence.contract import Reliability
    from coterie.views.contract import ReportInput

_HEAD = ("Feature", "Reliability", "95% interval", "By chance", "Customers", "Real", "Clustered on")


def reliability(result: ReportInput) -> tuple[Drawn, ...]:
    """Split-half reliability of every feature of behaviour, those that are real in ink, the others in grey."""
    told = ranked(result)
    if not told:
        return ()
    rows = [
        {"row": wrapped(feature_label(result, one.feature), LETTERS), "name": feature_label(result, one.feature),
         "value": one.value, "low": one.low, "high": one.high, "text": say.score(one.value), "between": _between(one),
         "token": var("ink" if one.real else "none"), "customers": say.count(one.customers),
         "use": "yes" if one.used else "no"}
        for one in told
    ]  # fmt: skip
    title = _title(result, told)
    lowest = min(-0.02, *(one.low if one.low is not None else 0.0 for one in told))
    highest = max(0.3, *(one.high if one.high is not None else one.value or 0.0 for one in told))
    x = position((lowest * 1.05, min(1.02, highest + 0.04)), reserve=148, narrow=50, format=".1f")
    hints = tooltip(
        name="Feature", text="Reliability", between="95% interval", customers="Customers", use="Clustered on"
    )
    layers = [line_at(0.0, x), *rows_of_dots(x, hints)]
    about = f"Split-half reliability of {say.plural(len(told), 'feature')}: {say.lower_first(title)}."
    measure = "Split-half reliability: 0 is luck, 1 a fixed trait."
    if any(not one.real for one in told):
        measure += " Grey dots: no more than luck."
    idle = [say.lower_first(feature_said(result, one.feature)) for one in told if one.real and not one.used]
    if idle:
        measure += f" Not used to make segments: {say.listing(idle)}."
    return (
        Drawn("reliability", title, measure, about, chart(about, rows, ROW * len(rows), layers),
              _table(result), notes=_notes(result), terms=("Reliability",)),
    )  # fmt: skip


def ranked(result: ReportInput) -> list[Reliability]:
    """Features with a reliability: those clustered on first, the most reliable first."""
    told = [one for one in result.evidence.reliability if one.value is not None]
    return sorted(told, key=lambda one: (not one.used, -(one.value or 0.0)))


def _between(one: Reliability) -> str:
    return say.NOTHING if one.low is None or one.high is None else say.between(one.low, one.high)


def _title(result: ReportInput, told: list[Reliability]) -> str:
    real = [one for one in told if one.real]
    if not real:
        return "No figure repeats itself more than luck would"
    leading = [one for one in real if one.feature.startswith("burn_rate")] or real
    name = say.lower_first(feature_said(result, max(leading, key=lambda one: one.value or 0.0).feature))
    if len(real) == len(told):
        return "All figures repeat themselves" if len(told) > 1 else f"A customer’s {name} repeats itself"
    return (
        f"{say.upper_first(say.word(len(real)))} of {say.word(len(told))} figures repeat themselves, {name} among them"
    )


def _notes(result: ReportInput) -> tuple[str, ...]:
    """What features without a dot, or left out, are about."""
    notes: dict[str, list[str]] = {}
    for one in result.evidence.reliability:
        if one.note and not _invented(one):
            notes.setdefault(one.note, []).append(feature_said(result, one.feature))
    events = "orders" if orders_only(result) else "coupons"
    invented = (
        f"{feature_said(result, one.feature)}: {say.score(one.value)}, but {events} dealt out by chance reach as much"
        f" ({say.p_value(one.p or 0.0)}), so it is no trait."
        for one in result.evidence.reliability
        if _invented(one)
    )
    return (*invented, *(_noted(note, names) for note, names in notes.items()))


def _invented(one: Reliability) -> bool:
    """Reliable by its interval, yet no more than chance gives: exposure can invent reliability."""
    return one.real is False and one.p is not None and one.low is not None and one.low > 0


def _noted(note: str, names: list[str]) -> str:
    who = say.listing([names[0], *(say.lower_first(name) for name in names[1:])])
    note = note.replace(" in it ", " in them ") if len(names) > 1 else note
    start, _, rest = note.partition(": ")
    if note in NOT_APPLICABLE:
        return f"{start} to {say.lower_first(who)}: {rest.replace('it is', 'they are') if len(names) > 1 else rest}"
    return f"{who} {say.lower_first(note)}" if start == "Cannot be judged" else f"{who}: {say.lower_first(note)}"


def _table(result: ReportInput) -> ChartTable:
    def real(one: Reliability) -> str:
        return "not applicable" if one.note in NOT_APPLICABLE else _yes(one.real)

    return ChartTable(
        _HEAD,
        tuple(
            (feature_label(result, one.feature), say.score(one.value), _between(one),
             say.NOTHING if one.p is None else say.p_value(one.p), say.count(one.customers), real(one), _yes(one.used))
            for one in [*ranked(result), *(one for one in result.evidence.reliability if one.value is None)]
        ),
    )  # fmt: skip


def _yes(value: object) -> str:
    return "not judged" if value is None else "yes" if value else "no"
