"""The report of a shop with orders: what it says of buying, that no word of coupons is left, and what both tables give."""

from __future__ import annotations

import dataclasses
import html
import re

import pytest

from coterie.views.charts.density import orders_density
from coterie.views.charts.histogram import coupons, orders
from coterie.views.charts.later import baselines, later
from coterie.views.charts.reliability import reliability
from coterie.views.charts.sizes import averages
from coterie.views.pages.advice import advice
from coterie.views.pages.burns import burns
from coterie.views.pages.cards import cards
from coterie.views.pages.figures import figures
from coterie.views.pages.glossary import COUPON_TERMS, terms_of
from coterie.views.pages.method import method
from coterie.views.pages.opening import opening, verdict
from coterie.views.pages.overview import behaviour, size
from coterie.views.pages.questions import DIFFER, questions
from coterie.views.pages.segments import segments
from coterie.views.pages.verdict import judged_standfirst
from coterie.views.render import document, draw_all
from coterie.views.segments import cited, orders_only, spenders, with_both


@pytest.fixture(scope="module")
def shop(samples):
    return samples.orders_result()


@pytest.fixture(scope="module")
def both(samples):
    return samples.bought_and_burnt_result()


def _cells(value):
    return [[getattr(row, name).text for _, name in value["columns"]] for row in value["rows"]]


def _unjudged(samples, result):
    return dataclasses.replace(result, evidence=samples.EVIDENCE.switched_off())


def test_which_report_it_is(shop, both, sample):
    assert (orders_only(shop), with_both(shop)) == (True, False)
    assert (orders_only(both), with_both(both)) == (False, True)
    assert (orders_only(sample), with_both(sample)) == (False, False)


def test_who_only_returned_something_still_makes_a_report_of_orders(shop):
    everyone = dataclasses.replace(shop.profiles.all, orders=0, sales=0.0, aov=None, one_time_share=None, buyers=0)
    bare = dataclasses.replace(shop, profiles=dataclasses.replace(shop.profiles, all=everyone, segments=()))
    assert orders_only(bare)
    assert [(one.number, one.what) for one in figures(bare)] == [
        ("4,372", "customers: 0 bought, 4,372\u00a0did not"), ("0", "orders"),
        ("£0.00", "sales; £601k came back as returns"),
    ]  # fmt: skip


def test_key_figures_of_orders(shop):
    assert [(one.number + one.unit, one.what) for one in figures(shop)] == [
        ("4,372", "customers: 4,338 bought, 34\u00a0did not"),
        ("18,532", "orders, 4.3 per customer who bought; 66% of them bought more than once (repeat purchase rate)"),
        ("£8.91M", "sales, £2,054 per customer who bought; £601k came back as returns"),
        ("£480.87", "average order value (sales / orders), 95% interval £456.82 to 504.91"),
        ("59%", "of sales come from segment 1, 10% of customers"),
    ]


def test_the_repeat_rate_has_a_figure_where_no_few_make_most_sales(shop):
    even = tuple(dataclasses.replace(one, sales_share=one.share) for one in shop.profiles.segments)
    result = dataclasses.replace(shop, profiles=dataclasses.replace(shop.profiles, segments=even))
    last = figures(result)[-1]
    assert (last.number, last.what) == ("65.6", "repeat purchase rate: ordered twice or more, of those who bought")
    assert len(figures(result)) == 5


def test_without_a_currency_amounts_are_plain_numbers(shop):
    result = dataclasses.replace(shop, profiles=dataclasses.replace(shop.profiles, currency=None))
    assert [one.number for one in figures(result)] == ["4,372", "18,532", "8.91M", "480.87", "59"]
    assert segments(result, {})["title"] == "Orders run from 1.0 to 16.8 each, average orders from 286.54 to 737.98"


def test_the_verdict_speaks_of_sales(samples, shop):
    assert verdict(_unjudged(samples, shop)) == (
        "4,372 customers, five segments: from big spenders to lapsed.",
        "Most sales come from one customer in ten.",
    )
    assert [one.segment for one in spenders(shop)] == [1]
    said = "".join(run.text for run in judged_standfirst(shop))
    assert "Big spenders (1) went on to spend 5.3 times the average" in said


def test_customers_who_buy_by_chance(samples, shop):
    result = dataclasses.replace(shop, evidence=samples.EVIDENCE.chance())
    assert verdict(result)[0] == "4,338 active customers who do not differ in how they buy."
    said = "".join(run.text for run in opening(result, {})["standfirst"])
    assert "from one half of a customer’s orders to the other" in said


