"""Where a segment stands relative to all customers: the levels that names and advice are built on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from coterie.profiles.contract import FeatureFigure

ACTIVITY = ("low", "usual", "high")
BURNING = ("none", "rarely", "less", "usual", "more", "mostly")
RECENCY = ("recent", "usual", "quiet", "lapsed")
TENURE = ("new", "settled")

FREQUENCY = ("once", "low", "usual", "high")
SPEND = ("low", "usual", "high")
ORDER_VALUE = ("low", "usual", "high")
RETURNS = ("usual", "many")

LEVELS: Mapping[str, tuple[str, ...]] = {
    "activity": ACTIVITY,
    "burning": BURNING,
    "recency": RECENCY,
    "tenure": TENURE,
    "frequency": FREQUENCY,
    "spend": SPEND,
    "order_value": ORDER_VALUE,
    "returns": RETURNS,
}
"""Dimension -> its levels, lowest first."""


QUIET, GONE = 2.0, 4.0
"""Usual gaps between orders without one after which customers count as quiet, and as gone."""
ONCE = 0.9
"""Share of buyers with exactly one order from which a segment is one of one-time buyers."""


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


@dataclass(frozen=True)
class OrderLevels:
    """The levels of what customers buy; a figure that is missing counts as usual.

    Attributes:
        frequency: Orders per customer against all: once (at least nine in ten of its buyers have exactly one order),
            low (at most 0.8x), usual, high (at least 1.25x).
        spend: Sales per customer against all: low (at most 0.75x), usual, high (at least 1.3x).
        order_value: AOV against that of all: low (at most 0.8x), usual, high (at least 1.25x).
        recency, tenure: As in `Levels`, counted from orders (from either event where there are coupons too). Where most
            customers are gone, few are gone for longer than others, so the usual gap between orders decides as well,
            that of the segment or of all, whichever is longer: by the median, recent is nobody who last ordered more
            than one of them ago; two of them and 30 days are quiet at least, four and a quarter of the data's span are
            lapsed.
        returns: many (at least 5 % of sales come back, 1.5x as much as of all, and half of the customers returned
            something), or usual.
    """

    frequency: str
    spend: str
    order_value: str
    recency: str
    tenure: str
    returns: str

    def as_mapping(self) -> dict[str, str]:
        """Dimension -> level."""
        return asdict(self)


def order_levels_of(
    figures: Mapping[str, FeatureFigure], one_time_share: float | None, span_days: int, gap_days: float | None = None
) -> OrderLevels:
    """The order levels of a segment with these figures; `gap_days` is the usual gap between orders, None if unknown."""
    frequency = _against(_contrast(figures.get("order_count")), 0.8, 1.25)
    return OrderLevels(
        frequency="once" if one_time_share is not None and one_time_share >= ONCE else frequency,
        spend=_against(_contrast(figures.get("total_spend")), 0.75, 1.3),
        order_value=_against(_contrast(figures.get("aov")), 0.8, 1.25),
        recency=_since_order(figures.get("recency"), gap_days, span_days),
        tenure=_tenure(figures.get("tenure"), span_days),
        returns=_returns(figures.get("return_rate")),
    )


def _since_order(figure: FeatureFigure | None, gap_days: float | None, span_days: int) -> str:
    level = _recency(figure, span_days)
    if figure is None or not gap_days:
        return level
    if figure.median >= max(GONE * gap_days, span_days / 4, 30.0):
        return "lapsed"
    if figure.median >= max(QUIET * gap_days, 30.0) and level != "lapsed":
        return "quiet"
    return "usual" if level == "recent" and figure.median > gap_days else level


def _against(contrast: float, low: float, high: float) -> str:
    return "low" if contrast <= low else "high" if contrast >= high else "usual"


def _returns(figure: FeatureFigure | None) -> str:
    many = figure is not None and figure.mean >= 0.05 and _contrast(figure) >= 1.5 and figure.median > 0
    return "many" if many else "usual"


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
