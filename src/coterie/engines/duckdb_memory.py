"""What the embedded engine may hold: 600 MB, and for a large shop more, up to a quarter of the machine."""

from __future__ import annotations

import re
from typing import Protocol

LEAST = 600_000_000
"""Bytes; with it, a million customers with ten coupons each need less than 1 GB in all."""

A_ROW = 24
"""Bytes that a row read adds: with that, five million customers spill little; with more they are no faster."""

SHARE = 0.3
"""Of what DuckDB would take, which is four fifths of the machine's memory, or of what its container allows."""

_UNITS = {"bytes": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40}


class _Connection(Protocol):
    def execute(self, query: str, /) -> object: ...


class MemoryLimit:
    """The limit of a connection, which grows with the rows read unless it was `given`.

    Example:
        >>> import duckdb
        >>> connection = duckdb.connect()
        >>> limit = MemoryLimit(connection, machine="18.8 GiB", given=None)
        >>> limit.grow(rows=50_000_000)
        >>> connection.execute("SELECT current_setting('memory_limit')").fetchone()
        ('1.1 GiB',)
    """

    def __init__(self, connection: _Connection, *, machine: str, given: str | None) -> None:
        self._connection, self._given = connection, given is not None
        self._most = int(SHARE * in_bytes(machine))
        self._rows = 0
        self._set(given or f"{LEAST}B")

    def grow(self, rows: int) -> None:
        """Allow what so many more rows ask for."""
        before = self._wanted()
        self._rows += rows
        if not self._given and self._wanted() > before:
            self._set(f"{self._wanted()}B")

    def _wanted(self) -> int:
        return max(LEAST, min(self._rows * A_ROW, self._most))

    def _set(self, size: str) -> None:
        self._connection.execute(f"SET memory_limit = '{size}'")


def in_bytes(size: str) -> int:
    """A size as DuckDB writes it.

    Example:
        >>> in_bytes("1.5 GiB")
        1610612736
    """
    found = re.fullmatch(r"([\d.]+) (\w+)", size)
    if found is None or found[2] not in _UNITS:
        raise ValueError(f"{size!r} is no size")
    return int(float(found[1]) * _UNITS[found[2]])
