"""The run that is served: loaded once, loaded again beside the readers when its folder was replaced."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from coterie.dashboard.answers import NotAnswered
from coterie.dashboard.asking import SECONDS
from coterie.dashboard.loading import Served, load_opened
from coterie.dashboard.opened import Opened
from coterie.errors import CoterieError
from coterie.runs import MANIFEST, open_run

Stamp = tuple[int, int, int]
"""What changes when a manifest is written again: time, place and size."""

RETRY_SECONDS = 2.0
"""After this a run that could not be read is tried again: its files may have come one after the other."""

REOPEN_SECONDS = 30.0
"""After this the data are read again where they could not be asked: a database may have gone away and come back."""

WAIT_SECONDS = 1.0
"""From when it began, a run that is being loaded is waited for this long; then the one before is shown instead."""

GONE = "The run is not in its place just now. It may be being replaced: try again in a minute."
LOADING = "The run was replaced and is being loaded. Try again in a minute."


class Session:
    """A run folder and, where there are, its raw tables.

    Args:
        folder: Of the run.
        data: Where the raw tables are.
        private: Leave out single customers and small groups.
        seconds: How long the answer to one question may take.
        reading: `engine`, `memory` and `config` of `coterie.tables.read`.
    """

    def __init__(
        self,
        folder: Path | str,
        data: str | None = None,
        *,
        private: bool = False,
        seconds: float = SECONDS,
        **reading: Any,
    ) -> None:
        self.folder, self.private = open_run(folder), private
        self._served = Served(self.folder, data, private, seconds, reading)
        self._lock, self._loader = threading.Lock(), ThreadPoolExecutor(1, thread_name_prefix="coterie-load")
        self._stamp: Stamp | None = None
        self._shown: Opened | None = None
        self._loaded: Future[Opened] | None = None
        self._turn = 0
        self._began_at = self._loaded_at = 0.0
        self._closed = False

    def start(self, progress: Callable[[str], None] = lambda stage: None) -> None:
        """Load the run, and read its data, before anything is asked for; raises what is wrong with them."""
        stamp = _stamp_of(self.folder)
        loaded: Future[Opened] = Future()
        loaded.set_result(self._load(self._turn, progress))
        self._stamp, self._loaded = stamp, loaded

    @contextlib.contextmanager
    def opened(self) -> Iterator[Opened]:
        """The run as it is in its folder now, or the one before while that is loaded; stays open while the block lasts.

        Raises:
            NotAnswered: There is none, it cannot be read, or it is the first and not there yet.
        """
        state = self._now()
        while not state.enter():
            state = self._now()
        try:
            yield state
        finally:
            state.leave()

    def check(self) -> None:
        """Whether there is a run to look at, said without waiting for one. Raises NotAnswered."""
        loaded, shown, _ = self._current()
        if shown is None and not loaded.done():
            raise NotAnswered(503, LOADING)
        if shown is None:
            try:
                self._found(loaded, 0.0)
            except CancelledError:  # the run was replaced once more in the meantime
                raise NotAnswered(503, LOADING) from None

    def close(self) -> None:
        """Give back what is held."""
        with self._lock:
            shown, self._shown, self._loaded, self._stamp = self._shown, None, None, None
            self._closed = True
            self._turn += 1  # what is being loaded is for nobody
        if shown is not None:
            shown.retire()
        self._loader.shutdown(wait=False, cancel_futures=True)

    def _now(self) -> Opened:
        loaded, shown, began_at = self._current()
        left = began_at + min(WAIT_SECONDS, self._served.seconds) - time.monotonic()
        try:
            return self._found(loaded, max(0.0, left))
        except (TimeoutError, CancelledError):  # it takes long, or the run was replaced once more in the meantime
            if shown is None:
                raise NotAnswered(503, LOADING) from None
            return shown

    def _found(self, loaded: Future[Opened], seconds: float) -> Opened:
        try:
            return loaded.result(timeout=seconds)
        except CoterieError as error:
            raise NotAnswered(503, self.shortened(error.sentence)) from None

    def shortened(self, sentence: str) -> str:
        """The sentence with the names of run and data in the place of their paths, which are nobody's business."""
        for path, name in _paths(str(self.folder), self._served.data or ""):
            sentence = sentence.replace(path, name)
        return sentence

    def _current(self) -> tuple[Future[Opened], Opened | None, float]:
        """The loading of the run as it is now, begun where it is another one; the one before; since when."""
        with self._lock:
            if self._closed:
                raise NotAnswered(503, GONE)
            # Looked at in here: who has looked before another may not take what that one loads for old.
            stamp, loaded = _stamp_of(self.folder), self._loaded
            if loaded is None or stamp != self._stamp or self._to_retry(loaded):
                loaded = self._begin(stamp)
            return loaded, self._shown, self._began_at

    def _begin(self, stamp: Stamp) -> Future[Opened]:
        if self._shown is not None:
            self._shown.replaced |= stamp != self._stamp
        if self._loaded is not None:
            self._loaded.cancel()
        self._turn += 1
        self._stamp, self._began_at = stamp, time.monotonic()
        self._loaded = self._loader.submit(self._load, self._turn)
        return self._loaded

    def _to_retry(self, loaded: Future[Opened]) -> bool:
        if not loaded.done():
            return False
        if loaded.exception() is None:
            return loaded.result().ask.broken and time.monotonic() - self._loaded_at > REOPEN_SECONDS
        return time.monotonic() - self._loaded_at > RETRY_SECONDS

    def _load(self, turn: int, progress: Callable[[str], None] = lambda stage: None) -> Opened:
        """Load the run and show it in the place of the one before; where it cannot be read, nothing is shown."""
        try:
            found = load_opened(self._served, progress)
        except BaseException:
            self._show(turn, None)
            raise
        self._show(turn, found)
        return found

    def _show(self, turn: int, found: Opened | None) -> None:
        with self._lock:
            self._loaded_at = time.monotonic()
            # Else it was replaced once more while it was loaded.
            out = self._shown if turn == self._turn else found
            self._shown = found if turn == self._turn else self._shown
        if out is not None:
            out.retire()


def _paths(*given: str) -> list[tuple[str, str]]:
    """Each way in which these paths may be written, with the name to say instead; the longest first."""
    found = {}
    for text in given:
        path = Path(text).expanduser()
        for way in (text, text.rstrip("/"), str(path), str(path.absolute()), str(path.resolve())):
            if "/" in way or "\\" in way:  # else it is a name alone
                found[way] = path.resolve().name
    return sorted(((way, name) for way, name in found.items() if name), key=lambda pair: -len(pair[0]))


def _stamp_of(folder: Path) -> Stamp:
    try:
        found = (folder / MANIFEST).stat()
    except OSError:
        raise NotAnswered(503, GONE) from None
    return found.st_mtime_ns, found.st_ino, found.st_size
