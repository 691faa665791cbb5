"""The segments: all in one table, any of them side by side, one alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from coterie.views import format as say
from coterie.views.boards.drawn import DrawnWhenAsked
from coterie.views.boards.in_filters import OF_RUN, in_filters, tiles_of_segment
from coterie.views.boards.parts import parts
from coterie.views.boards.query import address_of, pairs_of
from coterie.views.charts.monthly import active
from coterie.views.pages.cards import cards
from coterie.views.pages.glossary import anchors
from coterie.views.segments import feature_interval, feature_label, feature_value, shown_features
from coterie.views.tokens import slot

if TYPE_CHECKING:
    from coterie.profiles.contract import SegmentProfile
    from coterie.views.boards.contract import Look
    from coterie.views.contract import Drawings, Drawn, ReportInput


@dataclass(frozen=True)
class Cell:
    """A mean with its interval, printed; `most` marks the largest of the row where intervals do not touch."""

    mean: str
    interval: str
    most: bool = False


@dataclass(frozen=True)
class FeatureRow:
    """One feature of the segments compared."""

    label: str
    term: str
    cells: tuple[Cell, ...]
    everyone: str


@dataclass(frozen=True)
class Head:
    """One segment: as a column's head, and as a box to tick."""

    segment: int
    css: str
    name: str
    size: str
    chosen: bool


def segments(look: Look, drawings: Drawings) -> Mapping[str, Any]:
    """The table of segments and what to do; where some were chosen, those side by side."""
    chosen = [one for one in look.result.profiles.segments if one.segment in look.compare]
    side_by_side = _rows(look.result, chosen) if len(chosen) > 1 else ()
    return {
        "heads": tuple(_head(one, look) for one in look.result.profiles.segments),
        "compared": tuple(_head(one, look) for one in chosen) if side_by_side else (),
        "title": _title(look.result, chosen) if side_by_side else "",
        "rows": side_by_side,
        "inside": in_filters(look),
        "of_run": "These are of the run, whatever is filtered." if look.filters.any else "",
        "kept": pairs_of(look.filters),
        "all": address_of("/segments", look.filters),
        "parts": () if side_by_side else parts(look, drawings, "segments", "advice", "size", "people", "behaviour"),
    }


def segment(look: Look, drawings: Drawings) -> Mapping[str, Any]:
    """The card of one segment."""
    found = cards(look.result, drawings)
    card = [one for one in (found or {"cards": ()})["cards"] if one.profile.segment == look.segment]
    chosen = () if look.segment is None else (look.segment,)
    filters = replace(look.filters, segments=chosen)
    return {
        "cards": {"cards": tuple(card)},
        "months": _months(look, drawings),
        "others": tuple(_head(one, look) for one in look.result.profiles.segments),
        "tiles": tiles_of_segment(look),
        "said": f"In these filters{_lacking(look)}. {OF_RUN}" if look.by_segment is not None else "",
        "people": "" if look.private else address_of("/customers", filters),
        "trends": address_of("/trends", filters),
    }


def _months(look: Look, drawings: Drawings) -> tuple[Drawn, ...]:
    """How the segment goes from month to month: who is active in it."""
    charts = () if look.own is None else active(look.own)
    if isinstance(drawings, DrawnWhenAsked):
        for chart in charts:
            drawings.add(chart)
    return charts


def _lacking(look: Look) -> str:
    return "" if look.segment in (look.by_segment or {}) else " this segment is not told here"


def _head(one: SegmentProfile, look: Look) -> Head:
    size = f"{say.plural(one.customers, 'customer')}, {say.share(one.share)}"
    number = one.segment if one.segment is not None else 0
    return Head(number, slot(one.segment), one.name, size, number in look.compare)


def _rows(result: ReportInput, chosen: Sequence[SegmentProfile]) -> tuple[FeatureRow, ...]:
    """The features that every segment chosen has, in the order of the cards."""
    known, rows = anchors(result), []
    for name, figure in shown_features(chosen[0]):
        figures = [one.features.get(name) for one in chosen]
        if any(found is None for found in figures):
            continue
        told = [found for found in figures if found is not None]
        best = max(told, key=lambda found: found.mean)
        clear = all(found is best or found.high < best.low for found in told)
        cells = tuple(
            Cell(
                feature_value(result, name, found.mean),
                feature_interval(result, name, found.low, found.high) if found.high > found.low else "",
                most=clear and found is best,
            )
            for found in told
        )
        everyone = feature_value(result, name, figure.all_mean)
        rows.append(FeatureRow(feature_label(result, name), known.get(name, ""), cells, everyone))
    return tuple(rows)


def _title(result: ReportInput, chosen: Sequence[SegmentProfile]) -> str:
    """In what those compared lie furthest apart, as a ratio of means."""
    apart = []
    for name, _ in shown_features(chosen[0]):
        means = [one.features[name].mean for one in chosen if name in one.features]
        if len(means) == len(chosen) and min(means) > 0:
            apart.append((max(means) / min(means), feature_label(result, name)))
    if not apart:
        return "Side by side"
    ratio, label = max(apart)
    return f"They lie furthest apart in {say.lower_first(label)}: {say.ratio(ratio)}"
