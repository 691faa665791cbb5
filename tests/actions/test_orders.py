"""Advice for customers who order: who gets what, in their own numbers, and never a word of what they do not have."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import pytest

from coterie.actions import Grade, load_playbook, recommend
from coterie.actions.facts import FACTS, FIELDS, OF_COUPONS, OF_ORDERS, facts_of, fields_of
from coterie.errors import UsageError
from coterie.profiles import LEVELS, FeatureFigure, Mix, MixRow, Profiles, SegmentProfile

OURS = load_playbook(None)
USUAL = {
    "frequency": "usual",
    "spend": "usual",
    "order_value": "usual",
    "recency": "usual",
    "tenure": "settled",
    "returns": "usual",
}
OF_ORDERS_ONLY = ("frequency", "spend", "order_value", "recency", "tenure", "returns")
PAGE = Path(__file__).resolve().parents[2] / "docs" / "playbook.md"


def figure(mean, contrast=1.0):
    return FeatureFigure(mean, mean, mean, mean, mean, mean, contrast, False)


def segment(number, *, customers=500, orders=2000, sales=90_000.0, days=60.0, mixes=(), **levels):
    both = {"coupons": levels.pop("coupons", 0), "burnt": levels.pop("burnt", 0)}
    more = {name: levels.pop(name) for name in ("one_time_share", "gap_days") if name in levels}
    returns = levels.pop("returned", sales / 20)
    plain = dict.fromkeys(("share_of_coupons", "share_of_burns"), 0.0)
    return SegmentProfile(
        segment=number,
        name=f"Segment {number}",
        blurb="",
        headline="",
        customers=customers,
        share=0.2,
        features={"recency": figure(days), "tenure": figure(300.0)} if number != 0 else {},
        mixes=mixes,
        typical=(),
        rule=None,
        burn_curve=None,
        coupons_histogram=(),
        levels={**USUAL, **levels} if number != 0 else {},
        buyers=customers if orders else 0,
        orders=orders,
        sales=sales,
        returns=returns,
        share_of_orders=0.2,
        sales_share=0.25,
        aov=sales / orders if orders else None,
        **plain,
        **both,
        **{"one_time_share": 0.25, "gap_days": 40.0, **more},
    )


def profiles(*segments, **more):
    everyone = segment(None, customers=2500, orders=10_000, sales=400_000.0, coupons=more.pop("coupons", 0))
    return Profiles(segments, everyone, (), {}, (), **{"currency": "GBP", **more})


@pytest.mark.parametrize(
    ("levels", "action", "coupon"),
    [
        ({"tenure": "new", "one_time_share": 0.8}, "second-order-new", False),
        ({"tenure": "new"}, "settle-in", False),
        ({"recency": "lapsed", "spend": "high"}, "last-try", True),
        ({"recency": "lapsed", "spend": "low"}, "let-rest", False),
        ({"recency": "quiet", "spend": "high"}, "win-back-early", True),
        ({"recency": "quiet"}, "remind-regulars", False),
        ({"returns": "many", "frequency": "high", "spend": "high"}, "size-guide", False),
        ({"frequency": "high", "spend": "high"}, "early-access", False),
        ({"frequency": "high", "order_value": "low"}, "bundle-up", False),
        ({"frequency": "high"}, "make-it-a-habit", False),
        ({"spend": "high", "order_value": "high"}, "personal-note", False),
        ({"frequency": "once", "days": 119.0}, "second-order", True),
        ({"frequency": "once", "days": 120.0}, "second-order-late", True),
        ({"order_value": "low"}, "next-best-thing", False),
        ({"frequency": "low"}, "come-more-often", False),
        ({}, "keep-serving", False),
    ],
)
def test_who_gets_what(levels, action, coupon):
    (advice,) = recommend(profiles(segment(1, **levels)), OURS)
    assert (advice.action, advice.coupon, advice.primary) == (action, coupon, True)


@pytest.mark.parametrize(
    ("levels", "action"),
    [
        ({"spend": "high", "burning": "mostly"}, "reward-without-discount"),
        ({"spend": "high", "burning": "rarely"}, "service-without-coupon"),
        ({"spend": "low", "burning": "more"}, "coupon-with-minimum"),
        ({"spend": "high", "burning": "usual", "recency": "quiet"}, "win-back-worth-it"),
        ({"burning": "usual"}, "keep-and-test"),
        ({"burning": "none", "activity": "high"}, "pause-and-remind"),
    ],
)
def test_both_tables(levels, action):
    one = segment(1, coupons=1000, burnt=0 if levels["burning"] == "none" else 300, **{"activity": "usual", **levels})
    (advice,) = recommend(profiles(one, coupons=5000), OURS)
    assert advice.action == action


def test_customers_without_coupons_in_a_shop_with_both_are_spoken_to_of_orders():
    levels = {"activity": "low", "burning": "none", "frequency": "high", "spend": "high"}
    (advice,) = recommend(profiles(segment(1, **levels), coupons=5000), OURS)
    assert advice.action == "early-access"


def test_customers_without_an_order():
    nobody = segment(0, orders=0, sales=0.0)
    by_shop = {coupons: recommend(profiles(nobody, coupons=coupons), OURS)[0].action for coupons in (0, 5000)}
    assert by_shop == {0: "first-order", 5000: "welcome"}


def test_numbers_and_money_by_hand():
    one = segment(1, frequency="high", order_value="low", orders=3000, sales=60_000.0, gap_days=12.4)
    (advice,) = recommend(profiles(one), OURS)
    assert advice.title == "Fill the basket: bundles, free delivery from £22.50"
    assert advice.why == (
        "They order 6.0 times each (4.0 for everyone), but at £20.00 an order against £40.00. "
        "They come often; a limit a bit above what they spend asks for one thing more."
    )
    assert advice.kpi == "Average order value and orders per customer, against a 20% holdout"
    facts, fields = facts_of(one, profiles(one)), fields_of(one, profiles(one))
    assert {
        name: facts[name]
        for name in ("aov", "aov_vs_all", "orders_each", "orders_vs_all", "spend_each", "spend_vs_all")
    } == {"aov": 20, "aov_vs_all": 0.5, "orders_each": 6, "orders_vs_all": 1.5, "spend_each": 120, "spend_vs_all": 0.75}
    assert facts["return_rate"] == 0.05
    assert (facts["return_rate_vs_all"], facts["days_since_order"], facts["gaps_since_order"]) == (1.0, 60.0, 1.5)
    assert (fields["gap"], fields["gap_all"], fields["reorder_by"]) == ("12 days", "40 days", "40")
    assert fields["orders_come"] == "Half of those who order again do so within 40 days on average. "


@pytest.mark.parametrize("coupons", [0, 1000])
@pytest.mark.parametrize("recency", ["recent", "usual"])
def test_where_more_than_half_comes_back_the_reasons_come_first(coupons, recency):
    levels = {"frequency": "high", "spend": "high", "recency": recency, "activity": "high", "burning": "mostly"}
    one = segment(1, sales=15_700.0, returned=30_300.0, coupons=coupons, burnt=coupons // 2, **levels)
    (advice,) = recommend(profiles(one, coupons=5 * coupons), OURS)
    assert (advice.action, advice.coupon, advice.gain, advice.caution) == ("reasons-for-returns", False, "none", "")
    assert advice.why.startswith("What comes back is worth 193% of what they buy, against 5% for everyone.")


def test_returns_that_are_a_large_part_of_sales_lower_the_gain_and_are_told():
    levels = {"frequency": "high", "spend": "high"}
    few, many = (segment(1, sales=1000.0, returned=returned, **levels) for returned in (299.0, 300.0))
    (plain,), (told,) = (recommend(profiles(one), OURS) for one in (few, many))
    assert (plain.action, plain.gain, plain.caution) == ("early-access", "high", "")
    assert (told.action, told.gain) == ("early-access", "some")
    assert told.caution == (
        "Mind the returns: what comes back is worth 30% of what they buy, against 5% for everyone. "
        "Count sales less returns, and ask why before selling them more."
    )
    (graded,) = recommend(profiles(many), OURS, {1: Grade("constructed", None)})
    assert graded.caution.startswith(f"{told.caution} Test on a small group first")
    (help_them,) = recommend(profiles(segment(1, sales=1000.0, returned=400.0, returns="many")), OURS)
    assert (help_them.action, help_them.caution) == ("size-guide", "")


def test_lapsed_customers_are_not_asked_for_returns_to_come():
    one = segment(1, sales=1000.0, returned=700.0, recency="quiet", spend="high")
    (advice,) = recommend(profiles(one), OURS)
    assert (advice.action, advice.gain) == ("win-back-early", "some")
    assert "70% of what they buy" in advice.caution


def test_a_playbook_may_say_its_own_words_on_returns(tmp_path):
    one = profiles(segment(1, sales=1000.0, returned=400.0))
    text = files("coterie.actions").joinpath("playbook.toml").read_text("utf-8")
    (tmp_path / "own.toml").write_text(re.sub("(?m)^returns = .*$", 'returns = "{return_rate} back"', text), "utf-8")
    (own,) = recommend(one, load_playbook(tmp_path / "own.toml"))
    assert own.caution == "40% back"
    (tmp_path / "none.toml").write_text(re.sub("(?m)^returns = .*$", "", text), "utf-8")
    (ours,) = recommend(one, load_playbook(tmp_path / "none.toml"))
    assert ours.caution == recommend(one, OURS)[0].caution != ""
    (tmp_path / "bad.toml").write_text(re.sub("(?m)^returns = .*$", 'returns = "{rate}"', text), "utf-8")
    with pytest.raises(UsageError, match=r"bad.toml, the top: returns holds the unknown field \{rate\}"):
        load_playbook(tmp_path / "bad.toml")


def test_timing_leaves_out_a_time_that_is_unknown():
    by_rule = {
        "personal-note": ({"spend": "high"}, "Once now, then about 40 days after each order", "Once now, then"),
        "settle-in": ({"tenure": "new"}, "Now, then about 40 days after each order", "Now, then"),
        "make-it-a-habit": ({"frequency": "high"}, "Now, then about 40 days after each order", "Now, then"),
    }
    for rule, (levels, known, start) in by_rule.items():
        found = profiles(segment(1, **levels))
        unknown = profiles(segment(1, gap_days=None, **levels))
        (one,), (other,) = (
            recommend(them, OURS) for them in (found, replace(unknown, all=replace(unknown.all, gap_days=None)))
        )
        assert (one.action, one.timing) == (rule, known)
        assert other.timing == f"{start} after each order"
        assert "unknown" not in f"{other.title} {other.offer} {other.why} {other.channel} {other.kpi}"
        if rule == "make-it-a-habit":
            assert "for everyone, usually 40 days apart. The" in one.why
            assert "for everyone. The" in other.why


def test_no_sentence_of_ours_may_speak_of_an_unknown_time_between_orders():
    texts = [text for rule in OURS.rules for text in rule.texts.values()]
    assert not [text for text in texts if "{gap}" in text or "{gap_all}" in text]


def test_no_advice_claims_that_they_buy_without_a_discount():
    (advice,) = recommend(profiles(segment(1, frequency="high", spend="high")), OURS)
    assert advice.action == "early-access"
    assert "Whether a discount would sell more is unknown" in advice.why
    assert not [text for rule in OURS.rules for text in rule.texts.values() if "buy without a discount" in text]


def test_with_coupons_the_last_order_is_not_the_last_claim():
    both = replace(segment(1, coupons=100), features={"recency": figure(5.0), "order_recency": figure(80.0)})
    assert facts_of(both, profiles(both, coupons=100))["days_since_order"] == 80.0
    unknown = replace(both, features={"recency": figure(5.0)})
    assert "days_since_order" not in facts_of(unknown, profiles(unknown, coupons=100))


def test_a_shop_without_orders_has_no_facts_of_orders():
    one = segment(1, orders=0, sales=0.0, coupons=10, burnt=4)
    shop = replace(profiles(one), all=segment(None, orders=0, sales=0.0, coupons=50, burnt=9))
    assert not set(facts_of(one, shop)) & OF_ORDERS
    assert set(fields_of(one, shop)) == set(FIELDS)


def test_what_speaks_of_which_event_is_known_by_its_name():
    assert {*FACTS, *FIELDS, *LEVELS} >= OF_COUPONS
    assert {*FACTS, *FIELDS, *LEVELS} >= OF_ORDERS
    assert not OF_COUPONS & OF_ORDERS
    # What speaks of neither is true of any shop.
    assert {*FACTS, *FIELDS} - OF_COUPONS - OF_ORDERS == {
        *("customers", "share", "name", "days_quiet", "days_quiet_all", "tenure", "tenure_days", "tenure_vs_all"),
        *("recency_vs_all", "recency_of_span", "reminder_day", "holdout", "test_group"),
    }


@pytest.mark.parametrize("coupons", [0, 900])
def test_every_level_has_its_first_advice(coupons):
    for levels in itertools.product(*(LEVELS[name] for name in OF_ORDERS_ONLY)):
        one = segment(1, coupons=coupons, **dict(zip(OF_ORDERS_ONLY, levels, strict=True)), activity="high")
        one = replace(one, levels={**one.levels, "burning": "none" if coupons else "usual"})
        (advice,) = recommend(profiles(one, coupons=coupons * 5), OURS, {1: Grade("constructed", None)})
        rule = next(rule for rule in OURS.rules if rule.name == advice.action)
        assert rule.needs <= {"orders", "coupons"} if coupons else rule.needs == {"orders"}
        assert advice.caution.startswith("Test on a small group first")


def lead(dimension, unit, value="Books"):
    return Mix(dimension, dimension, unit, (MixRow(value, 90, 200, 0.3, 0.1, 3.0, 1.9, leads=True, customers=45),))


def test_a_leading_category_is_recommended_and_stocked():
    best = segment(
        1, frequency="high", spend="high", mixes=(lead("category", "order lines"), lead("city", "customers"))
    )
    first, books, city = recommend(profiles(best), OURS)
    # What is not a coupon is added although the first advice gives none.
    assert (first.action, first.coupon, books.action, books.coupon) == (
        "early-access",
        False,
        "recommend-category",
        False,
    )
    assert (
        books.why
        == "30% of their order lines are Books, against 10% for everyone (3.0×); 45 customers stand behind it."
    )
    assert (books.title, books.kpi) == (
        "Recommend Books, and keep it in stock",
        "Sales of Books per customer, against a 20% holdout",
    )
    assert city.action == "regional-range"


def test_branches_of_orders_are_not_those_of_coupons():
    mixes = (lead("order_branch", "orders", "7"), lead("branch", "burnt coupons", "9"))
    one = segment(1, coupons=900, burnt=300, activity="usual", burning="usual", mixes=mixes)
    found = recommend(profiles(one, coupons=4000), OURS)
    assert [(added.action, added.title) for added in found[1:]] == [("branch-deal", "Add a deal with branch 9")]
    alone = segment(1, mixes=(lead("branch", "orders", "7"),))
    assert [added.action for added in recommend(profiles(alone), OURS)[1:]] == ["branch-event"]


def test_a_playbook_about_coupons_leaves_orders_to_ours(tmp_path):
    own = tmp_path / "own.toml"
    own.write_text(PAGE.read_text("utf-8").split("```toml\n")[1].split("```")[0], "utf-8")
    playbook = load_playbook(own)
    (orders,) = recommend(profiles(segment(1, frequency="high", spend="high")), playbook)
    assert orders.action == "early-access"
    one = segment(1, orders=0, sales=0.0, coupons=900, burnt=300, activity="high", burning="mostly")
    (coupons,) = recommend(replace(profiles(one), all=segment(None, orders=0, coupons=4000, burnt=900)), playbook)
    assert coupons.action == "as-usual"


RULE = """
[[rule]]
name = "{name}"
{more}
coupon = true
gain = "some"
priority = 1
title = "Title"
short = "Short"
offer = "Offer"
why = "{why}"
channel = "App"
timing = "Now"
kpi = "Orders"
"""
CLOSING = RULE.format(name="all", more="", why="Any.") + RULE.format(
    name="never", more='audience = "never-active"', why="Any."
)


def read(tmp_path, text):
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return load_playbook(path)


@pytest.mark.parametrize(
    ("more", "why", "needs"),
    [
        ("", "They spend {aov}.", {"orders"}),
        ("", "They burn {burn_rate}.", {"coupons"}),
        ("when = { spend = ['high'] }", "They burn {burn_rate}.", {"orders", "coupons"}),
        ("when = { activity = ['high'] }", "Any.", {"coupons"}),
        ("needs = ['orders']", "Any.", {"orders"}),
        ("", "They are {customers}, here for {tenure}.", set()),
    ],
)
def test_a_rule_needs_what_it_speaks_of(tmp_path, more, why, needs):
    assert read(tmp_path, RULE.format(name="one", more=more, why=why) + CLOSING).rules[0].needs == needs


@pytest.mark.parametrize(
    ("more", "why", "sentence"),
    [
        ("needs = ['lines']", "Any.", r"rule one: needs is \['lines'\]. It is a list of some of coupons, orders"),
        ("without = 'orders'", "Any.", "without is 'orders'. It is a list"),
        ("without = ['orders']", "They spend {aov}.", "A rule that speaks of them cannot do without them"),
        ("when = { frequency = ['often'] }", "Any.", "It is a list of some of once, low, usual, high"),
        ("lead = 'product'", "Any.", "It is one of city, branch, merchant, category"),
    ],
)
def test_what_is_wrong_with_a_rule_is_said(tmp_path, more, why, sentence):
    with pytest.raises(UsageError, match=sentence):
        read(tmp_path, RULE.format(name="one", more=more, why=why) + CLOSING)


def test_a_rule_without_something_is_passed_over(tmp_path):
    text = RULE.format(name="plain", more="without = ['coupons']", why="Any.") + CLOSING
    one, other = segment(1), segment(1, coupons=9)
    playbook = read(tmp_path, text)
    assert [recommend(profiles(found, coupons=9), playbook)[0].action for found in (one, other)] == ["plain", "all"]
