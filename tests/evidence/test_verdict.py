"""The verdict: every combination of the answers has the grade that the rule gives it."""

from __future__ import annotations

import datetime as dt

import pytest

from coterie.evidence.contract import Baselines, Foresight, Later, SegmentStability, Stability, Structure, unjudged
from coterie.evidence.verdict import give_verdict


def structure(k_hills, *, natural=False, reason=""):
    return Structure((), k_hills, None, (), (), reason, natural=natural)


def stability(*grades, overlap=0.8):
    segments = tuple(SegmentStability(at, overlap, 0.7, grade) for at, grade in enumerate(grades, start=1))
    return Stability(1000, 0.9, 0.8, segments, 50)


def foresight(lasting, *, k=2, lift=3.2):
    segments = tuple(Later(one, lift if one == 1 else 0.5, 2.0, 4.0, 100, lasting) for one in range(1, k + 1))
    none = Baselines(None, None, None)
    return Foresight(dt.date(2025, 5, 1), "burns", 1, segments, 0.2, none, 0.002, lasting)


@pytest.mark.parametrize(
    ("hills", "natural", "grades", "k", "kind"),
    [
        (2, True, ("natural", "natural"), 2, "natural"),
        (2, True, ("natural", "reproducible"), 2, "reproducible"),
        (2, True, ("natural", "natural", "natural"), 3, "reproducible"),  # asked for more than there are
        (2, False, ("reproducible", "reproducible"), 2, "reproducible"),
        (1, False, ("reproducible", "constructed"), 2, "constructed"),
        (1, False, ("reproducible", None), 2, None),
    ],
)
def test_kind(hills, natural, grades, k, kind):
    given = give_verdict(structure(hills, natural=natural), stability(*grades), foresight(True, k=k), k, differ=True)
    assert given.kind == kind
    assert [one.kind for one in given.segments] == list(grades)
    assert [one.segment for one in given.segments] == list(range(1, k + 1))


def test_text_of_a_crowd_that_lasts():
    given = give_verdict(
        structure(1), stability("reproducible", "constructed", "constructed"), foresight(True, k=3), 3, differ=True
    )
    assert given.text == (
        "The customers are one crowd, cut into three pieces where it is convenient. "
        "Do not rely on the exact borders of segments 2 and 3: another sample of this shop would draw them elsewhere. "
        "The differences last: segment 1, ahead until 1 May 2025, went on to burn 3.2 times the average."
    )


def test_customers_who_are_alike_are_told_so_whatever_else_was_found():
    given = give_verdict(structure(1), stability("constructed", "constructed"), foresight(False), 2, differ=False)
    assert given.text.startswith("These customers do not differ in how they use coupons")
    assert given.kind == "constructed"
    assert given.lasting is False


def test_what_was_not_judged_is_said_with_its_reason():
    nothing = unjudged("Cannot be judged: too few.", 2)
    given = give_verdict(nothing.structure, nothing.stability, nothing.foresight, 2, differ=None)
    assert given.kind is given.lasting is None
    assert given.text == (
        "Whether there are separate groups, whether the same segments would come back and whether the differences "
        "last cannot be judged: too few."
    )
    assert [one.kind for one in given.segments] == [None, None]
    assert nothing.verdict.kind is None
    assert [one.segment for one in nothing.verdict.segments] == [1, 2]


def test_groups_that_the_segments_do_not_follow():
    given = give_verdict(structure(3), stability("reproducible", "reproducible"), foresight(False), 2, differ=True)
    assert "The data show three separate groups, but the segments do not follow them" in given.text
    assert "test on a small group first" in given.text
