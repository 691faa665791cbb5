"""Scatter learned from a part of the customers: counts stay exact, intervals honest, and no lead is invented."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from coterie.profiles.intervals import RatioSums, over_index_low, student
from coterie.profiles.looked_at import look_at
from coterie.profiles.mixes import mixes

CUSTOMERS, LIMIT = 2500, 700


def rows_of(found, segment, dimension):
    return next(mix for mix in found[segment] if mix.dimension == dimension).rows


def coupon(customer, branch):
    day = dt.date(2024, 6, 1)
    place = {"branch_id": branch, "merchant_id": branch, "coupon_name": f"coupon {branch % 7}"}
    return {"customer_id": customer, "claimed_on": day, "status": "burnt", "burnt_on": day, **place}


@pytest.fixture(scope="module")
def alike(make_shop):
    """Customers of one kind, each with a few favourite branches, so that their coupons go together."""
    rng = np.random.default_rng(11)
    coupons = []
    for number in range(CUSTOMERS):
        favourites = rng.integers(20, size=2)
        coupons += [coupon(number, int(rng.choice(favourites))) for _ in range(1 + rng.poisson(4))]
    customers = [{"customer_id": number, "city": f"town {rng.integers(6)}"} for number in range(CUSTOMERS)]
    return make_shop(customers, coupons, {number: 1 + number % 3 for number in range(CUSTOMERS)})


@pytest.fixture(scope="module")
def planted(make_shop):
    """Branch 3 stands for three in ten coupons of segment 1 and one in twenty elsewhere."""
    rng = np.random.default_rng(12)
    coupons = []
    for number in range(CUSTOMERS):
        share = 0.3 if number % 5 == 0 else 0.05
        count = 1 + rng.poisson(4)
        coupons += [coupon(number, 3 if rng.random() < share else int(rng.integers(4, 20))) for _ in range(count)]
    customers = [{"customer_id": number} for number in range(CUSTOMERS)]
    return make_shop(customers, coupons, {number: 1 if number % 5 == 0 else 2 for number in range(CUSTOMERS)})


def test_students_quantile_agrees_with_scipy():
    for z in (1.96, 3.0, 4.5):
        for freedom in (29, 100, 2000):
            exact = stats.t.isf(stats.norm.sf(z), freedom)
            assert student(z, freedom) == pytest.approx(exact, rel=0.005)


def test_few_customers_are_all_looked_at(alike):
    looked = look_at(alike.tables.engine, alike.assigned, CUSTOMERS)
    assert looked.whole
    assert set(looked.weights.values()) == {1.0}
    exact, roomy = (mixes(alike.tables, alike.assigned, looked_at=limit) for limit in (CUSTOMERS, 50_000))
    assert exact == roomy
    assert not any(row.customers_estimated for mix in exact[0][1] for row in mix.rows)


def test_about_the_limit_is_looked_at_and_stands_for_all(alike):
    engine = alike.tables.engine
    looked = look_at(engine, alike.assigned, LIMIT)
    assert not looked.whole
    counted = engine.collect(looked.customers).to_pandas().groupby(["segment", "heavy"]).size()
    assert 0.85 * LIMIT < counted.sum() <= 1.05 * LIMIT
    standing = counted * [looked.weights[key] for key in counted.index]
    assert standing.groupby("segment").sum().to_dict() == pytest.approx(alike.people.segment.value_counts().to_dict())
    # The most active are all there: nobody who is left out holds more coupons than the least of them.
    people = alike.people.assign(
        taken=alike.people.customer_id.isin(engine.collect(looked.customers)["customer_id"].to_pylist())
    )
    for _, own in people.groupby("segment"):
        assert own[~own.taken].transaction_count.max() <= own[own.taken].transaction_count.max()
        assert (own[own.taken].transaction_count == own.transaction_count.max()).any()


def test_counts_and_indexes_are_exact_and_bounds_close(planted):
    exact, comparisons = mixes(planted.tables, planted.assigned)
    part, same = mixes(planted.tables, planted.assigned, looked_at=LIMIT)
    assert comparisons == same
    ratios = []
    for segment in (1, 2, None):
        for dimension in ("branch", "coupon"):
            for one, other in zip(rows_of(exact, segment, dimension), rows_of(part, segment, dimension), strict=True):
                facts = ("value", "count", "total", "share", "share_all", "over_index")
                assert [getattr(one, name) for name in facts] == [getattr(other, name) for name in facts]
                if one.value != "Other" and segment is not None:
                    assert other.customers == pytest.approx(one.customers, rel=0.35)
                    ratios.append(other.over_index_low / one.over_index_low)
    assert 0.9 < np.mean(ratios) <= 1.0


def test_a_planted_branch_leads_all_the_same(planted):
    for limit in (LIMIT, 50_000):
        found, _ = mixes(planted.tables, planted.assigned, looked_at=limit)
        assert [row.value for row in rows_of(found, 1, "branch") if row.leads] == ["3"]
        assert not any(row.leads for row in rows_of(found, 2, "branch"))


def test_nothing_leads_by_chance(alike):
    above = 0
    for cut in range(15):
        row = alike.assigned.row.cast("int64")
        segment = 1 + (row * 7919 + cut * 104_729 + row * row * (cut + 1)) % 1009 % 4
        found, comparisons = mixes(alike.tables, alike.assigned.mutate(segment=segment), looked_at=LIMIT)
        assert comparisons > 80
        rows = [row for key, own in found.items() if key is not None for mix in own for row in mix.rows]
        assert not any(row.leads for row in rows)
        above += max(row.over_index_low for row in rows if row.value != "Other") > 1
    # At most one run in twenty should show any index above 1 at all; 3 of 15 would happen once in 30 times.
    assert above <= 2


def test_one_customer_with_very_many_coupons_is_seen(alike, make_shop):
    coupons = alike.coupons.drop(columns="transaction_id").to_dict("records")
    coupons += [coupon(1, 5)] * 1500
    people = alike.people
    customers = people[["customer_id", "city"]].to_dict("records")
    shop = make_shop(customers, coupons, dict(zip(people.customer_id, people.segment, strict=True)))
    found, _ = mixes(shop.tables, shop.assigned, looked_at=LIMIT)
    row = next(row for row in rows_of(found, 2, "branch") if row.value == "5")
    assert row.over_index > 1.5
    assert not row.leads


def test_an_estimated_scatter_widens_the_interval():
    exact = RatioSums(300, 120, 300, 120, 120, 300)
    everyone = RatioSums(1000, 190, 1000, 190, 190, 1000)
    part, rest = replace(exact, seen=40), replace(everyone, seen=70)
    assert over_index_low(part, rest, 4.0) < over_index_low(exact, everyone, 4.0)
    assert exact.effective_at(4.0) == exact.effective
    assert part.effective_at(4.0) == pytest.approx(
        exact.effective * (4.0 / stats.t.isf(stats.norm.sf(4.0), 39)) ** 2, rel=0.01
    )
    assert math.isinf((everyone - exact).seen)
