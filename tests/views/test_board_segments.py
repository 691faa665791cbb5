"""Pages of segments under filters: what is left of each beside the run, with the filters kept in every link."""

from __future__ import annotations

import datetime as dt
import html
import re

import pytest

from coterie.explore.contract import Choices, Figures, Filters, Option
from coterie.views import Look, board_page

CITY = Filters(cities=("Giza",), since=dt.date(2024, 2, 1))
QUERY = "city=Giza&since=2024-02-01"
OF_RUN = "What stands below is of all customers of the run, whatever is filtered."


@pytest.fixture(scope="module")
def both(samples):
    return samples.both_result()


def figures(customers, of, coupons, burnt, orders, sales):
    rate, aov = burnt / coupons if coupons else None, sales / orders if orders else None
    return Figures(customers, of, customers // 2, coupons, burnt, rate, orders, sales, 0.0, aov)


FOUND = {
    1: figures(60, 120, 300, 150, 200, 5000.0),
    2: figures(40, 200, 100, 10, 50, 900.0),
    3: figures(0, 80, 0, 0, 0, 0.0),
}
WHOLE = figures(100, 400, 400, 160, 250, 5900.0)


def look_at(result, board="segments", **more):
    segments = tuple(Option(str(one.segment), one.name, one.customers) for one in result.profiles.segments)
    choices = Choices(
        {"segments": segments, "cities": (Option("Giza", "Giza", 9), Option("Cairo", "Cairo", 8))},
        dt.date(2024, 1, 1),
        dt.date(2024, 6, 30),
    )
    path = "/segments" if board == "segments" else "/segments/1"
    given = {"live": True, "filters": CITY, "address": f"{path}?{QUERY}", "figures": WHOLE, "by_segment": FOUND} | more
    return Look(result, "shop", choices=choices, segment=1, **given)


def text_of(part):
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", part))).strip()


def test_every_segment_is_told_in_the_filters(both):
    page = board_page("segments", look_at(both))
    inside = page.split('id="in-filters"')[1].split("</section>")[0]
    rows = [text_of(row) for row in re.findall(r"<tr>(.*?)</tr>", inside, re.DOTALL)]
    one, two, three = (profile.name for profile in both.profiles.segments[:3])
    assert rows == [
        "Segment Customers Share Active Coupons Burn rate Orders Sales Average order",
        "These customers 100 of 400 100% 50 400 40.0% 250 5.90k 23.60",
        f"1 {one} 60 of 120 60% · 30% of all 30 300 50.0% 200 5.00k 25.00",
        f"2 {two} 40 of 200 40% · 50% of all 20 100 10.0% 50 900.00 18.00",
        f"3 {three} 0 of 80 0% · 20% of all 0 0 – 0 0.00 –",
    ]
    # Of 100 customers 30% has an error of 4.6 points: 60% is off it by more than luck, and furthest.
    assert re.search(r"<h1[^>]*>[^<]*: 60% of these customers, 30% of all</h1>", page)
    assert f"100 of 400 customers are in the filters. {OF_RUN}" in page
    # What follows is of the run.
    assert page.index('id="in-filters"') < page.index('id="segments"') < page.index('id="advice"')


def test_links_carry_the_filters(both):
    page = html.unescape(board_page("segments", look_at(both)))
    assert 'href="/customers?segment=2&city=Giza&since=2024-02-01"' in page
    assert "/customers?segment=3" not in page  # nobody of it is left
    assert re.findall(r'href="(/segments/1[^"]*)"', page) == [f"/segments/1?{QUERY}"] * 2
    form = page.split('class="compare"')[1].split("</form>")[0]
    assert re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form) == [
        ("city", "Giza"),
        ("since", "2024-02-01"),
    ]


def test_side_by_side_stays_with_the_filters(both):
    page = html.unescape(
        board_page("segments", look_at(both, compare=(1, 2), address=f"/segments?compare=1&compare=2&{QUERY}"))
    )
    assert f'href="/segments?{QUERY}">All segments' in page
    form = page.split('id="filters"')[1].split("</form>")[0]
    assert re.findall(r'<input type="hidden" name="compare" value="(\d)">', form) == ["1", "2"]
    assert "These are of the run, whatever is filtered." in page
    assert page.count("<h1") == 1
    assert page.index('id="compared"') < page.index('id="in-filters"')


