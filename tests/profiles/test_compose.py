"""Whole profiles of a small shop, each figure counted a second time in pandas."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from scipy.stats import CensoredData, ecdf

from coterie.profiles import profile

AS_OF = dt.date(2024, 12, 31)


@pytest.fixture(scope="module")
def profiles(two_kinds):
    return profile(two_kinds.tables, two_kinds.described, two_kinds.assigned, k=2)


def test_segments_are_in_order_and_add_up(profiles):
    assert [one.segment for one in profiles.segments] == [1, 2, 0]
    assert [one.customers for one in profiles.segments] == [40, 60, 5]
    assert sum(one.share for one in profiles.segments) == pytest.approx(1)
    assert sum(one.share_of_coupons for one in profiles.segments) == pytest.approx(1)
    assert profiles.all.customers == 105
    assert profiles.all.segment is None
    assert profiles.all.name == "All customers"
    assert profiles.span_days == 731


def test_figures_agree_with_pandas(profiles, two_kinds):
    people = two_kinds.people
    groups = {None: people, **dict(iter(people.groupby("segment")))}
    for one in (*profiles.segments, profiles.all):
        own = groups[one.segment]
        for name, figure in one.features.items():
            assert figure.median == pytest.approx(own[name].median())
            if name == "burn_rate":
                continue
            assert figure.mean == pytest.approx(own[name].mean())
            half = 1.959964 * own[name].std() / np.sqrt(own[name].count())
            assert figure.high == pytest.approx(own[name].mean() + half)
            assert figure.low == pytest.approx(max(own[name].mean() - half, 0))
            assert figure.all_mean == pytest.approx(people[name].mean())
            if people[name].mean():
                assert figure.contrast == pytest.approx(own[name].mean() / people[name].mean())


def test_burn_rate_is_pooled(profiles, two_kinds):
    coupons = two_kinds.coupons.merge(two_kinds.people[["customer_id", "segment"]])
    pooled = coupons[coupons.segment == 1].status.eq("burnt").mean()
    figure = profiles.segments[0].features["burn_rate"]
    assert figure.mean == pytest.approx(pooled)
    assert figure.mean != pytest.approx(two_kinds.people[two_kinds.people.segment == 1].burn_rate.mean())
    assert figure.low < pooled < figure.high
    assert profiles.all.features["burn_rate"].mean == pytest.approx(coupons.status.eq("burnt").mean())


def test_only_clustered_features_differ_by_construction(profiles):
    flags = {name: figure.by_construction for name, figure in profiles.segments[0].features.items()}
    assert {name for name, flag in flags.items() if flag} == {"coupons_burnt"}
    assert not any(figure.by_construction for figure in profiles.all.features.values())


def test_what_is_undefined_throughout_is_absent(profiles):
    never = profiles.segments[-1]
    assert "recency" not in never.features
    assert "burn_rate" not in never.features
    assert never.features["transaction_count"].mean == 0
    assert (never.rule, never.burn_curve, never.typical) == (None, None, ())


def test_burn_curves_agree_with_scipy(profiles, two_kinds):
    coupons = two_kinds.coupons.merge(two_kinds.people[["customer_id", "segment"]])
    end = pd.to_datetime(coupons.burnt_on.where(coupons.status == "burnt", AS_OF))
    coupons["days"] = (end - pd.to_datetime(coupons.claimed_on)).dt.days
    for one, own in ((profiles.segments[0], coupons[coupons.segment == 1]), (profiles.all, coupons)):
        burnt = own.status == "burnt"
        theirs = ecdf(CensoredData(uncensored=own.days[burnt], right=own.days[~burnt])).cdf
        assert one.burn_curve.share == pytest.approx(theirs.evaluate(np.array(one.burn_curve.days)))
        reached = theirs.evaluate(np.arange(400)) >= one.burn_curve.plateau / 2 - 1e-12
        assert one.burn_curve.half_of_burns_within == int(np.argmax(reached))
    assert profiles.segments[1].burn_curve is None


def test_expired_coupons_stay_at_risk_and_undated_burns_are_left_out(make_shop):
    day = dt.date(2024, 12, 1)
    coupons = [
        {"customer_id": 1, "claimed_on": day, "status": "burnt", "burnt_on": day + dt.timedelta(days=3)},
        {"customer_id": 1, "claimed_on": day, "status": "burnt"},
        {"customer_id": 2, "claimed_on": day, "status": "expired"},
        {"customer_id": 2, "claimed_on": AS_OF, "status": "claimed"},
        {"customer_id": 2, "claimed_on": day, "status": "burnt", "burnt_on": day + dt.timedelta(days=10)},
    ]
    shop = make_shop([{"customer_id": 1}, {"customer_id": 2}], coupons, {1: 1, 2: 2})
    curve = profile(shop.tables, shop.described, shop.assigned, k=2).all.burn_curve
    # Day 0: one open is censored. Day 3: 1 of 3 at risk (two burns and the expired one). Day 10: 1 of 2.
    assert dict(zip(curve.days, curve.share, strict=True)) == pytest.approx({0: 0, 3: 1 / 3, 10: 2 / 3})
    assert (curve.half_of_burns_within, curve.median) == (3, 10)


def test_reference_burn_curve_is_as_known(reference):
    shop = reference(lambda people: 1 + (people.transaction_count < 5).astype(int))
    curve = profile(shop.tables, shop.described, shop.assigned, k=2).all.burn_curve
    assert (curve.half_of_burns_within, curve.median) == (44, 89)


def test_histogram_and_density_count_every_customer_once(profiles, two_kinds):
    for one in (*profiles.segments, profiles.all):
        assert sum(found.customers for found in one.coupons_histogram) == one.customers
        assert sum(found.share for found in one.coupons_histogram) == pytest.approx(1)
    counts = two_kinds.people.transaction_count.value_counts()
    assert {
        found.low: found.customers for found in profiles.all.coupons_histogram if found.customers
    } == counts.to_dict()
    assert sum(cell.customers for cell in profiles.density) == 100
    people = two_kinds.people
    for cell in profiles.density:
        top = cell.y1 if cell.y1 < 1 else 1.01
        inside = people[
            (people.segment == cell.segment)
            & people.transaction_count.between(cell.x0, cell.x1, inclusive="left")
            & people.burn_rate.between(cell.y0 - 1e-9, top - 1e-9, inclusive="left")
        ]
        assert len(inside) == cell.customers


def test_long_tails_share_the_last_bar(make_shop):
    customers = [{"customer_id": number} for number in range(100)]
    coupons = [
        {"customer_id": number, "claimed_on": dt.date(2024, 6, 1), "status": "claimed"}
        for number in range(100)
        for _ in range(1 + number % 30 + (500 if number == 99 else 0))
    ]
    shop = make_shop(customers, coupons, {number: 1 + number % 2 for number in range(100)})
    found = profile(shop.tables, shop.described, shop.assigned, k=2).all.coupons_histogram
    assert len(found) <= 21
    assert sum(entry.customers for entry in found) == 100
    counts = shop.people.transaction_count
    for entry in found:
        assert entry.customers == counts.between(entry.low, entry.high).sum()


def test_where_nearly_all_have_few_every_number_has_its_bar(make_shop):
    customers = [{"customer_id": number} for number in range(100)]
    coupons = [
        {"customer_id": number, "claimed_on": dt.date(2024, 6, 1), "status": "claimed"}
        for number in range(100)
        for _ in range(1 + number % 12 + (90 if number >= 96 else 0))
    ]
    shop = make_shop(customers, coupons, {number: 1 + number % 2 for number in range(100)})
    found = profile(shop.tables, shop.described, shop.assigned, k=2).all.coupons_histogram
    assert [(one.low, one.high) for one in found[:-1]] == [(float(one), float(one)) for one in range(1, 20)]
    counts = shop.people.transaction_count
    assert [one.customers for one in found[:-1]] == [(counts == one).sum() for one in range(1, 20)]
    assert (found[-1].low, found[-1].high, found[-1].customers) == (20, counts.max(), 4)


def test_months(profiles, two_kinds):
    months = pd.to_datetime(two_kinds.coupons.claimed_on).dt.month
    expected = two_kinds.coupons.groupby(months).status.agg(["size", lambda rows: (rows == "burnt").sum()])
    assert profiles.monthly == tuple(
        (2024, month, *counts) for month, counts in zip(expected.index, expected.to_numpy().tolist(), strict=True)
    )


def test_typical_customers_are_the_nearest(profiles, two_kinds):
    own = two_kinds.people[two_kinds.people.segment == 1].sort_values(["distance", "customer_id"]).head(3)
    assert [one["customer_id"] for one in profiles.segments[0].typical] == [str(number) for number in own.customer_id]
    assert [one["coupons_burnt"] for one in profiles.segments[0].typical] == own.coupons_burnt.tolist()


def test_never_burnt_share(profiles):
    assert [one.never_burnt_share for one in profiles.segments] == [0, 1, 1]
    assert profiles.all.never_burnt_share == pytest.approx(65 / 105)


def test_words_of_the_segments(profiles):
    burners, never, inactive = profiles.segments
    # 8 to 10 coupons each, every second one burnt: 4 of 8, 5 of 9 or 5 of 10, so 14 x 4 + 26 x 5 = 186.
    assert (burners.coupons, burners.burnt) == (359, 186)
    assert burners.name == "Loyal redeemers"
    assert burners.blurb == "Claim often and burn more than one in two"
    assert burners.headline == "Loyal redeemers claim often and burn 52% of their coupons"
    assert never.blurb == "Claim little, have never burnt"
    assert inactive.name == "Never active"
    assert inactive.headline == "5 customers have not claimed a single coupon so far"


def test_one_segment_is_everyone(make_shop):
    coupons = [{"customer_id": number, "claimed_on": dt.date(2024, 6, 1), "status": "claimed"} for number in range(6)]
    customers = [{"customer_id": number} for number in range(6)]
    shop = make_shop(customers, coupons, dict.fromkeys(range(6), 1))
    found = profile(shop.tables, shop.described, shop.assigned, k=1)
    assert [one.name for one in found.segments] == ["All customers"]
    assert found.segments[0].rule is None


def test_one_customer(make_shop):
    coupons = [
        {"customer_id": 1, "claimed_on": dt.date(2024, 6, 1), "status": "burnt", "burnt_on": dt.date(2024, 6, 4)}
    ]
    shop = make_shop([{"customer_id": 1}], coupons, {1: 1})
    one = profile(shop.tables, shop.described, shop.assigned, k=1).segments[0]
    assert (one.customers, one.coupons, one.burnt, one.features["burn_rate"].mean) == (1, 1, 1, 1.0)


def test_outsiders_have_their_name(two_kinds):
    import ibis

    table = two_kinds.assigned
    moved = table.mutate(segment=ibis.ifelse(table.customer_id < 3, -1, table.segment))
    found = profile(two_kinds.tables, two_kinds.described, moved, k=2)
    assert [(one.segment, one.name) for one in found.segments][-2:] == [(-1, "Fits no group"), (0, "Never active")]


def test_identical_customers_are_said_to_hardly_differ(reference):
    shop = reference(lambda people: 1 + (people.coupons_burnt < 3).astype(int))
    assert profile(shop.tables, shop.described, shop.assigned, k=2).hardly_differ


def test_what_evidence_judged_replaces_our_own_test(two_kinds, reference):
    said = profile(two_kinds.tables, two_kinds.described, two_kinds.assigned, k=2, hardly_differ=True)
    assert said.hardly_differ
    assert said.segments[0].headline.endswith("coupons each, 52% burnt")
    shop = reference(lambda people: 1 + (people.coupons_burnt < 3).astype(int))
    assert not profile(shop.tables, shop.described, shop.assigned, k=2, hardly_differ=False).hardly_differ


def test_customers_who_differ_are_not(profiles):
    assert not profiles.hardly_differ


def test_the_order_of_rows_changes_nothing(make_shop):
    rng = np.random.default_rng(3)
    coupons = [
        {
            "transaction_id": number,
            "customer_id": int(rng.integers(200)),
            "claimed_on": dt.date(2024, 1, 1) + dt.timedelta(days=int(rng.integers(300))),
            "status": rng.choice(["burnt", "claimed"]),
            "branch_id": int(rng.integers(5)),
        }
        for number in range(900)
    ]
    customers = [{"customer_id": number} for number in range(200)]
    segments = {number: 1 + number % 3 for number in range(200)}
    first, second = (
        make_shop(people, rows, segments) for people, rows in ((customers, coupons), (customers[::-1], coupons[::-1]))
    )
    assert profile(first.tables, first.described, first.assigned, k=3) == profile(
        second.tables, second.described, second.assigned, k=3
    )


def test_customers_who_never_came_may_be_clustered(two_kinds):
    import ibis

    table = two_kinds.assigned
    moved = table.mutate(segment=ibis.ifelse(table.segment == 0, 3, table.segment))
    found = profile(two_kinds.tables, two_kinds.described, moved, k=3)
    last = found.segments[-1]
    assert (last.segment, last.name, last.customers) == (3, "Without coupons", 5)
    assert last.headline == "5 customers have not claimed a single coupon so far"
    assert (last.rule.text, last.rule.coverage, last.rule.precision) == ("Holds no coupon", 1.0, 1.0)


def test_every_value_is_plain(profiles):
    """Whatever is written to JSON must not hold numbers of numpy."""
    from collections.abc import Mapping
    from dataclasses import fields, is_dataclass

    def walk(value):
        if is_dataclass(value):
            return [found for field in fields(value) for found in walk(getattr(value, field.name))]
        if isinstance(value, Mapping):
            return [found for key, inner in value.items() for found in (*walk(key), *walk(inner))]
        return [found for inner in value for found in walk(inner)] if isinstance(value, tuple) else [type(value)]

    assert set(walk(profiles)) <= {int, float, str, bool, type(None)}


def test_one_customer_is_not_called_customers(make_shop):
    coupons = [{"customer_id": 1, "claimed_on": dt.date(2024, 6, 1), "status": "claimed"}]
    customers = [{"customer_id": number} for number in (1, 2, 3)]
    shop = make_shop(customers, [{**coupons[0], "customer_id": 3}, *coupons], {1: -1, 2: 0, 3: 1})
    found = profile(shop.tables, shop.described, shop.assigned, k=1)
    assert [one.headline for one in found.segments][1:] == [
        "1 customer fits no group",
        "1 customer has not claimed a single coupon so far",
    ]


def test_months_agree_with_pandas(profiles, two_kinds):
    coupons = two_kinds.coupons
    day = pd.to_datetime(coupons.claimed_on)
    counted = coupons.groupby([day.dt.year, day.dt.month]).status.agg(["size", lambda s: s.eq("burnt").sum()])
    assert profiles.monthly == tuple(
        (*month, *map(int, row)) for month, row in zip(counted.index, counted.to_numpy(), strict=True)
    )
