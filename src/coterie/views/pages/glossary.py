"""The terms of the report, each with its definition."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from coterie.views import format as say

if TYPE_CHECKING:
    from coterie.views.contract import Drawings, ReportInput

TERMS: tuple[tuple[str, str], ...] = (
    ("As of", "Everything up to the end of that day is known; ages and days since are counted to it."),
    ("Coupons (transactions)", "All coupon rows of a customer. Open and burnt coupons are their parts."),
    ("Claimed, open", "Claimed and still open: not burnt, not expired."),
    ("Burnt", "Redeemed. Counted from the coupon’s status, also where the day is unknown."),
    ("Burn rate", "Burnt / all coupons claimed, cancelled ones out. Also called redemption rate."),
    ("Shrunken rate", "The rate moved towards that of all customers, the more so the fewer coupons."),
    ("Exposure", "Days from the join date, or the first event if that is earlier known, to the as-of day."),
    (
        "Burn curve",
        (
            "Kaplan-Meier share of coupons burnt by day since claim. Open coupons are followed until the as-of"
            " day, expired ones never burn."
        ),
    ),
    (
        "Half of all burns within",
        (
            "The day by which half of the burns that will ever happen have happened. The median"
            " over all coupons is reached only where more than half are burnt."
        ),
    ),
    ("Never active", "Customers without any coupon. Kept apart, not clustered unless asked for."),
    ("Contrast", "Mean of the segment / mean of all customers."),
    ("Differs by construction", "The segments were cut along this feature, so a difference in it is no discovery."),
    (
        "Over-index",
        (
            "Share within the segment / share among all customers. It stands out only if its interval, adjusted"
            " for the number of comparisons, lies above 1.2 and 30 customers or more are behind it."
        ),
    ),
    (
        "Plain rule",
        (
            "A sentence that finds most of a segment without the model: how many of the segment it finds, and"
            " how many of those it finds belong to it."
        ),
    ),
    ("Typical customers", "The three nearest to the centre of the segment."),
    ("Inertia", "Sum of squared distances to the nearest centre, on the treated, standardised features."),
    ("Elbow", "The knee of inertia over k (Satopaa et al. 2011). It is shown and does not decide; there may be none."),
    (
        "Silhouette",
        (
            "Mean of (b − a) / max(a, b): a the mean distance to the own segment, b to the nearest"
            " other (Rousseeuw 1987). Skewed data without groups reach high values too."
        ),
    ),
    (
        "Stability",
        (
            "Overlap (Jaccard) of the weakest segment with its match when customers are drawn again with"
            " replacement and clustered anew (Hennig 2007). Stable from 0.75."
        ),
    ),
)


def glossary(result: ReportInput, drawings: Drawings) -> Mapping[str, Any]:
    """Terms in the order of the report, then the features shown, with their meaning from the catalogue."""
    features = tuple(
        (feature["label"], feature.get("meaning", "").rstrip(".") + "." if feature.get("meaning") else "")
        for feature in result.profiles.features.values()
        if feature.get("label")
    )
    taken = {term.casefold() for term, _ in TERMS}
    return {
        "terms": TERMS,
        "features": tuple(pair for pair in features if pair[0].casefold() not in taken and pair[1]),
        "as_of": say.date(result.as_of),
    }
