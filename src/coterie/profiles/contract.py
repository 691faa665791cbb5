"""What is said of each segment: figures, contrasts, mix, typical customers, a plain rule and a name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

BORDER = 0.1
"""Margin under which a customer is on the border: the second centre is at most some 22 % farther (1.1 / 0.9), so that
little would have put this customer into the other segment."""


@dataclass(frozen=True)
class FeatureFigure:
    """One feature within one segment: mean with 95 % interval, median, the same of all customers, mean / mean of all.

    Rates are pooled: `burn_rate` is burnt / rows, `aov` sales / orders and `return_rate` returns / sales of the
    segment, with the median of the customers' own. `by_construction` is true for clustered features, which
    differ because the segments were cut along them.
    """

    mean: float
    low: float
    high: float
    median: float
    all_mean: float
    all_median: float
    contrast: float | None
    by_construction: bool


@dataclass(frozen=True)
class MixRow:
    """One value of a dimension: how many of the segment have it, shares, over-index with its adjusted lower bound.

    `leads` is true only when the lower bound is above 1.2 and at least 30 customers stand behind it.
    `count` and `total` are those of the segment and of all with this value, in the mix's unit; `customers` are the
    segment's customers behind `count`, estimated from a part of them where `customers_estimated` (see `looked_at`).
    """

    value: str
    count: int
    total: int
    share: float
    share_all: float
    over_index: float
    over_index_low: float
    leads: bool
    customers: int = 0
    customers_estimated: bool = False


@dataclass(frozen=True)
class Mix:
    """One dimension of one segment; `note` instead of rows if degenerate.

    `dimension` is gender, city, branch, merchant or coupon; with orders also category (counted in order lines) and the
    names of attributes with few values. Branch and merchant are those of the orders where there are no coupons; where
    there are both tables, those of the orders are order_branch and order_merchant. `cramers_v` tells how much the
    segments differ in it (see `association.cramers_v`), and is the same for all of them.
    """

    dimension: str
    label: str
    unit: str
    rows: tuple[MixRow, ...]
    note: str = ""
    cramers_v: float = 0.0


@dataclass(frozen=True)
class PlainRule:
    """A sentence that finds most of a segment, such as "Has burnt at least one coupon and holds 5 or more".

    `conditions` are (feature, "at_least" | "under", threshold). Coverage: share of the segment it finds.
    Precision: share of those it finds who belong to the segment.
    """

    text: str
    conditions: tuple[tuple[str, str, float], ...]
    coverage: float
    precision: float


@dataclass(frozen=True)
class BurnCurve:
    """Kaplan-Meier share burnt by day since claim: steps (day, share), plateau, half-time of burns, median or None."""

    days: tuple[int, ...]
    share: tuple[float, ...]
    plateau: float
    half_of_burns_within: int | None
    median: int | None


@dataclass(frozen=True)
class Bin:
    """One bar of a histogram: [low, high] inclusive for counts, customers in it, their share."""

    low: float
    high: float
    customers: int
    share: float


@dataclass(frozen=True)
class BorderFigure:
    """Mean of one feature among customers on the border, and in the rest of the segment; None where undefined."""

    border: float | None
    rest: float | None


@dataclass(frozen=True)
class Border:
    """Customers of a segment who would almost as well belong to another: those whose margin is under BORDER.

    Attributes:
        customers, share: How many, and of the segment's customers.
        margin: Mean margin of the whole segment: 0 all on the border, 1 all on the centre.
        neighbour: Segment whose centre is the second nearest for most of them; None where there is nobody on the
            border or it is not known.
        towards: How many of them lie towards it.
        features: Feature name -> means on the border and in the rest; `burn_rate`, `aov`, `return_rate` are pooled.
    """

    customers: int
    share: float
    margin: float
    neighbour: int | None
    towards: int
    features: Mapping[str, BorderFigure]


@dataclass(frozen=True)
class SegmentProfile:
    """One segment, or all customers together (segment None, name "All customers").

    Attributes:
        segment: 1..k by descending activity; 0 "Never active".
        name: Unique within the run, true of the numbers.
        blurb: Who they are in one short phrase, such as "Claim often, have never burnt".
        headline: The finding as a sentence, such as "Regular burners claim often and burn 29% of their coupons".
        customers, share: How many, and of all known customers.
        coupons, burnt: Rows and burnt rows of the segment, with share_of_coupons and share_of_burns of all.
        features: Feature name -> figures. Holds every shown feature, not only clustered ones.
        mixes: One per dimension the data has.
        typical: Three customers nearest to the centre: feature name -> value, and "customer_id".
        rule: None for all customers and for segment 0.
        burn_curve: None without a burnt coupon.
        coupons_histogram: Customers by number of coupons.
        standfirst: One or two sentences on size, coupons and last claim.
        never_burnt_share: Share of its customers without a burnt coupon.
        levels: "activity", "burning", "recency", "tenure" -> where it stands relative to all (see `names.Levels`);
            empty for all customers and for segment 0.
        border: Its customers who fit badly; None for all customers, for those placed by rule (0 and -1), where there
            is one segment only, and where no margins are known.

    With orders:
        buyers: Customers with at least one order.
        orders, sales, returns: Orders, sum of sale lines and of return lines (a positive number), in the currency.
        share_of_orders, sales_share: Of all.
        aov: sales / orders; None without an order.
        one_time_share: Share of buyers with exactly one order; None without buyers.
        orders_histogram: Customers by number of orders.
        gap_days: Median, over buyers with orders on two days or more, of their mean days between order days; None
            where there is no such buyer.
        returns_only, free_only: Customers without an order who returned something, or had free items only.
        levels: Also "frequency", "spend", "order_value", "returns" (see `levels.OrderLevels`); without coupons these
            with "recency" and "tenure" only.
    """

    segment: int | None
    name: str
    blurb: str
    headline: str
    customers: int
    share: float
    coupons: int
    burnt: int
    share_of_coupons: float
    share_of_burns: float
    features: Mapping[str, FeatureFigure]
    mixes: tuple[Mix, ...]
    typical: tuple[Mapping[str, float | str | None], ...]
    rule: PlainRule | None
    burn_curve: BurnCurve | None
    coupons_histogram: tuple[Bin, ...]
    standfirst: str = ""
    never_burnt_share: float = 0.0
    levels: Mapping[str, str] = field(default_factory=dict)
    border: Border | None = None
    buyers: int = 0
    orders: int = 0
    sales: float = 0.0
    returns: float = 0.0
    share_of_orders: float = 0.0
    sales_share: float = 0.0
    aov: float | None = None
    one_time_share: float | None = None
    orders_histogram: tuple[Bin, ...] = ()
    gap_days: float | None = None
    returns_only: int = 0
    free_only: int = 0

    @property
    def coupons_each(self) -> float:
        """Coupons per customer: sum over sum."""
        return self.coupons / self.customers if self.customers else 0.0

    @property
    def burnt_each(self) -> float:
        """Burnt coupons per customer: sum over sum."""
        return self.burnt / self.customers if self.customers else 0.0

    @property
    def open_each(self) -> float:
        """Coupons per customer that are claimed and still open; the expired are neither open nor burnt."""
        figure = self.features.get("coupons_claimed")
        rest = self.coupons_each - self.burnt_each
        return min(rest, figure.mean) if figure is not None else rest

    @property
    def burn_rate(self) -> float | None:
        """Burnt / all coupons of the segment; None without a coupon."""
        return self.burnt / self.coupons if self.coupons else None

    @property
    def orders_each(self) -> float:
        """Orders per customer: sum over sum."""
        return self.orders / self.customers if self.customers else 0.0

    @property
    def sales_each(self) -> float:
        """Sales per customer: sum over sum."""
        return self.sales / self.customers if self.customers else 0.0

    @property
    def return_rate(self) -> float | None:
        """Returns / sales; None without sales."""
        return self.returns / self.sales if self.sales else None


@dataclass(frozen=True)
class DensityCell:
    """Customers of one segment in one cell: transaction_count in [x0, x1), burn_rate in [y0, y1), the last to 1.

    In the picture of orders: order_count in [x0, x1), AOV in [y0, y1) in the currency, the last to the greatest.
    """

    segment: int
    x0: float
    x1: float
    y0: float
    y1: float
    customers: int


@dataclass(frozen=True)
class Profiles:
    """All segments in order (0 last), all customers together, and the cells of the frequency picture.

    `features` tells how to print a feature: name -> label, unit, meaning, as in the catalogue.
    `monthly` counts coupons by month of claim: (year, month, coupons, burnt) for all customers.
    `hardly_differ`: customers do not differ in what they do, as far as evidence shows; where none was asked for, counts
    and burns scatter over customers no more than chance would scatter them (see `names`).
    `span_days` is the length of the data, `comparisons` how many over-indexes were compared in the whole run.
    `orders_density` are the cells of the picture of orders against AOV, empty without orders; `currency` is the code or
    sign of amounts where the data name one.
    """

    segments: tuple[SegmentProfile, ...]
    all: SegmentProfile
    density: tuple[DensityCell, ...]
    features: Mapping[str, Mapping[str, str]]
    monthly: tuple[tuple[int, int, int, int], ...]
    hardly_differ: bool = False
    span_days: int = 0
    comparisons: int = 0
    orders_density: tuple[DensityCell, ...] = ()
    currency: str | None = None
