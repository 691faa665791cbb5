"""The latest answers, so that a page asked for again takes no time."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")


class Unremembered(Exception):
    """What is asked for from memory alone is not there."""


@dataclass
class Remembered(Generic[T]):
    """At most so many values by what was asked; the one not asked for the longest makes room. From any thread.

    Example:
        >>> gone = []
        >>> latest = Remembered[str](most=2, forget=gone.append)
        >>> [latest.get(key, str) for key in (1, 2, 1, 3)], gone
        (['', '', '', ''], [''])
        >>> latest.get(1, lambda: "anew"), latest.get(2, lambda: "anew")
        ('', 'anew')

    Attributes:
        most: Values remembered.
        forget: Told of each value that makes room.
    """

    most: int
    forget: Callable[[T], object] = lambda value: None
    _values: OrderedDict[Hashable, T] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def known(self, key: Hashable) -> T:
        """The value remembered; waits for nobody who makes one. Raises Unremembered where there is none."""
        with self._lock:
            if key not in self._values:
                raise Unremembered
            self._values.move_to_end(key)
            return self._values[key]

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """The value remembered, or made now; two who make the same at once are kept apart by whoever asks."""
        try:
            return self.known(key)
        except Unremembered:
            pass
        value = make()
        with self._lock:
            self._values[key] = value
            gone = [self._values.popitem(last=False)[1]] if len(self._values) > self.most else []
        for one in gone:
            self.forget(one)
        return value
