"""Names of the data within our own sentences: of any length, in any script."""

from __future__ import annotations

import unicodedata

_TURNING = dict.fromkeys((0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)))
"""Marks that say in which direction to write."""


def shortened(name: str, letters: int) -> str:
    """A long name of the data with its middle left out, `isolated`: names that differ at their end stay apart.

    Example:
        >>> shortened("Upper Saint-Germain-en-Laye, district 12", 24), shortened("Lapsed", 24)
        ('Upper Saint-…district 12', 'Lapsed')
    """
    bare = name.translate(_TURNING)
    if len(bare) <= letters:
        return isolated(bare)
    tail = (letters - 1) // 2
    return isolated(f"{bare[: letters - 1 - tail].rstrip()}…{bare[-tail:].lstrip()}")


def isolated(name: str) -> str:
    """A name of the data within a sentence: one that is written from the right leaves the sentence as it is.

    Marks that turn the direction of what follows are left out.

    Example:
        >>> isolated("Giza"), len(isolated("Giza" + chr(0x202E))), len(isolated(chr(0x5D0)))
        ('Giza', 4, 3)
    """
    bare = name.translate(_TURNING)
    turned = any(unicodedata.bidirectional(letter) in ("R", "AL", "AN") for letter in bare)
    return f"\u2068{bare}\u2069" if turned else bare
