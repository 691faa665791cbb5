"""All numbers at once: themes fit together, segments add up to all, and shops at the edge make sense."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import ibis
import pytest

from coterie.engines import Engine
from coterie.metrics.contract import Metrics, SegmentMetrics
from coterie.metrics.measure import measure
from coterie.runs.values import to_json


@pytest.fixture(scope="module")
def measured(sample_shop: Any) -> Metrics:
    return measure(sample_shop.tables, sample_shop.assigned, sample_shop.numbers)


def test_segments_add_up_to_all(sample_shop: Any, measured: Metrics) -> None:
    def total(of: Callable[[SegmentMetrics], Any]) -> float:
        return sum(of(one) for one in measured.segments)

    assert [one.segment for one in measured.segments] == [-1, 0, 1, 2, 3]
    assert total(lambda one: one.customers) == len(sample_shop.customers)
    assert total(lambda one: one.buyers) == measured.customers
    assert total(lambda one: one.orders) == measured.orders
    assert total(lambda one: one.sales) == pytest.approx(measured.sales, abs=1e-6)
    assert total(lambda one: one.returns) == pytest.approx(measured.returns, abs=1e-6)
    assert total(lambda one: one.sales_share) == pytest.approx(1)
    assert total(lambda one: one.coupons) == len(sample_shop.coupons)
    assert total(lambda one: one.burnt) == (sample_shop.coupons.status == "burnt").sum()


def test_names_in_the_file_are_those_that_are_promised(measured: Metrics) -> None:
    found = to_json(measured)
    assert {"sales", "returns", "revenue", "orders", "customers", "customers_returns_only", "aov"} <= {*found}
    assert {"repeat_purchase_rate", "monthly", "segments", "retention", "lifetime_value"} <= {*found}
    told = {"segment", "sales", "sales_share", "sales_index", "aov", "repeat_purchase_rate"}
    assert all(told <= {*one} for one in found["segments"])
    assert {*found["retention"]} == {"period", "cohorts", "average"}
    assert all({*one} == {"cohort", "size", "rates", "older"} for one in found["retention"]["cohorts"])
    value = found["lifetime_value"]
    assert {*value} == {"time_unit", "as_of", "bg_nbd", "gamma_gamma", "horizon", "segments", "reason"}
    assert {*value["bg_nbd"]} == {"r", "alpha", "a", "b", "log_likelihood"}
    assert {*value["gamma_gamma"]} == {"p", "q", "gamma"}
    assert {*found["around_coupons"][0]} == {"day", "sales_per_claim", "customers"}


def test_themes_agree_with_each_other(measured: Metrics) -> None:
    everyone = (measured.monthly, measured.sales, measured.orders, measured.customers, measured.breakdowns)
    own = [(one.monthly, one.sales, one.orders, one.buyers, one.breakdowns) for one in measured.segments]
    for months, sales, orders, buyers, broken in (everyone, *own):
        assert sum(month.sales for month in months) == pytest.approx(sales, abs=1e-6)
        assert sum(month.orders for month in months) == orders
        assert sum(month.new for month in months) == buyers
        for one in broken:
            assert sum(row.sales for row in one.rows) == pytest.approx(sales, abs=1e-6)
    assert measured.retention is not None
    assert sum(cohort.size for cohort in measured.retention.cohorts) == measured.customers
    assert [one.period for one in measured.retention_by] == ["week", "month", "quarter"]
    for one in measured.segments:
        assert one.retention is not None
        assert sum(cohort.size for cohort in one.retention.cohorts) == one.buyers
    assert measured.aov == measured.sales / measured.orders
    assert [one.day for one in measured.around_coupons] == list(range(-28, 29))
    assert [one.days for one in measured.repeat_within] == [30, 90, 180, 365]
    assert measured.lifetime_value is not None
    buyers = {None: measured.customers, **{one.segment: one.buyers for one in measured.segments if one.buyers}}
    assert {one.segment: one.customers for one in measured.lifetime_value.segments} == buyers


def test_totals_need_no_segments(sample_shop: Any, measured: Metrics) -> None:
    alone = measure(sample_shop.tables)
    assert alone.segments == ()
    for name in ("sales", "returns", "revenue", "orders", "customers", "aov", "monthly", "breakdowns", "retention"):
        assert getattr(alone, name) == getattr(measured, name), name


def test_online_retail(online_retail: Any) -> None:
    found = measure(online_retail.tables, online_retail.assigned, online_retail.numbers)
    assert (round(found.sales, 2), found.returns, found.orders) == (8_911_407.90, 611_342.09, 18_532)
    assert (found.customers, found.customers_returns_only, found.customers_free_only) == (4_338, 33, 1)
    assert found.aov == found.sales / 18_532
    assert round(1 - found.repeat_purchase_rate, 3) == 0.344  # one-time buyers as published
    assert (found.currency, len(found.monthly), found.monthly[-1].complete) == ("GBP", 13, False)
    assert found.breakdowns == found.around_coupons == ()


def test_coupons_alone_tell_nothing_of_orders(shops: Any) -> None:
    tables = shops(coupons=shops.coupons([(1, "2024-01-01", None)]), first_day="2024-01-01", as_of="2024-01-31")
    found = measure(tables, shops.assigned({1: 1, 2: 0}), (1, 0))
    (month,) = found.monthly
    assert found == Metrics(
        None,
        dt.date(2024, 1, 1),
        dt.date(2024, 1, 31),
        monthly=(month,),
        segments=(
            SegmentMetrics(1, 1, coupons=1, burnt=0, monthly=(month,)),
            SegmentMetrics(0, 1, coupons=0, burnt=0, monthly=found.segments[1].monthly),
        ),
    )
    assert (month.customers, month.new, month.claims, month.burns, month.orders) == (1, 1, 1, 0, None)


def test_one_customer_with_one_order(shops: Any) -> None:
    tables = shops(
        lines=shops.orders([(1, "a", "2024-01-15", 12.34)], category=["tea"]),
        first_day="2024-01-15",
        as_of="2024-01-15",
    )
    found = measure(tables, shops.assigned({1: 1}), (1,))
    assert (found.sales, found.revenue, found.aov, found.net_aov) == (12.34, 12.34, 12.34, 12.34)
    assert (found.orders, found.customers, found.repeat_purchase_rate) == (1, 1, 0.0)
    (one,), (month,) = found.segments, found.monthly
    assert (one.sales_share, one.sales_index, one.return_rate, one.breakdowns) == (1.0, 1.0, 0.0, ())
    assert (month.month, month.complete, month.new) == (dt.date(2024, 1, 1), False, 1)


def test_all_one_time_buyers(shops: Any) -> None:
    lines = shops.orders([(one, one, f"2024-0{1 + one % 3}-10", 5.0) for one in range(1, 10)])
    found = measure(shops(lines=lines, first_day="2024-01-10", as_of="2024-03-31"))
    assert (found.repeat_purchase_rate, found.aov, found.customers) == (0.0, 5.0, 9)
    assert found.lifetime_value is not None
    assert found.lifetime_value.reason  # nobody came back, so there is nothing to learn from
    assert [(one.new, one.returning, one.lapsed, one.won_back) for one in found.monthly] == [
        (3, 0, 0, 0), (3, 0, 3, 0), (3, 0, 3, 0),
    ]  # fmt: skip


def test_only_returns_at_all(shops: Any) -> None:
    lines = shops.orders([(1, "Ca", "2024-01-10", -5.0)])
    found = measure(shops(lines=lines, first_day="2024-01-10", as_of="2024-01-31"), shops.assigned({1: 0}), (0,))
    assert (found.sales, found.returns, found.revenue, found.orders, found.customers) == (0.0, 5.0, -5.0, 0, 0)
    assert (found.aov, found.repeat_purchase_rate, found.customers_returns_only) == (None, None, 1)
    assert (found.segments[0].sales_share, found.segments[0].customers) == (None, 1)
    assert found.monthly[0].revenue == -5.0


def test_a_segment_without_customers_is_all_zero(shops: Any) -> None:
    lines = shops.orders([(1, "a", "2024-01-10", 5.0)])
    found = measure(shops(lines=lines, first_day="2024-01-10", as_of="2024-01-31"), shops.assigned({1: 1}), (7, 1))
    empty = found.segments[0]
    assert (empty.segment, empty.customers, empty.sales, empty.sales_share, empty.aov) == (7, 0, 0.0, 0.0, None)
    assert [(one.customers, one.sales) for one in empty.monthly] == [(0, 0.0)]


def test_customers_with_text_ids(shops: Any) -> None:
    tables = shops(lines=shops.orders([(1, "a", "2024-01-10", 5.0)]), first_day="2024-01-10", as_of="2024-01-31")
    spelt = {name: getattr(tables, name).mutate(customer_id=ibis.literal("007")) for name in ("lines", "customers")}
    assigned = shops.assigned({1: 1}).mutate(customer_id=ibis.literal("007"))
    found = measure(replace(tables, **spelt), assigned, (1,))
    assert (found.sales, found.segments[0].sales) == (5.0, 5.0)


def test_queries_do_not_grow_with_segments(shops: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = shops.orders([(one, "a", "2024-01-10", 5.0) for one in range(1, 6)], category=["x", "y", "x", "y", "z"])
    coupons = shops.coupons([(1, "2024-01-10", None)])
    tables = shops(lines=lines, coupons=coupons, first_day="2024-01-10", as_of="2024-01-31")
    asked, engine = [], type(shops.engine)
    collect = engine.collect

    def counting(self: Engine, expression: Any) -> Any:
        asked.append(expression)
        return collect(self, expression)

    monkeypatch.setattr(engine, "collect", counting)
    counts = []
    for segments in (dict.fromkeys(range(1, 6), 1), {one: one for one in range(1, 6)}):
        asked.clear()
        measure(tables, shops.assigned(segments), sorted(set(segments.values())))
        counts.append(len(asked))
    assert counts[0] == counts[1] < 30
