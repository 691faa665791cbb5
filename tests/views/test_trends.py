"""The trends page: months as counted, what is not complete is faded, flows add up, coupons are described."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest

from coterie.metrics import CouponDay, Flow, Metrics, Month
from coterie.views.charts import monthly
from coterie.views.charts.around_coupons import around_coupons, mean
from coterie.views.charts.flow import flow, stayed
from coterie.views.months import ended, lived
from coterie.views.pages.trends import trends
from coterie.views.render import document, draw_all


@pytest.fixture(scope="module")
def shop(samples):
    return samples.both_result()


def _with(result, **changes):
    return dataclasses.replace(result, metrics=dataclasses.replace(result.metrics, **changes))


def _rows(chart):
    return chart.spec["data"]["values"]


def test_bars_of_a_month_add_up_to_its_active_customers(shop):
    (chart,) = monthly.active(shop)
    november = [row for row in _rows(chart) if row["month"] == "2011-11"]
    parts = {row["who"]: (row["from"], row["to"]) for row in november}
    assert parts == {"returning": (0, 622), "won back": (622, 1341), "new": (1341, 1664), "lapsed": (-742, 0)}
    assert chart.title == "Nov 2011: 1,664 active customers, 81% of them known before"
    assert chart.table.rows[11] == ("Nov 2011", "1,664", "323", "622", "719", "742", "yes")


def test_a_month_without_new_customers_is_said_in_words(shop):
    last = dataclasses.replace(shop.metrics.monthly[11], new=0, won_back=1042)
    (chart,) = monthly.active(_with(shop, monthly=(*shop.metrics.monthly[:11], last)))
    assert chart.title == "Nov 2011: 1,664 active customers, all of them known before"


def test_a_month_that_is_not_complete_is_faded_and_has_lost_nobody(shop):
    (chart,) = monthly.active(shop)
    last = [row for row in _rows(chart) if row["month"] == "2011-12"]
    assert {row["opacity"] for row in last} == {0.4}
    assert "lapsed" not in {row["who"] for row in last}
    assert "Faded: Dec 2011 is not complete." in chart.notes[0]
    assert "everybody counts as new" in chart.notes[0]
    assert all(row["opacity"] == 1 for row in _rows(chart) if row["month"] != "2011-12")


def test_peaks_are_those_of_complete_months(shop):
    (orders,), (sales,), (aov,) = monthly.orders(shop), monthly.sales(shop), monthly.aov(shop)
    assert orders.title == "Orders peaked in Nov 2011: 2,657, 1.8× the average month"
    assert sales.title == "Sales peaked in Nov 2011: £1.16M, 1.7× the average month"
    # December's orders are worth £666 each, but December is not complete.
    assert aov.title == "Average order: from £408.36 in Apr 2011 to £576.95 in Jan 2011"
    assert sales.table.rows[11] == ("Nov 2011", "£1,161,817", "yes")
    assert "the faded month is not complete" in sales.measure


def test_a_month_without_orders_is_a_gap_in_the_average_and_a_zero_in_the_bars(shop):
    months = list(shop.metrics.monthly)
    months[3] = Month(months[3].month, True, 0, 0, 0, 758, 0, 0, 0.0, 0.0, None)
    result = _with(shop, monthly=tuple(months))
    (aov,), (orders,) = monthly.aov(result), monthly.orders(result)
    assert _rows(aov)[3]["value"] is None
    assert aov.table.rows[3] == ("Mar 2011", "–", "0")
    assert _rows(orders)[3]["value"] == 0


def test_segments_share_one_scale(shop):
    charts = monthly.by_segment(shop)
    tops = {tuple(chart.spec["layer"][0]["encoding"]["y"]["scale"]["domain"]) for chart in charts}
    assert len(tops) == 1
    assert charts[0].title == "1 Big spenders"
    assert charts[0].measure == "Most in Nov 2011: £641k"
    assert charts[0].spec["layer"][0]["mark"]["fill"] == "var(--seg-1)"


def test_the_page_says_where_it_goes(shop):
    page = trends(shop, draw_all(shop))
    now, before = (sum(one.customers for one in shop.metrics.monthly[a:b]) / 6 for a, b in ((6, 12), (0, 6)))
    assert page["title"] == (
        f"{now:,.0f} active customers a month in the last six full months, {100 * (now / before - 1):.0f}% more than in the six before"
    )
    assert page["lead"].startswith(
        "A customer is active in a month with an order in it. In Nov 2011: 323 new, 622 active the"
    )
    assert page["segments_title"] == "Three of five segments peak in Nov 2011"


def test_coupons_alone_show_customers_claims_and_burns(samples):
    result = samples.coupon_shop_result()
    drawings = draw_all(result)
    page = trends(result, drawings)
    assert page["orders"] == page["around"] == ()
    assert [one.name for one in page["burns"]] == ["burns-by-month"]
    assert "with a claim in it" in page["lead"]
    assert "claim" in page["active"][0].measure
    assert page["segments_lead"].startswith("Active customers")
    text = document(result, "x")
    assert 'id="trends"' in text
    assert not any(f'<section id="{name}"' in text for name in ("sales", "retention", "lifetime"))
    assert "Repeat purchase rate" not in text
    assert "won back" in text


def _quiet(shop, day, months):
    """The shop with so many whole months without anything after November 2011, known up to that day."""
    metrics = shop.metrics
    empty = tuple(
        Month(
            dt.date(2011 + (11 + step) // 12, (11 + step) % 12 + 1, 1), step < months, 0, 0, 0, 0, 0, 0, 0.0, 0.0, None
        )
        for step in range(months + 1)
    )
    segments = tuple(dataclasses.replace(one, monthly=(*one.monthly[:12], *empty)) for one in metrics.segments)
    return _with(shop, monthly=(*metrics.monthly[:12], *empty), segments=segments, as_of=day)


def test_months_in_which_nobody_could_be_active_are_not_counted(shop):
    result = _quiet(shop, dt.date(2012, 2, 8), 2)
    (active,), (orders,) = monthly.active(result), monthly.orders(result)
    # November is the last month with an order, and may have ended early: October is the last that is known whole.
    assert active.title == "Oct 2011: 1,364 active customers, 74% of them known before"
    assert active.table.rows[-1][0] == orders.table.rows[-1][0] == "Nov 2011"
    assert "Faded: Nov 2011 is not complete." in active.notes[0]
    # What November has is more even so, and it can only have had more.
    assert orders.title.startswith("Orders peaked in Nov 2011, which is not complete: 2,657, ")
    page = trends(result, draw_all(result))
    now, before = (sum(one.customers for one in shop.metrics.monthly[a:b]) / 5 for a, b in ((6, 11), (1, 6)))
    assert page["title"] == (
        f"{now:,.0f} active customers a month in the last five full months, {100 * (now / before - 1):.0f}% more than in the five before"
    )
    assert page["lead"].endswith("No order was placed after Nov 2011, so that month is taken as not complete.")
    assert {chart.table.rows[-1][0] for chart in page["segments"]} == {"Nov 2011, not complete"}
    assert [len(chart.table.rows) for chart in page["segments"]] == [12] * 5


def test_a_few_days_without_an_order_leave_the_month_before_whole(shop):
    result = _quiet(shop, dt.date(2011, 12, 5), 0)
    (active,) = monthly.active(result)
    assert active.title == "Nov 2011: 1,664 active customers, 81% of them known before"
    assert "Faded" not in active.notes[0]
    assert trends(result, draw_all(result))["lead"].endswith("No order was placed after Nov 2011.")
    assert ended(shop.metrics) == ""


@pytest.mark.parametrize(
    ("day", "months", "whole"),
    [
        (dt.date(2011, 12, 13), 0, True),  # thirteen days without an order
        (dt.date(2011, 12, 14), 0, False),  # a fortnight, as-of being the last day of it
        (dt.date(2011, 12, 31), 1, False),
    ],
)
def test_a_fortnight_without_an_order_ends_the_records(shop, day, months, whole):
    metrics = _quiet(shop, day, months).metrics
    last = lived(metrics)[-1]
    assert (last.month, last.complete) == (dt.date(2011, 11, 1), whole)
    assert ended(metrics).endswith("after Nov 2011." if whole else "so that month is taken as not complete.")


def test_without_metrics_there_is_no_page(sample):
    assert trends(sample, draw_all(sample)) is None


def test_one_month_draws_nothing(shop):
    result = _with(shop, monthly=shop.metrics.monthly[:1], segments=(), flow=None, around_coupons=())
    assert trends(result, draw_all(result)) is None


def test_no_month_at_all_draws_nothing(shop):
    empty = Metrics("GBP", shop.first_day, shop.as_of, orders=0, sales=0.0)
    result = dataclasses.replace(shop, metrics=empty)
    assert trends(result, draw_all(result)) is None


def _two_days() -> Flow:
    """30 customers on the first day; 10 of segment 1 stay, 5 go to 2, 15 of segment 2 stay, 20 come."""
    return Flow(
        (dt.date(2024, 1, 1), dt.date(2024, 4, 1)), ({"1": 15, "2": 15}, {"1": 14, "2": 36}),
        ((0, 1, 1, 10), (0, 1, 2, 5), (0, 2, 2, 15), (0, -2, 1, 4), (0, -2, 2, 16)),
    )  # fmt: skip


def test_a_flow_adds_up(shop):
    result = _with(shop, flow=_two_days())
    (chart,) = flow(result)
    assert stayed(_two_days(), 0) == pytest.approx(25 / 30)
    assert chart.title == (
        "83% kept their segment from 1 Jan 2024 to 1 Apr 2024; the largest move: 5 from big spenders (1) to regular buyers (2)"
    )
    bars = {(row["day"], row["number"]): (row["from"], row["to"]) for row in _rows(chart)}
    assert bars == {(0, "1"): (15, 30), (0, "2"): (0, 15), (0, ""): (30, 50), (1, "1"): (36, 50), (1, "2"): (0, 36)}
    bands = chart.spec["layer"][0]["data"]["values"]
    for day, side in ((0, 0.0), (1, 1.0)):
        assert {row["day"][-day] for row in bands} == {side}
        ordered = sorted((row["from"][-day], row["to"][-day]) for row in bands)
        assert sum(high - low for low, high in ordered) == pytest.approx(50)
        # Bands tile the bars they join: each begins where the one below it ends.
        assert [low for low, _ in ordered] == pytest.approx([0.0, *(high for _, high in ordered[:-1])]), day
    assert chart.table.rows[0] == ("1 Big spenders", "15", "14")
    assert chart.table.rows[2] == ("Kept their segment since the day before it", "–", "83%")
    assert chart.table.rows[3] == ("From 1 Big spenders to 2 Regular buyers", "–", "5")


def test_a_flow_of_some_customers_tells_shares(shop):
    (chart,) = flow(_with(shop, flow=dataclasses.replace(_two_days(), sample_of=4_000)))
    # 5 of the 30 who were known on the first day.
    assert chart.title.endswith("the largest move: 17% from big spenders (1) to regular buyers (2)")
    assert chart.notes[-1] == (
        "50 customers, drawn at random from 4,000, were followed: counts are theirs, shares hold for all."
    )


def test_a_flow_of_newcomers_only_is_told_as_such(shop):
    new = Flow((dt.date(2024, 1, 1), dt.date(2024, 4, 1)), ({}, {"1": 20}), ((0, -2, 1, 20),))
    (chart,) = flow(_with(shop, flow=new))
    assert chart.title == "Nobody was a customer before the last day"
    one = Flow((dt.date(2024, 1, 1),), ({"1": 3},), ())
    assert flow(_with(shop, flow=one)) == ()


def test_sales_around_a_coupon_are_described_not_caused(shop):
    (chart,) = around_coupons(shop)
    days = shop.metrics.around_coupons
    low = sum(one.sales_per_claim for one in days if one.day < 0) / 30
    assert mean([one for one in days if one.day < 0]) == pytest.approx(low)
    assert chart.title == f"£{low:.2f} per claim and day in the 30 days before it, £2.25 in the 30 after it"
    assert chart.measure.startswith("Described, not caused.")
    assert "holdout" in chart.notes[0]
    assert {row["token"] for row in _rows(chart) if row["day"] >= 0} == {"var(--accent)"}
    assert chart.table.rows[30][0] == "Day of the claim"


def test_days_on_one_side_only_compare_nothing(shop):
    after = tuple(CouponDay(day, 1.0, 5) for day in range(3))
    assert around_coupons(_with(shop, around_coupons=after)) == ()
    nothing = tuple(CouponDay(day, 0.0, 5) for day in range(-2, 3))
    assert around_coupons(_with(shop, around_coupons=nothing)) == ()
