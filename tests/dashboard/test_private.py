"""What `--private` leaves out: single customers, and parts of what is small."""

from __future__ import annotations

import html
import re
from dataclasses import replace

import pandas as pd
import pytest

from coterie.dashboard import Session
from coterie.dashboard.answers import NotAnswered
from coterie.dashboard.private import (
    FEWEST,
    of_enough,
    refuse_small,
    without_rare,
    without_single,
    without_small,
    without_small_groups,
    without_small_segments,
    without_small_values,
)
from coterie.explore.contract import Choices, Figures, Filters, Line, Option, Told, Value
from coterie.metrics import Breakdown, Cohort, Retention, Share
from coterie.runs import load_result
from coterie.segmentation import Trial
from coterie.segmentation.what_if import Group, Trait
from tests_dashboard import client_of


@pytest.fixture(scope="module")
def private(saved, shop):
    session = Session(saved, str(shop), private=True)
    session.start()
    with client_of(session) as client:
        yield client


@pytest.mark.parametrize(
    "path", ["/customers", "/customers/1", "/customers.csv", "/customers.parquet?segment=1", "/api/customers/1"]
)
def test_single_customers_are_not_shown(private, path):
    found = private.get(path)
    assert found.status_code == 403
    assert "Single customers are not shown: the dashboard was started with --private." in found.text


def test_typical_customers_are_left_out(private, client):
    assert any(one["typical"] for one in client.get("/api/profiles").json()["segments"])
    assert not any(one["typical"] for one in private.get("/api/profiles").json()["segments"])


@pytest.mark.parametrize(
    "path", ["/", "/segments", "/segments/1", "/metrics", "/trends", "/retention", "/model", "/data"]
)
def test_the_other_pages_are_there(private, path):
    assert private.get(path).status_code == 200


def test_a_small_group_is_not_told_of(private, live):
    names = {}
    for since in range(1, 13):
        for city in ("Arvenport", "Brindle Bay"):
            params = {"city": city, "since": f"2023-{since:02}-01", "until": f"2023-{since:02}-03"}
            found = live.get("/api/segments", params=params).json()["segments"]
            names[sum(one["customers"] for one in found)] = params
    small = next(params for size, params in names.items() if 0 < size < FEWEST)
    for path in ("/", "/metrics", "/trends", "/api/segments"):
        found = private.get(path, params=small)
        assert found.status_code == 403
        assert "Fewer than 10 customers are left" in found.text


@pytest.mark.parametrize(("customers", "refused"), [(0, False), (1, True), (9, True), (10, False)])
def test_ten_are_enough(customers, refused):
    if refused:
        with pytest.raises(NotAnswered, match="Fewer than 10"):
            refuse_small(customers)
    else:
        refuse_small(customers)


def share(value, customers):
    return Share(value, 10.0 * customers, customers, customers, 0.1, 1.0)


def test_values_of_few_are_left_out_and_a_single_one_takes_the_next_along(saved):
    metrics = load_result(saved).metrics
    rows = (share("a", 40), share("b", 30), share("c", 12), share("d", 9), share("e", 1))
    kept = without_small(replace(metrics, breakdowns=(Breakdown("city", "City", rows),))).breakdowns[0].rows
    assert [row.value for row in kept] == ["a", "b", "c"]
    kept = without_small(replace(metrics, breakdowns=(Breakdown("city", "City", rows[:4]),))).breakdowns[0].rows
    assert [row.value for row in kept] == ["a", "b"]  # else all less a, b and c would be d
    cohorts = tuple(Cohort(metrics.first_day, size, (1.0,)) for size in (50, 9, 3))
    found = without_small(replace(metrics, retention=Retention("month", cohorts, (1.0,)))).retention
    assert [one.size for one in found.cohorts] == [50]


