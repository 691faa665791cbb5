"""Questions to the shop: what is remembered at once, all else one after the other and none for ever."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, suppress
from typing import TypeVar

from coterie.dashboard.answers import NotAnswered
from coterie.engines import Interrupted
from coterie.errors import DataError
from coterie.explore import Unremembered

T = TypeVar("T")

SECONDS = 20.0
"""How long an answer may take, with the wait for those asked before."""

STOPS = 40
"""How often a question is told to stop."""

TRIES = 3
"""How often a question is asked that was stopped in the place of another one."""

MOST_WAITING = 200
"""Questions that wait at a time."""

TOO_LONG = "This takes too long to count. Choose fewer days or fewer values, or try again in a minute."
BUSY = "Too much is being asked for at once. Try again in a minute."


class Asking:
    """Asks in a thread of its own, so that a question can be given up.

    Args:
        interrupt: Stops the question that is being answered; what cannot be stopped ends unheard.
        seconds: How long an answer may take.
        recall: Within it a question is answered from memory alone, or raises Unremembered; that waits for nobody.

    Attributes:
        broken: The data could not be asked; a database may have gone away.
    """

    def __init__(
        self,
        interrupt: Callable[[], object] | None = None,
        seconds: float = SECONDS,
        recall: Callable[[], AbstractContextManager[None]] | None = None,
    ) -> None:
        self._interrupt, self._seconds, self._recall = interrupt, seconds, recall
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="coterie-ask")
        self._room = threading.BoundedSemaphore(MOST_WAITING)
        self._closed = False
        self.broken = False

    def __call__(self, question: Callable[[], T], *, times: float = 1.0) -> T:
        """The answer; `times` as long may be waited for it. Raises NotAnswered where it takes longer."""
        if self._recall is not None:
            with suppress(Unremembered), self._recall():
                return question()
        if not self._room.acquire(blocking=False):
            raise NotAnswered(503, BUSY)
        given_up = threading.Event()
        asked: Future[T] = self._thread.submit(self._watched, question, given_up)
        asked.add_done_callback(lambda _: self._room.release())
        try:
            return asked.result(timeout=self._seconds * times)
        except TimeoutError:
            if asked.done():  # just now, or the question's own failure
                return asked.result()
            given_up.set()
            if not asked.cancel():
                self._stop(asked)
            raise NotAnswered(503, TOO_LONG) from None

    def _stop(self, asked: Future[T]) -> None:
        """Stop it, said again until it is heard: what comes between two queries of one question is lost."""
        for _ in range(STOPS if self._interrupt is not None else 0):
            if asked.done() or self._interrupt is None:
                return
            self._interrupt()
            wait([asked], timeout=0.05)

    def _watched(self, question: Callable[[], T], given_up: threading.Event) -> T:
        for _ in range(TRIES):
            try:
                return question()
            except DataError:
                self.broken = True
                raise
            except Interrupted:
                # Else meant for the question before, which ended just then: the engine stops whatever it finds.
                if given_up.is_set() or self._closed:
                    break
        raise NotAnswered(503, TOO_LONG)

    def close(self) -> None:
        """Ask nothing more; what is being answered is stopped."""
        self._closed = True
        if self._interrupt is not None:
            self._interrupt()
        self._thread.shutdown(wait=False, cancel_futures=True)
