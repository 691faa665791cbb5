"""What charts and pages ask of the shop's numbers: whose they are, in which words, on which axes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING

from coterie.explore.contract import Filters
from coterie.metrics.contract import Metrics
from coterie.views import format as say
from coterie.views.contract import Spec
from coterie.views.segments import cited, mention, row_name
from coterie.views.tokens import var
from coterie.views.vega import mark

if TYPE_CHECKING:
    import datetime as dt

    from coterie.profiles.contract import SegmentProfile
    from coterie.views.contract import ReportInput

EVERYONE = "All customers"
FEW = 30
"""Under so many customers a share is not shown as a finding."""


@dataclass(frozen=True)
class MetricsOfPart(Metrics):
    """The numbers of what filters let through: charts and pages do not call them those of all customers."""

    filters: Filters = field(default_factory=Filters)


def of_part(metrics: Metrics, filters: Filters) -> MetricsOfPart:
    """The numbers, marked as those of what these filters let through."""
    return MetricsOfPart(**{one.name: getattr(metrics, one.name) for one in fields(Metrics)}, filters=filters)


def filters_behind(metrics: Metrics | None) -> Filters:
    """What the numbers leave out; nothing where they are of the whole shop."""
    return metrics.filters if isinstance(metrics, MetricsOfPart) else Filters()


def everyone(metrics: Metrics | None) -> str:
    """What all customers behind the numbers together are called."""
    return "These customers" if filters_behind(metrics).any else EVERYONE


def metrics_of(result: ReportInput) -> Metrics | None:
    """The numbers of the shop; None where the result has none."""
    return result.metrics


def named(result: ReportInput, segment: int | None) -> str:
    """The segment as a row of a chart: number and name."""
    if segment is None:
        return EVERYONE
    found = _profile(result, segment)
    return row_name(found) if found is not None else f"Segment {segment}"


def said(result: ReportInput, segment: int | None) -> str:
    """The segment within a sentence."""
    if segment is None:
        return "all customers"
    found = _profile(result, segment)
    return mention(found) if found is not None else f"segment {segment}"


def cited_as(result: ReportInput, segment: int | None) -> str:
    """The segment within a sentence, with its number, so that "lapsed" is seen to be one: "lapsed (5)"."""
    found = _profile(result, segment) if segment is not None else None
    return cited(found) if found is not None else said(result, segment)


def _profile(result: ReportInput, segment: int) -> SegmentProfile | None:
    return next((one for one in result.profiles.segments if one.segment == segment), None)


def month_name(day: dt.date) -> str:
    """A month and its year: "Nov 2011"."""
    return f"{say.month(day.month)} {day.year}"


def money_axis(currency: str | None) -> Spec:
    """An axis of amounts: the currency's sign, thousands as k, M, bn."""
    sign = json.dumps(say.currency_sign(currency))
    short = "replace(format(datum.value, '~s'), 'G', 'bn')"
    number = f"(abs(datum.value) < 1000 ? format(datum.value, ',~') : {short})"
    return {"labelExpr": f"{sign} + {number}"}


def column_heads(columns: Sequence[tuple[str, str, bool]]) -> list[Spec]:
    """Heads over value columns: (text, expression of the right edge, shown only where the plot is wide)."""
    return [
        {
            "data": {"values": [{"head": head}]},
            "mark": mark("text", align="right", baseline="bottom", fill=var("ink-2"), dy=-4)
            | ({"opacity": {"expr": "width < 260 ? 0 : 1"}} if wide_only else {}),
            "encoding": {"x": {"value": {"expr": edge}}, "y": {"value": 0},
                         "text": {"field": "head", "type": "nominal"}},
        }
        for head, edge, wide_only in columns
    ]  # fmt: skip
