"""What judging gives: an answer to each of the four questions, with its figures, and the verdict.

A question that cannot be answered holds no figures (None, or none at all) and says why in `reason`.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

Kind = Literal["natural", "reproducible", "constructed"]
"""Groups that exist; cuts that come back every time; cuts that do not (Dolnicar & Leisch 2010)."""
ATTRIBUTE = "Not applicable: it is known of customers, not counted from what they did."
"""The note of a feature that cannot be compared in halves."""


@dataclass(frozen=True)
class Reliability:
    """Whether customers really differ in one feature: its split-half reliability.

    Attributes:
        feature: Catalogue name.
        value: 0 is luck, 1 a fixed trait; None where it cannot be told or does not apply (attributes).
        low, high: 95 % interval, by bootstrap over customers.
        p: Of the value under events handed to customers by chance.
        customers: With an event in each half.
        real: The interval is above 0 and p at most 0.02; None where not judged.
        used: Clustered on in this run.
        note: What to know of it, as a sentence; `ATTRIBUTE`; "" for nothing.
    """

    feature: str
    value: float | None
    low: float | None
    high: float | None
    p: float | None
    customers: int
    real: bool | None
    used: bool
    note: str = ""


@dataclass(frozen=True)
class Hill:
    """A region of high density: customers of the sample on it, log density at its top and at its highest pass.

    `pass_` is where it meets a higher hill (for the highest: the next one); None where nothing joins them.
    """

    customers: int
    peak: float
    pass_: Annotated[float | None, Field(alias="pass")]


@dataclass(frozen=True)
class Gap:
    """Gap statistic of one k with its standard error (Tibshirani, Walther & Hastie 2001)."""

    k: int
    gap: float
    se: float


@dataclass(frozen=True)
class CrowdSilhouette:
    """Silhouette at one k of simulated crowds without groups: mean and 5 to 95 % range of the draws."""

    k: int
    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class Path:
    """The densest way from the densest customer of one segment to that of another.

    Attributes:
        one, other: Segments.
        position: 0..1 along the way, by distance.
        density: Log density there, 0 at the higher of the two ends.
        drop: Log of lower end over lowest point: how deep the pass is. Under `tau` it is no gap.
    """

    one: int
    other: int
    position: tuple[float, ...]
    density: tuple[float, ...]
    drop: float


@dataclass(frozen=True)
class Structure:
    """Whether there are groups, or one crowd cut into pieces.

    Attributes:
        hills: Of the density of the sample, largest first; one hill is one crowd.
        k_hills: How many; None where it cannot be told.
        agreement: Adjusted Rand index of K-Means at k = k_hills with the hills; None for one hill.
        gap, silhouette_crowd: Shown, never decisive.
        reason: Why it cannot be told, or "".
        customers: Of the sample.
        natural: There are hills, and K-Means cuts along them; None where it cannot be told.
        tau: A drop of log density from which two hills are two.
        paths: Between neighbouring segments.
        shares: Segment (as text) -> its best overlap (Jaccard) with hills taken together; empty for one crowd.
    """

    hills: tuple[Hill, ...]
    k_hills: int | None
    agreement: float | None
    gap: tuple[Gap, ...]
    silhouette_crowd: tuple[CrowdSilhouette, ...]
    reason: str = ""
    customers: int = 0
    natural: bool | None = None
    tau: float | None = None
    paths: tuple[Path, ...] = ()
    shares: dict[str, float] | None = None


@dataclass(frozen=True)
class SegmentStability:
    """Mean overlap of a segment with itself over the refits, and what the like of it in one crowd reaches.

    `jaccard_crowd` is that of the segment of a simulated crowd with the same place by stability.
    """

    segment: int
    jaccard: float | None
    jaccard_crowd: float | None
    grade: Kind | None


@dataclass(frozen=True)
class Stability:
    """Whether the same segments would come back: refits on bootstrap samples.

    Attributes:
        n: Customers resampled; overlaps grow with it.
        ari: Mean adjusted Rand index of the refits with the delivered segments.
        ari_crowd: The same of simulated crowds.
        segments: One each.
        refits: How many.
        reason: Why it cannot be told, or "".
    """

    n: int | None
    ari: float | None
    ari_crowd: float | None
    segments: tuple[SegmentStability, ...]
    refits: int = 0
    reason: str = ""


@dataclass(frozen=True)
class Later:
    """What became of one segment after the cut.

    Attributes:
        segment: The delivered segment; figures are those of its pair, found again from what was known at the cut.
        lift: Mean later outcome / mean of all, with 95 % interval by bootstrap; None where its pair is another segment.
        customers: Of the pair, at the cut.
        lasting: Its interval, adjusted for the number of segments, excludes 1, and the run is lasting.
        overlap: Of its pair with the customers it would have held at the cut (Jaccard).
        mean: Later outcome per customer.
        claims: Later coupons per customer.
        burn_rate: Later burns / later coupons; None without any.
    """

    segment: int
    lift: float | None
    low: float | None
    high: float | None
    customers: int
    lasting: bool | None
    overlap: float | None = None
    mean: float | None = None
    claims: float | None = None
    burn_rate: float | None = None


@dataclass(frozen=True)
class Baselines:
    """Share of the later outcome that other groupings of the same number explain (eta squared).

    Attributes:
        rfm: Sum of the three quintile scores, in groups of equal size.
        best_feature: The single feature that is best before the cut, in groups of equal size.
        random: 95th percentile of random groups of the same sizes.
        feature: Catalogue name of the best feature.
    """

    rfm: float | None
    best_feature: float | None
    random: float | None
    feature: str | None = None


@dataclass(frozen=True)
class Foresight:
    """Whether the differences last: segments from what was known at a cut, outcome from after it.

    Attributes:
        cut: Last day that was known.
        outcome: Name of what was counted after it ("burns", "claims").
        top: Delivered segment whose pair had the highest mean of the outcome before the cut.
        segments: One per delivered segment.
        eta2: Share of the later outcome that the segments explain; of its ranks where it is sales.
        baselines: The same of others.
        p: By permutation within fifths of the date first seen.
        lasting: p at most 0.02 and the lift of the top segment above 1; None where it cannot be told.
        reason: Why it cannot be told, or "".
        customers, left_out: Followed; first seen after the cut, or without any coupon until then.
        later: Sum of the outcome.
    """

    cut: dt.date | None
    outcome: str | None
    top: int | None
    segments: tuple[Later, ...]
    eta2: float | None
    baselines: Baselines
    p: float | None
    lasting: bool | None
    reason: str = ""
    customers: int | None = None
    left_out: int | None = None
    later: float | None = None


@dataclass(frozen=True)
class SegmentVerdict:
    """The grade of one segment; None where not judged."""

    segment: int
    kind: Kind | None
    lasting: bool | None


@dataclass(frozen=True)
class Verdict:
    """The answer of all four questions together; `text` is one paragraph without jargon."""

    kind: Kind | None
    lasting: bool | None
    text: str
    segments: tuple[SegmentVerdict, ...]


@dataclass(frozen=True)
class Evidence:
    """How real the segments are: the content of evidence.json.

    Attributes:
        reliability, structure, stability, foresight: Answers to the four questions, in order.
        verdict: All together.
        customers: Of the sample that was judged; 0 where nothing was.
        differ: At least one feature of behaviour is real; None where not judged.
    """

    reliability: tuple[Reliability, ...]
    structure: Structure
    stability: Stability
    foresight: Foresight
    verdict: Verdict
    customers: int = 0
    differ: bool | None = None


def unjudged(reason: str, segments: int) -> Evidence:
    """Evidence of a run in which nothing was judged, each question with the reason."""
    return Evidence(
        reliability=(),
        structure=Structure((), None, None, (), (), reason),
        stability=Stability(None, None, None, (), 0, reason),
        foresight=Foresight(None, None, None, (), None, Baselines(None, None, None), None, None, reason),
        verdict=Verdict(None, None, reason, tuple(SegmentVerdict(one, None, None) for one in range(1, segments + 1))),
    )