def test_small_segments_have_no_parts(saved):
    result = load_result(saved)
    first, second, *others = result.profiles.segments
    assert first.mixes
    small = replace(result.profiles, segments=(replace(first, customers=9), second, *others))
    found = without_single(replace(result, profiles=small)).profiles.segments
    assert all(not mix.rows and "Fewer than 10 customers" in mix.note for mix in found[0].mixes)
    assert any(mix.rows for mix in found[1].mixes)
    numbers = [one.segment for one in without_small(result.metrics).segments]
    assert numbers == [one.segment for one in result.metrics.segments if one.customers >= 10]


def test_what_few_have_cannot_be_chosen(saved):
    result = load_result(saved)
    options = {"cities": (Option("a", "a", 10), Option("b", "b", 9)), "segments": (Option("1", "one", 3),)}
    found = without_rare(Choices(options, result.first_day, result.as_of)).values
    assert {name: [one.value for one in values] for name, values in found.items()} == {
        "cities": ["a"],
        "segments": ["1"],
    }


def test_sums_of_few_are_left_out():
    few = Figures(9, 160, 9, coupons=40, burnt=3, burn_rate=0.1, orders=5, sales=100.0, returns=1.0, aov=20.0)
    assert of_enough(few, 9) == Figures(9, 160, 9)
    many = replace(few, customers=30, active=10)
    assert of_enough(many, 10) == many
    no_coupons = replace(many, coupons=None, burnt=None, burn_rate=None)
    assert of_enough(many, 9) == no_coupons  # 40 coupons, of 9 customers
    no_orders = {"orders": None, "sales": None, "returns": None, "aov": None}
    assert of_enough(replace(many, active=9), 10) == replace(many, active=9, **no_orders)
    returned = replace(many, active=0, orders=0, sales=0.0, aov=None)
    assert of_enough(returned, 10) == replace(returned, **no_orders)  # what came back is of somebody
    nothing = Figures(30, 160, 30, coupons=0, burnt=0)
    assert of_enough(nothing, 0) == nothing


def test_of_segments_no_sums_of_few_are_told_and_a_single_one_takes_the_next_along():
    def of(customers, active):
        return Figures(customers, 100, active, coupons=50, burnt=5, burn_rate=0.1, orders=60, sales=9.0, aov=0.15)

    found = {1: of(40, 40), 2: of(30, 20), 3: of(30, 3), 4: of(2, 1), 5: of(11, 11), 6: Figures(0, 50, 0, coupons=0)}
    told = without_small_segments(found, {1: 30, 2: 20, 3: 25, 4: 1, 5: 11})
    # 4 has two customers and takes 5 along; of 3 three have bought, and it takes the orders of 2 along.
    assert {segment: (one.coupons, one.orders) for segment, one in told.items()} == {
        1: (50, 60),
        2: (50, None),
        3: (50, None),
        6: (0, None),
    }
    told = without_small_segments({1: of(40, 40), 2: of(30, 20), 3: of(30, 30)}, {1: 30, 2: 9, 3: 12})
    assert [(one.coupons, one.burn_rate, one.orders) for one in told.values()] == [
        (50, 0.1, 60),
        (None, None, 60),
        (None, None, 60),
    ]


def test_groups_of_few_customers_are_left_out_of_a_trial():
    groups = (
        Group(1, 0.5, (), ((1, 0.9), (2, 0.1))),
        Group(2, 0.44, (), ((2, 0.75), (3, 0.25))),
        Group(3, 0.06, (Trait("Orders", 3.0),), ((1, 1.0),)),
    )
    found = without_small_groups({3: Trial(3, 0.4, 0.8, groups)}, 150)
    # 75, 66 and 9 customers; of the first 67.5 and 7.5 are in segments 1 and 2, of the second 49.5 and 16.5.
    assert [(one.number, one.of_segments) for one in found[3].groups] == [
        (1, ((1, 0.9),)),
        (2, ((2, 0.75), (3, 0.25))),
    ]
    assert found[3].k == 3


