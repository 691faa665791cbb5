"""The run that is served: loaded once, loaded again when its folder was replaced, and looked at page by page."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coterie.dashboard.answers import NotAnswered
from coterie.dashboard.asking import SECONDS, Asking
from coterie.dashboard.private import without_single
from coterie.errors import CoterieError, DataError
from coterie.runs import ASSIGNMENTS, MANIFEST, Manifest, load, load_result, open_run

if TYPE_CHECKING:
    from coterie.explore import Shop
    from coterie.segmentation import Result, Trial

Stamp = tuple[int, int, int]
"""What changes when a manifest is written again: time, place and size."""

RETRY_SECONDS = 2.0
"""After this a run that could not be read is tried again: its files may have come one after the other."""

REOPEN_SECONDS = 30.0
"""After this the data are read again where they could not be asked: a database may have gone away and come back."""

WAIT_SECONDS = 1.0
"""From when it began, a run that is being loaded is waited for this long; then whoever asks is told to come again."""

CHANGED = (
    "The data have changed since this run: customers are placed by its model and counted as they are now; profiles, "
    "evidence and advice are those of the run."
)
GONE = "The run is not in its place just now. It may be being replaced: try again in a minute."
LOADING = "The run was replaced and is being loaded. Try again in a minute."


@dataclass
class Opened:
    """One state of the run folder, and the shop behind it.

    Attributes:
        result: The run; without single customers where the session is private.
        shop: Its customers, and with raw tables their events; None where the list is in a database.
        live: There are raw tables.
        changed: They are not those of the run any more.
        ask: Through which the shop is asked.
        try_others: Other numbers of segments by k, of the raw tables.
    """

    result: Result
    shop: Shop | None
    ask: Asking
    live: bool = False
    changed: bool = False
    private: bool = False
    try_others: Callable[[], Mapping[int, Trial]] = dict
    _trials: Mapping[int, Trial] | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _readers: int = 0
    _retired: bool = False
    _closed: bool = False

    @property
    def notices(self) -> tuple[str, ...]:
        """Sentences that belong above every page."""
        return (CHANGED,) if self.changed else ()

    def trials(self) -> Mapping[int, Trial]:
        """Other numbers of segments, tried once when first asked for; to be called through `ask`."""
        if self._trials is None:
            self._trials = self.try_others()
        return self._trials

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
        self.ask.close()
        if self.shop is not None:
            with contextlib.suppress(Exception):  # nothing that was asked for depends on it any more
                self.shop.close()


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
        self._data, self._reading, self._seconds = data, reading, seconds
        self._lock, self._loader = threading.Lock(), ThreadPoolExecutor(1, thread_name_prefix="coterie-load")
        self._stamp: Stamp | None = None
        self._loaded: Future[Opened] | None = None
        self._began_at = self._loaded_at = 0.0
        self._closed = False

    def start(self, progress: Callable[[str], None] = lambda stage: None) -> None:
        """Load the run, and read its data, before anything is asked for; raises what is wrong with them."""
        stamp = _stamp_of(self.folder)
        loaded: Future[Opened] = Future()
        loaded.set_result(self._load(progress))
        self._stamp, self._loaded = stamp, loaded

    @contextlib.contextmanager
    def opened(self) -> Iterator[Opened]:
        """The run as it is in its folder now; stays open while the block lasts. Raises NotAnswered."""
        state = self._now()
        while not state.enter():
            state = self._now()
        try:
            yield state
        finally:
            state.leave()

    def close(self) -> None:
        """Give back what is held."""
        with self._lock:
            loaded, self._loaded, self._stamp = self._loaded, None, None
            self._closed = True
        _retire(loaded)
        self._loader.shutdown(wait=False, cancel_futures=True)

    def _now(self) -> Opened:
        loaded, began_at = self._current()
        left = began_at + min(WAIT_SECONDS, self._seconds) - time.monotonic()
        try:
            return loaded.result(timeout=max(0.0, left))
        except (TimeoutError, CancelledError):  # the run was replaced once more in the meantime
            raise NotAnswered(503, LOADING) from None
        except CoterieError as error:
            raise NotAnswered(503, self.shortened(error.sentence)) from None

    def shortened(self, sentence: str) -> str:
        """The sentence with the names of run and data in the place of their paths, which are nobody's business."""
        for path, name in _paths(str(self.folder), self._data or ""):
            sentence = sentence.replace(path, name)
        return sentence

    def _current(self) -> tuple[Future[Opened], float]:
        """The loading of the run as it is now, begun where it is another one than last time; and when it began."""
        with self._lock:
            if self._closed:
                raise NotAnswered(503, GONE)
            # Looked at in here: who has looked before another may not take what that one loads for old.
            stamp, loaded = _stamp_of(self.folder), self._loaded
            if loaded is not None and stamp == self._stamp and not self._to_retry(loaded):
                return loaded, self._began_at
            _retire(loaded)
            self._stamp, self._began_at = stamp, time.monotonic()
            self._loaded = self._loader.submit(self._load)
            return self._loaded, self._began_at

    def _to_retry(self, loaded: Future[Opened]) -> bool:
        if not loaded.done():
            return False
        if loaded.exception() is None:
            return loaded.result().ask.broken and time.monotonic() - self._loaded_at > REOPEN_SECONDS
        return time.monotonic() - self._loaded_at > RETRY_SECONDS

    def _load(self, progress: Callable[[str], None] = lambda stage: None) -> Opened:
        try:
            progress("Load the run")
            open_run(self.folder)  # its format is one that we read
            result = load_result(self.folder)
            shown = without_single(result) if self.private else result
            if self._data is not None:
                return self._load_live(result, shown, progress)
            listed = self.folder / f"{ASSIGNMENTS}.parquet"
            shop = _open_list(listed, result) if listed.is_file() else None
            return Opened(shown, shop, Asking(None, self._seconds), private=self.private)
        finally:
            self._loaded_at = time.monotonic()

    def _load_live(self, result: Result, shown: Result, progress: Callable[[str], None]) -> Opened:
        from coterie.explore import open_shop
        from coterie.segmentation import assign, what_if
        from coterie.tables import read

        assert self._data is not None
        progress("Read and check the tables")
        tables = read(self._data, **self._reading)
        try:
            progress("Place every customer")
            assigned = assign(result.model, tables, expected=False)
            shop = open_shop(tables, assigned)
            manifest = load(Manifest, self.folder, MANIFEST)
        except BaseException:
            tables.engine.close()
            raise
        changed = dict(tables.fingerprint) != manifest.fingerprint
        ask = Asking(getattr(tables.engine, "interrupt", None), self._seconds)
        return Opened(
            shown,
            shop,
            ask,
            live=True,
            changed=changed,
            private=self.private,
            try_others=lambda: what_if(result.model, tables),
        )


def _open_list(path: Path, result: Result) -> Shop:
    """The customer list of the run; raises DataError where the file is none."""
    from coterie.engines import MalformedFile
    from coterie.explore import open_list

    try:
        return open_list(path, first_day=result.first_day, as_of=result.as_of)
    except (MalformedFile, OSError, ValueError, KeyError, AttributeError) as error:
        raise DataError(
            f"{path} is damaged or not ours: it is no customer list. Write the run again with `coterie segment`."
        ) from error


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


def _retire(loaded: Future[Opened] | None) -> None:
    """Close what was loaded, or what is still being loaded when it is there."""
    if loaded is None or loaded.cancel():
        return

    def done(one: Future[Opened]) -> None:
        if not one.cancelled() and one.exception() is None:
            one.result().retire()

    loaded.add_done_callback(done)