def test_differences_that_cannot_be_compared_are_those_of_orders(samples, shop):
    little = samples.EVIDENCE.little()
    result = dataclasses.replace(shop, evidence=dataclasses.replace(
        little, reliability=(), structure=dataclasses.replace(little.structure, reason="")))  # fmt: skip
    found = next(one for one in questions(result) if one.question == DIFFER)
    assert found.line == "Nothing was counted from orders that could be compared in halves."


def test_segments_by_what_they_buy(shop):
    value = segments(shop, {})
    assert value["title"] == "Orders run from 1.0 to 16.8 each, average orders from £286.54 to £737.98"
    assert [head for head, _ in value["columns"]] == [
        "Customers", "Orders each", "Average order", "Of all sales", "Last order",
    ]  # fmt: skip
    assert _cells(value)[0] == ["425", "16.8", "£737.98", "59%", "7 days ago"]
    assert _cells(value)[-1] == ["34", "–", "–", "–", "–"]
    assert not any(value["rows"][-1].__getattribute__(name).drawn for name in ("orders", "aov", "sales", "last"))
    longest = max(value["rows"], key=lambda row: row.orders.length)
    assert (longest.segment, round(longest.orders.length, 1)) == (1, round(100 / 1.08, 1))
    assert value["notes"][-1] == "Last order: half of the segment ordered more recently, counted to the last day known."
    assert value["graded"]


def test_orders_of_one_value_are_told_as_such(shop):
    alike = tuple(dataclasses.replace(one, aov=30.0 + 0.2 * (one.segment or 0)) for one in shop.profiles.segments)
    result = dataclasses.replace(shop, profiles=dataclasses.replace(shop.profiles, segments=alike))
    assert segments(result, {})["title"] == "Orders run from 1.0 to 16.8 each, of about the same value"


def test_segments_that_buy_alike_are_told_as_such(shop):
    alike = tuple(dataclasses.replace(one, customers=100, orders=100, sales=3000.0, aov=30.0)
                  for one in shop.profiles.segments[:5])  # fmt: skip
    everyone = dataclasses.replace(shop.profiles.all, one_time_share=1.0)
    result = dataclasses.replace(shop, profiles=dataclasses.replace(shop.profiles, segments=alike, all=everyone))
    assert segments(result, {})["title"] == "Every segment orders as often"
    assert size(result, draw_all(result))["title"] == "£30.00 of sales a customer in every segment"
    assert behaviour(result, draw_all(result))["title"] == "Nobody has ordered twice yet"
    dearer = (dataclasses.replace(alike[0], sales=4500.0, aov=45.0), *alike[1:])
    result = dataclasses.replace(shop, profiles=dataclasses.replace(shop.profiles, segments=dearer))
    assert segments(result, {})["title"] == "Average orders run from £30.00 to £45.00"


def test_what_gains_most_may_be_no_coupon(shop, both):
    ranked = sorted(shop.actions, key=lambda one: one.priority)
    first = dataclasses.replace(ranked[0], coupon=False, title="Give them early access")
    rest = tuple(dataclasses.replace(one, coupon=one is ranked[1]) for one in ranked[1:])
    for result in (shop, both):
        value = advice(dataclasses.replace(result, actions=(first, *rest)), {})
        assert value["title"] == "Coupons for one segment, none for four"
        assert (
            "in the order of what there is to gain. Start with regular buyers (2): give them early access."
            in value["lead"]
        )
        assert "The first coupons go to big spenders (1)." in value["lead"]
    assert "Start with regular buyers (2). " in advice(shop, {})["lead"]


def test_columns_of_both_tables(both, sample, samples):
    value = segments(both, {})
    assert value["title"] == "Burn rates run from 0% to 43%, orders from 1.0 to 16.8 each"
    assert [head for head, _ in value["columns"]] == [
        "Customers", "Coupons each", "Burn rate", "Orders each", "Of all sales", "Later burns",
    ]  # fmt: skip
    assert _cells(value)[0] == ["425", "4.9", "29%", "16.8", "59%", "5.3×"]
    bare = segments(_unjudged(samples, both), {})
    assert [name for _, name in bare["columns"]] == ["customers", "each", "rate", "orders", "sales"]
    assert [head for head, _ in segments(sample, {})["columns"]] == [
        "Customers", "Coupons each", "Burn rate", "Later burns",
    ]  # fmt: skip


