"""What `--private` leaves out: single customers, and whatever tells of fewer than 10 of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from coterie.dashboard.answers import NotAnswered
from coterie.explore.contract import Figures, Found
from coterie.profiles.contract import SegmentProfile

if TYPE_CHECKING:
    from coterie.explore import Choices, Compared, Told, Value
    from coterie.explore.contract import Line
    from coterie.metrics import Breakdown, LifetimeValue, Metrics, Month, Retention, SegmentMetrics
    from coterie.profiles import Mix, Profiles
    from coterie.segmentation import Result, Trial

T = TypeVar("T")

FEWEST = 10
"""Customers of a group that is shown with its parts."""

NO_SINGLE = "Single customers are not shown: the dashboard was started with --private."
TOO_FEW = f"Fewer than {FEWEST} customers are left, and the dashboard was started with --private. Widen the filters."
SMALL_SEGMENT = f"This segment has fewer than {FEWEST} customers, and the dashboard was started with --private."

_NO_SALES: dict[str, Any] = dict.fromkeys(
    ("sales", "returns", "revenue", "orders", "aov", "net_aov", "repeat_purchase_rate")
)
"""What orders tell of all customers and of a segment, left out."""


def refuse_small(customers: int, sentence: str = TOO_FEW) -> None:
    """Refuse to tell more of a group than its size where it is small; raises NotAnswered. Nobody at all is no group."""
    if 0 < customers < FEWEST:
        raise NotAnswered(403, sentence)


def without_single(result: Result) -> Result:
    """The run without typical customers, and without the parts of what is small."""
    small = {one.segment for one in result.profiles.segments if one.customers < FEWEST}
    actions = {segment: action for segment, action in result.model.actions.items() if int(segment) not in small}
    return replace(
        result,
        profiles=_profiles(result.profiles, small),
        actions=tuple(one for one in result.actions if one.segment not in small),
        model=replace(result.model, actions=actions),
        metrics=None if result.metrics is None else without_small(result.metrics),
    )


def _profiles(profiles: Profiles, small: Collection[int | None]) -> Profiles:
    segments = tuple(_bare(one) if one.segment in small else _profile(one) for one in profiles.segments)
    return replace(
        profiles,
        all=_profile(profiles.all),
        segments=segments,
        density=tuple(cell for cell in profiles.density if cell.segment not in small),
        orders_density=tuple(cell for cell in profiles.orders_density if cell.segment not in small),
    )


def _bare(one: SegmentProfile) -> SegmentProfile:
    """Name and size of a small segment, and nothing else of it."""
    return SegmentProfile(
        segment=one.segment,
        name=one.name,
        blurb=f"Fewer than {FEWEST} customers: not shown",
        headline=one.name,
        customers=one.customers,
        share=one.share,
        coupons=0,
        burnt=0,
        share_of_coupons=0.0,
        share_of_burns=0.0,
        features={},
        mixes=tuple(_mix(mix, small=True) for mix in one.mixes),
        typical=(),
        rule=None,
        burn_curve=None,
        coupons_histogram=(),
        standfirst=SMALL_SEGMENT,
    )


def _profile(profile: SegmentProfile) -> SegmentProfile:
    mixes = tuple(_mix(mix, small=profile.customers < FEWEST) for mix in profile.mixes)
    return replace(profile, typical=(), mixes=mixes)


def _mix(mix: Mix, *, small: bool) -> Mix:
    if small:
        return replace(mix, rows=(), note=f"Fewer than {FEWEST} customers: not shown by {mix.label.lower()}.")
    return replace(mix, rows=_kept(mix.rows, [row.customers or row.count for row in mix.rows]))


def without_small(metrics: Metrics) -> Metrics:
    """The shop's numbers without those of small segments, of values and cohorts with few customers."""
    segments = (one for one in metrics.segments if one.customers >= FEWEST)
    return replace(
        metrics,
        breakdowns=tuple(_breakdown(part) for part in metrics.breakdowns),
        retention=_retention(metrics.retention),
        retention_by=tuple(_retention_of(one) for one in metrics.retention_by),
        around_coupons=tuple(day for day in metrics.around_coupons if day.customers >= FEWEST),
        segments=tuple(_segment(one) for one in segments),
        monthly=_months(metrics.monthly),
        repeat_within=tuple(one for one in metrics.repeat_within if not 0 < one.customers < FEWEST),
        lifetime_value=_values(metrics.lifetime_value),
        **(_NO_SALES | {"customers": None} if 0 < (metrics.customers or 0) < FEWEST else {}),
    )


