"""Mix and over-index: counted a second time in pandas, silent on chance, found where planted."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest

from coterie.profiles.mixes import mixes


def rows_of(found, segment, dimension):
    return next(mix for mix in found[segment] if mix.dimension == dimension).rows


def test_shares_of_customers(two_kinds):
    found, _ = mixes(two_kinds.tables, two_kinds.assigned)
    people = two_kinds.people
    for row in rows_of(found, 2, "city"):
        own = people[people.segment == 2]
        assert row.count == row.customers == (own.city == row.value).sum()
        assert row.total == (people.city == row.value).sum()
        assert row.share == pytest.approx((own.city == row.value).mean())
        assert row.over_index == pytest.approx((own.city == row.value).mean() / (people.city == row.value).mean())
    assert {row.value for row in rows_of(found, 1, "gender")} == {"Male", "Unknown"}


def test_shares_of_burnt_coupons(two_kinds):
    found, _ = mixes(two_kinds.tables, two_kinds.assigned)
    burnt = two_kinds.coupons[two_kinds.coupons.status == "burnt"]
    for row in rows_of(found, 1, "branch"):
        at = burnt[burnt.branch_id == int(row.value)]
        assert (row.count, row.customers) == (len(at), at.customer_id.nunique())
        assert row.share == pytest.approx(len(at) / len(burnt))
        assert row.over_index == pytest.approx(1)
    assert rows_of(found, 2, "branch") == ()
    # Segment 1 burns its even coupons only, which are all of merchant 1.
    assert next(mix for mix in found[1] if mix.dimension == "merchant").note == (
        "Merchant: all burnt coupons have one and the same, so there is nothing to compare."
    )


def test_branches_that_issue_coupons_are_counted_over_all_of_them(two_kinds):
    tables = replace(two_kinds.tables, branch_reading="issuing")
    found, _ = mixes(tables, two_kinds.assigned)
    coupons = two_kinds.coupons
    assert {row.value: row.total for row in rows_of(found, 2, "branch")} == {
        str(branch): count for branch, count in coupons.branch_id.value_counts().items()
    }
    names = [row.value for row in rows_of(found, 2, "merchant")]
    assert sorted(names) == ["2", "Rivas Group"]


def test_all_customers_are_their_own_measure(two_kinds):
    found, _ = mixes(two_kinds.tables, two_kinds.assigned)
    for mix in found[None]:
        assert all(row.share == row.share_all and row.over_index == 1 and not row.leads for row in mix.rows)
        assert mix.note or sum(row.share for row in mix.rows) == pytest.approx(1)


def test_degenerate_dimensions_give_a_sentence(make_shop):
    coupons = [
        {"customer_id": number, "claimed_on": dt.date(2024, 6, 1), "status": "claimed", "coupon_name": f"c{number}"}
        for number in range(10)
    ]
    customers = [{"customer_id": number} for number in range(10)]
    segments = {number: 1 + number % 2 for number in range(10)}
    shop = make_shop(customers, coupons, segments, degenerate={"city": "All customers have one city."})
    found, comparisons = mixes(shop.tables, shop.assigned)
    by_name = {mix.dimension: mix for mix in found[1]}
    assert (by_name["city"].rows, by_name["city"].note) == ((), "All customers have one city.")
    assert by_name["coupon"].rows == ()
    assert by_name["coupon"].note.startswith("Coupon: 10 different values among 10 coupons")
    assert comparisons == 0


def test_long_dimensions_end_in_other(make_shop):
    customers = [{"customer_id": number, "city": f"town {number % 30:02}"} for number in range(90)]
    coupons = [{"customer_id": number, "claimed_on": dt.date(2024, 6, 1), "status": "claimed"} for number in range(90)]
    shop = make_shop(customers, coupons, {number: 1 + number % 2 for number in range(90)})
    found, _ = mixes(shop.tables, shop.assigned)
    rows = rows_of(found, 1, "city")
    assert len(rows) == 13
    assert rows[-1].value == "Other"
    assert rows[-1].total == 90 - 12 * 3
    assert sum(row.count for row in rows) == 45
    assert sum(row.share for row in rows) == pytest.approx(1)


def planted(make_shop, share, members=150):
    """400 customers; Aswan holds 10 % of them outside segment 1 and `share` of the `members` inside."""
    rng = np.random.default_rng(7)
    customers, coupons = [], []
    for number in range(400):
        inside = number < members
        city = "Aswan" if rng.random() < (share if inside else 0.1) else f"town {rng.integers(5)}"
        gender = "Female" if rng.random() < (0.9 if inside else 0.1) else "Male"
        customers.append({"customer_id": number, "city": city, "gender": gender})
        for _ in range(3):
            branch = 9 if rng.random() < (share if inside else 0.1) else int(rng.integers(5))
            coupons.append(
                {
                    "customer_id": number,
                    "claimed_on": dt.date(2024, 6, 1),
                    "status": "burnt",
                    "burnt_on": dt.date(2024, 6, 3),
                    "branch_id": branch,
                    "merchant_id": branch,
                }
            )
    return make_shop(customers, coupons, {number: 1 if number < members else 2 for number in range(400)})


def test_a_planted_region_and_branch_lead(make_shop):
    shop = planted(make_shop, 0.5)
    found, comparisons = mixes(shop.tables, shop.assigned)
    for dimension, value in (("city", "Aswan"), ("branch", "9"), ("merchant", "9")):
        leading = [row for row in rows_of(found, 1, dimension) if row.leads]
        assert [row.value for row in leading] == [value]
        assert leading[0].over_index_low < leading[0].over_index
    assert comparisons > 20


def test_gender_never_leads(make_shop):
    shop = planted(make_shop, 0.5)
    found, _ = mixes(shop.tables, shop.assigned)
    rows = rows_of(found, 1, "gender")
    assert max(row.over_index_low for row in rows) > 1.2
    assert not any(row.leads for row in rows)


def test_fewer_than_thirty_customers_never_lead(make_shop):
    shop = planted(make_shop, 1.0, members=29)
    found, _ = mixes(shop.tables, shop.assigned)
    assert max(row.over_index_low for row in rows_of(found, 1, "city")) > 1.2
    assert not any(row.leads for mix in found[1] for row in mix.rows)


@pytest.mark.parametrize("by", ["transaction_count", "coupons_burnt", "recency", "burn_rate"])
def test_nothing_leads_among_identical_customers(reference, by):
    shop = reference(lambda people: (people[by].fillna(0).rank(method="first") * 5 // 1001 + 1).astype(int))
    found, comparisons = mixes(shop.tables, shop.assigned)
    assert {mix.dimension for mix in found[1]} == {"gender", "city", "branch", "merchant", "coupon"}
    assert comparisons > 100
    assert not any(row.leads for mixes_of in found.values() for mix in mixes_of for row in mix.rows)