def test_key_figures_of_both_tables_end_with_sales(both, samples):
    shown = [(one.number + one.unit, one.what) for one in figures(both)]
    assert shown[:5] == [(one.number + one.unit, one.what) for one in figures(
        dataclasses.replace(both, profiles=dataclasses.replace(
            both.profiles, all=dataclasses.replace(both.profiles.all, orders=0))))]  # fmt: skip
    assert shown[5:] == [
        ("£8.91M", "sales, in 18,532 orders, 4.3 per customer who bought"),
        ("£480.87", "average order value (sales / orders), 95% interval £456.82 to 504.91"),
        ("59%", "of sales come from segment 1, 10% of customers"),
    ]


def test_cards_of_buyers(shop):
    found = cards(shop, draw_all(shop))["cards"]
    first, idle = found[0], found[-1]
    assert first.lead == (
        "One customer in ten. They placed 39% of all orders and make 59% of all sales. 1% of them ordered once; half of"
        " the others order again within 24 days on average. Half of them ordered in the last 7 days."
    )
    assert [chart.name for chart in first.histograms] == ["orders-1"]
    assert first.curve is None
    assert [(one.label, one.mean, one.interval) for one in first.contrasts[:3]] == [
        ("Orders", "16.8", "16.0 to 17.6"),
        ("Spend", "£12,405", "£11,785 to 13,025"),
        ("Average order value", "£737.98", "£701.08 to 774.88"),
    ]
    assert first.typical_head == ("Customer", "Orders", "Spend", "Last order")
    assert first.typical[0] == ("12347", "7", "£12,405", "3 days ago")
    assert [(mix.label, mix.rows[0].value) for mix in first.mixes] == [("Category", "Kitchen")]
    assert found[1].border.rows == (("Spend", "£1,204", "£310.25"),)
    assert idle.lead == "1% of customers. Half of them joined 201 days ago or earlier."
    assert (idle.histograms, idle.curve, idle.mixes) == ((), None, ())


@pytest.mark.parametrize(
    ("once", "gap", "said"),
    [
        (1.0, None, "All of them ordered once."),
        (0.4, None, "40% of them ordered once."),
        (0.0, 12.0, "All of them ordered twice or more, half of them every 12 days or sooner."),
        (0.0, None, "All of them ordered twice or more."),
    ],
)
def test_how_often_they_order_again(shop, once, gap, said):
    own = dataclasses.replace(shop.profiles.segments[0], one_time_share=once, gap_days=gap)
    result = dataclasses.replace(shop, profiles=dataclasses.replace(shop.profiles, segments=(own,)))
    assert said in cards(result, draw_all(result))["cards"][0].lead


def test_returns_have_no_row_where_nothing_came_back(shop):
    def labels(result):
        return [one.label for one in cards(result, draw_all(result))["cards"][0].contrasts]

    kept = dataclasses.replace(shop.profiles.all, returns=0.0)
    without = dataclasses.replace(shop, profiles=dataclasses.replace(shop.profiles, all=kept))
    assert set(labels(shop)) - set(labels(without)) == {"Returned share"}


def test_cards_of_both_tables_hold_both_histograms(both):
    first = cards(both, draw_all(both))["cards"][0]
    assert [chart.name for chart in first.histograms] == ["coupons-1", "orders-1"]
    assert "They placed 39% of all orders and make 59% of all sales." in first.lead
    assert first.lead.endswith("claimed or ordered something in the last 7 days.")
    labels = [one.label for one in first.contrasts]
    assert labels[:5] == ["Coupons", "Burn rate", "Orders", "Spend", "Average order value"]


def test_histogram_of_orders(shop):
    charts = orders(shop)
    assert [one.title for one in charts] == [
        "Most placed 9 to 11 orders", "Most placed 5 to 7 orders", "Most placed 2 to 3 orders", "Most placed 1 order",
        "Most placed 1 to 2 orders",
    ]  # fmt: skip
    assert charts[0].table.head == ("Orders", "Customers", "Share", "All customers")
    assert charts[0].table.rows[-1][0] == "12+"
    assert coupons(shop) == ()


def test_sizes_say_what_a_customer_buys(shop, both):
    assert size(shop, draw_all(shop))["title"] == "From £365.79 to £12,405 of sales a customer"
    (chart,) = averages(shop)
    assert chart.title == "Most sales per customer: big spenders, £12,405"
    assert chart.table.rows[0] == ("1 Big spenders", "16.8", "£737.98", "£12,405")
    assert chart.measure.endswith("All customers: 4.2 orders of £480.87, £2,038")
    assert [one.name for one in averages(both)] == ["averages", "averages-orders"]