def _months(months: Sequence[Month]) -> tuple[Month, ...]:
    """The months without those in which few were active; without the number of coupons where they are few."""
    return tuple(
        replace(month, claims=_many(month.claims), burns=_many(month.burns))
        for month in months
        if not 0 < month.customers < FEWEST
    )


def _many(coupons: int | None) -> int | None:
    """The number, where enough customers may be behind it: how many they are is not known."""
    return None if coupons is not None and 0 < coupons < FEWEST else coupons


def _values(value: LifetimeValue | None) -> LifetimeValue | None:
    """Lifetime value without that of segments of which few have bought."""
    if value is None:
        return None
    return replace(value, segments=tuple(one for one in value.segments if not 0 < one.customers < FEWEST))


def _segment(one: SegmentMetrics) -> SegmentMetrics:
    """A segment without the orders of few buyers, and without its coupons where they are few."""
    few_orders = _NO_SALES | dict.fromkeys(("buyers", "sales_share", "sales_index", "return_rate"))
    few_coupons: dict[str, Any] = dict.fromkeys(("coupons", "burnt"))
    return replace(
        one,
        breakdowns=tuple(_breakdown(part) for part in one.breakdowns),
        retention=_retention(one.retention),
        monthly=_months(one.monthly),
        **(few_orders if 0 < (one.buyers or 0) < FEWEST else {}),
        **(few_coupons if 0 < (one.coupons or 0) < FEWEST else {}),
    )


def _breakdown(part: Breakdown) -> Breakdown:
    return replace(part, rows=_kept(part.rows, [row.customers for row in part.rows]))


def _retention(retention: Retention | None) -> Retention | None:
    return None if retention is None else _retention_of(retention)


def _retention_of(retention: Retention) -> Retention:
    return replace(retention, cohorts=_kept(retention.cohorts, [one.size for one in retention.cohorts]))


def _kept(rows: Sequence[T], customers: Sequence[int]) -> tuple[T, ...]:
    """The rows of enough customers; a small one that is alone goes with the next, else a subtraction would tell it."""
    small = {place for place, count in enumerate(customers) if count < FEWEST}
    if len(small) == 1 and len(rows) > 1:
        small.add(min((place for place in range(len(rows)) if place not in small), key=customers.__getitem__))
    return tuple(row for place, row in enumerate(rows) if place not in small)


def without_rare(choices: Choices) -> Choices:
    """What can be chosen without the values that hardly anybody has; segments stay."""
    values = {
        name: options if name == "segments" else tuple(one for one in options if one.count >= FEWEST)
        for name, options in choices.values.items()
    }
    return replace(choices, values={name: options for name, options in values.items() if options})


def without_rare_found(found: Found) -> Found:
    """What a text finds without the values that hardly anybody has; of others it is not said how many there are."""
    options = tuple(one for one in found.options if one.count >= FEWEST)
    return Found(options, found.others if len(options) == len(found.options) else 0)


def without_small_figures(compared: Compared, claimers: int, claimers_before: int) -> Compared:
    """The comparison without the sums of days with few customers: how many there were, and no more."""
    before = None if compared.before is None or _small(compared.before) else compared.before
    return replace(
        compared,
        now=of_enough(compared.now, claimers),
        before=None if before is None else of_enough(before, claimers_before),
    )


def without_small_segments(found: Mapping[int, Figures], claimers: Mapping[int, int]) -> dict[int, Figures]:
    """The segments without those of few customers, and of the others no sums of few claimers or few buyers.

    A single such one takes the next along.
    """
    small = _small_and_next({segment: one.customers for segment, one in found.items()})
    kept = {segment: one for segment, one in found.items() if segment not in small}
    few_claimers = _small_and_next({segment: _claimed(one, claimers.get(segment, 0)) for segment, one in kept.items()})
    few_buyers = _small_and_next({segment: _bought(one) for segment, one in kept.items()})
    return {
        segment: _without(one, coupons=segment in few_claimers, orders=segment in few_buyers)
        for segment, one in kept.items()
    }


