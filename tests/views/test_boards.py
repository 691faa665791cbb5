"""Pages of the dashboard: every one from every result, safe, headed, linked with its filters, with figures by hand."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from coterie.explore.contract import (
    Choices,
    Compared,
    Customer,
    Customers,
    Event,
    Figures,
    Filters,
    History,
    Option,
    Told,
    Value,
)
from coterie.metrics import Retention
from coterie.segmentation.what_if import Group, Trait, Trial
from coterie.views import BOARDS, Look, Search, board_page, dashboard_file, message_page, of_part
from coterie.views.boards.query import filters_of

NASTY = "<script>alert(1)</script>\u202e \u0645\u0631\u062d\u0628\u0627 \U0001f389 " + "x" * 480
CUSTOMER = Customer("c 7/ä", 2, 0.42, NASTY, "female", 12, 3, dt.date(2024, 3, 9), 4, 1234.5, dt.date(2024, 5, 1))
BURNT_SO_FAR = "so far: many of them may still be burnt"
NOW = Figures(40, 100, 25, coupons=130, burnt=26, burn_rate=0.2, orders=50, sales=1500.0, returns=0.0, aov=30.0)
BEFORE = Figures(40, 100, 20, coupons=100, burnt=26, burn_rate=0.26, orders=50, sales=1000.0, returns=0.0, aov=20.0)


class _Attributes(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def handle_starttag(self, tag, attrs):
        self.names |= {name for name, _ in attrs}


def attributes(page: str) -> set[str]:
    """Names of all attributes in the page."""
    found = _Attributes()
    found.feed(page)
    return found.names


def look_at(result, board="overview", **more) -> Look:
    cities = tuple(Option(name, name, 9 - at) for at, name in enumerate(("Giza", "Cairo", NASTY, "")))
    segments = tuple(Option(str(one.segment), one.name, one.customers) for one in result.profiles.segments)
    choices = Choices({"segments": segments, "cities": cities}, dt.date(2024, 1, 1), dt.date(2024, 6, 30))
    path = next(one.path for one in BOARDS if one.name == board)
    given = {"live": True, "segment": 1, "filters": Filters(), "address": path} | more
    return Look(result, "shop", choices=choices, **given)


@pytest.mark.parametrize("live", [True, False])
@pytest.mark.parametrize("board", [one.name for one in BOARDS])
def test_every_page_of_every_result_is_whole_and_safe(variant, board, live):
    more = {"compared": Compared(dt.date(2024, 6, 3), dt.date(2024, 6, 30), NOW, BEFORE)} if live else {}
    if board == "customers":
        more["customers"] = Customers((CUSTOMER,), 1, 1, 1)
    if board == "customer" and live:
        more["history"] = History(
            CUSTOMER, None, (Event("burnt", dt.date(2024, 3, 9), None, NASTY, NASTY, None, 3.0),), 1
        )
    page = board_page(board, look_at(variant, board, live=live, **more))
    scripts = re.findall(r"<script([^>]*)>", page)
    assert [one for one in scripts if "src=" not in one] == [' type="application/json" id="specs"']
    assert "<style" not in page
    assert [name for name in attributes(page) if name == "style" or name.startswith("on")] == []
    assert page.count("<h1") == 1
    ids = Counter(re.findall(r'\sid="([^"]+)"', page))
    assert [name for name, number in ids.items() if number > 1] == []
    drawn = set(re.findall(r'data-chart="([^"]+)"', page))
    specs = json.loads(re.search(r'id="specs">(.*?)</script>', page, re.DOTALL)[1])
    assert set(specs["charts"]) == drawn
    for anchor in re.findall(r'href="#([^"]+)"', page):
        assert anchor in ids, anchor


def test_the_bar_says_what_is_chosen_and_how_to_clear_it(sample):
    filters = filters_of([("segment", "2"), ("city", "Giza"), ("city", ""), ("since", "2024-02-01")])
    page = board_page("trends", look_at(sample, "trends", filters=filters, figures=NOW))
    summaries = re.findall(r"<summary><span>(\w+)</span> <b>(.*?)</b>", page)
    assert summaries == [
        ("Days", "1 Feb 2024 – 30 Jun 2024"),
        ("Segment", sample.profiles.segments[1].name),
        ("City", "Giza and 1 more"),
    ]
    assert page.count(" checked>") == 3
    assert 'href="/trends?segment=2&amp;city=Giza&amp;city="' in page  # all days
    assert 'href="/trends?segment=2&amp;since=2024-02-01"' in page  # every city
    assert "40 of 100 customers" in page
    # A choice goes along to the pages that know it.
    assert 'href="/retention?segment=2&amp;city=Giza&amp;city="' in page
    assert 'href="/customers?segment=2&amp;city=Giza&amp;city=&amp;since=2024-02-01"' in page
    assert '<a href="/model">Model</a>' in page


@pytest.mark.parametrize(
    ("board", "marked"),
    [
        ("metrics", ["Metrics"]),
        ("segments", ["Segments"]),
        ("segment", ["Segments"]),
        ("customer", ["Customers"]),
        ("glossary", []),
    ],
)
def test_the_bar_marks_the_page_that_one_stands_under(sample, board, marked):
    bar = board_page(board, look_at(sample, board)).partition("<main")[0]
    assert re.findall(r'aria-current="page">(\w+)<', bar) == marked


def test_a_value_that_nobody_has_stays_to_be_cleared(sample):
    page = board_page("trends", look_at(sample, "trends", filters=Filters(cities=("Atlantis",))))
    assert re.search(
        r'value="Atlantis" checked><span class="said" dir="auto">Atlantis</span><span class="number">0<', page
    )
    assert "Clear city</a>" in page


def test_without_raw_tables_only_segments_can_be_chosen(sample):
    for board in ("trends", "retention", "metrics", "customers"):
        page = board_page(board, look_at(sample, board, live=False))
        assert re.findall(r"<summary><span>(\w+)", page) == ["Segment"]
    assert 'id="filters"' not in board_page("overview", look_at(sample, live=False))


def test_the_first_page_sets_figures_beside_those_before(both):
    compared = Compared(dt.date(2024, 6, 3), dt.date(2024, 6, 30), NOW, BEFORE)
    page = board_page("overview", look_at(both, compared=compared))
    assert "3 Jun 2024 – 30 Jun 2024 (28 days), change against the 28 days before." in page
    told = re.findall(
        r'<span class="number">(.*?)</span>(?:<span class="line">(.*?)</span>)?', page.split('id="now"')[1]
    )
    assert both.profiles.currency is None
    assert told[:7] == [
        ("25", "25% more than 20 before"),
        ("130", "30% more than 100 before"),
        ("26", BURNT_SO_FAR),
        ("20.0%", BURNT_SO_FAR),
        ("50", "as before (50)"),
        ("1.50k", "50% more than 1.00k before"),
        ("30.00", "50% more than 20.00 before"),
    ]


def test_where_no_coupon_was_claimed_none_may_still_be_burnt(both):
    nothing = replace(NOW, coupons=0, burnt=0, burn_rate=None)
    compared = Compared(dt.date(2024, 6, 3), dt.date(2024, 6, 30), nothing, BEFORE)
    page = board_page("overview", look_at(both, compared=compared))
    told = re.findall(r'<span class="number">(.*?)</span>(<span class="line">)?', page.split('id="now"')[1])
    assert told[1:3] == [("0", '<span class="line">'), ("0", "")]
    assert BURNT_SO_FAR not in page


def test_burns_are_compared_once_they_have_had_their_time(both):
    """Nine in ten of the burns of this result come within some months; March has had them in June, May has not."""
    curve = both.profiles.all.burn_curve
    (needed,) = [day for day, share in zip(curve.days, curve.share, strict=True) if share >= 0.9 * curve.share[-1]][:1]
    last = dt.date(2024, 6, 30)
    for late, line in ((0, "26.0% before"), (1, BURNT_SO_FAR)):
        until = last - dt.timedelta(days=needed - late)
        compared = Compared(until - dt.timedelta(days=9), until, NOW, BEFORE)
        page = board_page("overview", look_at(both, compared=compared))
        assert f'<span class="number">20.0%</span><span class="line">{line}</span>' in page


def test_segments_side_by_side(sample):
    page = board_page("segments", look_at(sample, "segments", compare=(1, 3)))
    rows = re.findall(r'<tr><th scope="row">(.*?)</tr>', page.split('id="compared"')[1], re.DOTALL)
    one, three = sample.profiles.segments[0], sample.profiles.segments[2]
    first = re.sub(r"<[^>]+>", " ", rows[0]).split()
    assert first[0] == "Coupons"
    assert f"{one.features['transaction_count'].mean:.1f}" in first
    assert f"{three.features['transaction_count'].mean:.1f}" in first
    assert len(rows) == len(set(one.features) & set(three.features))
    assert 'id="advice"' not in page
    assert 'id="advice"' in board_page("segments", look_at(sample, "segments"))


def test_one_segment_has_its_own_card_alone(sample):
    page = board_page("segment", look_at(sample, "segment", segment=4))
    assert re.findall(r'<article class="card [\w-]+" id="segment-(-?\d+)"', page) == ["4"]
    assert 'href="/customers?segment=4"' in page


def test_the_list_pages_sorts_and_downloads_with_its_filters(sample):
    found = Customers((CUSTOMER,), 101, 2, 3)
    search = Search("c", "sales", descending=True, page=2)
    look = look_at(sample, "customers", customers=found, search=search, filters=Filters(segments=(2,)))
    page = board_page("customers", look)
    assert "101 customers with “c” in these filters" in page
    assert "Page 2 of 3" in page
    assert 'rel="prev" href="/customers?segment=2&amp;text=c&amp;sort=sales&amp;descending=1"' in page
    assert 'rel="next" href="/customers?segment=2&amp;text=c&amp;sort=sales&amp;descending=1&amp;page=3"' in page
    assert 'href="/customers.csv?segment=2&amp;text=c"' in page
    assert 'aria-sort="descending"' in page
    assert 'href="/customers?segment=2&amp;text=c&amp;sort=sales"' in page  # turned round
    assert 'href="/customers/c%207%2F%C3%A4"' in page
    assert "1 May 2024" in page
    assert "<script>alert" not in page


def test_one_customer_is_told_with_history_and_reason(sample):
    events = (
        Event("burnt", dt.date(2024, 3, 9), dt.date(2024, 3, 12), "10% off", "Branch 3", "Bakery", None),
        Event("return", dt.date(2024, 1, 2), None, "Bread", None, None, -2.5),
    )
    history = History(CUSTOMER, dt.date(2023, 5, 6), events, 7)
    page = board_page("customer", look_at(sample, "customer", history=history))
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))
    assert "Customer c 7/ä" in text
    assert "well inside (margin 0.42; 0 is the border)" in text
    assert "9 Mar 2024 Coupon burnt on 12 Mar 2024 10% off Bakery · Branch 3" in text
    assert "Returned Bread" in text
    assert "\u22122.50" in text
    assert "5 older events are not shown." in text
    assert "6 May 2023" in text
    unknown = board_page("customer", look_at(sample, "customer"))
    assert "This customer is not in the data" in unknown


def test_burns_of_all_customers_are_not_shown_as_those_of_a_filter(coupon_shop):
    assert 'id="burns"' in board_page("trends", look_at(coupon_shop, "trends"))
    filtered = look_at(coupon_shop, "trends", filters=Filters(cities=("Giza",)))
    assert 'id="burns"' not in board_page("trends", filtered)


def test_the_foot_says_how_real_the_segments_are(sample, samples):
    assert "reproducible" in board_page("data", look_at(sample, "data")).split('class="foot"')[1]
    unjudged = board_page("data", look_at(samples.unjudged_result(), "data")).split('class="foot"')[1]
    assert "was not judged, or cannot be judged" in unjudged


def test_messages_stand_alone():
    page = message_page("This run is damaged", [f"model.json: {NASTY}"])
    assert page.count("<h1") == 1
    assert "<script>alert" not in page
    assert "This run is damaged" in page


@pytest.mark.parametrize("name", ["dashboard.css", "dashboard.js", "htmx.js", "vega.js", "icon.svg"])
def test_files_carry_their_digest(sample, name):
    import gzip
    import hashlib

    found = dashboard_file(name)
    assert gzip.decompress(found.packed) == found.content
    assert hashlib.sha256(found.content).hexdigest().startswith(found.digest)
    assert f"/static/{name}?v={found.digest}" in board_page("data", look_at(sample, "data"))
    assert dashboard_file("../render.py") is None


def test_links_of_a_part_lead_to_other_pages(sample):
    page = board_page("overview", look_at(sample))
    assert 'href="/segments/1"' in page
    assert re.search(r'href="/glossary#term-[\w-]+"', board_page("trends", look_at(replace(sample), "trends")))


@pytest.fixture(scope="module")
def both(samples):
    return samples.both_result()


@pytest.fixture(scope="module")
def coupon_shop(samples):
    return samples.coupon_shop_result()


def test_a_trial_of_another_number_is_told_beside_the_run(sample):
    groups = (
        Group(
            1, 0.3, (Trait("Burn rate", 1.2), Trait("Days since last claim", -0.7)), ((1, 0.9), (3, 0.06), (2, 0.04))
        ),
        Group(2, 0.7, (), ((2, 1.0),)),
    )
    trials = {2: Trial(2, 0.41, 0.83, groups)}
    page = board_page("model", look_at(sample, "model", k=2, trials=trials))
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.split('id="what-if"')[1]))
    assert "What two groups would be" in text
    own = next(one for one in sample.choice.candidates if one.k == 5)
    scores = f"{own.silhouette:.2f} and {own.stability:.2f}"
    assert f"overlap of the weakest group, drawn again, 0.83. The run has five, with {scores}." in text
    assert "silhouette 0.41 and overlap" in text
    assert "1 30% Above average: burn rate (1.2). Below: days since last claim (0.7) 1 90% 3 6%" in text
    assert "2 70% Near the average in everything 2 100%" in text
    assert re.findall(r'href="/model\?k=(\d+)#what-if"', page) == [str(k) for k in range(2, 11)]
    assert "Groups of too few customers are left out." not in page
    thinned = {2: Trial(2, 0.41, 0.83, groups[1:])}
    assert "Groups of too few customers are left out." in board_page(
        "model", look_at(sample, "model", k=2, trials=thinned)
    )
    lacking = board_page("model", look_at(sample, "model", k=9, trials=trials))
    assert "There are not nine groups to be found" in lacking
    assert "What if there were another number of segments?" in board_page("model", look_at(sample, "model"))
    assert 'id="what-if"' not in board_page("model", look_at(sample, "model", live=False))


def test_the_model_page_has_all_that_a_choice_rests_on(sample, samples):
    """Elbow, silhouette, gap, stability, algorithms, where segments lie, what if; each with a chart or figures."""
    page = board_page("model", look_at(sample, "model"))
    drawn = set(re.findall(r'data-chart="([^"]+)"', page))
    cells = {f"density-{one.segment}" for one in sample.profiles.segments if one.coupons}
    assert drawn >= {"inertia", "silhouette", "stability", "gap", "overlap", "reliability", *cells}
    assert "contrasts" not in drawn
    ids = [
        page.index(f'id="{name}"') for name in ("choice", "what-if", "behaviour", "evidence", "comparison", "method")
    ]
    assert ids == sorted(ids)
    assert "Only one algorithm was tried" in page
    assert "coterie segment --compare" in page
    alone = board_page("model", look_at(sample, "model", live=False))
    assert "Another number of segments can be tried here when the dashboard is started with --data." in alone
    compared = board_page("model", look_at(samples.compared_result(), "model"))
    assert "Only one algorithm was tried" not in compared
    assert compared.count('id="comparison"') == 1


def test_a_filter_leaves_the_rest_of_the_view_as_it_is(sample):
    address = "/metrics?segment=2&measure=aov&by=city&city=Giza"
    filters = Filters(segments=(2,), cities=("Giza",))
    told = Told("aov", "city", (Value("Giza", "Giza", 30.0, 90), Value("Cairo", "Cairo", 99.0, 3)), 7, 31.0)
    page = board_page("metrics", look_at(sample, "metrics", address=address, filters=filters, figures=NOW, told=told))
    form = page.split('id="filters"')[1].split("</form>")[0]
    assert re.findall(r'<input type="hidden" name="(\w+)" value="(\w+)">', form) == [("measure", "aov"), ("by", "city")]
    assert 'href="/metrics?segment=2&amp;measure=aov&amp;by=city"' in form  # every city
    assert '<a href="/metrics?measure=aov&amp;by=city">Clear all</a>' in form
    # A ratio of three orders is no finding.
    assert "Average order value is highest in Giza: 30.00" in page
    assert "7 more values with fewer events are not shown." in page
    hidden = look_at(sample, "metrics", address=address, filters=filters, figures=NOW, told=told, private=True)
    assert "7 more values are not shown." in board_page("metrics", hidden)  # those of few customers among them


def test_pages_say_what_a_filter_leaves_as_it_is(both):
    filters = Filters(cities=("Giza",), since=dt.date(2024, 2, 1))
    compared = Compared(dt.date(2024, 6, 3), dt.date(2024, 6, 30), NOW, BEFORE)
    overview = board_page("overview", look_at(both, filters=filters, compared=compared))
    assert "In these filters, 3 Jun 2024 – 30 Jun 2024 (28 days), change against the 28 days before." in overview
    assert (
        overview.index('id="now"') < overview.index("of the run, whatever is filtered") < overview.index('id="opening"')
    )
    assert "Verdict, segments and sizes below are of all customers of the run" in overview
    part = replace(both, metrics=of_part(both.metrics, filters))
    trends = board_page("trends", look_at(part, "trends", filters=filters))
    assert "where the chosen days begin, everybody counts as new. Later on “new” means for the first time in" in trends
    assert "Burns of coupons claimed before 1 Feb 2024 are not counted." in trends
    assert "How soon coupons are burnt is told of all customers alone" in trends
    for told in (board_page(name, look_at(part, name, filters=filters)) for name in ("metrics", "retention")):
        assert "These customers" in told
        assert "All customers" not in told
    assert "Lifetime value is told of all customers alone" in board_page(
        "metrics", look_at(part, "metrics", filters=filters)
    )
    for board in ("trends", "metrics", "retention"):
        whole = board_page(board, look_at(both, board))
        assert "these customers" not in whole.lower()
        assert "told of all customers alone" not in whole
        assert "chosen days" not in whole
    nobody = Retention("month", (), ())
    empty = replace(both, metrics=of_part(replace(both.metrics, monthly=(), retention=nobody, orders=0), filters))
    assert "Nothing is left in these filters." in board_page("metrics", look_at(empty, "metrics", filters=filters))
    assert "No order is left in these filters" in board_page("retention", look_at(empty, "retention", filters=filters))