def test_segments_and_months_have_no_figures_of_few_buyers(saved):
    metrics = load_result(saved).metrics
    first, *others = metrics.segments
    assert first.orders
    found = without_small(replace(metrics, segments=(replace(first, buyers=9, coupons=9, burnt=1), *others))).segments
    assert found[0].customers == first.customers
    told = ("buyers", "orders", "sales", "returns", "revenue", "aov", "net_aov", "sales_share", "coupons", "burnt")
    assert [getattr(found[0], name) for name in told] == [None] * len(told)
    assert (found[1].orders, found[1].sales, found[1].coupons) == (others[0].orders, others[0].sales, others[0].coupons)
    found = without_small(replace(metrics, customers=9))
    assert (found.customers, found.orders, found.sales, found.aov) == (None, None, None, None)


@pytest.fixture(scope="module")
def small(saved):
    """The run with a segment of 9; what it shows privately."""
    result = load_result(saved)
    first, second, *others = result.profiles.segments
    profiles = replace(result.profiles, segments=(first, replace(second, customers=9), *others))
    return replace(result, profiles=profiles)


def test_of_a_small_segment_there_are_name_and_size_and_no_more(small):
    found = without_single(small)
    before, now = small.profiles.segments[1], found.profiles.segments[1]
    assert before.features
    assert (now.segment, now.name, now.customers, now.share) == (
        before.segment,
        before.name,
        before.customers,
        before.share,
    )
    told = (now.features, now.rule, now.burn_curve, now.coupons_histogram, now.orders_histogram, now.levels, now.border)
    assert not any(told)
    assert not any((now.coupons, now.burnt, now.orders, now.sales, now.returns))
    assert found.profiles.segments[0].features == small.profiles.segments[0].features
    assert {one.segment for one in small.actions} - {one.segment for one in found.actions} >= {before.segment}
    assert str(before.segment) not in found.model.actions
    assert all(cell.segment != before.segment for cell in found.profiles.density)


def test_means_of_a_small_segment_are_on_no_page(small, saved, shop, monkeypatch):
    monkeypatch.setattr("coterie.dashboard.loading.load_result", lambda folder: small)
    one = small.profiles.segments[1]
    why = next(action.why for action in small.actions if action.segment == one.segment)
    session = Session(saved, private=True)
    session.start()
    with client_of(session) as client:
        for path in ("/", "/segments", "/segments?compare=1&compare=2", "/metrics", "/trends", "/model"):
            found = client.get(path)
            assert found.status_code == 200, path
            assert html.escape(one.headline) not in found.text, path
            assert html.escape(why) not in found.text, path
        told = client.get("/api/profiles").json()["segments"][1]
        assert (told["name"], told["customers"], told["features"], told["coupons"]) == (one.name, 9, {}, 0)
        listed = client.get("/api/segments").json()["segments"]
        assert next(row for row in listed if row["segment"] == one.segment)["action"] == ""
        assert client.get(f"/segments/{one.segment}").status_code == 403


def test_months_and_lifetime_values_of_few_are_left_out(saved):
    metrics = load_result(saved).metrics
    assert any(0 < month.customers < FEWEST for month in metrics.monthly)
    found = without_small(metrics)
    kept = [month for month in metrics.monthly if month.customers == 0 or month.customers >= FEWEST]
    assert [(one.month, one.customers, one.sales) for one in found.monthly] == [
        (one.month, one.customers, one.sales) for one in kept
    ]
    for name in ("claims", "burns"):
        many = [None if 0 < getattr(one, name) < FEWEST else getattr(one, name) for one in kept]
        assert [getattr(one, name) for one in found.monthly] == many
    month = replace(kept[0], claims=9, burns=10)
    few = without_small(replace(metrics, monthly=(month,))).monthly[0]
    assert (few.claims, few.burns) == (None, 10)
    for one in found.segments:
        assert all(month.customers == 0 or month.customers >= FEWEST for month in one.monthly)
    assert all(one.customers == 0 or one.customers >= FEWEST for one in found.lifetime_value.segments)
    assert len(found.lifetime_value.segments) < len(metrics.lifetime_value.segments) or all(
        one.customers == 0 or one.customers >= FEWEST for one in metrics.lifetime_value.segments
    )


