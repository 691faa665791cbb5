"""All ways to find groups side by side, in the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coterie.cli.terminal import console, say, table
from coterie.views import plain, score, share

if TYPE_CHECKING:
    from collections.abc import Mapping

    from coterie.segmentation import Comparison
    from coterie.segmentation.compare import Compared

COLUMNS = (
    ("", "left"),
    ("k", "right"),
    ("Inertia", "right"),
    ("Silhou-\nette", "right"),
    ("Follows\nthe gaps", "right"),
    ("Weakest\noverlap", "right"),
    ("Later\nexplained", "right"),
    ("Smallest\nsegment", "right"),
    ("Fits no\ngroup", "right"),
    ("Seconds", "right"),
)


def print_comparison(comparison: Comparison, seconds: Mapping[str, float]) -> None:
    """The table on stderr, then why a way has no figures, then which to use."""
    say("")
    rows = [_row(one, seconds.get(one.algorithm)) for one in comparison.rows]
    # A column nobody has a figure for is left out.
    kept = [place for place in range(len(COLUMNS)) if any(row[place] != "–" for row in rows)]
    table("", [COLUMNS[place] for place in kept], [[row[place] for place in kept] for row in rows], where=console())
    say("")
    say("Weakest overlap is counted over a few refits here, so it is rougher than in the report.")
    for one in comparison.rows:
        if one.reason:
            say(f"{one.label}: {one.reason}")
    say(comparison.recommendation)


def _row(one: Compared, seconds: float | None) -> tuple[str, ...]:
    return (
        one.label,
        "–" if one.k is None else str(one.k),
        "–" if one.inertia is None else plain(one.inertia),
        score(one.silhouette),
        score(one.agreement),
        score(one.stability),
        share(one.eta2),
        share(one.smallest_share),
        share(one.fits_no_group),
        "–" if seconds is None else plain(seconds, 1),
    )
