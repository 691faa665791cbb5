"""Names: complete, each of one entry only, every entry reachable, distinct, and true of the numbers."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coterie.profiles.contract import FeatureFigure
from coterie.profiles.levels import ACTIVITY, BURNING, RECENCY, TENURE, Levels, levels_of
from coterie.profiles.names import GRID, QUALIFIERS, Named, base_name, distinct_names
from coterie.profiles.wording import Facts, blurb, headline, standfirst

EVERY = [Levels(*levels) for levels in itertools.product(ACTIVITY, BURNING, RECENCY, TENURE)]
GENDER = ("male", "female", "men", "women", "gender", "he", "she", "his", "her", "boys", "girls")


def figure(mean, all_mean, median=None):
    contrast = mean / all_mean if all_mean else None
    return FeatureFigure(mean, mean, mean, mean if median is None else median, all_mean, all_mean, contrast, False)


def facts_of(count, count_all, rate, recency, recency_all, tenure, tenure_all):
    figures = {
        "transaction_count": figure(count, count_all),
        "coupons_burnt": figure(count * rate, 1.0),
        "burn_rate": figure(rate, 0.3),
        "recency": figure(recency, recency_all),
        "tenure": figure(tenure, tenure_all),
    }
    return Facts(figures, 100, 0.2, round(100 * count), round(100 * count * rate), 0.2, 0.2)


def test_every_combination_has_a_name_and_every_name_a_combination():
    assert len(EVERY) == 3 * 6 * 4 * 2
    reached = {next(entry.name for entry in GRID if entry.fits(levels)) for levels in EVERY}
    assert reached == {entry.name for entry in GRID}
    assert len({entry.name for entry in GRID}) == len(GRID)


@pytest.mark.parametrize("levels", EVERY, ids=str)
def test_a_name_holds_only_words_that_are_true(levels):
    name = base_name(levels, 0.2, 1.0).name.lower()
    words = set(name.replace(",", "").split())
    assert ("new" in words) == (levels.tenure == "new")
    assert ("lapsed" in words) == (levels.recency == "lapsed" and levels.tenure == "settled")
    if words & {"burners", "redeemers", "loyal", "regular", "ready", "steady"}:
        assert levels.burning in ("more", "mostly")
    if words & {"loyal", "ready"}:
        assert levels.burning == "mostly"
    if words & {"never-burn"}:
        assert levels.burning == "none"
    if "rarely" in words:
        assert levels.burning == "rarely"
    if "less" in words:
        assert levels.burning == "less"
    if words & {"collectors", "heavy", "regular", "loyal"}:
        assert levels.activity == "high"
    if words & {"light", "occasional"}:
        assert levels.activity == "low"
    if "quiet" in words:
        assert levels.recency == "quiet"
    assert not words & set(GENDER)


@given(
    count=st.floats(0.1, 50),
    count_all=st.floats(0.5, 20),
    rate=st.floats(0, 1),
    rate_all=st.floats(0.001, 1),
    recency=st.floats(0, 900),
    recency_all=st.floats(1, 400),
    tenure=st.floats(1, 900),
    tenure_all=st.floats(1, 900),
    span=st.integers(1, 1500),
    hardly=st.booleans(),
)
def test_words_never_contradict_the_numbers(
    count, count_all, rate, rate_all, recency, recency_all, tenure, tenure_all, span, hardly
):
    facts = facts_of(count, count_all, rate, recency, recency_all, tenure, tenure_all)
    levels = levels_of(facts.figures, facts.burn_rate, rate_all, span)
    named = base_name(levels, facts.burn_rate, count / count_all, hardly_differ=hardly)
    said = " ".join(
        [named.name, blurb(levels, facts, hardly_differ=hardly), headline(named, levels, facts, hardly_differ=hardly)]
    ).lower()
    if "burners" in said or "redeemers" in said:
        assert facts.burn_rate > rate_all
    if "never burn" in said or "never-burn" in said or "burn none" in said or "nothing so far" in said:
        assert facts.burnt == 0
    if "burn most" in said:
        assert facts.burn_rate > 0.5
    if "claim often" in said or "more coupons" in said:
        assert count > count_all
    if "claim little" in said or "fewer coupons" in said:
        assert count < count_all
    if "lapsed" in said or "quiet" in said:
        assert recency > recency_all
    assert "none" not in standfirst(facts) or facts.burnt == 0
    assert "nan" not in said.split()
    assert not set(said.replace(",", "").replace(":", "").split()) & set(GENDER)


def test_identical_customers_get_modest_names():
    name = base_name(Levels("high", "mostly", "usual", "settled"), 0.71, 1.34, hardly_differ=True).name
    assert name == "More coupons, burn most of them"
    assert base_name(Levels("high", "mostly", "usual", "settled"), 0.71, 1.34).name == "Loyal redeemers"


def means(**values):
    return {name: figure(value, 1.0) for name, value in values.items()}


def test_namesakes_are_told_apart_by_what_differs_most():
    lapsed = Named("Lapsed", "Lapsed customers")
    found = distinct_names(
        [lapsed, Named("New customers", "New customers"), lapsed],
        [
            means(transaction_count=2.0, recency=200.0),
            means(transaction_count=2.0, recency=10.0),
            means(transaction_count=2.1, recency=400.0),
        ],
    )
    assert [named.name for named in found] == ["Lapsed, more recent", "New customers", "Lapsed, quiet for longer"]


def test_three_namesakes_are_ranked():
    base = Named("Light claimers", "Light claimers")
    found = distinct_names([base] * 3, [means(transaction_count=value) for value in (3.0, 1.0, 2.0)])
    assert [named.name for named in found] == [
        "Light claimers, with the most coupons",
        "Light claimers, with the fewest coupons",
        "Light claimers, with medium coupon counts",
    ]


@given(
    st.lists(
        st.fixed_dictionaries(
            {name: st.integers(0, 3).map(float) for name in ("transaction_count", "recency", "burn_rate", "tenure")}
        ),
        min_size=1,
        max_size=10,
    )
)
def test_names_are_distinct_and_comparisons_true(rows):
    base = Named("Lapsed", "Lapsed customers")
    found = distinct_names([base] * len(rows), [means(**row) for row in rows])
    names = [named.name for named in found]
    assert len(set(names)) == len(rows)
    words = {word: qualifier for qualifier in QUALIFIERS for word in (qualifier.less, qualifier.more)}
    for one, other in itertools.permutations(range(len(rows)), 2):
        mine, theirs = names[one].split(", ")[1:], names[other].split(", ")[1:]
        # The first qualifier in which two namesakes part is a comparison of exactly these two sides.
        for own, their in zip(mine, theirs, strict=False):
            if own != their:
                if own in words and own == words[own].less and their == words[own].more:
                    assert rows[one][words[own].feature] < rows[other][words[own].feature]
                break


def test_a_segment_without_recency_or_tenure_is_named_too():
    levels = levels_of({"transaction_count": figure(5.0, 5.0)}, 0.3, 0.3, 400)
    assert levels == Levels("usual", "usual", "usual", "settled")
    facts = Facts({}, 10, 0.5, 50, 15, 0.5, 0.5)
    named = base_name(levels, 0.3, 1.0)
    assert headline(named, levels, facts, hardly_differ=False) == (
        "Customers in the middle of the crowd claim about as much as others and burn 30% of their coupons"
    )


def levels_with_recency(mean, median, mean_all, median_all, span=1000):
    recency = FeatureFigure(mean, mean, mean, median, mean_all, median_all, mean / mean_all, False)
    return levels_of({"recency": recency}, 0.3, 0.3, span).recency


def test_a_few_who_left_long_ago_do_not_make_a_segment_lapsed():
    assert levels_with_recency(300, 280, 150, 60) == "lapsed"
    # Half of them claimed within the last 67 days of nearly three years: not gone, but quieter than others.
    assert levels_with_recency(300, 67, 150, 30) == "quiet"
    assert levels_with_recency(300, 30, 150, 30) == "usual"


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (1.0, "All customers"),
        (0.51, "One customer in two"),
        (0.4034, "40% of all customers"),
        (0.33, "One customer in three"),
        (0.44, "44% of all customers"),
        (0.0556, "One customer in 18"),
        (0.001, "0.1% of all customers"),
    ],
)
def test_a_part_of_all_customers_in_words_is_near_the_number(share, words):
    facts = Facts({}, 10, share, 50, 15, 0.5, 0.5)
    assert standfirst(facts).startswith(f"{words}. ")


def test_claimed_on_the_last_day_is_said_in_words():
    facts = Facts({"recency": figure(0.2, 5.0, median=0.0)}, 10, 0.5, 50, 15, 0.5, 0.5)
    assert standfirst(facts).endswith("Half of them took a coupon on the last day of the data.")


def test_a_name_with_a_clause_is_not_read_into_the_sentence():
    levels = Levels("high", "rarely", "usual", "settled")
    named = base_name(levels, 0.04, 1.5)
    facts = facts_of(8.0, 5.0, 0.04, 30.0, 30.0, 400.0, 400.0)
    assert headline(named, levels, facts, hardly_differ=False) == (
        "Collectors who rarely redeem: they claim often and burn 4% of their coupons"
    )
