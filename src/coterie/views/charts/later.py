"""Whether the differences last: what became of each segment after the cut, and how other groupings do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from coterie.views import format as say
from coterie.views.contract import ChartTable, Drawn
from coterie.views.dots import LETTERS, ROW, line_at, log_position, rows_of_dots
from coterie.views.grades import explained_noun, later_noun, later_of, went_on
from coterie.views.segments import clustered, feature_said, mention, orders_only, row_name, with_both
from coterie.views.tokens import slot, var
from coterie.views.vega import bar_length, chart, fill, mark, row_axis, row_names, tooltip, wrapped

if TYPE_CHECKING:
    from coterie.evidence.contract import Later
    from coterie.profiles.contract import SegmentProfile
    from coterie.views.contract import ReportInput

BAR_NAMES = 196
UNTOLD = "cannot be told"
"""Of a segment like which there was none at the cut."""
TIE = 0.01
"""Shares of explained variation closer than this are called the same."""


def later(result: ReportInput) -> tuple[Drawn, ...]:
    """Later outcome of each segment against the mean of all, on a log axis, with its interval."""
    evidence = result.evidence
    known = [one for one in evidence.foresight.segments if one.lift is not None]
    if not known or evidence.foresight.lasting is None:
        return ()
    segments = clustered(result)
    followed = [one for one in segments if getattr(later_of(evidence, one.segment), "lift", None) is not None]
    rows = [_row(one, later_of(evidence, one.segment)) for one in followed]
    ends = [value for one in known for value in (one.low, one.high, one.lift) if value]
    x = log_position(min(ends), max(ends), reserve=148, narrow=50, title="Times the average, log scale")
    low, high = x["scale"]["domain"]
    for row in rows:  # nothing at all has no place on a log axis: it stands at its left end
        row["value"] = None if row["value"] is None else max(row["value"], low)
        row["low"] = None if row["low"] is None else min(max(row["low"], low), high)
    noun = later_noun(evidence)
    hints = tooltip(name="Segment", text=say.upper_first(noun), between="95% interval", customers="Customers followed")
    layers = [line_at(1.0, x, ink="ink-2", width=2), *rows_of_dots(x, hints)]
    title = _title(result, segments)
    about = f"{say.upper_first(noun)} per segment as times the average: {say.lower_first(title)}."
    return (
        Drawn("later", title, _measure(result), about, chart(about, rows, ROW * len(rows), layers),
              _table(result, segments), notes=_notes(result, segments), terms=("Lift", "Lasting")),
    )  # fmt: skip


def _row(one: SegmentProfile, found: Later | None) -> dict[str, Any]:
    lift = found.lift if found else None
    return {
        "row": wrapped(row_name(one), LETTERS),
        "name": row_name(one),
        "value": lift,
        "low": found.low if found and lift is not None else None,
        "high": found.high if found and lift is not None else None,
        "text": say.ratio(lift),
        "between": say.ratios(found.low, found.high) if found and lift is not None else "",
        "token": var(slot(one.segment)),
        "customers": say.count(found.customers) if found else say.NOTHING,
    }


def _title(result: ReportInput, segments: tuple[SegmentProfile, ...]) -> str:
    evidence = result.evidence
    if not evidence.foresight.lasting:
        return "What set segments apart is not shown to last"
    lifts = [(found.lift, one) for one in segments
             if (found := later_of(evidence, one.segment)) and found.lift is not None]  # fmt: skip
    lift, top = max(lifts, key=lambda found: found[0])
    if lift < 1:
        lift, top = min(lifts, key=lambda found: found[0])
        return f"{say.upper_first(mention(top))} went on to {went_on(evidence, f'only {times(lift)}')}"
    return f"{say.upper_first(mention(top))} went on to {went_on(evidence, times(lift))}"


def times(lift: float) -> str:
    """A ratio in words: "5.3 times"."""
    return f"{say.ratio(lift).removesuffix(say.TIMES)} times"


def _measure(result: ReportInput) -> str:
    found = result.evidence.foresight
    what = later_noun(result.evidence).removeprefix("later ")
    parts = ["Segments found again from what was known"]
    if found.cut is not None:
        parts = [f"Segments fitted up to {say.date(found.cut)}, {what} counted after it."]
    if found.customers is not None:
        parts.append(f"{say.plural(found.customers, 'customer')}.")
    return " ".join(parts)


def _notes(result: ReportInput, segments: tuple[SegmentProfile, ...]) -> tuple[str, ...]:
    notes = []
    missing = [one.segment for one in segments
               if one.segment and getattr(later_of(result.evidence, one.segment), "lift", None) is None]  # fmt: skip
    if missing:
        notes.append(f"{say.upper_first(say.numbered(missing))}: cannot be told. {_unlike(result, len(missing))}")
    mailed = _mailed(result, segments) if result.evidence.foresight.lasting else ""
    return (*notes, mailed) if mailed else tuple(notes)


def _unlike(result: ReportInput, number: int) -> str:
    """Why segments could not be followed: none made at the cut is like them."""
    day = f"on {say.date(result.evidence.foresight.cut)}" if result.evidence.foresight.cut else "earlier"
    return f"Of the segments made {day}, none is like {'it' if number == 1 else 'them'}."


def _mailed(result: ReportInput, segments: tuple[SegmentProfile, ...]) -> str:
    """How much of the top segment's lift is more coupons rather than more burning of each."""
    found = result.evidence.foresight
    all_claims = sum((one.claims or 0.0) * one.customers for one in found.segments)
    all_burns = sum((one.mean or 0.0) * one.customers for one in found.segments)
    people = sum(one.customers for one in found.segments)
    best = max((one for one in found.segments if one.lift is not None), key=lambda one: one.lift or 0.0)
    who = next((one for one in segments if one.segment == best.segment), None)
    if any(one.claims is None or one.mean is None for one in found.segments):
        return ""
    if found.outcome != "burns" or who is None or best.claims is None or best.burn_rate is None or not all_claims:
        return ""
    more = best.claims / (all_claims / people)
    verb = f"claimed {times(more)} the average after that day" if abs(more - 1) > 0.05 else "claimed as much as others"
    rates = f"burnt {say.share(best.burn_rate)} of it, against {say.share(all_burns / all_claims)} of all"
    return f"{say.upper_first(mention(who))} {verb} and {rates}."


