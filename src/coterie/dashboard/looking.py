"""From a state of the run and an address to what one page shows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import fields, replace
from typing import TYPE_CHECKING

from coterie.dashboard.answers import NotAnswered
from coterie.dashboard.opened import NO_LIST
from coterie.dashboard.private import (
    NO_SINGLE,
    SMALL_SEGMENT,
    of_enough,
    refuse_small,
    without_rare,
    without_small,
    without_small_counts,
    without_small_figures,
    without_small_groups,
    without_small_segments,
    without_small_values,
)
from coterie.explore.contract import Choices, Filters, Option
from coterie.metrics import in_period, of_segments
from coterie.views import Board, Look, Search, of_part, retention_period, without_effect

if TYPE_CHECKING:
    from coterie.dashboard.opened import Opened
    from coterie.explore import Shop
    from coterie.explore.contract import Compared, Customers, DimensionName, Figures, History, MeasureName
    from coterie.metrics.contract import Period
    from coterie.segmentation import Result


def look_at(opened: Opened, board: Board, filters: Filters, address: str, period: Period | None = None) -> Look:
    """What a page shows: with filters, its figures measured anew for those they let through. Raises NotAnswered."""
    asked, filters = filters, offered(board, filters, live=opened.live)
    if opened.private:
        _refuse_small_group(opened, filters)
    return replace(
        bare_look(opened, address),
        notices=(*opened.notices, *without_effect(asked, filters)),
        result=_measured(opened, board, filters, period),
        filters=filters,
        figures=_figures(opened, filters),
        compared=_compared(opened, filters) if board.name == "overview" else None,
    )


def bare_look(opened: Opened, address: str) -> Look:
    """What a page shows that asks for nothing of the shop."""
    return Look(
        result=opened.result,
        title=opened.result.label,
        address=address,
        filters=Filters(),
        choices=choices_of(opened),
        live=opened.live,
        private=opened.private,
        notices=opened.notices,
    )


def choices_of(opened: Opened) -> Choices:
    """What may be chosen; segments alone where there is no customer list."""
    result, shop = opened.result, opened.shop
    if shop is not None:
        return without_rare(shop.choices) if opened.private else shop.choices
    options = tuple(Option(str(one.segment), one.name, one.customers) for one in result.profiles.segments)
    return Choices({"segments": options} if len(options) > 1 else {}, result.first_day, result.as_of)


def offered(board: Board, filters: Filters, *, live: bool) -> Filters:
    """The filters that the page has; links carry those of other pages along."""
    known = set(board.filters if live else board.alone)
    return replace(Filters(), **{one.name: getattr(filters, one.name) for one in fields(filters) if one.name in known})


def metrics_look(
    opened: Opened,
    board: Board,
    filters: Filters,
    measured: tuple[MeasureName | None, DimensionName | None],
    address: str,
    *,
    over_time: bool = False,
) -> Look:
    """What the metrics page shows: a measure by a dimension, by default sales (or coupons) by segment."""
    look = look_at(opened, board, filters, address)
    shop, kept = opened.live_shop, look.filters
    if shop is None or look.figures is None:
        return look
    measure = measured[0] or ("coupons" if look.figures.orders is None else "sales")
    dimension = measured[1] or "segment"
    told = opened.ask(lambda: shop.told(kept, measure, dimension, over_time=over_time, customers=opened.private))
    told = without_small_values(told) if opened.private else told
    return replace(look, told=told, over_time=over_time)


def retention_look(opened: Opened, board: Board, filters: Filters, period: Period | None, address: str) -> Look:
    """What the retention page shows: cohorts by the period, by default as in the report; of segments by the same."""
    look = look_at(opened, board, filters, address, period)
    default = retention_period(look.result.metrics)
    if period is None and default not in (None, "month"):  # too few months: the segments are told by week as well
        return look_at(opened, board, filters, address, default)
    return replace(look, period=period)


def model_look(opened: Opened, board: Board, filters: Filters, k: int | None, address: str) -> Look:
    """What the model page shows, with a trial of k where one is asked for; trials of all k are worked out at once."""
    look = look_at(opened, board, filters, address)
    if k is None or not opened.live:
        return look
    trials = opened.trials()
    return replace(look, k=k, trials=without_small_groups(trials, _clustered(opened)) if opened.private else trials)


def segments_look(opened: Opened, board: Board, filters: Filters, compare: tuple[int, ...], address: str) -> Look:
    """What the page of all segments shows: with filters, what they let through of each. Raises NotAnswered."""
    refuse_unknown(opened.result, compare)
    return replace(_with_segments(opened, look_at(opened, board, filters, address)), compare=compare)


def _with_segments(opened: Opened, look: Look) -> Look:
    shop = opened.live_shop
    if shop is None or not look.filters.any:
        return look
    found = opened.ask(lambda: shop.segment_figures(look.filters))
    if opened.private:
        found = without_small_segments(found, _claimers(opened, shop, look.filters))
    return replace(look, by_segment=found)


def segment_look(opened: Opened, board: Board, number: int, filters: Filters, address: str) -> Look:
    """What the page of one segment shows. Raises NotAnswered where there is none of that number."""
    refuse_unknown(opened.result, (number,), status=404)
    if opened.private:
        size = next(one.customers for one in opened.result.profiles.segments if one.segment == number)
        refuse_small(size, SMALL_SEGMENT)
    result, look = opened.result, _with_segments(opened, look_at(opened, board, filters, address))
    if result.metrics is None or number not in {one.segment for one in result.metrics.segments}:
        return replace(look, segment=number)
    metrics = of_part(of_segments(result.metrics, (number,)), Filters(segments=(number,)))
    return replace(look, segment=number, own=replace(result, metrics=metrics))


def customers_look(opened: Opened, board: Board, filters: Filters, search: Search, address: str) -> Look:
    """What the customer list shows. Raises NotAnswered where it is not to be seen."""
    look = look_at(opened, board, filters, address)
    customers = customers_of(opened, look.filters, search)
    return replace(look, customers=customers, search=search)


def customer_look(opened: Opened, board: Board, filters: Filters, customer_id: str, address: str) -> Look:
    """What the page of one customer shows. Raises NotAnswered where there is none of that id."""
    return replace(look_at(opened, board, filters, address), history=history_of(opened, customer_id))


def customers_of(opened: Opened, filters: Filters, search: Search, size: int = 50) -> Customers:
    """One page of the customer list."""
    shop, order = list_of(opened), search.sort
    return opened.ask(lambda: shop.customers(filters, search.text, order, search.descending, search.page, size))


def history_of(opened: Opened, customer_id: str) -> History:
    """One customer."""
    shop = list_of(opened)
    found = opened.ask(lambda: shop.customer(customer_id))
    if found is None:
        shown = customer_id if len(customer_id) <= 60 else f"{customer_id[:60]}…"
        raise NotAnswered(404, f"There is no customer {shown!r}. Search the list of customers for another one.")
    return found


def list_of(opened: Opened) -> Shop:
    """The shop to be asked about single customers. Raises NotAnswered where they are not to be seen."""
    refuse_single(opened)
    if opened.shop is None:
        raise NotAnswered(404, NO_LIST)
    return opened.shop


def refuse_single(opened: Opened) -> None:
    """Refuse to show single customers where the dashboard is private; raises NotAnswered."""
    if opened.private:
        raise NotAnswered(403, NO_SINGLE)


def refuse_unknown(result: Result, numbers: Sequence[int], *, status: int = 400) -> None:
    """Refuse numbers that no segment has; raises NotAnswered."""
    known = [one.segment for one in result.profiles.segments]
    unknown = [number for number in numbers if number not in known]
    if unknown:
        there = ", ".join(str(number) for number in known)
        raise NotAnswered(status, f"There is no segment {unknown[0]}. The run has {there}.")


def segments_of(opened: Opened, filters: Filters) -> dict[int, int]:
    """Customers of each segment that the filters let through: as the run has them, or counted where that differs."""
    counted = _counted(opened, filters)
    return without_small_counts(counted) if opened.private and filters.any and opened.shop is not None else counted


def _counted(opened: Opened, filters: Filters) -> dict[int, int]:
    shop = opened.shop
    if shop is not None and (filters.any or opened.changed):
        counted = dict(opened.ask(lambda: shop.segments(filters)))
        if opened.private:
            refuse_small(sum(counted.values()))
        return counted
    every = {one.segment: one.customers for one in opened.result.profiles.segments if one.segment is not None}
    return {segment: size for segment, size in every.items() if not filters.segments or segment in filters.segments}


def _clustered(opened: Opened) -> int:
    """Customers whom a trial of k groups: without those never active, unless the model groups these too."""
    inactive = opened.result.model.include_inactive
    return sum(size for segment, size in _counted(opened, Filters()).items() if segment or inactive)


def _figures(opened: Opened, filters: Filters) -> Figures | None:
    shop = opened.live_shop
    if shop is None:
        return None
    found = opened.ask(lambda: shop.figures(filters))
    return of_enough(found, sum(_claimers(opened, shop, filters).values())) if opened.private else found


def _compared(opened: Opened, filters: Filters) -> Compared | None:
    shop = opened.live_shop
    if shop is None:
        return None
    found = opened.ask(lambda: shop.compared(filters))
    if not opened.private:
        return found
    start = found.since - (found.until - found.since) - dt.timedelta(days=1)
    before = replace(filters, since=start, until=found.since - dt.timedelta(days=1))
    now = replace(filters, since=found.since, until=found.until)
    return without_small_figures(found, *(sum(_claimers(opened, shop, days).values()) for days in (now, before)))


def _claimers(opened: Opened, shop: Shop, filters: Filters) -> dict[int, int]:
    """Segment -> customers with a coupon among those looked at."""
    told = opened.ask(lambda: shop.told(filters, "coupons", "segment", customers=True))
    return {int(one.value): one.customers or 0 for one in told.rows if one.value}


def _refuse_small_group(opened: Opened, filters: Filters) -> None:
    if filters.any:
        refuse_small(sum(_counted(opened, filters).values()))


def _measured(opened: Opened, board: Board, filters: Filters, period: Period | None = None) -> Result:
    """The run with the figures that the page needs, of what the filters let through; cohorts by the period."""
    result, shop = opened.result, opened.live_shop
    metrics = result.metrics
    if not board.themes:
        return result
    if shop is not None:
        if filters.any or opened.changed or metrics is None or period not in (None, "month"):
            numbers = tuple(one.segment for one in result.profiles.segments if one.segment is not None)
            metrics = opened.ask(lambda: shop.metrics(filters, board.themes, numbers, period or "month"))
            metrics = without_small(metrics) if opened.private else metrics
    elif filters.segments and metrics is not None:
        metrics = of_segments(metrics, filters.segments)
    if metrics is not None and filters.any:
        metrics = of_part(metrics, filters)
    return replace(result, metrics=metrics if metrics is None or period is None else in_period(metrics, period))
