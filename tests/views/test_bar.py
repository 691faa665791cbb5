"""The bar of filters where there are many values: what is listed, what a text finds, what is chosen besides."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from coterie.explore.contract import Choices, Filters, Found, Option
from coterie.views import BOARDS, Look, board_page, options_piece

TOWNS = tuple(Option(f"Town {at:03}", f"Town {at:03}", 900 - at) for at in range(200))
SHOP_NAME = "x" * 240 + "\u0645\u0631\u062d\u0628\u0627" + "y" * 240


def look_of(result, cities=TOWNS, *, others=300, **more) -> Look:
    choices = Choices(
        {"cities": cities}, dt.date(2024, 1, 1), dt.date(2024, 6, 30), {"cities": others} if others else {}
    )
    given = {"live": True, "filters": Filters(), "address": "/trends"} | more
    return Look(result, "shop", choices=choices, **given)


def boxes(html):
    """Value, label, count and whether it is ticked, of every box."""
    found = re.findall(
        r'name="city" value="([^"]*)"( checked)?><span class="said" dir="auto">(.*?)</span>'
        r'<span class="number">(.*?)</span>',
        html,
    )
    return [(value, label, count, bool(ticked)) for value, ticked, label, count in found]


def test_the_most_frequent_are_listed_and_the_others_can_be_looked_for(sample):
    page = board_page("trends", look_of(sample))
    assert [value for value, *_ in boxes(page)] == [f"Town {at:03}" for at in range(50)]
    assert "<summary><span>City</span> <b>All 500</b>" in page
    assert ">and 450 rarer ones: type part of a name above</p>" in page
    assert '<input type="search" class="find" id="find-city" name="find-city" value=""' in page
    few = board_page("trends", look_of(sample, TOWNS[:12], others=0))
    assert len(boxes(few)) == 12
    assert 'name="find-city"' not in few
    assert "rarer" not in few


def test_what_a_text_finds_stands_below_what_is_chosen(sample):
    filters = Filters(cities=("Town 120", "Giza", "Atlantis"))
    cities = (*TOWNS, Option("Giza", "Giza", 7))
    found = Found((Option("Alt Giza", "Alt Giza", 9), Option("Giza", "Giza", 7)), 3)
    look = look_of(sample, cities, others=299, filters=filters, find={"cities": ("giz", found)})
    page = board_page("trends", look)
    wanted = [
        ("Atlantis", "Atlantis", "0", True),
        ("Town 120", "Town 120", "780", True),
        ("Alt Giza", "Alt Giza", "9", False),
        ("Giza", "Giza", "7", True),
    ]
    assert boxes(page) == wanted
    assert boxes(options_piece("cities", look)) == wanted
    assert 'name="find-city" value="giz"' in page
    assert ">and 3 more: type more of the name</p>" in page
    assert "<b>Town 120 and 2 more</b>" in page
    nothing = look_of(sample, find={"cities": ("zz", Found(()))})
    assert ">Nothing is called so.</p>" in board_page("trends", nothing)


def test_what_is_looked_for_goes_along_with_no_link(sample):
    address = "/trends?city=Giza&find-city=giz"
    page = board_page("trends", look_of(sample, address=address, filters=Filters(cities=("Giza",))))
    assert re.findall(r'href="([^"]*find-[^"]*)"', page) == []
    assert '<a href="/trends">Clear all</a>' in page


def test_long_names_are_cut_in_their_middle_and_chosen_whole(sample):
    ((value, label, _, _),) = boxes(board_page("trends", look_of(sample, (Option(SHOP_NAME, SHOP_NAME, 3),), others=0)))
    assert value == SHOP_NAME
    assert label == "x" * 32 + "…" + "y" * 31


@pytest.mark.parametrize("board", [one.name for one in BOARDS if one.filters])
def test_every_bar_lists_500_long_names_in_little_room(sample, board):
    many = tuple(Option(f"{at:03}{SHOP_NAME}"[:500], f"{at:03}{SHOP_NAME}", 3) for at in range(200))
    page = board_page(board, look_of(sample, many, address="/", segment=1))
    bar = page.split('id="filters"')[1].split("</form>")[0]
    assert len(boxes(bar)) == 50
    assert len(bar.encode()) < 60_000
