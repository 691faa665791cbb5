"""A shop that answers: each question under a lock, and the latest answers remembered."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Collection, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

from coterie.engines import Interrupted
from coterie.errors import UsageError
from coterie.explore.by_value import by_value
from coterie.explore.choices import Counted
from coterie.explore.contract import (
    Choices,
    Compared,
    Customers,
    DimensionName,
    Figures,
    Filters,
    Found,
    History,
    MeasureName,
    Option,
    Theme,
    Told,
    check_sort,
)
from coterie.explore.figures import figures_of, of_first, of_seen, segment_figures_of, sums_of_events, sums_of_people
from coterie.explore.history import history_of
from coterie.explore.listing import count, found_by, page_of, write_list
from coterie.explore.looked_at import events_of, first_coupons, fitting_customers, seen_in
from coterie.explore.measuring import days_looked_at, metrics_of
from coterie.explore.narrow import Narrow
from coterie.explore.remembered import Remembered, Unremembered

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from coterie.engines import FileFormat
    from coterie.explore.figures import Sums
    from coterie.explore.looked_at import Events
    from coterie.metrics import Metrics
    from coterie.metrics.contract import Period

T = TypeVar("T")

ANSWERS = 256
"""Answers remembered."""
SEEN = 16
"""Filters of events whose customers are kept in the engine: a page asks several questions about the same."""
LATELY = 28
"""Days compared where none are chosen: whole weeks, so that each day of the week counts the same."""
MOST_ON_PAGE = 1_000


class Shop:
    """What a shop answers about the customers and events that filters let through; from any thread.

    Attributes:
        choices: What can be chosen.
        live: There are raw tables; without, the customer list alone answers.
    """

    def __init__(self, narrow: Narrow) -> None:
        self._narrow = narrow
        # A connection does one thing at a time. Who asks the same at the same time finds the answer remembered.
        self._lock = threading.RLock()
        self._of_thread = threading.local()
        self._left: list[Callable[[], object]] = []
        self._answers: Remembered[Any] = Remembered(ANSWERS)
        self._seen: Remembered[ir.Table] = Remembered(SEEN, forget=narrow.engine.drop)
        self._counted = Counted(narrow)
        self.choices: Choices = self._counted.choices
        self.live = narrow.tables is not None
        self._customers = count(narrow.engine, narrow.people)

    @contextmanager
    def from_memory(self) -> Iterator[None]:
        """Within it this thread is answered from memory alone, at once: what is not there raises Unremembered."""
        self._of_thread.recalls = True
        try:
            yield
        finally:
            self._of_thread.recalls = False

    def alone(self, work: Callable[[], T]) -> T:
        """What the work gives, which asks the engine itself: nothing else is asked of it meanwhile."""
        if getattr(self._of_thread, "recalls", False):
            raise Unremembered
        with self._lock:
            self._work_off()
            return work()

    def later(self, work: Callable[[], object]) -> None:
        """Have this done alone before the next question, and again where it is interrupted; waits for nobody."""
        self._left.append(work)

    def _work_off(self) -> None:
        while self._left:
            work = self._left.pop()
            try:
                work()
            except Interrupted:
                self._left.append(work)
                raise

    def figures(self, filters: Filters) -> Figures:
        """What the customers and events looked at add up to.

        Raises:
            UsageError: There are no raw tables.
        """
        self._refuse_without_tables()
        return self._answer(("figures", filters), lambda: self._figures(filters))

    def compared(self, filters: Filters) -> Compared:
        """Figures of the days looked at, as far as they are known, or of the last 28, and of as many right before.

        Raises:
            UsageError: There are no raw tables.
        """
        self._refuse_without_tables()
        first_day, as_of = self._narrow.first_day, self._narrow.as_of
        if filters.since is None and filters.until is None:
            filters = replace(filters, since=as_of - dt.timedelta(days=LATELY - 1))
        if max(filters.since or first_day, first_day) > min(filters.until or as_of, as_of):  # no known day is left
            return Compared(*days_looked_at(self._narrow, filters), self.figures(filters), None)
        since, until = days_looked_at(self._narrow, filters)
        days = (until - since).days + 1
        now = self.figures(replace(filters, since=since, until=until))
        if (since - first_day).days < days:
            return Compared(since, until, now, None)
        start, end = since - dt.timedelta(days=days), since - dt.timedelta(days=1)
        return Compared(since, until, now, self.figures(replace(filters, since=start, until=end)))

    def metrics(
        self, filters: Filters, themes: Collection[Theme], segments: Sequence[int], period: Period = "month"
    ) -> Metrics:
        """The themes measured for what the filters let through, for all and for each of the segments.

        Args:
            filters: What is looked at.
            themes: What is measured.
            segments: In the order wanted.
            period: By which the cohorts of the segments are told.

        Raises:
            UsageError: There are no raw tables.
        """
        self._refuse_without_tables()
        wanted, numbers = frozenset(themes), tuple(segments)

        def measured() -> Metrics:
            events = events_of(self._narrow, filters)
            return metrics_of(self._narrow, self._numbers(filters), events, filters, wanted, numbers, period)

        return self._answer(("metrics", filters, wanted, numbers, period), measured)

    def told(
        self,
        filters: Filters,
        measure: MeasureName,
        dimension: DimensionName,
        *,
        over_time: bool = False,
        customers: bool = False,
    ) -> Told:
        """One measure by the values of one dimension, of the events that the filters let through.

        Args:
            filters: Which events are looked at.
            measure: What is told.
            dimension: By what.
            over_time: With the values of most events month by month.
            customers: With the number of customers behind each value.

        Raises:
            UsageError: There are no raw tables.
        """
        self._refuse_without_tables()
        return self._answer(
            ("told", filters, measure, dimension, over_time, customers),
            lambda: by_value(self._narrow, filters, measure, dimension, over_time=over_time, customers=customers),
        )

    def found(self, name: str, text: str) -> Found:
        """Values of a filter ("cities", ...) whose name or id holds the text, in capital or small letters."""
        return self._answer(("found", name, text), lambda: self._counted.found(name, text))

    def chosen(self, filters: Filters) -> Mapping[str, tuple[Option, ...]]:
        """Filter -> those of its values that are chosen and too rare to be among `choices`."""
        rare = any(getattr(filters, name) for name in self.choices.others)
        return self._answer(("chosen", filters), lambda: self._counted.chosen(filters)) if rare else {}

    def segment_figures(self, filters: Filters) -> Mapping[int, Figures]:
        """Segment -> what its customers and events looked at add up to, of every segment; `of` are all its customers.

        Raises:
            UsageError: There are no raw tables.
        """
        self._refuse_without_tables()
        return self._answer(("segment figures", filters), lambda: MappingProxyType(self._by_segment(filters)))

    def segments(self, filters: Filters) -> Mapping[int, int]:
        """Segment -> customers looked at, of those that have any."""
        self._refuse_beyond_list(filters)

        def counted() -> Mapping[int, int]:
            people = self._numbers(filters)
            counts = people.group_by("segment").aggregate(n=people.count()).order_by("segment")
            rows = self._narrow.engine.collect(counts).to_pylist()
            return MappingProxyType({int(row["segment"]): int(row["n"]) for row in rows})

        return self._answer(("segments", filters), counted)

    def customers(
        self,
        filters: Filters,
        text: str = "",
        sort: str = "customer_id",
        descending: bool = False,  # noqa: FBT001, FBT002 - in one row with the other words of a search
        page: int = 1,
        size: int = 50,
    ) -> Customers:
        """One page of the customers looked at; their coupons and orders are all they have.

        Args:
            filters: Who is looked at.
            text: With what the id begins, or what the name or address holds, in capital or small letters.
            sort: One of `Sort`; empty cells are last.
            descending: The largest first.
            page: From 1; one beyond the last is the last.
            size: Rows of a page, at most 1,000.

        Raises:
            UsageError: There is no such order.
        """
        check_sort(sort)
        self._refuse_beyond_list(filters)
        size = min(max(size, 1), MOST_ON_PAGE)

        def found() -> Customers:
            total = self._total(filters, text)
            pages = max(1, -(-total // size))
            at = min(max(page, 1), pages)
            people, start = found_by(self._people(filters), text), (at - 1) * size
            rows = page_of(self._narrow, people, sort=sort, descending=descending, start=start, size=size)
            return Customers(rows, total, at, pages)

        return self._answer(("customers", filters, text, sort, descending, page, size), found)

    def customer(self, customer_id: str) -> History | None:
        """One customer with the latest events; None where there is nobody of that id."""
        return self._answer(("customer", customer_id), lambda: history_of(self._narrow, customer_id))

    def write(self, filters: Filters, path: Path, file_format: FileFormat, text: str = "") -> None:
        """Write the customers looked at to one file, a CSV so that no spreadsheet runs a cell of it."""
        self._refuse_beyond_list(filters)
        if not self.writes_beside:
            self.alone(lambda: write_list(self._narrow, found_by(self._people(filters), text), path, file_format))
            return
        people = fitting_customers(self._narrow.people, filters)
        if filters.of_events:  # anew: what is kept of filters may make room for others meanwhile
            people = self._narrow.people.semi_join(seen_in(events_of(self._narrow, filters)), "row")
        write_list(self._narrow, found_by(people, text), path, file_format)

    @property
    def writes_beside(self) -> bool:
        """Whether `write` may go on while others are answered."""
        return self._narrow.engine.writes_beside

    def interrupt(self) -> None:
        """End the question that another thread waits for: it raises `Interrupted` of the engines there."""
        self._narrow.engine.interrupt()

    def interrupt_write(self) -> None:
        """End the `write` that goes on beside the questions, if any: it raises `Interrupted` there."""
        self._narrow.engine.interrupt_write()

    def close(self) -> None:
        """Give back the engine and all it keeps."""
        with self._lock:
            self._narrow.engine.close()

    def _answer(self, asked: Hashable, make: Callable[[], T]) -> T:
        recalls = getattr(self._of_thread, "recalls", False)
        answer: T = self._answers.known(asked) if recalls else self.alone(lambda: self._answers.get(asked, make))
        return answer

    def _figures(self, filters: Filters) -> Figures:
        return figures_of(self._narrow.engine, self._sums(filters), self._customers)

    def _by_segment(self, filters: Filters) -> dict[int, Figures]:
        sums, of = self._sums(filters, by_segment=True), self.segments(Filters())
        return segment_figures_of(self._narrow.engine, sums, of)

    def _sums(self, filters: Filters, *, by_segment: bool = False) -> list[Sums]:
        """What is added up for figures: with all events, customer by customer; else the events and who has them."""
        narrow = self._narrow
        if not filters.of_events:
            people = fitting_customers(narrow.people, filters)
            return [sums_of_people(people, coupons=narrow.coupons is not None, orders=narrow.orders is not None)]
        events = events_of(narrow, filters)
        return [self._who(filters, events), *sums_of_events(events, by_segment=by_segment)]

    def _people(self, filters: Filters) -> ir.Table:
        """Rows of `Narrow.people` that are looked at."""
        if filters.of_events:
            return self._narrow.people.semi_join(self._seen_in(filters), "row")
        return fitting_customers(self._narrow.people, filters)

    def _numbers(self, filters: Filters) -> ir.Table:
        """As `_people`; of the columns row and segment for sure."""
        return self._seen_in(filters) if filters.of_events else self._people(filters)

    def _who(self, filters: Filters, events: Events) -> Sums:
        """The customers of some events, told by their first coupons where that can be."""
        first = first_coupons(events, filters)
        if first is None or events.coupons is None:
            return of_seen(self._seen_in(filters))
        return of_first(events.coupons, first)

    def _seen_in(self, filters: Filters) -> ir.Table:
        narrow = self._narrow
        return self._seen.get(filters, lambda: narrow.engine.keep(seen_in(events_of(narrow, filters))))

    def _total(self, filters: Filters, text: str) -> int:
        def counted() -> int:
            found = found_by(self._people(filters), text) if text.strip() else self._numbers(filters)
            return count(self._narrow.engine, found)

        return self._answer(("total", filters, text.strip()), counted)

    def _refuse_without_tables(self) -> None:
        if not self.live:
            raise UsageError(
                "The run alone has no coupons and orders to count: it holds the customer list. Say where the raw "
                "tables are, with --data."
            )

    def _refuse_beyond_list(self, filters: Filters) -> None:
        """Where there is the list alone, it knows nothing about other filters."""
        others = [name for name in vars(filters) if name != "segments" and getattr(filters, name)]
        if others and not self.live:
            raise UsageError(
                f"The run alone cannot be filtered by {', '.join(others)}: it knows the segments. Say where the raw "
                "tables are, with --data."
            )
