"""The retention page of the dashboard: by week, month or quarter, of everybody or of one segment, and why not."""

from __future__ import annotations

import datetime as dt
import html
import re
from dataclasses import replace

import pytest

from coterie.explore.contract import Choices, Filters, Option
from coterie.metrics import Cohort, Retention, in_period
from coterie.views import Look, board_page, of_part

DAYS = dt.date(2024, 1, 1), dt.date(2024, 6, 30)
NEEDED = "It takes two quarters with first orders, each with a whole quarter after it"


def by_hand(period, starts, rates, size=50):
    """Equal cohorts, each followed for one period less than the one before."""
    cohorts = tuple(Cohort(start, size, (1.0, *rates[: len(starts) - 1 - at], None)) for at, start in enumerate(starts))
    return Retention(period, cohorts, (1.0, *rates, None)[: len(starts)])


WEEKS = by_hand("week", [dt.date(2024, 1, 1) + dt.timedelta(weeks=at) for at in range(5)], (0.1, 0.12, 0.14, 0.16))
MONTHS = by_hand("month", [dt.date(2024, month, 1) for month in range(1, 6)], (0.3, 0.28, 0.26, 0.24))
QUARTERS = by_hand("quarter", [dt.date(2024, 1, 1), dt.date(2024, 4, 1)], (0.5,))


@pytest.fixture(scope="module")
def shop(samples):
    result = samples.shop_result()
    metrics = replace(result.metrics, retention=MONTHS, retention_by=(WEEKS, MONTHS, QUARTERS), segments=())
    return replace(result, metrics=metrics)


def look_at(result, query="", **more):
    segments = tuple(Option(str(one.segment), one.name, one.customers) for one in result.profiles.segments)
    never = Option("0", "Never active", 3)
    choices = Choices({"segments": (*segments, never), "cities": (Option("Giza", "Giza", 9),)}, *DAYS)
    given = {"live": True, "filters": Filters(), "address": f"/retention{query}"} | more
    return Look(result, "shop", choices=choices, **given)


def picks(page, label):
    """Address, whether it is the one shown, and text, of the choices behind a word."""
    found = page.split(f"<span>{label}</span>")[1].split("</ul>")[0]
    links = re.findall(r'<a [^>]*?href="([^"]*)"( aria-current="true")?>(.*?)</a>', found)
    return [(html.unescape(address), bool(here), re.sub(r"<[^>]+>", "", text).strip()) for address, here, text in links]


def test_periods_are_links_that_keep_the_filters(shop):
    filters = Filters(segments=(2,), cities=("Giza",))
    page = board_page("retention", look_at(shop, filters=filters))
    assert picks(page, "By") == [
        ("/retention?segment=2&city=Giza&period=week", False, "Week"),
        ("/retention?segment=2&city=Giza&period=month", True, "Month"),
    ]
    assert f"{NEEDED}: quarters are not offered." in page
    assert "Of customers who first bought in Jan\u00a02024, 26% bought again three months later" in page


def test_the_filters_keep_the_period(shop):
    result = replace(shop, metrics=in_period(shop.metrics, "week"))
    page = board_page(
        "retention", look_at(result, "?city=Giza&period=week", period="week", filters=Filters(cities=("Giza",)))
    )
    form = page.split('id="filters"')[1].split("</form>")[0]
    assert '<input type="hidden" name="period" value="week">' in form
    assert '<a href="/retention?period=week">Clear all</a>' in form
    assert [here for *_, here, _ in picks(page, "By")] == [True, False]
    assert "in the week of 1\u00a0Jan\u00a02024, 14% bought again three weeks later" in page
    assert "26%" not in page


def test_each_segment_can_be_chosen_and_the_never_active_cannot(shop):
    page = board_page("retention", look_at(shop, period="week", filters=Filters(segments=(1,), cities=("Giza",))))
    first = shop.profiles.segments[0]
    whose = picks(page, "Of")
    assert whose[0] == ("/retention?city=Giza&period=week", False, "All")
    assert whose[1] == ("/retention?segment=1&city=Giza&period=week", True, f"1 {first.name}")
    assert len(whose) == 1 + len(shop.profiles.segments)
    assert "Never active" not in [text for *_, text in whose]


def test_a_period_that_cannot_be_told_says_why(shop):
    page = board_page("retention", look_at(shop, period="quarter"))
    assert f"{NEEDED}; there are not so many here." in page
    assert "data-chart" not in page
    assert [here for _, here, _ in picks(page, "By")] == [False, False, True]


def test_without_raw_tables_a_segment_is_told_by_month_alone(shop):
    alone = of_part(replace(shop.metrics, retention_by=()), Filters(segments=(1,)))
    result = replace(shop, metrics=alone)
    page = board_page("retention", look_at(result, live=False, filters=Filters(segments=(1,))))
    assert [text for *_, text in picks(page, "By")] == ["Month"]
    said = "By week and quarter a segment is told when the dashboard is started with --data."
    assert said in page
    asked = board_page("retention", look_at(result, live=False, period="week", filters=Filters(segments=(1,))))
    assert "By week a segment is told when the dashboard is started with --data." in asked
    assert "data-chart" not in asked
    whole = replace(shop, metrics=in_period(shop.metrics, "week"))
    told = board_page("retention", look_at(whole, live=False, period="week"))
    assert "Segments by week are told when the dashboard is started with --data." in told
    assert "three weeks later" in told
    assert picks(told, "Of")[1][0] == "/retention?segment=1"


def test_curves_of_segments_are_of_the_same_period(samples):
    result = samples.shop_result()
    by_week = tuple(replace(one, retention=WEEKS) for one in result.metrics.segments)
    for segments, drawn in ((by_week, 1), (result.metrics.segments, 0)):
        metrics = replace(result.metrics, retention=WEEKS, segments=segments)
        # Two segments whose curves differ from those of all.
        other = by_hand("week", [one.cohort for one in WEEKS.cohorts], (0.2, 0.2, 0.2, 0.2))
        if drawn:
            metrics = replace(metrics, segments=(replace(segments[0], retention=other), *segments[1:]))
        page = board_page("retention", look_at(replace(result, metrics=metrics), period="week"))
        assert page.count('data-chart="retention-curves"') == drawn


def test_one_segment_alone_has_no_second_curve(samples):
    result = samples.shop_result()
    one = result.metrics.segments[0]
    metrics = replace(result.metrics, retention=one.retention, retention_by=(), segments=(one,))
    page = board_page("retention", look_at(replace(result, metrics=of_part(metrics, Filters(segments=(1,))))))
    assert 'data-chart="retention"' in page
    assert 'data-chart="retention-curves"' not in page


def test_a_shop_without_orders_says_so_whatever_is_filtered(samples):
    result = samples.coupon_shop_result()
    for filters in (Filters(), Filters(cities=("Giza",)), Filters(segments=(1,))):
        page = board_page("retention", look_at(result, filters=filters))
        assert "Retention follows orders, and there are none in these data." in page
        assert 'class="picks"' not in page


def test_small_weeks_are_told_by_their_average(shop):
    few = replace(WEEKS, cohorts=tuple(replace(one, size=12) for one in WEEKS.cohorts))
    result = replace(shop, metrics=replace(shop.metrics, retention=few))
    page = board_page("retention", look_at(result, period="week"))
    # Three weeks on there is one cohort more than can be averaged for; two weeks on there are three, of 36 customers.
    assert "Two weeks after their first order, 12% of customers bought again" in page
    # 200 * sqrt(2 * 0.12 * 0.88 / 12) = 26.5
    assert "With about 12 customers in a cohort, a single cell says little: 27 points may be luck." in page
