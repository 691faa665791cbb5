"""The terms of the report, each with its definition: a picture, a table and a figure point to them by name."""

from __future__ import annotations

import re

TERMS: tuple[tuple[str, str], ...] = (
    ("Segment", "A group of customers who are alike in the figures they were clustered on. 1 is the most active."),
    ("Never active", "Customers without any coupon, shown as segment 0. Kept apart, not clustered unless asked for."),
    ("As of", "Everything up to the end of that day is known; ages and days since are counted to it."),
    ("Coupons (transactions)", "All coupon rows of a customer. Open and burnt coupons are their parts."),
    ("Claimed, open", "Claimed and still open: not burnt, not expired."),
    ("Burnt", "Redeemed. Counted from the coupon’s status, also where the day is unknown."),
    ("Burn rate", "Burnt / all coupons claimed, cancelled ones out. Also called redemption rate."),
    ("Share of all burns", "Burnt coupons of a segment / burnt coupons of all customers."),
    (
        "Drawn towards the average",
        (
            "An estimate for a customer with few coupons leans on all customers, the more so the fewer there are:"
            " one coupon is not a habit. Also called shrunken."
        ),
    ),
    (
        "Exposure",
        (
            "Days from the join date, or from the first event where that is earlier or no join date is known, to the"
            " as-of day."
        ),
    ),
    ("Mean, median", "The mean is the sum divided by the customers; the median is the customer in the middle."),
    (
        "95% interval",
        (
            "Where the true value lies in 95 of 100 such intervals, were customers drawn again. A wide one means few"
            " customers."
        ),
    ),
    (
        "Burn curve",
        (
            "Share of coupons burnt by day since claim (Kaplan-Meier). Open coupons are followed until the as-of day,"
            " expired ones never burn."
        ),
    ),
    (
        "Half of all burns within",
        (
            "The day by which half of the burns that will ever happen have happened. The median over all coupons is"
            " reached only where more than half are burnt."
        ),
    ),
    ("Priority, gain", "Segments in the order of what a coupon can gain there: high, some, none."),
    (
        "Holdout",
        "A random part of the segment that gets nothing. Only against it can be seen what the offer changed.",
    ),
    ("Playbook", "The rules behind the advice; a file of one’s own can replace them."),
    ("Contrast", "Mean of the segment / mean of all customers: 1× is the average."),
    ("Differs by construction", "The segments were cut along this feature, so a difference in it is no discovery."),
    (
        "Over-index",
        (
            "Share within the segment / share among all customers. It stands out only if its interval, adjusted for the"
            " number of comparisons, lies above 1.2 and 30 customers or more are behind it."
        ),
    ),
    (
        "Plain rule",
        (
            "A sentence that finds most of a segment without the model: how many of the segment it finds, how many of"
            " those it finds belong to it."
        ),
    ),
    ("Typical customers", "The three nearest to the centre of the segment."),
    ("k", "The number of segments."),
    (
        "Treated, standardised",
        (
            "Skewed figures enter as logarithms, and all are brought to mean 0 and spread 1, so that none outweighs the"
            " others."
        ),
    ),
    (
        "K-Means",
        (
            "Puts every customer to the nearest of k centres and moves each centre to the mean of its customers, until"
            " nothing moves."
        ),
    ),
    ("Inertia", "Sum of squared distances to the nearest centre, on the treated, standardised features."),
    ("Elbow", "The knee of inertia over k (Satopaa et al. 2011). It is shown and does not decide; there may be none."),
    (
        "Silhouette",
        (
            "Mean of (b − a) / max(a, b): a the mean distance to the own segment, b to the next one (Rousseeuw 1987)."
            " Skewed data without groups reach high values too."
        ),
    ),
    (
        "Overlap, stability",
        (
            "Customers a segment shares with its match / customers in either (Jaccard), when customers are drawn again"
            " with replacement (resampled) and clustered anew (Hennig 2007). Firm from 0.75."
        ),
    ),
    (
        "Evidence",
        (
            "Four questions, judged on a random sample of customers: whether they differ, whether there are groups,"
            " whether segments come back, whether differences last."
        ),
    ),
    (
        "Reliability",
        (
            "Each coupon goes to one of two halves by the toss of a coin; the correlation over customers of a figure"
            " in one half with the same in the other, averaged over splits and stepped up to full length (split-half,"
            " Spearman-Brown). 0 is luck, 1 a fixed trait. For burn rates it comes out a little high."
        ),
    ),
    (
        "Real",
        "A figure whose whole interval of reliability lies above 0, and which chance alone seldom makes.",
    ),
    (
        "Hill, pass",
        (
            "A region where customers stand close together, and the lowest point between two of them. Two hills count"
            " as two where the pass is deep enough, and as one crowd where it is not."
        ),
    ),
    (
        "One crowd",
        (
            "Customers without gaps between them. For comparison: simulated customers with the same spread of every"
            " figure and the same correlations, but no groups, cut into as many segments."
        ),
    ),
    (
        "Natural, reproducible, constructed",
        (
            "Groups that exist; cuts that come back every time; cuts that fall elsewhere when customers are drawn again"
            " (Dolnicar & Leisch 2010)."
        ),
    ),
    (
        "Lasting",
        (
            "Segments made from what was known up to a day differ in what came after it, by more than groups shuffled"
            " among customers first seen at about the same time."
        ),
    ),
    ("Lift", "Mean later outcome of a segment / mean of all customers: 1× is the average."),
    (
        "Eta squared",
        "Share of the variation in the later outcome that lies between the groups rather than within them.",
    ),
    (
        "RFM groups",
        (
            "Customers in equal groups by the sum of three scores in fifths: how recently they claimed, how often, how"
            " much they burnt. What a shop would do without clustering."
        ),
    ),
    (
        "Margin, border",
        (
            "How much nearer a customer is to the own segment than to the next: (distance to the next − distance to the"
            " own) / their sum. Close to 0 is on the border."
        ),
    ),
    (
        "Gap statistic",
        (
            "How much tighter the segments are than those of customers spread evenly over the same ranges (Tibshirani,"
            " Walther & Hastie 2001). Skewed customers without groups pass it too, so it decides nothing."
        ),
    ),
    (
        "Adjusted Rand index",
        "How far two groupings put the same customers together: 1 is the same, 0 no more than chance.",
    ),
    ("Calinski-Harabasz", "Spread between segments / spread within them, per degree of freedom. Higher is better."),
    (
        "Davies-Bouldin",
        "How wide segments are against how far apart, for the worst neighbour of each, averaged. Lower is better.",
    ),
    ("Seed", "The number that random choices start from. Same data and same seed give the same segments."),
)