def test_values_of_the_metrics_page_are_cut_by_customers_not_by_events(private, live, shop):
    lines = pd.read_csv(shop / "orders.csv", parse_dates=["order_date"])
    lines = lines[lines.amount > 0]
    first = lines.order_date.min()
    for days in range(20, 200, 5):
        some = lines[lines.order_date <= first + pd.Timedelta(days=days)]
        buyers, events = some.groupby("branch_id").customer_id.nunique(), some.groupby("branch_id").size()
        rare = buyers[buyers < FEWEST].index
        if (events[rare] >= FEWEST).any() and 2 <= len(rare) < len(buyers):
            break
    query = f"/metrics?measure=sales&by=branch&until={(first + pd.Timedelta(days=days)).date()}"
    every, found = (told_of(client.get(query).text) for client in (live, private))
    assert set(every) == {str(one) for one in buyers.index}
    assert set(found) == {str(one) for one in buyers[buyers >= FEWEST].index}


def told_of(page):
    """The values in the table of the measure."""
    table = page.partition("measured")[2].partition("<tbody>")[2].partition("</tbody>")[0]
    return re.findall(r"<tr><th[^>]*>([^<]+)</th>", table) or re.findall(r"<tr><td[^>]*>([^<]+)</td>", table)


def value(month, amount, customers):
    return Value(month, month, amount, 3 * customers, customers)


def test_months_of_few_customers_are_left_out_of_lines():
    months = ("2024-01-01", "2024-02-01", "2024-03-01", "2024-04-01")
    counts = {"a": (40, 30, 20, 9), "b": (50, 60, 70, 0), "c": (30, 30, 30, 30), "d": (3, 4, 3, 4)}
    lines = tuple(
        Line(name, name, tuple(value(m, 1.0 * n, n) for m, n in zip(months, own, strict=True)))
        for name, own in counts.items()
    )
    rows = (value("a", 99.0, 60), value("b", 180.0, 80), value("c", 120.0, 40), value("d", 14.0, 8), value("e", 1.0, 2))
    found = without_small_values(Told("coupons", "city", rows, 2, lines=lines))
    assert [one.value for one in found.rows] == ["a", "b", "c"]
    assert found.others == 4
    kept = {line.value: [one.amount for one in line.months] for line in found.lines}
    # The 9 are hidden; so is the next in their line, 20, and in each of both months the next, 30 of c.
    assert kept == {"a": [40, 30, None, None], "b": [50, 60, 70, 0], "c": [30, 30, None, None]}
    assert all(one.events == 0 for line in found.lines for one in line.months if one.amount is None)


@pytest.mark.parametrize("by", ["city", "segment", "category"])
def test_no_month_of_few_customers_is_in_the_chart_over_time(saved, shop, by):
    session = Session(saved, str(shop), private=True)
    session.start()
    with client_of(session) as client, session.opened() as opened:
        told = opened.ask(lambda: opened.shop.told(Filters(), "orders", by, over_time=True, customers=True))
        assert any(0 < one.customers < FEWEST for line in told.lines for one in line.months)
        found = without_small_values(told)
        left = [one for line in found.lines for one in line.months if one.amount]
        assert all(one.customers >= FEWEST for one in left)
        assert client.get(f"/metrics?measure=orders&by={by}&over=month").status_code == 200


@pytest.fixture(scope="module")
def raw(saved, shop):
    """Coupons and order lines with the segments of their customers, read straight from the files."""
    listed = pd.read_parquet(saved / "assignments.parquet")[["customer_id", "segment"]]
    coupons = pd.read_csv(shop / "transactions.csv").rename(columns={"transaction_date": "day"})
    lines = pd.read_csv(shop / "orders.csv").rename(columns={"order_date": "day"})
    return coupons.merge(listed, on="customer_id"), lines.merge(listed, on="customer_id")


