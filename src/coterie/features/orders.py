"""Theme orders: how often a customer buys, for how much, what, and how much of it comes back."""

from __future__ import annotations

from coterie.features.contract import Feature

NEEDS = ("orders",)
CATEGORY = ("orders.product_category",)

ORDERS: tuple[Feature, ...] = (
    Feature(
        name="order_count",
        label="Orders",
        unit="orders",
        meaning="Orders of the customer; returns and free items alone are none.",
        family="orders",
        needs=NEEDS,
        treatment="log1p",
        express=lambda t, learned: t.order_count,
        activity=1,
    ),
    Feature(
        name="total_spend",
        label="Spend",
        unit="money",
        meaning="Sales to the customer, before returns are taken off.",
        family="orders",
        needs=NEEDS,
        # Of people who buy, some spend a hundred times as much as others: without the log they would be a segment each.
        treatment="log1p",
        express=lambda t, learned: t.total_spend,
        activity=1,
    ),
    Feature(
        name="aov",
        label="Average order value",
        unit="money",
        meaning="Sales over orders; undefined without an order.",
        family="orders",
        needs=NEEDS,
        # An order may be given by its total of 0, which has no log; from a few units on, log1p is as good as the log.
        treatment="log1p",
        express=lambda t, learned: t.total_spend / t.order_count.nullif(0),
        by_chance="amounts",
    ),
    Feature(
        name="orders_per_time",
        label="Orders a year",
        unit="orders",
        meaning="Orders per year of membership, as far as orders grow with time at all, drawn towards the usual pace "
        "where there was little time.",
        family="orders",
        needs=NEEDS,
        treatment="log",  # never 0: the prior is added to it
        express=lambda t, learned: (
            (t.order_count + learned.orders_prior[0])
            / (t.exposure_years**learned.orders_power + learned.orders_prior[1])
        ),
        activity=1,
    ),
    Feature(
        name="order_recency",
        label="Days since last order",
        unit="days",
        meaning="Calendar days from the last order to as-of.",
        family="orders",
        needs=NEEDS,
        treatment="log1p",
        express=lambda t, learned: t.order_recency,
        activity=-1,
    ),
    Feature(
        name="order_gap",
        label="Days between orders",
        unit="days",
        meaning="Mean days between one day with an order and the next; undefined with fewer than two such days.",
        family="orders",
        needs=NEEDS,
        treatment="log1p",
        express=lambda t, learned: t.order_span / (t.order_days - 1).nullif(0),
        activity=-1,
    ),
    Feature(
        name="gap_regularity",
        label="Irregularity of orders",
        unit="",
        meaning="Standard deviation of the days between orders over their mean: 0 is like clockwork, 1 is by chance; "
        "undefined with fewer than three days with an order.",
        family="orders",
        needs=NEEDS,
        treatment="log1p",
        # The sample's: (n sum of squares - square of sum) / (n (n - 1)) of n gaps, in whole numbers up to the division.
        express=lambda t, learned: (
            (
                ((t.order_days - 1) * t.gap_squares - t.order_span * t.order_span)
                / ((t.order_days - 1) * (t.order_days - 2)).nullif(0)
            )
            ** 0.5
            * (t.order_days - 1)
            / t.order_span.nullif(0)
        ),
        caution="With few orders it is mostly luck.",
    ),
    Feature(
        name="return_rate",
        label="Returned share",
        unit="%",
        meaning="Returns over sales, in money; above 100% where things bought before the data begin came back.",
        family="orders",
        needs=NEEDS,
        # A share for nearly everybody, which log1p leaves nearly as it is; but nothing bounds it.
        treatment="log1p",
        express=lambda t, learned: t.returns_total / t.total_spend.nullif(0),
        by_chance="returns",
    ),
    Feature(
        name="categories_bought",
        label="Categories bought",
        unit="categories",
        meaning="Different product categories bought.",
        family="orders",
        needs=CATEGORY,
        treatment="log1p",
        express=lambda t, learned: t.categories_bought,
        activity=1,
        several="category",
    ),
    Feature(
        name="favourite_category",
        label="Favourite category",
        unit="",
        meaning="Category with most of the customer's sales, ties to the first in the alphabet; the top 20 and other.",
        family="orders",
        needs=CATEGORY,
        treatment="one-hot",
        express=lambda t, learned: t.favourite_category,
        several="category",
        caution="One standardised column per category drowns every other feature.",
        by_chance="nothing",
    ),
    Feature(
        name="order_trend",
        label="Order trend",
        unit="%",
        meaning="Where the average order lies from joining (0%) to as-of (100%): 50% is steady, more is speeding up.",
        family="orders",
        needs=NEEDS,
        treatment="none",
        express=lambda t, learned: 1.0 - (t.order_age_sum / t.order_count.nullif(0) + 0.5) / t.exposure,
        activity=1,
    ),
)