def _table(result: ReportInput, segments: tuple[SegmentProfile, ...]) -> ChartTable:
    coupons = () if orders_only(result) else ("Coupons each", "Burn rate")
    head = ("Segment", say.upper_first(later_noun(result.evidence)), "95% interval", "Customers followed",
            "Per customer", *coupons, "Overlap at the cut", "Lasting")  # fmt: skip
    body = []
    for one in segments:
        found = later_of(result.evidence, one.segment)
        row = _row(one, found)
        used = () if not coupons else (
            say.NOTHING if found is None or found.claims is None else say.plain(found.claims, 1),
            say.share(found.burn_rate) if found else say.NOTHING,
        )  # fmt: skip
        body.append((
            row_name(one), row["text"], row["between"] or UNTOLD, row["customers"], _mean(result, found), *used,
            say.score(found.overlap) if found else say.NOTHING,
            "not judged" if found is None or found.lasting is None else "yes" if found.lasting else "not shown",
        ))  # fmt: skip
    return ChartTable(head, tuple(body))


def _mean(result: ReportInput, found: Later | None) -> str:
    """What came later, per customer; sales with their currency."""
    if found is None or found.mean is None:
        return say.NOTHING
    if result.evidence.foresight.outcome == "sales":
        return say.money(found.mean, result.profiles.currency)
    return say.plain(found.mean, 2)


