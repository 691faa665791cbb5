"""scikit-learn is not part of the default install: who needs it says so in one sentence."""

from __future__ import annotations

from importlib.util import find_spec

from coterie.errors import UsageError


def need_sklearn(who: str) -> None:
    """Raise UsageError where scikit-learn is not installed."""
    if find_spec("sklearn") is None:
        raise UsageError(f"{who} needs scikit-learn, which is not installed: pip install 'coterie[algorithms]'.")
