"""What a page of the dashboard is, and what it is given to look at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from coterie.explore.contract import Choices, Compared, Customers, Figures, Filters, Found, History, Theme, Told
    from coterie.metrics.contract import Period
    from coterie.segmentation import Trial
    from coterie.views.contract import Drawings, ReportInput


@dataclass(frozen=True)
class Search:
    """How the customer list is looked at; `Shop.customers` takes the same."""

    text: str = ""
    sort: str = "customer_id"
    descending: bool = False
    page: int = 1


@dataclass(frozen=True)
class Look:
    """What one page shows.

    Attributes:
        result: The run; its `metrics` are those of what the filters let through where the page asks for themes.
        title: What the data are called in print.
        address: Path and query of the page as asked for, root-absolute.
        filters: What is left out.
        choices: What may be chosen; without raw tables segments alone.
        find: Field of `Filters` -> the text looked for among its values, and what it finds.
        live: There are raw tables behind it (`--data`).
        private: Single customers and small groups are not shown (`--private`).
        compared: Figures of the days looked at and of those before; None without raw tables.
        period: By which retention is told; None for as in the report.
        segment, own: Of the page of one segment: its number, and the run with its numbers in the place of all
            customers'; None where the run has none.
        compare: Segments to be shown side by side; empty for all.
        figures: What the filters let through adds up to; None without raw tables.
        by_segment: As `figures`, of each segment, where filters are set on pages of segments; else None.
        told: The measure and dimension chosen on the metrics page; None without raw tables.
        over_time: It is to be shown over time.
        k, trials: The number of segments to be tried on the model page, and all trials; None where none is asked for.
        search, customers, history: Of the customer pages.
        logged_in: Who looks has logged in by the form, and can log out.
        notices: Sentences that belong above everything, such as that the data have changed since the run.
    """

    result: ReportInput
    title: str
    address: str
    filters: Filters
    choices: Choices
    find: Mapping[str, tuple[str, Found]] = field(default_factory=dict)
    live: bool = False
    private: bool = False
    figures: Figures | None = None
    by_segment: Mapping[int, Figures] | None = None
    compared: Compared | None = None
    told: Told | None = None
    over_time: bool = False
    k: int | None = None
    trials: Mapping[int, Trial] | None = None
    period: Period | None = None
    segment: int | None = None
    own: ReportInput | None = None
    compare: tuple[int, ...] = ()
    search: Search = field(default_factory=Search)
    customers: Customers | None = None
    history: History | None = None
    logged_in: bool = False
    notices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Board:
    """A registry entry: one page of the dashboard.

    Attributes:
        name: Also the name of its template in `templates/boards`.
        label: In the bar.
        path: Root-absolute; the Overview is "/".
        question: What it answers, as its reader asks.
        value: From what is looked at and its charts to the names the template uses.
        themes: What it needs measured anew when filters are set.
        filters: Names of the fields of `Filters` that it offers.
        alone: Those of them that it can serve from the run alone, without raw tables.
        hidden: Not in the bar: one segment, one customer, the glossary.
        under: Name of the page that is marked in the bar instead of a hidden one.
    """

    name: str
    label: str
    path: str
    question: str
    value: Callable[[Look, Drawings], Mapping[str, Any]]
    themes: frozenset[Theme] = frozenset()
    filters: tuple[str, ...] = ()
    alone: tuple[str, ...] = ()
    hidden: bool = False
    under: str = ""
