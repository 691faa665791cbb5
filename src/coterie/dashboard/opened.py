"""One state of the run folder as it is read by many at once, and the shop behind it."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from coterie.dashboard.answers import NotAnswered
from coterie.dashboard.asking import Asking

if TYPE_CHECKING:
    from pathlib import Path

    from coterie.engines import FileFormat
    from coterie.explore import Filters, Shop
    from coterie.segmentation import Result, Trial

CHANGED = (
    "The data have changed since this run: customers are placed by its model and counted as they are now; profiles, "
    "evidence and advice are those of the run."
)
REPLACED = "The run has been replaced. The new one is being loaded; until it is there, this page shows the one before."
NO_LIST = "The customer list of this run was written to a table of the database. Start with --data to look at it here."


@dataclass
class Opened:
    """One state of the run folder, and the shop behind it.

    Attributes:
        result: The run; without single customers where the session is private.
        shop: Its customers, and with raw tables their events; None where the list is in a database.
        live: There are raw tables.
        changed: They are not those of the run any more.
        replaced: Another run is in its place, and being loaded.
        ask: Through which the shop is asked.
        beside: For what takes seconds without the shop, so that no reader of a page waits for it.
        try_others: Other numbers of segments by k, of the raw tables.
    """

    result: Result
    shop: Shop | None
    ask: Asking
    beside: Asking
    live: bool = False
    changed: bool = False
    private: bool = False
    replaced: bool = False
    try_others: Callable[[], Mapping[int, Trial]] = dict
    _trials: Mapping[int, Trial] | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _readers: int = 0
    _retired: bool = False
    _closed: bool = False

    @property
    def notices(self) -> tuple[str, ...]:
        """Sentences that belong above every page."""
        return ((REPLACED,) if self.replaced else ()) + ((CHANGED,) if self.changed else ())

    @property
    def live_shop(self) -> Shop | None:
        """The shop where it has raw tables, and so events to be counted."""
        return self.shop if self.live else None

    def trials(self) -> Mapping[int, Trial]:
        """Other numbers of segments, tried once when first asked for. Raises NotAnswered where that takes too long."""
        return self._trials if self._trials is not None else self.beside(self._tried, times=3)

    def _tried(self) -> Mapping[int, Trial]:
        if self._trials is None:
            self._trials = self.try_others()
        return self._trials

    def write(self, filters: Filters, text: str, path: Path, file_format: FileFormat) -> None:
        """Write the customer list to a file. Raises NotAnswered where there is none, or it takes too long."""
        shop = self.shop
        if shop is None:
            raise NotAnswered(404, NO_LIST)
        ask = self.beside if shop.writes_beside else self.ask
        ask(lambda: shop.write(filters, path, file_format, text), times=5)

    def enter(self) -> bool:
        """One more reads in it; False where it is closed already."""
        with self._lock:
            self._readers += not self._closed
            return not self._closed

    def leave(self) -> None:
        """One less reads in it."""
        with self._lock:
            self._readers -= 1
        self._close_if_left()

    def retire(self) -> None:
        """Close it when the last one has left."""
        with self._lock:
            self._retired = True
        self._close_if_left()

    def _close_if_left(self) -> None:
        with self._lock:
            if self._closed or not self._retired or self._readers:
                return
            self._closed = True
        self.beside.close()
        self.ask.close()
        if self.shop is not None:
            with contextlib.suppress(Exception):  # nothing that was asked for depends on it any more
                self.shop.close()