def baselines(result: ReportInput) -> tuple[Drawn, ...]:
    """Share of the later outcome that the segments explain, beside the best single feature, RFM and random groups."""
    found = result.evidence.foresight
    if found.eta2 is None or found.lasting is None:
        return ()
    k = say.word(len(clustered(result)))
    feature = feature_said(result, found.baselines.feature) if found.baselines.feature else "the best single feature"
    entries = [
        ("These segments", found.eta2, "accent"),
        (f"{say.upper_first(k)} groups by {say.lower_first(feature)}", found.baselines.best_feature, "ref"),
        (f"{say.upper_first(k)} RFM groups", found.baselines.rfm, "ref"),
        ("Random groups, 95th percentile", found.baselines.random, "ref"),
    ]
    rows: list[dict[str, Any]] = [
        {"row": wrapped(name, 27), "name": name, "share": value, "text": say.small_share(value), "token": var(token)}
        for name, value, token in entries
        if value is not None
    ]
    y = row_axis(BAR_NAMES)
    # A scale of its own would blow up a share of next to nothing.
    length = bar_length("share", 48, domainMax=max(0.05, *(row["share"] for row in rows)))
    bars = {
        "mark": mark("bar", height=16),
        "encoding": {"y": y, "x": length, "fill": fill(),
                     "tooltip": tooltip(name="Grouping", text="Explained")},
    }  # fmt: skip
    ends = {
        "mark": mark("text", align="left", baseline="middle", dx=7, fontSize=13),
        "encoding": {"y": y, "x": length, "text": {"field": "text", "type": "nominal"}},
    }
    title = _better(result, feature)
    about = f"Share of the variation in {explained_noun(result.evidence)} explained: {say.lower_first(title)}."
    measure = f"Share of the variation in {explained_noun(result.evidence)} explained (eta squared)"
    spec = chart(about, rows, ROW * len(rows), [row_names(y, BAR_NAMES), bars, ends])
    table = ChartTable(("Grouping", "Explained"), tuple((row["name"], say.share(row["share"], 1)) for row in rows))
    terms = ("Eta squared", "RFM groups")
    return (Drawn("baselines", title, measure, about, spec, table, notes=_left_out(result), terms=terms),)


def _better(result: ReportInput, feature: str) -> str:
    found = result.evidence.foresight
    if not found.lasting and (found.eta2 or 0.0) > (found.baselines.random or 0.0):
        return "More than random groups, but the leading segment is not shown to stay ahead"
    own, rfm, best, luck = found.eta2 or 0.0, found.baselines.rfm, found.baselines.best_feature, found.baselines.random
    if luck is not None and own <= luck:
        return "No better than random groups"

    def against(other: float) -> str:
        return "as good as" if abs(own - other) < TIE else "better than" if own > other else "not as good as"

    rivals = [(other, name) for other, name in ((rfm, "RFM"), (best, f"{say.lower_first(feature)} alone"))
              if other is not None]  # fmt: skip
    if not rivals:
        return "How much the segments explain"
    said = [f"{against(other)} {name}" for other, name in rivals]
    differ = len({against(other) == "not as good as" for other, _ in rivals}) == 2
    return say.upper_first((", but " if differ else ", and ").join(said))


def _left_out(result: ReportInput) -> tuple[str, ...]:
    found = result.evidence.foresight
    what = "an order" if orders_only(result) else "a coupon or an order" if with_both(result) else "a coupon"
    parts = []
    if found.left_out and found.cut is not None:
        parts.append(f"Left out: {say.plural(found.left_out, 'customer')} without {what} until {say.date(found.cut)}.")
    if found.p is not None:
        parts.append(f"Permutation test among customers first seen at about the same time: {say.p_value(found.p)}.")
    if not any(one.lift is not None for one in found.segments):
        parts.append("What became of each segment cannot be told: those made on that day are not like them.")
    return (" ".join(parts),) if parts else ()