def without_small_counts(counted: Mapping[int, int]) -> dict[int, int]:
    """Customers by segment without the segments of few, as `without_small_segments`."""
    small = _small_and_next(counted)
    return {segment: customers for segment, customers in counted.items() if segment not in small}


def _small_and_next(customers: Mapping[int, int]) -> set[int]:
    """The segments of few customers; a single one takes the next along, else a subtraction would tell it."""
    small = {segment for segment, count in customers.items() if 0 < count < FEWEST}
    others = [segment for segment, count in customers.items() if count >= FEWEST]
    if len(small) == 1 and others:
        small.add(min(others, key=customers.__getitem__))
    return small


def without_small_groups(trials: Mapping[int, Trial], customers: int) -> dict[int, Trial]:
    """The trials without groups of few of the customers, and of a group without the segments that few of it are in."""
    return {k: _trial(trial, customers) for k, trial in trials.items()}


def _trial(trial: Trial, customers: int) -> Trial:
    shown = [(one, one.share * customers) for one in trial.groups if _enough(one.share * customers)]
    return replace(
        trial,
        groups=tuple(
            replace(
                one, of_segments=tuple((segment, part) for segment, part in one.of_segments if _enough(part * size))
            )
            for one, size in shown
        ),
    )


def _enough(customers: float) -> bool:
    """Whether these are at least 10, where the number is a part of all and so not quite a whole one."""
    return round(customers) >= FEWEST


def without_small_values(told: Told) -> Told:
    """A measure without the values of few customers, and over time without the months of few; asked with `customers`.

    A single such value, or month of a line or of all lines, takes the next along.
    """
    rows = _kept(told.rows, [one.customers or 0 for one in told.rows])
    left_out = {one.value for one in told.rows} - {one.value for one in rows}
    lines = tuple(line for line in told.lines if line.value not in left_out)
    return replace(told, rows=rows, others=told.others + len(left_out), lines=_without_small_months(lines))


def _without_small_months(lines: Sequence[Line]) -> tuple[Line, ...]:
    cells = {(line.value, at): one.customers or 0 for line in lines for at, one in enumerate(line.months)}
    small = {cell for cell, customers in cells.items() if 0 < customers < FEWEST}
    sums = [*({cell for cell in cells if cell[place] == key} for place in (0, 1) for key in {c[place] for c in cells})]
    before = -1
    while before < len(small):  # what goes along with one in its month may be alone in its line
        before = len(small)
        for cells_of_sum in sums:
            others = [cell for cell in cells_of_sum - small if cells[cell]]
            if len(cells_of_sum & small) == 1 and others:
                small.add(min(others, key=lambda cell: (cells[cell], cell)))
    return tuple(
        replace(
            line, months=tuple(_hidden(one) if (line.value, at) in small else one for at, one in enumerate(line.months))
        )
        for line in lines
    )


def _hidden(one: Value) -> Value:
    return replace(one, amount=None, events=0, customers=None)


def of_enough(figures: Figures, claimers: int) -> Figures:
    """The figures; of few customers how many they are, and no sums; none of coupons of few, none of orders of few."""
    if _small(figures):
        return Figures(figures.customers, figures.of, figures.active)
    few_claimed, few_bought = (0 < count < FEWEST for count in (_claimed(figures, claimers), _bought(figures)))
    return _without(figures, coupons=few_claimed, orders=few_bought)


def _claimed(figures: Figures, claimers: int) -> int:
    return max(1, claimers) if figures.coupons else 0


def _bought(figures: Figures) -> int:
    """Customers behind the figures of orders; whoever has returns alone is not active."""
    return 0 if figures.orders is None else max(figures.active, 1 if figures.returns else 0)


def _without(figures: Figures, *, coupons: bool, orders: bool) -> Figures:
    if coupons:
        figures = replace(figures, coupons=None, burnt=None, burn_rate=None)
    return replace(figures, orders=None, sales=None, returns=None, aov=None) if orders else figures


def _small(figures: Figures) -> bool:
    return 0 < figures.customers < FEWEST
