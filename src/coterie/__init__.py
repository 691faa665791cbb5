"""Coterie turns a shop's raw tables into customer segments that can be trusted and used.

Example:
    >>> import coterie as ct
    >>> "segment" in ct.__all__ and len(ct.__all__) < 15
    True
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from coterie.errors import CoterieError, DataError, UsageError

if TYPE_CHECKING:
    from coterie.api import load, sample, segment
    from coterie.finished import Segmentation
    from coterie.settings import ReadSettings, Settings
    from coterie.tables import Tables, read

__version__ = "0.1.0"
__all__ = [
    "CoterieError",
    "DataError",
    "ReadSettings",
    "Segmentation",
    "Settings",
    "Tables",
    "UsageError",
    "load",
    "read",
    "sample",
    "segment",
]

_HOME = {
    "Segmentation": "coterie.finished",
    "load": "coterie.api",
    "sample": "coterie.api",
    "segment": "coterie.api",
    "ReadSettings": "coterie.settings",
    "Settings": "coterie.settings",
    "Tables": "coterie.tables",
    "read": "coterie.tables",
}


def __getattr__(name: str) -> Any:
    # Engine, clustering and charts cost a second to import; a caller who only catches an error should not pay for them.
    if name in _HOME:
        from importlib import import_module

        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(f"module 'coterie' has no attribute {name!r}")