SHOP_TERMS: tuple[tuple[str, str], ...] = (
    (
        "Active customer",
        "One with an order in the month; where there are no orders, with a claim in it.",
    ),
    (
        "New, returning, won back, lapsed",
        (
            "Active for the first time; also active in the month before; active now, not in the month before, but"
            " earlier; active in the month before and not in this one."
        ),
    ),
    (
        "Segments over time",
        (
            "The segments of this run, with the same centres, applied to what was known of each customer on earlier"
            " days. Customers not yet known then come in later."
        ),
    ),
)
"""Terms of every shop whose numbers are shown."""
ORDER_TERMS: tuple[tuple[str, str], ...] = (
    (
        "Sales, returns, revenue",
        "Sum of the positive lines; of the returned ones; sales − returns. Free items are neither.",
    ),
    (
        "Order, customer who bought",
        "A sale invoice; a returns-only invoice is no order. Customers who bought are those with at least one order.",
    ),
    (
        "Average order value (AOV)",
        "Sales / orders, sum over sum: not the mean of customers’ means. Net of returns: revenue / orders.",
    ),
    (
        "Repeat purchase rate",
        (
            "Customers with 2 or more orders / customers with 1 or more. Within a number of days: among customers"
            " observed for the whole of it since their first order."
        ),
    ),
    ("Return rate", "Returns / sales."),
    (
        "Sales share, sales index",
        (
            "Sales of the segment / all sales; that share / the segment’s share of customers who bought. 1× is the"
            " average."
        ),
    ),
    (
        "Index of a category, city or product",
        (
            "Share of the segment’s sales / share of all sales. It describes what was sold and has no interval; shown"
            " only with 30 customers of the segment or more behind it."
        ),
    ),
    (
        "Cohort",
        (
            "Customers by the month (week, quarter) of their first order. The first one of the data also holds"
            " customers of before, so averages leave it out."
        ),
    ),
    (
        "Retention",
        (
            "Customers of a cohort with an order in exactly that later month / customers of the cohort. A month that is"
            " not complete is blank. The average is weighted by cohort size."
        ),
    ),
    (
        "Sales around a coupon",
        (
            "Sales per customer and day by days from a claim. It describes and proves nothing: who claims may be about"
            " to buy anyway."
        ),
    ),
    (
        "Lifetime value, expected orders",
        (
            "Orders expected of a customer within the horizon (BG/NBD, Fader, Hardie & Lee 2005), and their value"
            " (Gamma-Gamma, Fader & Hardie), fitted to all customers by maximum likelihood."
        ),
    ),
    (
        "Probability alive, at risk",
        (
            "How likely a customer still is one, by the same model. It lets customers go only after a repeat order, so"
            " who bought once counts as one for certain. At risk are those who bought more than once and are more"
            " likely gone than not."
        ),
    ),
)
"""Terms of shops with orders."""


COUPON_TERMS = frozenset(
    {
        "Coupons (transactions)",
        "Claimed, open",
        "Burnt",
        "Burn rate",
        "Share of all burns",
        "Burn curve",
        "Half of all burns within",
    }
)
"""Terms that a shop with orders only has no use for."""


def anchor(term: str) -> str:
    """The id of a term: "Burn rate" is at "term-burn-rate"."""
    return "term-" + "-".join(re.findall(r"[a-z0-9]+", term.casefold()))


_DEFINED = {anchor(term): text for term, text in (*TERMS, *SHOP_TERMS, *ORDER_TERMS)}


def definition(place: str) -> str:
    """What the term at that id means; the definition shows where a figure points to it.

    Example:
        >>> definition(anchor("Return rate"))
        'Returns / sales.'
    """
    return _DEFINED[place]
