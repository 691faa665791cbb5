"""Plain rules: coverage and precision counted a second time in pandas, planted rules found, words as people speak."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from coterie.profiles.rules import plain_rules


def matches(people, rule):
    """The customers a rule's conditions find."""
    found = people.transaction_count >= -1
    for name, kind, threshold in rule.conditions:
        found &= people[name] >= threshold if kind == "at_least" else people[name] < threshold
    return found


def recount(people, rule, segment):
    found = matches(people, rule)
    own = people.segment == segment
    return (found & own).sum() / own.sum(), (found & own).sum() / found.sum()


def test_recounted_on_the_reference_data(reference):
    rng = np.random.default_rng(1)
    shop = reference(
        lambda people: (
            1
            + 2 * (people.transaction_count > 5)
            + (people.burn_rate.fillna(0) + rng.normal(0, 0.1, len(people)) > 0.5)
        ).astype(int)
    )
    rules = plain_rules(shop.tables.engine, shop.assigned)
    assert set(rules) == {1, 2, 3, 4}
    for segment, rule in rules.items():
        assert type(rule.coverage) is type(rule.precision) is float
        assert (rule.coverage, rule.precision) == pytest.approx(recount(shop.people, rule, segment))
        assert min(rule.coverage, rule.precision) > 0.7


def planted(make_shop, segment_of):
    rng = np.random.default_rng(2)
    coupons, plan = [], {}
    for number in range(600):
        count = int(rng.integers(1, 12))
        rate = rng.choice([0.0, 0.1, 0.5, 0.9])
        last = int(rng.integers(0, 400))
        burnt = int(rng.binomial(count, rate))
        plan[number] = segment_of(count, burnt, last)
        for claim in range(count):
            day = dt.date(2024, 12, 31) - dt.timedelta(days=last + 5 * claim)
            status = "burnt" if claim < burnt else "claimed"
            coupons.append({"customer_id": number, "claimed_on": day, "status": status, "burnt_on": None})
    return make_shop([{"customer_id": number} for number in range(600)], coupons, plan)


def test_finds_the_rule_that_made_the_segment(make_shop):
    shop = planted(make_shop, lambda count, burnt, last: 1 if burnt >= 1 and count >= 5 else 2)
    rule = plain_rules(shop.tables.engine, shop.assigned)[1]
    assert rule.text == "Has burnt at least one coupon and holds 5 or more"
    assert set(rule.conditions) == {("coupons_burnt", "at_least", 1.0), ("transaction_count", "at_least", 5.0)}
    assert (rule.coverage, rule.precision) == (1.0, 1.0)


def test_finds_a_rule_on_the_burn_rate(make_shop):
    shop = planted(make_shop, lambda count, burnt, last: 1 if count >= 6 and burnt / count < 0.2 else 2)
    rule = plain_rules(shop.tables.engine, shop.assigned)[1]
    assert rule.text == "Holds 6 or more coupons and burns under 20% of them"
    assert (rule.coverage, rule.precision) == (1.0, 1.0)


def test_finds_a_single_condition(make_shop):
    shop = planted(make_shop, lambda count, burnt, last: 1 if burnt == 0 else 2)
    rules = plain_rules(shop.tables.engine, shop.assigned)
    assert rules[1].text == "Has never burnt a coupon"
    assert rules[2].text == "Has burnt at least one coupon"


def test_finds_three_conditions_where_they_pay(make_shop):
    shop = planted(make_shop, lambda count, burnt, last: 1 if burnt >= 1 and count >= 5 and last >= 150 else 2)
    rule = plain_rules(shop.tables.engine, shop.assigned)[1]
    assert {name for name, _, _ in rule.conditions} == {"coupons_burnt", "transaction_count", "recency"}
    assert rule.coverage > 0.9
    assert rule.precision > 0.9
    assert (rule.coverage, rule.precision) == pytest.approx(recount(shop.people, rule, 1))


def test_never_active_customers_get_no_rule_but_count(two_kinds):
    rules = plain_rules(two_kinds.tables.engine, two_kinds.assigned)
    assert set(rules) == {1, 2}
    # Never active customers have not burnt either: whatever finds segment 2 must keep them out or lose precision.
    assert (rules[2].coverage, rules[2].precision) == pytest.approx(recount(two_kinds.people, rules[2], 2))


def test_customers_alike_in_everything_have_no_rule(make_shop):
    coupons = [{"customer_id": number, "claimed_on": dt.date(2024, 6, 1), "status": "claimed"} for number in range(20)]
    customers = [{"customer_id": number} for number in range(20)]
    shop = make_shop(customers, coupons, {number: 1 + number % 2 for number in range(20)})
    assert plain_rules(shop.tables.engine, shop.assigned) == {}
