"""Whether a query that failed was told to stop: what engines raise then does not say by whom."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from coterie.engines.contract import Interrupted

LATELY = 3.0
"""Seconds in which a query that was told to stop has stopped."""


class Stopping:
    """Remembers when an engine was told to stop; from any thread."""

    def __init__(self) -> None:
        self._at = -LATELY

    def begin(self) -> None:
        """The engine is being told to stop."""
        self._at = time.monotonic()

    @contextmanager
    def told(self, *kinds: type[BaseException]) -> Iterator[None]:
        """Raise `Interrupted` for an error of these kinds that comes when the engine was told to stop."""
        try:
            yield
        except kinds as error:
            if time.monotonic() - self._at > LATELY:
                raise
            raise Interrupted("The query was interrupted.") from error