def test_one_segment_is_told_in_the_filters(both):
    page = html.unescape(board_page("segment", look_at(both, "segment")))
    tiles = page.split('class="inside"')[1].split("</section>")[0]
    told = re.findall(r'<span class="number">(.*?)</span>(?:<span class="line">(.*?)</span>)?', tiles)
    assert told == [
        ("60", "of 120"),
        ("30", "60% of all in these filters"),
        ("300", "75% of all in these filters"),
        ("50.0%", "40.0% of all in these filters"),
        ("200", "80% of all in these filters"),
        ("5.00k", "85% of all in these filters"),
        ("25.00", "23.60 of all in these filters"),
    ]
    assert f"In these filters. {OF_RUN}" in tiles
    assert f'href="/customers?segment=1&{QUERY}"' in page
    assert f'href="/trends?segment=1&{QUERY}"' in page
    assert f'href="/segments/2?{QUERY}"' in page


def test_without_filters_there_is_the_run_alone(both):
    for live in (True, False):
        plain = {"filters": Filters(), "by_segment": None, "address": "/segments", "live": live}
        page = board_page("segments", look_at(both, **plain))
        assert 'id="in-filters"' not in page
        assert "whatever is filtered" not in page
        assert 'href="/segments/1"' in page
        one = board_page("segment", look_at(both, "segment", **plain))
        assert 'class="inside"' not in one
        assert 'href="/customers?segment=1"' in one


def test_nobody_left_and_nobody_apart(both):
    nobody = figures(0, 400, 0, 0, 0, 0.0)
    none = {number: figures(0, one.of, 0, 0, 0, 0.0) for number, one in FOUND.items()}
    page = board_page("segments", look_at(both, figures=nobody, by_segment=none))
    assert "Nobody is left in these filters" in page
    assert "<table" not in page.split('id="in-filters"')[1].split("</section>")[0]
    alike = {1: figures(30, 120, 0, 0, 9, 9.0), 2: figures(51, 200, 0, 0, 9, 9.0), 3: figures(19, 80, 0, 0, 9, 9.0)}
    page = board_page("segments", look_at(both, figures=figures(100, 400, 0, 0, 27, 27.0), by_segment=alike))
    assert "Segments are about as large in these filters as among all customers" in page


@pytest.mark.parametrize(("first", "title"), [(40, "Segments are about as large"), (41, ": 41% of these customers")])
def test_more_than_luck_holds_for_as_many_segments(both, first, title):
    """Of three, each may be off by chance in one of sixty: 2.394 errors of 4.58 points in tables, so 10.97 points."""
    rest = 100 - first
    found = {1: figures(first, 120, 0, 0, 9, 9.0), 2: figures(43, 200, 0, 0, 9, 9.0)}
    found[3] = figures(rest - 43, 80, 0, 0, 9, 9.0)
    page = board_page("segments", look_at(both, figures=figures(100, 400, 0, 0, 27, 27.0), by_segment=found))
    assert title in re.search(r"<h1[^>]*>(.*?)</h1>", page)[1]


def test_few_customers_are_no_finding(both):
    few = {1: figures(9, 120, 9, 9, 9, 9.0), 2: figures(0, 200, 0, 0, 0, 0.0), 3: figures(0, 80, 0, 0, 0, 0.0)}
    page = board_page("segments", look_at(both, figures=figures(9, 400, 9, 9, 9, 9.0), by_segment=few))
    assert re.search(r"<h1[^>]*>9 customers in these filters</h1>", page)


def test_segments_that_are_kept_back_are_not_told(both):
    left = {2: FOUND[2]}
    page = board_page("segments", look_at(both, by_segment=left))
    inside = page.split('id="in-filters"')[1].split("</section>")[0]
    assert len(inside.split("<tr>")) == 4  # heads, all together, the second
    assert "40% · 50% of all" in text_of(inside)
    assert "Segments with too few customers in the filters are left out." in inside
    one = board_page("segment", look_at(both, "segment", by_segment=left))
    assert f"In these filters this segment is not told here. {OF_RUN}" in one
    assert 'class="tiles"' not in one.split('class="inside"')[1].split("</section>")[0]
