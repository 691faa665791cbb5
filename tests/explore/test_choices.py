"""What can be chosen, counted by hand."""

from __future__ import annotations

from collections import Counter

from coterie.explore import UNKNOWN


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
