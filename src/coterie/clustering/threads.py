"""Independent pieces of work side by side: numpy lets other threads compute while it does."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

# Beyond it Python itself, which runs one thread at a time between two steps of numpy, is what all wait for.
_MOST = 8

_here = threading.local()


def in_threads(work: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
    """What `work` gives for each item, in their order, computed by as many threads as there are cores.

    The result is the same whatever their number, as long as the items themselves do not depend on it. Work that is
    done in such a thread already goes on in it.
    """
    threads = min(len(items), _cores(), _MOST)
    if threads < 2 or getattr(_here, "working", False):
        return [work(item) for item in items]
    with ThreadPoolExecutor(threads, initializer=_begin) as pool:
        return list(pool.map(work, items))


def _begin() -> None:
    _here.working = True


def _cores() -> int:
    """Cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
