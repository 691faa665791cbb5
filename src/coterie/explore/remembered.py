"""The latest answers, so that a page asked for again takes no time."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass
class Remembered(Generic[T]):
    """At most so many values by what was asked; the one not asked for the longest makes room.

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

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """The value remembered, or made now."""
        if key not in self._values:
            self._values[key] = make()
            if len(self._values) > self.most:
                self.forget(self._values.popitem(last=False)[1])
        self._values.move_to_end(key)
        return self._values[key]
