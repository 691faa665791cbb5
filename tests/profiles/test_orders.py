"""Profiles of customers who order: each figure a second time in pandas, made up by hand or on real data."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import coterie as ct
from coterie.actions import load_playbook, recommend
from coterie.profiles import Profiles, SegmentProfile, profile
from coterie.profiles.mixes import mixes
from coterie.profiles.people import with_orders
from coterie.runs.values import from_json, to_json
from coterie.tables.contract import MONEY
from coterie.tables.sample.write import write_shop

from .conftest import AS_OF, DATA, cut_by

RETAIL, CDNOW = DATA / "online-retail" / "lines.parquet", DATA / "cdnow" / "orders.csv"


def profiles_of(shop, **more):
    k = int(shop.people.segment.max())
    return profile(shop.tables, shop.described, shop.assigned, k=k, **{"hardly_differ": False, **more})


def bought(lines):
    """Customer -> orders, sales, returns, gap, counted from lines in pandas."""
    sales = lines[lines.kind == "sale"]
    orders = sales.groupby(["customer_id", "order_id"]).agg(day=("ordered_on", "min"), money=("money", "sum"))
    days = pd.to_datetime(orders.day).groupby("customer_id").agg(lambda day: sorted(set(day)))
    gaps = days.map(lambda found: np.diff(found).mean() / np.timedelta64(1, "D") if len(found) > 1 else np.nan)
    return pd.DataFrame(
        {
            "orders": orders.groupby("customer_id").size(),
            "sales": orders.money.groupby("customer_id").sum() / MONEY,
            "returns": -lines[lines.kind == "return"].groupby("customer_id").money.sum() / MONEY,
            "gap": gaps,
        }
    )


def check_numbers(found, people, each):
    """Every figure of a profile against a frame with orders, sales, returns and gap of each customer."""
    people = people.set_index("customer_id").join(each)
    people[["orders", "sales", "returns"]] = people[["orders", "sales", "returns"]].fillna(0)
    for one in (*found.segments, found.all):
        own = people if one.segment is None else people[people.segment == one.segment]
        assert one.customers == len(own)
        assert one.orders == own.orders.sum()
        assert one.buyers == (own.orders > 0).sum()
        assert one.sales == pytest.approx(own.sales.sum(), rel=1e-12)
        assert one.returns == pytest.approx(own.returns.sum(), rel=1e-12)
        assert one.sales_share == pytest.approx(own.sales.sum() / people.sales.sum())
        assert one.share_of_orders == pytest.approx(own.orders.sum() / people.orders.sum())
        assert sum(bar.customers for bar in one.orders_histogram) == len(own)
        for bar in one.orders_histogram:
            assert bar.customers == own.orders.between(bar.low, bar.high).sum()
        if not one.orders:
            assert (one.aov, one.one_time_share, one.gap_days) == (None, None, None)
            continue
        assert one.aov == pytest.approx(own.sales.sum() / own.orders.sum())
        assert one.features["aov"].mean == pytest.approx(one.aov)
        assert one.features["return_rate"].mean == pytest.approx(own.returns.sum() / own.sales.sum(), rel=1e-8)
        assert one.one_time_share == pytest.approx((own.orders == 1).sum() / (own.orders > 0).sum())
        gap = own.gap.median()
        assert one.gap_days == (None if np.isnan(gap) else pytest.approx(gap))
        assert one.features["order_count"].mean == pytest.approx(own.orders.mean())
        assert one.features["total_spend"].mean == pytest.approx(own.sales.mean())
    return people


TRUE_OF: Mapping[str, Callable[[SegmentProfile, Profiles], bool]] = {
    "champions|best customers|big spenders": lambda one, _: one.features["total_spend"].contrast >= 1.3,
    "champions|best customers|frequent|regular": lambda one, _: one.features["order_count"].contrast >= 1.25,
    "one-time": lambda one, _: one.one_time_share >= 0.9,
    "large baskets": lambda one, found: one.aov >= 1.25 * found.all.aov,
    "small baskets": lambda one, found: one.aov <= 0.8 * found.all.aov,
    "^new": lambda one, _: one.features["tenure"].contrast <= 0.5,
    "lapsed|quiet|risk": lambda one, found: (
        one.features["recency"].contrast >= 1.4
        or one.features["recency"].median >= 2 * max(one.gap_days or 0, found.all.gap_days)
    ),
    "spend much": lambda one, _: one.features["total_spend"].contrast >= 1.3,
    "spend little": lambda one, _: one.features["total_spend"].contrast <= 0.75,
}
"""What a name says -> whether it is so."""


def check_words(found):
    """Names unique, statements true of the figures, and one first advice for everybody, without a word of coupons."""
    names = [one.name for one in found.segments]
    assert len(set(names)) == len(names)
    for one in found.segments:
        if one.segment > 0 and one.orders:
            assert [
                said for said, true in TRUE_OF.items() if re.search(said, one.name.lower()) and not true(one, found)
            ] == []
    advice = recommend(found, load_playbook(None))
    assert sorted(one.segment for one in advice if one.primary) == sorted(one.segment for one in found.segments)
    for one in advice:
        texts = (one.title, one.short, one.offer, one.why, one.channel, one.timing, one.kpi)
        assert all(texts)
        assert "{" not in " ".join(texts)
        said = set(re.findall(r"[a-z]+", " ".join(texts).lower()))
        assert not said & {"nan", "male", "female", "gender"}
        if not found.all.coupons:
            assert not said & {"coupon", "coupons", "burn", "burns", "burnt", "claim", "claims", "claimed"}
    return advice


@pytest.fixture(scope="module")
def found(order_shop):
    return profiles_of(order_shop)


def test_figures_of_a_shop_by_hand(found, order_shop):
    check_numbers(found, order_shop.people[["customer_id", "segment"]], bought(order_shop.lines))
    often, small, once, none = found.segments
    # 10 each with 9, 10, 11 and 12 orders.
    assert (often.customers, often.orders, once.orders, once.one_time_share) == (40, 420, 50, 1.0)
    assert small.returns == pytest.approx(30 * 8.5)
    assert (none.segment, none.buyers, none.returns_only, none.free_only) == (0, 0, 2, 1)
    assert none.returns == 12.5
    assert (often.coupons, often.share_of_coupons, often.burn_curve, often.coupons_histogram) == (0, 0.0, None, ())
    assert (found.density, found.monthly, found.currency) == ((), (), "EUR")
    assert sum(one.sales_share for one in found.segments) == pytest.approx(1)


def test_interval_of_the_average_order_value_agrees_with_the_bootstrap(found, order_shop):
    own = order_shop.people[order_shop.people.segment == 2].set_index("customer_id").join(bought(order_shop.lines))
    rng = np.random.default_rng(1)
    draws = rng.integers(len(own), size=(4000, len(own)))
    ratios = own.sales.to_numpy()[draws].sum(axis=1) / own.orders.to_numpy()[draws].sum(axis=1)
    figure = found.segments[1].features["aov"]
    assert [figure.low, figure.high] == pytest.approx(np.quantile(ratios, [0.025, 0.975]), abs=0.02)


def test_categories_are_counted_in_sale_lines(found, order_shop):
    sales = order_shop.lines[order_shop.lines.kind == "sale"].merge(order_shop.people[["customer_id", "segment"]])
    for one in (*found.segments[:3], found.all):
        mix = next(mix for mix in one.mixes if mix.dimension == "category")
        own = sales if one.segment is None else sales[sales.segment == one.segment]
        assert mix.unit == "order lines"
        assert {row.value: row.count for row in mix.rows} == own.category.value_counts().to_dict()
        for row in mix.rows:
            index = (own.category == row.value).mean() / (sales.category == row.value).mean()
            assert row.over_index == pytest.approx(index)
    assert [row.value for mix in found.segments[0].mixes for row in mix.rows if row.leads] == ["books"]
    assert not [
        row for one in found.segments[1:] for mix in one.mixes for row in mix.rows if row.leads and row.value == "books"
    ]


def test_counts_stay_exact_where_scatter_is_learned_from_a_part(order_shop):
    people = with_orders(order_shop.tables, order_shop.assigned)
    (whole, number), (part, same) = (
        mixes(order_shop.tables, people, looked_at=customers) for customers in (50_000, 60)
    )
    assert number == same
    for key, found in whole.items():
        for one, other in zip(found, part[key], strict=True):
            for row, its in zip(one.rows, other.rows, strict=True):
                assert (row.value, row.count, row.total, row.over_index) == (
                    its.value,
                    its.count,
                    its.total,
                    its.over_index,
                )
                # Less is known, so no more can be claimed.
                assert not its.leads or row.leads


def test_branches_are_counted_in_orders_and_countries_in_customers(found, order_shop):
    sales = order_shop.lines[order_shop.lines.kind == "sale"].merge(order_shop.people[["customer_id", "segment"]])
    orders = sales.drop_duplicates(["customer_id", "order_id", "branch_id"])
    for one in found.segments[:3]:
        by = {mix.dimension: mix for mix in one.mixes}
        assert set(by) == {"category", "branch", "Country"}
        counted = orders[orders.segment == one.segment].branch_id.map({7: "High Street", 8: "8"}).value_counts()
        assert (by["branch"].unit, {row.value: row.count for row in by["branch"].rows}) == ("orders", counted.to_dict())
        own = order_shop.people[order_shop.people.segment == one.segment].Country.value_counts()
        assert {row.value: row.count for row in by["Country"].rows} == own.to_dict()


def test_only_a_place_of_living_may_lead(make_orders):
    """An attribute may well be a gender under another name."""
    lines = [
        {"customer_id": n, "order_id": f"{n}-{o}", "ordered_on": dt.date(2024, 5, 1 + o), "amount": 5.0}
        for n in range(200)
        for o in range(1 + n % 2)
    ]
    people = [{"customer_id": n, "sex": "xy"[n % 2], "Country": ("Malta", "Chile")[n % 2]} for n in range(200)]
    values = {"sex": ("x", "y"), "Country": ("Malta", "Chile")}
    shop = make_orders(lambda them: 1 + them.customer_id % 2, lines, people, attributes=values)
    leads = {mix.dimension for one in profiles_of(shop).segments for mix in one.mixes for row in mix.rows if row.leads}
    assert leads == {"Country"}


def test_cells_count_every_buyer_once(found, order_shop):
    people = order_shop.people
    top = people.aov.max()
    assert sum(cell.customers for cell in found.orders_density) == 150
    for cell in found.orders_density:
        high = np.inf if cell.y1 == top else cell.y1
        inside = people[
            (people.segment == cell.segment)
            & people.order_count.between(cell.x0, cell.x1, inclusive="left")
            & people.aov.between(cell.y0, high, inclusive="left")
        ]
        assert len(inside) == cell.customers


def test_words_of_the_segments(found):
    often, small, once, none = found.segments
    assert [one.name for one in found.segments] == ["Champions", "Returners", "Lapsed one-time buyers", "No purchases"]
    assert often.headline.startswith("Champions order often, spend €")
    assert often.blurb.startswith("Order often, €")
    assert once.headline.endswith("of all sales and have ordered nothing for about 23 months")
    assert none.headline == (
        "3 customers have not ordered anything so far; 2 only returned something and 1 only had free items"
    )
    assert small.levels == {
        "frequency": "low",
        "spend": "low",
        "order_value": "low",
        "recency": "recent",
        "tenure": "settled",
        "returns": "many",
    }
    assert "Half of them ordered in the last" in often.standfirst
    assert "claim" not in " ".join(f"{one.headline} {one.blurb} {one.standfirst}" for one in found.segments)


def test_advice_by_hand(found):
    advice = check_words(found)
    assert {one.segment: one.action for one in advice if one.primary} == {
        1: "early-access",
        2: "size-guide",
        3: "let-rest",
        0: "ask-after-return",
    }
    nobody = next(one for one in advice if one.segment == 0)
    assert nobody.why.startswith("67% of these 3 customers only sent something back")
    (books,) = [one for one in advice if one.action == "recommend-category" and one.segment == 1]
    assert (books.segment, books.coupon, books.primary, books.title) == (
        1,
        False,
        False,
        "Recommend books, and keep it in stock",
    )
    sales = found.segments[0].sales_share
    assert f"account for {100 * sales:.0f}% of all sales" in next(one.why for one in advice if one.segment == 1)


def test_plain_rules_are_recounted(found, order_shop):
    for one in found.segments[:3]:
        people = order_shop.people
        hit = pd.Series(True, index=people.index)
        for name, kind, threshold in one.rule.conditions:
            hit &= people[name] >= threshold if kind == "at_least" else people[name] < threshold
        own = people.segment == one.segment
        assert one.rule.coverage == pytest.approx((hit & own).sum() / own.sum())
        assert one.rule.precision == pytest.approx((hit & own).sum() / hit.sum())
    assert found.segments[0].rule.text == "Has ordered 4 times or more"


def test_values_are_plain_and_come_back_from_json(found):
    def walk(value):
        if is_dataclass(value):
            return [one for field in fields(value) for one in walk(getattr(value, field.name))]
        if isinstance(value, Mapping):
            return [one for key, inner in value.items() for one in (*walk(key), *walk(inner))]
        return [one for inner in value for one in walk(inner)] if isinstance(value, tuple) else [type(value)]

    assert set(walk(found)) <= {int, float, str, bool, type(None)}
    assert from_json(Profiles, to_json(found)) == found


def test_the_order_of_rows_changes_nothing(make_orders):
    rng = np.random.default_rng(5)
    lines = [
        {
            "customer_id": int(rng.integers(150)),
            "order_id": str(number),
            "ordered_on": dt.date(2024, 1, 1) + dt.timedelta(days=int(rng.integers(300))),
            "amount": round(float(rng.lognormal(3)), 2),
            "category": str(rng.choice(["a", "b", "c"])),
        }
        for number in range(700)
    ]
    one, other = (make_orders(lambda them: 1 + them.customer_id % 3, rows) for rows in (lines, lines[::-1]))
    assert profiles_of(one) == profiles_of(other)


def single(customer, amount=20.0, day=dt.date(2024, 3, 1), order="1"):
    return {"customer_id": customer, "order_id": f"{customer}-{order}", "ordered_on": day, "amount": amount}


def test_all_one_time_buyers(make_orders):
    lines = [single(n, 10.0 + n % 50, dt.date(2024, 1 + n % 12, 1)) for n in range(120)]
    shop = make_orders(lambda them: 1 + (them.aov < 35).astype(int), lines)
    found = profiles_of(shop)
    check_numbers(found, shop.people[["customer_id", "segment"]], bought(shop.lines))
    assert [one.name for one in found.segments] == ["One-time big spenders", "One-time buyers"]
    assert found.segments[0].headline.startswith("One-time big spenders ordered once, spent ")
    advice = check_words(found)
    # Nobody ordered twice, so how soon orders are repeated is not known and not said.
    assert "order again" not in " ".join(one.why for one in advice)
    assert profiles_of(shop, hardly_differ=None).hardly_differ
    assert [one.name for one in profiles_of(shop, hardly_differ=True).segments] == [
        "Usual orders, higher value",
        "Usual orders, lower value",
    ]


def test_one_customer(make_orders):
    shop = make_orders(lambda them: them.customer_id, [single(1), single(1, 30.0, dt.date(2024, 3, 11), "2")])
    found = profiles_of(shop, hardly_differ=None)
    one = found.segments[0]
    assert (one.name, one.blurb) == ("All customers", "2.0 orders each, 25.00 an order")
    assert (one.orders, one.sales, one.aov, one.gap_days, one.one_time_share) == (2, 50.0, 25.0, 10.0, 0.0)
    assert (one.features["aov"].low, one.features["aov"].high) == (25.0, 25.0)
    check_words(found)


def test_all_amounts_equal(make_orders):
    lines = [single(n, 9.99, dt.date(2024, 1 + order, 5), str(order)) for n in range(60) for order in range(1 + n % 9)]
    shop = make_orders(lambda them: 1 + (them.order_count < 5).astype(int), lines)
    found = profiles_of(shop)
    check_numbers(found, shop.people[["customer_id", "segment"]], bought(shop.lines))
    assert {one.levels["order_value"] for one in found.segments} == {"usual"}
    assert {one.aov for one in found.segments} == {9.99}
    assert {(cell.y0, cell.y1) for cell in found.orders_density} == {(0.0, 9.99)}
    check_words(found)


def test_orders_given_by_their_total_of_nothing(make_orders):
    lines = [{**single(n, 0.0), "kind": "sale"} for n in range(6)]
    found = profiles_of(make_orders(lambda them: 1 + them.customer_id % 2, lines))
    assert [(one.orders, one.sales, one.aov) for one in found.segments] == [(3, 0.0, 0.0)] * 2
    assert [cell.customers for cell in found.orders_density] == [3, 3]
    check_words(found)


def test_identical_customers_hardly_differ_and_others_do(make_orders):
    rng = np.random.default_rng(2)

    def lines(scale):
        return [
            single(
                n, round(float(rng.gamma(4, 5 * scale(n))), 2) + 0.01, dt.date(2024, 1 + o % 12, 1 + o // 12), str(o)
            )
            for n in range(300)
            for o in range(1 + rng.poisson(3))
        ]

    segments = lambda them: 1 + (them.order_count < 4).astype(int)  # noqa: E731
    alike = profiles_of(make_orders(segments, lines(lambda n: 1.0)), hardly_differ=None)
    assert alike.hardly_differ
    assert [one.name.split(",")[0] for one in alike.segments] == ["More orders", "Fewer orders"]
    assert not profiles_of(make_orders(segments, lines(lambda n: 1.0 + n % 4)), hardly_differ=None).hardly_differ


def test_outsiders_and_customers_clustered_without_orders(make_orders):
    lines = [single(n, 20.0 + n, order=str(order)) for n in range(30) for order in range(1 + n % 3)]
    lines += [{**single(40, -5.0)}, {**single(41, 0.0)}]
    shop = make_orders(
        lambda them: them.customer_id.map(lambda one: 3 if one >= 40 else -1 if one < 3 else 1 + one % 2), lines
    )
    found = profiles_of(shop)
    assert [(one.segment, one.name) for one in found.segments][2:] == [(3, "Without orders"), (-1, "Fits no group")]
    assert {one.segment: one.action for one in check_words(found)}[3] == "ask-after-return"


needs = pytest.mark.skipif(not DATA.is_dir(), reason="the reference data sets are not beside this checkout")


def by_habit(people):
    """Few, plain groups over what customers do."""
    once, long_ago = people.order_count == 1, people.recency > people.recency.median() * 2
    often = people.order_count >= 6
    kind = np.select([often, long_ago & once, long_ago, once, people.aov > people.aov.median()], [1, 6, 5, 4, 2], 3)
    return pd.Series(np.where(people.active, kind, 0), index=people.index)


@needs
def test_online_retail_from_its_raw_file():
    shop = cut_by(ct.read(RETAIL), by_habit)
    found = profiles_of(shop)
    raw = pd.read_parquet(RETAIL)
    raw.columns = [str(name).replace(" ", "") for name in raw.columns]
    customer = next(name for name in raw.columns if name.lower() == "customerid")
    invoice = next(name for name in raw.columns if name.lower().startswith("invoice") and "date" not in name.lower())
    day = next(name for name in raw.columns if name.lower() == "invoicedate")
    price = next(name for name in raw.columns if name.lower() in ("unitprice", "price"))
    raw = raw[raw[customer].notna()]
    kept = raw[~raw[invoice].astype(str).str.startswith("C") & (raw.Quantity > 0)]
    money = (kept.Quantity * kept[price] * MONEY).round().astype("int64")
    sales = pd.DataFrame(
        {
            "customer_id": kept[customer].astype("int64"),
            "order_id": kept[invoice].astype(str),
            "ordered_on": pd.to_datetime(kept[day]).dt.date,
            "money": money,
            "kind": np.where(kept[price] > 0, "sale", "free"),
        }
    )
    back = raw.drop(kept.index)
    returns = pd.DataFrame(
        {
            "customer_id": back[customer].astype("int64"),
            "order_id": "R",
            "ordered_on": AS_OF,
            "money": (back.Quantity * back[price] * MONEY).round().astype("int64"),
            "kind": "return",
        }
    )
    check_numbers(found, shop.people[["customer_id", "segment"]], bought(pd.concat([sales, returns])))
    assert (found.all.orders, found.all.buyers, found.all.sales) == (18_532, 4_338, pytest.approx(8_911_407.904))
    assert found.all.returns == pytest.approx(611_342.09)
    none = found.segments[-1]
    assert (none.name, none.customers, none.returns_only, none.free_only) == ("No purchases", 34, 33, 1)
    country = next(mix for mix in found.segments[0].mixes if mix.dimension == "Country")
    own = shop.people[shop.people.segment == 1].Country
    for row in country.rows:
        assert row.value == "Other" or row.count == (own == row.value).sum()
    check_words(found)


@needs
def test_cdnow_from_its_raw_file():
    shop = cut_by(ct.read(CDNOW), by_habit)
    found = profiles_of(shop)
    raw = pd.read_csv(CDNOW)
    raw.columns = [name.strip().lower() for name in raw.columns]
    customer, day = (next(name for name in raw.columns if part in name) for part in ("customer", "date"))
    amount = next(name for name in raw.columns if "amount" in name or "sales" in name or "total" in name)
    assert found.all.orders == len(raw) or found.all.orders == len(raw.drop_duplicates([customer, day]))
    people = shop.people.set_index("customer_id")
    for one in found.segments:
        own = raw[raw[customer].map(people.segment) == one.segment]
        assert one.sales == pytest.approx(own[amount].sum())
        assert one.aov == pytest.approx(own[amount].sum() / one.orders)
    check_numbers(found, shop.people[["customer_id", "segment"]], bought(shop.lines))
    check_words(found)


@pytest.fixture(scope="module")
def sample(tmp_path_factory) -> Path:
    return write_shop(tmp_path_factory.mktemp("sample") / "shop", customers=600, seed=4, orders=True)


def test_only_the_orders_of_the_sample_shop(sample, tmp_path):
    (tmp_path / "orders.csv").write_bytes((sample / "orders.csv").read_bytes())
    shop = cut_by(ct.read(tmp_path), by_habit)
    found = profiles_of(shop)
    check_numbers(found, shop.people[["customer_id", "segment"]], bought(shop.lines))
    check_words(found)
    assert {mix.dimension for mix in found.all.mixes} >= {"category", "branch"}


def test_the_sample_shop_with_both_tables(sample):
    shop = cut_by(ct.read(sample), by_habit)
    found = profiles_of(shop)
    check_numbers(found, shop.people[["customer_id", "segment"]], bought(shop.lines))
    check_words(found)
    assert {mix.dimension for mix in found.all.mixes} >= {"branch", "order_branch", "category", "coupon", "gender"}
    # What is said of coupons is what is said of them without the orders.
    alone = replace(shop.tables, lines=None, columns=frozenset(n for n in shop.tables.columns if "orders" not in n))
    kept = [name for name in shop.assigned.columns if name not in ("order_count", "total_spend", "aov", "return_rate")]
    coupons = profile(alone, shop.described, shop.assigned.select(*kept), k=6, hardly_differ=False)
    for both, one in zip(found.segments, coupons.segments, strict=True):
        assert (both.coupons, both.burnt, both.burn_curve) == (one.coupons, one.burnt, one.burn_curve)
        assert both.features["transaction_count"] == one.features["transaction_count"]
        assert both.coupons_histogram == one.coupons_histogram
        assert {name: level for name, level in both.levels.items() if name in one.levels} == one.levels
        assert one.orders == 0
    assert (found.density, found.monthly) == (coupons.density, coupons.monthly)
    assert all(not one.orders_histogram for one in coupons.segments)
