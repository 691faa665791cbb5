"""Every part of the report, in order. The dashboard shows the same parts."""

from __future__ import annotations

from coterie.views.contract import Page
from coterie.views.pages import (
    advice,
    burns,
    cards,
    choice,
    comparison,
    evidence,
    glossary,
    lifetime,
    method,
    opening,
    overview,
    quality,
    retention,
    sales,
    segments,
    trends,
)

PAGES: tuple[Page, ...] = (
    Page("opening", "", "The verdict in words, what to rely on, the four questions, the key figures.", opening.opening),
    Page("segments", "Segments", "All segments in one table.", segments.segments),
    Page("advice", "Coupons for whom", "Who should get coupons and who should not, ranked.", advice.advice),
    Page("choice", "Choosing k", "Elbow, silhouette and stability over k.", choice.choosing_k),
    Page(
        "evidence", "Evidence", "How real the segments are: the four questions with their figures.", evidence.evidence
    ),
    Page(
        "comparison", "Algorithms", "Ways to find groups side by side, where they were compared.", comparison.comparison
    ),
    Page("size", "Sizes", "Customers per segment and what they hold.", overview.size),
    Page(
        "people", "Who and what", "Who the segments are made of and what they buy: what differs most.", overview.people
    ),
    Page("behaviour", "Behaviour", "Frequency against burn rate, and all contrasts.", overview.behaviour),
    Page("cards", "Cards", "One card per segment.", cards.cards),
    Page("sales", "Sales", "Sales, orders, average order value, who brings them and where.", sales.sales, shop=True),
    Page("retention", "Retention", "Who orders again, by cohort and by segment.", retention.retention, shop=True),
    Page(
        "trends",
        "Trends",
        "Customers, orders, sales and coupons by month; who moved between segments.",
        trends.trends,
        shop=True,
    ),
    Page(
        "lifetime",
        "Lifetime value",
        "Expected orders and value, and who is likely gone, with intervals.",
        lifetime.lifetime,
        shop=True,
    ),
    Page("burns", "Burns", "When coupons are claimed and burnt.", burns.burns, shop=True),
    Page("quality", "Data quality", "Rows used and set aside, faults and their cure.", quality.quality, shop=True),
    Page("glossary", "Glossary", "Terms and definitions.", glossary.glossary, shop=True),
    Page("method", "Method", "Settings, learned numbers, all scores.", method.method, shop=True),
)
