"""Where a segment stands relative to all customers: the four levels that names and advice are built on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from coterie.profiles.contract import FeatureFigure

ACTIVITY = ("low", "usual", "high")
BURNING = ("none", "rarely", "less", "usual", "more", "mostly")
RECENCY = ("recent", "usual", "quiet", "lapsed")
TENURE = ("new", "settled")

LEVELS: Mapping[str, tuple[str, ...]] = {
    "activity": ACTIVITY,
    "burning": BURNING,
    "recency": RECENCY,
    "tenure": TENURE,
}
"""Dimension -> its levels, lowest first."""


@dataclass(frozen=True)
class Levels:
    """One level per dimension.

    Attributes:
        activity: Coupons per customer against all: low (at most 0.85x), usual, high (at least 1.2x).
        burning: Pooled burn rate: none (nothing burnt), rarely (at most 0.35x and 15 %), less (at most 0.8x), usual,
            more (at least 1.25x), mostly (at least 1.25x and over half of the coupons).
        recency: Mean days since the last claim: recent (at most 0.7x), usual, quiet (at least 1.4x, the median at
            least 1.2x), lapsed (at least 1.5x, a quarter of the data's span and 30 days, the median at least half
            of that). Few who left long ago must not make a segment that still comes look lapsed.
        tenure: new (at most half of the mean tenure, and a quarter of the data's span or 60 days), or settled.
    """

    activity: str
    burning: str
    recency: str
    tenure: str

    def as_mapping(self) -> dict[str, str]:
        """Dimension -> level."""
        return asdict(self)


def levels_of(figures: Mapping[str, FeatureFigure], burn_rate: float, burn_rate_all: float, span_days: int) -> Levels:
    """The levels of a segment with these figures; a missing figure counts as usual."""
    return Levels(
        activity=_activity(_contrast(figures.get("transaction_count"))),
        burning=_burning(burn_rate, burn_rate / burn_rate_all if burn_rate_all else 1.0),
        recency=_recency(figures.get("recency"), span_days),
        tenure=_tenure(figures.get("tenure"), span_days),
    )


def _contrast(figure: FeatureFigure | None) -> float:
    return 1.0 if figure is None or figure.contrast is None else figure.contrast


def _activity(contrast: float) -> str:
    return "low" if contrast <= 0.85 else "high" if contrast >= 1.2 else "usual"


def _burning(rate: float, contrast: float) -> str:
    if rate == 0:
        return "none"
    if contrast <= 0.35 and rate <= 0.15:
        return "rarely"
    if contrast <= 0.8:
        return "less"
    if contrast < 1.25:
        return "usual"
    return "mostly" if rate > 0.5 else "more"


def _recency(figure: FeatureFigure | None, span_days: int) -> str:
    contrast = _contrast(figure)
    if figure is None or 0.7 < contrast < 1.4:
        return "usual"
    if contrast <= 0.7:
        return "recent"
    long = max(30.0, span_days / 4)
    if contrast >= 1.5 and figure.mean >= long and figure.median >= long / 2:
        return "lapsed"
    return "quiet" if figure.median >= 1.2 * figure.all_median else "usual"


def _tenure(figure: FeatureFigure | None, span_days: int) -> str:
    new = figure is not None and _contrast(figure) <= 0.5 and figure.mean <= max(60.0, span_days / 4)
    return "new" if new else "settled"
