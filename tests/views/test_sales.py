"""The sales page: key figures, who brings the sales, what is sold where; nothing of it without orders."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest

from coterie.metrics import Cohort, LifetimeValue, Metrics, Month, Retention, SegmentMetrics
from coterie.views import format as say
from coterie.views.charts import categories
from coterie.views.charts.sales import sales_share
from coterie.views.pages.glossary import glossary
from coterie.views.pages.sales import sales
from coterie.views.render import document, draw_all


@pytest.fixture(scope="module")
def shop(samples):
    return samples.shop_result()


def _with(result, **changes):
    return dataclasses.replace(result, metrics=dataclasses.replace(result.metrics, **changes))


def _rows(chart):
    return chart.spec["data"]["values"]


@pytest.mark.parametrize(
    ("value", "currency", "text"),
    [
        (480.87, "GBP", "£480.87"), (999.994, "$", "$999.99"), (999.996, "$", "$1.00k"), (12345, None, "12.3k"),
        (123456, "EUR", "€123k"), (999_949, "EUR", "€1.00M"), (8911407.9, "GBP", "£8.91M"), (3.2e9, None, "3.20bn"),
        (-12.5, "GBP", "−£12.50"), (0, "GBP", "£0.00"), (-0.001, None, "0.00"), (5, "CHF", "CHF\u00a05.00"),
        (5, "kroner and more", "kron…5.00"), (None, "GBP", "–"), (float("nan"), "GBP", "–"),
    ],
)  # fmt: skip
def test_amounts_are_short_and_carry_their_currency(value, currency, text):
    assert say.money(value, currency) == text


def test_amounts_can_be_exact_or_rough():
    assert say.money(8911407.9, "GBP", exact=True) == "£8,911,408"
    assert say.money(812.4, "GBP", rough=True) == "£812"
    assert say.money(68.04, "GBP", rough=True) == "£68.0"
    assert say.money(9.5, "GBP", rough=True) == "£9.50"
    assert say.money(999.7, "GBP", rough=True) == "£999.70"


def test_key_figures_are_those_of_the_metrics(shop):
    page = sales(shop, draw_all(shop))
    assert page["title"] == "18,532 orders of £480.87 on average, from 4,338 customers"
    assert "net of them the revenue is £8.31M" in page["lead"]
    assert "33 customers with returns only and 1 with free items only" in page["lead"]
    tiles = {one.label: (one.number, one.line) for one in page["tiles"]}
    assert tiles == {
        "Sales": ("£8.91M", "£8,911,408"),
        "Orders": ("18,532", "4.3 per customer"),
        "Average order value": ("£480.87", "net of returns £448.44"),
        "Repeat purchase rate": ("65.6%", "2,845 bought more than once; within 90 days 45%"),
        "Returns": ("£601k", "6.7% of sales"),
    }


def test_without_returns_nothing_is_said_of_them(shop):
    result = _with(shop, returns=0.0)
    page = sales(result, draw_all(result))
    assert "Returns" not in [one.label for one in page["tiles"]] + [label for label, _ in page["heads"]]
    assert {len(row.cells) for row in page["rows"]} == {5}
    assert page["lead"].startswith("1 Dec 2010 – 9 Dec 2011. Not counted")


def test_every_figure_leads_to_its_definition(shop):
    page = sales(shop, draw_all(shop))
    known = {place for _, _, place in glossary(shop, {})["terms"]}
    assert {one.term for one in page["tiles"]} | {term for _, term in page["heads"]} <= known


def test_one_row_per_segment_after_that_of_all(shop):
    page = sales(shop, draw_all(shop))
    assert [(row.segment, row.name) for row in page["rows"]] == [
        (None, "All customers"), (1, "Big spenders"), (2, "Regular buyers"), (3, "Occasional buyers"),
        (4, "One-time buyers"), (5, "Lapsed"),
    ]  # fmt: skip
    assert dict(page["rows"][1].cells) == {
        "Customers": "425", "Orders each": "16.8", "Average order": "£737.98", "Sales": "£5.27M", "Bought again": "99%",
        "Returns": "7%",
    }  # fmt: skip


def test_share_of_sales_stands_beside_share_of_customers(shop):
    (chart,) = sales_share(shop)
    assert chart.title == "Big spenders: 10% of customers, 59% of sales"
    first = _rows(chart)[0]
    assert first["share"] == pytest.approx(5272154.10 / 8911407.90, abs=1e-9)
    assert first["people"] == pytest.approx(425 / 4338)
    assert (first["index"], first["token"]) == ("6.0×", "var(--seg-1)")
    assert chart.table.rows[4] == ("5 Lapsed", "£556k", "6%", "860", "20%", "0.31×")


def test_one_segment_has_nothing_to_compare(shop):
    alone = _with(shop, segments=shop.metrics.segments[:1])
    assert sales_share(alone) == ()
    assert len(sales(alone, draw_all(alone))["rows"]) == 2


def test_a_segment_without_a_buyer_is_left_out(shop):
    idle = dataclasses.replace(shop.metrics.segments[4], buyers=0, sales=0.0, orders=0)
    (chart,) = sales_share(_with(shop, segments=(*shop.metrics.segments[:4], idle)))
    assert [row["name"] for row in _rows(chart)] == [
        "1 Big spenders", "2 Regular buyers", "3 Occasional buyers", "4 One-time buyers",
    ]  # fmt: skip


def test_a_category_names_the_segment_that_leads_in_it(shop):
    (chart,) = categories.category(shop)
    assert chart.title == "Other goods: 36% of sales; one-time buyers lead in Christmas, 2.2×"
    row = next(row for row in _rows(chart) if row["value"] == "Christmas")
    # Sales of segment 4 and of all, from the sample: (share within) / (share among all).
    own = next(one for one in shop.metrics.segments[3].breakdowns[0].rows if one.value == "Christmas")
    assert own.index == pytest.approx(own.sales / 317867.51 / (403018.97 / 8911407.90), rel=1e-6)
    assert (row["number"], row["leads"], row["dot"]) == ("4", "2.2×", "var(--seg-4)")
    bags = next(row for row in _rows(chart) if row["value"] == "Bags")
    assert (bags["number"], bags["leads"]) == ("", "")


def test_few_customers_do_not_lead(shop):
    def thin(one):
        rows = tuple(dataclasses.replace(row, customers=29) for row in one.breakdowns[0].rows)
        return dataclasses.replace(one, breakdowns=(dataclasses.replace(one.breakdowns[0], rows=rows),))

    (chart,) = categories.category(_with(shop, segments=tuple(thin(one) for one in shop.metrics.segments)))
    assert chart.title == "Other goods: 36% of sales; no segment stands out"
    assert chart.notes == ()
    # Nor is their index told where all numbers stand.
    assert {cell for row in chart.table.rows for cell in row[5:]} == {"–"}
    assert len(chart.table.rows[0]) > 5


def test_a_segment_of_few_has_no_index_and_no_title(shop):
    few = tuple(dataclasses.replace(one, buyers=29) if one.segment == 1 else one for one in shop.metrics.segments)
    (chart,) = sales_share(_with(shop, segments=few))
    assert _rows(chart)[0]["index"] == "–"
    assert not chart.title.startswith("Big spenders")
    assert "a description without an interval" in chart.measure


def test_a_branch_that_is_a_number_is_called_one(shop):
    def numbered(one):
        (first, *rest) = one.breakdowns
        rows = tuple(dataclasses.replace(row, value=str(place)) for place, row in enumerate(first.rows, 40))
        return dataclasses.replace(one, breakdowns=(dataclasses.replace(first, label="Branch", rows=rows), *rest))

    metrics = shop.metrics
    result = dataclasses.replace(shop, metrics=dataclasses.replace(
        numbered(metrics), segments=tuple(numbered(one) for one in metrics.segments)))  # fmt: skip
    (chart,) = categories.category(result)
    assert chart.title.startswith("Branch 40: 36% of sales;")
    assert " in branch 4" in chart.title


def test_many_values_end_in_one_bar_and_all_stand_in_the_table(shop):
    (chart,) = categories.city(shop)
    assert len(_rows(chart)) == 11
    assert _rows(chart)[-1]["value"] == "4 more"
    assert sum(row["share"] for row in _rows(chart)) == pytest.approx(
        sum(row.share for row in shop.metrics.breakdowns[1].rows)
    )
    assert len(chart.table.rows) == 14


def test_what_is_other_is_not_named_as_first_and_does_not_dwarf_the_rest(shop):
    (chart,) = categories.product(shop)
    assert chart.title == "Lantern: 6% of sales; no segment stands out"
    assert [row["value"] for row in _rows(chart)] == ["Lantern"]
    assert chart.notes == ("Not drawn: all other, £8.38M, 94% of sales.",)
    assert chart.table.rows[1][0] == "other"


def test_without_orders_there_is_no_page(sample, samples):
    for result in (sample, samples.coupon_shop_result()):
        drawings = draw_all(result)
        assert sales(result, drawings) is None
        assert drawings["sales-share"] == drawings["sales-category"] == ()
    assert 'id="sales"' not in document(sample, "x")


def test_a_shop_that_sold_nothing_says_so(shop):
    nothing = Metrics(None, shop.first_day, shop.as_of, sales=0.0, returns=12.0, revenue=-12.0, orders=0, customers=0)
    result = dataclasses.replace(shop, metrics=nothing)
    page = sales(result, draw_all(result))
    assert page["title"] == "Nothing has been sold yet"
    assert "Nothing has been sold yet" in document(result, "x")


def test_without_a_currency_amounts_are_plain_numbers(shop):
    result = _with(shop, currency=None)
    assert sales(result, draw_all(result))["tiles"][0].number == "8.91M"


def test_names_from_the_data_stay_text(samples):
    text = document(samples.hostile_shop_result(), "x")
    body = text[: text.index('id="specs"')]
    assert "<script>window.broken" not in body
    assert "<img src=x" not in body
    assert "&lt;/script&gt;" in body
    assert body.count("{{7*7}}") > 0


def test_one_customer_with_one_order_is_told_without_a_comparison(shop):
    month = Month(dt.date(2024, 1, 1), True, 1, 1, 0, 0, 0, 1, 9.5, 9.5, 9.5)
    only = Retention("month", (Cohort(month.month, 1, (1.0,), older=True),), (None,))
    segment = SegmentMetrics(1, 1, 1, 9.5, 0.0, 9.5, 1.0, 1.0, 0.0, 1, 9.5, 9.5, 0.0, monthly=(month,), retention=only)
    metrics = Metrics(
        "EUR", month.month, dt.date(2024, 1, 31), 9.5, 0.0, 9.5, 1, 1, 0, 0, 9.5, 9.5, 0.0, monthly=(month,),
        segments=(segment,), retention=only,
        lifetime_value=LifetimeValue("week", dt.date(2024, 1, 31), None, None, 26, (), "nobody has bought twice"),
    )  # fmt: skip
    result = dataclasses.replace(shop, metrics=metrics)
    page = sales(result, draw_all(result))
    assert page["title"] == "1 order of €9.50 on average, from 1 customer"
    assert page["charts"] == page["breakdowns"] == ()
    text = document(result, "x")
    assert [name for name in ("sales", "retention", "trends", "lifetime") if f'<section id="{name}"' in text] == [
        "sales", "lifetime",
    ]  # fmt: skip
    assert "Nobody has bought twice." in text


def test_twelve_segments_are_drawn_like_five(shop, samples):
    many = samples.many_result()
    segments = tuple(dataclasses.replace(shop.metrics.segments[n % 5], segment=n + 1) for n in range(12))
    result = dataclasses.replace(many, metrics=dataclasses.replace(shop.metrics, segments=segments))
    drawings = draw_all(result)
    assert len(drawings["segment-months"]) == 12
    assert len(_rows(drawings["sales-share"][0])) == 12
    assert 'id="sales"' in document(result, "x")