def since_with(raw, fits):
    """A day from which on the coupons and orders fit."""
    coupons, lines = raw
    for day in sorted(set(lines.day), reverse=True):
        some = coupons[coupons.day >= day], lines[lines.day >= day]
        if fits(*some):
            return day, *some
    raise AssertionError("no such day")


def people_of(*events):
    return pd.concat([one[["customer_id", "segment"]] for one in events]).drop_duplicates().segment.value_counts()


def test_segments_of_few_in_the_filters_are_not_in_the_api(private, live, raw):
    def fits(*events):
        counts = people_of(*events)
        return len(counts) == 3 and (counts < FEWEST).sum() == 1 and counts.sum() >= FEWEST

    day, *events = since_with(raw, fits)
    counts = people_of(*events)
    every = live.get("/api/segments", params={"since": day}).json()["segments"]
    assert {one["segment"]: one["customers"] for one in every} == dict(counts)
    found = private.get("/api/segments", params={"since": day}).json()["segments"]
    # The small one takes the next along.
    assert {one["segment"]: one["customers"] for one in found} == {counts.idxmax(): counts.max()}
    assert [one["share"] for one in found] == [1]


def tiles_of(page):
    """The labels of the key figures of the first page."""
    return re.findall(r"(Coupons claimed|Of these burnt|Burn rate|Orders|Sales|Average order value)</", page)


def test_coupons_of_few_claimers_and_orders_of_few_buyers_are_not_on_the_first_page(private, live, raw):
    def few_claimers(coupons, lines):
        return 0 < coupons.customer_id.nunique() < FEWEST <= lines[lines.amount > 0].customer_id.nunique() and len(
            coupons
        )

    day = since_with(raw, few_claimers)[0]
    every, found = (tiles_of(one.get("/", params={"since": day}).text) for one in (live, private))
    assert {"Coupons claimed", "Of these burnt", "Orders", "Sales"} <= set(every)
    assert "Sales" in found
    assert not {"Coupons claimed", "Of these burnt"} & set(found)


def test_trends_of_few_buyers_are_too_little_and_not_nothing(private, raw):
    since, until = "2022-06-11", "2022-07-08"
    coupons, lines = (one[one.day.between(since, until)] for one in raw)
    assert 0 < lines[lines.amount > 0].customer_id.nunique() < FEWEST <= coupons.customer_id.nunique()
    days = {"since": since, "until": until}
    page = private.get("/trends", params=days).text
    assert "Too little is left in these filters to tell it." in page
    assert "Nothing is left" not in page
    tiles = tiles_of(private.get("/", params=days).text)
    assert "Coupons claimed" in tiles
    assert not {"Orders", "Sales", "Average order value"} & set(tiles)


def test_segments_do_not_lead_to_single_customers(private, live):
    for path, there in (
        ("/segments?since=2023-01-01", 'href="/customers?segment='),
        ("/segments/1", "Its customers one by one"),
    ):
        assert there in live.get(path).text
        assert there not in private.get(path).text


def test_groups_of_few_are_not_on_the_model_page(saved, shop):
    session = Session(saved, str(shop), private=True)
    session.start()
    listed = pd.read_parquet(saved / "assignments.parquet")
    with client_of(session) as client, session.opened() as opened:
        trials = opened.trials()
        sizes = {
            k: [round(one.share * (listed.segment != 0).sum()) for one in trial.groups] for k, trial in trials.items()
        }
        k = next(k for k, own in sizes.items() if 0 < min(own) < FEWEST)
        page = client.get(f"/model?k={k}").text.partition('id="what-if"')[2].partition("</section>")[0]
    shown = [int(number) for number in re.findall(r'<th scope="row">(\d+)</th>', page)]
    assert shown == [number for number, size in enumerate(sizes[k], 1) if size >= FEWEST]
    assert "Groups of too few customers are left out." in page
