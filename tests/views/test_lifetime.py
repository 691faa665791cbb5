"""The lifetime value page: expectations with their intervals, who is at risk, and a reason where it is refused."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest

from coterie.metrics import LifetimeValue
from coterie.views.charts.lifetime import alive, expected_orders, expected_value
from coterie.views.pages.lifetime import lifetime
from coterie.views.render import document, draw_all


@pytest.fixture(scope="module")
def shop(samples):
    return samples.shop_result()


def _with(result, **changes):
    value = dataclasses.replace(result.metrics.lifetime_value, **changes)
    return dataclasses.replace(result, metrics=dataclasses.replace(result.metrics, lifetime_value=value))


def _rows(chart):
    return chart.spec["data"]["values"]


def test_expectations_carry_their_intervals(shop):
    (orders,), (value,) = expected_orders(shop), expected_value(shop)
    assert orders.title == "Big spenders: 7.31 orders each in the next 26 weeks, 1.84 on average"
    assert value.title == "Big spenders: £5.18k each in the next 26 weeks, £812 on average"
    assert orders.table.rows[1] == ("1 Big spenders", "7.31", "6.98 to 7.64", "425")
    assert value.table.rows[5] == ("5 Lapsed", "£68.0", "59.0 to 77.0", "860")
    first = _rows(orders)[1]
    assert (first["value"], first["low"], first["high"], first["token"]) == (7.31, 6.98, 7.64, "var(--seg-1)")
    assert _rows(orders)[0]["token"] == "var(--none)"
    assert "95% intervals of the mean" in orders.measure


def test_the_values_fit_beside_the_dots(samples):
    for result in (samples.shop_result(), samples.hostile_shop_result()):
        (chart,) = expected_value(result)
        x = next(layer["encoding"]["x"] for layer in chart.spec["layer"] if "scale" in layer["encoding"].get("x", {}))
        right = x["scale"]["rangeMax"]["expr"]
        reserve = int(right.rpartition(" ")[2])
        # A figure beside another is 488 pixels wide, names take 168 of them.
        assert reserve <= 488 - 168 - 80, right


def test_customers_at_risk_are_named_with_their_segment(shop):
    (chart,) = alive(shop)
    assert chart.title == "268 customers at risk, 264 of them in lapsed (5)"
    assert chart.table.rows[5] == ("5 Lapsed", "26%", "264", "860")
    calm = tuple(dataclasses.replace(one, at_risk=0) for one in shop.metrics.lifetime_value.segments)
    (chart,) = alive(_with(shop, segments=calm))
    assert chart.title == "Nobody who bought more than once is more likely gone than not"


def test_the_page_sums_it_up(shop):
    page = lifetime(shop, draw_all(shop))
    # 1.84 orders each of 4,338 customers, £812 each.
    assert page["title"] == "The next 26 weeks: about 7,982 orders from today’s customers, worth about £3.52M"
    tiles = {one.label: (one.number, one.line) for one in page["tiles"]}
    assert tiles["Value per customer"] == ("£812", "£771 to £853, 95% interval")
    assert tiles["Still customers"] == ("76.2%", "of 4,338 customers, all who bought once among them")
    assert tiles["At risk"][0] == "268"
    assert page["reason"] == ""


def test_a_refusal_is_told_and_nothing_drawn(shop):
    reason = "Nobody has bought twice, so how often customers come back cannot be learned"
    refused = LifetimeValue("week", dt.date(2011, 12, 9), None, None, 26, (), reason)
    result = dataclasses.replace(shop, metrics=dataclasses.replace(shop.metrics, lifetime_value=refused))
    drawings = draw_all(result)
    page = lifetime(result, drawings)
    assert page["title"] == "What customers will bring cannot be told"
    assert page["reason"] == reason + "."
    assert page["charts"] == page["alive"] == page["tiles"] == ()
    assert reason in document(result, "x")


def test_without_a_value_the_orders_remain_and_the_reason_stands_beside_them(shop):
    bare = tuple(
        dataclasses.replace(
            one, expected_value=None, expected_value_low=None, expected_value_high=None, total_value=None
        )
        for one in shop.metrics.lifetime_value.segments
    )
    result = _with(shop, gamma_gamma=None, segments=bare, reason="frequent buyers spend more per order")
    page = lifetime(result, draw_all(result))
    assert [one.name for one in page["charts"]] == ["expected-orders"]
    assert page["title"] == "The next 26 weeks: about 7,982 orders from today’s customers"
    assert page["reason"] == "Frequent buyers spend more per order."
    assert "Gamma-Gamma" not in page["lead"]
    assert {one.label for one in page["tiles"]} == {"Orders per customer", "Still customers", "At risk"}


def test_one_segment_is_not_compared_with_itself(shop):
    values = shop.metrics.lifetime_value.segments[:2]
    (chart,) = expected_orders(_with(shop, segments=values))
    assert chart.title == "Big spenders: 7.31 orders each in the next 26 weeks"
    (chart,) = expected_orders(_with(shop, segments=values[:1]))
    assert chart.title == "1.84 orders each in the next 26 weeks"


def test_without_orders_there_is_no_page(sample, samples):
    for result in (sample, samples.coupon_shop_result()):
        assert lifetime(result, draw_all(result)) is None


def test_where_who_has_left_cannot_be_told_the_orders_remain(shop):
    untold = tuple(dataclasses.replace(one, alive=None, at_risk=None) for one in shop.metrics.lifetime_value.segments)
    result = _with(shop, segments=untold, reason="Hardly anybody is seen to stop buying.")
    page = lifetime(result, draw_all(result))
    assert page["alive"] == ()
    assert {one.label for one in page["tiles"]} == {"Orders per customer", "Value per customer"}
    assert len(page["charts"]) == 2
    assert page["reason"] == "Hardly anybody is seen to stop buying."
