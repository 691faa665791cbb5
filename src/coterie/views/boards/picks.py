"""A row of words of which one is picked, each a link; `_picks.html` shows it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Pick:
    """One word that can be picked."""

    label: str
    address: str
    here: bool
