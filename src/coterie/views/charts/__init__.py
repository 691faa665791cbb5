"""Every chart of the product, in the order of the report."""

from __future__ import annotations

from coterie.views.charts import (
    burns,
    choice,
    contrasts,
    density,
    histogram,
    later,
    mixes,
    overlap,
    paths,
    reliability,
    sizes,
    tree,
)
from coterie.views.contract import Chart

CHARTS: tuple[Chart, ...] = (
    Chart("inertia", "Elbow", "Inertia over the number of segments; the elbow is marked.", choice.inertia),
    Chart("silhouette", "Silhouette", "Silhouette over the number of segments with its interval.", choice.silhouette),
    Chart("stability", "Stability", "Overlap of the weakest segment with itself when refitted.", choice.stability),
    Chart("reliability", "Reliability", "Split-half reliability of every feature with its interval.",
          reliability.reliability),
    Chart("later", "Later outcome", "What became of each segment after the cut, against the average.", later.later),
    Chart("overlap", "Overlap", "Overlap of each segment with itself, refitted, beside one crowd.", overlap.overlap),
    Chart("baselines", "Better than RFM?", "Share of the later outcome explained, beside RFM, one feature and chance.",
          later.baselines),
    Chart("paths", "Hills and passes", "Density along the way between two segments, with the pass.", paths.paths),
    Chart("gap", "Gap statistic", "Gap statistic over the number of groups with its standard error.", paths.gap),
    Chart("dendrogram", "Dendrogram", "The last joins of Ward’s tree, if algorithms were compared.", tree.dendrogram),
    Chart("sizes", "Segment sizes", "Customers per segment and their share.", sizes.sizes),
    Chart("averages", "Averages", "Transactions, claimed and burnt coupons per customer.", sizes.averages),
    Chart("gender", "Gender", "Gender of the customers of each segment.", mixes.gender),
    Chart("city", "City", "City of the customers of each segment: the largest and other.", mixes.city),
    Chart("density", "Frequency and burn rate", "Coupons per customer against burn rate, in cells.", density.density),
    Chart("contrasts", "Feature contrasts", "Each segment's means against all customers.", contrasts.contrasts),
    Chart("coupons", "Coupons per customer", "How many coupons a segment's customers hold.", histogram.coupons),
    Chart("segment-burn-curve", "Burn curve of a segment", "Share burnt by day since claim, against all.",
          burns.segment_burn_curve),
    Chart("burn-curve", "Burn curve", "Share of coupons burnt by day since claim.", burns.burn_curve),
    Chart("months", "Coupons by month", "Coupons by month of claim, and those burnt.", burns.months),
)  # fmt: skip
