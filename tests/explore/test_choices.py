"""What can be chosen, counted by hand."""

from __future__ import annotations

from collections import Counter

import pandas as pd
import pytest

import coterie as ct
from coterie.explore import UNKNOWN, Filters, open_shop


def test_values_of_customers(opened):
    for name, column in (("cities", "city"), ("genders", "gender")):
        counts = Counter(opened.people[column].fillna(UNKNOWN))
        offered = opened.shop.choices.values.get(name, ())
        assert {option.value: option.count for option in offered} == (counts if len(counts) > 1 else {})
        assert [option.count for option in offered] == sorted((option.count for option in offered), reverse=True)


def test_segments_are_called_by_name_and_in_order(opened):
    offered = opened.shop.choices.values["segments"]
    counts = Counter(opened.people.segment)
    assert [(int(option.value), option.count) for option in offered] == sorted(counts.items())
    names = opened.people.groupby("segment").name.first()
    assert [option.label for option in offered] == [names[int(option.value)] for option in offered]


def test_values_of_events(both):
    for name, column in (("branches", "branch_id"), ("merchants", "merchant_id"), ("categories", "category")):
        counts = Counter(both.lines[column].fillna(UNKNOWN))
        if column != "category":
            counts += Counter(both.coupons[column].fillna(UNKNOWN))
        offered = both.shop.choices.values[name]
        assert {option.value: option.count for option in offered} == counts
    merchants = {option.value: option.label for option in both.shop.choices.values["merchants"]}
    assert merchants["1"] == "Alder Coffee"
    assert merchants[UNKNOWN] == "no merchant"


def test_days(opened):
    days = [*([] if opened.coupons is None else opened.coupons.claimed_on)]
    days += [*([] if opened.lines is None else opened.lines.ordered_on)]
    assert opened.shop.choices.first_day == min(days)
    assert opened.shop.choices.last_day == opened.metrics.as_of >= max(days)


@pytest.fixture(scope="module")
def of_many():
    """300 cities, the first of them with most customers; 260 branches, and merchants by name."""
    cities = pd.DataFrame(
        {"city_id": range(300), "city_name": [f"Town {at:03}" for at in range(298)] + ["GIZA", "50%_\\"]}
    )
    counts = [300 - at for at in range(300)]
    homes = [at for at in range(300) for _ in range(counts[at])]
    people = pd.DataFrame({"customer_id": range(len(homes)), "city_id": homes})
    coupons = pd.DataFrame({"customer_id": range(2_600), "branch_id": [at % 260 for at in range(2_600)]})
    coupons = coupons.assign(transaction_date=pd.Timestamp("2024-02-03"), transaction_status="claimed")
    branches = pd.DataFrame({"branch_id": range(260), "merchant_id": [at % 30 for at in range(260)]})
    merchants = pd.DataFrame(
        {"merchant_id": range(30), "merchant_name": [f"Bäckerei {at}" for at in range(29)] + ["Ćwikła"]}
    )
    frames = {"customers": people, "cities": cities, "transactions": coupons, "branches": branches,
              "merchants": merchants}  # fmt: skip
    tables = ct.read(frames)
    shop = open_shop(
        tables, tables.customers.select("customer_id", segment=tables.customers.customer_id % 3, margin=0.5)
    )
    yield shop
    shop.close()


def test_of_many_values_the_most_frequent_are_known_and_the_others_counted(of_many):
    known = of_many.choices.values["cities"]
    assert [(one.value, one.count) for one in known] == [(f"Town {at:03}", 300 - at) for at in range(200)]
    assert of_many.choices.others == {"cities": 100, "branches": 60}


def test_a_text_finds_values_anywhere_in_their_name(of_many):
    def found(name, text):
        answer = of_many.found(name, text)
        return [(one.label, one.count) for one in answer.options], answer.others

    assert found("cities", "giz") == ([("GIZA", 2)], 0)
    assert found("cities", " WN 29") == ([(f"Town {at}", 300 - at) for at in range(290, 298)], 0)
    assert found("cities", "town")[1] == 248
    assert [one.value for one in of_many.found("cities", "TOWN").options] == [f"Town {at:03}" for at in range(50)]
    # No letter means more than itself.
    assert found("cities", "%") == found("cities", "_\\") == ([("50%_\\", 1)], 0)
    assert found("cities", "o'; --") == found("cities", chr(0xDC80)) == found("segments", "1") == ([], 0)
    # By the name of a merchant, by the id of a branch.
    assert found("merchants", "ćWIK") == ([("Ćwikła", 80)], 0)
    assert found("merchants", "bäckerei 2")[0][0] == ("Bäckerei 2", 90)
    assert [label for label, _ in found("branches", "25")[0]] == ["125", "225", "25", *(f"25{at}" for at in range(10))]


def test_what_is_chosen_is_known_by_name_however_rare(of_many):
    filters = Filters(cities=("GIZA", "Town 003", "Atlantis"), branches=("99",))
    found = of_many.chosen(filters)
    assert {name: [(one.label, one.count) for one in options] for name, options in found.items()} == {
        "cities": [("GIZA", 2)],
        "branches": [("99", 10)],
    }
    assert of_many.chosen(Filters(cities=("Town 003",))) == {}
    assert of_many.chosen(Filters(segments=(1,))) == {}
