from __future__ import annotations

import pytest

from coterie.clustering import Candidate, choose_k


def scored(k, silhouette, stability, share=0.1):
    return Candidate(k, 100.0 / k, silhouette, None, None, None, None, stability, share)


# k, silhouette, weakest overlap, smallest share -> k by rule
CASES = {
    "highest silhouette among the stable": ([(3, 0.38, 0.9), (4, 0.41, 0.8), (5, 0.44, 0.7)], 4),
    "2 is outside what is preferred": ([(2, 0.60, 0.99), (3, 0.38, 0.9), (4, 0.30, 0.8)], 3),
    "9 and 10 too": ([(8, 0.30, 0.8), (9, 0.50, 0.8), (10, 0.60, 0.9)], 8),
    "outside if nothing else was tried": ([(2, 0.30, 0.9), (9, 0.50, 0.8), (10, 0.60, 0.7)], 9),
    "the most stable if none is": ([(3, 0.38, 0.5), (4, 0.30, 0.7), (5, 0.44, 0.6)], 4),
    "tiny segments are avoided": ([(3, 0.38, 0.9, 0.05), (4, 0.50, 0.9, 0.019)], 3),
    "unless all have one": ([(3, 0.38, 0.9, 0.01), (4, 0.50, 0.9, 0.01)], 4),
    "the smaller of equals": ([(5, 0.40, 0.9), (4, 0.40, 0.9)], 4),
    "0.75 and 2 % are enough": ([(3, 0.20, 0.9), (4, 0.50, 0.75, 0.02)], 4),
    "an undefined silhouette loses": ([(3, None, 0.9), (4, -0.1, 0.9)], 4),
}


@pytest.mark.parametrize("name", CASES)
def test_rule(name):
    rows, expected = CASES[name]
    choice = choose_k([scored(*row) for row in rows], None, 4)
    assert choice.k == choice.k_by_rule == expected
    assert choice.elbow == 4
    assert [candidate.k for candidate in choice.candidates] == sorted(row[0] for row in rows)
    assert choice.reason.endswith(".")


FIVE_ASKED = [scored(3, 0.33, 0.95), scored(5, 0.40, 0.66), scored(6, 0.42, 0.78), scored(9, 0.5, 0.8, 0.012)]


def test_what_was_asked_for_is_delivered_and_the_rule_still_told():
    choice = choose_k(FIVE_ASKED, 5, None)
    assert (choice.k, choice.k_by_rule) == (5, 6)
    assert choice.reason == (
        "You asked for five. Six would hold together better: when customers are drawn again its weakest segment overlaps "
        "0.78 with itself, at five 0.66."
    )


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (9, "Six would leave no tiny segment: at nine the smallest holds 1.2% of the customers, at six 10.0%."),
        (3, "Six would set customers apart better: silhouette 0.42, at three 0.33."),
        (6, "You asked for six, and the rule takes the same. Six is a choice of convenience"),
    ],
)
def test_the_reason_tells_the_first_thing_that_the_asked_k_lacks(asked, said):
    choice = choose_k(FIVE_ASKED, asked, None)
    assert choice.k == asked
    assert said in choice.reason


def test_a_k_that_is_only_outside_the_preferred_range_is_told_so():
    choice = choose_k([scored(2, 0.6, 0.99), scored(4, 0.4, 0.9)], 2, None)
    assert choice.reason.startswith("You asked for two. Left to itself the choice would be four")


def test_where_nothing_can_be_told_of_coming_back_no_overlap_is_given():
    rows = [scored(3, 0.38, None), scored(4, 0.41, None), scored(9, 0.6, None)]
    choice = choose_k(rows, None, None)
    assert choice.k == 4
    assert choice.reason == (
        "Four is a choice of convenience: of the numbers from three to four it sets customers apart best (silhouette "
        "0.41). Too few customers differ to see whether its segments would come back."
    )
    assert "overlap" not in choose_k(rows, 9, None).reason
    assert "overlap" not in choose_k(rows[:1], 3, None).reason


def test_a_k_of_which_it_can_be_told_goes_before_one_of_which_it_cannot():
    choice = choose_k([scored(3, 0.30, 0.8), scored(4, 0.50, None)], None, None)
    assert choice.k == 3
    asked = choose_k([scored(3, 0.30, 0.8), scored(4, 0.50, None)], 4, None).reason
    assert asked == (
        "You asked for four. Three would be surer: at four too few customers differ to see whether its segments would "
        "come back."
    )


def test_a_single_candidate_needs_no_comparison():
    assert choose_k([scored(5, 0.4, 0.66)], 5, None).reason == (
        "You asked for five; no other number was tried. When customers are drawn again its weakest segment overlaps 0.66 "
        "with itself."
    )
    assert choose_k([scored(2, 0.4, 0.9)], None, None).reason.startswith("Two is the only number that could be tried.")


def test_reasons_carry_their_numbers():
    stable = choose_k([scored(3, 0.38, 0.9), scored(4, 0.41, 0.8)], None, None).reason
    assert "from three to four" in stable
    assert "0.41" in stable
    assert "0.80" in stable
    shaky = choose_k([scored(3, 0.38, 0.5), scored(4, 0.41, 0.62)], None, None).reason
    assert "comes closest" in shaky
    assert "0.62" in shaky
    assert "0.75" in shaky
