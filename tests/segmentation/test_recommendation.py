from __future__ import annotations

import pytest

from coterie.segmentation.compare import Compared
from coterie.segmentation.recommendation import recommendation


def row(label, **figures):
    given = {"k": 4, "stability": 0.8, "smallest_share": 0.1, "fits_no_group": 0.0, "agreement": None} | figures
    return Compared(label.lower(), label, **given)


GROUPS = [
    ("as good as any", [row("A", agreement=0.95), row("B", agreement=0.96)], "Stay with A: it follows the 3 separate groups as well as any (agreement 0.95)."),
    ("another follows", [row("A", agreement=0.7), row("B", agreement=0.8), row("C", agreement=0.93)], "Use C: it follows the 3 separate groups best (agreement 0.93, A 0.70)."),
    ("none follows", [row("A", agreement=0.2), row("B", agreement=0.4)], "Stay with A: there are 3 separate groups, but none of these ways follows them (best agreement 0.40), and its segments come back when customers are drawn again (weakest overlap 0.80)."),
]  # fmt: skip
OPENING = "the customers are one crowd, so no cut is the right one"
CROWD = [
    ("none explains more", [row("A", eta2=0.16, lasting=True), row("B", eta2=0.18, lasting=True), row("C", eta2=0.1)], f"Stay with A: {OPENING}, and none of the others explains clearly more of what customers did later (A 16%, the best of them 18%)."),
    ("one explains more", [row("A", eta2=0.1, lasting=True), row("B", eta2=0.2, lasting=True)], f"Use B: {OPENING}, but its segments explain more of what customers did later (20%, A 10%)."),
    ("it does not come back", [row("A", eta2=0.1, lasting=True), row("B", eta2=0.2, lasting=True, stability=0.6)], f"Stay with A: {OPENING}, and none of the others explains clearly more of what customers did later (A 10%)."),
    ("it leaves out too many", [row("A", eta2=0.1, lasting=True), row("B", eta2=0.2, lasting=True, fits_no_group=0.3)], f"Stay with A: {OPENING}, and none of the others explains clearly more of what customers did later (A 10%)."),
    ("only another lasts", [row("A", eta2=0.1, lasting=False), row("B", eta2=0.1, lasting=True)], f"Use B: {OPENING}, but its segments explain more of what customers did later (10%, A 10%)."),
    ("nothing lasts", [row("A", stability=0.8), row("B", stability=0.9)], f"Stay with A: {OPENING}, and its segments come back when customers are drawn again (weakest overlap 0.80)."),
    ("another comes back", [row("A", stability=0.6), row("B", stability=0.9)], f"Use B: {OPENING}, but its segments come back when customers are drawn again (weakest overlap 0.90, A 0.60)."),
    ("a tiny segment", [row("A", stability=0.6), row("B", stability=0.9, smallest_share=0.01)], f"Stay with A, for convenience only: {OPENING}, and none of these ways makes segments that come back or are shown to last."),
    ("alone", [row("A"), row("B", k=None)], "Use A: no other way finds groups here."),
]  # fmt: skip


@pytest.mark.parametrize(("title", "rows", "said"), GROUPS)
def test_where_there_are_groups(title, rows, said):
    assert recommendation(rows, 3) == said


@pytest.mark.parametrize(("title", "rows", "said"), CROWD)
def test_in_one_crowd(title, rows, said):
    assert recommendation(rows, 1) == said


def test_where_hills_were_not_looked_for_no_crowd_is_claimed():
    assert recommendation([row("A"), row("B")], None).startswith(
        "Stay with A: whether there are groups is not known, and"
    )