def test_orders_against_their_value(shop, both):
    value = behaviour(shop, draw_all(shop))
    assert value["title"] == "One buyer in three has ordered once"
    assert value["density"] == ()
    assert [one.name for one in value["bought"]] == [f"orders-density-{number}" for number in range(1, 6)]
    first = orders_density(shop)[0]
    assert first.measure == "16.8 orders each, £737.98 an order"
    assert first.table.rows == (
        ("3 to 89 orders", "£150 and more", "160", "80%"), ("1 to 2 orders", "£20 to 150", "40", "20%"),
    )  # fmt: skip
    # Steps 0..20, 20..150, 150..9000 are rows 0, 1, 2; the densest cell is the last of both axes.
    grey, top = first.spec["layer"]
    assert [(one["x"], one["y"]) for one in first.spec["data"]["values"]] == [(1, 2), (0, 1)]
    assert [(one["x"], one["y"]) for one in grey["data"]["values"]] == [(0, 0), (0, 1), (1, 2)]
    assert top["encoding"]["y"]["scale"]["domain"] == [0, 3]
    assert top["encoding"]["y"]["axis"]["labelExpr"] == '["0", "\\u00a320", "\\u00a3150", "\\u00a39.00k"][datum.value]'
    both_of = behaviour(both, draw_all(both))
    assert len(both_of["density"]) == len(both_of["bought"]) == 5


def test_evidence_of_orders_has_no_column_of_coupons(shop):
    (chart,) = later(shop)
    assert chart.title == "Big spenders went on to spend 5.3 times the average"
    assert chart.table.head == ("Segment", "Later sales", "95% interval", "Customers followed", "Per customer",
                                "Overlap at the cut", "Lasting")  # fmt: skip
    assert chart.table.rows[0][4] == "£1.59k"
    (groups,) = baselines(shop)
    assert groups.notes[0].startswith("Left out: 153 customers without an order until 4 Sep 2017.")
    (traits,) = reliability(shop)
    assert traits.notes[0] == (
        "Returned share: 0.11, but orders dealt out by chance reach as much (p\u00a0=\u00a00.40), so it is no trait."
    )
    (of_both,) = (found for found in questions(shop) if found.question == DIFFER)
    assert of_both.line == "Orders a year repeats itself: reliability 0.77 (0.76 to 0.79). Luck gives 0."


def test_method_speaks_of_what_was_counted(shop, both, sample):
    assert [method(one, {})["counted"] for one in (shop, both, sample)] == [
        "orders", "coupons and the orders", "coupons",
    ]  # fmt: skip
    told = dict(method(shop, {})["evidence"])
    assert told[DIFFER].startswith("Orders were split in halves by lot, over and over, and the halves compared.")
    assert "orders dealt out by chance" in told[DIFFER]
    assert ("Customers without orders", "kept apart as No purchases") in method(shop, {})["settings"]
    assert ("Customers without coupons and orders", "kept apart as Never active") in method(both, {})["settings"]
    assert ("Unknown average order value", "taken as £310.25, the median") in method(shop, {})["learned"]


def test_who_bought_nothing_is_called_so(shop, samples):
    assert cited(shop.profiles.segments[-1]) == "customers without a purchase"
    assert cited(samples.never_active_result().profiles.segments[-1]) == "customers who were never active"


def test_no_word_of_coupons_but_in_advice_and_glossary(shop):
    assert burns(shop, draw_all(shop)) is None
    silent = dataclasses.replace(shop, actions=(), quality=dataclasses.replace(shop.quality, problems=(), tables={}))
    text = document(silent, "shop")
    text = re.sub(r"<(style|script).*?</\1>", " ", text, flags=re.DOTALL)
    text = re.sub(r'<section id="glossary".*?</section>', " ", text, flags=re.DOTALL)
    plain = html.unescape(re.sub(r"<[^>]+>", " ", text))
    assert re.findall(r"[^.]*\b(?:coupon|burn|burnt|claim)\w*[^.]*", plain, flags=re.IGNORECASE) == []


def test_the_glossary_of_orders_explains_no_coupon_terms(shop, both):
    def terms(result):
        return {term for term, _ in terms_of(result)}

    assert {"Burn rate", "Burn curve", "Burnt"}.isdisjoint(terms(shop))
    assert terms(both) - terms(shop) == COUPON_TERMS
